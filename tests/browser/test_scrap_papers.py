"""A scrap paper from the scan to the firm's certificate, and what is lost written off: both signed by two."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import PHONE, WALL, accessibility, leads_to, opened, overflow, settled, turned
from tests.browser.wedge import Gallery, rows, scan, type_like_a_wedge
from tests.flows.approving import rule, signing
from tests.flows.site import Site
from tests.makers import days_ago, unique
from yanji.access.badges import set_own_badge
from yanji.flows.approval import approvals_of, decide
from yanji.flows.disposal.models import Disposal
from yanji.ledger.api import LotQuantity, Step, unit_view, virtual_places

pytestmark = pytest.mark.browser
BADGE, PASSWORD = "0004711815", "Zweite-Person-7"


def second_signs(page: Page, here: Site, *, badge: bool) -> None:
    """The second person scans a badge, or types a name and a password."""
    if badge:
        page.locator("#f-witness-badge").focus()
        type_like_a_wedge(page, BADGE)
    else:
        page.locator("#f-witness").fill(here.second.username)
        page.locator("#f-witness-password").fill(PASSWORD)


def sign_the_paper(page: Page, here: Site, *, badge: bool) -> None:
    """A scanned badge is the whole signature; whoever types presses the button."""
    with turned(page):
        second_signs(page, here, badge=badge)
        if not badge:
            page.locator("form[action$='/sign'] button").click()
    expect(page.locator("form[action$='/sign']")).to_have_count(0)


def void_the_certificate(page: Page, gallery: Gallery) -> None:
    page.locator("details.y-because summary").click()
    page.select_option("form[action$='/void'] select", "wrong_scan")
    looks_right(page, gallery, "scrap-to-void")
    with turned(page):
        page.locator("form[action$='/void'] button").click()


def void_the_write_off(page: Page, here: Site, gallery: Gallery, *, badge: bool) -> None:
    page.locator("details.y-because summary").click()
    page.select_option("form[action$='/void'] select", "wrong_scan")
    looks_right(page, gallery, "write-off-to-void")
    with turned(page):
        second_signs(page, here, badge=badge)
        if not badge:
            page.locator("form[action$='/void'] button").click()
    expect(page.locator("form[action$='/sign']")).to_have_count(1)
    looks_right(page, gallery, "write-off-voided")


def collect_anew(page: Page) -> None:
    expect(page.locator("s")).to_have_text("C-2026-77")
    page.locator("#f-firm").fill("绿源医废处置")
    page.locator("#f-certificate").fill("C-2026-78")
    with turned(page):
        page.locator("form[action$='/collect'] button").click()


def looks_right(page: Page, gallery: Gallery, name: str) -> None:
    gallery.take(page, name, whole=True)
    assert overflow(page) == 0
    assert accessibility(page) == []


def approved(here: Site, head: Any, paper: Disposal) -> None:
    [step] = approvals_of("scrap", paper.pk)
    decide(actor=here.actor(head), key=unique("a"), approval_id=step.pk, approve=True)


@pytest.mark.parametrize(
    ("size", "language", "theme", "badge"),
    [(PHONE, "zh-hans", "light", True), (WALL, "en", "dark", False)],
    ids=["phone-zh-badge", "wall-en-password"],
)
def test_destroyed_before_two_and_taken_away(
    browser: Any, live_server: Any, here: Site, size: dict[str, int], language: str, theme: str, badge: bool
) -> None:
    rules, [epc] = signing(here), here.stocked(1)
    rule(here.h.campus, rules.head_role, kind="scrap")
    set_own_badge(actor=here.actor(here.second), code=BADGE, password=PASSWORD)
    gallery = Gallery(f"{size['width']}-{language[:2]}-{theme}")
    with opened(
        browser, live_server.url, here.storekeeper, size=size, language=language, theme=theme
    ) as page:
        settled(page, "/storeroom/scrap")
        scan(page, here.scan(epc.rpartition("/")[2]))
        rows(page, 1)
        page.select_option("#f-reason", "damaged")
        second_signs(page, here, badge=badge)
        looks_right(page, gallery, "scrap-asked")
        page.locator("[data-scan-submit]").click()
        expect(page.locator("#messages .y-message.y-ok")).to_be_visible()
        paper = Disposal.objects.get()
        assert (paper.state, unit_view(epc).status) == ("awaiting", "quarantined")
        settled(page, f"/storeroom/scrap/papers/{paper.pk}")
        assert page.locator("form[action$='/sign']").count() == 0
        approved(here, rules.head, paper)
        settled(page, f"/storeroom/scrap/papers/{paper.pk}")
        looks_right(page, gallery, "scrap-to-sign")
        sign_the_paper(page, here, badge=badge)
        page.locator("#f-firm").fill("绿源医废处置")
        page.locator("#f-certificate").fill("C-2026-77")
        looks_right(page, gallery, "scrap-to-collect")
        with turned(page):
            page.locator("form[action$='/collect'] button").click()
        expect(page.locator(".y-facts")).to_contain_text("C-2026-77")
        void_the_certificate(page, gallery)
        collect_anew(page)
        looks_right(page, gallery, "scrap-collected")
    paper.refresh_from_db()
    assert (paper.certificate, [each.certificate for each in paper.voids.all()]) == (
        "C-2026-78",
        ["C-2026-77"],
    )
    assert (paper.state, paper.witness, paper.firm) == ("collected", here.second, "绿源医废处置")
    assert unit_view(epc).status == "scrapped"


@pytest.mark.parametrize(
    ("size", "language", "theme", "badge"),
    [(PHONE, "en", "dark", False), (WALL, "zh-hans", "light", True)],
    ids=["phone-en-password", "wall-zh-badge"],
)
def test_a_lost_unit_and_lost_pieces_are_written_off(
    browser: Any, live_server: Any, here: Site, size: dict[str, int], language: str, theme: str, badge: bool
) -> None:
    [epc, late], lot, nowhere = here.stocked(2, ago=41), here.stocked_lot(9), virtual_places().lost
    gone = LotQuantity(lot, Decimal(5), here.h.store.pk)
    for thing, days in ((epc, 40), (gone, 35), (late, 2)):
        here.h.do(Step.LOSE, thing, to=nowhere, happened_at=days_ago(days))
    set_own_badge(actor=here.actor(here.second), code=BADGE, password=PASSWORD)
    gallery = Gallery(f"{size['width']}-{language[:2]}-{theme}")
    with opened(
        browser, live_server.url, here.storekeeper, size=size, language=language, theme=theme
    ) as page:
        settled(page, "/storeroom/scrap/lost")
        expect(page.locator("input[type=checkbox]")).to_have_count(2)
        page.locator("input[name=epc]").check()
        page.locator("input[name=lot]").check()
        page.locator("input[name^='pieces.']").fill("4")
        page.select_option("#f-reason", "missing")
        page.select_option("#f-place", str(here.h.campus.pk))
        looks_right(page, gallery, "lost")
        page.locator(".y-submit button").click()
        leads_to(page, "/storeroom/scrap/papers/#")
        paper = Disposal.objects.get()
        assert sorted(paper.lines.values_list("unit__epc", "quantity"), key=str) == [(epc, 1), (None, 4)]
        looks_right(page, gallery, "lost-to-sign")
        sign_the_paper(page, here, badge=badge)
        settled(page, "/storeroom/scrap/lost")
        expect(page.locator("input[type=checkbox]")).to_have_count(1)
        looks_right(page, gallery, "lost-afterwards")
        paper.refresh_from_db()
        assert (paper.state, paper.witness, unit_view(epc).status) == ("written_off", here.second, "lost")
        settled(page, f"/storeroom/scrap/papers/{paper.pk}")
        void_the_write_off(page, here, gallery, badge=badge)
    paper.refresh_from_db()
    assert (paper.state, paper.witness, paper.voids.get().second) == ("approved", None, here.second)
