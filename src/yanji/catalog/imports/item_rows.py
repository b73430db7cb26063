"""Writes the rows of the item table to the items themselves: only the columns that the file had."""

from collections.abc import Mapping, Sequence
from typing import Any

from yanji.sheets.sheet import Row

from ..actions import makers_named
from ..models import Item
from ..pinyin import initials

_PLAIN = (
    "name_zh", "name_en", "model", "family", "unit_of_measure", "tracking", "maker_serial", "high_value", "implant",
    "sterile", "risk_class", "temperature_class",
)  # fmt: skip


def write_items(rows: Sequence[Row], suppliers: Mapping[str, int]) -> None:
    """Enter new items and change known ones, by their code. An empty cell takes the item's usual value."""
    if not rows:
        return
    makers = makers_named({row.values["maker"] for row in rows if row.values.get("maker")})
    columns = set(rows[0].values)
    items = [Item(**_columns(row.values, makers, suppliers)) for row in rows]
    changed = [name for name in _PLAIN if name in columns] + ["pinyin"]
    changed += [
        column for name, column in (("maker", "maker_id"), ("supplier", "supplier_id")) if name in columns
    ]
    Item.objects.bulk_create(
        items,
        batch_size=2_000,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[name.removesuffix("_id") for name in changed],
    )


def _columns(
    values: Mapping[str, Any], makers: Mapping[str, int], suppliers: Mapping[str, int]
) -> dict[str, Any]:
    given = {name: values[name] for name in _PLAIN if values.get(name) not in (None, "")}
    return {
        "code": values["code"],
        **given,
        "pinyin": initials(values["name_zh"]),
        "maker_id": makers.get(values.get("maker") or ""),
        "supplier_id": suppliers.get(values.get("supplier") or ""),
    }
