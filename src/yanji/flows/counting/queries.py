"""What pages and interfaces ask of counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Count as Tally
from django.db.models import Q, QuerySet, Sum

from yanji.access.actor import Actor
from yanji.ledger.api import IN_HAND, Name

from ..queries import within
from .judge import POSTABLE
from .models import Count, CountScan, Variance
from .scan import effective
from .scope import SCOPE, asked

LATEST = 6


def counts(actor: Actor, *, states: Sequence[str] = (), limit: int = 100) -> list[Count]:
    """Counts of places that the actor sees, latest first. One statement."""
    found = Count.objects.filter(within("place", actor.scopes.get("view", ())))
    found = found.filter(state__in=states) if states else found
    return list(found.select_related("place", "actor", "submitted_by").order_by("-pk")[:limit])


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a count is: things seen in this round, codes nobody knows, and pieces that the ledger says are there now."""

    units: int
    pieces: int
    unknown: int
    expected: int

    @property
    def seen(self) -> int:
        return self.units + self.pieces

    @property
    def percent(self) -> int:
        return min(100, 100 * self.seen // self.expected) if self.expected else 0


def progress(count: Count) -> Progress:
    """Two statements."""
    # A thing seen twice, here and then there, is one thing.
    found = effective(count).aggregate(
        units=Tally("unit", distinct=True),
        pieces=Sum("quantity", filter=Q(kind=CountScan.Kind.LOT), default=0),
        unknown=Tally("pk", filter=Q(kind=CountScan.Kind.UNKNOWN)),
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(sum(le.quantity), 0) {SCOPE}", asked(count))
        [(expected,)] = cursor.fetchall()
    return Progress(**found, expected=int(expected))


TOTALS = f"""
WITH held AS (SELECT lo.item_id, sum(le.quantity) AS pieces {SCOPE} GROUP BY lo.item_id),
scans AS (SELECT s.item_id, count(DISTINCT s.unit_id) + coalesce(sum(s.quantity) FILTER (WHERE s.kind = 'lot'), 0) AS seen
            FROM flows_countscan s
           WHERE s.count_id = %(count)s AND s.kind IN ('unit', 'lot')
             AND NOT EXISTS (SELECT 1 FROM flows_countscan r WHERE r.replaces_id = s.id)
           GROUP BY s.item_id)
SELECT i.id, i.code, ARRAY[i.name_zh, i.name_en], i.model, coalesce(h.pieces, 0), coalesce(s.seen, 0)
  FROM held h FULL JOIN scans s ON s.item_id = h.item_id
  JOIN catalog_item i ON i.id = coalesce(h.item_id, s.item_id)
 ORDER BY coalesce(h.pieces, 0) - coalesce(s.seen, 0) DESC, i.code
"""


@dataclass(frozen=True, slots=True)
class ItemTotal:
    """One item of a running count. ``expected`` is what the ledger says lies there now: it changes as the store works."""

    item_id: int
    code: str
    name: Name
    model: str
    expected: int
    seen: int

    @property
    def open(self) -> int:
        return max(0, self.expected - self.seen)


def totals(count: Count) -> list[ItemTotal]:
    """Items with what is open, the most first; in a blind count without what the ledger says. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, asked(count))
        rows = [
            ItemTotal(key, code, tuple(name), model, 0 if count.blind else int(expected), int(seen))
            for key, code, name, model, expected, seen in cursor.fetchall()
        ]
    return [row for row in rows if row.seen or not count.blind]


def latest_scans(count: Count, actor: Actor, limit: int = LATEST) -> list[CountScan]:
    """The last few that this person scanned in this round and that hold, latest first. One statement."""
    found = effective(count).filter(actor_id=actor.person_id, round=count.round)
    return list(found.select_related("item", "place", "unit", "lot").order_by("-pk")[:limit])


@dataclass(frozen=True, slots=True)
class Summary:
    """Variances of one kind: how many, pieces and value, and how many of them are to be decided: none where nothing
    can be posted; ``undone``: pieces whose entry was taken back."""

    kind: str
    label: str
    count: int
    pieces: int
    value: Decimal
    undecided: int
    undone: int


def variances_of(count: Count) -> QuerySet[Variance]:
    """The variances of the last closed round, by kind, then place and item."""
    shown = count.round if count.state != "recount" else count.round - 1
    return (
        count.variances.filter(round=shown)
        .select_related(
            "unit", "lot", "item", "owner", "book_place", "seen_place", "decided_by", "undone_event__actor"
        )
        .order_by("kind", "book_place__path", "item__code", "pk")
    )


def summaries(count: Count) -> list[Summary]:
    """By kind, in the order of the kinds. One statement."""
    rows = {
        row["kind"]: row
        for row in variances_of(count)
        .order_by()
        .values("kind")
        .annotate(
            n=Tally("pk"),
            much=Sum("pieces"),
            worth=Sum("value"),
            back=Sum("undone"),
            undecided=Tally("pk", filter=Q(decision__in=("", "recount"), kind__in=sorted(POSTABLE))),
        )
    }
    return [
        Summary(kind, str(label), row["n"], row["much"], row["worth"], row["undecided"], row["back"])
        for kind, label in Variance.Kind.choices
        if (row := rows.get(kind))
    ]


@dataclass(frozen=True, slots=True)
class OwnerMissing:
    """What a supplier owns and nobody found: title must pass to the hospital, or the supplier be told."""

    name: str
    pieces: int
    value: Decimal
    codes: list[str] = field(default_factory=list)


def missing_of_suppliers(count: Count) -> list[OwnerMissing]:
    """Consigned goods that are missing, by supplier. One statement."""
    found: dict[int, OwnerMissing] = {}
    kinds = (Variance.Kind.MISSING, Variance.Kind.LOT_SHORT)
    for each in variances_of(count).filter(kind__in=kinds, owner__isnull=False):
        before = found.get(each.owner_id)
        codes = [*(before.codes if before else ()), each.code]
        pieces, value = (before.pieces, before.value) if before else (0, Decimal(0))
        found[each.owner_id] = OwnerMissing(each.owner.name, pieces + each.pieces, value + each.value, codes)
    return sorted(found.values(), key=lambda each: -each.value)


@dataclass(frozen=True, slots=True)
class LastMove:
    """The last entry of a unit that had it in hand: who had it last, when and for what."""

    step: str
    at: datetime
    actor: Name


def last_moves(unit_ids: Sequence[int]) -> dict[int, LastMove]:
    """Unit -> its last entry in hand. One statement, none for no unit."""
    if not unit_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT ON (m.unit_id) m.unit_id, e.step, e.happened_at, ARRAY[a.name_zh, a.name_en]
                 FROM ledger_movement m
                 JOIN ledger_event e ON e.id = m.event_id
                 JOIN access_person a ON a.id = e.actor_id
                WHERE m.unit_id = ANY (%s) AND {IN_HAND} ORDER BY m.unit_id, m.seq DESC""",
            (list(unit_ids),),
        )
        return {unit: LastMove(step, at, tuple(name)) for unit, step, at, name in cursor.fetchall()}
