"""What proves that a delivery was imported: kept with its number, voided, and found from its lots and its supplier."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.flows.buying import supplier_person
from tests.flows.site import GTIN, Site, person, soon
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.catalog.models import Maker, Supplier
from yanji.flows.announced import Announced
from yanji.flows.correction import void_receipt
from yanji.flows.import_papers import (
    imported_in,
    keep_import_paper,
    papers_from,
    papers_of,
    void_import_paper,
)
from yanji.flows.models import Receipt
from yanji.flows.papers import sheet_of
from yanji.flows.ship_notice import announce
from yanji.ledger.api import Refused, trace_lot
from yanji.ledger.models import Unit
from yanji.places.models import Kind


def keep(here: Site, receipt: Receipt, **fields: Any) -> int:
    given = {"kind": "customs", "number": "2202-1", "issued_on": timezone.localdate(), **fields}
    return keep_import_paper(
        **{"actor": here.keeper, "key": unique("k"), "receipt_id": receipt.pk, **given}
    ).id


def refused(act: Any) -> str:
    with pytest.raises(Refused) as found:
        act()
    return found.value.code


def test_a_lot_and_a_supplier_lead_to_the_papers_of_their_deliveries(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1)
    receipt = Receipt.objects.get()
    first = keep(here, receipt)
    keep(here, receipt, kind="inspection")
    [source] = trace_lot(Unit.objects.get(epc=epc).lot_id).sources
    found = papers_of([source.event_id])[source.event_id]
    assert [(each.kind, each.number) for each in found] == [("customs", "2202-1"), ("inspection", "2202-1")]
    assert [each.kind for each in papers_from(here.purchasing, here.h.supplier.pk, limit=9)] == [
        "inspection", "customs",
    ]  # fmt: skip
    void_import_paper(actor=here.purchasing, key=unique("k"), paper_id=first, reason="Of another delivery")
    assert [each.kind for each in papers_of([source.event_id])[source.event_id]] == ["inspection"]
    again = {"actor": here.keeper, "key": unique("k"), "paper_id": first, "reason": "Once more"}
    assert refused(lambda: void_import_paper(**again)) == "already_corrected"
    keep(here, receipt)
    printed = sheet_of(here.keeper, "receipt", receipt.pk).sections[-1].rows
    assert [(row[1], bool(row[-1])) for row in printed] == [
        ("2202-1", True),
        ("2202-1", False),
        ("2202-1", False),
    ]
    stranger = person("storekeeper", place(Kind.CAMPUS, None))
    assert papers_from(here.actor(stranger), here.h.supplier.pk, limit=9) == []


def test_what_is_no_paper_of_a_delivery_is_refused(committed: Site) -> None:
    here = committed
    here.stocked(1)
    receipt = Receipt.objects.get()
    keep(here, receipt)
    assert refused(lambda: keep(here, receipt)) == "import_paper_known"
    assert refused(lambda: keep(here, receipt, number=" ")) == "import_paper_unnamed"
    assert refused(lambda: keep(here, receipt, kind="passport")) == "import_paper_unnamed"
    ahead = timezone.localdate() + timedelta(days=1)
    assert refused(lambda: keep(here, receipt, number="2", issued_on=ahead)) == "dated_ahead"
    with pytest.raises(NotFound):
        keep(here, receipt, actor=here.actor(person("storekeeper", place(Kind.CAMPUS, None))))
    void_receipt(actor=here.keeper, key=unique("v"), receipt_id=receipt.pk, reason="wrong_scan")
    assert refused(lambda: keep(here, receipt, number="2")) == "already_corrected"


def test_only_goods_made_abroad_ask_for_them(committed: Site) -> None:
    here = committed
    here.stocked(1)
    receipt = Receipt.objects.get()
    assert imported_in(receipt) == []
    for country, expected in (("CN", []), ("", []), ("DE", [here.h.item.name])):
        here.h.item.maker = Maker.objects.create(name_zh=unique("厂"), country=country)
        here.h.item.save()
        assert imported_in(receipt) == expected


def test_a_supplier_sees_what_it_showed_with_its_delivery_and_nobody_of_the_hospital(committed: Site) -> None:
    here = committed
    order = here.order()
    line = Announced(here.h.item.pk, "N1", "L1", soon(400), epc=f"01/{GTIN}/21/N1")
    notice = announce(actor=here.keeper, key=unique("n"), order_id=order.id, lines=[line]).id
    here.receive(order, here.arrival(serial="N1", expiry=soon(400)), notice_id=notice)
    keep(here, Receipt.objects.get(), number="2202-9")
    gone = keep(here, Receipt.objects.get(), kind="inspection", number="2202-0")
    void_import_paper(actor=here.keeper, key=unique("k"), paper_id=gone, reason="Of another delivery")
    for who, sees in (
        (supplier_person(here), True),
        (supplier_person(here, Supplier.objects.create(code=unique("R"), name_zh="对手").pk), False),
    ):
        client = Client()
        client.force_login(who)
        shown = client.get(f"/supplier/notices/{notice}").content.decode()
        assert ("2202-9" in shown, "2202-0" in shown, here.storekeeper.name in shown) == (sees, False, False)
