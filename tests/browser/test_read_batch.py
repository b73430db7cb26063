"""What a reader has read is listed in a delivery, and shown and counted in a count, without a scanner and without a list."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WALL, opened
from tests.browser.wedge import Gallery, rows
from tests.flows.site import GTIN, Site
from tests.makers import everything, unique
from yanji.flows.counting.count import start_count
from yanji.flows.counting.models import CountScan
from yanji.flows.models import Receipt
from yanji.flows.rfid.heard import hear
from yanji.flows.rfid.models import Reader
from yanji.flows.rfid.readers import enter_reader
from yanji.flows.rfid.sightings import Read
from yanji.identity import to_hex

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STRANGE = "E28011606000020000000001"
WORDS = {
    "zh-hans": {"fold": "读写器读到的", "list": "列出读到的", "in": "确认收货", "show": "显示读到的", "count": "计入这些"},
    "en": {
        "fold": "What a reader has read", "list": "List what it has read", "in": "Take the delivery in",
        "show": "Show what it has read", "count": "Count these",
    },
}  # fmt: skip


def tag(serial: str) -> str:
    return to_hex([("01", GTIN), ("21", serial)], "sgtin-96", company_prefix_length=7)


def passes(here: Site, *tags: str) -> None:
    """A trolley goes by a gate of the store."""
    gate = enter_reader(
        actor=everything(here.h.campus, here.buyer), key=unique("k"), name="1 号通道门", kind="gate", protocol="mqtt",
        address=unique("rfid/"), place_id=here.h.store.pk,
    )  # fmt: skip
    hear(gate.id, [Read(each, 1, timezone.now()) for each in tags])


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (WALL, "en", "dark")],
    ids=["phone-zh", "wall-en"],
)
def test_a_trolley_is_received_and_a_shelf_counted_by_what_a_reader_read(
    browser: Any, address: str, here: Site, size: dict[str, int], language: str, theme: str
) -> None:
    words, gallery = WORDS[language], Gallery(f"{size['width']}-{language[:2]}")
    order = here.order((here.h.item, 3))
    serials = ["7001", "7002", "7003"]
    with opened(browser, address, here.storekeeper, size=size, language=language, theme=theme) as page:
        passes(here, *map(tag, serials), STRANGE)
        page.goto(f"/storeroom/receiving/{order.id}")
        page.get_by_text(words["fold"]).click()
        page.get_by_role("button", name=words["list"]).click()
        rows(page, 3)
        expect(page.locator("[data-read-told]")).to_contain_text("4")
        page.locator("[data-read-told] summary").click()
        expect(page.locator("[data-read-told]")).to_contain_text(STRANGE)
        gallery.take(page, "read-receive", whole=True)
        page.locator("[data-read-told] [data-scan-remove]").click()
        expect(page.locator("[data-read-told]")).to_have_count(0)
        page.get_by_role("button", name=words["in"]).click()
        expect(page).to_have_url(f"{address}/storeroom/receipts/{Receipt.objects.get().pk}")
        count = start_count(actor=here.keeper, key=unique("k"), place_id=here.h.store.pk)
        hear(Reader.objects.get().pk, [Read(tag(each), 1, timezone.now()) for each in serials[:2]])
        page.goto(f"/storeroom/count/{count.id}")
        page.get_by_text(words["fold"]).click()
        page.get_by_role("button", name=words["show"]).click()
        expect(page.locator("#read-batch form")).to_be_visible()
        gallery.take(page, "read-count", whole=True)
        assert not CountScan.objects.exists()
        page.get_by_role("button", name=words["count"]).first.click()
        expect(page.locator("#messages .y-message")).to_be_visible()
    assert CountScan.objects.filter(how="tag", unit__isnull=False).count() == 2
