"""What things are worth, for rules that go by amount: at what lies in the place, else at the price that holds today."""

from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone

from yanji.catalog.queries import prices_on
from yanji.ledger.models import Level

CENT = Decimal("0.01")


def worth(pieces: Mapping[int, int], *, path: str) -> Decimal:
    """CNY for so many pieces of each item: the average cost of what lies below ``path``, or without any there the
    lowest price of the day; nothing where neither is known. At most two statements."""
    rows = (
        Level.objects.filter(place__path__startswith=path, lot__item_id__in=pieces, quantity__gt=0)
        .values_list("lot__item_id")
        .annotate(Sum("value"), Sum("quantity"))
    )
    each = {item: value / quantity for item, value, quantity in rows if value}
    missing = pieces.keys() - each.keys()
    prices = prices_on(timezone.localdate(), missing) if missing else {}
    for (item, _supplier), price in sorted(prices.items(), key=lambda row: -row[1]):
        each[item] = price
    total = sum((each.get(item, Decimal(0)) * count for item, count in pieces.items()), Decimal(0))
    return total.quantize(CENT)
