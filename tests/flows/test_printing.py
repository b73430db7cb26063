"""Labels: every symbol of every kind, as PDF, as ZPL and as a tag, says the name of what it is stuck on."""

import re
from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.browser.printed import scans_of
from tests.flows.zpl import printed, symbols_in
from yanji.flows.printing.layout import laid_out
from yanji.flows.printing.pdf import labels_pdf
from yanji.flows.printing.shipped import SHIPPED
from yanji.flows.printing.subject import FIELDS, Subject, sample
from yanji.flows.printing.svg import label_svg
from yanji.flows.printing.template import LabelKind, against, parse
from yanji.flows.printing.zpl import labels_zpl
from yanji.identity import Identity, gs1_mod10, named_label, read, read_tag, tag_of

ALL = [
    {"type": "datamatrix", "x": 1, "y": 1, "w": 30, "h": 30}, {"type": "bars", "x": 1, "y": 32, "w": 160, "h": 12},
    {"type": "qr", "x": 32, "y": 1, "w": 30, "h": 30},
    {"type": "text", "field": "hri", "x": 64, "y": 1, "w": 80, "h": 12, "size": 2.2, "lines": 4},
]  # fmt: skip
CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
kinds = pytest.mark.parametrize("kind", list(LabelKind))
digits = st.text("0123456789", min_size=6, max_size=6)


def _checked(body: str) -> str:
    return body + gs1_mod10(body)


serials = st.text("0123456789ABCxyz-_.", min_size=1, max_size=20)
units = st.builds(lambda item, serial: f"01/{_checked('0690123' + item)}/21/{serial}", digits, serials)
boxes = st.builds(lambda number: f"00/{_checked('16901234000' + number)}", digits)
places = st.builds(lambda number: f"414/{_checked('690123' + number)}", digits)
own = st.builds(lambda number: f"8004/6901234{number}", st.text("0123456789AB-_.", min_size=1, max_size=20))
others = st.builds(
    lambda serial: f"hibc:A123BJC5D6E71/{serial}", st.text("0123456789ABC", min_size=1, max_size=18)
)
local = st.builds(lambda number: f"local:{number}", st.text("0123456789", min_size=1, max_size=12))
names = st.one_of(units, boxes, places, own, others, local)
lots = st.text(CSET82, min_size=0, max_size=20)
days = st.one_of(st.none(), st.integers(0, 12_000).map(lambda n: date(2021, 1, 1) + timedelta(n % 9_000)))


def names_read(scans: set[str]) -> set[str | None]:
    found = [read(scan) for scan in scans]
    assert all(isinstance(each, Identity) for each in found), found
    return {each.epc for each in found if isinstance(each, Identity)}


@kinds
@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_symbol_of_the_shipped_labels_says_whose_it_is(kind: str, dpi: int, language: str) -> None:
    with translation.override(language):
        subject = sample(kind)
        template = parse(kind, {**SHIPPED[kind], "dpi": dpi, "rfid": True})
        assert not list(against(template, FIELDS[kind]))
        laid = laid_out(template, subject)
        assert not laid.offences
        [paper] = scans_of(labels_pdf([laid], title="T"))
        [label] = printed(labels_zpl([laid], copies=3))
        picture = label_svg(laid, title="T")
    symbols = sum(each["type"] in {"datamatrix", "bars"} for each in SHIPPED[kind]["elements"])
    assert len(paper) == len(label.scans) == symbols
    assert names_read(paper) == names_read(label.scans) == {subject.symbol.epc}
    assert {scan[3:] for scan in paper} == {scan[3:] for scan in label.scans}
    assert label.copies == 3
    tag = read_tag(label.tag)
    assert isinstance(tag, Identity)
    assert tag.epc == subject.symbol.epc
    assert (label.width, label.height) == tuple(
        round(side * template.dots) for side in (template.width, template.height)
    )
    for line in laid.written:
        assert 0 <= line.x <= line.x + line.w <= template.width
        assert line.text in picture or "&" in picture


@settings(max_examples=30, deadline=None)
@given(epc=names, lot=lots, expiry=days)
@example(epc="local:16", lot="", expiry=None)
@example(epc="01/06901230000003/21/0", lot="A(1)(10)", expiry=None)
@example(epc="01/06901230000003/21/1A00A57", lot="1:00:57", expiry=None)
@example(epc="01/06901230000003/21/1A00A57", lot="100:57", expiry=None)
def test_any_name_is_read_back_from_paper_printer_and_tag(epc: str, lot: str, expiry: date | None) -> None:
    symbol = named_label(epc, lot=lot, expiry=expiry)
    tag = tag_of(epc, company_prefix="6901234")
    subject = Subject(LabelKind.UNIT, symbol, {"hri": symbol.hri}, tag[1] if tag else "")
    template = parse(LabelKind.UNIT, {"width": 165, "height": 46, "dpi": 300, "elements": ALL, "rfid": True})
    laid = laid_out(template, subject)
    [label] = printed(labels_zpl([laid]))
    [paper] = scans_of(labels_pdf([laid], title="T"), dots=4)
    bars = {"label_symbol_small", "label_no_bars"} & {each.code for each in laid.offences}
    assert names_read(paper) == names_read(label.scans | symbols_in(label)) == {epc}
    assert len(label.scans) == (1 if bars else 2)
    if expiry and epc.startswith("01/"):
        assert {each.expiry for each in map(read, paper) if isinstance(each, Identity)} == {expiry}
    gs1 = epc[0].isdigit()
    assert bool(label.tag) == gs1
    if gs1:
        assert getattr(read_tag(label.tag), "epc", None) == epc
        assert re.match(r"\(\d{2,4}\)", symbol.hri), "application identifiers stand in brackets"


@kinds
def test_chinese_letters_are_drawn_and_latin_ones_left_to_the_printer(kind: str) -> None:
    with translation.override("zh-hans"):
        subject = sample(kind)
        [label] = printed(labels_zpl([laid_out(parse(kind, SHIPPED[kind]), subject)]))
    assert subject.symbol.hri in label.texts or kind == LabelKind.UNIT
    assert label.pictures
    assert all(each.isascii() for each in label.texts)
    for x, y, picture in label.pictures:
        assert x + picture.width <= label.width + 7, "a picture's last byte may reach a little further"
        assert y + picture.height <= label.height
        inked = picture.convert("L").histogram()[0]
        assert 0.02 < inked / (picture.width * picture.height) < 0.6, "letters, and not a block or nothing"


def test_what_was_typed_is_refused_in_words() -> None:
    wrong = parse(LabelKind.UNIT, {"width": 60, "height": 30, "dpi": 203, "elements": [
        {"type": "text", "field": "nonsense", "x": 50, "y": 1, "w": 20, "h": 3, "size": 2},
        {"type": "fixed", "x": 1, "y": 1, "w": 20, "h": 3, "size": 2},
        {"type": "line", "x": 1, "y": 1, "w": 20, "h": 0, "size": 0.01},
        {"type": "moon", "x": 1, "y": 1, "w": 20, "h": 3},
    ]})  # fmt: skip
    found = [(each.code, each.thing) for each in against(wrong, FIELDS[LabelKind.UNIT])]
    assert set(found) == {
        ("label_no_symbol", ""), ("label_outside", "1"), ("label_unknown_field", "1"), ("label_text_empty", "2"),
        ("label_line_too_thin", "3"), ("label_bad_value", "4"),
    }  # fmt: skip
    small = parse(
        LabelKind.UNIT,
        {**SHIPPED["unit"], "elements": [{"type": "datamatrix", "x": 1, "y": 1, "w": 5, "h": 5}]},
    )
    [offence] = laid_out(small, sample(LabelKind.UNIT)).offences
    assert offence.code == "label_symbol_small"
    assert float(offence.facts["needed"]) > 5
    fits = float(offence.facts["needed"]) + 0.05
    large = parse(
        LabelKind.UNIT,
        {**SHIPPED["unit"], "elements": [{"type": "datamatrix", "x": 1, "y": 1, "w": fits, "h": fits}]},
    )
    assert not laid_out(large, sample(LabelKind.UNIT)).offences, "what the sentence says is enough"
    assert all("{" not in each.sentence() for each in against(wrong, FIELDS[LabelKind.UNIT]))
