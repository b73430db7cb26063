"""Prices, registrations and billing codes of the item table: checked against, and following, what stands already."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yanji.sheets.problems import Problem
from yanji.sheets.sheet import Row

from ..models import BillingCode, Item, Price, Registration

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of dated row: which column carries it, what tells two series apart, and what a new row holds."""

    model: type[Any]
    column: str
    first: str
    last: str
    same: tuple[str, ...]
    problem: str
    key: Callable[[Mapping[str, Any], int, Mapping[str, int]], Key]
    holds: Callable[[Mapping[str, Any]], dict[str, Any]]


def _billing(column: str, kind: str) -> Series:
    return Series(
        BillingCode, column, "billing_from", "", ("item_id", "kind"), "paper_overlaps",
        lambda values, item, suppliers: (item, kind),
        lambda values: {"code": values[column]},
    )  # fmt: skip


SERIES = (
    Series(
        Price, "price", "price_from", "", ("item_id", "supplier_id"), "price_overlaps",
        lambda values, item, suppliers: (item, suppliers[values["supplier"]]),
        lambda values: {"amount": values["price"]},
    ),
    Series(
        Registration, "registration", "registration_from", "registration_to", ("item_id",), "paper_overlaps",
        lambda values, item, suppliers: (item,),
        lambda values: {"number": values["registration"]},
    ),
    _billing("insurance_code", BillingCode.Kind.INSURANCE),
    _billing("charge_code", BillingCode.Kind.CHARGE),
)  # fmt: skip


def check(rows: Sequence[Row], suppliers: Mapping[str, int]) -> list[Row]:
    """Rows that would start before what stands already are wrong; the same row again is no news and good."""
    items = _item_ids(rows)
    checked = list(rows)
    for series in SERIES:
        standing = _latest(series, items.values())
        checked = [_checked(row, series, standing, items, suppliers) for row in checked]
    return checked


def write(rows: Sequence[Row], items: Mapping[str, int], suppliers: Mapping[str, int]) -> None:
    """End what is followed, then start what follows: two statements a kind and thousand rows."""
    for series in SERIES:
        standing = _latest(series, items.values())
        ended, started = [], []
        for row in rows:
            if _is_empty(row.values.get(series.column)):
                continue
            key = series.key(row.values, items[row.values["code"]], suppliers)
            old, first = standing.get(key), row.values[series.first]
            if old is not None and _same(series, old, row):
                continue
            if old is not None and (old.valid_to is None or old.valid_to >= first):
                old.valid_to = first - timedelta(days=1)
                ended.append(old)
            columns = dict(zip(series.same, key, strict=True)) | series.holds(row.values)
            started.append(series.model(valid_from=first, valid_to=_last(series, row), **columns))
        series.model.objects.bulk_update(ended, ["valid_to"], batch_size=2_000)
        series.model.objects.bulk_create(started, batch_size=2_000)


def _checked(
    row: Row,
    series: Series,
    standing: Mapping[Key, Any],
    items: Mapping[str, int],
    suppliers: Mapping[str, int],
) -> Row:
    if row.problems or _is_empty(row.values.get(series.column)) or row.values["code"] not in items:
        return row
    old = standing.get(series.key(row.values, items[row.values["code"]], suppliers))
    if old is None or old.valid_from < row.values[series.first] or _same(series, old, row):
        return row
    return row.wrong(Problem(series.problem, series.first, old.valid_from.isoformat()))


def _same(series: Series, old: Any, row: Row) -> bool:
    """Whether the row says what stands already."""
    held = all(getattr(old, name) == value for name, value in series.holds(row.values).items())
    begun = (
        old.valid_from == row.values[series.first]
        if series.last
        else old.valid_from <= row.values[series.first]
    )
    return (
        held
        and begun
        and (not series.last or old.valid_to == _last(series, row))
        and (bool(series.last) or old.valid_to is None)
    )


def _latest(series: Series, item_ids: Iterable[int]) -> dict[Key, Any]:
    """The last row of each series."""
    rows = series.model.objects.filter(item_id__in=list(item_ids)).order_by("valid_from")
    return {tuple(getattr(row, name) for name in series.same): row for row in rows}


def _last(series: Series, row: Row) -> date | None:
    return row.values.get(series.last) if series.last else None


def _item_ids(rows: Sequence[Row]) -> dict[str, int]:
    named = {row.values["code"] for row in rows if row.values.get("code")}
    return dict(Item.objects.filter(code__in=named).values_list("code", "pk"))


def _is_empty(value: Any) -> bool:
    # A price of zero is a price.
    return value is None or value == ""
