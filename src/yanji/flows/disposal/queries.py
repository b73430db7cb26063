"""Scrap papers that somebody sees, what is lost and for how long, and what was destroyed in a month, by reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from yanji.access.actor import Actor

from ..queries import within
from .lost_lots import LOST_FOR
from .models import Disposal, DisposalLine, DisposalVoid

OPEN_DISPOSALS = ("awaiting", "approved", "destroyed")


def disposals(actor: Actor, *, states: Sequence[str] = (), limit: int = 200) -> list[Disposal]:
    """Scrap papers of the places that the actor sees, latest first, with pieces (``pieces``). One statement."""
    found = Disposal.objects.filter(within("place", actor.scopes.get("view", ())))
    found = found.filter(state__in=states) if states else found
    found = found.select_related("place", "actor").annotate(pieces=Sum("lines__quantity"))
    return list(found.order_by("-id")[:limit])


def voids_of(disposal: Disposal) -> QuerySet[DisposalVoid]:
    """What stood on a paper and was taken back, oldest first. One statement."""
    return disposal.voids.select_related("actor", "second", "done_by", "witness").order_by("id")


@dataclass(frozen=True, slots=True)
class LostUnit:
    """A unit that is lost: from where, since when, what it cost, and on which paper it stands already."""

    epc: str
    serial: str
    item: tuple[str, str]
    place_id: int
    place: tuple[str, str]
    since: datetime
    cost: Decimal
    paper: str
    written_off: bool


LOST = """
SELECT * FROM (
SELECT DISTINCT ON (u.id) u.epc, u.serial, ARRAY[i.name_zh, i.name_en], p.id, ARRAY[p.name_zh, p.name_en], lost.happened_at,
       u.cost, coalesce((SELECT d.number FROM flows_disposalline dl JOIN flows_disposal d ON d.id = dl.disposal_id
                          WHERE dl.unit_id = u.id AND d.kind = 'write_off'
                            AND d.state IN ('awaiting', 'approved', 'written_off') LIMIT 1), ''),
       EXISTS (SELECT 1 FROM flows_disposalline dl JOIN flows_disposal d ON d.id = dl.disposal_id
                WHERE dl.unit_id = u.id AND d.kind = 'write_off' AND d.state = 'written_off'), p.path
  FROM ledger_level le
  JOIN ledger_unit u ON u.lot_id = le.lot_id AND u.status = 'lost'
  JOIN catalog_item i ON i.id = u.item_id
  JOIN ledger_movement last ON last.unit_id = u.id AND last.seq = u.seq
  JOIN ledger_event lost ON lost.id = last.event_id
  JOIN ledger_movement m ON m.unit_id = u.id
  JOIN places_place p ON p.id = m.from_place_id AND p.parent_id IS NOT NULL
 WHERE le.status = 'lost' AND le.quantity > 0
 ORDER BY u.id, m.seq DESC) found
 WHERE path LIKE ANY (%s) ORDER BY happened_at, epc LIMIT 500
"""


def lost_units(actor: Actor) -> list[LostUnit]:
    """What is lost from the places where the actor counts, longest first. One statement."""
    paths = [f"{path}%" for path in actor.scopes.get("count", ())]
    if not paths:
        return []
    with connection.cursor() as cursor:
        cursor.execute(LOST, (paths,))
        return [
            LostUnit(*(*row[:2], tuple(row[2]), row[3], tuple(row[4]), *row[5:9]))
            for row in cursor.fetchall()
        ]


def may_be_written_off(unit: LostUnit, *, now: datetime) -> bool:
    """Lost long enough, and on no paper yet. Pure."""
    return not unit.paper and now - unit.since >= LOST_FOR


@dataclass(frozen=True, slots=True)
class Total:
    """What a month cost, for one reason; ``voided``: what was written off in an earlier month and voided in this one, below
    zero."""

    kind: str
    reason: str
    papers: int
    pieces: int
    value: Decimal
    voided: bool = False


def statement(actor: Actor, month: date) -> list[Total]:
    """What was destroyed and written off in a calendar month, by kind and reason, dearest first. Three statements.

    A month that is over stays as it was reported: a write-off that is voided in a later one stands in both.
    """
    first = month.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    zone = timezone.get_current_timezone()
    start, end = (datetime.combine(day, time(), tzinfo=zone) for day in (first, following))
    lines = DisposalLine.objects.filter(within("disposal__place", actor.scopes.get("view", ())))
    what = {"disposal__voids__what": DisposalVoid.What.WRITE_OFF}
    done = lines.filter(disposal__done_at__gte=start, disposal__done_at__lt=end)
    later = lines.filter(
        disposal__voids__done_at__gte=start,
        disposal__voids__done_at__lt=end,
        disposal__voids__at__gte=end,
        **what,
    )
    earlier = lines.filter(
        disposal__voids__at__gte=start,
        disposal__voids__at__lt=end,
        disposal__voids__done_at__lt=start,
        **what,
    )
    stood: dict[tuple[str, str], Total] = {}
    for each in (*_totals(done), *_totals(later)):
        known = stood.get((each.kind, each.reason))
        stood[each.kind, each.reason] = _both(known, each) if known else each
    voided = [replace(each, pieces=-each.pieces, value=-each.value, voided=True) for each in _totals(earlier)]
    return sorted([*stood.values(), *voided], key=lambda each: -each.value)


def _totals(lines: QuerySet[DisposalLine]) -> list[Total]:
    sums = lines.order_by().values_list("disposal__kind", "disposal__reason")
    return [
        Total(*row) for row in sums.annotate(Count("disposal", distinct=True), Sum("quantity"), Sum("value"))
    ]


def _both(one: Total, other: Total) -> Total:
    papers, pieces = one.papers + other.papers, one.pieces + other.pieces
    return replace(one, papers=papers, pieces=pieces, value=one.value + other.value)
