"""A delivery is looked at by its plan with a scanner alone; the pages of it fit and can be used by all."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PHONE, SIZED, WALL, accessibility, leads_to, opened, overflow, settled
from tests.flows.site import Site, person, site
from tests.flows.theatre.room import Room
from tests.makers import place, unique
from yanji.flows.consign.models import ConsignmentReceipt
from yanji.flows.inspecting.models import Finding, InspectionPlan, LotInspection
from yanji.flows.inspecting.sample import Look
from yanji.ledger.api import unit_view
from yanji.places.models import Kind

from .wedge import Gallery, scan

pytestmark = pytest.mark.browser


@pytest.fixture
def here(transactional_db: None) -> Site:
    made = site()
    place(Kind.ROOM, made.h.store, quarantine=True)
    InspectionPlan.objects.create(
        method="sampling", aql="4.0", points=["packaging", "label"], edited_by=made.storekeeper
    )
    return made


@SIZED
def test_a_sample_is_looked_at_and_a_doubt_set_aside(
    browser: Any, live_server: Any, here: Site, size: dict[str, int]
) -> None:
    order, serials = here.order((here.h.item, 12)), [unique("S") for _ in range(12)]
    with opened(browser, live_server.url, here.storekeeper, size=size, language="en") as page:
        settled(page, f"/storeroom/receiving/{order.id}")
        for serial in serials:
            scan(page, here.scan(serial))
        page.get_by_role("button", name="Show the samples").click()
        page.get_by_label("I looked at all of them").check()
        expect(page.locator(".y-sample-units b")).to_have_count(3)
        drawn = page.locator(".y-sample-units b").all_inner_texts()
        free = next(serial for serial in serials if serial not in drawn)
        page.locator(f'[data-key$="/{free}"] select').select_option("hold:storage")
        Gallery(str(size["width"])).take(page, "inspect-phone", whole=True)
        page.get_by_role("button", name="Take the delivery in").click()
        page.get_by_text("Lot accepted").wait_for()
        page.get_by_role("link", name="In doubt: Storage outside the store not proven").click()
        leads_to(page, "/storeroom/findings/#")
        page.get_by_text("In doubt: Storage outside the store not proven").first.wait_for()
    lot = LotInspection.objects.get()
    assert (lot.sample, lot.faulty, lot.accepted) == (3, 0, True)
    assert unit_view(Finding.objects.get().epc).status == "quarantined"


@SIZED
def test_a_suppliers_own_goods_fail_their_sample_and_are_set_aside(
    browser: Any, live_server: Any, here: Site, size: dict[str, int]
) -> None:
    Room(here).agreement()
    serials = [unique("S") for _ in range(12)]
    with opened(browser, live_server.url, here.storekeeper, size=size, language="en") as page:
        settled(page, "/storeroom/consigned/receive")
        page.locator("select[name=dock_id]").select_option(str(here.h.store.pk))
        for serial in serials:
            scan(page, here.scan(serial))
        page.get_by_role("button", name="Show the samples").click()
        page.get_by_text("Look at these 3").wait_for()
        assert not ConsignmentReceipt.objects.exists()
        page.get_by_label("I looked at all of them").check()
        page.get_by_label("Not so: Packaging intact").first.check()
        Gallery(str(size["width"])).take(page, "inspect-consigned-phone", whole=True)
        assert overflow(page) == 0
        page.get_by_role("button", name="Take the goods in").click()
        page.get_by_text("Lot rejected").wait_for()
        Gallery(str(size["width"])).take(page, "inspect-consigned-receipt-phone", whole=True)
        assert overflow(page) == 0
        page.locator("a[href*='/storeroom/findings/']").first.click()
        leads_to(page, "/storeroom/findings/#")
        page.get_by_text(ConsignmentReceipt.objects.get().agreement.number).wait_for()
    lot = LotInspection.objects.get()
    assert (lot.sample, lot.faulty, lot.accepted) == (3, 1, False)
    assert lot.consigned == ConsignmentReceipt.objects.get()
    assert {unit_view(found.epc).status for found in Finding.objects.all()} == {"quarantined"}
    assert Finding.objects.count() == 12


def consigned_lot(here: Site) -> list[str]:
    """The pages of a supplier's lot that failed its sample."""
    arrivals = [here.arrival() for _ in range(2)]
    looks = [Look(each.epc, faults=("label",)) for each in arrivals]
    done = Room(here).receive_consigned(*arrivals, looks=looks)
    finding = Finding.objects.latest("pk")
    return [
        "/storeroom/consigned/receive", f"/storeroom/consigned/receipts/{done.id}", f"/storeroom/findings/{finding.pk}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (WALL, "en", "dark")],
    ids=["phone-zh-light", "wall-en-dark"],
)
def test_the_pages_fit_and_can_be_used_by_all(
    browser: Any, live_server: Any, here: Site, size: dict[str, int], language: str, theme: str
) -> None:
    boss = person("administrator", here.h.campus)
    order = here.order((here.h.item, 12))
    arrivals = [here.arrival(rejected="damaged"), here.arrival(doubtful="storage")]
    InspectionPlan.objects.update(active=False)
    done = here.receive(order, *arrivals)
    InspectionPlan.objects.update(active=True)
    plan, finding = InspectionPlan.objects.get(), Finding.objects.latest("pk")
    Room(here).agreement()
    theirs = consigned_lot(here)
    pages = {
        here.storekeeper: [f"/storeroom/receipts/{done.id}", f"/storeroom/findings/{finding.pk}", *theirs],
        boss: [
            "/masterdata/inspection-plans",
            "/masterdata/inspection-plans/new",
            f"/masterdata/inspection-plans/{plan.pk}",
        ],
    }
    wrong = []
    for who, addresses in pages.items():
        with opened(browser, live_server.url, who, size=size, language=language, theme=theme) as page:
            for address in addresses:
                settled(page, address)
                name = "-".join(address.split("/")[2:])
                Gallery(f"{language}-{size['width']}").take(page, f"inspect-{name}", whole=True)
                wrong += [f"{address}: {overflow(page)} px too wide"] if overflow(page) else []
                wrong += [f"{address}: {finding}" for finding in accessibility(page)]
    assert wrong == []
