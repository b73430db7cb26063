"""How far away the expiry of what lies in the house is: seven bins, from past to beyond a year."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

# The last day of each bin, counted from today; what lies beyond, or never expires, is the last bin.
BIN_DAYS = (-1, 30, 60, 90, 180, 365)


@dataclass(frozen=True, slots=True)
class Bin:
    """What expires up to ``days`` from today and after the bin before; ``days`` is None for the last."""

    days: int | None
    quantity: Decimal
    value: Decimal


def edges(today: date) -> list[date]:
    """The first day of every bin but the first."""
    return [date.fromordinal(today.toordinal() + days + 1) for days in BIN_DAYS]
