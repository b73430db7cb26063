"""A loan set of which a part was used and a part is missing: only what is in hand goes back to its owner."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.pages import turned
from tests.browser.wedge import WIDE, Gallery, context, no_sideways_scrolling, sign_in
from tests.flows.consign.test_loans import in_theatre
from tests.flows.site import contents, site, soon
from tests.flows.theatre.room import Room
from tests.makers import unique
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.contents import contents_of
from yanji.flows.consign.loans import close_set, hand_back_set
from yanji.flows.consign.models import LoanSet
from yanji.flows.receive import Arrival
from yanji.ledger.api import rebuild, unit_view, virtual_places

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def lent() -> tuple[Room, LoanSet, list[str]]:
    """Three units and ten screws of a set in the theatre; one unit is used."""
    room = Room(site())
    h, screw = room.here.h, room.here.counted
    room.agreement(items=[Kept(screw.pk, Decimal(5)), Kept(h.item.pk, Decimal(700))])
    case = room.case()
    screws = Arrival(screw.pk, lot="B1", expiry=soon(90), quantity=10)
    units = [room.here.arrival() for _ in range(3)]
    loan, epcs = in_theatre(room, *units, screws, case=case)
    room.use(case, epcs[0])
    return room, LoanSet.objects.get(pk=loan), epcs[:3]


@WIDE
def test_what_is_missing_of_a_set_is_not_handed_back(browser: Any, live_server: Any, width: int) -> None:
    room, loan, (used, back, missing) = lent()
    lot = room.here.counted.lots.get().pk
    window = context(browser, width)
    page = window.new_page()
    sign_in(page, live_server.url, room.here.storekeeper, "en" if width > 600 else "zh-hans")
    page.goto(f"{live_server.url}/storeroom/loans/{loan.pk}")
    chosen, close = page.locator("button[value=hand_back_chosen]"), page.locator("button[value=close]")
    before = contents()
    with turned(page):
        chosen.click()
    expect(page.locator(".y-refusal")).to_be_visible()
    assert contents() == before
    expect(page.locator("input[name=epc]")).to_have_count(2)
    page.locator(f'input[name=epc][value$="{back.rpartition("/")[2]}"]').check()
    page.locator(f'input[name="pieces:{lot}"]').fill("10")
    no_sideways_scrolling(page)
    Gallery(f"{width}").take(page, "loan-hand-back", whole=True)
    with turned(page):
        chosen.click()
    left = contents_of(loan)
    assert (left.used, left.returned, [each.epc for each in left.open]) == (1, 11, [missing])
    with turned(page):
        page.locator("select[name=difference]").select_option("lost_in_theatre")
        close.click()
    assert LoanSet.objects.get().state == "closed"
    assert unit_view(back).place_id == virtual_places().supplier
    assert [unit_view(epc).status for epc in (used, missing)] == ["used", "lost"]
    assert rebuild() == []
    window.close()


@WIDE
def test_the_sterilisation_of_a_closed_set_is_put_right(browser: Any, live_server: Any, width: int) -> None:
    """Another set's cycle was entered: after closing it is voided with its reason, and the right one entered with its time."""
    room, loan, _epcs = lent()
    for verb, given in ((hand_back_set, {}), (close_set, {})):
        verb(actor=room.keeper, key=unique("k"), loan_set_id=loan.pk, **given)
    window = context(browser, width)
    page = window.new_page()
    sign_in(page, live_server.url, room.here.storekeeper, "en" if width > 600 else "zh-hans")
    page.goto(f"{live_server.url}/storeroom/loans/{loan.pk}")
    page.locator("details.y-because summary").click()
    page.locator("details.y-because [name=reason]").fill("Another set's cycle")
    with turned(page):
        page.locator("details.y-because form button").click()
    cycle, at = page.locator("[name=cycle]"), page.locator("[name=at]")
    expect(cycle).to_be_visible()
    expect(page.locator("body")).to_contain_text("Another set's cycle")
    came = timezone.localtime(loan.receipts.get().arrived_at)
    cycle.fill("CSSD-8")
    at.fill(f"{came - timedelta(days=1):%Y-%m-%dT%H:%M}")
    before = contents()
    with turned(page):
        page.locator("button[value=sterilise]").click()
    expect(page.locator(".y-refusal")).to_be_visible()
    expect(cycle).to_have_value("CSSD-8")
    assert contents() == before
    no_sideways_scrolling(page)
    Gallery(f"{width}").take(page, "loan-closed-cycle", whole=True)
    at.fill(f"{came + timedelta(minutes=1):%Y-%m-%dT%H:%M}")
    LoanSet.objects.update(closed_at=came + timedelta(minutes=2))  # as if two minutes had passed
    with turned(page):
        page.locator("button[value=sterilise]").click()
    expect(page.locator(".y-patient")).to_contain_text("CSSD-8")
    found = LoanSet.objects.get()
    assert (found.state, found.cycle) == ("closed", "CSSD-8")
    Gallery(f"{width}").take(page, "loan-closed-put-right", whole=True)
    window.close()


def test_no_more_pieces_go_back_than_the_set_has(client: Any) -> None:
    room, loan, _epcs = lent()
    lot = room.here.counted.lots.get().pk
    client.force_login(room.here.storekeeper)
    before = contents()
    for pieces, status in (("11", 409), ("many", 409), ("0", 409)):
        given = {"act": "hand_back_chosen", "key": "loan_step:0123456789", f"pieces:{lot}": pieces}
        assert client.post(f"/storeroom/loans/{loan.pk}/act", given).status_code == status
    assert contents() == before
