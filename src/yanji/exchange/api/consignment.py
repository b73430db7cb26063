"""Goods that belong to suppliers: agreements, receipts, stock, loan sets, settlements."""

from datetime import date, datetime
from decimal import Decimal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from yanji.flows.consign import queries
from yanji.flows.consign.agreements import Kept, agreement_at, save_agreement
from yanji.flows.consign.ending import end_agreement, take_ending_back
from yanji.flows.consign.goods import receive_consigned
from yanji.flows.consign.models import AgreementVersion, ConsignmentReceipt
from yanji.flows.consign.preview import consigned_samples
from yanji.flows.consign.sheets import receipt_at
from yanji.flows.consign.versions import changed, versions_of
from yanji.flows.correction import void_consigned
from yanji.flows.inspecting.queries import findings_of, inspections_of
from yanji.flows.inspecting.sample import Look
from yanji.flows.receive import Arrival
from yanji.flows.sendback.consigned import hand_back_goods

from .auth import actor
from .receipts import (
    ArrivalIn,
    FindingOut,
    InspectionOut,
    LookIn,
    SampleOut,
    VoidIn,
    inspections_out,
    sample_out,
)
from .shapes import (
    MOST,
    Act,
    Answer,
    Both,
    Id,
    Key,
    Money,
    Name,
    Note,
    Reason,
    Shape,
    Things,
    answered,
    may_fail,
)

router = Router(tags=["consignment"])


class AgreedItemIn(Shape):
    """``price``: of one piece, none for the catalogue's; ``keep``: how many should lie here."""

    item_id: Id
    price: Money | None = None
    keep: int = Field(default=0, ge=0, le=1_000_000)


class AgreementIn(Shape):
    key: Key
    supplier_id: Id
    place_id: Id
    valid_from: date
    valid_to: date | None = None
    all_items: bool = True
    items: list[AgreedItemIn] = Field(default_factory=list, max_length=MOST)
    settlement_day: int = 5
    note: Note = ""
    agreement_id: Id | None = None


class KeptOut(Schema):
    item_id: int
    item_name: str
    price: Decimal | None
    keep: int


class AgreementOut(Schema):
    """An agreement in its ``version`` of today, else its first. ``last_day``: of an ended one, the last on which goods come
    under it, and ``ended_because``."""

    id: int
    number: str
    supplier_id: int
    supplier: str
    place_id: int
    version: int
    valid_from: date
    valid_to: date | None
    all_items: bool
    settlement_day: int
    state: str
    last_day: date | None
    ended_because: str | None
    items: list[KeptOut]


@router.get("/consignment/agreements", response=may_fail(list[AgreementOut]))
def list_agreements(request: HttpRequest) -> list[AgreementOut]:
    """Consignment agreements of the places that the caller sees."""
    return [
        AgreementOut(
            id=each.agreement_id, number=each.agreement.number, supplier_id=each.agreement.supplier_id,
            supplier=each.agreement.supplier.name, place_id=each.agreement.place_id, version=each.number,
            valid_from=each.valid_from, valid_to=each.valid_to, all_items=each.all_items,
            settlement_day=each.settlement_day, state=each.agreement.state, last_day=each.last_day,
            ended_because=each.ended_because, items=_kept(each),
        )
        for each in queries.agreements(actor(request))
    ]  # fmt: skip


def _kept(version: AgreementVersion) -> list[KeptOut]:
    return [
        KeptOut(item_id=line.item_id, item_name=line.item.name, price=line.price, keep=line.keep)
        for line in version.items.all()
    ]


class ChangeOut(Schema):
    what: str
    before: str
    after: str


class VersionOut(Schema):
    """What an agreement says from ``valid_from`` on; ``changes``: against the version before."""

    version: int
    valid_from: date
    valid_to: date | None
    all_items: bool
    settlement_day: int
    note: str
    by: str
    made_at: datetime
    items: list[KeptOut]
    changes: list[ChangeOut]


@router.get("/consignment/agreements/{agreement_id}/versions", response=may_fail(list[VersionOut]))
def list_versions(request: HttpRequest, agreement_id: Id) -> list[VersionOut]:
    """Everything that was ever agreed, latest first, with what each version changed."""
    versions = versions_of(agreement_at(actor(request), agreement_id))
    told = changed(versions)
    return [
        VersionOut(
            version=each.number, valid_from=each.valid_from, valid_to=each.valid_to, all_items=each.all_items,
            settlement_day=each.settlement_day, note=each.note, by=each.actor.name, made_at=each.made_at,
            items=_kept(each),
            changes=[
                ChangeOut(what=change.what, before=change.before, after=change.after)
                for change in told.get(each.number, [])
            ],
        )
        for each in versions
    ]  # fmt: skip


@router.post("/consignment/agreements", response=may_fail(Answer))
def write_agreement(request: HttpRequest, payload: AgreementIn) -> Answer:
    """Write an agreement, or (with ``agreement_id``) its next version, from ``valid_from`` on: today or later."""
    given = payload.model_dump(exclude={"items"})
    items = [Kept(each.item_id, each.price, each.keep) for each in payload.items]
    return answered(save_agreement(actor=actor(request), items=items, **given))


class EndAgreementIn(Shape):
    key: Key
    last_day: date
    reason: Reason


class EndingBackIn(Shape):
    key: Key
    reason: Reason


class EndingOut(Schema):
    """One ending of an agreement; taken back, it says by whom, when and why."""

    last_day: date
    reason: str
    by: str
    at: datetime
    taken_back_by: str | None
    taken_back_at: datetime | None
    taken_back_because: str


@router.post("/consignment/agreements/{agreement_id}/end", response=may_fail(Answer))
def end(request: HttpRequest, agreement_id: Id, payload: EndAgreementIn) -> Answer:
    """Nothing more comes under an agreement after a day; what lies here is used, settled or handed back."""
    return answered(end_agreement(actor=actor(request), agreement_id=agreement_id, **payload.model_dump()))


@router.post("/consignment/agreements/{agreement_id}/end/take-back", response=may_fail(Answer))
def take_back_ending(request: HttpRequest, agreement_id: Id, payload: EndingBackIn) -> Answer:
    """An agreement was ended by mistake: it goes on."""
    return answered(take_ending_back(actor=actor(request), agreement_id=agreement_id, **payload.model_dump()))


@router.get("/consignment/agreements/{agreement_id}/endings", response=may_fail(list[EndingOut]))
def endings(request: HttpRequest, agreement_id: Id) -> list[EndingOut]:
    """When and why an agreement was ended, and what of that was taken back, latest first."""
    return [
        EndingOut(
            last_day=each.last_day, reason=each.reason, by=each.actor.name, at=each.at,
            taken_back_by=each.taken_back_by.name if each.taken_back_by else None,
            taken_back_at=each.taken_back_at, taken_back_because=each.taken_back_because,
        )
        for each in queries.endings_of(agreement_at(actor(request), agreement_id))
    ]  # fmt: skip


class ConsignedIn(Shape):
    key: Key
    supplier_id: Id
    dock_id: Id
    arrivals: list[ArrivalIn] = Field(max_length=MOST)
    looks: list[LookIn] = Field(default_factory=list, max_length=MOST)
    reference: Name = ""
    arrived_at: AwareDatetime | None = None


def arrivals_of(given: list[ArrivalIn]) -> list[Arrival]:
    return [Arrival(**each.model_dump()) for each in given]


@router.post("/consignment/receipts", response=may_fail(Answer))
def receive(request: HttpRequest, payload: ConsignedIn) -> Answer:
    """Take over a supplier's goods without an order; they stay the supplier's."""
    given = payload.model_dump(exclude={"arrivals", "looks"})
    looks = [Look(**look.model_dump()) for look in payload.looks]
    arrivals = arrivals_of(payload.arrivals)
    return answered(receive_consigned(actor=actor(request), arrivals=arrivals, looks=looks, **given))


class ConsignedSampleIn(Shape):
    """What came, and the key under which it is going to be taken over: the same key proposes the same units."""

    key: Key
    supplier_id: Id
    dock_id: Id
    arrivals: list[ArrivalIn] = Field(max_length=MOST)


@router.post("/consignment/samples", response=may_fail(list[SampleOut]))
def what_to_look_at(request: HttpRequest, payload: ConsignedSampleIn) -> list[SampleOut]:
    """What of a supplier's goods is to be looked at before they are taken over. Writes nothing."""
    given = payload.model_dump(exclude={"arrivals"})
    found = consigned_samples(actor=actor(request), arrivals=arrivals_of(payload.arrivals), **given)
    return [sample_out(each) for each in found]


class ConsignedReceiptOut(Schema):
    """``voided_at``: when it was taken back."""

    id: int
    number: str
    agreement_id: int
    supplier: str
    dock_id: int
    dock: str
    reference: str
    arrived_at: datetime
    pieces: int
    loan_set: str
    voided_at: datetime | None


class ConsignedThingOut(Schema):
    """``status``: of a unit, as it is now."""

    epc: str
    item: str
    lot: str
    expiry: date | None
    quantity: Decimal
    status: str


class ConsignedReceiptFullOut(ConsignedReceiptOut):
    things: list[ConsignedThingOut]
    inspections: list[InspectionOut]
    findings: list[FindingOut]


def _came(each: ConsignmentReceipt) -> dict[str, object]:
    return {
        "id": each.pk, "number": each.number, "agreement_id": each.agreement_id,
        "supplier": each.agreement.supplier.name, "dock_id": each.dock_id, "dock": each.dock.name,
        "reference": each.reference, "arrived_at": each.arrived_at, "pieces": each.pieces,
        "loan_set": each.loan_set.number if each.loan_set else "", "voided_at": each.voided_at,
    }  # fmt: skip


@router.get("/consignment/receipts", response=may_fail(list[ConsignedReceiptOut]))
def list_receipts(request: HttpRequest) -> list[ConsignedReceiptOut]:
    """What suppliers brought of their own goods, latest first."""
    return [
        ConsignedReceiptOut.model_validate(_came(each))
        for each in queries.consignment_receipts(actor(request))
    ]


@router.get("/consignment/receipts/{consigned_id}", response=may_fail(ConsignedReceiptFullOut))
def one_receipt(request: HttpRequest, consigned_id: Id) -> ConsignedReceiptFullOut:
    """One delivery, thing by thing."""
    found = receipt_at(actor(request), consigned_id)
    things = [
        ConsignedThingOut(
            epc=line.unit.epc if line.unit else "", item=line.lot.item.name, lot=line.lot.number, expiry=line.lot.expiry,
            quantity=line.quantity, status=line.unit.status if line.unit else "",
        )
        for line in queries.things_of(found)
    ]  # fmt: skip
    return ConsignedReceiptFullOut.model_validate(
        {
            **_came(found),
            "things": things,
            "inspections": inspections_out(inspections_of(found)),
            "findings": [FindingOut.from_orm(finding) for finding in findings_of(found, most=MOST)],
        }
    )


@router.post("/consignment/receipts/{consigned_id}/void", response=may_fail(Answer))
def void(request: HttpRequest, consigned_id: Id, payload: VoidIn) -> Answer:
    """Take a whole delivery back: by new entries, nothing is removed."""
    return answered(void_consigned(actor=actor(request), receipt_id=consigned_id, **payload.model_dump()))


class HandBackIn(Act):
    """``authorisation``: the supplier's number for it; with it and ``handed_to`` the goods leave at once, unless somebody has to
    approve it first: then both are kept and hold once it is approved. ``reason``: of the group supplier_return."""

    place_id: Id
    things: Things
    reason: Reason
    authorisation: Name = ""
    handed_to: Name = ""
    note: Note = ""


@router.post("/consignment/hand-backs", response=may_fail(Answer))
def hand_back(request: HttpRequest, payload: HandBackIn) -> Answer:
    """A supplier's goods go back to it, by a return: ``id`` and ``number`` are the return's, ``state`` says whether it left."""
    return answered(hand_back_goods(actor=actor(request), **payload.given()))


class ConsignedStockOut(Schema):
    owner_id: int
    owner_name: Both
    item_id: int
    item_name: Both
    lot_id: int
    lot: str
    expiry: date | None
    place_id: int
    place_name: Both
    status: str
    quantity: Decimal


@router.get("/consignment/stock", response=may_fail(list[ConsignedStockOut]))
def stock(request: HttpRequest, supplier_id: Id | None = None) -> list[ConsignedStockOut]:
    """What belongs to suppliers and lies here."""
    found = queries.consigned_stock(actor(request), supplier_id=supplier_id)
    return [ConsignedStockOut.model_validate(row, from_attributes=True) for row in found]


class RefillOut(Schema):
    agreement_id: int
    supplier: str
    item_id: int
    item_name: str
    keep: int
    here: int
    used: int
    wanted: int


@router.get("/consignment/refills", response=may_fail(list[RefillOut]))
def refills(request: HttpRequest) -> list[RefillOut]:
    """What suppliers should bring to fill up what their agreements promise."""
    return [
        RefillOut(
            agreement_id=each.agreement.pk, supplier=each.agreement.supplier.name, item_id=each.item.pk,
            item_name=each.item.name, keep=each.keep, here=each.here, used=each.used, wanted=each.wanted,
        )
        for each in queries.refills(actor(request))
    ]  # fmt: skip
