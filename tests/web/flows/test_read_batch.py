"""What a reader has read is listed in a delivery and in a count by somebody's decision: once, with what is unknown beside it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from tests.makers import everything, unique
from yanji.flows.codes import add_code
from yanji.flows.counting.count import start_count
from yanji.flows.counting.models import CountScan
from yanji.flows.models import Receipt
from yanji.flows.rfid.heard import hear
from yanji.flows.rfid.models import Passage
from yanji.flows.rfid.readers import enter_reader
from yanji.flows.rfid.sightings import Read
from yanji.identity import gs1_mod10
from yanji.identity.epc import to_hex
from yanji.ledger.api import unit_view
from yanji.places.models import Kind, Place
from yanji.web.storeroom import receive

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


def rows_of(answer: HttpResponse) -> dict[str, str]:
    """Key of each row of an answer -> the reason for which it is preset to be rejected; empty where it is none."""
    return {row.key: row.chosen for row in answer.context["rows"]}


def beside(answer: HttpResponse) -> int:
    return len(answer.context["others"]) + answer.context["more"]


def posted(*answers: HttpResponse) -> dict[str, list[str]]:
    """The fields of the rows of these answers, as the page posts them once more."""
    found: dict[str, list[str]] = {}
    for answer in answers:
        for row in answer.context["rows"]:
            for name, value in row.inputs:
                found.setdefault(name, []).append(value)
            found[f"verdict:{row.key}"] = [row.chosen]
    return found


def test_listing_again_counts_nothing_twice(hospital, signed_in):
    """Two halves of an order pass one after the other: the second press lists the second half, and rejects nothing."""
    client, order, gate = (
        signed_in("storekeeper"),
        hospital.order(4),
        reader_at(hospital, "gate", hospital.dock),
    )
    path, form = f"/storeroom/receiving/{order}/read", {"reader_id": gate, "dock_id": hospital.dock.pk}
    read(gate, *(tag_of(hospital, serial) for serial in ("S1", "S2")))
    first = client.post(path, form)
    assert set(rows_of(first)) == {hospital.epc("S1"), hospital.epc("S2")}
    read(gate, *(tag_of(hospital, serial) for serial in ("S3", "S4")))
    second = client.post(path, {**form, **posted(first)})
    assert rows_of(second) == {hospital.epc("S3"): "", hospital.epc("S4"): ""}
    assert "2 were listed before" in sentences(second)
    # One more than is owed: that one alone is surplus.
    read(gate, tag_of(hospital, "S5"))
    third = client.post(path, {**form, **posted(first, second)})
    assert rows_of(third) == {hospital.epc("S5"): "over_delivery"}
    assert sorted(rows_of(client.post(path, form)).values()) == ["", "", "", "", "over_delivery"]


def test_two_tags_of_one_unit_are_one_piece(hospital, signed_in):
    client, gate = signed_in("storekeeper"), reader_at(hospital, "gate", hospital.dock)
    second = to_hex([("01", hospital.gtin()), ("21", "S1")], "sgtin+", filter_value=1)
    read(gate, tag_of(hospital, "S1"), second)
    answer = client.post(f"/storeroom/receiving/{hospital.order(1)}/read", {"reader_id": gate})
    assert rows_of(answer) == {hospital.epc("S1"): ""}


def test_what_is_not_of_this_order_stands_beside(hospital, signed_in):
    """Two trolleys pass one gate: what is of the other order, and what nobody knows, is rejected by nobody."""
    client, order, gate = (
        signed_in("storekeeper"),
        hospital.order(2),
        reader_at(hospital, "gate", hospital.dock),
    )
    others = [
        to_hex([("01", hospital.gtin(hospital.other)), ("21", "P1")], "sgtin+"),
        to_hex([("01", "06901234599992"), ("21", "N1")], "sgtin+"),
    ]
    read(gate, tag_of(hospital, "S1"), *others, STRANGE)
    answer = client.post(f"/storeroom/receiving/{order}/read", {"reader_id": gate})
    assert rows_of(answer) == {hospital.epc("S1"): ""}
    assert beside(answer) == 3
    assert hospital.other.name_en in sentences(answer)


def test_a_reader_is_asked_for_a_day_at_most_and_lists_some_at_once(hospital, signed_in, monkeypatch):
    client, gate = signed_in("storekeeper"), reader_at(hospital, "gate", hospital.dock)
    path = f"/storeroom/receiving/{hospital.order(3)}/read"
    read(gate, tag_of(hospital, "OLD"), *(tag_of(hospital, serial) for serial in ("S1", "S2", "S3")))
    old, long_ago = Passage.objects.order_by("pk")[0], timezone.now() - timedelta(hours=25)
    Passage.objects.filter(pk=old.pk).update(first_at=long_ago, last_at=long_ago)
    monkeypatch.setattr(receive, "LISTED_AT_ONCE", 2)
    form = {"reader_id": gate, "since": "2020-01-01T00:00"}
    answer = client.post(path, form)
    assert len(rows_of(answer)) == 2
    assert "24 hours at most" in sentences(answer)
    assert "1 more waits: list once more" in sentences(answer)
    rest = client.post(path, {**form, **posted(answer)})
    assert [len(rows_of(rest)), "once more" in sentences(rest)] == [1, False]
    assert "24 hours" not in sentences(client.post(path, {"reader_id": gate}))


def test_a_campus_offers_its_own_readers_and_docks():
    """Place 2 and place 21 begin alike; their paths do not."""
    store = Place(pk=5, path="/1/2/5/", kind=Kind.STORE)
    assert receive.campus_path(store) == "/1/2/"
    far, near = (
        Place(pk=pk, path=path, kind=Kind.DOCK) for pk, path in ((30, "/1/21/30/"), (40, "/1/2/40/"))
    )
    assert receive.usual_dock([far, near], store) == near.pk


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
