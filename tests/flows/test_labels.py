"""Units without a maker's serial: numbered, printed, read back by a scanner, received."""

import pytest

from tests.browser.printed import scans_of
from tests.flows.site import GTIN, Site, contents, soon
from tests.makers import unique
from yanji.catalog.models import Item, Quarantined
from yanji.flows.adopt import adopt_unknown
from yanji.flows.announced import Announced
from yanji.flows.labelling import assign_labels, label_data
from yanji.flows.models import Label
from yanji.flows.preview import interpret, interpret_many
from yanji.flows.printing.sheets import label_sheet
from yanji.flows.receive import Arrival
from yanji.flows.ship_notice import announce
from yanji.identity import gs1_mod10
from yanji.ledger.api import Refused, unit_view


@pytest.mark.parametrize("prefix", ["", "6901234"])
def test_labels_are_printed_so_that_a_scanner_reads_them(committed: Site, settings, prefix: str) -> None:
    settings.YANJI_GS1_PREFIX = prefix
    here = committed
    done = assign_labels(
        actor=here.keeper, key=unique("l"), place_id=here.h.store.pk, item_id=here.h.item.pk, count=3, lot="L9",
        expiry=soon(100),
    )  # fmt: skip
    labels = done.facts["labels"]
    assert len({label["epc"] for label in labels}) == 3
    sheet = label_sheet(here.keeper, [label["number"] for label in labels])
    assert sheet.startswith(b"%PDF")
    pages = scans_of(sheet)
    assert len(pages) == 3
    printed = label_data(here.keeper, [label["number"] for label in labels])
    order = here.order((here.h.item, 3))
    for each, label, [scan] in zip(printed, labels, pages, strict=True):
        assert each.symbol.epc == label["epc"]
        meaning = interpret(
            scan, actor=here.keeper, flow="receive", order_id=order.id, place_id=here.h.store.pk
        )
        assert (meaning.kind, meaning.epc, meaning.serial, meaning.lot) == (
            "new_unit", label["epc"], label["number"], "L9",
        ), meaning  # fmt: skip
        assert meaning.ok
    arrivals = [Arrival(here.h.item.pk, each["epc"], each["number"], "L9", soon(100)) for each in labels]
    here.receive(order, *arrivals)
    assert unit_view(labels[0]["epc"]).status == "available"


def test_an_unknown_product_is_adopted_once(committed: Site) -> None:
    here = committed
    body = "0695555500001"
    scan = f"]d201{body}{gs1_mod10(body)}17491231" + "10L\x1d21S1"
    assert interpret(scan, actor=here.keeper, flow="receive").kind == "unknown_product"
    first = adopt_unknown(actor=here.keeper, key=unique("a"), scan=scan, name="新支架")
    again = adopt_unknown(actor=here.keeper, key=unique("a"), scan=scan)
    assert (first.state, again.state, first.id) == ("provisional", "known", again.id)
    assert Item.objects.get(pk=first.id).provisional
    assert Quarantined.objects.filter(resolved_at__isnull=True).count() == 1
    order = here.order()
    meaning = interpret(scan, actor=here.keeper, flow="receive", order_id=order.id, place_id=here.h.store.pk)
    assert (meaning.kind, [each.code for each in meaning.offences]) == ("new_unit", ["not_ordered"])
    before = contents()
    with pytest.raises(Refused):
        adopt_unknown(actor=here.keeper, key=unique("a"), scan="nonsense")
    assert contents() == before


def test_a_unit_announced_for_another_order_says_for_which(committed: Site) -> None:
    here = committed
    other = here.order((here.h.item, 1))
    serial = unique("S")
    announce(
        actor=here.purchasing, key=unique("n"), order_id=other.id,
        lines=[Announced(here.h.item.pk, serial=serial, lot="L1", expiry=soon(400), epc=f"01/{GTIN}/21/{serial}")],
    )  # fmt: skip
    order = here.order((here.counted, 1))
    meaning = interpret(
        here.scan(serial), actor=here.keeper, flow="receive", order_id=order.id, place_id=here.h.store.pk
    )
    assert {each.code for each in meaning.offences} == {"announced_elsewhere", "not_ordered"}


def test_scans_say_what_stands_in_the_way(committed: Site) -> None:
    here, h = committed, committed.h
    epcs = here.stocked(2)
    order = here.order((h.item, 1))
    label, known, lot_only, place_code = interpret_many(
        [here.scan("NEW1"), epcs[0], f"]d201{GTIN}17491231" + "10L1", h.bin.code],
        actor=here.keeper, flow="receive", order_id=order.id, place_id=h.store.pk,
    )  # fmt: skip
    assert (label.kind, label.ok) == ("new_unit", True)
    assert [each.code for each in known.offences] == ["already_here"]
    assert (lot_only.kind, [each.code for each in lot_only.offences]) == ("needs_label", ["needs_label"])
    assert (place_code.kind, place_code.document) == ("place", ("place", h.bin.pk))
    two = interpret_many(
        [here.scan("N1"), here.scan("N2")], actor=here.keeper, flow="receive", order_id=order.id
    )
    assert {each.code for meaning in two for each in meaning.offences} == {"over_delivered"}
    serial = unit_view(epcs[0]).serial
    assert interpret(serial, actor=here.keeper).epc == epcs[0]
    elsewhere = interpret(epcs[0], actor=here.ward, flow="use", from_place_id=h.department.pk)
    assert [each.code for each in elsewhere.offences] == ["recorded_elsewhere"]
    assert not Label.objects.exists()
