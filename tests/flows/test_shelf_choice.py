"""A thing is proposed the shelf that keeps it, has room for it, and holds its own kind; each proposal says why."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.flows.site import Site
from tests.makers import place, unique
from tests.web.flows.world import gtin
from yanji.catalog.models import Item, ItemCode
from yanji.flows.putaway import put_away
from yanji.flows.shelf_choice import ToPut, days_between, room_in, shelves_for
from yanji.places.models import Kind, Place

YEAR = date(2099, 12, 31)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def here(here: Site) -> Site:
    """The store's two bins keep room temperature."""
    Place.objects.filter(path__startswith=here.h.store.path).update(temperature_class="room")
    Item.objects.filter(pk=here.h.item.pk).update(family="stents")
    return here


def at(here: Site, shelf: Place, item: Item | None = None, expiry: date = YEAR, count: int = 1) -> None:
    """Units of an item that lie on a shelf."""
    item = item or here.h.item
    arrivals = [here.arrival(item=item, expiry=expiry, **named) for named in _names(item, count)]
    here.receive(here.order((item, count)), *arrivals)
    put_away(actor=here.keeper, key=unique("p"), things=[each.epc for each in arrivals], to_place_id=shelf.pk)


def _names(item: Item, count: int) -> list[dict[str, str]]:
    """Serials, and the identities that follow from them."""
    serials = [unique("Z") for _ in range(count)]
    code = item.codes.first()
    return [{"serial": each, "epc": f"01/{code.code}/21/{each}"} for each in serials]


def another(here: Site, family: str) -> Item:
    made = Item.objects.create(
        code=unique("OT"), name_zh="导丝", temperature_class="room", family=family, supplier=here.h.supplier
    )
    ItemCode.objects.create(item=made, issuer="GS1", code=gtin())
    return made


def proposed(here: Site, pieces: int = 1, expiry: date = YEAR) -> list[tuple[Place, str]]:
    [found] = shelves_for(here.keeper, [ToPut(here.h.item.pk, expiry, pieces, here.h.store.path)])
    return [(shelf.place, shelf.reason) for shelf in found]


def test_the_same_item_goes_before_its_family_and_that_before_an_empty_shelf(here):
    own, kin_, empty = here.h.bin, here.h.other_bin, place(Kind.BIN, here.h.store, temperature_class="room")
    strange = place(Kind.BIN, here.h.store, temperature_class="room")
    at(here, own, count=2)
    at(here, kin_, another(here, "stents"))
    at(here, strange, another(here, "wires"))
    assert proposed(here) == [
        (own, "2 of the same item lie there, same expiry"),
        (kin_, "1 of the same family lies there"),
        (empty, "empty"),
    ]


def test_the_nearest_expiry_is_met_first(here):
    at(here, here.h.bin, expiry=date(2049, 1, 1), count=3)
    at(here, here.h.other_bin, expiry=date(2098, 1, 1))
    found = proposed(here)
    assert found[0] == (here.h.other_bin, "1 of the same item lies there, valid to 2098-01-01")
    assert found[1] == (here.h.bin, "3 of the same item lie there, the nearest valid to 2049-01-01")


def test_a_full_shelf_is_no_proposal_and_a_limited_one_says_its_room(here):
    Place.objects.filter(pk=here.h.bin.pk).update(capacity=3)
    at(here, here.h.bin, count=2)
    assert proposed(here)[0] == (here.h.bin, "2 of the same item lie there, same expiry · room for 1")
    assert here.h.bin not in [shelf for shelf, _why in proposed(here, pieces=2)]


def test_what_holds_a_shelf_limits_it_too(here):
    cabinet = place(Kind.CABINET, here.h.store, temperature_class="room", capacity=2)
    inside = place(Kind.BIN, cabinet, temperature_class="room", capacity=50)
    at(here, inside, count=1)
    assert proposed(here)[0] == (inside, "1 of the same item lies there, same expiry · room for 1")
    assert room_in([cabinet, inside], {cabinet.pk: 1, inside.pk: 1}) == {cabinet.pk: 1, inside.pk: 1}


@pytest.mark.parametrize("fields", [{"temperature_class": "frozen"}, {"quarantine": True}, {"active": False}])
def test_what_does_not_keep_it_is_no_proposal(here, fields):
    Place.objects.filter(kind=Kind.BIN).update(**fields)
    assert proposed(here) == []


def test_shelves_elsewhere_are_no_proposal(here):
    far = place(Kind.BIN, place(Kind.STORE, here.h.campus), temperature_class="room")
    assert far not in [shelf for shelf, _why in proposed(here)]


def test_a_shelf_is_called_what_tells_it_apart(here):
    """In its own store by its name, and by its store as well where another one has a shelf of that name: who types it would be
    asked which one is meant."""
    far = place(Kind.STORE, here.h.campus)
    Place.objects.filter(pk=here.h.other_bin.pk).update(active=False)
    Place.objects.filter(pk=here.h.bin.pk).update(name_zh="A-01")
    place(Kind.BIN, far, temperature_class="room", name_zh="A-01")
    things = [ToPut(here.h.item.pk, YEAR, 1, store.path) for store in (here.h.store, far)]
    assert [[shelf.label for shelf in found] for found in shelves_for(here.keeper, things)] == [
        [f"{store.name} · A-01"] for store in (here.h.store, far)
    ]
    cabinet = place(Kind.CABINET, far, temperature_class="cold")
    place(Kind.BIN, cabinet, temperature_class="room", name_zh="A-01")
    near, there = shelves_for(here.keeper, things)
    assert [shelf.label for shelf in near] == [f"{here.h.store.name} · A-01"]
    assert f"{far.name} · {cabinet.name} · A-01" in {shelf.label for shelf in there}


def test_a_name_that_no_other_store_has_is_enough(here):
    Place.objects.filter(pk=here.h.bin.pk).update(name_zh="A-01")
    [found] = shelves_for(here.keeper, [ToPut(here.h.item.pk, YEAR, 1, here.h.store.path)])
    assert "A-01" in {shelf.label for shelf in found}


def test_a_shelf_is_not_proposed_to_what_lies_on_it(here):
    at(here, here.h.bin)
    [found] = shelves_for(here.keeper, [ToPut(here.h.item.pk, YEAR, 1, here.h.bin.path)])
    assert here.h.bin not in [shelf.place for shelf in found]


def test_no_expiry_is_far_from_every_expiry():
    assert days_between(None, None) == 0
    assert days_between(None, YEAR) == days_between(YEAR, None) > 365 * 100
    assert days_between(date(2030, 1, 1), date(2030, 1, 31)) == 30


def test_a_hundred_things_cost_as_many_statements_as_one(here):
    at(here, here.h.bin)
    things = [ToPut(here.h.item.pk, YEAR, 1, here.h.store.path)]

    def cost(count: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert len(shelves_for(here.keeper, things * count)) == count
        return len(asked)

    assert cost(1) == cost(100) <= 6
