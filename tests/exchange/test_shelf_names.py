"""What a shelf's short name means to a program that puts things away."""

from tests.exchange.client import ApiClient
from tests.flows.site import Site
from tests.makers import place
from yanji.ledger.api import unit_view
from yanji.places.models import Kind, Place


def meaning(client: ApiClient, text: str, flow: str = "put_away") -> dict:
    [found] = client.client.post(
        "/api/v1/scans", {"scans": [text], "flow": flow}, content_type="application/json", headers=client.headers
    ).json()  # fmt: skip
    return found


def test_a_short_name_leads_to_its_place(committed: Site) -> None:
    here, h = committed, committed.h
    Place.objects.filter(pk=h.bin.pk).update(name_zh="A1-01")
    keeper = ApiClient(here.storekeeper)
    found = meaning(keeper, "a1-01")
    assert (found["kind"], found["ok"], found["document"]) == ("place", True, ["place", h.bin.pk])
    [epc] = here.stocked(1)
    keeper.done("/putaways", things=[epc], to_place_id=found["document"][1])
    assert unit_view(epc).place_id == h.bin.pk
    assert meaning(keeper, "a1-01", "look")["kind"] == "unreadable"
    assert meaning(keeper, h.bin.code.lower(), "look")["document"] == ["place", h.bin.pk]


def test_a_name_of_several_lists_them(committed: Site) -> None:
    here, h = committed, committed.h
    other = place(Kind.BIN, place(Kind.STORE, h.campus))
    Place.objects.filter(pk__in=[h.bin.pk, other.pk]).update(name_zh="A1-01")
    found = meaning(ApiClient(here.storekeeper), "A1-01")
    assert (found["ok"], found["document"]) == (False, None)
    assert [offence["code"] for offence in found["offences"]] == ["several_places"]
    assert {choice["place_id"] for choice in found["choices"]} == {h.bin.pk, other.pk}
    assert {choice["code"] for choice in found["choices"]} == {h.bin.code, other.code}
    [label] = [choice["label"] for choice in found["choices"] if choice["place_id"] == h.bin.pk]
    assert label == f"{h.store.name} · A1-01"


def test_what_is_not_ones_own_reads_as_nothing(committed: Site) -> None:
    here = committed
    other = place(Kind.BIN, place(Kind.STORE, place(Kind.CAMPUS)))
    keeper = ApiClient(here.storekeeper)
    assert meaning(keeper, other.name_zh)["kind"] == "unreadable"
    hidden, absent = meaning(keeper, other.code), meaning(keeper, "NOSUCH-01")
    assert (hidden["kind"], hidden["document"]) == (absent["kind"], absent["document"])


def test_the_scan_page_takes_the_shelf_of_the_store_in_which_the_things_lie(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    [mine, _theirs] = [
        place(Kind.BIN, store, name_zh="A9-9") for store in (here.h.store, place(Kind.STORE, here.h.campus))
    ]
    here.stocked(1, serial="SH1")
    given = [{"text": here.scan("SH1")}, {"text": "A9-9"}]
    said = keeper.send("/handheld/readings", flow="put_away", scans=given).json()
    assert (said["about"], said["ready"]) == ({"place_id": mine.pk}, True)
    [sight] = keeper.send("/handheld/readings", flow="put_away", scans=given[1:]).json()["sights"]
    assert [offence["code"] for offence in sight["meaning"]["offences"]] == ["several_places"]
