"""Where places are offered and several share a name, each is said with what lies above it, in both languages."""

import re

import pytest

from tests.makers import unique
from yanji.places.models import Kind, Place

from .world import named

LANGUAGES = [
    ("en", "Central Store · Dock", "East Store · Dock"),
    ("zh-hans", "中心库 · 收货区", "东湖库 · 收货区"),
]


@pytest.fixture
def docks(hospital) -> tuple[Place, Place]:
    """The store's dock and another store's, called alike."""
    Place.objects.filter(pk=hospital.dock.pk).update(name_zh="收货区", name_en="Dock")
    store = named(Kind.STORE, hospital.campus, "东湖库", "East Store")
    return hospital.dock, named(Kind.DOCK, store, "收货区", "Dock", code=unique("DOCK"))


def options(client, path: str, field: str) -> dict[str, str]:
    """Value -> label of a select."""
    page = client.get(path).content.decode()
    select = re.search(rf'<select[^>]* name="{field}".*?</select>', page, re.DOTALL)
    assert select, f"{path} has no field {field}"
    return dict(re.findall(r'<option value="(\d+)"[^>]*>([^<]*)</option>', select.group()))


def reader(hospital, client, role: str, language: str):
    hospital.people[role].language = language
    hospital.people[role].save(update_fields=["language"])
    return client


@pytest.mark.parametrize(("language", "own", "other"), LANGUAGES)
@pytest.mark.parametrize(
    ("role", "path", "field"),
    [
        ("storekeeper", "/storeroom/receiving/{order}", "dock_id"),
        ("storekeeper", "/storeroom/labels", "place_id"),
        ("storekeeper", "/storeroom/returns", "store_id"),
        ("buyer", "/buyer/orders/new", "deliver_to_id"),
    ],
)
def test_docks_called_alike(hospital, signed_in, docks, role, path, field, language, own, other):
    client = reader(hospital, signed_in(role), role, language)
    offered = options(client, path.format(order=hospital.order(1)), field)
    assert (offered[str(docks[0].pk)], offered[str(docks[1].pk)]) == (own, other)
    store = hospital.store.name_en if language == "en" else hospital.store.name_zh
    assert offered[str(hospital.store.pk)] == store  # what stands once is said alone


@pytest.mark.parametrize("path", ["/ward/requisitions/new", "/ward/give-back", "/ward/use"])
def test_departments_called_alike(hospital, signed_in, path):
    east = named(Kind.CAMPUS, hospital.campus.parent, "东湖院区", "East Campus")
    other = named(Kind.DEPARTMENT, east, "介入中心", "Cath Lab")
    nurse = hospital.people["nurse"]
    nurse.grants.create(role=nurse.grants.get().role, place=other)
    offered = options(signed_in("nurse"), path, "department_id")
    assert offered == {
        str(hospital.department.pk): "Main Campus · Cath Lab",
        str(other.pk): "East Campus · Cath Lab",
    }


@pytest.mark.parametrize("path", ["/ward/requisitions/new", "/ward/give-back"])
def test_stores_called_alike(hospital, signed_in, path):
    east = named(Kind.CAMPUS, hospital.campus.parent, "东湖院区", "East Campus")
    other = named(Kind.STORE, east, "中心库", "Central Store")
    offered = options(signed_in("nurse"), path, "store_id")
    assert offered[str(hospital.store.pk)] == "Main Campus · Central Store"
    assert offered[str(other.pk)] == "East Campus · Central Store"


@pytest.mark.parametrize(("language", "own", "other"), LANGUAGES)
def test_what_waits_says_at_which_of_the_docks(hospital, signed_in, docks, language, own, other):
    hospital.stocked("S1")
    client = reader(hospital, signed_in("storekeeper"), "storekeeper", language)
    page = client.get("/storeroom/put-away").content.decode()
    assert own in page  # although nothing waits at the other dock of the name
    assert other not in page


def test_shelves_called_alike_on_a_pick_list(hospital, signed_in):
    from yanji.flows.putaway import put_away
    from yanji.flows.requisition import Wanted, request

    rack = named(Kind.CABINET, hospital.store, "B 区货架", "Rack B")
    twin = named(Kind.BIN, rack, "A-01", "A-01")
    hospital.stocked("S1", "S2")
    keeper = hospital.actor("storekeeper")
    for serial, shelf in (("S1", hospital.bins[0]), ("S2", twin)):
        put_away(actor=keeper, key=unique("p"), things=[hospital.epc(serial)], to_place_id=shelf.pk)
    asked = request(
        actor=hospital.actor("nurse"), key=unique("rq"), department_id=hospital.department.pk,
        store_id=hospital.store.pk, lines=[Wanted(hospital.item.pk, 2)],
    )  # fmt: skip
    page = signed_in("storekeeper").get(f"/storeroom/picking/{asked.id}").content.decode()
    assert "Rack A · A-01" in page
    assert "Rack B · A-01" in page
