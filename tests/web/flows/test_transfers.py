"""The pages of a transfer: asked for, picked, sent, taken in with what differs."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.flows.site import person
from tests.makers import unique
from yanji.catalog.models import Item
from yanji.flows.packing.models import KitLine
from yanji.flows.transfer.models import Transfer, TransferDifference
from yanji.flows.use import use
from yanji.ledger.api import unit_view
from yanji.places.models import Kind, Place

from .acts import hidden_key, inside, key, listed, result, scanned, sentences
from .world import World, named

EAST = "/storeroom/transfers"


@pytest.fixture
def east(hospital: World) -> Place:
    """A second campus with a store; the storekeeper works at both."""
    campus = named(Kind.CAMPUS, Place.objects.get(kind=Kind.GROUP), "东院区", "East Campus", code="EAST")
    store = named(Kind.STORE, campus, "东院库", "East Store")
    named(Kind.BIN, store, "E-01", "E-01", code="E-01")
    return store


def asked(client: Client, hospital: World, east: Place, pieces: int) -> Transfer:
    page = client.get(f"{EAST}/new")
    answer = client.post(
        f"{EAST}/new",
        {
            "key": hidden_key(page, "transfer"), "source_id": hospital.store.pk, "destination_id": east.pk,
            "item": hospital.item.pk, f"quantity:{hospital.item.pk}": pieces, "note": "for the weekend",
        },
    )  # fmt: skip
    assert answer.status_code == 302, sentences(answer)
    return Transfer.objects.get()


def in_a_patient(hospital: World, serial: str) -> None:
    """A unit that was used in the store itself."""
    [epc] = hospital.stocked(serial)
    at_the_store = replace(
        hospital.actor("nurse"), scopes={**hospital.actor("nurse").scopes, "use": (hospital.store.path,)}
    )
    use(
        actor=at_the_store, key=unique("u"), department_id=hospital.store.pk, case_number="C", patient_token="T",
        confirmed_by="T", things=[epc],
    )  # fmt: skip


def test_the_way_over_the_pages(hospital: World, signed_in: Callable[[str], Client], east: Place) -> None:
    client = signed_in("storekeeper")
    epcs = hospital.stocked("S1", "S2", "S3", "S4")
    scans = [hospital.scan(serial) for serial in ("S1", "S2", "S3", "S4")]
    transfer = asked(client, hospital, east, 3)
    assert "Requested" in sentences(client.get(f"{EAST}/{transfer.pk}"))
    pick = f"{EAST}/{transfer.pk}/pick"
    assert result(scanned(client, pick, scans[0])) == "ok"
    client.post(pick, {"key": key("pick"), **listed(hospital, *scans[:3])})
    assert "Lies picked 3" in sentences(client.get(pick))
    over = scanned(client, pick, scans[3])
    assert result(over) == "error"
    sent = client.post(
        f"{EAST}/{transfer.pk}/ship",
        {"key": key("ship"), "handed_to": "Van 7", "seals": "A-1", "cost": "65.5"},
    )
    assert sent.status_code == 302, sentences(sent)
    page = sentences(client.get(f"{EAST}/{transfer.pk}"))
    assert "Van 7" in page
    assert "65.5" in page
    arrive = f"{EAST}/{transfer.pk}/arrive"
    shelf = Place.objects.get(code="E-01")
    row = scanned(client, arrive, scans[0], to_place_id=shelf.pk)
    assert result(row) == "ok"
    stray = scanned(client, arrive, scans[3], to_place_id=shelf.pk)
    assert result(stray) == "warn"
    assert "Name it as not sent" in stray.content.decode()
    in_a_patient(hospital, "S5")
    used = scanned(client, arrive, hospital.scan("S5"), to_place_id=shelf.pk)
    assert (result(used), "already used on a patient" in sentences(used)) == ("warn", True)
    assert "Name it as not sent" in used.content.decode()
    answer = client.post(
        arrive,
        {
            "key": key("arrive"), "to_place_id": shelf.pk, **listed(hospital, scans[0], scans[1], scans[3]),
            f"verdict:{epcs[1]}": "damaged_on_way", "celsius_min": "18", "celsius_max": "22,5", "seals_broken": "1",
        },
    )  # fmt: skip
    assert answer.status_code == 302, sentences(answer)
    after = sentences(client.get(f"{EAST}/{transfer.pk}"))
    assert "Seal broken" in after
    assert "18.00 – 22.50 °C" in after
    assert [unit_view(epc).status for epc in epcs] == ["available", "quarantined", "in_transit", "available"]
    assert {each.kind for each in TransferDifference.objects.all()} == {"held", "unexpected"}
    given_up = {"thing": epcs[2], "reason": "lost_on_way"}
    own = client.post(f"{EAST}/{transfer.pk}/give-up", {"key": key("give_up"), **given_up})
    assert (own.status_code, unit_view(epcs[2]).status) == (409, "in_transit")
    assert "You sent" in sentences(own)
    hospital.people["far"] = person("storekeeper", east.parent)
    gone = signed_in("far").post(f"{EAST}/{transfer.pk}/give-up", {"key": key("give_up"), **given_up})
    assert gone.status_code == 302, sentences(gone)
    assert unit_view(epcs[2]).status == "lost"
    client.post(f"{EAST}/{transfer.pk}/close", {"key": key("close")})
    transfer.refresh_from_db()
    assert transfer.state == "closed"
    assert transfer.number in sentences(client.get(f"{EAST}?state=all"))


def test_too_warm_on_the_way_says_so(
    hospital: World, signed_in: Callable[[str], Client], east: Place
) -> None:
    client = signed_in("storekeeper")
    hospital.stocked("S1")
    transfer = asked(client, hospital, east, 1)
    client.post(f"{EAST}/{transfer.pk}/pick", {"key": key("pick"), **listed(hospital, hospital.scan("S1"))})
    client.post(f"{EAST}/{transfer.pk}/ship", {"key": key("ship"), "handed_to": "Van"})
    answer = client.post(
        f"{EAST}/{transfer.pk}/arrive",
        {"key": key("arrive"), "to_place_id": east.pk, "all": "1", "celsius_min": "18", "celsius_max": "41"},
        follow=True,
    )
    assert "1 thing is held." in sentences(answer)
    assert unit_view(hospital.epc("S1")).status == "quarantined"


def test_cold_things_ask_for_the_way_or_are_held(
    hospital: World, signed_in: Callable[[str], Client], east: Place
) -> None:
    client = signed_in("storekeeper")
    hospital.stocked("S1")
    transfer = asked(client, hospital, east, 1)
    client.post(f"{EAST}/{transfer.pk}/pick", {"key": key("pick"), **listed(hospital, hospital.scan("S1"))})
    client.post(f"{EAST}/{transfer.pk}/ship", {"key": key("ship"), "handed_to": "Van"})
    page = f"{EAST}/{transfer.pk}/arrive"
    assert 'name="no_record"' not in client.get(page).text
    Item.objects.filter(pk=hospital.item.pk).update(temperature_class="refrigerated")
    Place.objects.filter(pk=east.pk).update(temperature_class="refrigerated")
    assert 'name="no_record"' in client.get(page).text
    form = {"to_place_id": east.pk, "all": "1"}
    refused = client.post(page, {"key": key("arrive"), **form})
    assert "say that there is no record" in sentences(refused)
    assert unit_view(hospital.epc("S1")).status == "in_transit"
    answer = client.post(page, {"key": key("arrive"), "no_record": "1", **form}, follow=True)
    assert "1 thing is held." in sentences(answer)
    assert unit_view(hospital.epc("S1")).status == "quarantined"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"celsius_min": "warm"}, "is not a temperature"),
        ({"celsius_min": "1e1"}, "is not a temperature"),
        ({"celsius_min": "4"}, "cannot be meant"),
        ({"to_place_id": ""}, "is empty"),
    ],
)
def test_refusals_come_back_with_the_form(
    hospital: World, signed_in: Callable[[str], Client], east: Place, form: dict[str, Any], said: str
) -> None:
    client = signed_in("storekeeper")
    hospital.stocked("S1")
    transfer = asked(client, hospital, east, 1)
    client.post(f"{EAST}/{transfer.pk}/pick", {"key": key("pick"), **listed(hospital, hospital.scan("S1"))})
    client.post(f"{EAST}/{transfer.pk}/ship", {"key": key("ship"), "handed_to": "Van"})
    answer = client.post(
        f"{EAST}/{transfer.pk}/arrive", {"key": key("arrive"), "to_place_id": east.pk, "all": "1", **form}
    )
    assert answer.status_code == 409
    assert said in sentences(answer)
    assert unit_view(hospital.epc("S1")).status == "in_transit"


def test_it_is_called_off_and_found_by_scan(
    hospital: World, signed_in: Callable[[str], Client], east: Place
) -> None:
    client = signed_in("storekeeper")
    hospital.stocked("S1")
    transfer = asked(client, hospital, east, 1)
    client.post(f"{EAST}/{transfer.pk}/pick", {"key": key("pick"), **listed(hospital, hospital.scan("S1"))})
    client.post(f"{EAST}/{transfer.pk}/ship", {"key": key("ship"), "handed_to": "Van"})
    for raw in (transfer.number, hospital.scan("S1")):
        assert scanned(client, EAST, raw).headers["HX-Redirect"] == f"{EAST}/{transfer.pk}"
    assert result(scanned(client, EAST, "NOTHING")) == "error"
    refused = client.post(f"{EAST}/{transfer.pk}/cancel", {"key": key("cancel")})
    assert refused.status_code == 409
    client.post(f"{EAST}/{transfer.pk}/cancel", {"key": key("cancel"), "reason": "other"})
    assert unit_view(hospital.epc("S1")).status == "available"
    assert Decimal(Transfer.objects.get().lines.get().picked) == 0


def test_a_nurse_has_no_part_in_it(hospital: World, signed_in: Callable[[str], Client], east: Place) -> None:
    client = signed_in("nurse")
    assert client.get(EAST).status_code == 403


def test_a_kit_goes_over_the_pages_as_one_piece(
    hospital: World, signed_in: Callable[[str], Client], east: Place
) -> None:
    client = signed_in("storekeeper")
    epcs = hospital.stocked("S1", "S2")
    kit = Item.objects.create(
        code="KIT-1", name_en="Catheter set", name_zh="导管包", temperature_class="room"
    )
    KitLine.objects.create(kit=kit, item=hospital.item, quantity=2)
    page = client.get(f"{EAST}/new")
    answer = client.post(
        f"{EAST}/new",
        {
            "key": hidden_key(page, "transfer"), "source_id": hospital.store.pk, "destination_id": east.pk,
            "item": kit.pk, f"quantity:{kit.pk}": 1,
        },
    )  # fmt: skip
    assert answer.status_code == 302, sentences(answer)
    transfer = Transfer.objects.get()
    pick = f"{EAST}/{transfer.pk}/pick"
    assert "No whole kit lies ready here" in sentences(client.get(pick))
    packed = client.post(
        "/storeroom/pack",
        {
            "key": key("pack"), "place_id": hospital.store.pk, "kind": "kit", "item_id": kit.pk,
            **listed(hospital, hospital.scan("S1"), hospital.scan("S2")),
        },
    )  # fmt: skip
    assert packed.status_code == 302, sentences(packed)
    code = str(packed["Location"]).removeprefix("/storeroom/boxes/")
    shown = sentences(client.get(pick))
    assert ("Scan the code of a kit that is ready" in shown, code in shown) == (True, True)
    assert result(scanned(client, pick, hospital.scan("S1"))) == "error"
    row = scanned(client, pick, code)
    assert (result(row), inside(row)) == ("ok", {str(kit.pk): 1})
    client.post(pick, {"key": key("pick"), **listed(hospital, code)})
    assert "Lies picked 1 Catheter set" in sentences(client.get(pick))
    client.post(f"{EAST}/{transfer.pk}/ship", {"key": key("ship"), "handed_to": "Van 7"})
    assert f"Kit {code}" in sentences(client.get(f"{EAST}/{transfer.pk}"))
    arrive, shelf = f"{EAST}/{transfer.pk}/arrive", Place.objects.get(code="E-01")
    assert result(scanned(client, arrive, code, to_place_id=shelf.pk)) == "ok"
    taken = client.post(arrive, {"key": key("arrive"), "to_place_id": shelf.pk, **listed(hospital, code)})
    assert taken.status_code == 302, sentences(taken)
    transfer.refresh_from_db()
    assert transfer.state == "arrived"
    assert {unit_view(epc).place_id for epc in epcs} == {shelf.pk}
    assert "Intact" in sentences(client.get(f"/storeroom/boxes/{code}"))
