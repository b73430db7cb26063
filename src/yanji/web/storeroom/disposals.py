"""Scrap papers and write-offs: the list, one paper to sign and to end, what is lost, and what a month cost."""

import re
from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.disposal.ask import ask_write_off, cancel_disposal
from yanji.flows.disposal.gate import disposal_for
from yanji.flows.disposal.lost_lots import lost_lots
from yanji.flows.disposal.models import Disposal
from yanji.flows.disposal.queries import (
    OPEN_DISPOSALS,
    Total,
    disposals,
    lost_units,
    may_be_written_off,
    statement,
    voids_of,
)
from yanji.flows.disposal.sign import collect, destroy, write_off
from yanji.flows.disposal.void import void_certificate, void_write_off
from yanji.flows.documents import verbs
from yanji.flows.papers import Section, Sheet
from yanji.flows.reasons import reason_words, reasons
from yanji.ledger.api import LotQuantity, Refused
from yanji.places.models import Kind

from ..csvfile import csv_file
from ..flow.departments import chosen
from ..flow.done import say, to_entry
from ..flow.gate import needs
from ..flow.sent import Sent
from ..flow.signer import second_person
from ..page import act_key, page, page_of
from ..papers import sheet_answer, sheet_page

GROUP = {Disposal.Kind.SCRAP: "scrap", Disposal.Kind.WRITE_OFF: "count_variance"}
SHOWN = {"open": OPEN_DISPOSALS, "all": ()}


@needs("scrap", "count")
@require_safe
def disposal_list(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor
    state = request.GET.get("state", "open")
    found = disposals(actor, states=SHOWN.get(state, OPEN_DISPOSALS))
    return page(
        request,
        "storeroom/disposals.html",
        rows=page_of(request, found),
        state=state,
        may_scrap=actor.may("scrap"),
    )


@needs("scrap", "count", "approve", "view")
@require_safe
def disposal_page(request: HttpRequest, disposal_id: int) -> HttpResponse:
    return _show(request, disposal_for(request.actor, disposal_id))


def _show(request: HttpRequest, disposal: Disposal, refused: Refused | None = None) -> HttpResponse:
    """One paper; also the answer where an act on it was refused."""
    actor: Actor = request.actor
    allowed = verbs("disposal", disposal.state)
    act = "destroy" if disposal.kind == Disposal.Kind.SCRAP else "write_off"
    mine = actor.may("scrap" if act == "destroy" else "count", disposal.place.path)
    lines = disposal.lines.select_related("item", "lot", "unit", "place", "owner").order_by("id")
    words = reason_words()
    return page(
        request,
        "storeroom/disposal.html",
        status=409 if refused else 200,
        refused=refused,
        disposal=disposal,
        lines=lines,
        reason=words.of(disposal.reason, group=GROUP[Disposal.Kind(disposal.kind)]),
        may_sign=mine and act in allowed,
        may_collect=mine and "collect" in allowed,
        may_cancel=mine and "cancel" in allowed,
        may_void_certificate=mine and "void_certificate" in allowed,
        may_void_write_off=mine and "void_write_off" in allowed,
        voids=[(each, words.of(each.reason, group="correct")) for each in voids_of(disposal)],
        reasons=reasons("correct") if mine and {"void_certificate", "void_write_off"} & set(allowed) else {},
        sent=request.POST,
        today=timezone.localdate().isoformat(),
    )


@needs("scrap", "count")
@require_POST
def sign(request: HttpRequest, disposal_id: int) -> HttpResponse:
    """Carried out before a second person, who types a password of their own."""
    actor = request.actor
    disposal = disposal_for(actor, disposal_id)
    act = destroy if disposal.kind == Disposal.Kind.SCRAP else write_off
    try:
        witness = second_person(request)
        done = act(actor=actor, key=act_key(request, "sign"), disposal_id=disposal_id, witness=witness)
    except Refused as refused:
        return _show(request, disposal_for(actor, disposal_id), refused)
    said = _("%(number)s is carried out, and signed by two.") % {"number": done.number}
    say(request, said, to_entry(done.events[-1]) if done.events else None)
    return redirect("storeroom:disposal", disposal_id)


@needs("scrap")
@require_POST
def take_away(request: HttpRequest, disposal_id: int) -> HttpResponse:
    """A firm took the waste away and gave a certificate."""
    actor, sent = request.actor, Sent(request.POST)
    try:
        firm = sent.text("firm", _("Disposal firm"), required=True)
        certificate = sent.text("certificate", _("Certificate"), required=True)
        day = sent.day("collected_on", _("Taken away on")) or timezone.localdate()
        sent.check()
        done = collect(
            actor=actor, key=act_key(request, "collect"), disposal_id=disposal_id, firm=firm, certificate=certificate,
            collected_on=day,
        )  # fmt: skip
    except Refused as refused:
        return _show(request, disposal_for(actor, disposal_id), refused)
    say(request, _("%(number)s is ended with its certificate.") % {"number": done.number})
    return redirect("storeroom:disposal", disposal_id)


@needs("scrap", "count")
@require_POST
def void(request: HttpRequest, disposal_id: int) -> HttpResponse:
    """A certificate that was entered wrongly is taken back; of a write-off, before a second person, its signatures."""
    actor, reason = request.actor, request.POST.get("reason", "")
    given = {"actor": actor, "key": act_key(request, "void"), "disposal_id": disposal_id, "reason": reason}
    certified = disposal_for(actor, disposal_id).kind == Disposal.Kind.SCRAP
    try:
        done = (
            void_certificate(**given)
            if certified
            else void_write_off(**given, witness=second_person(request))
        )
    except Refused as refused:
        return _show(request, disposal_for(actor, disposal_id), refused)
    anew = _("The certificate of %(number)s is taken back. Enter the right one.")
    unsigned = _("Write-off %(number)s is taken back. Sign it anew, or cancel it.")
    say(request, (anew if certified else unsigned) % {"number": done.number})
    return redirect("storeroom:disposal", disposal_id)


@needs("scrap", "count")
@require_POST
def cancel(request: HttpRequest, disposal_id: int) -> HttpResponse:
    actor = request.actor
    try:
        done = cancel_disposal(actor=actor, key=act_key(request, "cancel"), disposal_id=disposal_id)
    except Refused as refused:
        return _show(request, disposal_for(actor, disposal_id), refused)
    kept = _("%(number)s is cancelled. What was set aside for it stays on hold until it is released.")
    nothing = _("%(number)s is cancelled; nothing was moved.")
    scrapping = disposal_for(actor, disposal_id).kind == Disposal.Kind.SCRAP
    say(request, (kept if scrapping else nothing) % {"number": done.number})
    return redirect("storeroom:disposals")


@needs("count")
def lost(request: HttpRequest) -> HttpResponse:
    """What is lost, longest first; what has been for a month can be ticked and written off."""
    if request.method != "POST":
        return _lost(request)
    actor, sent = request.actor, Sent(request.POST)
    try:
        place = sent.number("place_id", _("Place"))
        reason, note = sent.text("reason", _("Reason"), required=True), sent.text("note", _("Note"))
        pieces = _ticked_lots(request, sent)
        sent.check()
        done = ask_write_off(
            actor=actor, key=act_key(request, "write_off"), place_id=place,
            things=[*request.POST.getlist("epc"), *pieces], reason=reason, note=note,
        )  # fmt: skip
    except Refused as refused:
        return _lost(request, refused)
    say(request, _("Write-off %(number)s is written.") % {"number": done.number})
    return redirect("storeroom:disposal", done.id)


LOT = re.compile(r"(\d{1,18})\.(\d{1,18})\.(\d{1,18})")


def _ticked_lots(request: HttpRequest, sent: Sent) -> list[LotQuantity]:
    """The lots that were ticked, with the pieces typed beside each."""
    found = []
    for code in request.POST.getlist("lot"):
        if match := LOT.fullmatch(code):
            lot, owner, place = map(int, match.groups())
            pieces = sent.whole(request.POST.get(f"pieces.{code}", ""), _("Quantity"))
            found.append(LotQuantity(lot, Decimal(pieces), place, owner or None))
    return found


def _lost(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    now = timezone.now()
    rows = [(unit, may_be_written_off(unit, now=now)) for unit in lost_units(actor)]
    counted = lost_lots(actor)
    typed = [(each, request.POST.get(f"pieces.{each.code}", str(each.ripe))) for each in counted]
    places = places_for(actor, may="count", kinds=(Kind.CAMPUS, Kind.STORE, Kind.DEPARTMENT))
    return page(
        request,
        "storeroom/lost.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        lots=typed,
        value=sum(unit.cost for unit, _ripe in rows if not unit.written_off)
        + sum(each.cost for each in counted),
        written_off=sum(unit.cost for unit, _ripe in rows if unit.written_off),
        places=places,
        place=chosen(request, places, "place_id"),
        ticked=[*request.POST.getlist("epc"), *request.POST.getlist("lot")],
        reasons=reasons("count_variance"),
        sent=request.POST,
    )


@needs("scrap", "count", "see_figures")
@require_safe
def month(request: HttpRequest) -> HttpResponse:
    """What was destroyed and written off in a month, by reason; the same as CSV."""
    actor: Actor = request.actor
    day = _month(request.GET.get("month", ""))
    words, found = reason_words(), statement(actor, day)
    rows = [
        (_kind(each), words.of(each.reason, group=GROUP[Disposal.Kind(each.kind)]), each.papers,
         each.pieces, each.value)
        for each in found
    ]  # fmt: skip
    head = (_("Kind"), _("Reason"), _("Papers"), _("Pieces"), _("Value (CNY)"))
    if request.GET.get("format") == "csv":
        return csv_file(f"scrap-{day:%Y-%m}", head, rows)
    pieces, value = sum(row[3] for row in rows), sum(row[4] for row in rows)
    if request.GET.get("format") in {"print", "pdf"}:
        total, shown = (_("Total"), "", "", pieces, value), f"{request.path}?month={day:%Y-%m}"
        sheet = Sheet(
            _("Statement of a month"),
            f"SC-{day:%Y-%m}",
            sections=(Section(f"{day:%Y-%m}", head, rows, total),),
        )
        if request.GET["format"] == "pdf":
            return sheet_answer(request, sheet, name=sheet.number, link=shown)
        return sheet_page(request, sheet, back=request.path, file=f"{shown}&format=pdf")
    return page(
        request, "storeroom/scrap_month.html", rows=rows, head=head, month=f"{day:%Y-%m}",
        pieces=pieces, value=value,
    )  # fmt: skip


def _kind(total: Total) -> str:
    label = str(Disposal.Kind(total.kind).label)
    return _("%(kind)s of an earlier month, voided") % {"kind": label} if total.voided else label


def _month(text: str) -> date:
    """The month that a form names; this one where it names none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return timezone.localdate().replace(day=1)
