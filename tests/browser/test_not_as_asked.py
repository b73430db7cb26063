"""What is asked for and comes otherwise: a debt paid back and not accepted, papers refused, cancelled and closed short, returned
goods that are not good, a recall that was a mistake."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, spoken, walking
from tests.browser.wedge import WIDE, rows, scan
from tests.flows.approving import role, rule, signer
from tests.flows.site import Site, person
from tests.flows.theatre.room import Room
from tests.makers import place, unique
from yanji.access.models import Person
from yanji.flows.disposal.ask import ask_scrap
from yanji.flows.disposal.models import Disposal
from yanji.flows.giveback import give_back
from yanji.flows.held import WholeLot
from yanji.flows.lending.lend import confirm_lending, lend
from yanji.flows.lending.models import Lending
from yanji.flows.models_recall import LotRecall
from yanji.flows.recall import recall
from yanji.flows.sendback.ask import ask_supplier_return
from yanji.flows.sendback.models import SupplierReturn
from yanji.ledger.api import rebuild, unit_view
from yanji.ledger.models import Unit
from yanji.places.models import Kind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def label(here: Site, epc: str) -> str:
    return here.scan(epc.rpartition("/")[2])


def refuser(here: Site, *kinds: str) -> Person:
    head = role("科主任", "Head")
    for kind in kinds:
        rule(here.h.campus, head, kind=kind)
    return signer(head, here.h.campus)


@WIDE
def test_a_debt_is_not_accepted_back_and_paid_by_the_store(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    [epc], other = Room(here).units(1), place(Kind.DEPARTMENT, here.h.campus)
    neighbour, [fresh] = person("nurse", other), here.stocked(1)
    done = lend(
        actor=here.ward, key=unique("l"), lender_id=here.h.department.pk, borrower_id=other.pk, things=[epc]
    )  # fmt: skip
    confirm_lending(actor=here.actor(neighbour), key=unique("c"), lending_id=done.id)
    address = f"/ward/lending/{done.id}"
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        paid_back(walk, neighbour, address, label(here, epc))
        page = walk.as_(here.nurse, address)
        with turned(page):
            walk.press("Not accepted")
        said = "%(number)s: not accepted; it lies at the borrower again, and is owed still."
        walk.says(said, number=done.number)
        walk.look("lending-1-not-accepted")
        assert (Lending.objects.get().state, unit_view(epc).place_id) == ("owed", other.pk)
        paid_back(walk, here.storekeeper, address, label(here, fresh))
        page = walk.as_(here.nurse, address)
        with turned(page):
            walk.press("We have it back")
        walk.says("%(number)s is settled.", number=done.number)
        expect(page.locator("main")).to_contain_text("100.00")
        walk.look("lending-2-settled")
    last = Lending.objects.get().settlements.latest("pk")
    assert (last.lending.state, last.way, last.charged) == ("settled", "by_store", Decimal(100))
    assert unit_view(fresh).place_path.startswith(here.h.department.path)
    assert rebuild() == []


def paid_back(walk: Walk, who: Person, address: str, raw: str) -> None:
    """By the borrower in kind, or by the only store that the storekeeper works at."""
    page = walk.as_(who, address)
    page.locator("#y-scan-input").click()
    scan(page, raw)
    rows(page, 1)
    with turned(page):
        page.locator("[data-scan-submit]").click()


@WIDE
def test_papers_are_refused_cancelled_and_closed_short(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    chief = refuser(here, "supplier_return", "scrap")
    epcs = here.stocked(4)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        goods_do_not_go_back(walk, here, chief, epcs[:2])
        nothing_is_scrapped(walk, here, chief, epcs[2:])
    assert [unit_view(epc).status for epc in epcs] == ["available", "returned", "quarantined", "quarantined"]
    assert rebuild() == []


def sent_back(here: Site, epc: str) -> SupplierReturn:
    done = ask_supplier_return(
        actor=here.keeper, key=unique("r"), place_id=here.h.store.pk, supplier_id=here.h.supplier.pk, things=[epc],
        reason="quality",
    )  # fmt: skip
    return SupplierReturn.objects.get(pk=done.id)


def goods_do_not_go_back(walk: Walk, here: Site, chief: Person, epcs: list[str]) -> None:
    """The first is cancelled while it waits; of the second less is credited than it is worth."""
    first = sent_back(here, epcs[0])
    page = walk.as_(here.storekeeper, f"/buyer/returns/{first.pk}")
    with turned(page):
        walk.press("Cancel it")
    walk.says("%(number)s is cancelled; nothing was moved.", number=first.number)
    second = sent_back(here, epcs[1])
    walk.decide(chief, "approve")
    page = walk.as_(here.storekeeper, f"/buyer/returns/{second.pk}")
    page.locator("#f-rma").fill("RMA-9")
    with turned(page):
        walk.press("The supplier agreed")
    page.locator("#f-handed").fill("Courier")
    with turned(page):
        walk.press("Send it back")
    page = walk.as_(here.buyer, f"/buyer/returns/{second.pk}")
    page.locator("#f-number").fill("CN-1")
    page.locator("#f-amount").fill("60")
    with turned(page):
        walk.press("Enter the credit note")
    walk.unfold("Less will come than expected")
    page.locator("#f-why").fill("The box was opened")
    walk.look("papers-1-close-short")
    with turned(page):
        walk.press("Close it short")
    walk.says("%(number)s is closed short.", number=second.number)
    expect(page.locator(".y-facts")).to_contain_text("The box was opened")
    states = SupplierReturn.objects.order_by("pk").values_list("state", "closed_short")
    assert list(states) == [("cancelled", ""), ("closed", "The box was opened")]


def nothing_is_scrapped(walk: Walk, here: Site, chief: Person, epcs: list[str]) -> None:
    """One paper is refused, the other cancelled; what was set aside stays so until it is released."""
    for epc in epcs:
        done = ask_scrap(actor=here.keeper, key=unique("s"), things=[epc], reason="damaged")
        if epc == epcs[0]:
            walk.decide(chief, "refuse", "Send it back instead")
            page = walk.as_(here.storekeeper, f"/storeroom/scrap/papers/{done.id}")
            expect(page.locator(".y-signatures")).to_contain_text("Send it back instead")
            expect(page.locator("form[action$='/sign']")).to_have_count(0)
            walk.look("papers-2-scrap-refused")
    page = walk.as_(here.storekeeper, f"/storeroom/scrap/papers/{done.id}")
    walk.press("Cancel it")
    leads_to(page, "/storeroom/scrap/papers")
    said = "%(number)s is cancelled. What was set aside for it stays on hold until it is released."
    walk.says(said, number=done.number)
    assert list(Disposal.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "cancelled"]


@WIDE
def test_returned_goods_are_not_good_and_a_recall_was_a_mistake(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    good, opened = Room(here).units(2)
    give_back(
        actor=here.ward, key=unique("g"), department_id=here.h.department.pk, store_id=here.h.store.pk,
        things=[good, opened],
    )  # fmt: skip
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        one_of_two_is_held(walk, here, good, opened)
        the_recall_is_ended(walk, here, good)
    assert [unit_view(epc).status for epc in (good, opened)] == ["quarantined", "quarantined"]
    assert rebuild() == []


def one_of_two_is_held(walk: Walk, here: Site, good: str, opened: str) -> None:
    page = walk.as_(here.storekeeper, "/storeroom/returns")
    for number, epc in enumerate((good, opened), 1):
        scan(page, label(here, epc))
        rows(page, number)
    row = page.locator("[data-scan-row]", has_text=opened.rpartition("/")[2])
    row.locator("select[name^='verdict:']").select_option("opened")
    walk.look("returned-1-inspect")
    with turned(page):
        walk.press("Finish the inspection")
    walk.says("%(n)s returned thing is inspected.", "%(n)s returned things are inspected.", n=2)
    assert [unit_view(epc).status for epc in (good, opened)] == ["available", "quarantined"]
    walk.go("/storeroom/returns/notes")
    page.locator("a[href*='/returns/notes/']").first.click()
    leads_to(page, "/storeroom/returns/notes/#")
    expect(page.locator("main")).to_contain_text(walk.words("Inspected"))
    walk.look("returned-2-note")


def the_recall_is_ended(walk: Walk, here: Site, good: str) -> None:
    """Not without a reason; what was marked waits for a decision, and what comes of the lot later is as any other."""
    lot = Unit.objects.get(epc=good).lot_id
    lots = [WholeLot(lot, here.h.campus.pk)]
    recall(actor=here.keeper, key=unique("r"), lots=lots, notice="RN-7")
    assert unit_view(good).status == "recalled"
    page = walk.as_(here.storekeeper, f"/lot/{lot}")
    walk.unfold("End the recall")
    page.locator("#recalls form button").click()
    expect(page.locator("#f-end-reason:invalid")).to_have_count(1)
    page.locator("#f-end-reason").select_option("wrong_lot")
    page.locator("#f-end-note").fill("The notice names L11")
    with turned(page):
        page.locator("#recalls form button").click()
    walk.says("The recall is ended. What comes of the lot from now on is as any other lot's.")
    expect(page.locator("#recalls")).to_contain_text("The notice names L11")
    walk.look("returned-3-recall-ended")
    assert LotRecall.objects.get().ended_by == here.storekeeper
