"""What a reader has read is listed in a delivery and in a count by somebody's decision: once, with what is unknown beside it."""

import re
from html import unescape
from typing import Any

from django.utils import timezone

from tests.makers import everything, unique
from yanji.flows.codes import add_code
from yanji.flows.counting.count import start_count
from yanji.flows.counting.models import CountScan
from yanji.flows.models import Receipt
from yanji.flows.rfid.heard import hear
from yanji.flows.rfid.readers import enter_reader
from yanji.flows.rfid.sightings import Read
from yanji.identity import gs1_mod10
from yanji.identity.epc import to_hex
from yanji.ledger.api import unit_view

from .acts import key, listed, sentences

STRANGE = "E28011606000020000000001"


def reader_at(hospital: Any, kind: str, place: Any) -> int:
    return enter_reader(
        actor=everything(hospital.campus, hospital.people["storekeeper"]), key=unique("k"), name="Dock gate", kind=kind,
        protocol="mqtt", address=unique("rfid/"), place_id=place.pk,
    ).id  # fmt: skip


def tag_of(hospital: Any, serial: str) -> str:
    """A tag as its maker writes it: the product and the serial number, no lot."""
    return to_hex([("01", hospital.gtin()), ("21", serial)], "sgtin+")


def read(reader: int, *tags: str) -> None:
    hear(reader, [Read(tag, 1, timezone.now()) for tag in tags])


def test_what_passed_the_dock_is_listed_once_and_received(hospital, signed_in):
    client, order = signed_in("storekeeper"), hospital.order(3)
    path, gate = f"/storeroom/receiving/{order}", reader_at(hospital, "gate", hospital.dock)
    page = client.get(path)
    assert "Dock gate" in sentences(page)
    # The label of the first was scanned already; its tag names the same.
    read(gate, *(tag_of(hospital, serial) for serial in ("S1", "S2")), STRANGE)
    form = {"reader_id": gate, "dock_id": hospital.dock.pk}
    answer = client.post(
        f"{path}/read", {**form, **listed(hospital, hospital.scan("S1")), "row": [hospital.epc("S1")]}
    )
    said = sentences(answer)
    assert "Dock gate has read 3 tags" in said
    assert "1 was listed before" in said
    assert "Not of this delivery (1)" in said
    assert STRANGE in said
    assert answer.content.decode().count(f'data-key="{hospital.epc("S2")}"') == 1
    assert f'data-key="{hospital.epc("S1")}"' not in answer.content.decode()
    assert not Receipt.objects.exists()
    written = unescape(re.search(r'name="line" value="([^"]+)"', answer.content.decode())[1])
    done = client.post(
        path, {"key": key("receipt"), **form, **listed(hospital, hospital.scan("S1"), written)}
    )
    assert done.url == f"/storeroom/receipts/{Receipt.objects.get().pk}"
    # What is in already is none of this delivery any more.
    again = sentences(client.post(f"{path}/read", form))
    assert "Not of this delivery (3)" in again
    assert unit_view(hospital.epc("S1")).status == "available"


def test_a_reader_that_is_not_chosen_or_read_nothing_says_so(hospital, signed_in):
    client, path = signed_in("storekeeper"), f"/storeroom/receiving/{hospital.order(3)}"
    assert "RFID reader" in sentences(client.post(f"{path}/read", {}))
    gate = reader_at(hospital, "gate", hospital.dock)
    assert "Nothing passed since then" in sentences(client.post(f"{path}/read", {"reader_id": gate}))


def test_a_handheld_is_shown_before_it_is_counted(hospital, signed_in):
    client, keeper = signed_in("storekeeper"), hospital.actor("storekeeper")
    [first, second] = hospital.stocked("S1", "S2")
    add_code(actor=keeper, key=unique("k"), epc=second, code="E28011606000020000000002")
    hand = reader_at(hospital, "handheld", hospital.store)
    count = start_count(actor=keeper, key=unique("k"), place_id=hospital.store.pk).id
    path = f"/storeroom/count/{count}"
    assert "Dock gate" in sentences(client.get(path))
    assert "It has read nothing since then" in sentences(client.get(f"{path}/read", {"reader_id": hand}))
    read(hand, tag_of(hospital, "S1"), "E28011606000020000000002", STRANGE)
    shown = client.get(f"{path}/read", {"reader_id": hand})
    assert "3 new tags" in sentences(shown)
    assert STRANGE in sentences(shown)
    assert not CountScan.objects.exists()
    upto = shown.context["upto"]
    done = client.post(f"{path}/read/take", {"reader_id": hand, "upto": upto})
    assert done.url == path
    assert set(CountScan.objects.values_list("epc", flat=True)) >= {first, second}
    assert "3 reads are kept. 1 needs a look." in sentences(client.get(path))
    client.post(f"{path}/read/take", {"reader_id": hand, "upto": upto})
    assert CountScan.objects.count() == 3
    assert "is counted already" in sentences(client.get(f"{path}/read", {"reader_id": hand}))
    refused = client.post(f"{path}/read/take", {"reader_id": hand, "since": "yesterday"})
    assert refused.status_code == 409


def test_the_tag_of_a_shelf_is_told_beside_and_not_counted(hospital, signed_in):
    client, keeper = signed_in("storekeeper"), hospital.actor("storekeeper")
    hospital.stocked("S1")
    body = "690123450001"
    hospital.store.gln = body + gs1_mod10(body)
    hospital.store.save()
    hand = reader_at(hospital, "handheld", hospital.store)
    path = f"/storeroom/count/{start_count(actor=keeper, key=unique('k'), place_id=hospital.store.pk).id}"
    read(hand, to_hex([("414", hospital.store.gln)], "sgln+"))
    assert "1 tag of a place, a paper or an empty box is not counted" in sentences(
        client.get(f"{path}/read", {"reader_id": hand})
    )
    read(hand, tag_of(hospital, "S1"))
    shown = client.get(f"{path}/read", {"reader_id": hand})
    assert "1 new tag" in sentences(shown)
    assert "1 tag of a place" in sentences(shown)
    assert client.post(f"{path}/read/take", {"reader_id": hand, "upto": shown.context["upto"]}).url == path
    assert CountScan.objects.count() == 1
    said = sentences(client.get(path))
    assert "1 read is kept." in said
    assert "need" not in said.partition("1 read is kept.")[2][:40]
