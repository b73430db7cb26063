"""How far away the expiry of what lies in the house is: seven bins, from past to beyond a year, and one for what never does."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

# The last day of each bin, counted from today; what lies beyond is the bin after them, and what never expires the next.
BIN_DAYS = (-1, 30, 60, 90, 180, 365)
NEVER = len(BIN_DAYS) + 1


@dataclass(frozen=True, slots=True)
class Bin:
    """What expires up to ``days`` from today and after the bin before; ``days`` is None for all later days."""

    days: int | None
    quantity: Decimal
    value: Decimal


def edges(today: date) -> list[date]:
    """The first day of every bin but the first."""
    return [date.fromordinal(today.toordinal() + days + 1) for days in BIN_DAYS]
