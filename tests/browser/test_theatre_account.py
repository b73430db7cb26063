"""A card is written, a case takes its needs from it; its implant is described, its charges are withdrawn, refunded and kept, it
is closed although something is missing, and the manager's home says so."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, spoken, walking
from tests.browser.wedge import WIDE
from tests.flows.site import Site, person, site
from tests.flows.theatre.room import Room
from yanji.flows.models import Case
from yanji.flows.theatre.cards import Need, needs_on
from yanji.flows.theatre.models import CaseDifference, ChargeLine, Implant, PreferenceCard
from yanji.ledger.api import rebuild, unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def here() -> Site:
    made = site()
    made.h.item.implant = True
    made.h.item.save(update_fields=["implant"])
    return made


@WIDE
def test_a_case_is_closed_although_one_is_missing(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    room = Room(here)
    room.code()
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        card = a_card_is_written(walk, here)
        case, epcs = room.case(operator="Dr. Chen"), room.units(3)
        room.out(case, *epcs)
        room.use(case, *epcs[:2])
        page = walk.as_(here.nurse, f"/theatre/cases/{case.pk}")
        expect(page.get_by_text(walk.words("%(n)s alternative", "%(n)s alternatives", n=1))).to_be_visible()
        the_implant_is_described(walk, case)
        the_charges_go_and_come(walk, case)
        it_is_closed_with_a_reason(walk, case, epcs[2])
        it_stands_on_the_managers_home(walk, here)
        the_card_is_not_used_any_more(walk, here, card)
    assert [unit_view(epc).status for epc in epcs] == ["used", "used", "in_use"]
    assert rebuild() == []


def a_card_is_written(walk: Walk, here: Site) -> PreferenceCard:
    """An alternative that no item has is refused, and what was typed stands there still."""
    page = walk.as_(here.nurse, "/theatre/cards")
    walk.follow("New card")
    leads_to(page, "/theatre/cards/new")
    page.locator("#f-procedure").fill("PCI")
    page.locator("#f-surgeon").fill("Dr. Chen")
    page.locator("#y-picker-input").fill(here.h.item.code)
    page.locator("[data-picker-found] button").first.click()
    page.locator("[data-line-quantity]").fill("3")
    page.locator("input[name^='others:']").fill("NO-SUCH")
    with turned(page):
        walk.press("Keep the card")
    expect(page.locator(".y-refusal")).to_contain_text("NO-SUCH")
    assert not PreferenceCard.objects.exists()
    page.locator("input[name^='others:']").fill(here.counted.code)
    walk.look("account-1-card")
    walk.press("Keep the card")
    leads_to(page, "/theatre/cards")
    card = PreferenceCard.objects.get()
    assert (card.procedure, card.surgeon) == ("PCI", "Dr. Chen")
    assert needs_on(card) == [Need(here.h.item.pk, 3, (here.counted.pk,))]
    return card


def the_implant_is_described(walk: Walk, case: Case) -> None:
    """Where it was put, on which side, and by whom: another than who was planned."""
    page = walk.page
    form = page.locator("form[action*='/implants/']").first
    form.locator("[name=site]").fill("LAD")
    form.locator("[name=side]").select_option("left")
    form.locator("[name=surgeon]").fill("Dr. Li")
    with turned(page):
        form.get_by_role("button").click()
    walk.says("The implant record is complete.")
    kept = Implant.objects.filter(case=case, site="LAD").values_list("side", "surgeon").get()
    assert kept == ("left", "Dr. Li")


def the_charges_go_and_come(walk: Walk, case: Case) -> None:
    """Asked for, withdrawn, asked for and made; of one the refund is asked for, refused, asked for again and made."""
    one, two = ChargeLine.objects.order_by("pk").values_list("pk", flat=True)
    for act, ticked, states in (
        ("request", (), ["charge_pending", "charge_pending"]),
        ("withdraw", (one,), ["used", "charge_pending"]),
        ("request", (), ["charge_pending", "charge_pending"]),
        ("confirm", (), ["charged", "charged"]),
        ("ask_refund", (one,), ["refund_pending", "charged"]),
        ("keep", (one,), ["charged", "charged"]),
        ("ask_refund", (two,), ["charged", "refund_pending"]),
        ("refund", (), ["charged", "refunded"]),
    ):
        for line in ticked:
            walk.page.locator(f"input[name=line][value='{line}']").check()
        if act == "ask_refund":
            walk.page.locator("form[action$='/charges'] [name=reason]").select_option("not_used")
        with turned(walk.page):
            walk.page.locator(f"button[name=act][value={act}]").click()
        assert list(ChargeLine.objects.order_by("pk").values_list("state", flat=True)) == states, act
    said = "%(n)s line is refunded. The unit stays where it is."
    walk.says(said, "%(n)s lines are refunded. The units stay where they are.", n=1)
    walk.look("account-2-refunded")


def it_is_closed_with_a_reason(walk: Walk, case: Case, missing: str) -> None:
    """Not without one: what is missing is named."""
    page = walk.page
    with turned(page):
        walk.press("Close the case")
    expect(page.locator(".y-refusal")).to_contain_text(missing.rpartition("/")[2])
    page.locator("[name=difference]").select_option("searched")
    walk.press("Close the case")
    leads_to(page, "/theatre/cases")
    said = (
        "Case %(number)s is closed: %(taken)s taken, %(used)s used, %(returned)s returned, %(wasted)s wasted."
    )
    walk.says(said, number=case.number, taken=3, used=2, returned=0, wasted=0)
    expect(page.locator("section", has_text=walk.words("Cases that do not balance"))).to_contain_text(
        case.number
    )
    walk.look("account-3-closed")
    assert CaseDifference.objects.values_list("case_id", "reason").get() == (case.pk, "searched")


def it_stands_on_the_managers_home(walk: Walk, here: Site) -> None:
    """By number alone: whose case it is, a manager does not read."""
    page = walk.as_(person("manager", here.h.campus), "/")
    alert = page.locator(".y-rows > li > a", has_text=walk.words("Cases that do not balance"))
    expect(alert.locator(".y-pill")).to_have_text("1")


def the_card_is_not_used_any_more(walk: Walk, here: Site, card: PreferenceCard) -> None:
    page = walk.as_(here.nurse, f"/theatre/cards/{card.pk}")
    walk.press("Not used any more")
    leads_to(page, "/theatre/cards")
    walk.says("Card “%(name)s” is not used any more.", name=str(card))
    expect(page.get_by_text(walk.words("No card yet"))).to_be_visible()
    assert not PreferenceCard.objects.filter(active=True).exists()
