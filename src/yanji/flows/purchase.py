"""A supplier is asked to deliver."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item, Supplier
from yanji.ledger.api import Offence, Refused

from .acts import Done, moment, verb
from .approval import withdraw, worked_on
from .buying.ending import end_order
from .buying.placing import (
    DELIVERED_TO,
    Ordered,
    Part,
    agreed_day,
    check_expected,
    check_part_days,
    check_part_places,
    check_planned_days,
    place,
    prices,
    write_lines,
)
from .buying.requests import take_over
from .documents import AWAITED, allow, reached
from .gates import order_for, place_at
from .models import PurchaseOrder
from .notice_withdrawn import withdraw as withdraw_notice_of
from .numbers import next_number
from .states import OrderState

__all__ = [
    "Ordered", "Part", "cancel_order", "check_items", "check_wanted", "close_order", "place_order", "send_order",
    "withdraw_order",
]  # fmt: skip


def check_wanted(lines: Sequence[tuple[int, str]]) -> Iterator[Offence]:
    """What can be said against (item, name) lines of any document before the database is asked."""
    if not lines:
        yield Offence("empty")
    seen: set[int] = set()
    for item_id, name in lines:
        if item_id in seen:
            yield Offence("line_twice", name)
        seen.add(item_id)


def check_items(wanted: Sequence[int], items: Mapping[int, Item] | None = None) -> Mapping[int, Item]:
    """The items of a document's lines. Raises :class:`Refused`: none, twice, unknown or not in use any
    more. One statement, none where the ``items`` are known."""
    if items is None:
        items = Item.objects.in_bulk(sorted(set(wanted)))
    named = [(item_id, items[item_id].name if item_id in items else f"item {item_id}") for item_id in wanted]
    offences = list(check_wanted(named))
    offences += [Offence("unknown_item", name) for item_id, name in named if item_id not in items]
    offences += [
        Offence("not_for_sale", name)
        for item_id, name in named
        if item_id in items and not items[item_id].active
    ]
    if offences:
        raise Refused.of(offences)
    return items


@verb
def place_order(
    *,
    actor: Actor,
    key: str,
    supplier_id: int,
    deliver_to_id: int,
    lines: Sequence[Ordered],
    expected_on: date | None = None,
    note: str = "",
    draft: bool = False,
    request_id: int | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Write an order and, unless it stays a draft, place it; by the hospital's rules it may wait for approval first.

    ``request_id``: the purchase request whose open lines it takes over. Raises :class:`Refused`: a price off the
    contract without a reason, none at all, a contract used up, papers that have lapsed, goods expected on a day before
    the order's, or on another than its deliveries end. Prices and papers are today's
    whatever day is said: an order written down late is judged by what is known when it is written.
    """
    at = moment(happened_at)
    to = place_at(actor, deliver_to_id, may="order", kinds=DELIVERED_TO)
    supplier = Supplier.objects.filter(pk=supplier_id).first()
    if supplier is None:
        raise NotFound("supplier")
    if not supplier.active:
        raise Refused("not_for_sale", thing=supplier.name)
    check_expected(expected_on, timezone.localdate(at))
    items = check_items([line.item_id for line in lines])
    check_part_days(lines, items, timezone.localdate(at))
    expected_on = agreed_day(expected_on, lines, items)
    check_part_places(lines, actor=actor)
    settled = prices(lines, items, supplier.pk, to.path, timezone.localdate())
    order = PurchaseOrder.objects.create(
        number=next_number("PO", path=to.path, at=at),
        supplier=supplier,
        deliver_to=to,
        expected_on=expected_on,
        note=note,
        actor_id=actor.person_id,
        created_at=at,
    )
    worked_on("order", order.pk, actor.person_id)
    written = write_lines(order, lines, settled)
    if request_id is not None:
        take_over(actor, request_id, order, written)
    return _done(order, {} if draft else place(order, at=at))


@verb
def send_order(*, actor: Actor, key: str, order_id: int, happened_at: datetime | None = None) -> Done:
    """Place an order that was a draft; who places it asks for it from now on, and none of those who wrote it approves it."""
    order = order_for(actor, order_id, may="order", lock=True)
    at = moment(happened_at)
    if order.state == OrderState.DRAFT:
        check_expected(order.expected_on, timezone.localdate(at))
        check_planned_days(order, timezone.localdate(at))
    order.actor_id = actor.person_id
    order.save(update_fields=["actor"])
    worked_on("order", order.pk, actor.person_id)
    return _done(order, place(order, at=at))


@verb
def withdraw_order(*, actor: Actor, key: str, order_id: int) -> Done:
    """An order that waits for approval becomes a draft again, to be changed."""
    order = order_for(actor, order_id, may="order", lock=True)
    allow("order", "withdraw", number=order.number, state=order.state, label=order.get_state_display())
    withdraw("order", order.pk)
    order.state = reached("order", "withdraw", OrderState.DRAFT)
    order.save(update_fields=["state"])
    return _done(order)


@verb
def close_order(*, actor: Actor, key: str, order_id: int, reason: str = "") -> Done:
    """Expect nothing more of an order: what is outstanding is given up, and somebody says why."""
    order = order_for(actor, order_id, may="order", lock=True)
    allow("order", "close", number=order.number, state=order.state, label=order.get_state_display())
    owed = order.state != OrderState.DRAFT and any(line.outstanding for line in order.lines.all())
    if owed and not reason.strip():
        raise Refused("close_reason_needed", thing=order.number)
    end_order(order, "close", OrderState.CLOSED, reason)
    return _done(order)


@verb
def cancel_order(*, actor: Actor, key: str, order_id: int, reason: str) -> Done:
    """Take an order back of which nothing has come: what it had taken over of requests and contracts is free again, and
    what was announced for it is withdrawn."""
    order = order_for(actor, order_id, may="order", lock=True)
    allow("order", "cancel", number=order.number, state=order.state, label=order.get_state_display())
    if not reason.strip():
        raise Refused("reason_needed")
    if order.receipts.filter(voided_at__isnull=True).exists():
        raise Refused("cancel_received", thing=order.number)
    for notice in order.notices.filter(state__in=AWAITED):
        withdraw_notice_of(notice, actor=actor, reason=reason.strip())
    end_order(order, "cancel", OrderState.CANCELLED, reason)
    return _done(order)


def _done(order: PurchaseOrder, facts: dict[str, list[str]] | None = None) -> Done:
    return Done(number=order.number, id=order.pk, state=order.state, facts=facts or {})
