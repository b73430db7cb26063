"""Which reads are one passage, and which way it went."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanji.flows.rfid.sightings import GONE_AFTER, Centre, Read, direction, rounds, sightings

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
TAG, OTHER = "30" + "0" * 21 + "1", "30" + "0" * 21 + "2"
SIDES = {1: "outside", 2: "inside"}


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def read(seconds: float, antenna: int = 1, *, epc: str = TAG, rssi: int | None = -60, count: int = 1) -> Read:
    return Read(epc, antenna, at(seconds), rssi, count)


def test_a_thousand_reads_on_the_way_through_are_one_sighting() -> None:
    reads = [read(step / 500, 1 if step < 500 else 2, rssi=-70 + step // 50) for step in range(1_000)]
    [found] = sightings(reversed(reads), SIDES)
    assert (found.epc, found.first, found.last, found.count, found.rssi) == (
        TAG,
        at(0),
        at(1.998),
        1_000,
        -51,
    )
    assert (found.sides["outside"].count, found.sides["inside"].count) == (500, 500)
    assert direction(found.sides["inside"], found.sides["outside"]) == "in"


def test_who_comes_back_later_is_seen_twice() -> None:
    pause = GONE_AFTER.total_seconds()
    reads = [read(0), read(pause), read(pause * 2 + 0.001), read(0, epc=OTHER)]
    assert [(each.epc, each.count) for each in sightings(reads, SIDES)] == [(TAG, 2), (TAG, 1), (OTHER, 1)]


def test_antennas_of_neither_side_count_and_tell_no_direction() -> None:
    [found] = sightings([read(0, 7, count=5)], SIDES)
    assert (found.count, dict(found.sides)) == (5, {})


@pytest.mark.parametrize(
    ("inside", "outside", "way"),
    [
        (Centre(3, at(1.0)), Centre(3, at(0.2)), "in"),
        (Centre(3, at(0.2)), Centre(3, at(1.0)), "out"),
        (Centre(3, at(0.5)), Centre(3, at(0.6)), ""),
        (Centre(3, at(0.5)), None, ""),
        (None, Centre(3, at(0.5)), ""),
        (None, None, ""),
    ],
)
def test_a_tag_goes_where_it_was_later(inside: Centre | None, outside: Centre | None, way: str) -> None:
    assert direction(inside, outside) == way


READS = st.lists(
    st.builds(
        lambda epc, antenna, tenths, rssi, count: Read(epc, antenna, at(tenths / 10), rssi, count),
        st.sampled_from([TAG, OTHER]), st.integers(1, 3), st.integers(0, 300), st.none() | st.integers(-90, 0),
        st.integers(1, 9),
    ),
    max_size=40,
)  # fmt: skip


@given(READS)
def test_no_read_is_lost_and_none_counts_twice(reads: list[Read]) -> None:
    found = sightings(reads, SIDES)
    assert sum(each.count for each in found) == sum(each.count for each in reads)
    for epc in (TAG, OTHER):
        runs = [each for each in found if each.epc == epc]
        assert all(later.first - earlier.last > GONE_AFTER for earlier, later in itertools.pairwise(runs))
        times = sorted(each.at for each in reads if each.epc == epc)
        assert ([runs[0].first, runs[-1].last] if runs else []) == (times[:1] + times[-1:] if times else [])


@given(READS, st.randoms())
def test_the_order_in_which_reads_come_changes_nothing(reads: list[Read], chance: object) -> None:
    shuffled = list(reads)
    chance.shuffle(shuffled)
    plain = [(each.epc, each.first, each.last, each.count, each.rssi) for each in sightings(reads, SIDES)]
    assert plain == [
        (each.epc, each.first, each.last, each.count, each.rssi) for each in sightings(shuffled, SIDES)
    ]


@given(READS)
def test_no_round_has_a_tag_twice_and_each_tags_rounds_keep_their_order(reads: list[Read]) -> None:
    found = sightings(reads, SIDES)
    parts = list(rounds(found))
    assert all(len({each.epc for each in part}) == len(part) for part in parts)
    for epc in (TAG, OTHER):
        assert [each for part in parts for each in part if each.epc == epc] == [
            s for s in found if s.epc == epc
        ]
