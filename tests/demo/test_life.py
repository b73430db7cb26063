"""The simulated life: the same for the same seed in any process, and well-formed before the ledger sees it."""

import hashlib
import os
import subprocess
import sys
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from yanji.demo.catalogue import catalogue
from yanji.demo.life import live
from yanji.demo.staff import colleagues
from yanji.demo.world import World

TODAY = date(2025, 6, 12)


def life(seed: int, *, today: date = TODAY, scale: float = 0.03) -> World:
    return live(
        seed=seed, today=today, zone=ZoneInfo("Asia/Shanghai"), scale=scale, catalogue=catalogue(Random(f"c{seed}"), today),
        people=colleagues(Random(f"p{seed}")), progress=lambda share: None,
    )  # fmt: skip


def told(world: World) -> list[str]:
    """Everything that happens, as text."""
    return [
        f"{act.at.isoformat()} {act.step} {act.key} {act.actor} {act.witness} {act.documents} "
        + ",".join(
            f"{getattr(move.thing, 'epc', '')}/{move.thing.batch.number}>{move.to}x{move.quantity}"
            for move in act.moves
        )
        for act in world.acts
    ]


def fingerprint(world: World) -> str:
    return hashlib.sha256("\n".join(told(world)).encode()).hexdigest()


def test_the_same_seed_lives_the_same_life() -> None:
    first = told(life(3))
    assert told(life(3)) == first
    assert told(life(4)) != first


def test_another_process_lives_the_same_life() -> None:
    """Sets and hashes differ between processes; nothing may depend on their order."""
    script = "import django; django.setup(); from tests.demo.test_life import *; print(fingerprint(life(3, scale=0.01)))"
    environment = {**os.environ, "PYTHONHASHSEED": "7" if sys.flags.hash_randomization else "random"}
    said = subprocess.run(
        [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True
    )
    assert said.stdout.strip() == fingerprint(life(3, scale=0.01))


def test_keys_are_unique_and_the_order_is_that_of_time() -> None:
    world = life(1)
    keys = [act.key for act in world.acts]
    assert len(set(keys)) == len(keys)
    assert all(len(key) <= 100 for key in keys)
    moments = [act.known for act in world.acts]
    assert moments == sorted(moments)
    assert moments[0].date() == world.start
    assert moments[-1].date() == TODAY
    assert (moments[-1].hour, moments[-1].minute) <= (10, 32)


@pytest.mark.parametrize(("seed", "scale"), [(1, 0.3), (2, 0.3), (3, 0.05), (4, 1.0)])
def test_things_move_in_the_order_in_which_they_were_thought_of(seed: int, scale: float) -> None:
    """Phases of a day are simulated one after the other; their hours must not overlap for one and the same thing."""
    last: dict[int, tuple[int, str]] = {}
    for act in life(seed, scale=scale).acts:
        for move in act.moves:
            before = last.get(id(move.thing), (-1, ""))
            assert before[0] < act.order, (before[1], act.key)
            last[id(move.thing)] = (act.order, act.key)


def test_some_of_it_is_written_down_later_and_nothing_before_it_happened() -> None:
    """At night, and while a campus had no network: known later than it happened, and before the demo's own morning."""
    world = life(1, scale=0.3)
    late = [act for act in world.acts if act.recorded]
    assert all(act.recorded and act.at < act.recorded for act in late)
    days = {(act.recorded.date() - act.at.date()).days for act in late if act.recorded}
    assert 1 in days
    assert len(late) > 20
    assert max(act.known for act in world.acts).date() == TODAY


def test_a_sunday_is_alive_too() -> None:
    world = life(1, today=date(2025, 6, 15))
    assert sum(act.at.date() == world.today for act in world.acts) > 5


@pytest.mark.parametrize("day", range(7))
def test_it_can_be_told_on_any_day_of_the_week(day: int) -> None:
    """Working days that a tale needs may hold a weekend; nothing of it may fall into the rest of the last day."""
    today = TODAY + timedelta(days=day)
    world = life(1, today=today, scale=0.01)
    assert max(scene.at for scene in world.scenes).date() == today
