"""Back orders: what suppliers still owe, since when, and for which day they promised it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch

from yanji.access.actor import Actor
from yanji.places.models import Place

from ..documents import RUNNING
from ..models import OrderLine, PurchaseOrder
from ..queries import within
from .models import DeliveryPart, LineAnswer

MOST = 2000


@dataclass(frozen=True, slots=True)
class Due:
    """Pieces of one line still owed for one day; ``due_on`` None where no day was agreed."""

    line: OrderLine
    pieces: int
    due_on: date | None
    promised_on: date | None
    place_name: str
    today: date

    @property
    def days_late(self) -> int:
        """Whole days past the day; 0 while it has not passed."""
        return max(0, (self.today - self.due_on).days) if self.due_on else 0

    @property
    def value(self) -> Decimal:
        return self.pieces * self.line.price


@dataclass(frozen=True, slots=True)
class Planned:
    """One delivery of a line's schedule: pieces due on a day at a place, and how many of them have come. ``promised_on``: the
    supplier's word, where it was asked for."""

    due_on: date
    pieces: int
    came: int
    place_id: int
    place_name: str
    part_id: int
    slot: str
    promised_on: date | None = None

    @property
    def left(self) -> int:
        return self.pieces - self.came


def schedule(line: OrderLine, goes_to: Place) -> list[Planned]:
    """The deliveries of a line, the first day first; none where it was not divided. What came fills the earliest first.

    Pure over a line whose parts and their places are loaded. ``goes_to``: where the order goes, and so each part without
    a place of its own.
    """
    parts = sorted(line.parts.all(), key=lambda part: (part.due_on, part.pk))
    came = filled(line.received, [part.quantity for part in parts])
    return [
        Planned(
            part.due_on, part.quantity, count, (part.place or goes_to).pk, (part.place or goes_to).name, part.pk,
            part.slot,
        )
        for part, count in zip(parts, came, strict=True)
    ]  # fmt: skip


def promise(line: OrderLine) -> LineAnswer | None:
    """The last answer to a line that names a day and still stands. Pure over a line whose answers are loaded."""
    said = [answer for answer in line.answers.all() if answer.promised_on and answer.stands]
    return max(said, key=lambda answer: answer.pk, default=None)


def filled(received: int, parts: Iterable[int]) -> Iterator[int]:
    """How many pieces of each part have come: the earliest is filled first. Pure."""
    for pieces in parts:
        came = min(received, pieces)
        received -= came
        yield came


def spread(received: int, owed: int, parts: Sequence[tuple[date | None, int]]) -> Iterator[tuple[int, int]]:
    """What is left of each part (position, pieces): what came fills the earliest first, what is given up the last.

    Pure. ``owed``: pieces still to come altogether.
    """
    came = filled(received, [pieces for _day, pieces in parts])
    for position, ((_day, pieces), count) in enumerate(zip(parts, came, strict=True)):
        left = min(pieces - count, owed)
        owed -= left
        if left:
            yield position, left


def due_of(line: OrderLine, *, today: date, expected_on: date | None, place_name: str) -> list[Due]:
    """What one line still owes, by day. Pure over a line whose parts and answers are loaded."""
    parts = sorted(line.parts.all(), key=lambda part: (part.due_on, part.pk))
    days: list[tuple[date | None, int]] = [(part.due_on, part.quantity) for part in parts]
    days = days or [(expected_on, line.quantity)]
    said = promise(line)
    return [
        Due(
            line,
            left,
            days[position][0],
            said and (said.day_of(parts[position].slot) if parts else said.promised_on),
            parts[position].place.name if parts and parts[position].place else place_name,
            today,
        )
        for position, left in spread(line.received, line.awaited, days)
    ]


def loaded(orders: Iterable[PurchaseOrder]) -> dict[int, list[OrderLine]]:
    """Order -> its lines with items, parts, answers. Three statements."""
    lines = (
        OrderLine.objects.filter(order__in=[order.pk for order in orders])
        .select_related("order", "item", "contract_item__contract")
        .prefetch_related(
            Prefetch("parts", DeliveryPart.objects.select_related("place").order_by("due_on", "id")),
            Prefetch("answers", LineAnswer.objects.select_related("actor").order_by("id")),
        )
        .order_by("order_id", "id")
    )
    found: dict[int, list[OrderLine]] = {}
    for line in lines:
        found.setdefault(line.order_id, []).append(line)
    return found


def back_orders(
    actor: Actor, *, today: date, late_only: bool = False, supplier_id: int | None = None
) -> list[Due]:
    """What is owed to places where the actor sees orders, the latest first. Four statements."""
    found = PurchaseOrder.objects.filter(
        within("deliver_to", actor.scopes.get("view", ())), state__in=sorted(RUNNING)
    ).select_related("supplier", "deliver_to")
    if supplier_id:
        found = found.filter(supplier_id=supplier_id)
    orders = {order.pk: order for order in found.order_by("id")[:MOST]}
    owed = [
        due
        for order_id, lines in loaded(orders.values()).items()
        for line in lines
        for due in _of(orders[order_id], line, today)
    ]
    shown = [due for due in owed if due.days_late or not late_only]
    return sorted(shown, key=lambda due: (due.due_on is None, due.due_on or today, due.line.pk))


def _of(order: PurchaseOrder, line: OrderLine, today: date) -> list[Due]:
    line.order = order
    return due_of(line, today=today, expected_on=order.expected_on, place_name=order.deliver_to.name)
