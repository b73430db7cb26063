"""A store of thousands on one phone page: a scan costs one request and a handful of elements, however many were scanned.
How long a browser takes for it is measured by ``make bench ARGS=count``."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.wedge import context, sign_in, type_like_a_wedge
from tests.makers import unique
from tests.web.flows.world import World, later, world
from yanji.flows.counting.count import start_count
from yanji.flows.counting.models import Count
from yanji.flows.counting.queries import progress
from yanji.flows.counting.scan import Read, record
from yanji.ledger.api import Draft, Line, NewUnit, Step, post

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
UNITS, SCANNED, ADDED = 2_000, 12, 120
# How many elements each scan adds to the page, wherever.
ADDING = """
() => {
  window.added = 0;
  const elements = (node) => (node instanceof Element ? 1 + node.querySelectorAll("*").length : 0);
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) window.added += elements(node);
  }).observe(document.documentElement, { childList: true, subtree: true });
}
"""


def stock(hospital: World) -> list[str]:
    """That many units in the store, in two entries."""
    keeper, item, expiry = hospital.actor("storekeeper"), hospital.item, later(400)
    serials = [f"N{number:05d}" for number in range(UNITS)]
    new = [
        NewUnit(hospital.epc(serial), item.pk, serial, "L1", expiry, supplier_id=hospital.supplier.pk)
        for serial in serials
    ]
    lines = tuple(Line(unit, hospital.store.pk) for unit in new)
    post(Draft(Step.RECEIVE, unique("k"), timezone.now(), lines), actor=keeper)
    post(Draft(Step.ACCEPT, unique("k"), timezone.now(), tuple(Line(unit.epc) for unit in new)), actor=keeper)
    return serials


def test_a_scan_among_thousands_costs_one_request_and_a_few_rows(browser: Any, live_server: Any) -> None:
    hospital = world()
    serials = stock(hospital)
    keeper = hospital.actor("storekeeper")
    count = start_count(actor=keeper, key=unique("k"), place_id=hospital.store.pk).id
    seen = [Read(hospital.epc(serial), f"d{serial}") for serial in serials[:-SCANNED]]
    record(actor=keeper, count_id=count, reads=seen)
    opened = context(browser, 390)
    page: Page = opened.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], "zh-hans")
    page.goto(f"{live_server.url}/storeroom/count/{count}")
    number = page.locator(".y-count-number")
    expect(number).to_have_text(str(UNITS - SCANNED))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    page.evaluate(ADDING)
    added = []
    for scanned, serial in enumerate(serials[-SCANNED:], 1):
        type_like_a_wedge(page, hospital.scan(serial, lot="L1", expiry=later(400)))
        expect(number).to_have_text(str(UNITS - SCANNED + scanned))
        expect(page.locator(".y-scan.y-busy")).to_have_count(0)
        added.append(page.evaluate("window.added"))
        page.evaluate("window.added = 0")
    rows = page.locator("[data-scan-row]").count()
    elements = page.evaluate("document.querySelectorAll('*').length")
    opened.close()
    assert asked == [f"{live_server.url}/storeroom/count/{count}/scan"] * SCANNED
    assert max(added) <= ADDED, added
    assert rows <= 6
    assert elements < 1_200
    assert progress(Count.objects.get(pk=count)).seen == UNITS
