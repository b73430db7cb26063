"""A count that is begun by mistake and cancelled; a blind one with counted pieces, whose loss somebody else refuses and, counted
out, approves."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, spoken, walking
from tests.browser.wedge import WIDE, rows, scan
from tests.flows.approving import role, rule, signer
from tests.flows.counting import LOT_EXPIRY, LOT_GTIN, LOT_LABEL
from tests.flows.site import Site, site
from yanji.catalog.models import ItemCode
from yanji.flows.counting.models import Count
from yanji.flows.models_approval import Approval
from yanji.ledger.api import on_hand, rebuild, unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def here() -> Site:
    made = site()
    ItemCode.objects.create(item=made.counted, issuer="GS1", code=LOT_GTIN)
    return made


@WIDE
def test_a_blind_count_waits_for_who_did_not_count(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    """One of two units and two of five pieces are gone: 300 in all, above what a storekeeper may post alone."""
    head = role("科主任", "Head")
    rule(here.h.campus, head, kind="count", from_amount=250)
    boss = signer(head, here.h.campus)
    seen, gone = here.stocked(2)
    lot = here.stocked_lot(5, expiry=LOT_EXPIRY)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        it_is_begun_and_cancelled(walk, here)
        count = it_is_counted_blind(walk, here, seen)
        the_loss_is_acknowledged_and_waits(walk, count)
        walk.decide(boss, "refuse", "Look behind the fridge")
        page = walk.as_(here.storekeeper, f"/storeroom/count/{count.pk}/variances")
        expect(page.locator(".y-signatures")).to_contain_text("Look behind the fridge")
        assert unit_view(gone).status == "available"
        with turned(page):
            walk.press("Finish and post")
        walk.decide(boss, "approve")
        walk.as_(here.storekeeper, f"/storeroom/count/{count.pk}/variances")
        walk.look("count-3-posted")
    count.refresh_from_db()
    assert (count.state, unit_view(seen).status, unit_view(gone).status) == ("posted", "available", "lost")
    [left] = on_hand(paths=[here.h.store.path], by=("place",), lot_id=lot, statuses=("available",))
    assert left.quantity == 3
    assert list(Approval.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "approved"]
    assert rebuild() == []


def begun(walk: Walk, here: Site, mode: str) -> Count:
    page = walk.as_(here.storekeeper, "/storeroom/count")
    page.locator("#f-place").select_option(f"{here.h.store.pk}")
    page.locator("#f-mode").select_option(mode)
    walk.press("Begin")
    leads_to(page, "/storeroom/count/#")
    return Count.objects.latest("pk")


def it_is_begun_and_cancelled(walk: Walk, here: Site) -> None:
    count = begun(walk, here, "full")
    expect(walk.page.locator("#count-progress .y-bar")).to_have_count(1)
    walk.unfold("Cancel the count")
    walk.page.locator("form[action$='/cancel'] button").click()
    leads_to(walk.page, "/storeroom/count")
    walk.says("%(number)s is cancelled. Nothing was posted.", number=count.number)
    count.refresh_from_db()
    assert count.state == "cancelled"


def it_is_counted_blind(walk: Walk, here: Site, seen: str) -> Count:
    """Nothing says how much there should be; of the lot one is scanned, and three are typed."""
    count = begun(walk, here, "blind")
    page = walk.page
    expect(page.locator("#count-progress .y-bar")).to_have_count(0)
    scan(page, here.scan(seen.rpartition("/")[2]))
    scan(page, LOT_LABEL)
    rows(page, 2)
    pieces = page.locator("[data-scan-row] input[name=quantity]")
    pieces.fill("3")
    pieces.press("Tab")
    expect(page.locator(".y-count-number")).to_have_text("4")
    walk.look("count-1-blind")
    walk.press("All is counted")
    leads_to(page, f"/storeroom/count/{count.pk}/variances")
    return count


def the_loss_is_acknowledged_and_waits(walk: Walk, count: Count) -> None:
    page = walk.page
    expect(page.locator(".y-variances li")).to_have_count(2)
    page.locator("[data-tick-all]").check()
    page.locator("#f-reason").select_option("missing")
    with turned(page):
        page.locator("button[value=accept]").click()
    with turned(page):
        walk.press("Finish and post")
    walk.look("count-2-waits")
    count.refresh_from_db()
    assert count.state == "awaiting"
    assert sorted(count.variances.values_list("kind", "pieces")) == [("lot_short", 2), ("missing", 1)]
