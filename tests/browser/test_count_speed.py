"""A store of five thousand on one phone page: each scan is answered in a tenth of a second, the browser's work included,
and the page holds a handful of rows however many were scanned."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.turns import bare_turn, quiet
from tests.browser.wedge import context, sign_in, type_like_a_wedge
from tests.makers import unique
from tests.web.flows.world import World, later, world
from yanji.flows.counting.count import start_count
from yanji.flows.counting.models import Count
from yanji.flows.counting.queries import progress
from yanji.flows.counting.scan import Read, record
from yanji.ledger.api import Draft, Line, NewUnit, Step, post

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
UNITS, SCANNED, BUDGET_MS = 5_000, 100, 100
# From the Enter that ends a scan to the row that answers it, drawn.
CLOCK = """
() => {
  window.took = [];
  const list = document.getElementById("scanned");
  let began = 0;
  document.addEventListener("keydown", (event) => { if (event.key === "Enter") began = performance.now(); }, true);
  new MutationObserver((changes) => {
    if (began && changes.some((change) => change.addedNodes.length)) {
      const from = began;
      began = 0;
      requestAnimationFrame(() => {
        window.took.push(performance.now() - from);
        list.dataset.took = window.took.length;
      });
    }
  }).observe(list, { childList: true });
}
"""


def stock(hospital: World) -> list[str]:
    """Five thousand units in the store, in two entries."""
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


def test_a_scan_among_five_thousand_takes_a_tenth_of_a_second(browser: Any, live_server: Any) -> None:
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
    expect(page.locator(".y-count-number")).to_have_text(str(UNITS - SCANNED))
    page.evaluate(CLOCK)
    beside = opened.new_page()
    beside.goto(f"{live_server.url}/healthz")
    turns = [bare_turn(beside)]
    for number, serial in enumerate(serials[-SCANNED:], 1):
        type_like_a_wedge(page, hospital.scan(serial, lot="L1", expiry=later(400)))
        expect(page.locator(".y-count-number")).to_have_text(str(UNITS - SCANNED + number))
        expect(page.locator("#scanned")).to_have_attribute("data-took", str(number))
        turns.append(bare_turn(beside))
    took = page.evaluate("window.took")
    rows = page.locator("[data-scan-row]").count()
    elements = page.evaluate("document.querySelectorAll('*').length")
    opened.close()
    assert len(took) == SCANNED
    found = quiet(took, turns)
    print(f"median {found.median:.0f} ms, 95th {found.late:.0f} ms, machine x{found.busy:.1f}")
    assert found.median < BUDGET_MS, (found, took, turns)
    # Of the slow ones a shared machine says less: two tests that run beside this one fall on some scans and on no bare view.
    assert found.late < 2 * BUDGET_MS, (found, took, turns)
    assert rows <= 6
    assert elements < 1_200
    assert progress(Count.objects.get(pk=count)).seen == UNITS
