"""The table of suppliers: one row a licence; a supplier with several papers takes several rows."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from yanji.sheets.batches import Sheet
from yanji.sheets.cells import code, day, text
from yanji.sheets.editor import Editor
from yanji.sheets.problems import SENTENCES, Problem
from yanji.sheets.sheet import Column, Row, refuse_repeats

from ..models import Licence, Supplier
from ..pinyin import initials
from ..problems import SHEET_SENTENCES
from .choices import LICENCE_KINDS, one_of, values

SENTENCES.update(SHEET_SENTENCES)

_long = partial(text, most=240)
COLUMNS = (
    Column("code", "供应商编码", "Supplier code", partial(code, most=40), required=True, example="SUP-001"),
    Column("name_zh", "名称", "Chinese name", _long, required=True, example="华东医疗器械有限公司"),
    Column("name_en", "英文名", "English name", _long, example="Huadong Medical"),
    Column("contact", "联系方式", "Contact", _long, example="021-5555 0100"),
    Column(
        "kind",
        "证照类型",
        "Licence kind",
        one_of(LICENCE_KINDS),
        example="营业执照",
        choices=values(Licence.Kind),
    ),
    Column("number", "证照编号", "Licence number", partial(code, most=80), example="91310000MA1K000000"),
    Column("first", "生效日", "Valid from", day, example="2026-01-01"),
    Column("last", "有效期至", "Valid to", day, example="2030-12-31"),
)


def _check(rows: Sequence[Row], actor: Editor) -> list[Row]:
    checked = refuse_repeats([_alone(row) for row in rows], _paper)
    names: dict[str, Row] = {}
    agreed = []
    for row in checked:
        first = row if row.problems else names.setdefault(row.values["code"], row)
        same = first.values.get("name_zh") == row.values.get("name_zh")
        agreed.append(row if same else row.wrong(Problem("name_differs", "name_zh", str(first.number))))
    standing = _latest(agreed)
    return [_against(row, standing) for row in agreed]


def _alone(row: Row) -> Row:
    got = row.values
    found = []
    if got.get("number") or got.get("kind"):
        titles = {column.name: f"{column.zh} / {column.en}" for column in COLUMNS}
        found = [
            Problem("needs_other", "number", titles[name])
            for name in ("kind", "number", "first")
            if not got.get(name)
        ]
    if got.get("first") and got.get("last") and got["last"] < got["first"]:
        found.append(Problem("days_out_of_order", "last"))
    return row.wrong(*found) if found and not row.problems else row


def _paper(row: Row) -> tuple[Any, ...]:
    """One paper a row; of the kinds that hold one at a time, one row a file."""
    got = row.values
    number = got.get("number") if got.get("kind") == Licence.Kind.AUTHORISATION else None
    return (got["code"], got.get("kind"), number)


def _against(row: Row, standing: dict[tuple[Any, ...], Licence]) -> Row:
    if row.problems or not row.values.get("number"):
        return row
    old = standing.get(_paper(row))
    if old is None or old.valid_from < row.values["first"] or _same(old, row):
        return row
    return row.wrong(Problem("paper_overlaps", "first", old.valid_from.isoformat()))


def _same(old: Licence, row: Row) -> bool:
    got = row.values
    return (old.number, old.valid_from, old.valid_to) == (got["number"], got["first"], got.get("last"))


def _latest(rows: Sequence[Row]) -> dict[tuple[Any, ...], Licence]:
    codes = {row.values["code"] for row in rows if row.values.get("code")}
    found = Licence.objects.filter(supplier__code__in=codes).select_related("supplier").order_by("valid_from")
    return {
        (
            paper.supplier.code,
            paper.kind,
            paper.number if paper.kind == Licence.Kind.AUTHORISATION else None,
        ): paper
        for paper in found
    }


def _write(rows: Sequence[Row], actor: Editor) -> None:
    """Suppliers, then their papers: one statement a table and thousand rows, and one for papers that end."""
    if not rows:
        return
    by_code = {row.values["code"]: row.values for row in rows}
    told = [name for name in ("name_zh", "name_en", "contact") if name in rows[0].values]
    Supplier.objects.bulk_create(
        [
            Supplier(code=code_, pinyin=initials(got["name_zh"]), **{name: got[name] for name in told})
            for code_, got in by_code.items()
        ],
        batch_size=2_000, update_conflicts=True, unique_fields=["code"], update_fields=[*told, "pinyin"],
    )  # fmt: skip
    suppliers = dict(Supplier.objects.filter(code__in=by_code).values_list("code", "pk"))
    _write_papers(rows, suppliers)


def _write_papers(rows: Sequence[Row], suppliers: dict[str, int]) -> None:
    standing = _latest(rows)
    ended, started = [], []
    for row in rows:
        got = row.values
        old = standing.get(_paper(row))
        if not got.get("number") or (old is not None and _same(old, row)):
            continue
        if old is not None and (old.valid_to is None or old.valid_to >= got["first"]):
            old.valid_to = got["first"] - timedelta(days=1)
            ended.append(old)
        started.append(
            Licence(
                supplier_id=suppliers[got["code"]],
                kind=got["kind"],
                number=got["number"],
                valid_from=got["first"],
                valid_to=got.get("last"),
            )
        )
    Licence.objects.bulk_update(ended, ["valid_to"], batch_size=2_000)
    Licence.objects.bulk_create(started, batch_size=2_000)


SHEET = Sheet("suppliers", "edit_catalog", COLUMNS, _check, _write)
