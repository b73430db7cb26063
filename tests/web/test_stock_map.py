"""The stock map draws what lies where, and every number leads to a list, or to a map, of as much."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import Site, person, site
from tests.makers import place
from yanji.access.models import Grant, Person
from yanji.flows.hold import hold
from yanji.flows.putaway import put_away
from yanji.insight.board import Cut
from yanji.insight.plan import planned
from yanji.places.models import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Site:
    """A store with a room, in it a cabinet with two shelves: four pieces on one of them, two in the bin beside the room, three
    that have expired right at the store, with six of a lot."""
    made = site()
    store, today = made.h.store, timezone.localdate()
    made.h.item.family, made.h.item.supplier = "stents", made.h.supplier
    made.h.item.save()
    room = place(Kind.ROOM, store, code="ROOM")
    cabinet = place(Kind.CABINET, room, code="CAB", temperature_class="refrigerated")
    shelf = place(Kind.BIN, cabinet, code="SHELF", capacity=5)
    place(Kind.BIN, cabinet, code="EMPTY", capacity=5)
    put(made, made.stocked(4, expiry=today + timedelta(days=30), lot="NEAR"), shelf)
    put(made, made.stocked(2, lot="FAR"), made.h.bin)
    made.stocked(3, ago=20, expiry=today - timedelta(days=1), lot="GONE")
    made.stocked_lot(6, expiry=None)
    return made


def put(made: Site, things: list[str], at: Any) -> None:
    put_away(actor=made.keeper, key=f"put:{things[0]}", things=things, to_place_id=at.pk)


def reading(who: Person) -> Client:
    Person.objects.filter(pk=who.pk).update(language="en")
    client = Client()
    client.force_login(who)
    return client


def shown(client: Client, **asked: Any) -> Any:
    answer = client.get("/map", asked)
    assert answer.status_code == 200
    return answer.context


def listed(client: Client, href: str) -> Decimal:
    return client.get(href).context["total"].quantity


def cells(zones: Any) -> list[Any]:
    return [cell for zone in zones for rack in (zone, *zone.racks) for cell in rack.cells]


def heads(zones: Any) -> list[Any]:
    return [rack.head for zone in zones for rack in (zone, *zone.racks) if rack.head]


@pytest.mark.parametrize("measure", ["pieces", "value", "full", "expiry"])
@pytest.mark.parametrize("deep", [False, True], ids=["house", "store"])
def test_every_number_leads_to_a_list_of_as_much(here: Site, measure: str, deep: bool) -> None:
    client = reading(person("manager", here.h.campus))
    asked = {"place": here.h.store.pk} if deep else {}
    context = shown(client, measure=measure, **asked)
    assert context["look"].measure == measure
    drawn = [*cells(context["zones"]), *heads(context["zones"])]
    assert drawn
    for cell in drawn:
        counted = cell.lying.soon if measure == "expiry" else cell.lying.pieces
        assert listed(client, cell.list_href) == counted, cell.name
        for mark in cell.marks:
            assert mark.pieces is None or listed(client, mark.href) == mark.pieces, mark
    assert sum(cell.lying.pieces for cell in cells(context["zones"])) == 15
    assert [listed(client, tile.href) for tile in context["tiles"] if tile.href] == [15, 4, 3, 0]


def test_every_number_of_the_table_too(here: Site) -> None:
    client = reading(here.storekeeper)
    for asked in ({}, {"place": here.h.store.pk}):
        rows = shown(client, view="table", **asked)["rows"]
        for row in rows:
            for name, href in row.lists.items():
                assert listed(client, href) == getattr(row.cell.lying, name), (row.cell.name, name)
        answer = client.get("/map", {"view": "table", **asked}).content.decode()
        assert "A row for each place" in answer


def test_it_leads_down_from_the_campus_to_the_shelf(here: Site) -> None:
    client = reading(here.storekeeper)
    [store, department] = cells(shown(client)["zones"])
    assert (store.name, store.lying.pieces, department.lying.pieces) == (here.h.store.name, 15, 0)
    inside = client.get(store.href).context
    assert [each.pk for each in inside["way"]] == [here.h.campus.pk]
    [own, room] = inside["zones"]
    assert [(cell.name, cell.lying.pieces) for cell in own.cells] == [
        (here.h.bin.name, 2), (here.h.other_bin.name, 0), (f"Right at: {here.h.store.name}", 9),
    ]  # fmt: skip
    [rack] = room.racks
    assert (room.head.name, rack.head.name, room.cells) == ("ROOM", "CAB", [])
    assert [mark.icon for mark in rack.head.marks] == ["snowflake"]
    assert [(cell.name, cell.lying.pieces) for cell in rack.cells] == [("EMPTY", 0), ("SHELF", 4)]
    assert "/stock" in rack.cells[1].href, "nothing stands on a shelf: it leads to what lies on it"
    assert listed(client, rack.cells[1].href) == 4
    alone = shown(client, place=rack.cells[1].spot.place.pk)
    assert [(cell.name, cell.lying.pieces) for cell in cells(alone["zones"])] == [("SHELF", 4)]


def test_full_is_told_where_it_is_known_how_many_fit(here: Site) -> None:
    """Of a room without a number of its own, by its shelves; a cabinet's own number counts, and not its shelves' again."""
    client = reading(here.storekeeper)
    cut = Cut((here.h.store.path,))
    plan = planned(cut, here.h.store, today=timezone.localdate())
    found = {spot.place.code: spot.total for spot in plan.walk()}
    assert [(found[code].sized, found[code].capacity) for code in ("SHELF", "EMPTY", "ROOM")] == [
        (4, 5),
        (0, 5),
        (4, 10),
    ]
    assert found[here.h.bin.code].full is None
    assert plan.total.full == 40, "what lies where nobody knows what fits fills nothing"
    wide = planned(Cut((here.h.campus.path,)), here.h.campus, today=timezone.localdate())
    assert wide.total.full == 40
    type(here.h.store).objects.filter(code="CAB").update(capacity=4)
    again = planned(Cut((here.h.campus.path,)), here.h.campus, today=timezone.localdate())
    assert again.total.full == planned(cut, here.h.store, today=timezone.localdate()).total.full == 100
    said = {
        cell.name: (cell.text, cell.tone)
        for cell in cells(shown(client, place=here.h.store.pk, measure="full")["zones"])
    }
    assert said["SHELF"] == ("80 %", "teal")
    assert said[here.h.bin.name] == ("–", "teal")


def test_what_is_held_and_what_is_in_quarantine_is_marked(here: Site) -> None:
    client = reading(here.storekeeper)
    shut = place(Kind.CABINET, here.h.store, code="SHUT")
    things = here.stocked(2, lot="DOUBT")
    put(here, things, shut)
    hold(actor=here.keeper, key="hold", things=things, reason="damaged")
    type(shut).objects.filter(pk=shut.pk).update(quarantine=True)
    found = {cell.name: cell for cell in cells(shown(client, place=here.h.store.pk)["zones"])}
    assert found["SHUT"].shut
    said = [(mark.icon, mark.pieces) for mark in found["SHUT"].marks]
    assert said == [("barrier-block", None), ("hand-stop", 2)]
    [campus_cell, _department] = cells(shown(client)["zones"])
    assert [(mark.icon, mark.pieces) for mark in campus_cell.marks] == [("hand-stop", 2), ("calendar-x", 3)]


def test_family_supplier_and_place_are_kept_to_and_kept_on_the_way_down(here: Site) -> None:
    client = reading(here.storekeeper)
    for asked, pieces in (
        ({"family": "stents"}, 9), ({"supplier": here.h.supplier.pk}, 9), ({"place": here.h.department.pk}, 0),
    ):  # fmt: skip
        assert shown(client, **asked)["plan"].total.pieces == pieces, asked
    [store, _department] = cells(shown(client, family="stents", measure="full")["zones"])
    inside = client.get(store.href).context
    assert (inside["plan"].total.pieces, inside["look"].measure) == (9, "full")


def test_value_is_for_who_sees_figures(here: Site) -> None:
    keeper = reading(here.storekeeper)
    found = shown(keeper, measure="value")
    assert found["look"].measure == "pieces"
    assert "value" not in dict(found["modes"])
    assert "Value" not in keeper.get("/map?view=table").content.decode()
    manager = shown(reading(person("manager", here.h.campus)), measure="value")
    assert manager["plan"].total.value == sum(cell.lying.value for cell in cells(manager["zones"])) > 0


def test_who_sees_figures_of_one_place_sees_money_of_that_alone(here: Site) -> None:
    """A nurse of the whole ward who manages the store: what lies in the ward costs nobody knows what."""
    Grant.objects.create(
        person=here.nurse, role=person("manager", here.h.store).grants.get().role, place=here.h.store
    )
    client = reading(here.nurse)
    for query in ("/map?view=table", "/map?format=csv"):
        assert not re.search("Value</th>|,Value,|¥", client.get(query).content.decode()), query
    assert not any("¥" in str(tile.note) for tile in shown(client)["tiles"])
    at_store = {"place": here.h.store.pk}
    assert any("¥" in str(tile.note) for tile in shown(client, **at_store)["tiles"])
    assert "Value" in client.get("/map", {**at_store, "format": "csv"}).content.decode()
    narrowed = shown(client, measure="value")
    assert narrowed["look"].cut.paths == (here.h.store.path,)


def test_of_another_campus_nothing_is_seen(here: Site) -> None:
    client = reading(person("storekeeper", place(Kind.CAMPUS)))
    assert client.get("/map", {"place": here.h.store.pk}).status_code == 404
    assert shown(client)["plan"].total.pieces == 0
    assert cells(shown(client)["zones"]) == []
    assert "Nothing to draw here" in client.get("/map").content.decode()


def test_two_places_of_one_reader_stand_side_by_side_and_count_once(here: Site) -> None:
    """Somebody of a ward who also looks after one shelf sees the two; the shelf of who sees its store is in the store."""
    role = here.storekeeper.grants.get().role
    Grant.objects.create(person=here.nurse, role=role, place=here.h.bin)
    client = reading(here.nurse)
    found = cells(shown(client)["zones"])
    assert {(cell.name, cell.lying.pieces) for cell in found} == {
        (here.h.bin.name, 2),
        (here.h.department.name, 0),
    }
    Grant.objects.create(person=here.storekeeper, role=role, place=here.h.bin)
    both = shown(reading(here.storekeeper))
    assert both["plan"].total.pieces == 15
    assert len(cells(both["zones"])) == 2


def test_a_closed_place_is_drawn_while_something_lies_in_it(here: Site) -> None:
    client = reading(here.storekeeper)
    type(here.h.store).objects.filter(code__in=("SHELF", "EMPTY")).update(active=False)
    names = [cell.name for cell in cells(shown(client, place=here.h.store.pk)["zones"])]
    assert "SHELF" in names
    assert "EMPTY" not in names


def test_what_stands_deeper_than_is_drawn_counts_for_what_holds_it(here: Site) -> None:
    shelf = type(here.h.store).objects.get(code="SHELF")
    tray = place(Kind.BIN, shelf, code="TRAY")
    put(here, here.stocked(2, lot="TRAY"), tray)
    client = reading(here.storekeeper)
    found = {cell.name: cell for cell in cells(shown(client, place=here.h.store.pk)["zones"])}
    assert "TRAY" not in found
    assert found["SHELF"].lying.pieces == listed(client, found["SHELF"].list_href) == 6
    below = cells(client.get(found["SHELF"].href).context["zones"])
    assert {cell.name: cell.lying.pieces for cell in below} == {"TRAY": 2, "Right at: SHELF": 4}


def test_its_statements_do_not_grow_with_the_house(here: Site) -> None:
    client = reading(here.storekeeper)

    def spent(**asked: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/map", asked)
        return len(captured)

    spent()
    before = spent(), spent(place=here.h.store.pk)
    for number in range(5):
        shelf = place(Kind.BIN, here.h.store, code=f"MORE-{number}")
        put(here, here.stocked(2, lot=f"MORE-{number}"), shelf)
        place(Kind.STORE, here.h.campus)
    assert (spent(), spent(place=here.h.store.pk)) == before


def test_the_csv_says_what_the_map_says(here: Site) -> None:
    client = reading(here.storekeeper)
    text = client.get(f"/map?format=csv&place={here.h.store.pk}").content.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert (head[0], head[4]) == ("Place", "Pieces")
    found = {row[1]: row for row in rows}
    assert found["SHELF"][4:] == ["4.000", "5", "80", "4.000", "0", "0"]
    assert rows[0][4] == "15.000"
    assert rows[-1][0].endswith(f"Right at: {here.h.store.name}")


def test_nonsense_in_the_address_is_as_if_it_were_not_asked(here: Site) -> None:
    client = reading(here.storekeeper)
    for asked in ({"view": "\0"}, {"measure": "tons"}, {"family": "\0"}, {"supplier": "x"}, {"place": ""}):
        assert shown(client, **asked)["plan"].total.pieces == 15, asked


def test_a_program_reads_the_same_map(here: Site) -> None:
    for who, sees in ((person("manager", here.h.campus), True), (here.storekeeper, False)):
        told = ApiClient(who).get("/maps/stock").json()["places"]
        found = {each["place_id"]: each for each in told}
        store = found[here.h.store.pk]
        assert (store["inside"], store["deeper"]) == (here.h.campus.pk, True)
        assert Decimal(store["total"]["pieces"]) == 15
        assert (store["total"]["value"] is not None) == sees
    inside = ApiClient(here.storekeeper).get("/maps/stock", place_id=here.h.store.pk).json()["places"]
    assert [each["name"] for each in inside][1:4] == [here.h.bin.name, here.h.other_bin.name, "ROOM"]
    assert Decimal(inside[0]["right_there"]["pieces"]) == 9
    stranger = ApiClient(person("storekeeper", place(Kind.CAMPUS)))
    assert stranger.get("/maps/stock").json()["places"] == []
    assert stranger.get("/maps/stock", place_id=here.h.store.pk).status_code == 404
