"""Goods move between two stores by a phone and a scanner alone; every page of it fits and can be used by all."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import sin
from typing import Any

import pytest

from tests.browser.pages import PHONE, SIZED, WALL, accessibility, opened, overflow, settled
from tests.flows.site import site
from tests.flows.transferring import Way, way
from tests.makers import unique
from yanji.flows.transfer.arrive import Doubtful, arrive
from yanji.flows.transfer.climate import Reading
from yanji.flows.transfer.models import Transfer
from yanji.ledger.api import unit_view

from .wedge import Gallery, scan, type_like_a_wedge

pytestmark = pytest.mark.browser
START = datetime(2026, 11, 1, 2, tzinfo=UTC)


@pytest.fixture
def to(transactional_db: None) -> Way:
    return way(site())


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (WALL, "en", "dark")],
    ids=["phone-zh-light", "wall-en-dark"],
)
def test_the_pages_fit_and_can_be_used_by_all(
    browser: Any, live_server: Any, to: Way, size: dict[str, int], language: str, theme: str
) -> None:
    epcs = to.here.stocked(4)
    done = to.sent(epcs, handed_to="Van 7", seals="A-1")
    arrive(
        actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk, things=epcs[:1],
        held=[Doubtful(epcs[1], "damaged_on_way")], logger="TL-9",
        readings=[Reading(START + timedelta(minutes=5 * n), Decimal(str(24 + 9 * sin(n / 8)))) for n in range(60)],
    )  # fmt: skip
    picked = to.picked(to.here.stocked(2))
    near = [
        "/storeroom/transfers", "/storeroom/transfers/new", f"/storeroom/transfers/{done.id}",
        f"/storeroom/transfers/{picked.id}/pick",
    ]  # fmt: skip
    wrong = []
    for who, addresses in ((to.here.storekeeper, near), (to.far, [f"/storeroom/transfers/{done.id}/arrive"])):
        with opened(browser, live_server.url, who, size=size, language=language, theme=theme) as page:
            for address in addresses:
                settled(page, address)
                if address.endswith(f"/{done.id}"):
                    page.locator("[data-chart] svg path").first.wait_for(state="attached")
                Gallery(str(size["width"])).take(page, f"transfer-{address.rpartition('/')[2]}", whole=True)
                wrong += [f"{address}: {overflow(page)} px too wide"] if overflow(page) else []
                wrong += [f"{address}: {finding}" for finding in accessibility(page)]
    assert wrong == []


@SIZED
def test_a_load_is_sent_and_taken_in_by_scanning(
    browser: Any, live_server: Any, to: Way, size: dict[str, int]
) -> None:
    epcs = to.here.stocked(2)
    done = to.asked((to.here.h.item, 2))
    scans = [to.here.scan(epc.rpartition("/")[2]) for epc in epcs]
    with opened(browser, live_server.url, to.here.storekeeper, size=size, language="en") as page:
        settled(page, f"/storeroom/transfers/{done.id}/pick")
        for raw in scans:
            scan(page, raw)
        type_like_a_wedge(page, "YANJI:OK")
        page.get_by_text("2 things are picked.").wait_for()
        page.get_by_label("Handed to").fill("Van 7")
        page.get_by_role("button", name="Send 2 pieces").click()
        page.get_by_text("is on its way.").wait_for()
    with opened(browser, live_server.url, to.far, size=size, language="en") as page:
        settled(page, f"/storeroom/transfers/{done.id}/arrive")
        scan(page, scans[0])
        page.get_by_label("Where it is kept").select_option(str(to.shelf.pk))
        page.get_by_label("Lowest, °C").fill("18")
        page.get_by_label("Highest, °C").fill("23")
        page.get_by_role("button", name="Take in what was scanned").click()
        page.get_by_text("1 piece is missing still.").wait_for()
    assert Transfer.objects.get().state == "partly_arrived"
    assert [unit_view(epc).status for epc in epcs] == ["available", "in_transit"]
