"""The log's readers: every event once, in commit order, never losing their place."""

import threading
from collections.abc import Sequence

import pytest
from django.db import connection, transaction

from tests.makers import Hospital, hospital
from tests.patience import PATIENCE
from yanji.ledger.api import Entry, Step, entries, follow, post, sequence

pytestmark = pytest.mark.django_db


def posted(house: Hospital, count: int) -> list[str]:
    return [house.do(Step.PICK, epc).event_id for epc in house.stocked(count)]


def last_position() -> int:
    sequence()
    return max((entry.position for entry in entries(limit=100_000)), default=0)


def test_a_reader_sees_every_event_once_and_remembers() -> None:
    house = hospital()
    wanted = posted(house, 5)
    seen: list[str] = []

    def handle(found: Sequence[Entry]) -> None:
        seen.extend(entry.event_id for entry in found)

    while follow("reader", handle, limit=3):
        pass
    assert [event for event in seen if event in wanted] == wanted
    assert len(seen) == len(set(seen))
    assert follow("reader", handle) == 0
    more = posted(house, 1)
    seen.clear()
    follow("reader", handle)
    assert seen[-1:] == more


def test_readers_do_not_disturb_each_other() -> None:
    house = hospital()
    posted(house, 2)
    counts = dict.fromkeys(("one", "other"), 0)
    for name in counts:
        while found := follow(name, lambda _: None):
            counts[name] += found
    assert counts["one"] == counts["other"] > 0


def test_a_handler_that_raises_is_given_the_same_again() -> None:
    house = hospital()
    posted(house, 2)
    first: list[str] = []

    def fails(found: Sequence[Entry]) -> None:
        first.extend(entry.event_id for entry in found)
        raise ConnectionError("the other side is down")

    with pytest.raises(ConnectionError), transaction.atomic():
        follow("reader", fails)
    again: list[str] = []
    follow("reader", lambda found: again.extend(entry.event_id for entry in found))
    assert again == first != []


def test_positions_are_gapless_and_resumable() -> None:
    house = hospital()
    posted(house, 3)
    before = last_position()
    posted(house, 4)
    assert last_position() == before + 6  # four picks, and the receipt and acceptance of the four
    assert [entry.position for entry in entries(after=before)] == list(range(before + 1, before + 7))
    assert [entry.position for entry in entries(after=before, limit=2)] == [before + 1, before + 2]


def test_sequencing_again_gives_nothing_new() -> None:
    posted(hospital(), 2)
    sequence()
    assert sequence() == 0


@pytest.mark.django_db(transaction=True)
def test_an_act_not_yet_committed_is_not_passed_over() -> None:
    """One act stays open while others commit and are read; when it commits, the reader gets it - later, but surely."""
    house = hospital()
    slow, quick = house.stocked(2)
    last_position()
    opened, read = threading.Event(), threading.Event()
    events: dict[str, str] = {}

    def linger() -> None:
        try:
            with transaction.atomic():
                events["slow"] = house.do(Step.PICK, slow).event_id
                opened.set()
                read.wait(PATIENCE)
        finally:
            connection.close()

    thread = threading.Thread(target=linger)
    thread.start()
    assert opened.wait(PATIENCE)
    seen: list[str] = []

    def handle(found: Sequence[Entry]) -> None:
        seen.extend(entry.event_id for entry in found)

    # Of another lot: it shares no level with the one that lingers.
    events["quick"] = house.do(Step.RECEIVE, house.unit(lot="L9")).event_id
    follow("reader", handle)
    assert events["quick"] in seen
    assert events["slow"] not in seen
    read.set()
    thread.join(PATIENCE)
    follow("reader", handle)
    assert seen.index(events["slow"]) > seen.index(events["quick"])
    assert quick


@pytest.mark.django_db(transaction=True)
def test_an_act_that_waited_for_another_comes_after_it() -> None:
    """The second act on a unit waits for the first one's lock: its position is the later one, whoever began first."""
    house = hospital()
    for epc in house.stocked(10):
        holding, events = threading.Event(), list[str]()

        def first(epc: str = epc, holding: threading.Event = holding, events: list[str] = events) -> None:
            try:
                with transaction.atomic():
                    events.append(house.do(Step.PICK, epc).event_id)
                    holding.set()
                    threading.Event().wait(0.02)
            finally:
                connection.close()

        thread = threading.Thread(target=first)
        thread.start()
        assert holding.wait(PATIENCE)
        with transaction.atomic():
            events.append(post(house.draft(Step.UNPICK, epc), actor=house.actor).event_id)
        thread.join(PATIENCE)
        last_position()
        order = [entry.event_id for entry in entries(limit=100_000)]
        assert order.index(events[0]) < order.index(events[1])
        times = {entry.event_id: entry.recorded_at for entry in entries(limit=100_000)}
        assert times[events[0]] < times[events[1]]
