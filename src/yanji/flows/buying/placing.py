"""What every way into an order shares: prices settled, papers and contracts looked at, approval asked, parts kept."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.ledger.api import Offence, Refused
from yanji.places.models import Kind, Place

from ..approval import ask, by_hand, decided, took_part
from ..documents import allow, reached
from ..gates import check
from ..models import OrderLine, PurchaseOrder
from ..states import ChangeState, OrderState
from ..validity import Findings, Goods, Stage, check_papers
from .models import DeliveryPart
from .pricing import (
    Offer,
    Settled,
    check_limits,
    locked,
    not_in_force,
    off_contract,
    offers,
    settle,
    unpriced,
)

DELIVERED_TO = (Kind.STORE, Kind.DOCK, Kind.DEPARTMENT)


@dataclass(frozen=True, slots=True)
class Part:
    """Pieces of a line due on one day, at one place (none: where the order goes)."""

    due_on: date
    quantity: int
    place_id: int | None = None


@dataclass(frozen=True, slots=True)
class Ordered:
    """One line of an order: whole pieces, at a price a piece with tax; without one, at the contract's or catalogue's.

    ``reason``: why the price is not the contract's. ``parts``: several days or places; they add up to the quantity.
    """

    item_id: int
    quantity: int
    price: Decimal | None = None
    reason: str = ""
    parts: Sequence[Part] = ()


def prices(
    lines: Sequence[Ordered], items: Mapping[int, Item], supplier_id: int, path: str, day: date
) -> list[Settled]:
    """The price of each line. Raises :class:`Refused` where one leaves a contract without saying why."""
    offered = offers(supplier_id, path, [line.item_id for line in lines], day)
    found = [settle(line.price, line.reason, line.quantity, offered[line.item_id]) for line in lines]
    said = [
        off_contract(items[line.item_id].name, settled, offered[line.item_id].contract)
        for line, settled in zip(lines, found, strict=True)
    ]
    offences = [offence for offence in said if offence]
    offences += check_parts(lines, items)
    if offences:
        raise Refused.of(offences)
    return found


def check_parts(lines: Iterable[Ordered], items: Mapping[int, Item]) -> Iterator[Offence]:
    """Parts that do not add up to their line, or name one day and place twice. Pure."""
    for line in lines:
        name = items[line.item_id].name
        planned = sum(part.quantity for part in line.parts)
        if line.parts and planned != line.quantity:
            yield Offence("parts_do_not_add_up", name, {"planned": planned, "quantity": line.quantity})
        twice = Counter((part.due_on, part.place_id) for part in line.parts)
        if any(count > 1 for count in twice.values()):
            yield Offence("part_twice", name)


def write_lines(
    order: PurchaseOrder, lines: Sequence[Ordered], settled: Sequence[Settled]
) -> list[OrderLine]:
    """The lines of a new order, with their delivery parts. Two statements at most three."""
    written = OrderLine.objects.bulk_create(lines_of(order, lines, settled))
    write_parts((row, line.parts) for row, line in zip(written, lines, strict=True))
    return written


def lines_of(order: PurchaseOrder, lines: Sequence[Ordered], settled: Sequence[Settled]) -> list[OrderLine]:
    """The lines of a new order, not yet written. Pure."""
    return [
        OrderLine(order=order, item_id=line.item_id, quantity=line.quantity, **columns(price))
        for line, price in zip(lines, settled, strict=True)
    ]


def columns(settled: Settled) -> dict[str, Any]:
    """A settled price as the columns of an order's line."""
    return {
        "price": settled.price,
        "contract_item_id": settled.contract_item_id,
        "contract_price": settled.contract_price,
        "price_reason": settled.reason,
        "tolerance": settled.tolerance,
    }


def check_expected(day: date | None, today: date) -> None:
    """Raises :class:`Refused` where goods are expected on a day that is over as they are ordered."""
    if day is not None and day < today:
        raise Refused("expected_past", thing=f"{day:%Y-%m-%d}", today=f"{today:%Y-%m-%d}")


def agreed_day(expected_on: date | None, lines: Sequence[Ordered], items: Mapping[int, Item]) -> date | None:
    """The day by which all of an order is expected: where every line is divided and nobody names one, its last delivery.

    Pure. Raises :class:`Refused` where the day and the deliveries contradict each other.
    """
    due = [(part.due_on, items[line.item_id].name) for line in lines for part in line.parts]
    if not due:
        return expected_on
    last, divided = max(day for day, _name in due), all(line.parts for line in lines)
    if expected_on is None:
        return last if divided else None
    facts = {"expected": expected_on.isoformat()}
    if late := [(day, name) for day, name in due if day > expected_on]:
        raise Refused.of(
            Offence("part_after_expected", name, {"day": f"{day}", **facts}) for day, name in late
        )
    if divided and last < expected_on:
        raise Refused("expected_after_parts", day=last.isoformat(), **facts)
    return expected_on


def check_part_days(
    lines: Iterable[Ordered], items: Mapping[int, Item], today: date, *, of: PurchaseOrder | None = None
) -> None:
    """Raises :class:`Refused` for parts due on a day that is over. ``of``: the order that is changed; what it planned for such a
    day already may stay. One statement where there are such parts of a changed order, else none."""
    past = [(line.item_id, part.due_on) for line in lines for part in line.parts if part.due_on < today]
    if past and of is not None:
        rows = DeliveryPart.objects.filter(line__order=of, due_on__lt=today)
        planned = set(rows.values_list("line__item_id", "due_on"))
        past = [each for each in past if each not in planned]
    if past:
        raise Refused.of(part_past(items[item_id].name, day, today) for item_id, day in past)


def part_past(name: str, day: date, today: date) -> Offence:
    """What is said of a delivery that was due before today."""
    return Offence("part_past", name, {"day": f"{day:%Y-%m-%d}", "today": f"{today:%Y-%m-%d}"})


def check_planned_days(order: PurchaseOrder, today: date) -> None:
    """The same for the parts of a draft that is placed now. One statement."""
    past = DeliveryPart.objects.filter(line__order=order, due_on__lt=today).select_related("line__item")
    if found := [part_past(part.line.item.name, part.due_on, today) for part in past.order_by("pk")]:
        raise Refused.of(found)


def check_part_places(lines: Iterable[Ordered], *, actor: Actor | None = None) -> None:
    """Raises :class:`Refused` for parts that go to places that do not exist, are closed, take no deliveries, or where the
    actor does not order; without an actor, who may was judged before. One statement, none without such parts."""
    wanted = {part.place_id for line in lines for part in line.parts if part.place_id}
    places = list(Place.objects.filter(pk__in=wanted)) if wanted else []
    if len(places) != len(wanted):
        raise Refused("unknown_place")
    for place in places:
        if actor is not None:
            check(actor, [place.path], may="order", thing=place.name)
        if not place.active or place.kind not in DELIVERED_TO:
            raise Refused("bad_document_place", thing=place.name)


def write_parts(planned: Iterable[tuple[OrderLine, Sequence[Part]]]) -> None:
    parts = [
        DeliveryPart(line=row, due_on=part.due_on, place_id=part.place_id, quantity=part.quantity)
        for row, several in planned
        for part in several
    ]
    if parts:
        DeliveryPart.objects.bulk_create(parts)


def amount_of(lines: Iterable[OrderLine]) -> Decimal:
    """What an order comes to, tax included. Pure."""
    return sum((line.quantity * line.price for line in lines), Decimal(0))


def by_contract(lines: Iterable[OrderLine]) -> dict[int, Decimal]:
    """Contract -> value that these lines call off. Lines come with their contract's row."""
    total: dict[int, Decimal] = {}
    for line in lines:
        if line.contract_item_id is not None:
            contract = line.contract_item.contract_id
            total[contract] = total.get(contract, Decimal(0)) + line.quantity * line.price
    return total


def place(order: PurchaseOrder, *, at: datetime) -> dict[str, list[str]]:
    """A draft becomes an order, or waits for approval; warnings about papers as facts. See :func:`check_placing`."""
    allow("order", "place", number=order.number, state=order.state, label=order.get_state_display())
    lines = lines_to_place(order)
    found = check_placing(order, lines)
    waits = ask(
        "order",
        order.pk,
        number=order.number,
        path=order.deliver_to.path,
        amount=amount_of(lines),
        requester_id=order.actor_id,
    )
    order.state = reached("order", "place", OrderState.WAITING if waits else OrderState.PLACED)
    order.placed_at = None if waits else at
    order.save(update_fields=["state", "placed_at"])
    return found.facts()


def lines_to_place(order: PurchaseOrder) -> list[OrderLine]:
    """An order's lines with all that placing it looks at. One statement."""
    return list(order.lines.select_related("item", "contract_item__contract").order_by("pk"))


def check_placing(
    order: PurchaseOrder,
    lines: Sequence[OrderLine],
    *,
    more: Sequence[OrderLine] | None = None,
    counted: bool = False,
) -> Findings:
    """Whether these lines may be ordered today: what is placed may be older than what it says.

    Raises :class:`Refused`: no price and no reason why, a contract that ended or is used up; for the lines of which
    ``more`` is ordered (all, unless said), a supplier or an item no longer in use, papers that have lapsed and must not.
    ``counted``: the contracts count the order already.
    """
    day, called, asked = timezone.localdate(), by_contract(lines), lines if more is None else more
    # Locked before they are judged: nobody ends a contract, or takes its last, between the look and the commit.
    held = locked(called)
    found = check_papers(Stage.ORDER, [Goods(line.item_id, order.supplier_id) for line in asked], day=day)
    gone = [] if order.supplier.active or not asked else [order.supplier.name]
    gone += [line.item.name for line in asked if not line.item.active]
    offences = [Offence("not_for_sale", name) for name in gone]
    offences += [
        Offence("no_price", line.item.name)
        for line in lines
        if unpriced(line.price, line.contract_price, line.price_reason)
    ]
    offences += not_in_force(lines, held, day)
    offences += [*found.offences, *check_limits(called, held, already=called if counted else {})]
    if offences:
        raise Refused.of(offences)
    return found


@took_part("order")
def _worked_on_by(person_id: int) -> QuerySet[PurchaseOrder]:
    return PurchaseOrder.objects.filter(pk__in=by_hand("order", person_id))


@decided("order")
def _decided(order_id: int, approved: bool, actor: Actor) -> None:
    """An order that waited is placed, or a draft again; a change that waited comes into force, or is dropped."""
    from .changing import change_decided

    order = (
        PurchaseOrder.objects.select_for_update(of=("self",))
        .select_related("deliver_to", "supplier")
        .get(pk=order_id)
    )
    change = order.changes.filter(state=ChangeState.WAITING).first()
    if change is not None:
        change_decided(order, change, approved=approved)
        return
    verb = "approve" if approved else "refuse"
    allow("order", verb, number=order.number, state=order.state, label=order.get_state_display())
    if approved:
        check_placing(order, lines_to_place(order), counted=True)
    order.state = reached("order", verb, OrderState.PLACED if approved else OrderState.DRAFT)
    order.placed_at = timezone.now() if approved else None
    order.save(update_fields=["state", "placed_at"])


__all__ = [
    "DELIVERED_TO", "Offer", "Ordered", "Part", "amount_of", "by_contract", "check_part_places", "check_parts", "check_placing",
    "columns", "lines_to_place", "place", "prices", "write_lines", "write_parts",
]  # fmt: skip
