"""A lot's page: where every unit of it is, how it got there, and who had it in hand."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.flows.import_papers import papers_of
from yanji.flows.models_import import ImportPaper
from yanji.flows.opened.parts import lot_parts
from yanji.flows.reasons import Labels, reason_words, reasons
from yanji.flows.recall_end import end_recall
from yanji.flows.recall_reach import against_end
from yanji.flows.recalled import recalls_said
from yanji.insight import sight
from yanji.insight.lots import LotHead, lot_head, passed
from yanji.ledger.api import LotTrace, Refused, Status, UnitView, trace_lot

from . import looks
from .charts import sankey
from .csvfile import csv_file
from .flow.done import say, to_entry
from .flow.gate import needs
from .moments import moment_of
from .page import act_key, page, page_of
from .templatetags.yanji import amount, named, status_name

# The page lists these; the file lists every unit.
SHOWN_UNITS = 5_000
SHOWN_PIECES = 100


@require_safe
def lot_page(request: HttpRequest, lot_id: int) -> HttpResponse:
    return _lot(request, lot_id)


@needs("hold")
@require_POST
def end_lot_recall(request: HttpRequest, lot_id: int) -> HttpResponse:
    """The notice is withdrawn, or the recall was a mistake: what was marked is on hold now."""
    try:
        done = end_recall(
            actor=request.actor,
            key=act_key(request, "end-recall"),
            lot_id=lot_id,
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", ""),
        )
    except Refused as refused:
        return _lot(request, lot_id, refused)
    over = _("The recall is ended. What comes of the lot from now on is as any other lot's.")
    count = done.facts["count"]
    marked = ngettext("%(n)s piece is on hold now.", "%(n)s pieces are on hold now.", count) % {"n": count}
    say(request, f"{over} {marked}" if count else over, to_entry(done.events[0]) if done.events else None)
    return redirect("web:lot", lot_id)


def _lot(request: HttpRequest, lot_id: int, refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    lot = lot_head(lot_id)
    if lot is None:
        raise NotFound("lot")
    csv, moment = request.GET.get("format") == "csv", moment_of(request)
    whole = trace_lot(
        lot_id,
        unit_limit=None if csv else SHOWN_UNITS,
        paths=actor.scopes.get(Operation.VIEW.value, ()),
        moment=moment,
    )
    trace = sight.traced(actor, whole)
    units = sight.with_patients(actor, trace.units, instead=sight.HIDDEN)
    if csv:
        return _csv(lot, units)
    parts = lot_parts(actor, lot_id, moment)
    return page(
        request,
        "web/lot.html",
        status=409 if refused else 200,
        refused=refused,
        lot=lot,
        moment=moment,
        trace=trace,
        units=units,
        hidden=len(whole.units) - len(units),
        left_out=whole.unit_count - len(whole.units),
        rows=page_of(request, units),
        holdings=trace.holdings,
        departments=trace.departments,
        statuses=_statuses(trace),
        flow=sankey(
            [
                each
                for each in passed(lot_id, moment=moment)
                if sight.may_see_passing(actor, each.from_path, each.to_path)
            ]
        ),
        patients=sorted({(each.patient_token, each.case_number) for each in trace.patients} | parts.patients),
        patients_hidden=len(whole.patients) - len(trace.patients) + parts.hidden,
        sources=_sources(actor, trace),
        lives=parts.lives[::-1][:SHOWN_PIECES],
        **({} if moment else _recalls(request, trace)),
    )


def _sources(actor: Actor, trace: LotTrace) -> list[tuple[Any, bool, list[ImportPaper]]]:
    """Each delivery, whether this reader may open it, and then its import papers. One statement, none where nothing opens."""
    opens = {
        each.event_id: any(actor.may(Operation.VIEW, path) for path in each.paths) for each in trace.sources
    }
    papers = papers_of([event for event, may in opens.items() if may])
    return [(each, opens[each.event_id], papers.get(each.event_id, [])) for each in trace.sources]


def _recalls(request: HttpRequest, trace: LotTrace) -> dict[str, Any]:
    """Every recall of the lot as it stands now, and whether this reader may end one. One statement where there is none."""
    said = recalls_said(trace.lot_id)
    now = [each for each in said if not each.ended_at and not each.taken_back]
    # Marked it may be though no recall is in force: see ``end_recall``.
    any_of_it = bool(now) or any(each.status == Status.RECALLED for each in trace.holdings)
    may_end = any_of_it and request.actor.may("hold") and not against_end(request.actor, trace.lot_id, now)
    words = reason_words() if any(each.ended_at for each in said) else Labels({})
    return {
        "recalls": [(each, words.of(each.end_reason, group="recall_end")) for each in _once(said)],
        "recalled": list(dict.fromkeys(each.notice for each in now)),
        "may_end": may_end,
        "end_reasons": reasons("recall_end") if may_end else {},
        "sent": request.POST,
    }


def _once(said: Sequence[Any]) -> list[Any]:
    """Each recall once, however many entries it took: one for the campus, and one for every paper that lost something by it."""
    acts = {
        (each.notice, each.at, each.actor_id, each.ended_at, each.taken_back): each for each in reversed(said)
    }
    return list(acts.values())[::-1]


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
