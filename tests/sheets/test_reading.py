"""Whatever file comes: a table, or a sentence; never an exception of another kind."""

import io
import zipfile
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from yanji.sheets import cells
from yanji.sheets.problems import BadFile, Problem
from yanji.sheets.read import MAX_BYTES, MAX_ROWS, read_table
from yanji.sheets.sheet import Column, parse, refuse_repeats

MIDNIGHT = datetime(2026, 1, 31)  # noqa: DTZ001 - spreadsheets know no zones


def workbook(*rows: list) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, book.add_format({"num_format": "yyyy-mm-dd"}))
                else:
                    sheet.write(number, column, value)
    return out.getvalue()


def code_of(data: bytes) -> str:
    with pytest.raises(BadFile) as refused:
        read_table(data)
    assert refused.value.problem.sentence() != refused.value.problem.code
    return refused.value.problem.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_in_the_encodings_of_spreadsheets(encoding, delimiter):
    text = f"编码{delimiter}品名\r\nA1{delimiter}“支架”\r\n\r\nA2{delimiter}导管\r\n"
    table = read_table(text.encode(encoding))
    assert table.titles == ("编码", "品名")
    assert table.rows == ((2, ("A1", "“支架”")), (4, ("A2", "导管")))


def test_a_workbook_keeps_numbers_and_days():
    table = read_table(workbook(["code", "n", "day"], ["A1", 6901234500011, MIDNIGHT]))
    assert table.rows == ((2, ("A1", 6901234500011.0, date(2026, 1, 31))),)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b" \r\n\r\n ", "file_empty"),
        (b"code,name\n", "no_rows"),
        (b"%PDF-1.7 nonsense", "file_type"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "file_type"),
        (b"<html><body>", "file_type"),
        (b"PK\x03\x04 broken", "file_damaged"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "file_damaged"),
        (b"code\n\xff\xff\xff\x80", "file_encoding"),
        (b"a" * (MAX_BYTES + 1), "file_too_large"),
        (b"a\n" * (MAX_ROWS + 2), "too_many_rows"),
        ((",".join(f"c{n}" for n in range(70)) + "\n1\n").encode(), "too_many_columns"),
    ],
)
def test_files_that_are_none_say_so(data, code):
    assert code_of(data) == code


def test_a_bomb_and_a_foreign_archive_are_not_opened():
    bomb, other = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"0" * 210_000_000)
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", b"hello")
    assert code_of(bomb.getvalue()) == "file_too_large"
    assert code_of(other.getvalue()) == "file_type"


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_else(data):
    for lead in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xff\xfe", b"code,name\n"):
        with suppress(BadFile):
            read_table(lead + data)


_GOOD_BOOK = workbook(["code", "name"], *[[f"A{n}", "支架"] for n in range(30)])


@given(st.lists(st.tuples(st.integers(0, len(_GOOD_BOOK) - 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_no_damaged_workbook_raises_anything_else(changes):
    data = bytearray(_GOOD_BOOK)
    for at, value in changes:
        data[at] = value
    with suppress(BadFile):
        read_table(bytes(data))


_CELLS = st.one_of(
    st.text(max_size=60), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.times(), st.timedeltas(),
    st.sampled_from(["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "<script>x</script>", "'; DROP TABLE x; --"]),
    st.sampled_from(["\0", "1e999", "NaN", "９９", "1,2", "2026-02-30"]),
)  # fmt: skip


@given(st.lists(st.lists(_CELLS, max_size=8), min_size=1, max_size=6))
def test_no_cell_makes_parsing_raise(rows):
    columns = (
        Column("a", "甲", "A", lambda cell: cells.code(cell, most=10), required=True),
        Column("b", "乙", "B", cells.amount),
        Column("c", "丙", "C", cells.whole),
        Column("d", "丁", "D", cells.day),
        Column("e", "戊", "E", cells.flag),
        Column("f", "己", "F", lambda cell: cells.choice(cell, {"x": "X"})),
        Column("g", "庚", "G", lambda cell: cells.text(cell, most=20)),
    )
    from yanji.sheets.read import Table

    width = 7
    given_rows = tuple((n, tuple([*row, *[""] * width][:width])) for n, row in enumerate(rows, 2))
    parsed = parse(Table(tuple("ABCDEFG"), given_rows), columns)
    for row in parsed.rows:
        for problem in row.problems:
            assert problem.sentence() != problem.code
        for value in row.typed.values():
            value.encode("utf-8")
            assert "\0" not in value


@pytest.mark.parametrize(
    ("read", "cell", "expected"),
    [
        (cells.amount, "1,234.50", Decimal("1234.50")),
        (cells.amount, "￥12", Decimal("12.00")),
        (cells.amount, 12.299999999999999, Decimal("12.30")),
        (cells.amount, 0, Decimal("0.00")),
        (cells.amount, "", None),
        (cells.whole, "１２", 12),
        (cells.whole, 12.0, 12),
        (cells.day, "2026年1月31日", date(2026, 1, 31)),
        (cells.day, "20260131", date(2026, 1, 31)),
        (cells.day, MIDNIGHT, date(2026, 1, 31)),
        (cells.flag, "是", True),
        (cells.flag, False, False),
        (cells.flag, "", None),
    ],
)
def test_cells_read_what_people_write(read, cell, expected):
    assert read(cell) == expected


@pytest.mark.parametrize(
    ("read", "cell", "code"),
    [
        (cells.amount, "-1", "not_an_amount"),
        (cells.amount, "1.234", "not_an_amount"),
        (cells.amount, "Infinity", "not_an_amount"),
        (cells.amount, "many", "not_a_number"),
        (cells.amount, "1,5", "not_a_number"),
        (cells.whole, "1,5", "not_whole"),
        (cells.whole, "0", "not_whole"),
        (cells.whole, "1.5", "not_whole"),
        (cells.day, "2026-02-30", "not_a_day"),
        (cells.day, "31/01/2026", "not_a_day"),
        (cells.day, date(1900, 1, 1), "not_a_day"),
        (cells.flag, "perhaps", "not_a_flag"),
        (lambda cell: cells.code(cell, most=40), "6.90123E+12", "shortened_number"),
        (lambda cell: cells.code(cell, most=40), 1e20, "shortened_number"),
        (lambda cell: cells.text(cell, most=40), "=HYPERLINK(1)", "formula"),
        (lambda cell: cells.text(cell, most=40), "<b>x", "markup"),
        (lambda cell: cells.text(cell, most=4), "abcde", "too_long"),
        (lambda cell: cells.text(cell, most=40), "a\x07", "control_characters"),
    ],
)
def test_cells_say_what_is_wrong(read, cell, code):
    problem = read(cell)
    assert isinstance(problem, Problem)
    assert problem.code == code


@pytest.mark.parametrize("fine", ["直径 <3 mm", "+5 °C", "-20 °C", "O'Brien; DROP TABLE item", "A & B"])
def test_plain_text_stays_what_it_is(fine):
    assert cells.text(fine, most=80) == fine


def test_titles_match_in_both_languages_and_say_what_is_missing():
    columns = (
        Column("code", "编码", "Code", lambda cell: cells.code(cell, most=9), required=True),
        Column("name", "品名", "Name", lambda cell: cells.text(cell, most=9), required=True),
    )
    parsed = parse(read_table("编码 *,Name（必填）,颜色\nA,B,C\n".encode()), columns)
    assert parsed.columns == ("code", "name")
    assert parsed.unknown == ("颜色",)
    for titles, code in (("编码", "header_missing"), ("编码,品名,Code", "header_twice")):
        with pytest.raises(BadFile) as refused:
            parse(read_table(f"{titles}\nA,B,C\n".encode()), columns)
        assert refused.value.problem.code == code
    again = refuse_repeats(
        parse(read_table("编码,品名\nA,x\nB,x\nA,y\n".encode()), columns).rows, lambda row: row.values["code"]
    )
    assert [bool(row.problems) for row in again] == [False, False, True]
    assert again[2].problems[0].detail == "2"
