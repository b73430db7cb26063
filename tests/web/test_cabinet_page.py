"""A cabinet is drawn as it stands there: every piece once, on its shelf, with what speaks against it and what is missing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.flows.site import Site, person, site, soon
from tests.makers import place, unique
from yanji.access.models import Person
from yanji.flows.hold import hold
from yanji.flows.putaway import put_away
from yanji.flows.recall import WholeLot, recall
from yanji.flows.supply.levels import Kept, set_levels
from yanji.insight.cabinet import Mark, drawn, mark_of
from yanji.ledger.api import unit_view
from yanji.places.models import Kind, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Site:
    return site()


def shelved(here: Site) -> tuple[Place, Place]:
    """A cabinet of the store with a shelf, on which seven pieces lie: two recalled, one on hold, one expired, one that soon will,
    two free; one more lies in the cabinet on no shelf."""
    cabinet = place(Kind.CABINET, here.h.store, name_en="Cold one")
    shelf = place(Kind.BIN, cabinet, capacity=10)
    goes = {"actor": here.keeper, "to_place_id": shelf.pk}
    held, *_free = good = here.stocked(3, lot="GOOD", expiry=soon(300))
    bad = here.stocked(2, lot="BAD", expiry=soon(300))
    near = here.stocked(1, lot="NEAR", expiry=soon(10))
    gone = here.stocked(1, ago=9, lot="GONE", expiry=soon(2))
    for things in (good, bad, near, gone):
        put_away(key=unique("p"), things=things, **goes)
    put_away(
        actor=here.keeper, key=unique("p"), things=here.stocked(1, expiry=soon(300)), to_place_id=cabinet.pk
    )
    hold(actor=here.keeper, key=unique("h"), things=[held], reason="suspected")
    lot = unit_view(bad[0]).lot_id
    recall(actor=here.keeper, key=unique("r"), lots=[WholeLot(lot, here.h.campus.pk)], notice="R")
    return cabinet, shelf


def reading(who: Person) -> Client:
    Person.objects.filter(pk=who.pk).update(language="en")
    client = Client()
    client.force_login(who)
    return client


def shown(client: Client, cabinet: Place, **headers: Any) -> Any:
    answer = client.get(f"/cabinet/{cabinet.pk}", headers=headers)
    assert answer.status_code == 200
    return answer


def test_the_worst_that_is_true_of_a_piece_is_its_mark() -> None:
    today = timezone.localdate()
    yesterday, later = today - timedelta(days=1), today + timedelta(days=99)
    for status, expiry, mark in (
        ("recalled", yesterday, Mark.RECALLED),
        ("quarantined", yesterday, Mark.HELD),
        ("reserved", yesterday, Mark.EXPIRED),
        ("returned", None, Mark.HELD),
        ("expired", None, Mark.EXPIRED),
        ("available", today, Mark.SOON),
        ("reserved", today + timedelta(days=30), Mark.SOON),
        ("picked", today + timedelta(days=31), Mark.KEPT),
        ("available", later, Mark.GOOD),
        ("available", None, Mark.GOOD),
    ):
        assert mark_of(status, expiry, today) == mark, (status, expiry)


def test_every_piece_lies_on_its_shelf_once_with_its_mark(here: Site) -> None:
    cabinet, shelf = shelved(here)
    found = drawn(cabinet, today=soon(5))
    assert [(each.place.pk, each.loose, each.pieces) for each in found.shelves] == [
        (shelf.pk, False, 7), (cabinet.pk, True, 1),
    ]  # fmt: skip
    assert dict(found.shelves[0].slots[0].marks) == {
        Mark.RECALLED: 2, Mark.HELD: 1, Mark.EXPIRED: 1, Mark.SOON: 1, Mark.GOOD: 2,
    }  # fmt: skip
    client = reading(here.storekeeper)
    boards = shown(client, cabinet).context["boards"]
    assert [board.full for board in boards] == [70, None]
    for board in boards:
        for address in (board.href, board.slots[0].href):
            assert client.get(address).context["total"].quantity == board.shelf.pieces


def test_what_a_block_stands_for_grows_with_the_pieces(here: Site) -> None:
    cabinet = place(Kind.CABINET, here.h.store)
    things = here.stocked(30, expiry=soon(300))
    put_away(actor=here.keeper, key=unique("p"), things=things, to_place_id=cabinet.pk)
    [board] = shown(reading(here.storekeeper), cabinet).context["boards"]
    [slot] = board.slots
    assert (slot.slot.pieces, slot.blocks) == (30, ["good"] * 10)


def test_what_is_missing_stands_beside_the_list_it_is_missing_from(here: Site) -> None:
    ward, cabinet = here.h.department, here.h.cabinet
    shelf = place(Kind.BIN, cabinet)
    kept = {"actor": here.ward, "levels": [Kept(here.h.item.pk, 1, 4), Kept(here.counted.pk, 2, 3)]}
    set_levels(key=unique("l"), place_id=cabinet.pk, **kept)
    client = reading(here.nurse)
    answer = shown(client, cabinet)
    assert answer.context["found"].listed == 2
    assert [(lack.missing, lack.low) for lack in answer.context["found"].lacks] == [(4, True), (3, True)]
    assert answer.context["ask"] == f"/ward/levels?department_id={ward.pk}"
    assert client.get(answer.context["ask"]).context["department"] == ward
    [bare, loose] = answer.context["boards"]
    assert (bare.slots, sorted(len(slot.ghosts) for slot in loose.slots)) == ([], [3, 4])
    brought = here.stocked(2, expiry=soon(300)) + here.stocked(1, ago=9, expiry=soon(-1))
    put_away(actor=here.keeper, key=unique("p"), things=brought, to_place_id=shelf.pk)
    answer = shown(client, cabinet)
    assert [(lack.missing, lack.low) for lack in answer.context["found"].lacks] == [(3, True), (2, False)]
    [slot] = answer.context["boards"][0].slots
    assert (slot.blocks, len(slot.ghosts)) == (["expired", "good", "good"], 2), (
        "what has expired fills no list"
    )
    assert shown(reading(here.storekeeper), cabinet).context["ask"] == ""


def test_what_a_shelf_lacks_its_cabinet_does_not_lack_once_more(here: Site) -> None:
    ward = here.h.department
    cabinet = place(Kind.CABINET, ward)
    shelf = place(Kind.BIN, cabinet)
    for at, most in ((cabinet, 6), (shelf, 3)):
        kept = [Kept(here.h.item.pk, 1, most)]
        set_levels(actor=here.ward, key=unique("l"), place_id=at.pk, levels=kept)
    found = drawn(cabinet, today=timezone.localdate())
    assert sorted(lack.missing for lack in found.lacks) == [3, 3]


def test_only_a_cabinet_that_one_may_look_at_is_shown(here: Site) -> None:
    cabinet, shelf = shelved(here)
    stranger, keeper = reading(person("storekeeper", place(Kind.CAMPUS))), reading(here.storekeeper)
    assert stranger.get(f"/cabinet/{cabinet.pk}").status_code == 404
    for other in (shelf.pk, here.h.store.pk, 2**31):
        assert keeper.get(f"/cabinet/{other}").status_code == 404
    assert not shown(keeper, cabinet).context["sees_value"]
    assert "¥" not in shown(keeper, cabinet).content.decode()
    assert "¥" in shown(reading(person("manager", here.h.campus)), cabinet).content.decode()


def test_the_drawing_alone_is_what_a_page_fetches_anew(here: Site) -> None:
    cabinet, _shelf = shelved(here)
    part = shown(reading(here.storekeeper), cabinet, **{"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "y-cabinet" in part


def test_an_empty_cabinet_says_how_it_is_filled(here: Site) -> None:
    text = shown(reading(here.nurse), here.h.cabinet).content.decode()
    assert "shows at once" in text
    assert "No list says what should lie here" in text
