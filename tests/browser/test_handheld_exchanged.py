"""Departments lend each other things, and a supplier's own goods and sets come and go, by scanning alone on a phone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.test_handheld import begin, opened, place_of, says, scanned
from tests.browser.test_handheld_flows import comes_up, connected, cut_off, looked_at
from tests.browser.test_handheld_offline import waiting
from tests.browser.wedge import Gallery, a_breath_later, brand_new, sign_in, type_like_a_wedge
from tests.makers import unique
from tests.web.flows.world import World, named, someone, world
from yanji.access.models import Person
from yanji.flows.consign.agreements import save_agreement
from yanji.flows.consign.loans import Listed, expect_set
from yanji.flows.consign.models import ConsignmentReceipt, LoanSet
from yanji.flows.issue import issue, take_in
from yanji.flows.lending.models import Lending
from yanji.flows.pick import pick
from yanji.flows.requisition import Wanted, request
from yanji.ledger.api import unit_view
from yanji.ledger.models import Alias
from yanji.places.models import Kind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def hospital(transactional_db: None) -> World:
    return world()


@contextmanager
def phone(browser: Any, server: str, person: Person, language: str, theme: str) -> Iterator[Page]:
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, server, person, language, theme)
    opened(page, server)
    yield page
    session.close()


def at_the_ward(hospital: World, *serials: str) -> list[str]:
    epcs = hospital.stocked(*serials)
    keeper, nurse, key = hospital.actor("storekeeper"), hospital.actor("nurse"), unique
    wanted = request(
        actor=nurse, key=key("k"), department_id=hospital.department.pk, store_id=hospital.store.pk,
        lines=[Wanted(hospital.item.pk, len(epcs))],
    )  # fmt: skip
    pick(actor=keeper, key=key("k"), requisition_id=wanted.id, things=epcs)
    issued = issue(actor=keeper, key=key("k"), requisition_id=wanted.id)
    take_in(actor=nurse, key=key("k"), issue_id=issued.id, to_place_id=hospital.cabinet.pk)
    return epcs


def done(page: Page, number: str) -> None:
    """The server has said that it is done: the number alone is told for the scan of it, too."""
    expect(page.locator(".h-toast.y-ok")).to_have_text(re.compile(rf"(Done\. |完成。){number}"))


def twice(page: Page, flow: str, number: str) -> None:
    """The number on a paper, and once more: all that it names."""
    begin(page, flow)
    type_like_a_wedge(page, number)
    expect(page.locator("[data-about]")).to_contain_text(number)
    expect(page.locator("[data-commit]")).to_be_enabled()
    a_breath_later(page)
    type_like_a_wedge(page, number)
    # Told anew once it is done: the paper waits for nobody here.
    expect(page.locator("[data-tasks] .h-task", has_text=number)).to_have_count(0)


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_two_departments_lend_and_settle_by_scanning_alone(
    browser: Any, live_server: Any, hospital: World, language: str, theme: str
) -> None:
    epcs = at_the_ward(hospital, "L1", "L2")
    other = named(Kind.DEPARTMENT, hospital.campus, "心内科", "Cardiology")
    borrower = someone("nurse", "孙敏", "Sun Min", other)
    gallery = Gallery(f"{language[:2]}-390-{theme}")
    with phone(browser, live_server.url, hospital.people["nurse"], language, theme) as page:
        looked_at(page, gallery, "lend-1-home")
        begin(page, "lend")
        scanned(page, hospital.scan("L1"), 1)
        looked_at(page, gallery, "lend-2-who")
        scanned(page, hospital.scan("L2"), 2)
        scanned(page, other.code, 2)
        expect(page.locator("[data-ward]")).to_have_value(str(other.pk))
        scanned(page, other.code, 0)
        says(page, "LN-")
    lending = Lending.objects.get()
    assert [place_of(epc) for epc in epcs] == [other.pk, other.pk]
    with phone(browser, live_server.url, borrower, language, theme) as page:
        # Without the network, by the number on the paper: it goes once, when the network is back.
        cut_off(page)
        type_like_a_wedge(page, lending.number)
        expect(page.locator("[data-todo-list] li")).to_have_count(1)
        looked_at(page, gallery, "lend-3-confirm")
        page.locator("[data-commit]").click()
        page.locator("[data-home]").click()
        waiting(page, 1)
        connected(page)
        waiting(page, 0)
        page.locator("[data-home]").click()
        expect(page.locator("#y-scan-input")).to_be_focused()
        comes_up(page, lending.number, "give_back_lent")
        type_like_a_wedge(page, lending.number)
        expect(page.locator("[data-view=act]")).to_be_visible()
        scanned(page, hospital.scan("L1"), 1)
        looked_at(page, gallery, "lend-4-back")
        scanned(page, lending.number, 0)
        done(page, lending.number)
    with phone(browser, live_server.url, hospital.people["nurse"], language, theme) as page:
        twice(page, "confirm_settlement", lending.number)
    assert place_of(epcs[0]) == hospital.department.pk
    [line] = lending.lines.all()
    assert (line.quantity, line.settled) == (2, 1)


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "dark"), ("en", "light")])
def test_a_suppliers_goods_and_sets_come_and_go_by_scanning_alone(
    browser: Any, live_server: Any, hospital: World, language: str, theme: str
) -> None:
    day, key = timezone.localdate(), unique
    save_agreement(
        actor=hospital.actor("buyer"), key=key("k"), supplier_id=hospital.supplier.pk,
        place_id=hospital.campus.pk, valid_from=day,
    )  # fmt: skip
    made = expect_set(
        actor=hospital.actor("storekeeper"), key=key("k"), supplier_id=hospital.supplier.pk,
        department_id=hospital.department.pk, set_name="Hip tools", due_on=day, listed=[Listed(hospital.item.pk, 2)],
    )  # fmt: skip
    loan = LoanSet.objects.get(pk=made.id)
    gallery = Gallery(f"{language[:2]}-390-{theme}")
    with phone(browser, live_server.url, hospital.people["storekeeper"], language, theme) as page:
        begin(page, "receive_consigned")
        scanned(page, hospital.scan("K1"), 1)
        expect(page.locator("[data-supplier]")).to_have_value(str(hospital.supplier.pk))
        looked_at(page, gallery, "consigned-1-goods")
        scanned(page, "YANJI:OK", 0)
        says(page, "CR-")
        page.locator("[data-home]").click()
        # A tag on what has just come.
        begin(page, "bind")
        scanned(page, hospital.scan("K1"), 1)
        scanned(page, "303405E2A9C0A4000000A1B2", 2)
        looked_at(page, gallery, "consigned-2-tag")
        scanned(page, "YANJI:OK", 0)
        says(page, "303405E2A9C0A4000000A1B2")
        page.locator("[data-home]").click()
        expect(page.locator("#y-scan-input")).to_be_focused()
        type_like_a_wedge(page, loan.number)
        scanned(page, hospital.scan("S1"), 1)
        scanned(page, hospital.scan("S2"), 2)
        looked_at(page, gallery, "consigned-3-set")
        scanned(page, loan.number, 0)
        done(page, loan.number)
        page.locator("[data-home]").click()
        expect(page.locator("#y-scan-input")).to_be_focused()
        comes_up(page, loan.number, "hand_back_set")
        twice(page, "hand_back_set", loan.number)
        looked_at(page, gallery, "consigned-4-gone")
    assert ConsignmentReceipt.objects.filter(loan_set=None).count() == 1
    assert Alias.objects.get().unit.serial == "K1"
    assert [unit_view(hospital.epc(serial)).status for serial in ("S1", "S2")] == ["returned", "returned"]


@pytest.mark.parametrize(("width", "language"), [(390, "zh-hans"), (1920, "en")])
def test_the_sheet_beside_the_bench_is_looked_at(
    browser: Any, live_server: Any, hospital: World, width: int, language: str
) -> None:
    session = brand_new(browser, width)
    page = session.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], language, "light")
    opened(page, live_server.url)
    page.locator("a[href='/scan/codes']").click()
    expect(page.locator(".p-wall li").first).to_contain_text("YANJI:OK")
    looked_at(page, Gallery(f"{language[:2]}-{width}"), "codes")
    session.close()
