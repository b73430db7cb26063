"""The theatre: cards, carts, waste, accounts, implants, charges."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from yanji.flows.gates import case_for
from yanji.flows.theatre import queries
from yanji.flows.theatre.account import Account, account_of
from yanji.flows.theatre.cards import Need, plan_needs, retire_card, save_card
from yanji.flows.theatre.cart import set_back, set_out, waste
from yanji.flows.theatre.explanted import (
    explanted_lots,
    explanted_units,
    hand_on,
    handovers,
    return_explanted,
)
from yanji.flows.theatre.implants import describe_implant, explant
from yanji.flows.use import change_case
from yanji.ledger.api import LotQuantity

from .auth import actor
from .shapes import (
    MOST,
    Act,
    Answer,
    Both,
    Code,
    Epc,
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
    UnitOut,
    answered,
    may_fail,
)
from .units import units_out

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
    taken: int
    used: int
    returned: int
    wasted: int
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
        taken=found.taken, used=found.used, returned=found.returned, wasted=found.wasted, open=found.pieces("open"),
        balances=found.balances,
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


class OfLot(Shape):
    """So many pieces of a lot, at the place that the act names."""

    lot_id: Id
    quantity: Pieces


class DevicesIn(Act):
    """``things``: units by their identity, and pieces of lots. ``place_id``: where they come to lie, or lie."""

    place_id: Id
    things: list[Epc | OfLot] = Field(max_length=MOST)

    def said(self) -> dict[str, Any]:
        """What it says, as the flows take it."""
        given = [
            each if isinstance(each, str) else LotQuantity(each.lot_id, Decimal(each.quantity), self.place_id)
            for each in self.things
        ]
        return self.given("things") | {"things": given}


class ExplantIn(DevicesIn):
    patient_token: Name
    case_number: Code
    reason: Reason


@router.post("/explants", response=may_fail(Answer))
def take_out(request: HttpRequest, payload: ExplantIn) -> Answer:
    """Units, or pieces of lots, came out of a patient. ``reason``: a code of the group ``explant``."""
    return answered(explant(actor=actor(request), **payload.said()))


@router.get("/explants", response=may_fail(list[UnitOut]))
def came_out(request: HttpRequest) -> list[UnitOut]:
    """Devices that came out of patients and lie here still, the longest first; whose they were for who may see patients."""
    who = actor(request)
    return units_out(explanted_units(who), who)


class ExplantedLotOut(Schema):
    lot_id: int
    lot: str
    item_id: int
    item_name: Both
    place_id: int
    pieces: int


@router.get("/explants/lots", response=may_fail(list[ExplantedLotOut]))
def lots_came_out(request: HttpRequest) -> list[ExplantedLotOut]:
    """Pieces of lots that came out of patients and lie here still, by place."""
    return [
        ExplantedLotOut(
            lot_id=each.lot_id, lot=each.lot.number, item_id=each.lot.item_id, place_id=each.place_id,
            item_name=(each.lot.item.name_zh, each.lot.item.name_en), pieces=int(each.quantity),
        )
        for each in explanted_lots(actor(request))
    ]  # fmt: skip


class ReturnExplantedIn(DevicesIn):
    reason: Reason
    note: Note = ""


@router.post("/explants/returns", response=may_fail(Answer))
def send_explanted(request: HttpRequest, payload: ReturnExplantedIn) -> Answer:
    """Explanted things are to go to their supplier's laboratory: ``id`` is a return, which goes on under
    ``/supplier-returns/{id}``. ``reason``: a code of the group ``supplier_return``."""
    return answered(return_explanted(actor=actor(request), **payload.said()))


class HandOnIn(DevicesIn):
    """``to_place_id`` for a department that examines, or ``patient_token`` for the patient whose the things were."""

    handed_to: Name
    to_place_id: Id | None = None
    patient_token: Name = ""
    note: Note = ""


@router.post("/explants/hand-overs", response=may_fail(Answer))
def hand_on_explanted(request: HttpRequest, payload: HandOnIn) -> Answer:
    """Explanted things go to where they are examined, or to the patient. Destroyed they are by a scrap paper."""
    return answered(hand_on(actor=actor(request), **payload.said()))


class HandoverOut(Schema):
    id: int
    number: str
    state: str
    place_id: int
    to_place_id: int | None
    handed_to: str
    at: datetime


@router.get("/explants/hand-overs", response=may_fail(list[HandoverOut]))
def handed_on(request: HttpRequest) -> list[HandoverOut]:
    """Papers of devices that were handed on, latest first."""
    return [HandoverOut.from_orm(each) for each in handovers(actor(request))]


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
