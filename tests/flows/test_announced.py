"""A supplier names a unit by product and serial; what scanning calls it is derived, and must agree where it is given."""

from typing import Any

import pytest

from tests.flows.site import GTIN, Site, contents, soon
from tests.makers import unique
from yanji.catalog.models import Item, ItemCode
from yanji.flows.announced import Announced
from yanji.flows.models import ShipNotice, ShipNoticeLine
from yanji.flows.preview import interpret
from yanji.flows.ship_notice import announce, read_csv
from yanji.identity import gs1_mod10, hibc_mod43
from yanji.ledger.api import Refused, unit_view


def tell(here: Site, *lines: Announced) -> ShipNotice:
    order = here.order((here.h.item, 9), (here.counted, 9))
    done = announce(actor=here.purchasing, key=unique("n"), order_id=order.id, lines=lines)
    return ShipNotice.objects.get(pk=done.id)


def refused(here: Site, *lines: Announced) -> list[tuple[str, str]]:
    order = here.order((here.h.item, 9), (here.counted, 9))
    before = contents()
    with pytest.raises(Refused) as refusal:
        announce(actor=here.purchasing, key=unique("n"), order_id=order.id, lines=lines)
    assert contents() == before
    assert all("{" not in sentence for sentence in refusal.value.sentences())
    return [(offence.code, offence.thing) for offence in refusal.value.offences]


def gtin() -> str:
    digits = f"0690{int(unique('9')):09d}"
    return digits + gs1_mod10(digits)


def test_item_and_serial_announce_the_unit(committed: Site) -> None:
    here, serial = committed, unique("S")
    tell(here, Announced(here.h.item.pk, serial, "L1", soon(400)))
    unit = unit_view(f"01/{GTIN}/21/{serial}")
    assert unit is not None
    assert (unit.status, unit.lot, unit.expiry) == ("expected", "L1", soon(400))
    assert ShipNoticeLine.objects.get().epc == unit.epc
    # The same name that scanning its label gives.
    scan = interpret(here.scan(serial, expiry=soon(400).strftime("%y%m%d")), actor=here.keeper)
    assert (scan.kind, scan.epc) == ("unit", unit.epc)


@pytest.mark.parametrize("written", [GTIN, GTIN[1:], f" {GTIN} "])
def test_a_device_identifier_stands_for_the_item(committed: Site, written: str) -> None:
    serial = unique("S")
    tell(committed, Announced(serial=serial, lot="L1", di=written))
    assert unit_view(f"01/{GTIN}/21/{serial}").item_id == committed.h.item.pk


def test_a_device_identifier_of_another_issuer(committed: Site) -> None:
    here, serial = committed, unique("S")
    ItemCode.objects.create(item=here.h.item, issuer="HIBCC", code="A99912341")
    tell(here, Announced(serial=serial, di="A99912341"))
    expected = unit_view(f"hibc:A99912341/{serial}")
    assert expected.status == "expected"
    label = f"+A99912341/S{serial}"
    scan = interpret(label + hibc_mod43(label), actor=here.keeper)
    assert (scan.kind, scan.epc) == ("unit", expected.epc)


def test_an_identity_that_is_given_must_agree(committed: Site) -> None:
    here, serial = committed, unique("S")
    line: dict[str, Any] = {"item_id": here.h.item.pk, "serial": serial}
    wrong = f"01/{GTIN}/21/{serial}0"
    assert refused(here, Announced(**line, epc=wrong)) == [("epc_differs", wrong)]
    other = f"01/06901234500028/21/{serial}"
    assert refused(here, Announced(**line, epc=other)) == [("epc_differs", other)]
    right = f"01/{GTIN}/21/{serial}"
    assert refused(here, Announced(here.h.item.pk, epc=right)) == [("serial_missing", right)]
    tell(here, Announced(**line, epc=right))
    assert unit_view(right).status == "expected"


def test_of_several_codes_one_must_be_said(committed: Site) -> None:
    here, serial, second = committed, unique("S"), gtin()
    ItemCode.objects.create(item=here.h.item, issuer="GS1", code=second)
    assert refused(here, Announced(here.h.item.pk, serial)) == [("which_code", serial)]
    tell(here, Announced(here.h.item.pk, serial, di=second))
    assert unit_view(f"01/{second}/21/{serial}").status == "expected"
    other = unique("S")
    tell(here, Announced(here.h.item.pk, other, epc=f"01/{GTIN}/21/{other}"))
    assert unit_view(f"01/{GTIN}/21/{other}").status == "expected"


def test_a_code_of_a_package_names_no_unit_but_its_item(committed: Site) -> None:
    here, case = committed, gtin()
    ItemCode.objects.create(item=here.h.item, issuer="GS1", code=case, level="case", quantity=10)
    assert refused(here, Announced(serial="S1", di=case)) == [("package_scanned", case)]
    serial = unique("S")
    tell(here, Announced(here.h.item.pk, serial))  # the carton's code is no second one of the unit
    assert unit_view(f"01/{GTIN}/21/{serial}").status == "expected"


def test_every_line_that_cannot_be_meant_is_named(committed: Site) -> None:
    here = committed
    other = Item.objects.create(code=unique("X"), name_zh="他物")
    ItemCode.objects.create(item=other, issuer="GS1", code=(foreign := gtin()))
    found = refused(
        here,
        Announced(serial="S1"),
        Announced(serial="S2", di="NOSUCH-1"),
        Announced(here.h.item.pk, "S3", di=foreign),
        Announced(999_999_999, "S4"),
        Announced(here.h.item.pk, "S" * 21),
    )
    assert found == [
        ("no_item", ""),
        ("unknown_di", "NOSUCH-1"),
        ("di_of_other_item", foreign),
        ("unknown_item", "item 999999999"),
        ("bad_serial", "S" * 21),
    ]
    assert refused(here, Announced(di=foreign, lot="L")) == [("not_ordered", "L")]


def test_two_lines_of_one_unit_and_several_pieces_of_one(committed: Site) -> None:
    here, serial = committed, unique("S")
    epc = f"01/{GTIN}/21/{serial}"
    twice = Announced(here.h.item.pk, serial), Announced(serial=serial, di=GTIN)
    assert refused(here, *twice) == [("scanned_twice", epc)]
    assert refused(here, Announced(here.h.item.pk, serial, quantity=2)) == [("bad_quantity", epc)]


def test_what_is_counted_or_has_no_code_is_kept_as_said(committed: Site) -> None:
    here = committed
    plain = Item.objects.create(code=unique("NC"), name_zh="无码")
    order = here.order((plain, 2), (here.counted, 5))
    lines = [Announced(plain.pk, "S1", "L1"), Announced(here.counted.pk, "ignored", "B1", quantity=5)]
    announce(actor=here.purchasing, key=unique("n"), order_id=order.id, lines=lines)
    kept = {line.item_id: line for line in ShipNoticeLine.objects.all()}
    assert (kept[plain.pk].serial, kept[plain.pk].epc) == ("S1", "")
    assert (kept[here.counted.pk].quantity, kept[here.counted.pk].epc) == (5, "")
    assert ShipNotice.objects.get().event_id is None


def test_a_file_names_units_alike(committed: Site) -> None:
    here = committed
    content = f"code,serial,lot,expiry\n{GTIN[1:]},S1,L1,2099-01-31\n{here.h.item.code},S2,L1,\n{here.scan('S3')},,,\n"
    lines = read_csv(content.encode())
    assert [line.epc for line in lines] == [f"01/{GTIN}/21/S{n}" for n in (1, 2, 3)]
    with pytest.raises(Refused) as refusal:
        read_csv(f"code,serial\n{here.scan('S3')},S4\n".encode())
    assert [offence.code for offence in refusal.value.offences] == ["epc_differs"]
