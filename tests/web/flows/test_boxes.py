"""Packing by scan, a box's own page, its label, and taking it apart."""

import re

import pytest
from django.test import Client

from tests.browser.printed import scans_of
from yanji.flows.packing.label import printed
from yanji.ledger.api import unit_view

from .acts import inside, key, listed, result, scanned, sentences


def packed(client: Client, hospital, *serials: str, **fields) -> str:
    """Packs units through the page; the box's code."""
    sent = {"key": key("pack"), "place_id": hospital.store.pk, "kind": "box", **fields}
    answer = client.post("/storeroom/pack", {**sent, **listed(hospital, *map(hospital.scan, serials))})
    assert answer.status_code == 302, sentences(answer)
    return str(answer["Location"]).removeprefix("/storeroom/boxes/")


def test_what_was_scanned_is_packed_and_shown(hospital, signed_in):
    hospital.stocked("S1", "S2")
    client = signed_in("storekeeper")
    assert result(scanned(client, "/storeroom/pack", hospital.scan("S1"))) == "ok"
    code = packed(client, hospital, "S1", "S2")
    shown = sentences(client.get(f"/storeroom/boxes/{code}"))
    assert "Intact" in shown
    assert re.search(r"Pieces with it 2", shown)
    assert printed(code) in sentences(client.get("/storeroom/pack"))
    again = scanned(client, "/storeroom/pack", hospital.scan("S1"))
    assert (result(again), code in sentences(again)) == ("warn", True)


def test_a_box_is_put_away_by_one_scan(hospital, signed_in):
    hospital.stocked("S1", "S2")
    client, shelf = signed_in("storekeeper"), hospital.bins[0]
    code = packed(client, hospital, "S1", "S2")
    answer = scanned(client, "/storeroom/put-away", code)
    assert (result(answer), "2 pieces inside" in sentences(answer)) == ("ok", True)
    sent = {"key": key("put_away"), "to_place_id": shelf.pk, **listed(hospital, code)}
    assert client.post("/storeroom/put-away", sent).status_code == 302
    assert {unit_view(hospital.epc(serial)).place_id for serial in ("S1", "S2")} == {shelf.pk}


def test_a_box_counts_what_is_still_in_it(hospital, signed_in):
    """Of three one went its own way: two are put away with the box, and the button says so."""
    hospital.stocked("S1", "S2", "S3")
    client, shelf = signed_in("storekeeper"), hospital.bins[0]
    code = packed(client, hospital, "S1", "S2", "S3")
    path, item = "/storeroom/put-away", str(hospital.item.pk)
    assert inside(scanned(client, path, code)) == {item: 3}
    sent = {"key": key("put_away"), "to_place_id": shelf.pk, **listed(hospital, hospital.scan("S1"))}
    assert client.post(path, sent).status_code == 302
    assert inside(scanned(client, path, code)) == {item: 2}
    sent = {"key": key("put_away"), "to_place_id": hospital.bins[1].pk, **listed(hospital, code)}
    assert "2 things lie in" in sentences(client.post(path, sent, follow=True))


def test_what_cannot_be_packed_stays_on_the_page_with_its_sentence(hospital, signed_in):
    hospital.stocked("S1")
    client = signed_in("storekeeper")
    first = packed(client, hospital, "S1")
    sent = {"key": key("pack"), "place_id": hospital.store.pk, "kind": "box"}
    answer = client.post("/storeroom/pack", {**sent, **listed(hospital, hospital.scan("S1"))})
    assert answer.status_code == 409
    assert f"is packed in {first}" in sentences(answer)


def test_unpacking_one_and_all(hospital, signed_in):
    hospital.stocked("S1", "S2")
    client = signed_in("storekeeper")
    code = packed(client, hospital, "S1", "S2")
    one = {"key": key("unpack"), "epc": hospital.epc("S1")}
    assert client.post(f"/storeroom/boxes/{code}/unpack", one).status_code == 302
    assert "Pieces with it 1" in sentences(client.get(f"/storeroom/boxes/{code}"))
    client.post(f"/storeroom/boxes/{code}/unpack", {"key": key("unpack")})
    assert "Empty" in sentences(client.get(f"/storeroom/boxes/{code}"))
    refused = client.post(f"/storeroom/boxes/{code}/unpack", {"key": key("unpack")})
    assert (refused.status_code, "Nothing is packed" in sentences(refused)) == (409, True)


def test_the_search_box_leads_to_a_box(hospital, signed_in):
    hospital.stocked("S1")
    client = signed_in("storekeeper")
    code = packed(client, hospital, "S1", code="00/106141412345678908")
    for text in (code, "(00)106141412345678908", "]C100106141412345678908"):
        assert client.get("/search", {"q": text})["Location"] == f"/storeroom/boxes/{code}"
    assert signed_in("nurse").get(f"/storeroom/boxes/{code}").status_code == 404


@pytest.mark.parametrize("code", ["00/106141412345678908", ""])
def test_a_scanner_reads_the_label(hospital, signed_in, code):
    hospital.stocked("S1")
    client = signed_in("storekeeper")
    box = packed(client, hospital, "S1", code=code)
    answer = client.get(f"/storeroom/boxes/{box}/label.pdf")
    assert answer["Content-Type"] == "application/pdf"
    [symbols] = scans_of(answer.content)
    assert len(symbols) == 2, "bars and a DataMatrix"
    for scan in symbols:
        assert (
            client.get("/search", {"q": scan if code else scan[3:]})["Location"] == f"/storeroom/boxes/{box}"
        )


def test_the_list_is_filtered_and_leads_to_each_box(hospital, signed_in):
    hospital.stocked("S1", "S2", "S3")
    client = signed_in("storekeeper")
    whole, emptied = packed(client, hospital, "S1"), packed(client, hospital, "S2", "S3", kind="pallet")
    client.post(f"/storeroom/boxes/{emptied}/unpack", {"key": key("unpack")})
    shown = {
        asked: client.get(f"/storeroom/boxes?{asked}").content.decode()
        for asked in (
            "",
            "seal=open",
            "kind=box",
            f"q={whole}",
            f"place={hospital.store.pk}",
            "kit=x&place=y",
        )
    }
    assert {asked for asked, page in shown.items() if f"/storeroom/boxes/{whole}" in page} == {
        "", "kind=box", f"q={whole}", f"place={hospital.store.pk}", "kit=x&place=y",
    }  # fmt: skip
    assert {asked for asked, page in shown.items() if f"/storeroom/boxes/{emptied}" in page} == {
        "", "seal=open", "kit=x&place=y",
    }  # fmt: skip


def test_a_boxs_page_shows_its_tree_its_history_and_its_trail(hospital, signed_in):
    hospital.stocked("S1", "S2")
    client, shelf = signed_in("storekeeper"), hospital.bins[0]
    inner = packed(client, hospital, "S1", "S2")
    sent = {"key": key("pack"), "place_id": hospital.store.pk, "kind": "pallet", **listed(hospital, inner)}
    pallet = client.post("/storeroom/pack", sent)["Location"].removeprefix("/storeroom/boxes/")
    put = {"key": key("put_away"), "to_place_id": shelf.pk}
    client.post("/storeroom/put-away", {**put, **listed(hospital, pallet)})
    other = {"key": key("put_away"), "to_place_id": hospital.bins[1].pk}
    client.post("/storeroom/put-away", {**other, **listed(hospital, hospital.scan("S1"))})
    answer = client.get(f"/storeroom/boxes/{pallet}")
    shown = sentences(answer)
    assert re.search(r"Seal broken\s+1 piece.*Moved\s+2 pieces.*Packed", shown)
    page = answer.content.decode()
    assert f'href="/storeroom/boxes/{inner}"' in page
    assert "/papers/box/" in page
    assert f'href="/storeroom/boxes/{pallet}"' in client.get(f"/storeroom/boxes/{inner}").content.decode()
