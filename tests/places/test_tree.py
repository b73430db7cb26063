"""The place tree stays a tree, whatever is done to it."""

import random
from contextlib import suppress

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.makers import everything, person, place, unique
from tests.places.sound import broken_paths
from yanji.access.actor import Actor
from yanji.places import actions, queries
from yanji.places.models import Kind, Place
from yanji.places.rules import may_lie_below

pytestmark = pytest.mark.django_db


def fields(kind: str, **given: str) -> actions.PlaceFields:
    code = given.pop("code", unique("P"))
    return actions.PlaceFields(kind=kind, code=code, name_zh=given.pop("name_zh", code), **given)


@pytest.fixture
def campus() -> Place:
    return place(Kind.CAMPUS)


@pytest.fixture
def editor(campus: Place) -> Actor:
    return everything(campus, person())


def test_a_new_place_lies_below_its_parent(campus, editor):
    made = actions.create_place(actor=editor, parent_id=campus.pk, fields=fields(Kind.STORE))
    assert made.path == f"{campus.path}{made.pk}/"
    assert broken_paths() == []


def test_only_a_campus_or_group_stands_at_the_top_and_only_for_who_holds_everything(campus, editor):
    with pytest.raises(ValidationError):
        actions.create_place(actor=editor, parent_id=None, fields=fields(Kind.STORE))
    other = place(Kind.CAMPUS)
    with pytest.raises(PermissionDenied):
        actions.create_place(actor=editor, parent_id=None, fields=fields(Kind.CAMPUS))
    assert (
        not Place.objects.filter(parent=None, kind=Kind.CAMPUS).exclude(pk__in=[campus.pk, other.pk]).exists()
    )


def test_a_bin_holds_no_store(campus, editor):
    bin_ = place(Kind.BIN, campus)
    with pytest.raises(ValidationError) as refused:
        actions.create_place(actor=editor, parent_id=bin_.pk, fields=fields(Kind.STORE))
    assert "kind" in refused.value.message_dict
    assert not bin_.children.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"gln": "6901234500018"}, "gln"), ({"gln": "69012"}, "gln"), ({"code": "SUPPLIER"}, "code")],
)
def test_wrong_fields_are_named_and_nothing_is_written(campus, editor, wrong, field):
    before = Place.objects.count()
    with pytest.raises(ValidationError) as refused:
        actions.create_place(actor=editor, parent_id=campus.pk, fields=fields(Kind.STORE, **wrong))
    assert field in refused.value.message_dict
    assert Place.objects.count() == before


def test_a_sound_gln_is_taken_once(campus, editor):
    actions.create_place(actor=editor, parent_id=campus.pk, fields=fields(Kind.STORE, gln="6901234500011"))
    with pytest.raises(ValidationError):
        actions.create_place(
            actor=editor, parent_id=campus.pk, fields=fields(Kind.STORE, gln="6901234500011")
        )


def test_moving_carries_the_subtree_in_one_statement(campus, editor):
    store, other = place(Kind.STORE, campus), place(Kind.BUILDING, campus)
    room = place(Kind.ROOM, store)
    bins = [place(Kind.BIN, room) for _ in range(20)]
    with CaptureQueriesContext(
        connection,
    ) as captured:
        actions.move_place(actor=editor, place_id=store.pk, parent_id=other.pk)
    assert sum("UPDATE" in each["sql"] for each in captured) == 1
    bins[3].refresh_from_db()
    assert bins[3].path == f"{other.path}{store.pk}/{room.pk}/{bins[3].pk}/"
    assert broken_paths() == []


def test_a_place_cannot_lie_below_itself(campus, editor):
    outer = place(Kind.DEPARTMENT, campus)
    inner = place(Kind.DEPARTMENT, outer)
    with pytest.raises(ValidationError):
        actions.move_place(actor=editor, place_id=outer.pk, parent_id=inner.pk)
    assert broken_paths() == []


def test_kind_changes_only_while_what_lies_below_still_fits(campus, editor):
    store = place(Kind.STORE, campus)
    place(Kind.ROOM, store)
    with pytest.raises(ValidationError) as refused:
        actions.edit_place(actor=editor, place_id=store.pk, fields=fields(Kind.BIN, code=store.code))
    assert "kind" in refused.value.message_dict


def test_retiring_needs_an_empty_place_and_closes_what_lies_below(campus, editor):
    store = place(Kind.STORE, campus)
    bin_ = place(Kind.BIN, store)
    with pytest.raises(ValidationError):
        actions.retire_place(actor=editor, place_id=store.pk, stock_below=lambda path: 3)
    assert Place.objects.get(pk=store.pk).active
    assert actions.retire_place(actor=editor, place_id=store.pk, stock_below=lambda path: 0) == 2
    with pytest.raises(ValidationError):
        actions.reopen_place(actor=editor, place_id=bin_.pk)
    actions.reopen_place(actor=editor, place_id=store.pk)
    assert actions.reopen_place(actor=editor, place_id=bin_.pk).active


def test_who_may_not_edit_there_learns_nothing(campus):
    store = place(Kind.STORE, campus)
    elsewhere = everything(place(Kind.CAMPUS), person())
    for place_id in (store.pk, 10**12):
        with pytest.raises(PermissionDenied):
            actions.edit_place(actor=elsewhere, place_id=place_id, fields=fields(Kind.STORE))
    store.refresh_from_db()
    assert store.name_zh == store.code


def test_places_of_the_system_stay_as_they_are(campus):
    scrap = Place.objects.get(kind=Kind.SCRAP)
    all_mighty = Actor(1, "x", {"edit_places": ("/",)})
    with pytest.raises(PermissionDenied):
        actions.edit_place(actor=all_mighty, place_id=scrap.pk, fields=fields(Kind.STORE))
    with pytest.raises(PermissionDenied):
        actions.move_place(actor=all_mighty, place_id=scrap.pk, parent_id=campus.pk)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_paths_follow_from_parents_after_any_moves(campus, editor, seed):
    chance = random.Random(seed)
    made = [campus]
    for _ in range(12):
        parent, kind = (
            chance.choice(made),
            chance.choice([Kind.DEPARTMENT, Kind.STORE, Kind.ROOM, Kind.CABINET, Kind.BIN]),
        )
        if may_lie_below(kind, parent.kind):
            made.append(place(kind, parent))
    for _ in range(20):
        moved, target = chance.choice(made), chance.choice(made)
        with suppress(ValidationError, PermissionDenied):
            actions.move_place(actor=editor, place_id=moved.pk, parent_id=target.pk)
        assert broken_paths() == []
    # Nothing was cut off: everything made still lies below the campus.
    assert set(Place.objects.filter(path__startswith=campus.path).values_list("pk", flat=True)) >= {
        each.pk for each in made
    }


def test_tree_and_names_cost_the_same_for_many_places(campus, django_assert_num_queries):
    campus.name_zh, campus.name_en = "本部", "Main"
    campus.save()
    store = place(Kind.STORE, campus, name_en="Store")
    bins = [place(Kind.BIN, store) for _ in range(30)]
    with django_assert_num_queries(1):
        nodes = queries.tree(paths=[campus.path])
    assert [node.depth for node in nodes[:3]] == [0, 1, 2]
    with django_assert_num_queries(1):
        names = queries.path_names([each.pk for each in bins])
    assert names[bins[0].pk].zh == ("本部", store.name_zh, bins[0].name_zh)
    assert names[bins[0].pk].en[:2] == ("Main", "Store")
