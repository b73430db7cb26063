"""A sweep with an RFID reader goes into a count as a list of reads; a colleague counts again what was not found."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, walking
from tests.browser.wedge import WIDE, rows, scan
from tests.flows.site import GTIN, Site, site
from yanji.access.models import Person
from yanji.flows.counting.models import Count, CountScan
from yanji.identity import to_hex
from yanji.ledger.api import rebuild, unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SERIALS = [f"70{number:03d}" for number in range(6)]
HIDDEN, GONE = SERIALS[4:]


def epc(serial: str) -> str:
    return f"01/{GTIN}/21/{serial}"


def tag(serial: str) -> str:
    """The memory of the tag on a unit, as a reader writes it down: SGTIN-96."""
    return to_hex([("01", GTIN), ("21", serial)], "sgtin-96", company_prefix_length=7)


@WIDE
def test_a_sweep_is_given_as_a_list_and_counted_again_by_another(
    browser: Any, live_server: Any, width: int
) -> None:
    here = site()
    here.receive(here.order((here.h.item, 6)), *(here.arrival(serial=serial) for serial in SERIALS))
    with walking(browser, live_server.url, width) as walk:
        count = a_sweep_begins(walk, here)
        the_reads_are_given(walk, count)
        what_is_missing_is_to_be_counted_again(walk, count)
        who_counted_may_not(walk, here, count)
        a_colleague_finds_one(walk, here.second, here.scan(HIDDEN), count)
        what_is_gone_is_posted(walk, count)
    seen = {serial: unit_view(epc(serial)).status for serial in SERIALS}
    assert seen == dict.fromkeys(SERIALS, "available") | {GONE: "lost"}
    assert rebuild() == []


def a_sweep_begins(walk: Walk, here: Site) -> Count:
    page = walk.as_(here.storekeeper, "/storeroom/count")
    page.get_by_label("Place").select_option(str(here.h.store.pk))
    page.get_by_label("How").select_option("sweep")
    walk.press("Begin")
    leads_to(page, "/storeroom/count/#")
    return Count.objects.get()


def the_reads_are_given(walk: Walk, count: Count) -> None:
    """Four tags, one of them read twice, and one of nobody's; swept once more, the four count nothing twice."""
    page = walk.page
    ours, stray = [*map(tag, SERIALS[:4]), tag(SERIALS[0])], "3034F87B5C0002C000000001"
    for kept, reads in ((5, [*ours, stray]), (0, ours)):
        page.get_by_label("One read a line").fill("\n".join(reads))
        expect(page.get_by_label("These are the memories of RFID tags")).to_be_checked()
        if kept:
            walk.look("again-1-reads")
        with turned(page):
            walk.press("Count these")
        walk.says(f"{kept} reads are kept.")
    assert set(CountScan.objects.values_list("how", flat=True)) == {"tag"}
    expect(page.locator(".y-count-number")).to_have_text("4")


def what_is_missing_is_to_be_counted_again(walk: Walk, count: Count) -> None:
    page = walk.page
    walk.press("All is counted")
    leads_to(page, f"/storeroom/count/{count.pk}/variances")
    expect(page.locator(".y-variances li")).to_have_count(3)
    with turned(page):
        walk.press("Have it counted again")
    walk.says("is open for the recount")
    walk.look("again-3-asked")
    count.refresh_from_db()
    assert (count.state, count.round) == ("recount", 2)


def who_counted_may_not(walk: Walk, here: Site, count: Count) -> None:
    page = walk.go(f"/storeroom/count/{count.pk}")
    expect(page.locator("section", has_text="To count again").last.locator("li")).to_have_count(3)
    scan(page, here.scan(HIDDEN))
    refused = page.locator("[data-scan-row][data-result=error]")
    expect(refused).to_contain_text("must be done by somebody else")
    assert not count.scans.filter(round=2).exists()


def a_colleague_finds_one(walk: Walk, who: Person, label: str, count: Count) -> None:
    page = walk.as_(who, f"/storeroom/count/{count.pk}")
    scan(page, label)
    rows(page, 1)
    walk.press("All is counted")
    leads_to(page, f"/storeroom/count/{count.pk}/variances")
    gone = page.locator(".y-variances li", has_text=GONE)
    expect(gone).to_contain_text("Counted twice")
    expect(page.locator(".y-variances li", has_text=HIDDEN)).to_have_count(0)


def what_is_gone_is_posted(walk: Walk, count: Count) -> None:
    """The missing one is acknowledged, the tag of nobody's explained."""
    page = walk.page
    page.locator(".y-variances li", has_text=GONE).get_by_role("checkbox").check()
    page.get_by_label("Reason").select_option("missing")
    with turned(page):
        walk.press("Acknowledge: to be posted")
    page.locator(".y-variances li").filter(has_not_text=GONE).get_by_role("checkbox").check()
    page.get_by_label("What was found out").fill("Tag of a neighbour's bed")
    with turned(page):
        walk.press("Explain: nothing to post")
    with turned(page):
        walk.press("Finish and post")
    walk.says("is posted")
    walk.look("again-5-posted")
    count.refresh_from_db()
    assert count.state == "posted"
