"""Transfers between stores: the list, a new one, and one transfer with all that became of it."""

from datetime import timedelta
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.documents import verbs
from yanji.flows.out_of_turn import of_transfer
from yanji.flows.reasons import reasons
from yanji.flows.requisition import Wanted
from yanji.flows.scanning import understand
from yanji.flows.transfer.arrive import give_up
from yanji.flows.transfer.gate import transfer_for
from yanji.flows.transfer.models import Transfer
from yanji.flows.transfer.queries import (
    ON_THE_WAY,
    OPEN_TRANSFERS,
    carrier_of,
    classes_arrived,
    differences,
    missing,
    overdue,
    transfers,
    way_cost,
)
from yanji.flows.transfer.request import ask_transfer, cancel_transfer, close_transfer
from yanji.ledger.api import LotQuantity, Offence, Refused, virtual_places

from ..flow.departments import chosen, stores
from ..flow.done import say
from ..flow.gate import needs
from ..flow.lines import ItemLine, quantities, sent_lines
from ..flow.sent import Sent, number_in
from ..page import act_key, page, page_of
from ..scan import refused_row, scanned
from .way_climate import curves

SHOWN = {"open": OPEN_TRANSFERS, "all": ()}
LATE_AFTER = timedelta(days=2)


@needs("transfer")
@require_safe
def transfer_list(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor
    state = request.GET.get("state", "open")
    found = [with_counts(each, actor) for each in transfers(actor, states=SHOWN.get(state, OPEN_TRANSFERS))]
    late = {each.pk for each in overdue(actor, before=timezone.now() - LATE_AFTER)}
    return page(request, "storeroom/transfers.html", rows=page_of(request, found), state=state, late=late)


def with_counts(transfer: Transfer, actor: Actor) -> Transfer:
    """Pieces wanted, sent and arrived, and at which end the reader works; from the rows at hand."""
    lines = list(transfer.lines.all())
    transfer.pieces = sum(line.quantity for line in lines)
    transfer.sent = sum(line.shipped for line in lines)
    transfer.came = sum(line.arrived for line in lines)
    transfer.percent = 100 * transfer.came // transfer.pieces if transfer.pieces else 0
    transfer.comes_here = actor.may("transfer", transfer.destination.path)
    return transfer


@needs("transfer")
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """The number of a transfer opens it; so does any unit that is on its way with one."""
    actor, raw = request.actor, scanned(request)
    meaning = understand([raw], actor=actor)[0]
    if meaning.document and meaning.document[0] == "transfer":
        return _to(meaning.document[1])
    carrier = carrier_of(meaning.epc) if meaning.epc else None
    if carrier is not None:
        return _to(transfer_for(actor, carrier).pk)
    offences = meaning.offences or (Offence("not_a_transfer", raw[:80]),)
    return refused_row(request, raw, Refused.of(offences))


def _to(transfer_id: int) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": reverse("storeroom:transfer", args=[transfer_id])})


@needs("transfer")
def new_transfer(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, [])
    lines = sent_lines(request)
    try:
        done = _ask(request, lines)
    except Refused as refused:
        return _form(request, lines, refused)
    waits = _("Transfer %(number)s waits for approval.") % {"number": done.number}
    went = _("Transfer %(number)s is asked for.") % {"number": done.number}
    say(request, waits if done.state == "awaiting" else went)
    return redirect("storeroom:transfer", done.id)


def _ask(request: HttpRequest, lines: list[ItemLine]):
    sent = Sent(request.POST)
    source, destination = sent.number("source_id", _("From")), sent.number("destination_id", _("To"))
    needed_by, note = sent.moment("needed_by", _("Needed by")), sent.text("note", _("Note"))
    read = quantities(sent, lines)
    sent.check()
    return ask_transfer(
        actor=request.actor,
        key=act_key(request, "transfer"),
        source_id=source,
        destination_id=destination,
        lines=[Wanted(item, quantity) for item, quantity, _price in read],
        needed_by=needed_by,
        note=note,
    )


def _form(request: HttpRequest, lines: list[ItemLine], refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    offered = stores(None)
    own = [place for place in offered if actor.may("transfer", place.path)]
    others = [place for place in offered if place not in own]
    return page(
        request,
        "storeroom/new_transfer.html",
        status=409 if refused else 200,
        refused=refused,
        lines=lines,
        sent=request.POST,
        stores=offered,
        source=chosen(request, [*others, *own], "source_id"),
        destination=chosen(request, [*own[-1:], *own, *others], "destination_id"),
    )


@needs("transfer", "view")
@require_safe
def transfer_page(request: HttpRequest, transfer_id: int) -> HttpResponse:
    return show(request, transfer_for(request.actor, transfer_id))


def show(request: HttpRequest, transfer: Transfer, refused: Refused | None = None) -> HttpResponse:
    """One transfer; also the answer where an act on it was refused."""
    actor: Actor = request.actor
    allowed = verbs("transfer", transfer.state)
    here, there = (
        actor.may("transfer", transfer.source.path),
        actor.may("transfer", transfer.destination.path),
    )
    loads = list(transfer.shipments.select_related("actor").order_by("id"))
    lines = list(transfer.lines.select_related("item").order_by("id"))
    arrivals = list(transfer.arrivals.select_related("place", "actor").order_by("id"))
    to_send = any(line.open_to_pick or line.open_to_ship for line in lines)
    return page(
        request,
        "storeroom/transfer.html",
        status=409 if refused else 200,
        refused=refused,
        transfer=transfer,
        lines=lines,
        loads=loads,
        way_cost=way_cost(loads),
        arrivals=arrivals,
        curves=curves(arrivals, classes_arrived(transfer) if any(each.record for each in arrivals) else {}),
        missing=missing(transfer) if transfer.state in ON_THE_WAY else [],
        differences=differences(transfer),
        late=of_transfer(transfer),
        may_pick=to_send and "pick" in allowed and actor.may("pick", transfer.source.path),
        may_arrive="arrive" in allowed and there,
        may_give_up="give_up" in allowed and (here or there),
        may_close="close" in allowed and (here or there),
        may_cancel="cancel" in allowed and (here or there),
        reasons=reasons("transfer_difference"),
        cancel_reasons=reasons("correct"),
    )


@needs("transfer")
@require_POST
def give_up_missing(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """Of what never arrived, what was ticked is given up."""
    actor = request.actor
    things = [thing for each in request.POST.getlist("thing") if (thing := _thing(each)) is not None]
    try:
        done = give_up(
            actor=actor, key=act_key(request, "give_up"), transfer_id=transfer_id, things=things,
            reason=request.POST.get("reason", ""), note=request.POST.get("note", ""),
        )  # fmt: skip
    except Refused as refused:
        return show(request, transfer_for(actor, transfer_id), refused)
    count = len(things)
    said = ngettext(
        "%(n)s thing of %(number)s is given up as lost.",
        "%(n)s things of %(number)s are given up as lost.",
        count,
    )
    say(request, said % {"n": count, "number": done.number})
    return redirect("storeroom:transfer", transfer_id)


def _thing(sent: str) -> str | LotQuantity | None:
    """A unit by its identity, or ``lot:ID:pieces:owner``, where the hospital's own has no owner."""
    if not sent.startswith("lot:"):
        return sent or None
    lot, pieces, owner = [*sent.split(":"), "", ""][1:4]
    lot_id, quantity, owner_id = number_in(lot), number_in(pieces), number_in(owner)
    if lot_id is None or quantity is None or (owner and owner_id is None):
        return None
    return LotQuantity(lot_id, Decimal(quantity), virtual_places().transit, owner_id)


@needs("transfer")
@require_POST
def close(request: HttpRequest, transfer_id: int) -> HttpResponse:
    actor = request.actor
    try:
        done = close_transfer(actor=actor, key=act_key(request, "close"), transfer_id=transfer_id)
    except Refused as refused:
        return show(request, transfer_for(actor, transfer_id), refused)
    say(request, _("Transfer %(number)s is closed.") % {"number": done.number})
    return redirect("storeroom:transfers")


@needs("transfer")
@require_POST
def cancel(request: HttpRequest, transfer_id: int) -> HttpResponse:
    actor, reason = request.actor, request.POST.get("reason", "")
    try:
        done = cancel_transfer(
            actor=actor, key=act_key(request, "cancel"), transfer_id=transfer_id, reason=reason
        )
    except Refused as refused:
        return show(request, transfer_for(actor, transfer_id), refused)
    say(
        request,
        _("Transfer %(number)s is called off; everything is back where it was.") % {"number": done.number},
    )
    return redirect("storeroom:transfer", transfer_id)
