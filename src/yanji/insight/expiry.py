"""How far away the expiry of what lies in the house is: seven bins, from past to beyond a year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from yanji.ledger.api import IN_STOCK

# The last day of each bin, counted from today; what lies beyond, or never expires, is the last bin.
BIN_DAYS = (-1, 30, 60, 90, 180, 365)

BINS = """
SELECT width_bucket(coalesce(lo.expiry, 'infinity'), %(edges)s::date[]), sum(le.quantity), sum(le.value)
  FROM ledger_level le
  JOIN ledger_lot lo ON lo.id = le.lot_id
  JOIN places_place p ON p.id = le.place_id
 WHERE le.quantity > 0 AND le.status = ANY (%(statuses)s) AND p.path LIKE ANY (%(paths)s)
 GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Bin:
    """What expires up to ``days`` from today and after the bin before; ``days`` is None for the last."""

    days: int | None
    quantity: Decimal
    value: Decimal


def expiry_bins(*, paths: Sequence[str], today: date) -> list[Bin]:
    """All bins in order, empty ones too. One statement over levels."""
    edges = [date.fromordinal(today.toordinal() + days + 1) for days in BIN_DAYS]
    found: dict[int, tuple[Decimal, Decimal]] = {}
    if paths:
        asked = {"edges": edges, "statuses": list(IN_STOCK), "paths": [f"{path}%" for path in paths]}
        with connection.cursor() as cursor:
            cursor.execute(BINS, asked)
            found = {number: (quantity, value) for number, quantity, value in cursor.fetchall()}
    nothing = (Decimal(0), Decimal(0))
    return [Bin(days, *found.get(number, nothing)) for number, days in enumerate((*BIN_DAYS, None))]
