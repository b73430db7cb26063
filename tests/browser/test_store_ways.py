"""What a store does beside the straight way: another lot than asked for, out of turn, put back, closed short; a load in two
parts, of which something is held, something is lost; a transfer called off."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, spoken, walking
from tests.browser.wedge import WIDE, rows, scan
from tests.flows.site import Site, site, soon
from tests.flows.transferring import Way, way
from yanji.catalog.models import ItemCode
from yanji.flows.models import Override, Requisition
from yanji.flows.queries import picked_for
from yanji.flows.transfer.models import Transfer, TransferOverride
from yanji.ledger.api import rebuild, unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SUTURE = "06901234500028"


@pytest.fixture
def here() -> Site:
    made = site()
    ItemCode.objects.create(item=made.counted, issuer="GS1", code=SUTURE)
    return made


def label(here: Site, epc: str, lot: str, days: int) -> str:
    return here.scan(epc.rpartition("/")[2], lot=lot, expiry=f"{soon(days):%y%m%d}")


def suture(days: int = 300) -> str:
    return f"]d201{SUTURE}17{soon(days):%y%m%d}10B1"


def picked_by_scan(walk: Walk, *labels: str, why: str = "") -> None:
    """Each is scanned; what is out of turn is not picked before its row has a reason."""
    for number, raw in enumerate(labels, 1):
        scan(walk.page, raw)
        rows(walk.page, number)
    if why:
        walk.page.locator("[data-scan-submit]").click()
        expect(walk.page.locator("[data-scan-row] select:invalid")).to_have_count(1)
        walk.page.locator("[data-scan-row] select").select_option(why)
        walk.page.locator("#y-scan-input").focus()


def put_back(walk: Walk, row: str) -> None:
    with turned(walk.page):
        walk.page.locator(".y-row", has_text=row).get_by_role("button", name=walk.words("Put back")).click()


@WIDE
def test_one_lot_is_asked_for_another_is_picked_and_put_back(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    [early] = here.stocked(1, lot="EARLY", expiry=soon(60))
    [late] = here.stocked(1, lot="LATE", expiry=soon(300))
    lot = here.stocked_lot(5, expiry=soon(300))
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        asked = the_ward_asks_for_one_lot(walk, here)
        page = walk.as_(here.storekeeper, f"/storeroom/picking/{asked.pk}")
        expect(page.get_by_text(walk.words("only lot %(lot)s", lot="LATE"))).to_be_visible()
        picked_by_scan(walk, label(here, early, "EARLY", 60), why="damaged")
        scan(page, label(here, late, "LATE", 300))
        scan(page, suture())
        rows(page, 3)
        page.locator("[data-scan-quantity]").fill("3")
        with turned(page):
            page.locator("[data-scan-submit]").click()
        walk.says("%(n)s thing is picked.", "%(n)s things are picked.", n=5)
        walk.look("store-1-picked")
        assert Override.objects.values_list("epc", "instead_of", "reason").get() == (early, "LATE", "damaged")
        put_back(walk, early.rpartition("/")[2])
        page.get_by_label(walk.words("Pieces of lot %(lot)s", lot="B1")).fill("2")
        put_back(walk, "B1")
        walk.says("%(n)s thing is put back.", "%(n)s things are put back.", n=2)
        assert picked_for(asked.pk) == ([late], {(lot, here.h.store.pk, None): 1})
        page.locator("[data-issue]").click()
        leads_to(page, "/storeroom/issues/#")
        it_is_closed_short(walk, here, asked)
    assert [unit_view(epc).status for epc in (early, late)] == ["available", "in_transit"]
    assert rebuild() == []


def the_ward_asks_for_one_lot(walk: Walk, here: Site) -> Requisition:
    page = walk.as_(here.nurse, "/ward/requisitions")
    walk.follow("New requisition")
    leads_to(page, "/ward/requisitions/new")
    for number, (item, pieces) in enumerate(((here.h.item, 2), (here.counted, 3)), 1):
        page.locator("#y-picker-input").fill(item.code)
        page.locator("[data-picker-found] button").first.click()
        expect(page.locator("[data-line]")).to_have_count(number)
        page.locator(f"[name='quantity:{item.pk}']").fill(f"{pieces}")
    page.locator(f"[name='lot:{here.h.item.pk}']").fill("LATE")
    page.locator("[data-needs-lines]").click()
    leads_to(page, "/ward/requisitions/#")
    asked = Requisition.objects.get()
    assert sorted(asked.lines.values_list("quantity", "lot")) == [(2, "LATE"), (3, "")]
    return asked


def it_is_closed_short(walk: Walk, here: Site, asked: Requisition) -> None:
    """Two of five pieces went; the ward reads that no more will come."""
    page = walk.go(f"/storeroom/picking/{asked.pk}")
    walk.press("Close")
    leads_to(page, "/storeroom/picking")
    walk.says("Requisition %(number)s is closed.", number=asked.number)
    asked.refresh_from_db()
    assert (asked.state, sum(line.issued for line in asked.lines.all())) == ("closed", 2)
    walk.as_(here.nurse, f"/ward/requisitions/{asked.pk}")
    expect(walk.page.locator(".y-heading .y-pill")).to_have_text(walk.words("Closed"))
    walk.look("store-2-closed")


@WIDE
def test_two_loads_of_which_one_is_held_and_one_is_lost(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    to = way(here)
    early, early_too = here.stocked(2, lot="EARLY", expiry=soon(60))
    [late] = here.stocked(1, lot="LATE", expiry=soon(300))
    here.stocked_lot(5, expiry=soon(300))
    transfer = to.transfer(to.asked((here.h.item, 2), (here.counted, 3)))
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(here.storekeeper, f"/storeroom/transfers/{transfer.pk}/pick")
        picked_by_scan(walk, label(here, late, "LATE", 300), why="not_reachable")
        with turned(page):
            page.locator("[data-scan-submit]").click()
        assert TransferOverride.objects.values_list("epc", "reason").get() == (late, "not_reachable")
        put_back(walk, late.rpartition("/")[2])
        first_load(walk, label(here, early, "EARLY", 60))
        second_load(walk, transfer, label(here, early_too, "EARLY", 60))
        one_is_held(walk, to, transfer, [label(here, epc, "EARLY", 60) for epc in (early, early_too)])
        what_is_missing_is_given_up(walk, transfer)
        what_was_not_sent_is_closed(walk, here, transfer)
    transfer.refresh_from_db()
    assert (transfer.state, unit_view(late).status) == ("closed", "available")
    assert sorted(unit_view(epc).status for epc in (early, early_too)) == ["available", "quarantined"]
    assert rebuild() == []


def first_load(walk: Walk, unit: str) -> None:
    """A unit and two of the three pieces that lie picked; the third goes back to its shelf."""
    page = walk.page
    picked_by_scan(walk, unit, suture())
    page.locator("[data-scan-quantity]").fill("3")
    with turned(page):
        page.locator("[data-scan-submit]").click()
    page.get_by_label(walk.words("Pieces of lot %(lot)s", lot="B1")).fill("1")
    put_back(walk, "B1")
    walk.look("load-1-picked")
    sent(walk, "Van 7", "30.50", 3)


def sent(walk: Walk, van: str, cost: str, pieces: int) -> None:
    walk.page.locator("#f-handed").fill(van)
    walk.page.locator("#f-cost").fill(cost)
    walk.press(walk.words("Send %(n)s piece", "Send %(n)s pieces", n=pieces))
    leads_to(walk.page, "/storeroom/transfers/#")


def second_load(walk: Walk, transfer: Transfer, unit: str) -> None:
    """The way cost something twice."""
    walk.follow("Pick and send")
    leads_to(walk.page, f"/storeroom/transfers/{transfer.pk}/pick")
    picked_by_scan(walk, unit)
    with turned(walk.page):
        walk.page.locator("[data-scan-submit]").click()
    sent(walk, "Van 8", "12", 1)
    expect(walk.page.locator(".y-facts")).to_contain_text("42.50")
    assert [str(load.cost) for load in transfer.shipments.order_by("pk")] == ["30.50", "12.00"]


def one_is_held(walk: Walk, to: Way, transfer: Transfer, units: list[str]) -> None:
    """Both units came, one of them damaged; the pieces did not."""
    page = walk.as_(to.far, f"/storeroom/transfers/{transfer.pk}/arrive")
    for number, raw in enumerate(units, 1):
        scan(page, raw)
        rows(page, number)
    page.locator("[data-verdict]").first.select_option("damaged_on_way")
    page.locator("#f-to").select_option(f"{to.shelf.pk}")
    walk.press("Take in what was scanned")
    leads_to(page, f"/storeroom/transfers/{transfer.pk}")
    walk.says("%(n)s thing is held.", "%(n)s things are held.", n=1)
    walk.says("%(n)s piece is missing still.", "%(n)s pieces are missing still.", n=2)


def what_is_missing_is_given_up(walk: Walk, transfer: Transfer) -> None:
    """Not without a reason."""
    page = walk.page
    page.locator("input[name=thing]").check()
    walk.unfold("It will not come any more")
    walk.press("Give up what is ticked as lost")
    expect(page.locator("#f-lost:invalid")).to_have_count(1)
    page.locator("#f-lost").select_option("lost_on_way")
    walk.look("load-2-given-up")
    with turned(page):
        walk.press("Give up what is ticked as lost")
    expect(page.locator("input[name=thing]")).to_have_count(0)
    expect(page.locator(".y-row", has_text=walk.words("Given up as lost"))).to_contain_text("B1 × 2")
    assert transfer.differences.order_by("pk").values_list("kind", "pieces", "reason").last() == (
        "lost",
        2,
        "lost_on_way",
    )


def what_was_not_sent_is_closed(walk: Walk, here: Site, transfer: Transfer) -> None:
    walk.as_(here.storekeeper, f"/storeroom/transfers/{transfer.pk}")
    walk.look("load-3-to-close")
    walk.press("Close")
    leads_to(walk.page, "/storeroom/transfers")
    walk.says("Transfer %(number)s is closed.", number=transfer.number)


@WIDE
def test_a_transfer_is_called_off_and_its_goods_lie_where_they_lay(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    [epc] = here.stocked(1)
    transfer = way(here).transfer(way(here).picked([epc]))
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(here.storekeeper, f"/storeroom/transfers/{transfer.pk}")
        walk.unfold("Call it off")
        page.locator("#f-cancel").select_option("wrong_place")
        with turned(page):
            walk.press("Call the transfer off")
        said = "Transfer %(number)s is called off; everything is back where it was."
        walk.says(said, number=transfer.number)
    transfer.refresh_from_db()
    assert (transfer.state, unit_view(epc).status) == ("cancelled", "available")
