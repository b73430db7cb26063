"""ABC classes: how often an item deserves to be counted follows from the value that is used of it.

Items are sorted by the value used in a window (here: what went to patients or was used up in the last 365 days, at
cost), the largest first. An item is A while those before it stand for less than 80 % of the total, B while less than
95 %, else C. What was not used at all is C. Source: H. F. Dickie, "ABC Inventory Analysis Shoots for Dollars, not
Pennies", Factory Management and Maintenance 109(7), July 1951, 92-94; the 80 and 95 % are the customary cuts of the
Pareto curve. Judged by the share *before* the item, so that one item which is everything is an A.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import CLOCK_SLACK
from yanji.places.models import Kind, Place

from ..acts import Done, verb
from ..gates import place_at
from .models import ItemClass

WINDOW = timedelta(days=365)
A_UP_TO, B_UP_TO = Decimal("0.80"), Decimal("0.95")
SHARE = Decimal("0.00001")
# What ended in or on a patient, was used up, or was opened for one; and came from the campus.
USED = """
SELECT lo.item_id, sum(m.value)
  FROM ledger_event e
  JOIN ledger_movement m ON m.event_id = e.id
  JOIN places_place f ON f.id = m.from_place_id
  JOIN ledger_lot lo ON lo.id = m.lot_id
 WHERE e.id >= %(first)s AND e.happened_at >= %(since)s AND e.step IN ('use', 'consume', 'waste')
   AND f.path LIKE %(path)s
   AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)
 GROUP BY lo.item_id
"""


@dataclass(frozen=True, slots=True)
class Classed:
    """One item's class: the value used of it, and the share of the total that the items before it stand for."""

    item_id: int
    abc: str
    value_used: Decimal
    share_before: Decimal


def classes(used: Mapping[int, Decimal]) -> list[Classed]:
    """The class of every item of which something was used, the largest value first. Pure."""
    total = sum((value for value in used.values() if value > 0), Decimal(0))
    before, found = Decimal(0), []
    for item, value in sorted(used.items(), key=lambda pair: (-pair[1], pair[0])):
        share = (before / total if total else Decimal(1)).quantize(SHARE)
        abc = "C" if value <= 0 or share >= B_UP_TO else "B" if share >= A_UP_TO else "A"
        found.append(Classed(item, abc, value, share))
        before += max(value, Decimal(0))
    return found


@verb
def classify(*, actor: Actor, key: str, campus_id: int) -> Done:
    """Compute a campus's classes anew from the value used there. ``facts``: items by class."""
    campus = place_at(actor, campus_id, may="count", kinds=(Kind.CAMPUS,))
    found = _classified(campus.pk, campus.path, timezone.now())
    counted = [each.abc for each in found]
    return Done(campus.code, campus.pk, facts={abc: counted.count(abc) for abc in "ABC"})


def classify_all(now: datetime) -> int:
    """Every campus's classes anew, for the night's duty; how many items were classed. A few statements a campus."""
    with transaction.atomic():
        campuses = Place.objects.filter(kind=Kind.CAMPUS, active=True).values_list("pk", "path")
        return sum(len(_classified(key, path, now)) for key, path in campuses)


def _classified(campus_id: int, path: str, now: datetime) -> list[Classed]:
    since = now - WINDOW
    # An event's id begins with the milliseconds at which it was recorded (RFC 9562, 5.7): the window is one index range.
    first = UUID(int=max(0, int((since - CLOCK_SLACK).timestamp() * 1000)) << 80)
    with connection.cursor() as cursor:
        cursor.execute(USED, {"first": first, "since": since, "path": f"{path}%"})
        found = classes(dict(cursor.fetchall()))
    ItemClass.objects.filter(campus_id=campus_id).delete()
    ItemClass.objects.bulk_create(
        ItemClass(
            campus_id=campus_id,
            item_id=each.item_id,
            abc=each.abc,
            value_used=each.value_used,
            share_before=each.share_before,
            computed_at=now,
        )
        for each in found
    )
    return found
