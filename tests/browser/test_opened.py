"""A ward opens a vial, takes parts of it for a case, uses it up or throws it away; said and read on phone and desk."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.pages import PHONE, WALL, accessibility, overflow, settled, turned
from tests.browser.pages import opened as window_of
from tests.browser.wedge import WIDE, Gallery, context, sign_in, type_like_a_wedge
from tests.flows.site import Site, site, soon
from tests.flows.vials import opened, ward_lot
from tests.makers import unique
from yanji.catalog.models import ItemCode
from yanji.flows.opened.models import OpenedPiece, Taken
from yanji.flows.opened.piece import discard, take
from yanji.flows.use import plan_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GTIN = "06901234500028"


def ward() -> tuple[Site, int]:
    """Ten vials in the ward, and a case that may need some."""
    here = site()
    lot = ward_lot(here)
    ItemCode.objects.create(item=here.counted, issuer="GS1", code=GTIN)
    plan_case(
        actor=here.ward,
        key=unique("k"),
        number="CASE-7",
        patient_token="PT-7",
        department_id=here.h.department.pk,
    )
    return here, lot


@WIDE
def test_a_vial_is_opened_used_for_a_case_and_spent(browser: Any, live_server: Any, width: int) -> None:
    here, lot = ward()
    window = context(browser, width)
    page = window.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    sign_in(page, live_server.url, here.buyer, "en")
    page.goto(f"{live_server.url}/masterdata/items/{here.counted.pk}/opening")
    it_keeps_one_day_once_opened(page)
    sign_in(page, live_server.url, here.nurse, "en")
    page.goto(f"{live_server.url}/ward/opened")
    expect(page.locator("#f-scan")).to_be_focused()
    type_like_a_wedge(page, f"]d201{GTIN}17{soon(90):%y%m%d}10B1")
    expect(page.get_by_text("5 of 5 mL left")).to_be_visible()
    piece = OpenedPiece.objects.get()
    assert piece.use_until == piece.opened_at + timedelta(hours=24)
    page.locator(f"#a-{piece.pk}").fill("1.5")
    page.locator(f"#c-{piece.pk}").fill("PT-7")  # the wristband stands for the case
    page.get_by_role("button", name="Take").click()
    expect(page.get_by_text("3.5 of 5 mL left")).to_be_visible()
    page.locator(f"#a-{piece.pk}").fill("9")
    page.get_by_role("button", name="Take").click()
    expect(page.get_by_text("3.5 mL are left")).to_be_visible()
    page.locator(f"#a-{piece.pk}").fill("3.5")
    page.get_by_role("button", name="Take").click()
    expect(page.get_by_text(f"{piece.number} is used up.")).to_be_visible()
    page.get_by_role("link", name=piece.number).first.click()
    expect(page.get_by_text("1.5 mL taken")).to_be_visible()
    page.get_by_role("link", name="CASE-7").click()
    expect(page.get_by_text("Taken from opened pieces")).to_be_visible()
    page.goto(f"{live_server.url}/lot/{lot}")
    expect(page.get_by_role("link", name="PT-7 CASE-7", exact=True)).to_be_visible()
    assert [
        (part.amount, part.case.number if part.case else "") for part in Taken.objects.order_by("pk")
    ] == [
        (1.5, "CASE-7"),
        (3.5, ""),
    ]
    assert troubles == []
    window.close()


def it_keeps_one_day_once_opened(page: Page) -> None:
    """Not opened any more at first; then said anew, with another life than before."""
    page.locator("details.y-more > summary").click()
    page.get_by_role("button", name="Not opened any more").click()
    expect(page.get_by_text("The item is not opened any more.")).to_be_visible()
    expect(page.locator("summary", has_text="Say what a piece holds")).to_be_visible()
    page.get_by_label("A piece holds").fill("5")
    page.get_by_label("Measure").fill("mL")
    page.get_by_label("Keeps, once opened, for hours").fill("24")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It holds from now on.")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(3)


@WIDE
def test_a_vial_whose_time_is_over_is_only_thrown_away(browser: Any, live_server: Any, width: int) -> None:
    here, lot = ward()
    piece = opened(here, lot, happened_at=timezone.now() - timedelta(hours=49))
    window = context(browser, width)
    page = window.new_page()
    sign_in(page, live_server.url, here.nurse, "en")
    page.goto(f"{live_server.url}/ward/opened")
    expect(page.get_by_text("Open life over")).to_be_visible()
    expect(page.locator(f"#a-{piece.id}")).to_have_count(0)
    page.locator(f"#r-{piece.id}").select_option("remainder")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text(f"{piece.number} is discarded.")).to_be_visible()
    assert OpenedPiece.objects.get().state == "discarded"
    window.close()


@pytest.mark.parametrize(("language", "width", "theme"), [("en", 1920, "dark"), ("zh-hans", 390, "light")])
def test_a_wrong_part_a_wrong_end_and_a_wrong_opening_are_taken_back(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    here, lot = ward()
    piece = opened(here, lot)
    take(actor=here.ward, key=unique("k"), piece_id=piece.id, amount=Decimal("1.5"), case_number="CASE-7")
    discard(actor=here.ward, key=unique("k"), piece_id=piece.id, reason="remainder")
    gallery = Gallery(f"{language[:2]}-{width}-{theme}")
    size = PHONE if width < 600 else WALL
    with window_of(browser, live_server.url, here.nurse, size=size, language=language, theme=theme) as page:
        settled(page, f"/opened/{piece.id}")
        for step, ended in (("end", "open"), ("part", "open"), ("opening", "voided")):
            form = page.locator(f"form:has(input[value='{step}']), form:has(input[name='{step}'])").first
            form.locator("xpath=..").locator("summary").click()
            form.locator("select").select_option("wrong_scan")
            gallery.take(page, f"piece-undo-{step}", whole=True)
            assert (overflow(page), accessibility(page)) == (0, [])
            with turned(page):
                form.locator("button").click()
            assert OpenedPiece.objects.get().state == ended
        gallery.take(page, "piece-voided", whole=True)
        assert (overflow(page), page.locator("form[action$='/undo']").count()) == (0, 0)
        settled(page, f"/papers/opened/{piece.id}/print")
        gallery.take(page, "piece-voided-print", whole=True)


@pytest.mark.parametrize(("language", "width", "theme"), [("en", 1920, "dark"), ("zh-hans", 390, "light")])
def test_every_page_fits(browser: Any, live_server: Any, language: str, width: int, theme: str) -> None:
    here, lot = ward()
    first, second = opened(here, lot), opened(here, lot)
    for amount in ("1.5", "2"):
        part = Decimal(amount)
        take(
            actor=here.ward,
            key=unique("k"),
            piece_id=first.id,
            amount=part,
            case_number="CASE-7",
            note="室温",
        )
    discard(actor=here.ward, key=unique("k"), piece_id=second.id, reason="remainder")
    gallery = Gallery(f"{language[:2]}-{width}-{theme}")
    window = context(browser, width)
    page = window.new_page()
    for who, name, path in (
        (here.nurse, "ward-opened", "/ward/opened"),
        (here.nurse, "piece", f"/opened/{first.id}"),
        (here.storekeeper, "piece-masked", f"/opened/{first.id}"),
        (here.nurse, "piece-print", f"/papers/opened/{first.id}/print"),
        (here.nurse, "lot-opened", f"/lot/{lot}"),
        (here.buyer, "opening", f"/masterdata/items/{here.counted.pk}/opening"),
    ):
        sign_in(page, live_server.url, who, language, theme)
        answer = page.goto(live_server.url + path)
        assert answer.status == 200, path
        gallery.take(page, name, whole=True)
        assert accessibility(page) == [], path
    window.close()
