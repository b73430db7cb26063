"""How right the ledger was, over time: by store and class.

Inventory record accuracy is the share of what was looked at that was exactly as recorded: right / checked, here by piece
- the right thing, in the right place, in a status in which it can lie there (R. B. Brooks and L. W. Wilson, Inventory
Record Accuracy, 2nd ed., Wiley 2007). Beside it the same by value: 1 - value off / value looked at. A
difference whose entry was taken back since is known no more: it counts neither as looked at nor as wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Name

SQL = """
SELECT date_trunc('month', c.posted_at AT TIME ZONE %(zone)s)::date, c.place_id, ARRAY[p.name_zh, p.name_en], ci.abc,
       count(DISTINCT c.id), sum(ci.checked - least(coalesce(b.pieces, 0), ci.checked - ci.right)), sum(ci.right),
       sum(ci.value - least(coalesce(b.value, 0), ci.value_off)),
       sum(ci.value_off - least(coalesce(b.value, 0), ci.value_off))
  FROM flows_count c
  JOIN flows_counteditem ci ON ci.count_id = c.id
  JOIN places_place p ON p.id = c.place_id
  LEFT JOIN (SELECT v.count_id, v.item_id, sum(v.undone) AS pieces, sum(round(v.value * v.undone / v.pieces, 2)) AS value
               FROM flows_variance v WHERE v.undone > 0 GROUP BY 1, 2) b
         ON b.count_id = c.id AND b.item_id = ci.item_id
 WHERE c.state = 'posted' AND c.posted_at >= %(since)s AND p.path LIKE ANY (%(paths)s)
 GROUP BY 1, 2, 3, 4
 ORDER BY 1, 2, 4
"""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """One month of one counted place and class."""

    month: date
    place_id: int
    place_name: Name
    abc: str
    counts: int
    checked: int
    right: int
    value: Decimal
    value_off: Decimal

    @property
    def share(self) -> Decimal:
        """Pieces right, 0 to 1."""
        return Decimal(self.right) / self.checked if self.checked else Decimal(1)


@dataclass(frozen=True, slots=True)
class Sum:
    """Several rows together. ``share`` and ``value_share`` are None where nothing was looked at."""

    checked: int = 0
    right: int = 0
    value: Decimal = Decimal(0)
    value_off: Decimal = Decimal(0)

    @property
    def share(self) -> Decimal | None:
        return Decimal(self.right) / self.checked if self.checked else None

    @property
    def value_share(self) -> Decimal | None:
        return max(Decimal(0), 1 - self.value_off / self.value) if self.value else None

    @property
    def percent(self) -> Decimal | None:
        return None if self.share is None else (100 * self.share).quantize(Decimal("0.1"))

    @property
    def value_percent(self) -> Decimal | None:
        return None if self.value_share is None else (100 * self.value_share).quantize(Decimal("0.1"))


def accuracy(actor: Actor, *, since: datetime, path: str = "") -> list[Accuracy]:
    """By month, counted place and class, oldest first; only places that the actor sees. One statement."""
    paths = [seen for seen in actor.scopes.get("view", ()) if not path or seen.startswith(path)]
    paths += [path] if path and actor.may("view", path) else []
    if not paths:
        return []
    asked = {
        "zone": timezone.get_current_timezone_name(),
        "since": since,
        "paths": [f"{each}%" for each in paths],
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL, asked)
        return [Accuracy(*(*row[:2], tuple(row[2]), *row[3:])) for row in cursor.fetchall()]


def together(rows: Sequence[Accuracy]) -> Sum:
    """The share of all of it: pieces weigh alike, whatever month or store they stem from. Pure."""
    return Sum(
        sum(row.checked for row in rows),
        sum(row.right for row in rows),
        sum((row.value for row in rows), Decimal(0)),
        sum((row.value_off for row in rows), Decimal(0)),
    )
