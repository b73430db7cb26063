"""The shapes that more than one address takes or gives. Every text has a longest length."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

from yanji.flows.acts import MAX_ID, MAX_PIECES, Done
from yanji.flows.alternatives import localised
from yanji.flows.things import Thing
from yanji.ledger.api import MAX_LINES, LotQuantity, Status

Key = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Code = Annotated[str, StringConstraints(max_length=40)]
Name = Annotated[str, StringConstraints(max_length=80)]
Text = Annotated[str, StringConstraints(max_length=160)]
Reason = Annotated[str, StringConstraints(max_length=120)]
Note = Annotated[str, StringConstraints(max_length=400)]
Epc = Annotated[str, StringConstraints(min_length=1, max_length=160)]
Id = Annotated[int, Field(gt=0, le=MAX_ID)]
Pieces = Annotated[int, Field(gt=0, le=MAX_PIECES, strict=True)]
Money = Annotated[
    Decimal,
    Field(ge=0, max_digits=12, decimal_places=2),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,10}(\.[0-9]{1,2})?$"}),
]
Total = Annotated[
    Decimal,
    Field(ge=0, max_digits=16, decimal_places=2),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,14}(\.[0-9]{1,2})?$"}),
]
# Of an invoice: below zero where a settlement credits more than it charges.
Charged = Annotated[
    Decimal,
    Field(max_digits=16, decimal_places=2),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]{1,14}(\.[0-9]{1,2})?$"}),
]
Both = Annotated[tuple[str, str], PlainSerializer(localised, return_type=str)]
# Long lists are refused by the flows, in a sentence that says how many are too many.
MOST = MAX_LINES * 10


class Shape(Schema):
    """A field that the interface does not know is a mistake, not something to pass over."""

    model_config = ConfigDict(extra="forbid")

    def given(self, *but: str) -> dict[str, Any]:
        """What it says, as the flows take it: things as things. ``but``: fields that are put in other words."""
        said = {name: value for name, value in self if name not in but}
        return {name: things(value) if isinstance(value, list) else value for name, value in said.items()}


class Act(Shape):
    """What every act carries. ``happened_at``: now, unless it happened earlier."""

    key: Key
    happened_at: AwareDatetime | None = None


class KeyOnly(Shape):
    """An act that needs no more than its name."""

    key: Key


class ActiveIn(KeyOnly):
    """Ends what is in force, or takes it up again."""

    active: bool


class Quantity(Shape):
    """A quantity of a lot where it lies now."""

    lot_id: Id
    quantity: Pieces
    place_id: Id
    owner_id: Id | None = None


class QuantityOrExplanted(Quantity):
    """``explanted``: of what came out of patients, see ``/explants/lots``."""

    explanted: bool = False


Things = Annotated[list[Epc | Quantity], Field(max_length=MOST)]
# For the acts by which what came out of patients leaves the house; no other takes it.
ThingsOrExplanted = Annotated[list[Epc | QuantityOrExplanted], Field(max_length=MOST)]


class ThingsIn(Act):
    """An act over things."""

    things: Things


GivenReason = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class DoubtfulIn(Shape):
    """A thing that arrived and what is wrong with it, by a code of the reasons ``transfer_difference``."""

    thing: Epc | Quantity
    reason: GivenReason


class PickIn(ThingsIn):
    """Things set aside. ``overrides``: why one is taken out of turn."""

    overrides: dict[Epc, GivenReason] = Field(default_factory=dict, max_length=MOST)
    policy: Literal["fefo", "fifo"] = "fefo"


# Why something is proposed before the others.
WhyCode = Literal[
    "kept", "lot_asked_for", "only_one", "only_lot", "all_needed", "expires_first", "expires_at_all",
    "same_expiry_came_first", "same_lot", "same_expiry", "came_first", "day_known", "same_day_expires_first",
    "same_lot_and_day", "same_day",
]  # fmt: skip


class OutOfTurnOut(Schema):
    """A thing taken before its turn: what stood before it (``instead_of``: an identity, ``lot N`` or, where one lot alone was
    asked for, its number), why by its code and in words, who took it and when. ``undone``: the entry was taken back."""

    event_id: str
    thing: str
    serial: str
    lot: str
    expiry: date | None
    item: str
    instead_of: str
    instead_serial: str
    instead_lot: str
    instead_expiry: date | None
    reason: str
    why: str
    at: datetime
    by: str
    undone: bool


class PiecesIn(Shape):
    """So many pieces of an item."""

    item_id: Id
    quantity: Pieces


def things(given: Sequence[str | Quantity]) -> list[Thing]:
    """As the flows take them."""
    return [
        LotQuantity(each.lot_id, Decimal(each.quantity), each.place_id, each.owner_id, _by_name(each))
        if isinstance(each, Quantity)
        else each
        for each in given
    ]


def _by_name(given: Quantity) -> str:
    return Status.EXPLANTED.value if isinstance(given, QuantityOrExplanted) and given.explanted else ""


def several(words: str) -> list[str]:
    """What a query names, separated by commas."""
    return [word for word in words.split(",") if word]


def doubtful(given: list[DoubtfulIn]) -> list[tuple[Thing, str]]:
    """Things with what is wrong with them."""
    return [(things([each.thing])[0], each.reason) for each in given]


class Answer(Schema):
    """What an act led to. ``repeated``: it had been done before, under the same key."""

    number: str
    id: int
    state: str
    events: list[str]
    facts: dict[str, Any]
    repeated: bool


def answered(done: Done) -> Answer:
    return Answer(
        number=done.number, id=done.id, state=done.state, events=list(done.events), facts=dict(done.facts),
        repeated=done.repeated,
    )  # fmt: skip


class OffenceOut(Schema):
    code: str
    thing: str
    sentence: str


class ErrorOut(Schema):
    """Any error."""

    code: str
    sentences: list[str]
    offences: list[OffenceOut]
    ways_out: list[dict[str, Any]] = []


class WayOutOut(Schema):
    sentence: str
    item_id: int
    place_id: int
    place: str
    lot: str
    expiry: date | None
    quantity: int
    href: str


class UnitOut(Schema):
    """A unit now. Names are in the request's language; the patient is shown to who may see patients."""

    epc: str
    serial: str
    item_id: int
    item_code: str
    item_name: Both
    item_model: str
    lot_id: int
    lot: str
    expiry: date | None
    made: date | None
    status: str
    step: str
    place_id: int
    place_name: Both
    place_kind: str
    custodian: Both | None
    owner: Both | None
    supplier: Both | None
    order_number: str
    received_at: datetime | None
    reserved_for: str
    reserved_until: datetime | None
    case_number: str
    patient_token: str


ERRORS = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503})


def may_fail(given: Any) -> dict[Any, Any]:
    """The responses of an address: what it gives, and any error."""
    return {200: given, ERRORS: ErrorOut}
