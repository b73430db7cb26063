"""At the dock the label is what counts; at the bedside a label that says something else stops the unit."""

from datetime import date
from typing import Any

import pytest

from tests.flows.site import GTIN, Site, contents, soon
from tests.makers import unique
from yanji.catalog.models import Item, ItemCode
from yanji.flows.acts import Done
from yanji.flows.announced import Announced
from yanji.flows.correction import void_receipt
from yanji.flows.models import ReceiptLine
from yanji.flows.preview import interpret
from yanji.flows.receive import Arrival
from yanji.flows.ship_notice import announce
from yanji.ledger.api import Refused, life_line, rebuild
from yanji.ledger.models import Unit

NOTICE, FAR = "NOTICE", date(2049, 12, 31)


def announced(here: Site, *serials: str, lot: str = NOTICE, expiry: date | None = FAR) -> Done:
    order = here.order((here.h.item, max(len(serials), 1)))
    lines = [Announced(here.h.item.pk, serial, lot, expiry) for serial in serials]
    announce(actor=here.keeper, key=unique("k"), order_id=order.id, lines=lines)
    return order


def refused(code: str, act: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert {offence.code for offence in found.value.offences} == {code}
    assert contents() == before


def look(here: Site, scan: str, order: Done) -> Any:
    return interpret(scan, actor=here.keeper, flow="receive", order_id=order.id, place_id=here.h.store.pk)


def test_scan_at_the_dock_shows_what_is_printed(committed: Site) -> None:
    serial = unique("S")
    order = announced(committed, serial)
    meaning = look(committed, committed.scan(serial, "REAL", "480131"), order)
    assert (meaning.ok, meaning.lot, meaning.expiry) == (True, "REAL", date(2048, 1, 31))
    assert meaning.printed == ("REAL", date(2048, 1, 31))
    assert look(committed, committed.scan(serial, NOTICE, "491231"), order).printed is None
    assert look(committed, f"]d201{GTIN}21{serial}", order).printed is None


def test_expired_label_blocks_whatever_the_notice_said(committed: Site) -> None:
    serial = unique("S")
    order = announced(committed, serial)
    scan = committed.scan(serial, "REAL", "170131")
    assert [offence.code for offence in look(committed, scan, order).offences] == ["expired_on_arrival"]
    expired = committed.arrival(serial=serial, lot="REAL", expiry=date(2017, 1, 31))
    refused("expired_on_arrival", lambda: committed.receive(order, expired))
    rejected = committed.arrival(serial=serial, lot="REAL", expiry=date(2017, 1, 31), rejected="expired")
    committed.receive(order, rejected)
    unit = Unit.objects.select_related("lot").get(serial=serial)
    assert (unit.status, unit.lot.number, unit.lot.expiry) == ("quarantined", "REAL", date(2017, 1, 31))


def test_expiry_of_the_notice_blocks_too(committed: Site) -> None:
    serial = unique("S")
    order = announced(committed, serial, expiry=soon(-1))
    refused("expired_on_arrival", lambda: committed.receive(order, committed.arrival(serial=serial)))


def test_label_goes_into_the_ledger_and_the_difference_into_the_receipt(committed: Site) -> None:
    first, second, third = unique("S"), unique("S"), unique("S")
    order = announced(committed, first, second, third)
    done = committed.receive(
        order,
        committed.arrival(serial=first, lot="REAL", expiry=soon(300)),
        committed.arrival(serial=second, lot=NOTICE),
        committed.arrival(serial=third, lot="", expiry=None),
    )
    lots = dict(Unit.objects.filter(serial__in=(first, second, third)).values_list("serial", "lot__number"))
    assert lots == {first: "REAL", second: NOTICE, third: NOTICE}
    label = {
        "epc": f"01/{GTIN}/21/{first}",
        "announced_lot": NOTICE,
        "announced_expiry": "2049-12-31",
        "lot": "REAL",
        "expiry": soon(300).isoformat(),
    }
    [difference] = done.facts["differences"]
    assert difference["labels"] == [label]
    assert ReceiptLine.objects.get(receipt_id=done.id).labels == [label]
    received = next(stop for stop in life_line(label["epc"]) if stop.step == "receive")
    assert (received.announced_lot, received.announced_expiry) == (NOTICE, FAR)
    void_receipt(actor=committed.keeper, key=unique("k"), receipt_id=done.id, reason="wrong_scan")
    assert Unit.objects.get(serial=first).lot.number == NOTICE
    assert rebuild() == []


@pytest.mark.parametrize("flow", ["pick", "issue", "take_in", "use"])
def test_known_unit_under_another_label_is_stopped_on_its_way_to_a_patient(
    committed: Site, flow: str
) -> None:
    [epc] = committed.stocked(1)
    serial = epc.rsplit("/", 1)[1]
    for scan in (committed.scan(serial, "OTHER"), committed.scan(serial, "L1", "480131")):
        codes = [offence.code for offence in interpret(scan, actor=committed.keeper, flow=flow).offences]
        assert "label_differs" in codes
    same = interpret(committed.scan(serial), actor=committed.keeper, flow=flow)
    assert "label_differs" not in [offence.code for offence in same.offences]
    held = interpret(committed.scan(serial, "OTHER"), actor=committed.keeper, flow="hold")
    assert held.ok


def other_item(here: Site, code: str = "06901234500028") -> Item:
    item = Item.objects.create(code=unique("ITEM"), name_zh="球囊", temperature_class="room")
    if code:
        ItemCode.objects.get_or_create(issuer="GS1", code=code, defaults={"item": item})
    return item


@pytest.mark.parametrize("rejected", ["", "damaged"])
def test_known_unit_is_not_booked_under_another_item(committed: Site, rejected: str) -> None:
    here, serial, other = committed, unique("S"), other_item(committed)
    announced(here, serial)
    order = here.order((other, 1))
    wrong = here.arrival(item=other, serial=serial, rejected=rejected)
    refused("other_item", lambda: here.receive(order, wrong))


@pytest.mark.parametrize(
    ("epc", "serial", "code", "why"),
    [
        (f"01/{GTIN}/21/A1", "B2", "06901234500028", "other_item"),  # another item's code, another serial
        (f"01/{GTIN}/21/A1", "A1", "", "other_item"),  # this item has no code of its own
        ("01/06901234500028/21/A1", "B2", "06901234500028", "epc_differs"),  # another serial than in the name
        ("01/06901234500035/21/A1", "A1", "06901234500028", "epc_differs"),  # nobody's code
    ],
)
def test_new_unit_is_called_what_its_label_gives(
    committed: Site, epc: str, serial: str, code: str, why: str
) -> None:
    here, other = committed, other_item(committed, code)
    order = here.order((other, 1))
    refused(why, lambda: here.receive(order, Arrival(other.pk, epc, serial, "L1", FAR)))


def test_new_unit_without_any_code_of_its_item_may_come_under_a_name_of_its_own(committed: Site) -> None:
    here, other = committed, other_item(committed, "")
    here.receive(here.order((other, 1)), Arrival(other.pk, "8004/690999", "X1", "L1", FAR))
    assert Unit.objects.get(epc="8004/690999").item == other
