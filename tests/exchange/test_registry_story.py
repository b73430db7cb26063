"""Story: thousands of real devices, as their makers registered them, are ordered, received by their labels, stored,
issued, used and traced through the API."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.exchange.client import ApiClient
from tests.flows.site import Site, soon
from tests.makers import place
from yanji.catalog.models import Item, ItemCode
from yanji.identity import hibc_mod43
from yanji.ledger.api import on_hand, rebuild
from yanji.places.models import Kind, Place

REGISTRY = Path(__file__).parents[3] / "shared" / "vectors" / "gs1" / "openfda-udi" / "gudid_sample.jsonl.gz"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not REGISTRY.exists(), reason="the registry sample lies beside the repository, not in it"
    ),
]
LOT, EXPIRY = "R26A", date(2048, 5, 31)
A_DOCUMENT, DEVICES = 100, 600


def batches(things: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (things[first : first + size] for first in range(0, len(things), size))


@dataclass(frozen=True)
class Labelled:
    """A device of the registry and what the label on one unit of it says."""

    item_id: int
    temperature: str
    serial: str
    scan: str


def label(code: ItemCode, serial: str) -> str:
    """What a scanner sends for one unit: the maker's own DI, with lot, expiry and serial as the issuer lays them out."""
    if code.issuer == "GS1":
        return f"]d201{code.code}17{EXPIRY:%y%m%d}10{LOT}\x1d21{serial}"
    data = f"+{code.code}/$$3{EXPIRY:%y%m%d}{LOT}/S{serial}"
    return data + (hibc_mod43(data) or "")


@pytest.fixture
def registry(committed: Site) -> Site:
    call_command("import_gudid", str(REGISTRY))
    return committed


def unit_codes() -> list[ItemCode]:
    """The code on one unit of each device: of the second issuer where a maker prints that one, then of GS1."""
    codes = ItemCode.objects.filter(
        issuer__in=("GS1", "HIBCC"), quantity=1, level=ItemCode.Level.UNIT, item__active=True
    )
    first: dict[int, ItemCode] = {}
    for code in codes.select_related("item").order_by("-issuer", "pk"):
        first.setdefault(code.item_id, code)
    found = list(first.values())[:DEVICES]
    assert {code.issuer for code in found} == {"GS1", "HIBCC"}
    return found


def understood(client: ApiClient, scans: Sequence[str], **flow: Any) -> Iterator[dict[str, Any]]:
    for some in batches(scans, 1_000):
        response = client.client.post(
            "/api/v1/scans", {"scans": some, **flow}, content_type="application/json", headers=client.headers
        )
        assert response.status_code == 200, response.content.decode()
        yield from response.json()


def test_every_registered_code_is_read_as_its_own_device(registry: Site) -> None:
    keeper = ApiClient(registry.storekeeper)
    codes = list(ItemCode.objects.filter(issuer__in=("GS1", "HIBCC")).select_related("item").order_by("pk"))
    codes = [code for code in codes if code.item.model or code.item.family]
    assert len(codes) > 8_000
    scans = [label(code, f"S{code.pk}") for code in codes]
    kinds: Counter[str] = Counter()
    for code, meaning in zip(codes, understood(keeper, scans), strict=True):
        assert meaning["item_id"] == code.item_id, (code.code, meaning)
        assert (meaning["lot"], meaning["expiry"]) == (LOT, EXPIRY.isoformat()), meaning
        if code.quantity == 1:
            assert (meaning["kind"], meaning["serial"]) == ("new_unit", f"S{code.pk}"), meaning
        else:
            assert (meaning["kind"], meaning["quantity"]) == ("package", code.quantity), meaning
        kinds[meaning["kind"]] += 1
    assert kinds["new_unit"] > 6_500
    assert kinds["package"] > 500


def test_from_the_registry_to_the_patient(registry: Site) -> None:
    story = Story(registry)
    for devices in batches(story.devices, A_DOCUMENT):
        story.deliver(devices)
    assert story.on_hand() == {"available": DEVICES}
    story.use_and_return()
    story.trace()
    assert rebuild() == []


class Story:
    """One supplier, one store with a shelf for every temperature, one department."""

    def __init__(self, site: Site) -> None:
        self.site = site
        h = self.h = site.h
        self.buyer, self.keeper, self.nurse = (
            ApiClient(who) for who in (site.buyer, site.storekeeper, site.nurse)
        )
        self.devices = [
            Labelled(code.item_id, code.item.temperature_class, f"S{n}", label(code, f"S{n}"))
            for n, code in enumerate(unit_codes())
        ]
        self.shelves: dict[str, Place] = {
            temperature: place(Kind.BIN, h.store, temperature_class=temperature)
            for temperature in {device.temperature for device in self.devices} - {"any", "room"}
        }
        self.shelves |= {"any": h.bin, "room": h.bin}
        self.epcs: dict[str, str] = {}

    def deliver(self, devices: Sequence[Labelled]) -> None:
        """Order a piece of each, receive all by their labels, shelve them by temperature."""
        order = self.buyer.done(
            "/orders", supplier_id=self.h.supplier.pk, deliver_to_id=self.h.store.pk,
            lines=[{"item_id": device.item_id, "quantity": 1, "price": "99.50"} for device in devices],
        )  # fmt: skip
        scans = [device.scan for device in devices]
        flow = {"flow": "receive", "order_id": order["id"], "place_id": self.h.store.pk}
        meanings = list(understood(self.keeper, scans, **flow))
        assert [meaning["offences"] for meaning in meanings] == [[]] * len(devices)
        arrivals = [
            {key: meaning[key] for key in ("item_id", "epc", "serial", "lot", "expiry")}
            for meaning in meanings
        ]
        receipt = self.keeper.done(
            f"/orders/{order['id']}/receipts", dock_id=self.h.store.pk, arrivals=arrivals
        )
        assert receipt["state"] == "received"
        self.epcs |= {device.scan: meaning["epc"] for device, meaning in zip(devices, meanings, strict=True)}
        for temperature, shelf in self.shelves.items():
            if some := [device for device in devices if device.temperature == temperature]:
                self.keeper.done(
                    "/putaways", things=self.names(some), to_place_id=shelf.pk, from_place_id=self.h.store.pk
                )

    def names(self, devices: Sequence[Labelled]) -> list[str]:
        return [self.epcs[device.scan] for device in devices]

    def on_hand(self) -> dict[str, int]:
        rows = on_hand(paths=[self.h.campus.path], by=("status",))
        return {str(row.status): int(row.quantity) for row in rows}

    def use_and_return(self) -> None:
        """A requisition of what the cabinet may keep: picked and taken in by scan, half of it used, the rest given back."""
        wanted = [device for device in self.devices if device.temperature in ("any", "room")][:A_DOCUMENT]
        self.used, self.unused = wanted[: A_DOCUMENT // 2], wanted[A_DOCUMENT // 2 :]
        asked = self.nurse.done(
            "/requisitions", department_id=self.h.department.pk, store_id=self.h.store.pk,
            lines=[{"item_id": device.item_id, "quantity": 1} for device in wanted],
        )  # fmt: skip
        self._scanned(self.keeper, wanted, flow="pick", requisition_id=asked["id"])
        self.keeper.done(f"/requisitions/{asked['id']}/picks", things=self.names(wanted))
        issued = self.keeper.done(f"/requisitions/{asked['id']}/issues", handed_to="运送员")
        self._scanned(self.nurse, wanted, flow="take_in", issue_id=issued["id"], place_id=self.h.cabinet.pk)
        self.nurse.done(f"/issues/{issued['id']}/take-ins", to_place_id=self.h.cabinet.pk)
        self._scanned(self.nurse, self.used, flow="use", place_id=self.h.department.pk)
        self.nurse.done(
            "/uses", department_id=self.h.department.pk, case_number="C-R1", patient_token="T-R1",
            confirmed_by="T-R1", things=self.names(self.used),
        )  # fmt: skip
        self.nurse.done(
            "/returns", department_id=self.h.department.pk, store_id=self.h.store.pk,
            things=self.names(self.unused), reason="not_needed",
        )  # fmt: skip
        self.keeper.done("/returns/inspections", store_id=self.h.store.pk, restock=self.names(self.unused))
        assert self.on_hand() == {"available": DEVICES - len(self.used)}

    def _scanned(self, client: ApiClient, devices: Sequence[Labelled], **flow: Any) -> None:
        """Every label of these means the unit that it was received as, and nothing stands in the way."""
        for device, meaning in zip(
            devices, understood(client, [device.scan for device in devices], **flow), strict=True
        ):
            assert (meaning["ok"], meaning["epc"]) == (True, self.epcs[device.scan]), meaning

    def trace(self) -> None:
        """Each used unit is found by its serial number and leads to the patient; each lot to its one unit."""
        way = ["receive", "accept", "put_away", "pick", "issue", "take_in", "use"]
        for device in self.used:
            epc = self.epcs[device.scan]
            [unit] = self.nurse.get("/units/search", code=device.serial).json()
            assert (unit["epc"], unit["status"], unit["patient_token"]) == (epc, "used", "T-R1")
            stops = self.nurse.get("/units/life-line", epc=epc).json()
            assert [stop["step"] for stop in stops] == way
            trace = self.nurse.get(f"/lots/{unit['lot_id']}/trace").json()
            assert trace["patients"] == [["T-R1", "C-R1"]]
            assert [each["epc"] for each in trace["units"]] == [epc]
        for device in self.unused:
            [unit] = self.keeper.get("/units/search", code=device.serial).json()
            assert unit["status"] == "available"
        assert Item.objects.filter(units__active_use__patient_token="T-R1").count() == len(self.used)
        assert soon(0) < EXPIRY
