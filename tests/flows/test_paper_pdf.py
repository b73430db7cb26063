"""A paper as a PDF: how its text falls into lines and columns, what comes again on every page, and what stays whole."""

import re
from dataclasses import replace
from datetime import date
from functools import lru_cache

import pytest
from django.test import override_settings
from django.utils import translation

from tests.web.pdf import DRAWING, texts, unpacked
from yanji.flows import letters
from yanji.flows.letters import EMBEDDED, NAMED, font_of
from yanji.flows.letters import width as width_of
from yanji.flows.paper_columns import PADDING, SIZES, across, laid, lines
from yanji.flows.paper_pdf import sheet_file
from yanji.flows.papers import Section, Sheet
from yanji.flows.printing.layout import Laid, Written, wide
from yanji.flows.printing.pdf import labels_pdf
from yanji.flows.printing.shipped import SHIPPED
from yanji.flows.printing.template import parse

NAME = "药物洗脱冠状动脉支架系统（钴铬合金）"
COLUMNS = ("Place", "Code", "Item", "Serial", "Lot", "Expiry date", "To take", "Turn, and why", "Done")
UPRIGHT, ACROSS = 515.0, 762.0  # points between the margins of A4


def serial(number: int) -> str:
    return f"S202611{number:06d}-AB"


def long_list(count: int) -> Sheet:
    rows = [
        (f"冷藏库 / A-{n % 30:02d}", f"HC-{n}", NAME * (1 + n % 3), serial(n), f"L{n:08d}", date(2027, 1, 5), n, "1. first", "☐")
        for n in range(count)
    ]  # fmt: skip
    total = ("", "", "Total", "", "", "", count, "", "")
    return Sheet(
        "Pick list", "RQ-EAST-2611-0007", head="雁迹集团", facts=(("Store", "中心库"),),
        sections=(Section("Where to take it", COLUMNS, rows, total), Section("Nothing", ("A",), [])),
        signatures=("Picked by", "Checked by", "Carried by"), note="外箱破损\nCall the driver",
    )  # fmt: skip


def said_on(sheet: Sheet) -> list[str]:
    with translation.override("en"):
        return texts(sheet_file(sheet, "https://h.example/papers/requisition/7/print", "Zhang San"))


def test_lines_end_where_words_do() -> None:
    """Between words and beside ideographs, never before a stop; only what no line can hold is broken."""
    long = "01/06901234500017/21/" + "S" * 60
    assert lines("Receipt at department", 48, 8) == ["Receipt at", "department"]
    chinese = lines("病区收货，冷藏保存（2–8 °C）。", 40, 8)
    assert "".join(chinese) == "病区收货，冷藏保存（2-8℃）。"
    assert not any(line.startswith(tuple("，。）")) for line in chinese)
    assert "".join(lines(long, 60, 8)) == long
    assert lines("", 40, 8) == [""]


@pytest.mark.parametrize("width", [UPRIGHT, ACROSS])
def test_serials_and_days_stay_whole_and_long_names_wrap(width: float) -> None:
    section = long_list(30).sections[0]
    found = laid(section, width)
    assert abs(sum(found.widths) - width) < 1
    assert found.numbers == [6]
    for row, made in zip(found.rows[1:], section.rows, strict=False):
        assert row[1] == made[1]
        assert row[3:6] == [made[3], made[4], "2027-01-05"]
        assert row[2].replace("\n", "") == made[2]
    assert any("\n" in row[2] for row in found.rows[1:])
    for row in found.rows:
        for cell, room in zip(row, found.widths, strict=True):
            assert all(across(line) * found.size <= room - 2 * PADDING + 0.1 for line in cell.split("\n"))


def test_letters_grow_smaller_before_a_serial_is_broken_and_what_no_page_holds_is() -> None:
    many = Section("S", tuple("ABCDEFGH"), [tuple(f"SN-{n}-{'0' * 16}"[:20] for n in range(8))])
    tight = laid(many, 8 * (across("SN-0-" + "0" * 15) * SIZES[2] + 2 * PADDING) + 1)
    assert tight.size == SIZES[2]
    assert tight.rows[1] == list(many.rows[0])
    wider = replace(many, rows=[tuple("X" * 200 for _n in range(8))])
    assert laid(wider, UPRIGHT).rows[1][0].replace("\n", "") == "X" * 200


def test_a_long_list_says_its_heading_and_its_page_on_every_page() -> None:
    said = said_on(long_list(500))
    pages = [text for text in said if re.fullmatch(r"Page \d+ of \d+", text)]
    assert len(pages) > 10
    assert pages == [f"Page {n} of {len(pages)}" for n in range(1, len(pages) + 1)]
    # The last page may be that of the signatures alone.
    assert len(pages) - 1 <= said.count("Turn, and why") <= len(pages)
    assert sum(text.startswith("RQ-EAST-2611-0007·Printed") for text in said) == len(pages)
    assert [text for text in said if text.startswith("S202611")] == [serial(n) for n in range(500)]
    assert {"Total", "Note", "Call the driver", "Picked by", "Checked by", "Carried by"} <= set(said)
    assert said.count("Name, date") == 3
    assert "Nothing" not in said
    assert "□" in said


def test_a_row_taller_than_a_page_goes_on_on_the_next() -> None:
    told = "退回原因：" + "外包装破损，" * 3_000
    said = said_on(Sheet("T", "N-1", sections=(Section("S", ("A", "Reason"), [("1", told), ("2", "x")]),)))
    assert "".join(said).count("破") == 3_000
    assert said.count("Reason") == sum(text.startswith("Page ") for text in said) > 1
    assert "x" in said


def test_a_paper_of_nothing_is_a_paper() -> None:
    assert "Page 1 of 1" in said_on(Sheet("T", "手术-7"))


def test_a_paper_brings_its_letters_along_and_no_more_of_them_than_it_says() -> None:
    """A reader, or a printer, without a Chinese font shows it all the same."""
    with translation.override("zh-hans"):
        short, long = (sheet_file(long_list(rows), "https://h.example/x", "张三") for rows in (3, 500))
    for pdf, most in ((short, 60_000), (long, 150_000)):
        assert b"/FontFile2" in pdf
        assert NAMED.encode() not in pdf
        assert len(pdf) < most
    assert NAME in "".join(texts(short))


def test_a_line_with_a_letter_that_the_font_has_not_names_another_font() -> None:
    """Rare letters of names: as before, where the reader has them; no empty box is printed."""
    rare = "龚䶮"
    assert (font_of("龚"), font_of(rare), font_of("")) == (EMBEDDED, NAMED, EMBEDDED)
    rows = [(rare, "S1"), ("张三", "S2")]
    sections = (Section(rare, ("A", "B"), rows),)
    sheet = Sheet("T", "N-1", head=rare, facts=((rare, "x"),), sections=sections, note=rare)
    said = texts(sheet_file(sheet, "https://h.example/x", rare))
    assert said.count(rare) == 5
    assert "张三" in said
    assert any(rare in text for text in said if text.startswith("N-1"))


def test_where_no_font_was_prepared_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "_letters", lru_cache(letters._letters.__wrapped__))
    across.cache_clear()
    with override_settings(YANJI_PRINT_FONT="/nowhere/font.ttf"):
        pdf = sheet_file(long_list(3), "https://h.example/x", "张三")
    across.cache_clear()
    assert b"/FontFile2" not in pdf
    assert NAME in "".join(texts(pdf))


def test_labels_bring_their_letters_along_pressed_to_the_measure_of_labels() -> None:
    """A label is small: what fitted by the narrow letters of the named font fits by those of the embedded one."""
    said = "SN 202611 支架"
    written = (Written(said, 1, 1, 30, 4, "left", bold=False),)
    made = labels_pdf([Laid(parse("unit", SHIPPED["unit"]), written, (), (), "", ())], title="x")
    assert b"/FontFile2" in made
    assert NAMED.encode() not in made
    assert texts(made) == [said]
    [drawing] = map(unpacked, DRAWING.findall(made))
    [pressed] = re.findall(rb"([0-9.]+) Tz", drawing)
    assert float(pressed) == pytest.approx(100 * wide(said, 4) / width_of(said, 4), abs=0.01)
