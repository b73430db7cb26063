"""A delivery that came damaged: a picture is taken, a word is said, the receipt is printed."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import PHONE, WALL, accessibility, opened, overflow, settled
from tests.flows.files import png
from tests.web.world import World, world
from yanji.flows.models_papers import Attachment, Remark, Withdrawal

pytestmark = pytest.mark.browser


@pytest.fixture
def here(transactional_db: None) -> World:
    return world()


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (WALL, "en", "dark")],
    ids=["phone-zh", "wall-en-dark"],
)
def test_a_picture_is_attached_and_the_document_printed(
    browser: Any,
    live_server: Any,
    here: World,
    tmp_path: Path,
    size: dict[str, int],
    language: str,
    theme: str,
) -> None:
    receipt, storekeeper = here.samples["receipt_id"], here.site.storekeeper
    picture = tmp_path / "箱子.png"
    picture.write_bytes(png())
    with opened(browser, live_server.url, storekeeper, size=size, language=language, theme=theme) as page:
        settled(page, f"/storeroom/receipts/{receipt}")
        photo = size is PHONE
        assert page.locator(".y-touch-only").is_visible() == photo
        chooser = page.locator(".y-trail input[type=file]").nth(0 if photo else 1)
        chooser.set_input_files(picture)
        page.locator(".y-trail-file a").wait_for()
        for text in ("外箱受潮, two boxes", "Photo taken at the dock"):
            page.locator(".y-trail textarea").fill(text)
            page.locator(".y-trail .btn-primary").click()
            page.locator(".y-trail-text", has_text=text).wait_for()
        assert overflow(page) == 0
        assert accessibility(page) == []
        with page.expect_download() as saved:
            page.locator(".y-trail-file a").click()
        assert saved.value.suggested_filename == "箱子.png"
        assert Path(saved.value.path()).read_bytes() == png()
        it_is_withdrawn(page)
        address = page.locator("a[href$='/print']").get_attribute("href")
        settled(page, address)
        assert overflow(page) == 0
        assert accessibility(page) == []
        page.evaluate("window.print = () => { document.body.dataset.printed = '1'; }")
        page.locator("[data-print]").click()
        expect(page.locator("body")).to_have_attribute("data-printed", "1")
        # As it leaves the printer: one page, with its number and its signature lines.
        paper = page.pdf(prefer_css_page_size=True)
        assert paper.startswith(b"%PDF-")
        assert paper.count(b"/Type /Page\n") == 1
    assert Withdrawal.objects.get().reason == "of another delivery"
    assert Attachment.objects.get(kind="receipt", document_id=receipt).content_type == "image/png"
    assert Remark.objects.filter(kind="receipt", document_id=receipt).count() == 2


def it_is_withdrawn(page: Page) -> None:
    """Its name stays, with who withdrew it and why; nobody opens it any more."""
    page.locator(".y-trail-withdraw summary").click()
    page.locator(".y-trail-withdraw input[name=reason]").fill("of another delivery")
    page.locator(".y-trail-withdraw button").click()
    expect(page.locator(".y-withdrawn")).to_contain_text("of another delivery")
    expect(page.locator(".y-trail-file a")).to_have_count(0)
    assert overflow(page) == 0
    assert accessibility(page) == []
