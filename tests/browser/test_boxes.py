"""Boxes and kits by scanner: packed, moved by the outside, torn by a thing that goes its own way, and opened again."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import PHONE, SIZED, WALL, accessibility, opened, overflow, settled, turned
from tests.browser.wedge import Gallery, rows, scan, type_like_a_wedge
from tests.flows.site import Site
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.flows.packing.bill import InKit, set_bill
from yanji.flows.packing.models import Box
from yanji.ledger.models import Unit
from yanji.places.models import Place

pytestmark = pytest.mark.browser


def kit_of(here: Site, pieces: int) -> Item:
    kit = Item.objects.create(
        code=unique("KIT"), name_zh="介入套件", name_en="Basic set", temperature_class="room"
    )
    editor = Actor(here.buyer.pk, "Buyer", {"edit_catalog": (here.h.campus.path,)})
    set_bill(actor=editor, key=unique("k"), kit_id=kit.pk, lines=[InKit(here.h.item.pk, pieces)])
    return kit


def packed(page: Page, here: Site, scans: list[str], *, kind: str, kit: Item | None = None) -> str:
    """Packs what is scanned through the page; the box's code."""
    settled(page, "/storeroom/pack")
    for raw in scans:
        scan(page, raw)
    rows(page, len(scans))
    page.select_option("#f-place", str(here.h.store.pk))
    page.select_option("#f-kind", kind)
    if kit:
        page.select_option("#f-kit", str(kit.pk))
    type_like_a_wedge(page, "YANJI:OK")
    page.wait_for_url(re.compile(r"/storeroom/boxes/"))
    return page.url.partition("/storeroom/boxes/")[2]


def put_away(page: Page, raw: str, shelf: Place) -> None:
    settled(page, "/storeroom/put-away")
    scan(page, raw)
    rows(page, 1)
    scan(page, shelf.code)
    expect(page.locator("#chosen")).to_contain_text(shelf.code)
    scan(page, shelf.code)
    expect(page.locator("#messages .y-message.y-ok")).to_be_visible()


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (WALL, "en", "dark")],
    ids=["phone-zh", "wall-en"],
)
def test_packed_moved_torn_and_opened(
    browser: Any, live_server: Any, here: Site, size: dict[str, int], language: str, theme: str
) -> None:
    epcs, kit = here.stocked(4), kit_of(here, 2)
    scans = [here.scan(epc.rpartition("/")[2]) for epc in epcs]
    gallery, wrong = Gallery(f"{size['width']}-{language[:2]}-{theme}"), []
    with opened(
        browser, live_server.url, here.storekeeper, size=size, language=language, theme=theme
    ) as page:
        inner = packed(page, here, scans[:2], kind="kit", kit=kit)
        carton = packed(page, here, scans[2:], kind="box")
        pallet = packed(page, here, [inner, carton], kind="pallet")
        put_away(page, pallet, here.h.bin)
        assert set(Unit.objects.filter(epc__in=epcs).values_list("place_id", flat=True)) == {here.h.bin.pk}
        settled(page, "/storeroom/put-away")
        scan(page, scans[0])
        expect(page.locator("[data-scan-row][data-result=warn]")).to_contain_text(inner)
        put_away(page, scans[0], here.h.other_bin)
        for address in (f"/storeroom/boxes/{pallet}", "/storeroom/boxes", f"/masterdata/items/{kit.pk}/kit"):
            settled(page, address)
            gallery.take(page, f"box-{address.rpartition('/')[2]}", whole=True)
            wrong += [f"{address}: {overflow(page)} px too wide"] if overflow(page) else []
            wrong += [f"{address}: {finding}" for finding in accessibility(page)]
        assert wrong == []
        settled(page, f"/storeroom/boxes/{pallet}")
        told = page.locator(".y-row", has_text=re.compile("Seal broken|封装已破坏"))
        who = here.storekeeper.name_en if language == "en" else here.storekeeper.name_zh
        expect(told).to_contain_text(who)
        with turned(page):
            page.locator("form[action$='/unpack'] button").last.click()
        assert not Box.objects.filter(parent__code=pallet).exists()


@SIZED
def test_a_kit_is_picked_by_its_code(
    browser: Any, live_server: Any, here: Site, size: dict[str, int]
) -> None:
    epcs, kit = here.stocked(2), kit_of(here, 2)
    asked = here.requisition((kit, 1))
    with opened(browser, live_server.url, here.storekeeper, size=size, language="en") as page:
        code = packed(page, here, [here.scan(epc.rpartition("/")[2]) for epc in epcs], kind="kit", kit=kit)
        settled(page, f"/storeroom/picking/{asked.id}")
        expect(page.get_by_text("Kits that are ready")).to_be_visible()
        scan(page, code)
        rows(page, 1)
        type_like_a_wedge(page, "YANJI:OK")
        page.get_by_text("1 thing is picked.").wait_for()
        Gallery(f"{size['width']}-en-light").take(page, "kit-picked", whole=True)
        page.get_by_role("button", name="Issue 1 thing").click()
        page.get_by_text("is on its way.").wait_for()
    assert set(Unit.objects.filter(epc__in=epcs).values_list("status", flat=True)) == {"in_transit"}
