"""A unit's page: its state at a glance, its life from the order to the patient, and what can be done next."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.flows.landed.spread import landed
from yanji.flows.theatre.queries import implants_of
from yanji.insight import sight
from yanji.insight.around import along, billing_codes, department_among
from yanji.ledger.api import (
    Moment,
    Passage,
    Status,
    UnitView,
    life_line,
    on_hand,
    storable,
    unit_at,
    unit_view,
)
from yanji.places.models import Kind

from . import life, steps
from .charts import status_donut
from .moments import moment_of
from .page import page

EVERYWHERE = ("/",)


@require_safe
def unit_page(request: HttpRequest, epc: str) -> HttpResponse:
    """Now, or as it was at ``?at=`` in the world, as the log knew it at ``?known=``. 404 where there is none to see."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    unit = unit_view(epc) if storable(epc) else None
    if unit is None:
        raise NotFound("unit")
    passages = life_line(epc)
    sight.check_seen(actor, [unit.place_path, *sight.paths_of(passages)])
    moment = moment_of(request)
    context = _as_it_was(unit, moment) if moment else {"unit": unit, "passages": passages}
    return page(
        request,
        "web/unit.html",
        partial="unit",
        at=moment.as_of if moment else None,
        moment=moment,
        **_shown(actor, **context),
        moments=_moments(passages),
    )


def _as_it_was(unit: UnitView, moment: Moment) -> dict[str, Any]:
    """The unit as of a moment: what came later, or was not known then, is left out."""
    then = unit_at(unit.epc, as_of=moment.as_of, as_known=moment.as_known)
    known = life_line(unit.epc, as_known=moment.as_known)
    kept = [passage for passage in known if passage.happened_at <= moment.as_of]
    if then is None or not kept:
        return {"unit": unit, "passages": [], "before_known": True}
    last = kept[-1]
    was = replace(
        unit, status=then.status, place_id=then.place_id, place_name=then.place, place_path=then.place_path,
        place_kind=last.to_place_kind, custodian=then.custodian, step=last.step, case_number="", patient_token="",
    )  # fmt: skip
    return {"unit": was, "passages": kept}


def _shown(
    actor: Actor, unit: UnitView, passages: list[Passage], before_known: bool = False
) -> dict[str, Any]:
    places = along(unit.place_path)
    department = department_among(places)
    today = timezone.localdate()
    lot = on_hand(paths=EVERYWHERE, lot_id=unit.lot_id, by=("status",), statuses=Status.values)
    in_department = department is not None and department.kind == Kind.DEPARTMENT
    return {
        "unit": unit,
        "before_known": before_known,
        "places": places,
        "department": department,
        "sees_patient": sight.sees_use(actor, passages),
        "sees_cost": actor.may(Operation.SEE_FIGURES),
        "landed": landed(unit.epc) if actor.may(Operation.SEE_FIGURES) else None,
        "billing": billing_codes(unit.item_id, today),
        "implants": implants_of(actor, unit_id=unit.id),
        "stops": life.stops(passages, status=unit.status, in_department=in_department) if passages else [],
        "passages": _with_sight(actor, passages),
        "next_steps": steps.next_for(
            actor, epc=unit.epc, status=unit.status, place_kind=unit.place_kind, place_path=unit.place_path
        ),
        "may_correct": any(actor.may(Operation.CORRECT, path) for path in sight.paths_of(passages)),
        "lot_chart": status_donut(lot),
        "lot_statuses": sorted(lot, key=lambda row: row.quantity, reverse=True),
        "lot_size": sum((row.quantity for row in lot), start=0),
    }


def _with_sight(actor: Actor, passages: list[Passage]) -> list[tuple[Passage, bool]]:
    """Latest first, each with whether the reader may see patients where it happened."""
    return list(zip(passages, sight.patients_along(actor, passages), strict=True))[::-1]


def _moments(passages: list[Passage]) -> list[str]:
    """When each passage happened, to the second after it: where the slider may stop."""
    return sorted({passage.happened_at.astimezone().isoformat() for passage in life.in_force(passages)})
