"""A storekeeper packs, unpacks, reserves and sends back by scanning alone, with the network gone in between: each act once."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_handheld import begin, opened, says, scanned
from tests.browser.test_handheld_flows import comes_up, connected, cut_off, looked_at
from tests.browser.test_handheld_offline import waiting
from tests.browser.wedge import Gallery, a_breath_later, at_once, brand_new, sign_in, type_like_a_wedge
from tests.makers import unique
from tests.web.flows.world import World, world
from yanji.flows.handheld.models import SentAct
from yanji.flows.packing.contents import Contents, contents
from yanji.flows.packing.models import PackingAct
from yanji.flows.packing.pack import pack
from yanji.flows.requisition import Wanted, request
from yanji.flows.sendback.ask import ask_supplier_return, authorise_return
from yanji.flows.sendback.models import SupplierReturn
from yanji.ledger.api import unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CARTON, PALLET = "]C100069012345000000011", "box/000000777"
LOOKS = [("zh-hans", 390, "light"), ("en", 1920, "dark")]


@pytest.fixture
def hospital(transactional_db: None) -> World:
    return world()


def in_it(code: str) -> Contents:
    return contents([code])[code]


def status(epc: str) -> str:
    view = unit_view(epc)
    assert view is not None
    return view.status


def done(page: Page, acts: int) -> None:
    """So many acts have gone and were accepted."""
    expect(page.locator("[data-act][data-state=accepted]")).to_have_count(acts)


@pytest.mark.parametrize(("language", "width", "theme"), LOOKS)
def test_boxes_are_packed_and_opened_by_scanning_alone(
    browser: Any, live_server: Any, hospital: World, language: str, width: int, theme: str
) -> None:
    hospital.stocked("X1", "X2", "X3")
    gallery = Gallery(f"{language[:2]}-{width}-{theme}")
    session = brand_new(browser, width)
    page = session.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], language, theme)
    opened(page, live_server.url)
    begin(page, "pack")
    scanned(page, hospital.scan("X1"), 1)
    scanned(page, hospital.scan("X2"), 2)
    scanned(page, "NOBODY-KNOWS-IT", 3)
    expect(page.locator("[data-commit]")).to_be_disabled()
    page.locator("[data-out]").first.click()
    scanned(page, CARTON, 2)
    expect(page.locator("[data-about]")).to_contain_text("(00)069012345000000011")
    expect(page.locator("[data-commit]")).to_be_enabled()
    looked_at(page, gallery, "boxes-1-pack")
    scanned(page, CARTON, 0)
    done(page, 1)
    assert len(in_it("00/069012345000000011").units) == 2
    # Without the network a box is known by its label all the same: the carton goes onto the pallet, once.
    cut_off(page)
    scanned(page, CARTON, 0)
    scanned(page, PALLET, 1)
    scanned(page, hospital.scan("X3"), 2)
    scanned(page, PALLET, 0)
    waiting(page, 1)
    connected(page)
    waiting(page, 0)
    assert (in_it(PALLET).inner, len(in_it(PALLET).units)) == (1, 3)
    page.locator("[data-home]").click()
    begin(page, "unpack")
    page.mouse.move(0, 0)
    scanned(page, PALLET, 0)
    scanned(page, hospital.scan("X3"), 1)
    expect(page.locator("[data-commit]")).to_be_enabled()
    looked_at(page, gallery, "boxes-2-unpack")
    scanned(page, PALLET, 0)
    done(page, 3)
    assert len(in_it(PALLET).units) == 2
    # The label alone, twice: all of it; but not by a trigger that is pulled twice.
    at_once(page)
    type_like_a_wedge(page, PALLET)
    type_like_a_wedge(page, PALLET)
    scanned(page, hospital.scan("X1"), 1)
    expect(page.locator("[data-about]")).to_contain_text(PALLET)
    page.locator("[data-out]").first.click()
    expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(0)
    a_breath_later(page)
    type_like_a_wedge(page, PALLET)
    done(page, 4)
    assert not in_it(PALLET).packed
    assert PackingAct.objects.count() == 4
    assert SentAct.objects.exclude(state="accepted").count() == 0
    session.close()


@pytest.mark.parametrize(("language", "width", "theme"), LOOKS)
def test_things_are_reserved_given_free_and_sent_back_by_scanning_alone(
    browser: Any, live_server: Any, hospital: World, language: str, width: int, theme: str
) -> None:
    epcs = hospital.stocked("Y1", "Y2")
    keeper = hospital.actor("storekeeper")
    number = request(
        actor=hospital.actor("nurse"), key=unique("k"), department_id=hospital.department.pk,
        store_id=hospital.store.pk, lines=[Wanted(hospital.item.pk, 2)],
    ).number  # fmt: skip
    gallery = Gallery(f"{language[:2]}-{width}-{theme}")
    session = brand_new(browser, width)
    page = session.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], language, theme)
    opened(page, live_server.url)
    # Picking waits for it, and stands in the list once: reserving is what somebody may do instead.
    comes_up(page, number, "pick")
    begin(page, "reserve")
    scanned(page, number, 0)
    scanned(page, hospital.scan("Y1"), 1)
    expect(page.locator("[data-todo-list] li [data-left]")).to_have_text("× 1")
    expect(page.locator("[data-commit]")).to_be_enabled()
    looked_at(page, gallery, "boxes-3-reserve")
    scanned(page, number, 0)
    says(page, "RV-")
    done(page, 1)
    assert [status(epc) for epc in epcs] == ["reserved", "available"]
    page.locator("[data-home]").click()
    begin(page, "unreserve")
    scanned(page, number, 0)
    expect(page.locator("[data-says]")).not_to_be_empty()
    why = page.locator("[data-reason] option:nth-of-type(2)").get_attribute("value")
    type_like_a_wedge(page, f"YANJI:REASON:unreserve:{why}")
    expect(page.locator("[data-commit]")).to_be_enabled()
    expect(page.locator("[data-reason]")).to_have_value(str(why))
    looked_at(page, gallery, "boxes-4-unreserve")
    type_like_a_wedge(page, number)
    done(page, 2)
    assert status(epcs[0]) == "available"
    page.locator("[data-home]").click()
    back = ask_supplier_return(
        actor=keeper, key=unique("r"), place_id=hospital.store.pk, supplier_id=hospital.supplier.pk,
        things=epcs, reason="quality",
    )  # fmt: skip
    authorise_return(actor=keeper, key=unique("a"), return_id=back.id, authorisation="RMA-7")
    SupplierReturn.objects.update(handed_to="Van 7")
    type_like_a_wedge(page, back.number)
    expect(page.locator("[data-view=act]")).to_be_visible()
    expect(page.locator("[data-todo-list] li")).not_to_have_count(0)
    scanned(page, hospital.scan("Y1"), 1)
    # What of the parcel is missing is named: the item and the serial number.
    expect(page.locator("[data-says]")).to_contain_text("Y2")
    expect(page.locator("[data-commit]")).to_be_disabled()
    looked_at(page, gallery, "boxes-5-send-back")
    scanned(page, hospital.scan("Y2"), 2)
    expect(page.locator("[data-commit]")).to_be_enabled()
    scanned(page, back.number, 0)
    done(page, 3)
    assert [status(epc) for epc in epcs] == ["returned", "returned"]
    assert SentAct.objects.exclude(state="accepted").count() == 0
    session.close()


def test_what_would_become_another_box_is_refused_whole(
    browser: Any, live_server: Any, hospital: World
) -> None:
    """A carton and a unit make a carton; the carton alone would make a pallet of the label, without a word. Control: onto a box
    that is one already, what nothing stands against goes."""
    one, two, _three = hospital.stocked("W1", "W2", "W3")
    spare, by = "box/000000778", {"place_id": hospital.store.pk, "kind": "box"}
    for epc, code in ((one, "00/069012345000000011"), (two, spare)):
        pack(actor=hospital.actor("storekeeper"), key=unique("k"), things=[epc], code=code, **by)
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], "en")
    opened(page, live_server.url)
    begin(page, "pack")
    cut_off(page)
    for text, rows in ((CARTON, 0), (hospital.scan("NEVER-SEEN"), 1), (PALLET, 2)):
        scanned(page, text, rows)
    page.locator("[data-commit]").click()
    waiting(page, 1)
    for number, text in enumerate((hospital.scan("W3"), hospital.scan("NEVER-EITHER")), 1):
        scanned(page, text, number)
    scanned(page, spare, 2)
    page.locator("[data-commit]").click()
    waiting(page, 2)
    connected(page)
    waiting(page, 0)
    expect(page.locator("[data-act][data-state=refused]")).to_have_count(2)
    done(page, 1)
    assert [len(each.scans) for each in SentAct.objects.filter(state="refused")] == [3], (
        "the other was parted"
    )
    assert contents([PALLET]) == {}
    assert (len(in_it(spare).units), in_it(spare).kind) == (2, "box")
    session.close()
