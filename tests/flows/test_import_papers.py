"""What proves that a delivery was imported: kept with its number, voided, and found from its lots and its supplier."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.flows.site import Site, person
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.catalog.models import Maker
from yanji.flows.correction import void_receipt
from yanji.flows.import_papers import (
    imported_in,
    keep_import_paper,
    papers_from,
    papers_of,
    void_import_paper,
)
from yanji.flows.models import Receipt
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
