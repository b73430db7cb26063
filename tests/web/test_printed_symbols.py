"""Whatever Yanji prints to be scanned, decoded again: each symbol says the very thing that it stands on.

Each kind of label, box and paper is a case by itself, and so is every file of the source that draws a symbol: one that comes
anew fails until it is tried here. Badges are none of ours: people bring the cards that they have.
"""

import ast
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import zxingcpp
from django.test import Client
from django.urls import resolve

from tests.browser.printed import scans_of
from tests.flows.site import Site
from tests.flows.test_papers import pixels
from tests.flows.zpl import printed
from tests.makers import unique
from tests.web.strings import SOURCE
from tests.web.world import World
from yanji.access.models import Person
from yanji.flows.labelling import assign_labels, numbered
from yanji.flows.numbered import papers_numbered
from yanji.flows.packing.bill import InKit, set_bill
from yanji.flows.packing.models import BoxKind
from yanji.flows.packing.pack import pack
from yanji.flows.papers import paper_of, papers
from yanji.flows.printing import sheets
from yanji.flows.printing.shipped import SHIPPED
from yanji.flows.printing.subject import (
    Subject,
    box_subjects,
    numbered_subject,
    place_subjects,
    unit_subjects,
)
from yanji.flows.printing.template import LabelKind, parse
from yanji.flows.scanning import understand
from yanji.flows.symbols import Drawing
from yanji.identity import TEST_ELEMENTS, Identity, gs1_mod10, read, read_tag
from yanji.ledger.api import unit_view

Labelled = tuple[Subject, str]  # what is printed, and the name that every symbol must say


def _unit(here: Site) -> Labelled:
    [epc] = here.stocked(1, lot="L-0042")
    return unit_subjects([epc])[0], epc


def _numbered(here: Site) -> Labelled:
    done = assign_labels(
        actor=here.keeper,
        key=unique("k"),
        place_id=here.h.store.pk,
        item_id=here.h.item.pk,
        count=1,
        lot="L1",
    )
    [label] = done.facts["labels"]
    [row] = numbered(here.keeper, [label["number"]])
    return numbered_subject(row), label["epc"]


def _place(here: Site) -> Labelled:
    here.h.bin.gln = (body := "690123450001") + gs1_mod10(body)
    here.h.bin.save()
    return place_subjects([here.h.bin])[0], f"414/{here.h.bin.gln}"


def _place_of_no_number(here: Site) -> Labelled:
    return place_subjects([here.h.store])[0], here.h.store.code


def _box(kind: str) -> Callable[[Site], Labelled]:
    def packed(here: Site) -> Labelled:
        kit = here.counted.pk if kind == BoxKind.KIT else None
        if kit:
            bill = [InKit(here.h.item.pk, 1)]
            set_bill(actor=here.purchasing, key=unique("b"), kit_id=kit, lines=bill)
        done = pack(
            actor=here.keeper, key=unique("p"), place_id=here.h.store.pk, kind=kind, things=here.stocked(1),
            item_id=kit,
        )  # fmt: skip
        assert done.facts["code"].startswith("00/"), "a serial shipping container code"
        return box_subjects([done.facts["code"]])[0], done.facts["code"]

    return packed


LABELS: dict[str, tuple[str, Callable[[Site], Labelled]]] = {
    "unit": (LabelKind.UNIT, _unit),
    "numbered here": (LabelKind.UNIT, _numbered),
    "place": (LabelKind.PLACE, _place),
    "place of no number": (LabelKind.PLACE, _place_of_no_number),
    BoxKind.BOX: (LabelKind.BOX, _box(BoxKind.BOX)),
    BoxKind.PALLET: (LabelKind.BOX, _box(BoxKind.PALLET)),
    BoxKind.KIT: (LabelKind.KIT, _box(BoxKind.KIT)),
}


def name_of(scan: str) -> str:
    """The identity that our own reader finds in a scan; what is none is the text itself."""
    found = read(scan)
    return found.epc or "" if isinstance(found, Identity) and found.epc else scan[3:]


@pytest.mark.parametrize("case", LABELS)
def test_a_label_says_the_same_name_on_paper_in_zpl_and_on_its_tag(
    hospital_day: World, settings: Any, case: str
) -> None:
    settings.YANJI_GS1_PREFIX = "6901234"
    kind, labelled = LABELS[case]
    subject, name = labelled(hospital_day.site)
    assert subject.kind == kind
    laid = sheets.laid([subject], parse(kind, {**SHIPPED[kind], "rfid": True}))
    [paper] = scans_of(sheets.printed(laid, "pdf"))
    [label] = printed(sheets.printed(laid, "zpl").decode())
    assert {scan[3:] for scan in label.scans} == {scan[3:] for scan in paper}
    assert {name_of(scan) for scan in paper | label.scans} == {name}
    tag = read_tag(label.tag) if label.tag else None
    assert (tag.epc if isinstance(tag, Identity) else "") == ("" if case == "place of no number" else name)
    if case == "unit":  # Lot and expiry as well: what a recall asks for.
        unit = unit_view(name)
        assert unit is not None
        [found] = [read(scan) for scan in paper]
        assert isinstance(found, Identity)
        assert (found.lot, found.expiry) == (unit.lot, unit.expiry)


def test_every_kind_of_label_and_of_box_is_tried() -> None:
    assert {kind for kind, _made in LABELS.values()} == set(LabelKind)
    assert set(BoxKind) <= LABELS.keys()


def opened(day: World, address: str) -> tuple[Client, Any]:
    """A page as the first of the day's people sees it who may."""
    for person in day.people.values():
        if isinstance(person, Person):
            client = Client()
            client.force_login(person)
            answer = client.get(address)
            if answer.status_code == 200:
                return client, answer
    pytest.fail(f"nobody reads {address}")


def seen_in(drawing: Drawing) -> str:
    """What a scanner reads off a symbol of a page."""
    return str(zxingcpp.read_barcode(pixels(drawing)).text)


@pytest.mark.parametrize("kind", sorted(paper.kind for paper in papers()))
def test_the_symbols_of_a_paper_lead_back_to_it(hospital_day: World, kind: str) -> None:
    """A kind of which the day has no document fails: its tests have a world to live in."""
    paper = paper_of(kind)
    document = paper.model._default_manager.order_by("-pk").first()
    assert document is not None, f"tests/web/world.py writes no {kind}"
    address = f"/papers/{kind}/{document.pk}/print"
    client, page = opened(hospital_day, address)
    number = page.context["sheet"].number
    first, *rest = scans_of(client.get(f"{address}.pdf").content)
    assert rest == [set()] * len(rest), "the symbols stand on the first page"
    told = {scan[3:] for scan in first if not scan.startswith("]Q")}
    [link] = [urlsplit(scan[3:]) for scan in first if scan.startswith("]Q")]
    assert told == {number}
    found = resolve(link.path)
    assert (found.view_name, found.kwargs) == ("web:print", {"paper": kind, "document_id": document.pk})
    assert (
        seen_in(page.context["square"]) == number == seen_in(page.context["bars"] or page.context["square"])
    )
    if kind == "box":  # Known by the code on its label, to every page that takes scans.
        [meaning] = understand([number], actor=hospital_day.site.keeper)
        assert (meaning.kind, meaning.epc) == ("box", document.code)
    elif kind in {
        "finding",
        "recall",
    }:  # No number of ours: what was found amiss, or the notice, and the link leads to it.
        assert number == str(document)
    else:
        assert (paper.model, document.pk) in [(each.model, key) for each, key in papers_numbered(number)]


def test_the_code_of_a_shared_device_and_the_test_of_a_scanner_are_read(hospital_day: World) -> None:
    device = f"/masterdata/devices/{hospital_day.samples['device_id']}"
    client, _page = opened(hospital_day, device)
    page = client.post(f"{device}/code", {"key": unique("k")}, follow=True)
    assert page.context["code"]
    assert seen_in(page.context["symbol"]) == page.context["code"]
    _client, page = opened(hospital_day, "/scanner")
    shown = {
        zxingcpp.read_barcode(pixels(page.context[name])).bytes.decode().lstrip("\x1d")
        for name in ("square", "bars")
    }
    [said] = shown
    found = read(f"]d2{said}")
    assert isinstance(found, Identity)
    assert "".join(f"({ai}){value}" for ai, value in found.elements) == TEST_ELEMENTS


DRAWN = {"datamatrix", "qr", "code128", "gs1", "gs1_datamatrix", "gs1_128"}
CALL = re.compile(rf"\b({'|'.join(DRAWN)})\(")
TRIED = {
    "flows/paper_pdf.py", "flows/printing/layout.py", "flows/symbols.py", "web/papers.py", "web/masterdata/devices.py",
    "web/scanner.py",
}  # fmt: skip


def test_nothing_else_draws_a_symbol() -> None:
    drawing = {
        str(file.relative_to(SOURCE))
        for file in SOURCE.rglob("*.py")
        if CALL.search(text := file.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in DRAWN
    }
    assert drawing == TRIED, "a symbol drawn there is decoded in no test: try it above"
