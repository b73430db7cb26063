"""What is meant on the scan page is what is done: the amount that was said last, all that a paper waits for, one act where
parts of it mean nothing; and what was said is not lost by the arrow, nor by putting an act right."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_handheld import DRAFTS, begin, opened, says, scanned
from tests.browser.test_handheld_flows import connected, cut_off
from tests.browser.test_handheld_offline import waiting
from tests.browser.walk import Walk, spoken, walking
from tests.browser.wedge import WIDE, type_like_a_wedge
from tests.exchange.test_handheld_lending import Wards
from tests.flows.site import Site, site
from tests.flows.theatre.room import Room
from tests.flows.vials import opened as opened_vial
from tests.flows.vials import ward_lot
from tests.makers import unique
from yanji.flows.codes import add_code
from yanji.flows.opened.models import OpenedPiece
from yanji.flows.reasons import known
from yanji.flows.theatre.models import EmergencyUse

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TAG = "303405E2A9C0A4000000A1B2"


@pytest.fixture
def room(transactional_db: None) -> Room:
    return Room(site())


@pytest.fixture
def wards(transactional_db: None) -> Wards:
    return Wards(site())


def reason(group: str) -> str:
    return f"YANJI:REASON:{group}:{min(known(group))}"


def vial(here: Site) -> OpenedPiece:
    return OpenedPiece.objects.get(pk=opened_vial(here, ward_lot(here)).id)


def amounts(piece: OpenedPiece) -> list[Decimal]:
    return [part.amount for part in piece.taken.order_by("pk")]


def about(page: Page) -> list[dict[str, Any]]:
    return [draft["about"] for draft in page.evaluate(DRAFTS)]


@WIDE
def test_the_amount_that_was_said_last_is_shown_and_taken(
    browser: Any, live_server: Any, room: Room, width: int
) -> None:
    """A code after a number, a number after a code, and what is no number after either; with the network and without."""
    piece = vial(room.here)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(room.here.nurse, "/scan")
        opened(page, live_server.url)
        amount, button = page.locator("[data-fact=amount]"), page.locator("[data-commit]")
        for number, alone in enumerate((False, True)):
            if alone:
                cut_off(page)
            takes(page, piece)
            scanned(page, "YANJI:AMOUNT:0.2", 0)
            expect(amount).to_have_value("0.2")
            typed(page, "0,3")
            expect(button).to_have_text(walk.words("Take {amount}").format(amount="0.3"))
            scanned(page, "YANJI:AMOUNT:0.4", 0)
            expect(amount).to_have_value("0.4")
            expect(button).to_have_text(walk.words("Take {amount}").format(amount="0.4"))
            typed(page, "0.5ml")
            it_is_no_number(walk, "0.5ml")
            scanned(page, piece.number, 0)
            it_is_no_number(walk, "0.5ml")
            typed(page, "0.6")
            expect(page.locator("[data-fact][aria-invalid]")).to_have_count(0)
            expect(button).to_be_enabled()
            button.click()
            if alone:
                waiting(page, 1)
                connected(page)
                waiting(page, 0)
            else:
                says(page, walk.words("Done. {number}").format(number=piece.number))
                page.locator("[data-home]").click()
            expect(page.locator("[data-act][data-state=accepted]")).to_have_count(number + 1)
    assert amounts(piece) == [Decimal("0.6")] * 2


def takes(page: Page, piece: OpenedPiece) -> None:
    begin(page, "take")
    scanned(page, piece.number, 0)
    expect(page.locator("[data-about]")).to_contain_text(piece.number)


def typed(page: Page, said: str) -> None:
    field = page.locator("[data-fact=amount]")
    field.fill(said)
    field.press("Enter")


def it_is_no_number(walk: Walk, said: str) -> None:
    """It stands there as it was written, and nothing is done: not with the number before it either."""
    page = walk.page
    words = walk.words("{said} cannot be read as a number. Write it as 2.5 is written.").format(said=said)
    expect(page.locator("[data-says]")).to_have_text(words)
    expect(page.locator("[data-fact=amount][aria-invalid=true]")).to_have_value(said)
    expect(page.locator("[data-commit]")).to_be_disabled()
    walk.look("meant-1-no-number")


def test_an_amount_is_one_only_where_something_is_measured(
    browser: Any, live_server: Any, room: Room
) -> None:
    """And only as the server reads it: what else a code says is a thing that nobody knows."""
    piece = vial(room.here)
    with walking(browser, live_server.url, 390, "en") as walk:
        page = walk.as_(room.here.nurse, "/scan")
        opened(page, live_server.url)
        cut_off(page)
        takes(page, piece)
        scanned(page, "YANJI:AMOUNT:1,5,2", 1)
        expect(page.locator("[data-fact=amount]")).to_have_value("")
        page.locator("[data-out]").click()
        scanned(page, "YANJI:AMOUNT:1,5", 0)
        expect(page.locator("[data-fact=amount]")).to_have_value("1.5")
        empties(page)
        begin(page, "use")
        scanned(page, "YANJI:AMOUNT:2", 1)


def empties(page: Page) -> None:
    page.locator("[data-home]").click()
    page.locator("[data-empty-basket]").click()
    page.locator("[data-question] button").first.click()
    expect(page.locator("[data-open-basket]")).to_be_hidden()


def test_the_arrow_throws_nothing_away_that_was_said(browser: Any, live_server: Any, room: Room) -> None:
    """A vial alone is one scan; with an amount, or with its patient, its basket stays open and is asked about."""
    piece, case = vial(room.here), room.case()
    with walking(browser, live_server.url, 390, "en") as walk:
        page = walk.as_(room.here.nurse, "/scan")
        opened(page, live_server.url)
        takes(page, piece)
        page.locator("[data-home]").click()
        expect(page.locator("[data-open-basket]")).to_be_hidden()
        for said in ("patient", "amount"):
            page.locator(f"[data-tasks] .h-task:has-text('{piece.number}')").click()
            expect(page.locator("[data-view=act]")).to_be_visible()
            expect(page.locator("[data-about]")).to_contain_text(piece.number)
            if said == "patient":
                scanned(page, case.patient_token, 0)
                expect(page.locator("[data-about]")).to_contain_text(case.patient_token)
            else:
                typed(page, "1.5")
                expect(page.locator("[data-commit]")).to_be_enabled()
            page.locator("[data-home]").click()
            expect(page.locator("[data-open-basket]")).to_be_visible()
            if said == "amount":
                expect(page.locator("[data-open-text]")).to_contain_text("begun, and not done yet")
                walk.look("meant-2-begun")
            page.locator("[data-flow=use]").click()
            expect(page.locator(".h-toast.y-warn")).to_be_visible()
            page.locator("[data-go-on]").click()
            expect(page.locator("[data-about]")).to_contain_text(piece.number)
            empties(page)
        assert about(page) == []


@WIDE
def test_what_was_lent_is_listed_and_confirmed_as_all_of_it(
    browser: Any, live_server: Any, wards: Wards, width: int
) -> None:
    lending = wards.lent(2)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(wards.nurse, "/scan")
        opened(page, live_server.url)
        type_like_a_wedge(page, lending.number)
        expect(page.locator("[data-todo-list]")).to_contain_text(wards.serials[0])
        expect(page.locator("[data-todo-said]")).to_have_text(walk.words("{n} of {all}").format(n=0, all=2))
        of_it = page.locator("[data-todo-list] [data-item]").first.inner_text()
        words = walk.words("Confirm all {n}: {what}").format(n=2, what=f"{of_it} × 2")
        expect(page.locator("[data-commit]")).to_have_text(words)
        walk.look("meant-3-lent")
        page.locator("[data-commit]").click()
        says(page, walk.words("Done. {number}").format(number=lending.number))
    lending.refresh_from_db()
    assert lending.state == "owed"


def test_a_tag_that_is_refused_is_one_act(browser: Any, live_server: Any, room: Room) -> None:
    """The unit without its tag, or the tag without its unit, could only be refused."""
    here = room.here
    [one] = here.stocked(1, serial="TG1")
    here.stocked(1, serial="TG2")
    with walking(browser, live_server.url, 390, "en") as walk:
        page = walk.as_(here.storekeeper, "/scan")
        opened(page, live_server.url)
        begin(page, "bind")
        cut_off(page)
        scanned(page, here.scan("TG2"), 1)
        scanned(page, TAG, 2)
        page.locator("[data-commit]").click()
        waiting(page, 1)
        add_code(actor=here.keeper, key=unique("c"), epc=one, code=TAG)
        connected(page)
        waiting(page, 0)
        expect(page.locator("[data-act]")).to_have_count(1)
        card = page.locator("[data-act][data-state=refused]")
        expect(card).to_contain_text("TG2")
        expect(card.locator("[data-why]")).to_contain_text(TAG)


def test_of_whom_it_comes_is_remembered_when_it_is_put_right(
    browser: Any, live_server: Any, room: Room
) -> None:
    """Who was chosen stays chosen until somebody says otherwise."""
    here, case = room.here, room.case()
    other = type(here.h.supplier).objects.create(code=unique("S"), name_en="Other", name_zh="其他")
    with walking(browser, live_server.url, 390, "en") as walk:
        page = walk.as_(here.nurse, "/scan")
        opened(page, live_server.url)
        begin(page, "use_first")
        scanned(page, case.patient_token, 0)
        scanned(page, here.scan("EU1"), 1)
        scanned(page, reason("emergency"), 1)
        page.locator("[data-seller]").select_option(str(other.pk))
        expect(page.locator("[data-commit]")).to_be_enabled()
        no = {"code": "failed", "sentences": ["Not now."]}
        page.route("**/handheld/acts", lambda route: route.fulfill(status=409, json=no))
        page.locator("[data-commit]").click()
        expect(page.locator("button[data-state][data-refused='1']")).to_have_count(1)
        page.unroute("**/handheld/acts")
        page.locator("button[data-state]").click()
        page.locator("[data-act][data-state=refused] [data-anew]").click()
        expect(page.locator("[data-commit]")).to_be_enabled()
        expect(page.locator("[data-seller]")).to_have_value(str(other.pk))
        scanned(page, case.patient_token, 0)
        says(page, "EU-")
    assert EmergencyUse.objects.get().order.supplier_id == other.pk


def test_what_is_done_with_a_vial_waits_for_what_was_done_before(
    browser: Any, live_server: Any, room: Room
) -> None:
    """The rest is not thrown away while what was taken is still to be settled: then it could never be written down."""
    piece = vial(room.here)
    with walking(browser, live_server.url, 390, "en") as walk:
        page = walk.as_(room.here.nurse, "/scan")
        opened(page, live_server.url)
        cut_off(page)
        takes(page, piece)
        typed(page, "999")
        page.locator("[data-commit]").click()
        waiting(page, 1)
        page.locator("[data-home]").click()
        begin(page, "discard")
        scanned(page, piece.number, 0)
        scanned(page, reason("waste"), 0)
        page.locator("[data-commit]").click()
        waiting(page, 2)
        connected(page)
        expect(page.locator("[data-act][data-state=refused]")).to_have_count(1)
        waits = page.locator("[data-act][data-state=waiting]")
        expect(waits.locator("[data-became]")).to_have_text("Waits until the act before it is settled")
        piece.refresh_from_db()
        assert (piece.state, amounts(piece)) == ("open", [])
        walk.look("meant-4-waits")
        refused = page.locator("[data-act][data-state=refused]")
        refused.locator("textarea").fill("Nothing was taken")
        refused.locator("[data-dropped]").click()
        waiting(page, 0)
        expect(page.locator("[data-act][data-state=accepted]")).to_have_count(1)
    piece.refresh_from_db()
    assert piece.state == "discarded"
