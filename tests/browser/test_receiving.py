"""A delivery is counted blind and put away where it is proposed, by a phone and a scanner; the pages fit."""

from typing import Any

import pytest

from tests.browser.pages import PHONE, SIZED, WALL, accessibility, leads_to, opened, overflow, settled
from tests.flows.site import Site, site
from tests.makers import unique
from yanji.flows.models import Receipt
from yanji.flows.putaway import put_away
from yanji.ledger.api import unit_view
from yanji.places.models import Place

from .wedge import Gallery, scan, type_like_a_wedge

pytestmark = pytest.mark.browser


@pytest.fixture
def here(transactional_db: None) -> Site:
    made = site()
    Place.objects.filter(path__startswith=made.h.store.path).update(temperature_class="room", capacity=40)
    return made


@SIZED
def test_counted_blind_and_put_where_it_is_proposed(
    browser: Any, live_server: Any, here: Site, size: dict[str, int]
) -> None:
    [neighbour] = here.stocked(1)
    shelf = here.h.other_bin
    put_away(actor=here.keeper, key=unique("p"), things=[neighbour], to_place_id=shelf.pk)
    order, serial = here.order((here.h.item, 7)), unique("S")
    with opened(browser, live_server.url, here.storekeeper, size=size, language="en") as page:
        settled(page, f"/storeroom/receiving/{order.id}")
        page.get_by_role("link", name="Count blind").click()
        leads_to(page, f"/storeroom/receiving/{order.id}?blind=1")
        page.get_by_text("Counting blind").wait_for()
        assert page.get_by_text("What is owed", exact=True).count() == 0
        scan(page, here.scan(serial))
        type_like_a_wedge(page, "YANJI:OK")
        page.get_by_text("Counted blind").wait_for()
        page.get_by_text("6 short").wait_for()
        settled(page, "/storeroom/put-away")
        page.get_by_text("1 of the same item lies there, same expiry").first.wait_for()
        scan(page, here.scan(serial))
        page.locator(".y-shelves button").first.click()
        page.locator("#chosen.y-is-set").wait_for()
        page.get_by_role("button", name="Put away").click()
        page.get_by_text("1 thing lies in").wait_for()
    assert Receipt.objects.latest("pk").blind
    assert unit_view(f"01/06901234500011/21/{serial}").place_id == shelf.pk


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (WALL, "en", "dark")],
    ids=["phone-zh-light", "wall-en-dark"],
)
def test_the_pages_fit_and_can_be_used_by_all(
    browser: Any, live_server: Any, here: Site, size: dict[str, int], language: str, theme: str
) -> None:
    here.stocked(3)
    order = here.order((here.h.item, 7))
    wrong = []
    with opened(
        browser, live_server.url, here.storekeeper, size=size, language=language, theme=theme
    ) as page:
        for address in (f"/storeroom/receiving/{order.id}?blind=1", "/storeroom/put-away"):
            settled(page, address)
            name = address.split("/")[2].partition("?")[0]
            Gallery(f"{language}-{size['width']}").take(page, f"dock-{name}", whole=True)
            wrong += [f"{address}: {overflow(page)} px too wide"] if overflow(page) else []
            wrong += [f"{address}: {finding}" for finding in accessibility(page)]
    assert wrong == []
