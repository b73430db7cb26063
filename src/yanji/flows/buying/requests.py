"""A store or a department says what needs buying; approved, a buyer orders it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Max
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.queries import prices_on
from yanji.ledger.api import Refused
from yanji.places.models import Kind

from ..acts import Done, check_needed_on, moment, verb
from ..approval import ask, decided, withdraw
from ..counting.scope import campus_of
from ..documents import allow, reached
from ..gates import check, other_end
from ..models import OrderLine, PurchaseOrder
from ..numbers import next_number
from ..states import OrderState, PurchaseRequestState
from .gates import may_ask, request_for
from .models import ContractItem, PurchaseRequest, PurchaseRequestLine, RequestOrder

NEEDED_AT = (Kind.STORE, Kind.DEPARTMENT)


@dataclass(frozen=True, slots=True)
class Needed:
    """One item, and how many pieces of it."""

    item_id: int
    quantity: int


@verb
def ask_for_purchase(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    lines: Sequence[Needed],
    reason: str,
    needed_by: date | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Write a purchase request and put it to approval; where no rule asks for one, it can be ordered at once."""
    from ..purchase import check_items

    at = moment(happened_at)
    check_needed_on(needed_by, timezone.localdate(at))
    place = other_end(place_id, kinds=NEEDED_AT)
    if not may_ask(actor, place.path):
        check(actor, [place.path], may="request", thing=place.name)
    if not reason.strip():
        raise Refused("reason_needed")
    items = check_items([line.item_id for line in lines])
    estimates = estimated(list(items), timezone.localdate(at))
    request = PurchaseRequest.objects.create(
        number=next_number("PR", path=place.path, at=at),
        place=place,
        needed_by=needed_by,
        reason=reason.strip(),
        amount=sum((estimates.get(line.item_id, Decimal(0)) * line.quantity for line in lines), Decimal(0)),
        actor_id=actor.person_id,
        created_at=at,
    )
    PurchaseRequestLine.objects.bulk_create(
        PurchaseRequestLine(
            request=request,
            item_id=line.item_id,
            quantity=line.quantity,
            price=estimates.get(line.item_id, Decimal(0)),
        )
        for line in lines
    )
    waits = ask(
        "purchase_request",
        request.pk,
        number=request.number,
        path=place.path,
        amount=request.amount,
        requester_id=actor.person_id,
    )
    if not waits:
        request.state = reached("purchase_request", "approve", PurchaseRequestState.APPROVED)
        request.save(update_fields=["state"])
    return _done(request)


def estimated(items: Sequence[int], day: date) -> dict[int, Decimal]:
    """Item -> the price it would be bought at: of contracts the dearest, else of the catalogue. Two statements."""
    listed: dict[int, Decimal] = {}
    for (item, _supplier), price in prices_on(day, items).items():
        listed[item] = max(price, listed.get(item, Decimal(0)))
    rows = ContractItem.objects.filter(
        item_id__in=items, valid_from__lte=day, valid_to__gte=day, contract__state="active"
    )
    agreed = dict(rows.values_list("item_id").annotate(Max("price")).order_by())
    return {**listed, **agreed}


@decided("purchase_request")
def _decided(request_id: int, approved: bool, actor: Actor) -> None:
    request = PurchaseRequest.objects.select_for_update().get(pk=request_id)
    verb = "approve" if approved else "refuse"
    _allow(request, verb)
    state = PurchaseRequestState.APPROVED if approved else PurchaseRequestState.REFUSED
    request.state = reached("purchase_request", verb, state)
    request.save(update_fields=["state"])


@verb
def close_request(*, actor: Actor, key: str, request_id: int, reason: str) -> Done:
    """Nothing more of it is to be bought: by who asked, or who orders there."""
    request = request_for(actor, request_id, lock=True)
    if request.actor_id != actor.person_id:
        check(actor, [request.place.path], may="order", thing=request.number)
    _allow(request, "close")
    if not reason.strip():
        raise Refused("reason_needed")
    withdraw("purchase_request", request.pk)
    request.state = reached("purchase_request", "close", PurchaseRequestState.CLOSED)
    request.closed_because = reason.strip()
    request.save(update_fields=["state", "closed_because"])
    return _done(request)


def take_over(actor: Actor, request_id: int, order: PurchaseOrder, lines: Sequence[OrderLine]) -> None:
    """An order takes over what its lines have in common with what is open of a request. Six statements.

    Raises :class:`Refused` where the request is not to be ordered, has nothing open of these items, or the order brings
    them to another campus than the one that asks.
    """
    request = request_for(actor, request_id, lock=True)
    _allow(request, "order")
    if campus_of(request.place) != campus_of(order.deliver_to):
        raise Refused("requested_elsewhere", thing=request.number, place=request.place.name)
    wanted = {line.item_id: line for line in request.lines.all()}
    taken = []
    for line in lines:
        asked = wanted.get(line.item_id)
        pieces = min(asked.open, line.quantity) if asked else 0
        if asked and pieces:
            asked.ordered += pieces
            taken.append(RequestOrder(line=asked, order=order, quantity=pieces))
    if not taken:
        raise Refused("nothing_requested", thing=request.number)
    RequestOrder.objects.bulk_create(taken)
    PurchaseRequestLine.objects.bulk_update(wanted.values(), ["ordered"])
    request.state = reached("purchase_request", "order", request_state(list(wanted.values())))
    request.save(update_fields=["state"])


def give_back(order: PurchaseOrder) -> None:
    """What an order had taken over of requests and does not bring any more is open again: all that is left of a cancelled
    one, what never came of a closed one, what a change or an answer gives up of a running one. One statement where it took
    nothing over."""
    taken = list(RequestOrder.objects.filter(order=order).select_related("line").order_by("line_id"))
    left = _brought(order) if taken else Counter()
    lost = [(row, gone) for row in taken if (gone := _gone(row, left))]
    if not lost:
        return
    ids = sorted({row.line.request_id for row, _gone in lost})
    # Sorted: two orders of the same requests may be cancelled at once.
    requests = {
        row.pk: row for row in PurchaseRequest.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    }
    lines = {row.pk: row for row in PurchaseRequestLine.objects.filter(request_id__in=ids)}
    for row, gone in lost:
        lines[row.line_id].ordered -= gone
        row.quantity -= gone
    PurchaseRequestLine.objects.bulk_update(lines.values(), ["ordered"])
    RequestOrder.objects.filter(pk__in=[row.pk for row, _gone in lost if not row.quantity]).delete()
    RequestOrder.objects.bulk_update([row for row, _gone in lost if row.quantity], ["quantity"])
    for request in requests.values():
        if request.state != PurchaseRequestState.CLOSED:
            state = request_state([line for line in lines.values() if line.request_id == request.pk])
            request.state = reached("purchase_request", "give_back", state)
    PurchaseRequest.objects.bulk_update(requests.values(), ["state"])


def _brought(order: PurchaseOrder) -> Counter[int]:
    """Item -> pieces that an order brought or will bring."""
    if order.state == OrderState.CANCELLED:
        return Counter()
    closed = order.state == OrderState.CLOSED
    return Counter(
        {
            line.item_id: line.received if closed else line.quantity - line.given_up
            for line in OrderLine.objects.filter(order=order)
        }
    )


def _gone(row: RequestOrder, left: Counter[int]) -> int:
    """Pieces of a row that the order does not bring; those that it does are taken from what is ``left``."""
    kept = min(row.quantity, left[row.line.item_id])
    left[row.line.item_id] -= kept
    return row.quantity - kept


def request_state(lines: Sequence[PurchaseRequestLine]) -> str:
    """The state of an approved request, from what orders took over. Pure."""
    if all(line.open == 0 for line in lines):
        return PurchaseRequestState.ORDERED
    some = any(line.ordered for line in lines)
    return PurchaseRequestState.PARTLY_ORDERED if some else PurchaseRequestState.APPROVED


def _allow(request: PurchaseRequest, verb: str) -> None:
    allow(
        "purchase_request",
        verb,
        number=request.number,
        state=request.state,
        label=request.get_state_display(),
    )


def _done(request: PurchaseRequest) -> Done:
    return Done(number=request.number, id=request.pk, state=request.state)


__all__ = [
    "Needed", "ask_for_purchase", "close_request", "estimated", "give_back", "request_state", "take_over",
]  # fmt: skip
