"""A supplier answers an order, announces what it sends in three ways and prints the labels; the store scans one of them."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import leads_to, turned
from tests.browser.printed import printed_at
from tests.browser.walk import Walk, walking
from tests.browser.wedge import WIDE, rows, scan, type_like_a_wedge
from tests.flows.buying import supplier_person
from tests.flows.site import GTIN, Site, site, soon
from yanji.catalog.models import Item
from yanji.flows.buying.models import LineAnswer
from yanji.flows.models import PurchaseOrder, Receipt, ShipNotice
from yanji.flows.packing.models import Box
from yanji.ledger.models import Unit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BY_FILE, BY_SCAN = ("F-01", "F-02"), ("P-01", "P-02", "P-03")


@WIDE
def test_a_supplier_answers_announces_and_is_received(
    browser: Any, live_server: Any, settings: Any, tmp_path: Path, width: int
) -> None:
    settings.YANJI_GS1_PREFIX = "6901234"  # so that the numbers of cartons are SSCC
    here = site()
    rare = Item.objects.create(code="RARE-1", name_zh="定制导管", temperature_class="room")
    done = here.order((here.h.item, 5), (here.counted, 20), (rare, 2))
    order = PurchaseOrder.objects.get(pk=done.id)
    with walking(browser, live_server.url, width) as walk:
        walk.as_(supplier_person(here), "/")
        it_confirms_an_order_at_once(walk, here)
        it_answers_each_line(walk, here, order, rare)
        it_types_what_it_sends(walk, here, order)
        it_sends_a_file(walk, here, order, tmp_path)
        pallet = it_scans_a_pallet_together(walk, here, order)
        the_buyer_insists_on_what_is_declined(walk, here, order, rare)
        the_buyer_waits_no_more_for_what_is_declined(walk, here, order, rare)
        the_store_scans_the_pallet_once(walk, here, order, pallet)


def it_confirms_an_order_at_once(walk: Walk, here: Site) -> None:
    """What comes as it was asked for needs one press, however many lines."""
    order = here.order((here.h.item, 3), (here.counted, 4), expected_on=soon(6))
    page = walk.go(f"/supplier/orders/{order.id}")
    expect(page.get_by_text("2 lines wait for your answer")).to_be_visible()
    walk.look("sends-1-unanswered")
    with turned(page):
        page.get_by_role("button", name="Confirm all as asked").click()
    walk.says("2 lines are confirmed as asked.")
    expect(page.get_by_role("button", name="Confirm all as asked")).to_have_count(0)
    answers = LineAnswer.objects.filter(line__order_id=order.id).order_by("pk")
    assert list(answers.values_list("verdict", "quantity", "promised_on")) == [
        ("confirmed", 3, soon(6)), ("confirmed", 4, soon(6)),
    ]  # fmt: skip
    LineAnswer.objects.all().delete()
    PurchaseOrder.objects.filter(pk=order.id).update(state="closed")
    walk.go("/")


def it_answers_each_line(walk: Walk, here: Site, order: PurchaseOrder, rare: Item) -> None:
    """From its home: one line comes in time, one on another day, one not at all."""
    page = walk.page
    page.locator(f"a[href='/supplier/orders/{order.pk}']").first.click()
    leads_to(page, f"/supplier/orders/{order.pk}")
    for item, verdict, day, said in (
        (here.h.item, "confirmed", soon(3).isoformat(), "Your answer is with the hospital"),
        (here.counted, "changed", soon(9).isoformat(), "Your answer is with the hospital"),
        (rare, "declined", "", "Your answer differs from the order"),
    ):
        line = page.locator(".card", has=page.locator("form[action$='/answer']"), has_text=item.code)
        line.get_by_label("Answer").select_option(verdict)
        line.get_by_label("Comes on").fill(day)
        with turned(page):
            line.get_by_role("button", name="Answer").click()
        walk.says(said)
    answers = LineAnswer.objects.order_by("pk").values_list("verdict", "quantity", "promised_on")
    assert list(answers) == [("confirmed", 5, soon(3)), ("changed", 20, soon(9)), ("declined", 0, None)]
    walk.look("sends-2-answered")


def announcing(walk: Walk, order: PurchaseOrder) -> Page:
    """The form, from the order's page."""
    page = walk.go(f"/supplier/orders/{order.pk}")
    page.get_by_role("link", name="Announce a delivery").click()
    leads_to(page, f"/supplier/orders/{order.pk}/notice")
    return page


def announced(walk: Walk) -> ShipNotice:
    page = walk.page
    walk.press("Announce")
    leads_to(page, "/supplier/notices/#")
    walk.says("receiving will compare against it")
    return ShipNotice.objects.latest("pk")


def it_types_what_it_sends(walk: Walk, here: Site, order: PurchaseOrder) -> None:
    page = announcing(walk, order)
    page.get_by_label("Delivery note").fill("DN-71")
    row = page.locator(".y-notice-row").first
    row.locator("[name=item]").select_option(str(here.counted.pk))
    row.locator("[name=lot]").fill("B7")
    row.locator("[name=expiry]").fill(soon(400).isoformat())
    row.locator("[name=quantity]").fill("20")
    [line] = announced(walk).lines.all()
    assert (line.item_id, line.lot, line.quantity) == (here.counted.pk, "B7", 20)


def it_sends_a_file(walk: Walk, here: Site, order: PurchaseOrder, folder: Path) -> None:
    """A file with a slip of the pen says so and keeps nothing; the mended one is looked at, then announced."""
    page = announcing(walk, order)
    sheet, before = folder / "notice.csv", ShipNotice.objects.count()
    head, good = "code,serial,lot,expiry,quantity,box\n", f"{here.h.item.code},{{}},L8,{soon(300)},1,new"
    sheet.write_text(head + good.format("F-01") + f"\nNOT-OURS,F-02,L8,{soon(300)},1,new\n", encoding="utf-8")
    for text, told in (
        (None, "NOT-OURS"),
        (head + "\n".join(map(good.format, BY_FILE)) + "\n", "2 rows were read"),
    ):
        if text:
            sheet.write_text(text, encoding="utf-8")
        page.locator("#f-file").set_input_files(sheet)
        with turned(page):
            walk.press("Look at the rows")
        expect(page.locator("main")).to_contain_text(told)
        assert ShipNotice.objects.count() == before
    lines = announced(walk).lines.order_by("serial")
    assert [line.serial for line in lines] == list(BY_FILE)
    assert len({line.box_id for line in lines} - {None}) == 1


def it_scans_a_pallet_together(walk: Walk, here: Site, order: PurchaseOrder) -> str:
    """Label after label into the rows, all in one carton on one pallet of new numbers; what the pallet's label says."""
    page = announcing(walk, order)
    page.locator("#f-box").fill("new")
    page.locator("#f-pallet").fill("new 2")
    page.locator("[name=serial]").first.focus()
    for number, serial in enumerate(BY_SCAN):
        type_like_a_wedge(page, here.scan(serial))
        expect(page.locator("[name=serial]").nth(number)).to_have_value(serial)
    walk.look("sends-4-scanned")
    notice = announced(walk)
    walk.look("sends-5-announced")
    assert {line.epc for line in notice.lines.all()} == {f"01/{GTIN}/21/{serial}" for serial in BY_SCAN}
    labels = page.get_by_role("link", name="Print the labels").get_attribute("href")
    printed = printed_at(page, f"{walk.server}{labels}")
    pallet = Box.objects.get(notice=notice, kind="pallet")
    carton = Box.objects.get(notice=notice, parent=pallet)
    bars = [f"]C1{box.code.replace('/', '')}" for box in (pallet, carton)]
    assert sorted(scan_of for label in printed for scan_of in label if scan_of.startswith("]C")) == sorted(
        bars
    )
    return bars[0]


def the_buyer_insists_on_what_is_declined(walk: Walk, here: Site, order: PurchaseOrder, rare: Item) -> None:
    """All of it is awaited still; the supplier answers again, and cannot."""
    page = walk.as_(here.buyer, f"/buyer/orders/{order.pk}")
    with turned(page):
        walk.press("Insist on what was ordered")
    walk.says("The answer is settled.")
    assert LineAnswer.objects.latest("pk").settled == "refused"
    assert order.lines.get(item=rare).outstanding == 2
    page = walk.as_(supplier_person(here), f"/supplier/orders/{order.pk}")
    line = page.locator(".card", has=page.locator("form[action$='/answer']"), has_text=rare.code)
    line.get_by_label("Answer").select_option("declined")
    with turned(page):
        line.get_by_role("button", name="Answer").click()
    walk.says("Your answer differs from the order")
    settled = LineAnswer.objects.filter(line__item=rare).order_by("pk").values_list("settled", flat=True)
    assert list(settled) == ["refused", "open"]


def the_buyer_waits_no_more_for_what_is_declined(
    walk: Walk, here: Site, order: PurchaseOrder, rare: Item
) -> None:
    page = walk.as_(here.buyer, f"/buyer/orders/{order.pk}")
    with turned(page):
        page.locator("form[action$='/settle'] button[value=yes]").click()
    assert order.lines.get(item=rare).outstanding == 0


def the_store_scans_the_pallet_once(walk: Walk, here: Site, order: PurchaseOrder, pallet: str) -> None:
    """One scan of the printed bars takes three units in, another puts them away."""
    page = walk.as_(here.storekeeper, f"/storeroom/receiving/{order.pk}")
    scan(page, pallet)
    rows(page, 1)
    expect(page.locator("[data-scan-row]")).to_contain_text("3")
    expect(page.locator("[data-scan-submit] [data-scan-count]")).to_have_text("3")
    expect(page.locator("[data-owed-scanned]", has_text="3")).to_have_count(1)
    walk.look("sends-7-receiving")
    type_like_a_wedge(page, "YANJI:OK")
    leads_to(page, "/storeroom/receipts/#")
    units = Unit.objects.filter(serial__in=BY_SCAN)
    assert set(units.values_list("status", flat=True)) == {"available"}
    walk.go("/storeroom/put-away")
    scan(page, pallet)
    rows(page, 1)
    scan(page, here.h.bin.code)
    expect(page.locator("#chosen")).to_contain_text(here.h.bin.code)
    scan(page, here.h.bin.code)
    walk.says(here.h.bin.code)
    assert set(units.values_list("place_id", flat=True)) == {here.h.bin.pk}
    assert Receipt.objects.get().notice == ShipNotice.objects.latest("pk")
