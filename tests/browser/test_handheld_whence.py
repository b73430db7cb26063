"""The scan page where a label names no shelf: a counted lot lies at several places, and a person says from which it is taken."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_handheld import begin, opened, scanned
from tests.browser.test_scanning import Answers
from tests.browser.walk import Walk, spoken, walking
from tests.browser.wedge import WIDE, burst, type_like_a_wedge
from tests.flows.site import Site, site
from tests.makers import place, unique
from yanji.catalog.models import ItemCode
from yanji.flows.putaway import put_away
from yanji.ledger.api import LotQuantity, on_hand
from yanji.ledger.models import Event
from yanji.places.models import Kind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GTIN, EXPIRY = "06901234500028", date(2049, 12, 31)
LABEL = f"]d201{GTIN}17{EXPIRY:%y%m%d}10B1"


@pytest.fixture
def spread(transactional_db: None) -> Site:
    """Ten pieces of a counted lot where they arrived, and six on a shelf."""
    here = site()
    ItemCode.objects.create(issuer="GS1", code=GTIN, item=here.counted)
    lot = here.stocked_lot(16, expiry=EXPIRY)
    six = LotQuantity(lot, Decimal(6), here.h.store.pk)
    put_away(actor=here.keeper, key=unique("k"), things=[six], to_place_id=here.h.bin.pk)
    return here


@WIDE
def test_of_a_lot_at_two_places_it_is_said_from_which(
    browser: Any, live_server: Any, spread: Site, width: int
) -> None:
    store, shelf, other = spread.h.store, spread.h.bin, place(Kind.BIN, spread.h.store)
    before = Event.objects.count()
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(spread.storekeeper, "/scan")
        opened(page, live_server.url)
        begin(page, "put_away")
        # Scanned again, it is one more of its row; so is one touch, and what is written.
        scanned(page, LABEL, 1)
        pieces = page.locator("[data-pieces]")
        expect(pieces).to_have_value("1")
        scanned(page, LABEL, 1)
        expect(pieces).to_have_value("2")
        page.locator("[data-plus]").click()
        expect(pieces).to_have_value("3")
        touched_while_it_is_read(page)
        pieces.click()
        pieces.fill("2")
        pieces.press("Enter")
        expect(page.locator("[data-commit]")).to_contain_text("2")
        # A number that is still being written holds for what is scanned after it.
        pieces.click()
        pieces.fill("3")
        burst(page, other.code)
        expect(page.locator("[data-about]")).to_contain_text(other.code)
        expect(pieces).to_have_value("3")
        expect(page.locator("[data-commit]")).to_contain_text("3")
        page.locator("[data-less]").click()
        expect(page.locator("[data-commit]")).to_contain_text("2")
        it_asks_from_which(walk, [f"{store} (10)", f"{shelf} (6)"])
        page.locator("[data-from]").select_option(str(shelf.pk))
        expect(page.locator("[data-basket] [data-where]").first).to_have_text(str(shelf))
        expect(page.locator("[data-commit]")).to_be_enabled()
        what_was_said_is_kept(page, str(shelf.pk))
        walk.look("whence-2-said")
        pressed_while_it_is_read(page)
        expect(page.locator(".h-toast.y-ok")).to_be_visible()
        expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(0)
        expect(page.locator("[data-whence]")).to_be_hidden()
    left = {row.place_id: int(row.quantity) for row in on_hand(paths=["/"], by=("place",))}
    assert left == {store.pk: 10, shelf.pk: 3, other.pk: 3}
    assert Event.objects.count() == before + 1


def touched_while_it_is_read(page: Page) -> None:
    """What is touched is done to the basket as it is when its turn has come, whatever the row was drawn from."""
    pieces, rows = page.locator("[data-pieces]:visible"), page.locator("[data-basket] [data-scan-row]")
    answers = Answers(page, "**/handheld/readings")
    page.locator("[data-plus]").click()
    answers.asked()
    page.locator("[data-plus]").click()
    type_like_a_wedge(page, "NOBODY-1")
    page.locator("[data-plus]").click()
    answers.come()
    expect(rows).to_have_count(2)
    expect(pieces).to_have_value("6")
    scanned(page, "NOBODY-2", 3)
    scanned(page, "NOBODY-3", 4)
    answers = Answers(page, "**/handheld/readings")
    for gone in ("NOBODY-1", "NOBODY-2"):
        rows.filter(has_text=gone).locator("[data-out]").click()
    answers.asked()
    answers.come()
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="NOBODY-3")).to_have_count(1)
    rows.filter(has_text="NOBODY-3").locator("[data-out]").click()
    expect(rows).to_have_count(1)
    expect(pieces).to_have_value("6")


def pressed_while_it_is_read(page: Page) -> None:
    """A touch before the press is in the act; one after it finds nothing, and brings nothing back into the basket."""
    answers = Answers(page, "**/handheld/readings")
    page.locator("[data-plus]").click()
    answers.asked()
    page.locator("[data-commit]").click()
    page.locator("[data-plus]").click()
    answers.come()


def it_asks_from_which(walk: Walk, places: list[str]) -> None:
    """The dock first, nothing chosen for anybody; until it is said the act cannot be done."""
    page = walk.page
    expect(page.locator("[data-whence]")).to_be_visible()
    expect(page.locator("[data-from] option")).to_have_text(
        [walk.words("Choose where it is taken from"), *places]
    )
    expect(page.locator("[data-from]")).to_have_value("")
    expect(page.locator("[data-says]")).to_contain_text(", ".join(places))
    expect(page.locator("[data-commit]")).to_be_disabled()
    walk.look("whence-1-asked")


def what_was_said_is_kept(page: Page, chosen: str) -> None:
    """The basket stands there again as it was left, with what was said of it."""
    page.reload()
    expect(page.locator("[data-hand][data-ready]")).to_have_count(1)
    expect(page.locator("[data-view=act]")).to_be_visible()
    expect(page.locator("[data-from]")).to_have_value(chosen)
    expect(page.locator("[data-commit]")).to_be_enabled()
