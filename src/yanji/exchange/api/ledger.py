"""Questions to the ledger: units, lots, stock; and the taking back of wrong entries."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from yanji.access.actor import Actor
from yanji.access.gates import NotFound, place_for
from yanji.flows.correction import take_back
from yanji.flows.opened.parts import lot_parts
from yanji.flows.out_of_turn import of_events
from yanji.flows.scanning import may_see
from yanji.insight import sight
from yanji.ledger.api import (
    IN_STOCK,
    LIFECYCLE,
    Moment,
    Passage,
    Step,
    candidates,
    find_units,
    life_line,
    next_steps,
    on_hand,
    stock_at,
    trace_lot,
    unit_at,
    unit_views,
)
from yanji.ledger.models import Lot
from yanji.places.models import Kind

from .auth import actor
from .opened import LifeOut, life_out
from .shapes import Answer, Both, Epc, Id, Key, Note, Reason, Shape, UnitOut, answered, may_fail, several
from .store import CandidateOut
from .units import seen_unit, unit_out, units_out

router = Router(tags=["ledger"])


@router.get("/units/search", response=may_fail(list[UnitOut]))
def search(request: HttpRequest, code: Epc) -> list[UnitOut]:
    """Units that a code may mean: identity, alias or serial number."""
    who = actor(request)
    found = unit_views(find_units(code))
    return units_out([u for u in found.values() if may_see(who, u.place_kind, u.place_path)], who)


class UnitNow(UnitOut):
    next_steps: list[str]


@router.get("/units/view", response=may_fail(UnitNow))
def view(request: HttpRequest, epc: Epc) -> UnitNow:
    """A unit as it is now, with the steps that it could take next."""
    unit = seen_unit(epc, actor(request))
    steps = [step.value for step in next_steps(unit.status, Kind(unit.place_kind))]
    shown = unit_out(unit, actor(request))
    return UnitNow(**{name: getattr(shown, name) for name in UnitOut.model_fields}, next_steps=steps)


class PassageOut(Schema):
    """One stop of a life line."""

    seq: int
    event_id: str
    step: str
    happened_at: datetime
    recorded_at: datetime
    from_place: Both
    to_place: Both
    from_status: str | None
    to_status: str
    announced_lot: str | None
    announced_expiry: date | None
    actor: Both
    custodian: Both | None
    witness: Both | None
    device: str
    reason: str
    note: str
    documents: dict[str, str]
    sensor: dict[str, Any] | None
    corrects: str | None
    corrected_by: str | None
    temperature_class: str
    from_owner: Both | None
    to_owner: Both | None


@router.get("/units/life-line", response=may_fail(list[PassageOut]))
def life(request: HttpRequest, epc: Epc, as_known: AwareDatetime | None = None) -> list[PassageOut]:
    """All that happened to a unit, in order, as the log knew it at ``as_known``; ``reason`` of a pick is the unit's own."""
    who = actor(request)
    unit = seen_unit(epc, who)
    passages = life_line(unit.epc, as_known=as_known)
    picks = [each.event_id for each in passages if each.step == Step.PICK]
    own = {each.event_id: each.reason for each in of_events(picks, thing=unit.epc)}
    return [
        _passage(replace(each, reason=own.get(each.event_id, each.reason)), sees_patient=sees)
        for each, sees in zip(passages, sight.patients_along(who, passages), strict=True)
    ]


def _passage(found: Passage, *, sees_patient: bool) -> PassageOut:
    shown = PassageOut.from_orm(found)
    if not sees_patient:
        shown.documents = {kind: n for kind, n in shown.documents.items() if kind not in sight.OF_A_PATIENT}
    return shown


class UnitAtOut(Schema):
    seq: int
    status: str
    place_id: int
    place: Both
    custodian: Both | None
    happened_at: datetime
    recorded_at: datetime


@router.get("/units/at", response=may_fail(UnitAtOut))
def at(request: HttpRequest, epc: Epc, as_of: AwareDatetime, as_known: AwareDatetime | None = None) -> object:
    """Where a unit was at ``as_of`` in the world, as the log knew it at ``as_known``."""
    seen_unit(epc, actor(request))
    found = unit_at(epc, as_of=as_of, as_known=as_known)
    if found is None:
        raise NotFound("unit")
    return found


class FlowOut(Schema):
    from_place_id: int
    from_place: Both
    to_place_id: int
    to_place: Both
    quantity: Decimal


class HoldingOut(Schema):
    place_id: int
    place: Both
    status: str
    quantity: Decimal


class SourceOut(Schema):
    event_id: str
    received_at: datetime
    supplier_id: int | None
    supplier: Both | None
    documents: dict[str, str]
    quantity: Decimal


class HandOut(Schema):
    person_id: int
    name: Both
    movements: int
    last_at: datetime


class TraceOut(Schema):
    """A lot forward and backward, at the places that the caller may see. ``units`` lists 5,000 at most; ``unit_count`` says
    how many there are. ``departments``: where it lies, and (``used``) where it was used. ``patients``: token and case, of
    units and of parts. ``opened``: its opened pieces with every part taken; ``parts_hidden``: parts for patients not shown."""

    lot_id: int
    unit_count: int
    units: list[UnitOut]
    holdings: list[HoldingOut]
    departments: list[HoldingOut]
    flows: list[FlowOut]
    sources: list[SourceOut]
    people: list[HandOut]
    patients: list[tuple[str, str]]
    opened: list[LifeOut]
    parts_hidden: int


@router.get("/lots/{lot_id}/trace", response=may_fail(TraceOut))
def trace(
    request: HttpRequest,
    lot_id: Id,
    as_of: AwareDatetime | None = None,
    as_known: AwareDatetime | None = None,
) -> TraceOut:
    """Where everything of a lot went and where it came from; patients for who may see patients.

    As of ``as_of`` in the world, as the log knew it at ``as_known``; without them: now.
    """
    who = actor(request)
    if not who.may("view") or not Lot.objects.filter(pk=lot_id).exists():
        raise NotFound("lot")
    moment = Moment(as_of or timezone.now(), as_known) if as_of or as_known else None
    found = sight.traced(who, trace_lot(lot_id, paths=who.scopes.get("view", ()), moment=moment))
    parts = lot_parts(who, lot_id, moment)
    return TraceOut(
        lot_id=lot_id,
        unit_count=found.unit_count,
        units=units_out(found.units, who),
        holdings=[HoldingOut.from_orm(each) for each in found.holdings],
        departments=[HoldingOut.from_orm(each) for each in found.departments],
        flows=[FlowOut.from_orm(each) for each in found.flows],
        sources=[SourceOut.from_orm(each) for each in found.sources],
        people=[HandOut.from_orm(each) for each in found.people],
        patients=sorted({(each.patient_token, each.case_number) for each in found.patients} | parts.patients),
        opened=[life_out(life) for life in parts.lives],
        parts_hidden=parts.hidden,
    )


class StockOut(Schema):
    """A line of stock; fields that were not grouped by are null. ``value`` for who may see figures."""

    quantity: Decimal
    value: Decimal | None
    first_expiry: date | None
    item_id: int | None
    item_code: str | None
    item_name: Both | None
    lot_id: int | None
    lot: str | None
    expiry: date | None
    place_id: int | None
    place_name: Both | None
    status: str | None
    owner_id: int | None


By = Literal["item", "lot", "place", "status", "owner"]
Limit = Annotated[int, Field(ge=1, le=5_000)]


def _paths(who: Actor, place_id: int | None) -> tuple[str, ...]:
    return (place_for(who, place_id).path,) if place_id else who.scopes.get("view", ())


def _stock(rows: list, who: Actor) -> list[StockOut]:
    shown = [StockOut.from_orm(row) for row in rows]
    if not who.may("see_figures"):
        for row in shown:
            row.value = None
    return shown


@router.get("/stock", response=may_fail(list[StockOut]))
def stock(
    request: HttpRequest,
    place_id: Id | None = None,
    item_id: Id | None = None,
    lot_id: Id | None = None,
    status: Annotated[str, Field(max_length=200)] = "",
    by: Annotated[str, Field(max_length=60)] = "item,lot,place,status",
    limit: Limit = 1_000,
) -> list[StockOut]:
    """What lies where, first expiry first. ``by``: item, lot, place, status, owner, separated by commas."""
    who = actor(request)
    groups = [each for each in ("item", "lot", "place", "status", "owner") if each in by.split(",")]
    statuses = several(status) or IN_STOCK
    rows = on_hand(
        paths=_paths(who, place_id), by=groups, item_id=item_id, lot_id=lot_id, statuses=statuses, limit=limit
    )
    return _stock(rows, who)


@router.get("/stock/expiring", response=may_fail(list[StockOut]))
def expiring_stock(
    request: HttpRequest,
    days: Annotated[int, Field(ge=0, le=3_650)] = 30,
    place_id: Id | None = None,
    expired: bool = False,
    limit: Limit = 1_000,
) -> list[StockOut]:
    """What expires within so many days, today counted; with ``expired`` instead what already has."""
    who, today = actor(request), timezone.localdate()
    first, last = (None, today - timedelta(days=1)) if expired else (today, today + timedelta(days=days))
    rows = on_hand(
        paths=_paths(who, place_id),
        by=("item", "lot", "place"),
        expiring_from=first,
        expiring_by=last,
        limit=limit,
    )
    return _stock(rows, who)


@router.get("/stock/at", response=may_fail(list[StockOut]))
def past_stock(
    request: HttpRequest, place_id: Id, as_of: AwareDatetime, as_known: AwareDatetime | None = None
) -> list[StockOut]:
    """Stock below a place at a moment in the world, as the log knew it at another."""
    who = actor(request)
    return _stock(stock_at(paths=[place_for(who, place_id).path], as_of=as_of, as_known=as_known), who)


@router.get("/stock/candidates", response=may_fail(list[CandidateOut]))
def next_in_turn(
    request: HttpRequest,
    item_id: Id,
    place_id: Id,
    policy: Literal["fefo", "fifo"] = "fefo",
    limit: Limit = 100,
) -> object:
    """Units of an item in the order to take them, with the reason for each that is skipped."""
    place = place_for(actor(request), place_id)
    now = timezone.now()
    today = timezone.localdate(now)
    return candidates(item_id, within_path=place.path, today=today, now=now, policy=policy, limit=limit)


class CorrectionIn(Shape):
    key: Key
    event_id: Annotated[str, Field(max_length=40)]
    reason: Reason
    note: Note = ""


@router.post("/corrections", response=may_fail(Answer))
def correct(request: HttpRequest, payload: CorrectionIn) -> Answer:
    """Take an entry back by a new one; documents that counted it are open again."""
    return answered(take_back(actor=actor(request), **payload.model_dump()))


class TransitionOut(Schema):
    step: str
    label: str
    sources: list[str | None]
    target: str | None
    operation: str
    needs_reason: bool
    needs_witness: bool
    needs_patient: bool
    needs_owner: bool
    takes_title: bool
    may_stay: bool
    said: bool


@router.get("/lifecycle", response=may_fail(list[TransitionOut]))
def lifecycle(request: HttpRequest) -> list[TransitionOut]:
    """The table of steps: which status each leads from and to, and who may take it."""
    return [
        TransitionOut(
            step=step.value, label=str(step.label), operation=row.operation.value,
            target=row.target.value if row.target else None,
            sources=sorted((each.value if each else None for each in row.sources), key=str),
            needs_reason=row.needs_reason, needs_witness=row.needs_witness, needs_patient=row.needs_patient,
            needs_owner=row.needs_owner, takes_title=row.takes_title, may_stay=row.may_stay, said=row.said,
        )
        for step, row in LIFECYCLE.items()
    ]  # fmt: skip
