"""The cart of a case: what to take in turn, scanned out for it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.documents import verbs
from yanji.flows.gates import case_for
from yanji.flows.models import Case
from yanji.flows.theatre import queries
from yanji.flows.theatre.account import account_of
from yanji.flows.theatre.cart import set_out
from yanji.ledger.api import Refused
from yanji.places.models import Kind

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.done import warn
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page


@needs("use")
def cart_page(request: HttpRequest, case_id: int) -> HttpResponse:
    actor: Actor = request.actor
    case = case_for(actor, case_id, may="use")
    if request.method != "POST":
        return _form(request, case, [])
    basket = Basket(request)
    try:
        sent = Sent(request.POST)
        room = sent.number("room_id", _("Room"))
        sent.check()
        basket.check()
        things = basket.things()
        done = set_out(
            actor=actor, key=act_key(request, "cart"), case_id=case.pk, things=things, room_id=room
        )
    except Refused as refused:
        return _form(request, case, basket.rows(refused), refused)
    said = ngettext(
        "%(n)s thing is laid out for case %(case)s.",
        "%(n)s things are laid out for case %(case)s.",
        len(things),
    )
    messages.success(request, said % {"n": len(things), "case": case.number})
    warn(request, done)
    return redirect("theatre:case", case.pk)


def _form(
    request: HttpRequest, case: Case, rows: list[FlowRow], refused: Refused | None = None
) -> HttpResponse:
    actor: Actor = request.actor
    account = account_of(case.pk)
    rooms = [
        place
        for place in places_for(actor, may="use", kinds=(Kind.DEPARTMENT, Kind.ROOM))
        if place.path.startswith(case.department.path)
    ]
    return page(
        request,
        "theatre/cart.html",
        status=409 if refused else 200,
        refused=refused,
        case=case,
        rows=rows,
        rooms=rooms,
        room_id=request.POST.get("room_id") or str(case.department_id),
        account=account,
        needs=queries.needs_of(case, account),
        open_now="set_out" in verbs("case", case.state),
    )


@needs("use")
@require_POST
def scan(request: HttpRequest, case_id: int) -> HttpResponse:
    if is_confirmation(request):
        return confirmed()
    case = case_for(request.actor, case_id, may="use")
    value = request.POST.get("room_id", "")
    room = number_in(value) or case.department_id
    return answer(
        request, "set_out", path=case.department.path, place_id=room,
        from_place_id=case.department_id,
    )  # fmt: skip
