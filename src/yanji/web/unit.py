"""A unit's page: its state at a glance, its life from the order to the patient, and what can be done next."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.flows.codes import codes_of, may_label
from yanji.flows.landed.spread import landed
from yanji.flows.models import PurchaseOrder
from yanji.flows.out_of_turn import of_events
from yanji.flows.reasons import reason_words, reasons
from yanji.flows.reserving.queries import told
from yanji.flows.theatre.models import Implant
from yanji.flows.theatre.queries import implants_of
from yanji.insight import sight
from yanji.insight.around import along, billing_codes, department_among
from yanji.ledger.api import (
    Moment,
    Passage,
    Refused,
    Status,
    Step,
    Stock,
    UnitView,
    life_line,
    log_position,
    lot_at,
    on_hand,
    storable,
    unit_at,
    unit_view,
)
from yanji.ledger.models import Event
from yanji.places.models import Kind

from . import life, steps
from .charts import status_donut
from .moments import moment_of
from .page import page

EVERYWHERE = ("/",)


@require_safe
def unit_page(request: HttpRequest, epc: str) -> HttpResponse:
    """Now, or as it was at ``?at=`` in the world, as the log knew it at ``?known=``: then everything is judged at that
    moment, and no act is offered. 404 where there is none to see.
    """
    return shown_unit(request, epc)


def shown_unit(request: HttpRequest, epc: str, refused: Refused | None = None) -> HttpResponse:
    """The page, with what an act on it was refused for."""
    actor: Actor = request.actor
    position = log_position()  # before anything is read
    unit, passages = seen_unit(actor, epc)
    moment = moment_of(request)
    context = _as_it_was(unit, moment) if moment else {"unit": unit, "passages": passages}
    return page(
        request,
        "web/unit.html",
        partial="unit",
        status=409 if refused else 200,
        refused=refused,
        at=moment.as_of if moment else None,
        moment=moment,
        position=position,
        **_shown(actor, moment, **context),
        moments=_moments(passages),
    )


def seen_unit(actor: Actor, epc: str) -> tuple[UnitView, list[Passage]]:
    """A unit and its life line, for who may see any place that it has been to; raises NotFound for all others."""
    unit = unit_view(epc) if storable(epc) else None
    if unit is None:
        raise NotFound("unit")
    passages = life_line(epc)
    sight.check_seen(actor, [unit.place_path, *sight.paths_of(passages)])
    return unit, passages


def _as_it_was(unit: UnitView, moment: Moment) -> dict[str, Any]:
    """The unit as of a moment: what came later, or was not known then, is left out."""
    then = unit_at(unit.epc, as_of=moment.as_of, as_known=moment.as_known)
    known = life_line(unit.epc, as_known=moment.as_known)
    kept = [passage for passage in known if passage.happened_at <= moment.as_of]
    unsaid = replace(unit, owner=None, owner_id=None, reserved_for="", case_number="", patient_token="")
    if then is None or not kept:
        return {"unit": unsaid, "passages": [], "before_known": True}
    last = kept[-1]
    used_for = last.documents if then.status == Status.USED else {}
    was = replace(
        unsaid, status=then.status, place_id=then.place_id, place_name=then.place, place_path=then.place_path,
        place_kind=last.to_place_kind, custodian=then.custodian, step=last.step, lot_id=then.lot_id, lot=then.lot,
        expiry=then.expiry, owner_id=then.owner_id, owner=then.owner,
        case_number=used_for.get("case", ""), patient_token=used_for.get("patient", ""),
        temperature_class=last.temperature_class,
    )  # fmt: skip
    return {"unit": was, "passages": kept}


def _shown(
    actor: Actor, moment: Moment | None, unit: UnitView, passages: list[Passage], before_known: bool = False
) -> dict[str, Any]:
    places = along(unit.place_path)
    department = department_among(places)
    lot = _lot_by_status(unit.lot_id, moment)
    sees_cost = actor.may(Operation.SEE_FIGURES)
    in_department = department is not None and department.kind == Kind.DEPARTMENT
    return {
        "unit": replace(unit, reserved_for=told(actor, [unit.reserved_for])[0]),
        "before_known": before_known,
        "places": places,
        "department": department,
        "sees_patient": sight.sees_use(actor, passages),
        "sees_cost": sees_cost,
        "landed": landed(unit.epc, moment=moment) if sees_cost else None,
        **_codes(actor, unit, now=moment is None and not before_known),
        "billing": billing_codes(unit.item_id, timezone.localdate(moment.as_of if moment else None)),
        "implants": _implants(actor, unit, moment),
        "kept": life.kept_at(unit),
        "owners": life.owners(passages),
        "stops": _stops(actor, unit, passages, in_department=in_department) if passages else [],
        "passages": _with_sight(actor, passages),
        "late": {each.event_id: each for each in of_events(_picks(passages), thing=unit.epc)},
        "next_steps": []
        if moment
        else steps.next_for(
            actor, epc=unit.epc, status=unit.status, place_kind=unit.place_kind, place_path=unit.place_path
        ),
        "lot_chart": status_donut(lot),
        "lot_statuses": sorted(lot, key=lambda row: row.quantity, reverse=True),
        "lot_size": sum((row.quantity for row in lot), start=0),
    }


def _stops(actor: Actor, unit: UnitView, passages: list[Passage], *, in_department: bool) -> list[life.Stop]:
    """The dots of the line from the order on, each with who did it, by which device, on which paper."""
    found = life.stops(passages, status=unit.status, in_department=in_department, supplier=unit.supplier)
    orders = PurchaseOrder.objects.filter(number=unit.order_number).select_related("actor")
    order = orders.first() if unit.order_number else None
    sees = dict(zip((each.event_id for each in passages), sight.patients_along(actor, passages), strict=True))
    return [*life.ordered(order), *(life.signed(stop, sees) for stop in found)]


def _codes(actor: Actor, unit: UnitView, *, now: bool) -> dict[str, Any]:
    """Its tags and second codes, each with why it came off; only of now, for a look back has none to act on."""
    if not now:
        return {}
    found, may = codes_of(unit.id), may_label(actor, unit)
    words = reason_words() if any(each.reason for each in found) else None
    return {
        "codes": [
            (each, words.of(each.reason, group="code_off") if words and each.reason else "") for each in found
        ],
        "may_label": may,
        "off_reasons": reasons("code_off") if may and any(each.released_at is None for each in found) else {},
    }


def _implants(actor: Actor, unit: UnitView, moment: Moment | None) -> list[tuple[Implant, bool]]:
    """The unit's implant records, each with whether it was out of the patient again."""
    found = implants_of(actor, unit_id=unit.id)
    if moment is None:
        return [(each, each.explant_event is not None) for each in found]
    return [
        (each, each.explant_event is not None and _in(moment, each.explant_event))
        for each in found
        if _in(moment, each.event)
    ]


def _in(moment: Moment, event: Event) -> bool:
    return moment.has(event.happened_at, event.recorded_at)


def _lot_by_status(lot_id: int, moment: Moment | None) -> list[Stock]:
    """How much of the lot there is, or was, in each status, wherever it lies. One statement."""
    if moment is None:
        return on_hand(paths=EVERYWHERE, lot_id=lot_id, by=("status",), statuses=Status.values)
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for holding in lot_at(lot_id, moment):
        totals[holding.status] += holding.quantity
    return [Stock(total, Decimal(0), None, status=status) for status, total in totals.items()]


def _with_sight(actor: Actor, passages: list[Passage]) -> list[tuple[Passage, bool, bool]]:
    """Latest first, each with whether the reader may see patients where it happened, and may open its entry."""
    places = sight.paths_of(passages)
    opens = [
        sight.may_see_passing(actor, *ends) for ends in zip(places[:1] + places[:-1], places, strict=True)
    ]
    return list(zip(passages, sight.patients_along(actor, passages), opens, strict=True))[::-1]


def _picks(passages: list[Passage]) -> list[str]:
    """The entries that may have taken it out of turn."""
    return [passage.event_id for passage in passages if passage.step == Step.PICK]


def _moments(passages: list[Passage]) -> list[str]:
    """When each passage happened, to the second after it: where the slider may stop."""
    return sorted(
        {timezone.localtime(passage.happened_at).isoformat() for passage in life.in_force(passages)}
    )
