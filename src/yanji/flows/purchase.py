"""A supplier is asked to deliver."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item, Supplier
from yanji.ledger.api import Offence, Refused
from yanji.places.models import Kind

from .acts import Done, moment, verb
from .documents import OrderState, allow, reached
from .gates import order_for, place_at
from .models import OrderLine, PurchaseOrder
from .numbers import next_number

DELIVERED_TO = (Kind.STORE, Kind.DOCK, Kind.DEPARTMENT)


@dataclass(frozen=True, slots=True)
class Ordered:
    """One line of an order: whole pieces, at a price a piece with tax."""

    item_id: int
    quantity: int
    price: Decimal = Decimal(0)


def check_wanted(lines: Sequence[tuple[int, str]]) -> Iterator[Offence]:
    """What can be said against (item, name) lines of any document before the database is asked."""
    if not lines:
        yield Offence("empty")
    seen: set[int] = set()
    for item_id, name in lines:
        if item_id in seen:
            yield Offence("line_twice", name)
        seen.add(item_id)


def check_items(wanted: Sequence[int]) -> dict[int, Item]:
    """The items of a document's lines. Raises :class:`Refused`: none, twice, unknown or not in use any
    more."""
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
    happened_at: datetime | None = None,
) -> Done:
    """Write an order and, unless it stays a draft, place it."""
    at = moment(happened_at)
    place = place_at(actor, deliver_to_id, may="order", kinds=DELIVERED_TO)
    supplier = Supplier.objects.filter(pk=supplier_id).first()
    if supplier is None:
        raise NotFound("supplier")
    if not supplier.active:
        raise Refused("not_for_sale", thing=supplier.name)
    check_items([line.item_id for line in lines])
    order = PurchaseOrder.objects.create(
        number=next_number("PO", path=place.path, at=at),
        supplier=supplier,
        deliver_to=place,
        state=OrderState.DRAFT if draft else OrderState.PLACED,
        expected_on=expected_on,
        note=note,
        actor_id=actor.person_id,
        created_at=at,
        placed_at=None if draft else at,
    )
    OrderLine.objects.bulk_create(
        OrderLine(order=order, item_id=line.item_id, quantity=line.quantity, price=line.price)
        for line in lines
    )
    return _done(order)


@verb
def send_order(*, actor: Actor, key: str, order_id: int, happened_at: datetime | None = None) -> Done:
    """Place an order that was a draft."""
    order = order_for(actor, order_id, may="order", lock=True)
    allow("order", "place", number=order.number, state=order.state, label=order.get_state_display())
    order.state = reached("order", "place", OrderState.PLACED)
    order.placed_at = moment(happened_at)
    order.save(update_fields=["state", "placed_at"])
    return _done(order)


@verb
def close_order(*, actor: Actor, key: str, order_id: int) -> Done:
    """Expect nothing more of an order: what is outstanding is given up."""
    order = order_for(actor, order_id, may="order", lock=True)
    allow("order", "close", number=order.number, state=order.state, label=order.get_state_display())
    order.state = reached("order", "close", OrderState.CLOSED)
    order.save(update_fields=["state"])
    return _done(order)


def _done(order: PurchaseOrder) -> Done:
    return Done(number=order.number, id=order.pk, state=order.state)
