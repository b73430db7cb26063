"""What a scan brought and nobody knew is said to be an item, or nothing, on the page of what is to be cleared up."""

import pytest
from django.utils.translation import override

from tests.masterdata.test_pages import said, text
from yanji.catalog.models import Item, Quarantined
from yanji.web.masterdata.quarantine import facts

pytestmark = pytest.mark.django_db


def test_what_a_scan_brought_is_bound_or_rejected_on_the_page(client):
    known = Item.objects.create(code="KNOWN-1", name_zh="支架")
    rows = []
    for number in (1, 2):
        born = Item.objects.create(code=f"NEW-{number}", name_zh="?", provisional=True)
        content = {"scan": "x", "item_id": born.pk, "place": "STORE", "person": "Li"}
        reasons = [{"code": "unknown_product", "detail": "1"}]
        rows.append(Quarantined.objects.create(source="scan", content=content, reasons=reasons))
    page = text(client.get("/masterdata/quarantine"))
    assert "one was entered from the scan" in page
    address = "/masterdata/quarantine/resolve"
    wrong = client.post(address, {"bind": rows[0].pk, f"item:{rows[0].pk}": "NOWHERE"})
    assert "Ask for it to be added" in " ".join(said(wrong))
    bound = client.post(address, {"bind": rows[0].pk, f"item:{rows[0].pk}": known.code})
    assert "It is KNOWN-1 now" in " ".join(said(bound))
    client.post(address, {"reject": rows[1].pk})
    assert not Quarantined.objects.filter(resolved_at=None).exists()
    assert not Item.objects.filter(provisional=True).exists()


@pytest.mark.parametrize(("flow", "called"), [("count", "盘点"), ("look", "查询"), ("recall", "召回")])
def test_for_what_it_was_scanned_is_said_in_the_readers_language(flow, called):
    """An act of the scan page by the name of its tile, any other by the name of its step."""
    with override("zh-hans"):
        [(_title, said_)] = facts({"flow": flow}, "")
    assert said_ == called


@pytest.mark.parametrize("code", ["kept_aside", "noted"])
def test_what_is_of_a_known_item_is_not_asked_for_again(client, code):
    """Only what was entered from the scan may be another item; a note holds nothing up, and does not say so."""
    known = Item.objects.create(code="KNOWN-1", name_zh="支架")
    content = {"scan": "x", "item_id": known.pk, "place": "STORE", "person": "Li"}
    Quarantined.objects.create(source="scan", content=content, reasons=[{"code": code, "detail": ""}])
    page = text(client.get("/masterdata/quarantine"))
    assert "It is this item" not in page
    assert "Reject it" in page
    assert ("it lies on hold" in page) == (code == "kept_aside")
