"""What is kept in a store for a case or a requisition: one page to keep more, one to give it free before its time."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.queries import requisitions
from yanji.flows.reasons import reasons
from yanji.flows.reserving.queries import Reserved, reserved_at
from yanji.flows.reserving.reserve import reserve, unreserve
from yanji.flows.reserving.sheet import reservation_for, things_of
from yanji.flows.turn import LotLeft, lots_left
from yanji.ledger.api import Candidate, Refused, candidates_of
from yanji.places.models import Kind, Place

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.departments import chosen
from ..flow.done import say, to_entry
from ..flow.gate import needs
from ..flow.lines import item_named
from ..flow.sent import Sent, number_in, numbers_in
from ..page import act_key, page

OFFERED = 30
LISTED = 300
MAY_BE_KEPT_FOR = ("requested", "picking")


@needs("pick")
def reserve_page(request: HttpRequest) -> HttpResponse:
    """Scan things, or take them from what lies of an item, and say for what they are kept."""
    if request.method != "POST":
        return _form(request, [])
    basket = Basket(request)
    try:
        done = _reserve(request, basket)
    except Refused as refused:
        return _form(request, basket.rows(refused), refused)
    count, until = done.facts["count"], timezone.localtime(datetime.fromisoformat(done.facts["until"]))
    said = ngettext(
        "%(n)s piece is kept for %(number)s until %(until)s.", "%(n)s pieces are kept for %(number)s until %(until)s.", count
    )  # fmt: skip
    say(
        request,
        said % {"n": count, "number": done.facts["reserved_for"], "until": f"{until:%m-%d %H:%M}"},
        (reverse("storeroom:reservation", args=[done.id]), done.number),
    )
    return redirect(f"{reverse('storeroom:reserve')}?store_id={request.POST.get('store_id', '')}")


def _reserve(request: HttpRequest, basket: Basket):
    sent = Sent(request.POST)
    store = sent.number("store_id", _("Store"))
    wanted = request.POST.get("requisition_id", "")
    requisition = sent.number("requisition_id", _("Requisition")) if wanted else None
    case, note = sent.text("case_number", _("Case")), sent.text("note", _("Note"))
    until = sent.moment("until", _("Until"))
    sent.check()
    basket.check()
    return reserve(
        actor=request.actor, key=act_key(request, "reserve"), store_id=store, things=basket.things(),
        requisition_id=requisition, case_number=case, until=until, note=note,
    )  # fmt: skip


def _form(request: HttpRequest, rows: Sequence[FlowRow], refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    stores = _stores(actor)
    store = chosen(request, stores, "store_id")
    item = item_named(request.GET.get("item", ""))
    units, lots = _lying(store, item.pk) if store and item else ([], [])
    asked = request.POST.get("requisition_id") or request.GET.get("requisition", "")
    return page(
        request,
        "storeroom/reserve.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        stores=stores,
        store=store,
        requisitions=requisitions(actor, states=MAY_BE_KEPT_FOR, store_id=store.pk) if store else [],
        asked=number_in(asked),
        sees_cases=actor.may("view_patient"),
        case_number=request.POST.get("case_number") or request.GET.get("case", "")[:40],
        item=item,
        units=units,
        lots=lots,
        kept=_kept(actor, store),
        sent=request.POST,
    )


def _stores(actor: Actor) -> list[Place]:
    return places_for(actor, may="pick", kinds=(Kind.STORE,))


def _kept(actor: Actor, store: Place | None) -> list[Reserved]:
    return reserved_at(actor, place=store, limit=LISTED) if store else []


def _lying(store: Place, item: int) -> tuple[list[Candidate], list[LotLeft]]:
    """What of an item lies in a store and is free: units, or lots where it is counted. Two statements."""
    now = timezone.now()
    today = timezone.localdate(now)
    found = candidates_of([item], within_path=store.path, today=today, now=now, limit=OFFERED)
    units = [each for each in found.get(item, []) if each.ok]
    return units, lots_left([item], path=store.path, today=today).get(item, [])


@needs("pick")
@require_safe
def reservation_page(request: HttpRequest, reservation_id: int) -> HttpResponse:
    """What was kept in one go, and what of it is kept still."""
    reservation = reservation_for(request.actor, reservation_id)
    things = things_of(reservation)
    return page(
        request,
        "storeroom/reservation.html",
        reservation=reservation,
        things=things[:LISTED],
        more=max(0, len(things) - LISTED),
        left=sum(each.left for each in things),
    )


@needs("pick")
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """One thing to be kept."""
    if is_confirmation(request):
        return confirmed()
    store = chosen(request, _stores(request.actor), "store_id")
    return answer(
        request, "reserve", path=store.path if store else "", statuses=("available",),
        from_place_id=store.pk if store else None,
    )  # fmt: skip


@needs("pick")
def unreserve_page(request: HttpRequest) -> HttpResponse:
    """Tick or scan what is kept no more, and say why."""
    if request.method != "POST":
        return _ending(request, [])
    basket = Basket(request)
    ticked = request.POST.getlist("kept")
    try:
        sent = Sent(request.POST)
        reason, note = sent.text("reason", _("Reason"), required=True), sent.text("note", _("Note"))
        sent.check()
        basket.check()
        epcs = [each for each in ticked if not each.startswith("lot:")]
        done = unreserve(
            actor=request.actor, key=act_key(request, "unreserve"), reason=reason, note=note,
            things=list(dict.fromkeys([*epcs, *basket.things()])),
            reservations=numbers_in(each.removeprefix("lot:") for each in ticked if each.startswith("lot:")),
        )  # fmt: skip
    except Refused as refused:
        return _ending(request, basket.rows(refused), refused)
    count = done.facts["count"]
    said = ngettext("%(n)s piece is kept no more.", "%(n)s pieces are kept no more.", count)
    say(request, said % {"n": count}, to_entry(done.events[0]))
    return redirect(f"{reverse('storeroom:unreserve')}?store_id={request.POST.get('store_id', '')}")


def _ending(request: HttpRequest, rows: Sequence[FlowRow], refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    stores = _stores(actor)
    store = chosen(request, stores, "store_id")
    return page(
        request,
        "storeroom/unreserve.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        stores=stores,
        store=store,
        kept=_kept(actor, store),
        ticked=request.POST.getlist("kept") or request.GET.getlist("kept"),
        reasons=reasons("unreserve"),
        sent=request.POST,
    )


@needs("pick")
@require_POST
def unreserve_scan(request: HttpRequest) -> HttpResponse:
    """One thing that is kept no more."""
    if is_confirmation(request):
        return confirmed()
    store = chosen(request, _stores(request.actor), "store_id")
    return answer(request, "unreserve", path=store.path if store else "", statuses=("reserved",))
