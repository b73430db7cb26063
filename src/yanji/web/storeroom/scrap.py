"""Things are destroyed: a reason, and a second person who signs with a password of their own. Wards scrap here too."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.flows.gates import place_at
from yanji.flows.reasons import reasons
from yanji.flows.scrap import scrap
from yanji.flows.states import DisposalState
from yanji.ledger.api import Refused
from yanji.places.models import Place

from ..flow.basket import BY_NAME_HERE, Basket, FlowRow, answer, confirmed, is_confirmation, with_places
from ..flow.done import say, to_entry
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..flow.signer import second_person
from ..page import act_key, page

EXTRA = "storeroom/_lies.html"
STATUSES = ("available", "inspecting", "in_use", "returned", "quarantined", "recalled", "expired")


@needs("scrap")
def scrap_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, [])
    basket = Basket(request)
    try:
        done = _scrap(request, basket)
    except Refused as refused:
        return _form(request, basket.rows(refused), refused)
    said = _("%(number)s: scrapped, and signed by two.") % {"number": done.number}
    waits = _("%(number)s waits for approval; all of it is set aside.") % {"number": done.number}
    paper = (reverse("storeroom:disposal", args=[done.id]), done.number)
    destroyed = done.state == DisposalState.DESTROYED
    say(request, said if destroyed else waits, to_entry(done.events[-1]) if destroyed else paper)
    return redirect(request.resolver_match.view_name if request.resolver_match else "storeroom:scrap")


def _scrap(request: HttpRequest, basket: Basket):
    actor = request.actor
    sent = Sent(request.POST)
    reason = sent.text("reason", _("Reason"), required=True)
    note = sent.text("note", _("Note"))
    sent.check()
    basket.check()
    things = basket.things()
    if not things:
        raise Refused("empty")
    witness = second_person(request)
    return scrap(
        actor=actor, key=act_key(request, "scrap"), things=things, reason=reason, witness=witness, note=note,
        take_title="take_title" in request.POST,
    )  # fmt: skip


def _form(request: HttpRequest, rows: list[FlowRow], refused: Refused | None = None) -> HttpResponse:
    return page(
        request,
        "storeroom/scrap.html",
        status=409 if refused else 200,
        refused=refused,
        rows=with_places(rows, request.actor),
        row_extra=EXTRA,
        reasons=reasons("scrap"),
        sent=request.POST,
        scan_url=f"{request.path}/scan",
        explanted=_explanted_at(request),
    )


@needs("scrap")
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    if is_confirmation(request):
        return confirmed()
    # Of a lot either what lies on the shelf or what came out of patients: neither stands in for the other.
    if place := _explanted_at(request):
        return answer(
            request, "scrap", path=place.path, statuses=BY_NAME_HERE, absent="none_explanted_here", placed=True,
            extra=EXTRA,
        )  # fmt: skip
    scope = next(iter(request.actor.scopes.get("scrap", ())), "")
    return answer(request, "scrap", path=scope, statuses=STATUSES, placed=True, extra=EXTRA)


def _explanted_at(request: HttpRequest) -> Place | None:
    """Where pieces of lots that came out of patients lie, if the page was opened for these."""
    asked = (request.POST or request.GET).get("explanted", "")
    return place_at(request.actor, number_in(asked) or 0, may="scrap") if asked else None
