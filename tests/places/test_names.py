"""What a place is called: in a list of others, by its code in any case, by the short name that people say."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection
from django.template import Context
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.makers import place, unique
from yanji.access.actor import Actor
from yanji.places.models import Kind, Place
from yanji.places.queries import by_any_case, by_name, labels
from yanji.places.rules import told_apart
from yanji.web.templatetags.yanji import spot_labels


def way(text: str) -> list[tuple[str, str]]:
    """`bin 01, cabinet A, store Central, campus Main` as (kind, name) from the place up."""
    return [tuple(part.split(" ", 1)) for part in text.split(", ")]


def apart(*ways: str) -> list[str]:
    return [" · ".join(said) for said in told_apart(dict(enumerate(map(way, ways)))).values()]


def test_only_what_tells_them_apart_is_said() -> None:
    assert apart(
        "dock Dock, store Central, building B, campus Main, group G",
        "dock Dock, store Theatre, building B, campus Main, group G",
        "dock Dock, store Theatre, building B, campus East, group G",
    ) == ["Central · Dock", "Main · Theatre · Dock", "East · Theatre · Dock"]


def test_the_store_is_said_before_what_lies_between() -> None:
    assert apart(
        "bin 01, cabinet A, room R, store Central, campus Main",
        "bin 01, cabinet B, room R, store Central, campus Main",
        "bin 01, store East, campus Main",
    ) == ["Central · A · 01", "Central · B · 01", "East · 01"]
    assert apart("bin 01, cabinet A, store S", "bin 01, cabinet B, store S") == ["A · 01", "B · 01"]


def test_one_alone_a_shorter_way_and_none_at_all() -> None:
    assert apart("dock Dock, store Central") == ["Dock"]
    assert apart("dock Dock", "dock Dock, store Central") == ["Dock", "Central · Dock"]
    assert told_apart({}) == {}


def named(kind: str, parent: Place | None, zh: str, en: str = "", **fields: str) -> Place:
    made = place(kind, parent, **fields)
    made.name_zh, made.name_en = zh, en
    made.save(update_fields=["name_zh", "name_en"])
    return made


@pytest.fixture
def docks(db: None) -> tuple[Place, list[Place]]:
    """Two stores with a dock of the same name each, and a third with one of its own."""
    campus = named(Kind.CAMPUS, None, "本部", "Main")
    found = []
    for zh, en, dock in (
        ("中心库", "Central", ("收货区", "Dock")),
        ("手术库", "Theatre", ("收货区", "Dock")),
        ("冷库", "Cold", ("冷链台", "Cold dock")),
    ):
        found.append(named(Kind.DOCK, named(Kind.STORE, campus, zh, en), *dock))
    return campus, found


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Central · Dock", "Theatre · Dock", "Cold dock"]),
        ("zh-hans", ["中心库 · 收货区", "手术库 · 收货区", "冷链台"]),
    ],
)
def test_docks_of_the_same_name_are_said_with_their_store(docks, language, said) -> None:
    with translation.override(language), CaptureQueriesContext(connection) as asked:
        assert [labels(docks[1])[dock.pk] for dock in docks[1]] == said
    assert len(asked) == 3  # one each time, whatever the number of places


def test_no_name_above_what_the_reader_may_look_at_is_said(docks) -> None:
    _campus, [central, theatre, cold] = docks
    rows = [SimpleNamespace(place_path=dock.path, place=(dock.name_zh, dock.name_en)) for dock in docks[1]]
    actor = Actor(1, "reader", {"view": (theatre.parent.path, cold.path)})
    with translation.override("en"):
        called = spot_labels(Context({"request": SimpleNamespace(actor=actor)}), rows)
    assert called == {central.path: "Dock", theatre.path: "Theatre · Dock", cold.path: "Cold dock"}


def test_names_that_stand_once_cost_nothing(docks) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert labels(docks[1][1:]) == {dock.pk: dock.name for dock in docks[1][1:]}
    assert len(asked) == 0


def test_twins_in_one_place_are_told_by_their_codes(docks) -> None:
    _campus, [dock, *_others] = docks
    twin = named(Kind.DOCK, dock.parent, "收货区", "Dock", code=unique("TWIN"))
    with translation.override("en"):
        found = labels([dock, twin])
    assert found == {dock.pk: f"Dock · {dock.code}", twin.pk: f"Dock · {twin.code}"}


def test_a_code_in_any_case_unless_two_differ_in_it_alone(db: None) -> None:
    shelf = place(Kind.BIN, code="Main-A1-01")
    assert by_any_case(["main-a1-01", "MAIN-A1-01", "Ｍａｉｎ－Ａ１－０１", "A1-01"]) == dict.fromkeys(
        ["main-a1-01", "MAIN-A1-01", "Ｍａｉｎ－Ａ１－０１"], shelf.pk
    )
    other = place(Kind.BIN, code="MAIN-A1-01")
    assert by_any_case(["main-a1-01", "MAIN-A1-01", "Main-A1-01"]) == {
        "MAIN-A1-01": other.pk,
        "Main-A1-01": shelf.pk,
    }


def test_a_name_in_either_language_where_one_may(docks) -> None:
    campus, [dock, other, _cold] = docks
    closed = named(Kind.DOCK, campus, "收货区")
    Place.objects.filter(pk=closed.pk).update(active=False)
    found: Callable[..., list[Place]] = lambda text, *paths: by_name(  # noqa: E731
        [text], paths=paths, kinds=[Kind.DOCK]
    )[text]
    assert found("dock", campus.path) == [dock, other]
    assert found(" 收货区 ", dock.parent.path) == [dock]
    assert found("Central", campus.path) == []
    assert found("dock") == []
