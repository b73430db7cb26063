"""What the other side does not take: a ship notice withdrawn, a loan declined, a paper refused and sent anew."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, walking
from tests.browser.wedge import WIDE, rows, scan
from tests.flows.buying import supplier_person
from tests.flows.files import png
from tests.flows.site import GTIN, Site, person, soon
from tests.flows.test_budgets import at_the_ward
from tests.makers import place, unique
from yanji.access.models import Person
from yanji.catalog.models import Licence
from yanji.flows.announced import Announced
from yanji.flows.lending.models import Lending
from yanji.flows.models import ShipNotice
from yanji.flows.portal.models import OfferedPaper
from yanji.flows.ship_notice import announce
from yanji.ledger.api import rebuild, unit_view
from yanji.places.models import Kind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OLD, WRONG, RIGHT = "XK-2023-7", "XK-2027-8", "XK-2027-9"


@WIDE
def test_a_supplier_withdraws_what_will_not_come(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    """And announces the same unit anew; the hospital reads why."""
    theirs, order, serial = supplier_person(here), here.order((here.h.item, 1)), unique("W")
    unit = Announced(here.h.item.pk, serial, "L1", soon(400), epc=f"01/{GTIN}/21/{serial}")
    told = announce(actor=here.actor(theirs), key=unique("n"), order_id=order.id, lines=[unit])
    with walking(browser, live_server.url, width) as walk:
        page = walk.as_(theirs, f"/supplier/notices/{told.id}")
        with turned(page):
            walk.because("Withdraw", "The van broke down")
        walk.says(f"Ship notice {told.number} is withdrawn")
        expect(page.locator("summary", has_text="Withdraw")).to_have_count(0)
        walk.look("otherwise-1-withdrawn")
        page.locator(".y-heading").get_by_role("link", name=order.number).click()
        leads_to(page, f"/supplier/orders/{order.id}")
        page.get_by_role("link", name="Announce a delivery").click()
        leads_to(page, f"/supplier/orders/{order.id}/notice")
        page.locator("[name=serial]").first.fill(serial)
        page.locator("[name=lot]").first.fill("L1")
        page.locator("[name=expiry]").first.fill(soon(400).isoformat())
        walk.press("Announce")
        leads_to(page, "/supplier/notices/#")
        page = walk.as_(here.buyer, f"/buyer/orders/{order.id}")
        notices = page.locator(".card", has=page.get_by_role("heading", name="Ship notices")).locator("li")
        expect(notices).to_have_count(2)
        expect(notices.filter(has_text=told.number)).to_contain_text("The van broke down")
        walk.look("otherwise-2-order")
    kept = ShipNotice.objects.get(pk=told.id)
    assert (kept.state, kept.withdrawn_because) == ("withdrawn", "The van broke down")
    assert ShipNotice.objects.latest("pk").state == "announced"


@WIDE
def test_a_neighbour_declines_what_was_lent(browser: Any, live_server: Any, here: Site, width: int) -> None:
    [epc] = at_the_ward(here, 1)
    other = place(Kind.DEPARTMENT, here.h.campus)
    neighbour = person("nurse", other)
    with walking(browser, live_server.url, width) as walk:
        page = walk.as_(here.nurse, "/ward/lending")
        page.get_by_role("link", name="Lend", exact=True).click()
        leads_to(page, "/ward/lending/new")
        page.get_by_label("Borrower").select_option(str(other.pk))
        scan(page, here.scan(epc.rpartition("/")[2], expiry=f"{soon(300):%y%m%d}"))
        rows(page, 1)
        walk.press("Lend")
        leads_to(page, "/ward/lending/#")
        walk.says("the borrower has to confirm")
        lending = Lending.objects.get()
        assert unit_view(epc).place_id == other.pk
        page = walk.as_(neighbour, "/ward/lending")
        page.locator(f"a[href='/ward/lending/{lending.pk}']").click()
        leads_to(page, f"/ward/lending/{lending.pk}")
        walk.look("otherwise-3-lent")
        with turned(page):
            walk.press("Not ours: send it back")
        walk.says("the things lie at the lender again")
        expect(page.locator(".y-pill.y-soon")).to_have_count(0)
        walk.look("otherwise-4-declined")
        expect(walk.as_(here.nurse, f"/ward/lending/{lending.pk}").get_by_text("Declined")).to_be_visible()
    lending.refresh_from_db()
    assert lending.state == "declined"
    assert unit_view(epc).place_id == here.h.department.pk
    assert rebuild() == []


@WIDE
def test_a_renewed_licence_is_refused_sent_anew_and_holds(
    browser: Any, live_server: Any, here: Site, tmp_path: Path, width: int
) -> None:
    theirs, paper = supplier_person(here), tmp_path / "licence.png"
    paper.write_bytes(png())
    Licence.objects.create(
        supplier=here.h.supplier, kind="device_trade", number=OLD, valid_from=soon(-900), valid_to=soon(20)
    )
    with walking(browser, live_server.url, width) as walk:
        it_is_sent(walk, theirs, paper, WRONG)
        it_is_refused(walk, here)
        the_supplier_reads_why_and_sends_the_right_one(walk, theirs, paper)
        it_is_entered(walk, here)
        both_see_it_hold(walk, theirs)
    first, second = OfferedPaper.objects.order_by("pk")
    assert (first.state, second.state) == ("refused", "entered")
    assert not Licence.objects.filter(number=WRONG).exists()


def it_is_sent(walk: Walk, theirs: Person, paper: Path, number: str) -> None:
    """From what lapses, on the supplier's page of papers."""
    page = walk.as_(theirs, "/supplier/papers")
    expect(page.locator(".y-row", has_text=OLD)).to_contain_text("20 days left")
    page.get_by_label("Kind").select_option("device_trade")
    page.get_by_label("Number on the paper").fill(number)
    page.get_by_label("Valid from").fill(soon(0).isoformat())
    page.get_by_label("Valid to").fill(soon(900).isoformat())
    page.get_by_label("Scan of the paper").set_input_files(paper)
    walk.press("Send")
    leads_to(page, "/supplier/papers/offered/#")
    walk.says("which compares and enters it")


def offered(walk: Walk, here: Site, number: str) -> None:
    """The buyer finds it among what lapses."""
    page = walk.as_(here.buyer, "/buyer/papers")
    page.locator("a[href*='/papers/offered/']", has_text=number).click()
    leads_to(page, "/buyer/papers/offered/#")
    expect(page.locator(".y-trail-file a")).to_have_text("licence.png")


def it_is_refused(walk: Walk, here: Site) -> None:
    """Not without a reason."""
    offered(walk, here, WRONG)
    page = walk.page
    with turned(page):
        page.get_by_role("button", name="Refuse").click()
    expect(page.locator(".y-refusal")).to_be_visible()
    assert OfferedPaper.objects.get().state == "offered"
    page.get_by_label("Reason, where it is refused").fill("The seal can not be read")
    with turned(page):
        page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("button", name="Enter it")).to_have_count(0)


def the_supplier_reads_why_and_sends_the_right_one(walk: Walk, theirs: Person, paper: Path) -> None:
    page = walk.as_(theirs, "/supplier/papers")
    page.locator("a[href*='/papers/offered/']", has_text=WRONG).click()
    leads_to(page, "/supplier/papers/offered/#")
    expect(page.get_by_text("The seal can not be read")).to_be_visible()
    walk.look("otherwise-5-refused")
    it_is_sent(walk, theirs, paper, RIGHT)


def it_is_entered(walk: Walk, here: Site) -> None:
    offered(walk, here, RIGHT)
    page = walk.page
    with turned(page):
        page.get_by_role("button", name="Enter it").click()
    expect(page.get_by_role("button", name="Enter it")).to_have_count(0)
    expect(page.locator("section", has_text="on file")).to_contain_text(RIGHT)


def both_see_it_hold(walk: Walk, theirs: Person) -> None:
    page = walk.as_(theirs, "/supplier/papers")
    expect(page.locator(".y-row", has_text=RIGHT)).to_contain_text("Valid")
    walk.look("otherwise-6-papers")
