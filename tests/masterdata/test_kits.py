"""The contents of a kit at its item's page: read by who sees stock, changed by who edits the catalogue."""

import re
from uuid import uuid4

from django.test import Client

from tests.makers import unique
from tests.masterdata.conftest import holder, signed_in
from yanji.catalog.models import Item
from yanji.flows.packing.models import BillChange, KitLine
from yanji.places.models import Place


def an_item(name: str) -> Item:
    return Item.objects.create(code=unique("KIT"), name_zh=name, name_en=name, temperature_class="room")


def sent(client: Client, kit: Item, *lines: tuple[Item, str]) -> int:
    form = {"key": f"bill:{uuid4().hex}", "item": [str(item.pk) for item, _n in lines], "note": "As agreed"}
    answer = client.post(
        f"/masterdata/items/{kit.pk}/kit", {**form, **{f"quantity:{item.pk}": n for item, n in lines}}
    )
    return answer.status_code


def test_the_contents_are_changed_and_their_changes_shown(client: Client) -> None:
    kit, wire = an_item("Basic set"), an_item("Wire")
    assert "never changed" in client.get(f"/masterdata/items/{kit.pk}/kit").content.decode()
    assert sent(client, kit, (wire, "2")) == 302
    shown = client.get(f"/masterdata/items/{kit.pk}/kit").content.decode()
    assert re.search(rf'name="quantity:{wire.pk}" value="2"', shown)
    assert "added: 2" in shown
    assert "As agreed" in shown
    assert "Basic set" in client.get(f"/masterdata/items/{wire.pk}/kit").content.decode()
    assert sent(client, kit) == 302
    assert not KitLine.objects.exists()
    assert "taken off: 2" in client.get(f"/masterdata/items/{kit.pk}/kit").content.decode()


def test_what_is_wrong_comes_back_with_its_sentence_and_nothing_is_written(client: Client) -> None:
    kit, wire = an_item("Basic set"), an_item("Wire")
    assert sent(client, kit, (wire, "many")) == 409
    assert sent(client, kit, (kit, "1")) == 409
    assert not KitLine.objects.exists()
    assert not BillChange.objects.exists()


def test_who_sees_stock_reads_it_and_cannot_change_it(client: Client, campus: Place) -> None:
    kit, wire = an_item("Basic set"), an_item("Wire")
    sent(client, kit, (wire, "2"))
    keeper = signed_in(holder("storekeeper", campus))
    shown = keeper.get(f"/masterdata/items/{kit.pk}/kit").content.decode()
    assert "Wire" in shown
    assert 'id="bill"' not in shown
    assert sent(keeper, kit, (wire, "9")) in (403, 404)
    assert KitLine.objects.get().quantity == 2
