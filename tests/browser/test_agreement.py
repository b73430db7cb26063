"""A consignment agreement is written on its page; goods come under it by scan and are the supplier's until they are used."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, walking
from tests.browser.wedge import WIDE, rows, scan
from tests.flows.buying import supplier_person
from tests.flows.site import Site, site, soon
from tests.makers import unique
from yanji.flows.consign.models import AgreementEnding, ConsignmentAgreement
from yanji.flows.consign.versions import latest_of
from yanji.ledger.api import unit_view
from yanji.ledger.models import Unit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@WIDE
def test_an_agreement_is_written_and_goods_come_under_it(browser: Any, live_server: Any, width: int) -> None:
    here, serial = site(), unique("C")
    with walking(browser, live_server.url, width) as walk:
        no_goods_without_it(walk, here)
        it_is_written_and_mended(walk, here)
        a_unit_comes(walk, here, serial)
        page = walk.as_(supplier_person(here), "/supplier/consignment")
        expect(page.locator("main")).to_contain_text(here.h.item.name)
        walk.look("agreement-3-supplier")
        it_is_ended_and_goes_on(walk, here)
    unit = Unit.objects.get(serial=serial)
    assert (unit.owner_id, unit_view(unit.epc).status) == (here.h.supplier.pk, "available")


def no_goods_without_it(walk: Walk, here: Site) -> None:
    page = walk.as_(here.storekeeper, "/storeroom/consigned/receive")
    expect(page.get_by_text("No consignment agreement")).to_be_visible()


def it_is_written_and_mended(walk: Walk, here: Site) -> None:
    page = walk.as_(here.buyer, "/buyer/agreements/new")
    page.get_by_label("Supplier", exact=True).select_option(str(here.h.supplier.pk))
    page.get_by_label("Holds at").select_option(str(here.h.campus.pk))
    page.get_by_label("From", exact=True).fill(soon(-1).isoformat())
    page.locator("#y-picker-input").fill(here.h.item.code)
    page.locator("[data-picker-found] button").first.click()
    page.get_by_label("Price ¥").fill("1200")
    page.get_by_label("Keep here").fill("4")
    walk.look("agreement-1-form")
    walk.press("Keep the agreement")
    leads_to(page, "/buyer/agreements")
    agreement = ConsignmentAgreement.objects.get()
    walk.says(f"Agreement {agreement.number} is kept")
    walk.go(f"/buyer/agreements/{agreement.pk}")
    page.get_by_label("Price ¥").fill("1150")
    walk.press("Keep the agreement")
    leads_to(page, "/buyer/agreements")
    walk.go(f"/buyer/agreements/{agreement.pk}")
    expect(page.locator("main")).to_contain_text("¥ 1150.00")
    expect(page.locator("main")).to_contain_text("Version 1, from")
    walk.look("agreement-1b-versions")
    [line] = latest_of(agreement).items.all()
    assert (line.item_id, line.price) == (here.h.item.pk, Decimal(1150))


def a_unit_comes(walk: Walk, here: Site, serial: str) -> None:
    page = walk.as_(here.storekeeper, "/storeroom/consigned/receive")
    scan(page, here.scan(serial))
    rows(page, 1)
    page.get_by_label("Place").select_option(str(here.h.store.pk))
    with turned(page):
        walk.press("Take the goods in")
    walk.says("1 piece is here and stays the supplier's")
    walk.look("agreement-2-received")


def it_is_ended_and_goes_on(walk: Walk, here: Site) -> None:
    """Nothing comes under it the day after; ended by mistake, it goes on as before."""
    agreement = ConsignmentAgreement.objects.get()
    page = walk.as_(here.buyer, f"/buyer/agreements/{agreement.pk}")
    page.locator("summary", has_text="End the agreement").click()
    page.get_by_label("Reason", exact=True).fill("The supplier is too slow")
    walk.look("agreement-4-end")
    walk.press("End the agreement")
    walk.says(f"Agreement {agreement.number} has ended")
    expect(page.get_by_label("Price ¥")).to_be_disabled()
    walk.look("agreement-5-ended")
    walk.go("/buyer/agreements")
    expect(page.locator("main")).to_contain_text("The supplier is too slow")
    walk.look("agreement-6-list")
    AgreementEnding.objects.update(last_day=soon(-1))
    page = walk.as_(here.storekeeper, "/storeroom/consigned/receive")
    page.get_by_label("Place").select_option(str(here.h.store.pk))
    scan(page, here.scan(unique("C")))
    expect(page.locator("main")).to_contain_text(f"agreement {agreement.number} ended on")
    walk.look("agreement-7-refused")
    page = walk.as_(here.buyer, f"/buyer/agreements/{agreement.pk}")
    page.locator("summary", has_text="Take the ending back").click()
    page.get_by_label("Reason", exact=True).select_option("wrong_scan")
    walk.press("Take the ending back")
    walk.says(f"Agreement {agreement.number} goes on")
    expect(page.get_by_label("Price ¥")).to_be_enabled()
    walk.look("agreement-8-goes-on")
