"""Purchase requests: what departments and stores need bought, what is decided, what is still to be ordered."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.acts import Done
from yanji.flows.buying.gates import ASK, request_for
from yanji.flows.buying.queries import OPEN_REQUESTS, requests
from yanji.flows.buying.requests import NEEDED_AT, Needed, ask_for_purchase, close_request
from yanji.flows.documents import verbs
from yanji.flows.states import PurchaseRequestState
from yanji.ledger.api import Refused

from ..flow.done import say
from ..flow.gate import needs
from ..flow.lines import ItemLine, quantities, sent_lines
from ..flow.sent import Sent
from ..page import act_key, page, page_of
from .acts import press, reason

SHOWN = {"open": OPEN_REQUESTS, "all": ()}


@needs(*ASK, "approve", "see_figures")
@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """Open ones first, the most urgent on top."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    state = request.GET.get("state", "open")
    states = SHOWN.get(state, (state,) if state in PurchaseRequestState.values else ())
    found = requests(request.actor, states=states, text=text)
    for row in found:
        row.open = sum(line.to_order for line in row.lines.all())
        row.first_item = next((line.item for line in row.lines.all()), None)
    rows = page_of(request, found)
    return page(
        request, "buyer/requests.html", rows=rows, text=text, state=state, states=PurchaseRequestState.choices
    )


@needs(*ASK, "approve", "see_figures")
def request_page(
    request: HttpRequest, purchase_request_id: int, *, refused: Refused | None = None
) -> HttpResponse:
    """One request: its lines, who decided, which orders took it over."""
    actor: Actor = request.actor
    asked = request_for(actor, purchase_request_id)
    lines = asked.lines.select_related("item").prefetch_related("orders__order").order_by("id")
    open_to = verbs("purchase_request", asked.state)
    orders_there = actor.may("order", asked.place.path)
    return page(
        request,
        "buyer/request.html",
        status=409 if refused else 200,
        refused=refused,
        asked=asked,
        lines=lines,
        orders={taken.order for line in lines for taken in line.orders.all()},
        may_order="order" in open_to and orders_there,
        may_close="close" in open_to and (orders_there or asked.actor_id == actor.person_id),
    )


@needs(*ASK)
def new_request(request: HttpRequest) -> HttpResponse:
    """The form; sent twice it is one request."""
    if request.method != "POST":
        return _form(request, [])
    lines = sent_lines(request)
    try:
        done = _ask(request, lines)
    except Refused as refused:
        return _form(request, lines, refused)
    said = _("Purchase request %(number)s waits for approval.") if done.state == "waiting" else _(
        "Purchase request %(number)s can be ordered."
    )  # fmt: skip
    say(request, said % {"number": done.number})
    return redirect("buyer:request", done.id)


def _ask(request: HttpRequest, lines: list[ItemLine]) -> Done:
    sent = Sent(request.POST)
    place, needed_by = sent.number("place_id", _("Needed at")), sent.day("needed_by", _("Needed by"))
    why = sent.text("why", _("Reason"), required=True)
    read = quantities(sent, lines)
    sent.check()
    return ask_for_purchase(
        actor=request.actor,
        key=act_key(request, "request"),
        place_id=place,
        lines=[Needed(item, quantity) for item, quantity, _price in read],
        reason=why[:400],
        needed_by=needed_by,
    )


def _form(request: HttpRequest, lines: list[ItemLine], refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    places = {place.pk: place for may in ASK for place in places_for(actor, may=may, kinds=NEEDED_AT)}
    return page(
        request,
        "buyer/new_request.html",
        status=409 if refused else 200,
        refused=refused,
        lines=lines,
        sent=request.POST,
        places=sorted(places.values(), key=lambda place: place.path),
    )


@needs(*ASK)
@require_POST
def close(request: HttpRequest, purchase_request_id: int) -> HttpResponse:
    return press(
        request,
        close_request,
        "close",
        request_page,
        purchase_request_id,
        to="buyer:request",
        said=_("Purchase request %(number)s is closed."),
        request_id=purchase_request_id,
        reason=reason(request),
    )
