"""The table of items: one row an item, with its codes, a price, the registration and the billing codes."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from yanji.sheets.batches import Sheet
from yanji.sheets.cells import amount, code, day, flag, text, whole
from yanji.sheets.editor import Editor
from yanji.sheets.problems import SENTENCES, Problem
from yanji.sheets.read import Cell
from yanji.sheets.sheet import Column, Row, refuse_repeats

from ..codes import guess_issuer, national_code, normal_code
from ..models import Item, ItemCode, Supplier
from ..problems import SHEET_SENTENCES
from . import item_dated
from .choices import ISSUERS, RISK_CLASSES, TEMPERATURES, TRACKING, one_of, values_of
from .item_rows import write_items

SENTENCES.update(SHEET_SENTENCES)

_short, _long = partial(code, most=40), partial(text, most=240)


def _national(cell: Cell | None) -> str | Problem:
    found = code(cell, most=80)
    return national_code(found) if found and isinstance(found, str) else found


COLUMNS = (
    Column("code", "品种编码", "Item code", _short, required=True, example="ST-30-18"),
    Column("name_zh", "品名", "Chinese name", _long, required=True, example="药物洗脱冠脉支架"),
    Column("name_en", "英文名", "English name", _long, example="Drug-eluting coronary stent"),
    Column("model", "规格型号", "Model", _long, example="3.0 × 18 mm"),
    Column("family", "品类", "Family", partial(text, most=80), example="冠脉支架"),
    Column("maker", "生产厂家", "Maker", _long, example="华东医疗器械"),
    Column("supplier", "供应商编码", "Supplier code", _short, example="SUP-001"),
    Column("unit_of_measure", "单位", "Unit", partial(text, most=20), example="件"),
    Column("tracking", "管理方式", "Tracking", one_of(TRACKING), example="unit", choices=("unit", "lot")),
    Column("maker_serial", "厂家序列号", "Maker serial", flag, example="是", choices=("是", "否")),
    Column("high_value", "高值", "High value", flag, example="是", choices=("是", "否")),
    Column("implant", "植入", "Implant", flag, example="是", choices=("是", "否")),
    Column("sterile", "无菌", "Sterile", flag, example="是", choices=("是", "否")),
    Column("risk_class", "管理类别", "Risk class", one_of(RISK_CLASSES), example="III", choices=("I", "II", "III")),
    Column("temperature_class", "储存温度", "Storage", one_of(TEMPERATURES), example="room", choices=values_of(TEMPERATURES)),
    Column("issuer", "发码机构", "Issuer", one_of(ISSUERS), example="GS1", choices=values_of(ISSUERS)),
    Column("di", "产品标识DI", "DI", partial(code, most=80), example="06901234500011"),
    Column("inner_di", "中包装DI", "Inner pack DI", partial(code, most=80)),
    Column("inner_quantity", "中包装数量", "Inner pack quantity", whole),
    Column("case_di", "箱DI", "Case DI", partial(code, most=80)),
    Column("case_quantity", "箱数量", "Case quantity", whole),
    Column("price", "单价", "Price", amount, example="6980.00"),
    Column("price_from", "价格生效日", "Price from", day, example="2026-01-01"),
    Column("registration", "注册证号", "Registration", partial(text, most=80), example="国械注准20263130001"),
    Column("registration_from", "注册证起始日", "Registered from", day, example="2026-01-01"),
    Column("registration_to", "注册证有效期至", "Registered to", day, example="2030-12-31"),
    Column("insurance_code", "医保编码", "Insurance code", _national, example="C0201010770100109221"),
    Column("charge_code", "收费编码", "Charge code", _short),
    Column("billing_from", "编码生效日", "Billing from", day, example="2026-01-01"),
)  # fmt: skip


def _check(rows: Sequence[Row], actor: Editor) -> list[Row]:
    """Rules between cells, then between rows, then against the catalogue: a handful of statements for any number."""
    checked = [_alone(row) for row in rows]
    checked = refuse_repeats(checked, lambda row: row.values.get("code"))
    checked = _codes_between_rows(checked)
    suppliers = _suppliers(checked)
    checked = [_supplied(row, suppliers) for row in checked]
    checked = _codes_in_catalogue(checked)
    return item_dated.check(checked, suppliers)


def _alone(row: Row) -> Row:
    """What can be told from the row itself; codes take the form they are stored in."""
    values, found = dict(row.values), []
    for name in ("di", "inner_di", "case_di"):
        if values.get(name):
            normal = normal_code(values.get("issuer") or guess_issuer(values[name]), values[name])
            if isinstance(normal, Problem):
                found.append(Problem(normal.code, name, normal.detail))
    found += [
        _needs(row, first, second)
        for first, second in _TOGETHER
        if values.get(first) and not values.get(second)
    ]
    first, last = values.get("registration_from"), values.get("registration_to")
    if first and last and last < first:
        found.append(Problem("days_out_of_order", "registration_to"))
    return row.wrong(*found) if found else row


_TOGETHER = (
    ("inner_di", "inner_quantity"), ("case_di", "case_quantity"), ("price", "supplier"), ("price", "price_from"),
    ("registration", "registration_from"), ("insurance_code", "billing_from"), ("charge_code", "billing_from"),
)  # fmt: skip


def _needs(row: Row, name: str, other: str) -> Problem:
    title = next(f"{column.zh} / {column.en}" for column in COLUMNS if column.name == other)
    return Problem("needs_other", name, title)


def codes_of(row: Row) -> list[tuple[str, str, str, int]]:
    """(issuer, DI, level, quantity) of a row whose codes are sound."""
    found = []
    packages = (
        ("di", "unit", None),
        ("inner_di", "inner", "inner_quantity"),
        ("case_di", "case", "case_quantity"),
    )
    for name, level, quantity in packages:
        written = row.values.get(name)
        if not written:
            continue
        issuer = row.values.get("issuer") or guess_issuer(written)
        normal = normal_code(issuer, written)
        if isinstance(normal, str):
            found.append((issuer, normal, level, row.values[quantity] if quantity else 1))
    return found


def _codes_between_rows(rows: list[Row]) -> list[Row]:
    first: dict[tuple[str, str], int] = {}
    checked = []
    for row in rows:
        again = []
        for issuer, di, _level, _quantity in [] if row.problems else codes_of(row):
            if first.setdefault((issuer, di), row.number) != row.number:
                again.append(Problem("code_twice", "di", di))
        checked.append(row.wrong(*again) if again else row)
    return checked


def _codes_in_catalogue(rows: list[Row]) -> list[Row]:
    asked = {di for row in rows if not row.problems for _issuer, di, _level, _quantity in codes_of(row)}
    holders = {
        (issuer, di): holder
        for issuer, di, holder in ItemCode.objects.filter(code__in=asked).values_list(
            "issuer", "code", "item__code"
        )
    }
    checked = []
    for row in rows:
        taken = [
            Problem("code_taken", "di", holders[issuer, di])
            for issuer, di, _level, _quantity in ([] if row.problems else codes_of(row))
            if holders.get((issuer, di), row.values["code"]) != row.values["code"]
        ]
        checked.append(row.wrong(*taken) if taken else row)
    return checked


def _suppliers(rows: Sequence[Row]) -> dict[str, int]:
    named = {row.values["supplier"] for row in rows if row.values.get("supplier")}
    return dict(Supplier.objects.filter(code__in=named).values_list("code", "pk"))


def _supplied(row: Row, suppliers: dict[str, int]) -> Row:
    named = row.values.get("supplier")
    if named and named not in suppliers:
        return row.wrong(Problem("supplier_unknown", "supplier", named))
    return row


def _write(rows: Sequence[Row], actor: Editor) -> None:
    """Items first, then what hangs on them; one statement a table and thousand rows."""
    suppliers = _suppliers(rows)
    write_items(rows, suppliers)
    items = dict(Item.objects.filter(code__in=[row.values["code"] for row in rows]).values_list("code", "pk"))
    codes: list[Any] = [
        ItemCode(item_id=items[row.values["code"]], issuer=issuer, code=di, level=level, quantity=quantity)
        for row in rows
        for issuer, di, level, quantity in codes_of(row)
    ]
    ItemCode.objects.bulk_create(
        codes,
        batch_size=2_000,
        update_conflicts=True,
        unique_fields=["issuer", "code"],
        update_fields=["level", "quantity"],
    )
    item_dated.write(rows, items, suppliers)


SHEET = Sheet("items", "edit_catalog", COLUMNS, _check, _write)
