"""A lot's page: where every unit of it is, how it got there, and who had it in hand."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.insight.lots import LotHead, lot_head, passed, used_from
from yanji.ledger.api import LotTrace, UnitView, trace_lot

from . import looks, sight
from .charts import sankey
from .csvfile import csv_file
from .page import page, page_of
from .sight import HIDDEN
from .templatetags.yanji import amount, named, status_name


@require_safe
def lot_page(request: HttpRequest, lot_id: int) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    lot = lot_head(lot_id)
    if lot is None:
        raise NotFound("lot")
    trace = trace_lot(lot_id)
    paths = {holding.place_path for holding in trace.holdings}
    if not _was_in_sight(actor, trace):
        sight.check_seen(actor, paths)
    used = used_from(lot_id)
    units = [_masked(actor, unit, used) for unit in trace.units if _sees(actor, unit)]
    if request.GET.get("format") == "csv":
        return _csv(lot, units)
    return page(
        request,
        "web/lot.html",
        lot=lot,
        trace=trace,
        units=units,
        hidden=len(trace.units) - len(units),
        rows=page_of(request, units),
        holdings=trace.holdings,
        departments=trace.departments,
        statuses=_statuses(trace),
        flow=sankey(passed(lot_id)),
        patients=sorted(
            {(unit.patient_token, unit.case_number) for unit in units if unit.patient_token}
            - {(HIDDEN, HIDDEN)}
        ),
        patients_hidden=sum(unit.patient_token == HIDDEN for unit in units),
    )


def _was_in_sight(actor: Actor, trace: LotTrace) -> bool:
    """Whoever may look anywhere may trace a lot that has left the house altogether (all used, all scrapped)."""
    return actor.may(Operation.VIEW) and all(
        sight.is_virtual(holding.place_path) for holding in trace.holdings
    )


def _sees(actor: Actor, unit: UnitView) -> bool:
    return sight.is_virtual(unit.place_path) or actor.may(Operation.VIEW, unit.place_path)


def _masked(actor: Actor, unit: UnitView, used: dict[str, str]) -> UnitView:
    """The unit as the reader may know it: the patient only to who may see patients where it was used."""
    if not unit.patient_token or actor.may(Operation.VIEW_PATIENT, used.get(unit.epc, "")):
        return unit
    return replace(unit, patient_token=HIDDEN, case_number=HIDDEN)


def _statuses(trace: LotTrace) -> list[dict[str, Any]]:
    """How much is in which status, as pills."""
    totals: dict[str, Any] = {}
    for holding in trace.holdings:
        totals[holding.status] = totals.get(holding.status, 0) + holding.quantity
    return [
        {
            "tone": looks.STATUSES[status].tone,
            "icon": looks.STATUSES[status].icon,
            "text": f"{status_name(status)} {amount(total)}",
        }
        for status, total in totals.items()
    ]


def _csv(lot: LotHead, units: list[UnitView]) -> HttpResponse:
    head = [
        _("Identity"), _("Serial"), _("Item"), _("Lot"), _("Expiry date"), _("Status"), _("Place"), _("Custodian"),
        _("Supplier"), _("Order"), _("Case"), _("Patient"),
    ]  # fmt: skip
    rows = (
        [
            unit.epc, unit.serial, named(unit.item_name), unit.lot, unit.expiry, status_name(unit.status),
            named(unit.place_name), named(unit.custodian), named(unit.supplier), unit.order_number,
            unit.case_number, unit.patient_token,
        ]
        for unit in units
    )  # fmt: skip
    return csv_file(f"lot-{lot.number or lot.id}", head, rows)
