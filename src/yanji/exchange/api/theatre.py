"""The theatre: cards, carts, waste, accounts, implants, charges."""

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from yanji.flows.gates import case_for
from yanji.flows.theatre import queries
from yanji.flows.theatre.account import Account, account_of
from yanji.flows.theatre.cards import Need, plan_needs, retire_card, save_card
from yanji.flows.theatre.cart import set_back, set_out, waste
from yanji.flows.theatre.implants import describe_implant
from yanji.flows.use import change_case

from .auth import actor
from .shapes import (
    MOST,
    Act,
    Answer,
    Both,
    Code,
    Id,
    Key,
    KeyOnly,
    Name,
    Note,
    Pieces,
    Reason,
    Shape,
    Text,
    Things,
    answered,
    may_fail,
)

router = Router(tags=["theatre"])


class NeedIn(Shape):
    """One item that is needed; ``alternatives``: items that serve as well."""

    item_id: Id
    quantity: Pieces
    alternatives: list[Id] = Field(default_factory=list, max_length=50)


class CardIn(Shape):
    key: Key
    department_id: Id
    procedure: Text
    surgeon: Name = ""
    note: Note = ""
    needs: list[NeedIn] = Field(max_length=MOST)
    card_id: Id | None = None


class NeedOut(Schema):
    item_id: int
    item_code: str
    item_name: str
    quantity: int
    alternatives: list[int]


class CardOut(Schema):
    id: int
    department_id: int
    procedure: str
    surgeon: str
    note: str
    needs: list[NeedOut]


def _needs(given: list[NeedIn]) -> list[Need]:
    return [Need(each.item_id, each.quantity, tuple(each.alternatives)) for each in given]


@router.get("/cards", response=may_fail(list[CardOut]))
def list_cards(request: HttpRequest, department_id: Id | None = None) -> list[CardOut]:
    """Preference cards of the departments where the caller works."""
    return [
        CardOut(
            id=card.pk, department_id=card.department_id, procedure=card.procedure, surgeon=card.surgeon, note=card.note,
            needs=[
                NeedOut(
                    item_id=line.item_id, item_code=line.item.code, item_name=line.item.name, quantity=line.quantity,
                    alternatives=[item.pk for item in line.alternatives.all()],
                )
                for line in card.lines.all()
            ],
        )
        for card in queries.cards(actor(request), department_id=department_id)
    ]  # fmt: skip


@router.post("/cards", response=may_fail(Answer))
def write_card(request: HttpRequest, payload: CardIn) -> Answer:
    """Write a card, or (with ``card_id``) change one. Cases planned with it keep their needs."""
    given = payload.model_dump(exclude={"needs"})
    return answered(save_card(actor=actor(request), needs=_needs(payload.needs), **given))


@router.post("/cards/{card_id}/retire", response=may_fail(Answer))
def stop_card(request: HttpRequest, card_id: Id, payload: KeyOnly) -> Answer:
    """A card that is not used any more."""
    return answered(retire_card(actor=actor(request), card_id=card_id, key=payload.key))


class CaseChangeIn(Shape):
    """For whom, what, by whom and for when the case is, all four: what is left out is emptied."""

    key: Key
    patient_token: Name
    procedure: Text = ""
    operator: Name = ""
    planned_at: AwareDatetime | None = None


@router.post("/cases/{case_id}/change", response=may_fail(Answer))
def put_right(request: HttpRequest, case_id: Id, payload: CaseChangeIn) -> Answer:
    """Put a case right while nothing stands on it."""
    return answered(change_case(actor=actor(request), case_id=case_id, **payload.model_dump()))


class NeedsIn(Shape):
    """From a card, or line by line."""

    key: Key
    card_id: Id | None = None
    needs: list[NeedIn] = Field(default_factory=list, max_length=MOST)


@router.post("/cases/{case_id}/needs", response=may_fail(Answer))
def say_needs(request: HttpRequest, case_id: Id, payload: NeedsIn) -> Answer:
    """Say what a case needs; what it needed before is replaced."""
    done = plan_needs(
        actor=actor(request), key=payload.key, case_id=case_id, card_id=payload.card_id, needs=_needs(payload.needs)
    )  # fmt: skip
    return answered(done)


class ShelfOut(Schema):
    """Where to take it: a unit (``epc``), or pieces of a lot."""

    item_id: int
    epc: str
    lot_id: int
    lot: str
    expiry: date | None
    place_id: int
    place_name: Both
    pieces: int
    consigned: bool


class NeedLineOut(Schema):
    item_id: int
    item_name: str
    quantity: int
    done: int
    short: int
    in_stores: int
    take: list[ShelfOut]


class TakenOut(Schema):
    """What a case took: pieces by fate (open, used, returned, wasted, elsewhere)."""

    item_id: int
    item_name: Both
    epc: str
    lot_id: int
    lot: str
    pieces: dict[str, int]


class AccountOut(Schema):
    """``taken`` is the sum of the other five; ``elsewhere``: held, reported missing, or in the hands of another case."""

    taken: int
    used: int
    returned: int
    wasted: int
    elsewhere: int
    open: int
    balances: bool
    things: list[TakenOut]
    needs: list[NeedLineOut]


@router.get("/cases/{case_id}/account", response=may_fail(AccountOut))
def account(request: HttpRequest, case_id: Id) -> AccountOut:
    """What a case took and what became of it; what it still needs, and where to take that, first expiry first."""
    case = case_for(actor(request), case_id)
    found = account_of(case.pk)
    return _account(found, queries.needs_of(case, found))


def _account(found: Account, needs: list[queries.NeedLine]) -> AccountOut:
    return AccountOut(
        taken=found.taken, used=found.used, returned=found.returned, wasted=found.wasted, elsewhere=found.elsewhere,
        open=found.pieces("open"), balances=found.balances,
        things=[
            TakenOut(
                item_id=each.item_id, item_name=each.item_name, epc=each.epc, lot_id=each.lot_id, lot=each.lot,
                pieces=dict(each.pieces),
            )
            for each in found.things
        ],
        needs=[
            NeedLineOut(
                item_id=line.need.item_id, item_name=line.need.item.name, quantity=line.need.quantity, done=line.done,
                short=line.short, in_stores=line.in_stores,
                take=[ShelfOut.model_validate(each, from_attributes=True) for each in line.take],
            )
            for line in needs
        ],
    )  # fmt: skip


class SetOutIn(Act):
    things: Things
    room_id: Id | None = None


@router.post("/cases/{case_id}/set-outs", response=may_fail(Answer))
def lay_out(request: HttpRequest, case_id: Id, payload: SetOutIn) -> Answer:
    """Scan things out for a case."""
    return answered(set_out(actor=actor(request), case_id=case_id, **payload.given()))


class SetBackIn(Act):
    """``to_place_id``: one shelf for all; each goes to the shelf it came from otherwise."""

    things: Things
    to_place_id: Id | None = None


@router.post("/cases/{case_id}/set-backs", response=may_fail(Answer))
def take_off(request: HttpRequest, case_id: Id, payload: SetBackIn) -> Answer:
    """What a case did not need goes back."""
    return answered(set_back(actor=actor(request), case_id=case_id, **payload.given()))


class WasteIn(Act):
    things: Things
    reason: Reason
    note: Note = ""


@router.post("/cases/{case_id}/wastes", response=may_fail(Answer))
def throw_away(request: HttpRequest, case_id: Id, payload: WasteIn) -> Answer:
    """Opened and not used. ``reason``: a code of the group ``waste``."""
    return answered(waste(actor=actor(request), case_id=case_id, **payload.given()))


class ImplantOut(Schema):
    """A unit (``epc``), or so many pieces of a lot."""

    id: int
    epc: str
    item_id: int
    lot: str
    quantity: int
    case_number: str
    patient_token: str
    site: str
    side: str
    surgeon: str
    implanted_at: datetime
    explanted: bool


@router.get("/implants", response=may_fail(list[ImplantOut]))
def list_implants(
    request: HttpRequest, case_id: Id | None = None, patient_token: Name = ""
) -> list[ImplantOut]:
    """Implant records where the caller may see patients."""
    found = queries.implants_of(actor(request), case_id=case_id, patient_token=patient_token)
    return [
        ImplantOut(
            id=each.pk, epc=each.unit.epc if each.unit else "", item_id=each.lot.item_id, lot=each.lot.number,
            quantity=each.quantity, case_number=each.case.number, patient_token=each.patient_token,
            site=each.site, side=each.side, surgeon=each.surgeon, implanted_at=each.implanted_at,
            explanted=each.explant_event_id is not None,
        )
        for each in found
    ]  # fmt: skip


class SiteIn(Shape):
    key: Key
    site: Name
    side: Code = ""
    surgeon: Name = ""


@router.post("/implants/{implant_id}", response=may_fail(Answer))
def describe(request: HttpRequest, implant_id: Id, payload: SiteIn) -> Answer:
    """Say where in the body a unit was put."""
    return answered(describe_implant(actor=actor(request), implant_id=implant_id, **payload.model_dump()))


class CaseDifferenceOut(Schema):
    case_id: int
    number: str
    department: Both
    pieces: int
    since: datetime
    reason: str


@router.get("/case-differences", response=may_fail(list[CaseDifferenceOut]))
def differences(request: HttpRequest) -> list[CaseDifferenceOut]:
    """Cases that took things of which nobody has said anything for hours, and those closed without balancing."""
    paths = actor(request).scopes.get("view_patient", ())
    return [
        CaseDifferenceOut.model_validate(each, from_attributes=True)
        for each in queries.open_differences(paths)
    ]
