"""Real threads on a committed database. Beside each race stands its control: the same race with the guard taken away,
which must go wrong - or the race would prove nothing."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from tests.ledger.ways import levels, walk
from tests.makers import Hospital, hospital, unique
from tests.postgres import TestDatabases
from tests.races.crowd import at_once, codes, owner, rewrite
from yanji.catalog.models import Item
from yanji.ledger import post as post_module
from yanji.ledger.api import (
    LotQuantity,
    NewQuantity,
    Refused,
    Step,
    correct,
    durable,
    life_line,
    on_hand,
    post,
    post_together,
    rebuild,
    sequence,
    unit_view,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROUNDS = 25


def scan_twice(house: Hospital, epc: str) -> list[Any]:
    """Two people take the same unit to two places at the same moment."""
    bins = (house.bin, house.other_bin)
    drafts = [house.draft(Step.PUT_AWAY, epc, to=target) for target in bins]
    return at_once(*(lambda draft=draft: post(draft, actor=house.actor) for draft in drafts))


def use_twice(house: Hospital, epc: str) -> list[Any]:
    drafts = [house.draft(Step.USE, epc, documents={"case": case, "patient": "P"}) for case in ("C1", "C2")]
    return at_once(*(lambda draft=draft: post(draft, actor=house.actor) for draft in drafts))


def without_the_chain(databases: TestDatabases) -> None:
    """Neither the check that a unit has not moved since it was read, nor the unique links of its chain."""
    with owner(databases) as made:
        made.execute("ALTER TABLE ledger_movement DROP CONSTRAINT IF EXISTS movement_chain")
        made.execute("DROP INDEX IF EXISTS movement_chain")
        rewrite(made, "ledger_write_units", "AND u.seq = n.seq - 1", "")
        rewrite(made, "ledger_write_unit", "AND u.seq = p_seq - 1", "")


def test_of_two_uses_one_wins() -> None:
    house = hospital()
    for epc in house.stocked(ROUNDS):
        assert codes(use_twice(house, epc)) == ["already_used", "done"]
        assert [passage.step for passage in life_line(epc)].count(Step.USE) == 1
    assert rebuild() == []


def test_of_two_picks_one_wins_and_the_other_is_told_why() -> None:
    """Also where the winner took the unit elsewhere: the loser must not lose sight of it."""
    house = hospital()
    for epc in walk(house, (Step.RECEIVE, Step.ACCEPT, Step.PICK), ROUNDS):
        drafts = [house.draft(Step.ISSUE, epc) for _ in range(2)]
        results = at_once(*(lambda draft=draft: post(draft, actor=house.actor) for draft in drafts))
        assert codes(results) == ["done", "wrong_status"]
    assert rebuild() == []


def test_the_loser_inside_a_longer_act_is_told_why_as_well() -> None:
    """A flow's own transaction posts with locks: whoever waits must still see where the unit has gone."""
    house = hospital()

    def in_a_flow(draft: Any) -> Any:
        with transaction.atomic():
            return post(draft, actor=house.actor)

    for epc in walk(house, (Step.RECEIVE, Step.ACCEPT, Step.PICK), ROUNDS):
        drafts = [house.draft(Step.ISSUE, epc) for _ in range(2)]
        results = at_once(*(lambda draft=draft: in_a_flow(draft) for draft in drafts))
        assert codes(results) == ["done", "wrong_status"]
    assert rebuild() == []


def test_two_put_away_at_once_leave_one_chain() -> None:
    house = hospital()
    for epc in house.stocked(ROUNDS):
        assert codes(scan_twice(house, epc)) == ["done", "done"]
        assert [passage.seq for passage in life_line(epc)] == [1, 2, 3, 4]
    assert rebuild() == []


def test_control_without_the_chain_two_win(databases: TestDatabases) -> None:
    """Without the check and the chain both scans write the same link: units, levels and history part ways."""
    house = hospital()
    without_the_chain(databases)
    for epc in house.stocked(4 * ROUNDS):
        scan_twice(house, epc)
        if rebuild():
            return
    pytest.fail("the control stayed sound: the race above proves nothing")


@contextmanager
def without_locks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    real = post_module.read_state
    with monkeypatch.context() as patched:
        patched.setattr(post_module, "read_state", lambda drafts, *, lock: real(drafts, lock=False))
        yield


def transfers(house: Hospital, epcs: list[str]) -> list[tuple[Any, Any]]:
    """Drafts that carry units of many lots to and fro between two bins, in opposite order of lines."""
    half = len(epcs) // 2
    house.do(Step.PUT_AWAY, *epcs[:half], to=house.bin)
    house.do(Step.PUT_AWAY, *epcs[half:], to=house.other_bin)
    there = [house.draft(Step.PUT_AWAY, *epcs[:half], to=house.other_bin)]
    back = [house.draft(Step.PUT_AWAY, *reversed(epcs[half:]), to=house.bin)]
    return list(zip(there, back, strict=True))


def several_lots(house: Hospital, lots: int, each: int) -> list[str]:
    return [epc for number in range(lots) for epc in house.stocked(each, lot=f"L{number}")]


def test_opposing_transfers_over_shared_levels_never_deadlock() -> None:
    house = hospital()
    epcs = several_lots(house, 8, 4)
    for turn in range(8):
        for one, other in transfers(house, epcs if turn % 2 else epcs[::-1]):
            results = at_once(
                lambda draft=one: post(draft, actor=house.actor),
                lambda draft=other: post(draft, actor=house.actor),
            )
            assert codes(results) == ["done", "done"]
        assert sum(levels(house).values()) == len(epcs)
        house.do(Step.PUT_AWAY, *epcs, to=house.store)
    assert rebuild() == []


def test_opposing_transfers_of_the_same_units_conserve_them() -> None:
    """Both want the same units, named in opposite order: they take turns, in whatever order."""
    house = hospital()
    epcs = several_lots(house, 4, 5)
    for _ in range(10):
        there = house.draft(Step.PUT_AWAY, *epcs, to=house.bin)
        back = house.draft(Step.PUT_AWAY, *reversed(epcs), to=house.other_bin)
        results = at_once(
            lambda draft=there: post(draft, actor=house.actor),
            lambda draft=back: post(draft, actor=house.actor),
        )
        assert codes(results) == ["done", "done"]
        places = {unit_view(epc).place_id for epc in epcs}
        assert len(places) == 1
        house.do(Step.PUT_AWAY, *epcs, to=house.store)
    assert sum(levels(house).values()) == len(epcs)
    assert rebuild() == []


def test_control_levels_locked_in_no_order_deadlock(databases: TestDatabases) -> None:
    """Levels changed in the order of the lines, by one statement each, meet in a deadlock that the database reports."""
    house = hospital()
    house.do(Step.PUT_AWAY, *several_lots(house, 20, 1), to=house.bin)
    [(place,)] = {(house.bin.pk,)}
    deadlocks = 0

    def touch(order: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM ledger_level WHERE place_id = %s AND quantity > 0", [place])
            found = sorted((row[0] for row in cursor.fetchall()), reverse=order == "DESC")
            for level in found:
                cursor.execute("UPDATE ledger_level SET quantity = quantity WHERE id = %s", [level])

    for _ in range(20):
        deadlocks += codes(at_once(lambda: touch("ASC"), lambda: touch("DESC"))).count("OperationalError")
        if deadlocks:
            return
    pytest.fail("opposite orders never met: the race above proves nothing")


def test_one_key_from_eight_threads_is_done_once() -> None:
    house = hospital()
    for epc in house.stocked(8):
        draft = house.draft(Step.USE, epc)
        results = at_once(*[lambda draft=draft: post(draft, actor=house.actor)] * 8)
        assert codes(results) == ["done"] * 8
        assert len({result.event_id for result in results}) == 1
        assert sum(not result.repeated for result in results) == 1
        assert unit_view(epc).seq == 3
    assert rebuild() == []


def test_several_acts_of_one_set_of_keys_are_done_once() -> None:
    """Whoever waited for the locks of the first is told what the first did, not that the things are gone."""
    house = hospital()

    @durable
    def of_a_flow(drafts: list[Any]) -> Any:
        return post_together([(draft, house.actor) for draft in drafts])

    for epc in house.stocked(ROUNDS):
        drafts = [house.draft(Step.PICK, epc), house.draft(Step.PICK, *house.stocked(1))]
        results = at_once(*[lambda drafts=drafts: of_a_flow(drafts)] * 4)
        assert codes(results) == ["done"] * 4
        assert len({tuple(each.event_id for each in result) for result in results}) == 1
        assert [passage.step for passage in life_line(epc)].count(Step.PICK) == 1
    assert rebuild() == []


def test_control_without_unique_keys_an_act_happens_twice(databases: TestDatabases) -> None:
    house = hospital()
    with owner(databases) as made:
        made.execute("ALTER TABLE ledger_event DROP CONSTRAINT event_key_unique")
    for _ in range(ROUNDS):
        draft = house.draft(Step.RECEIVE, NewQuantity(lot_item(), Decimal(1)))
        results = at_once(*[lambda draft=draft: post(draft, actor=house.actor)] * 8)
        if len({result.event_id for result in results if not isinstance(result, Exception)}) > 1:
            return
    pytest.fail("the control stayed sound: the race above proves nothing")


def test_two_receipts_of_one_new_identity() -> None:
    house = hospital()
    for _ in range(ROUNDS):
        unit = house.unit(lot=unique("L"))
        drafts = [house.draft(Step.RECEIVE, unit, house.unit()) for _ in range(2)]
        results = at_once(*(lambda draft=draft: post(draft, actor=house.actor) for draft in drafts))
        assert codes(results) == ["done", "duplicate_identity"]
        assert unit_view(unit.epc).seq == 1
    assert rebuild() == []


def test_control_without_unique_identities_a_unit_arrives_twice(databases: TestDatabases) -> None:
    house = hospital()
    with owner(databases) as made:
        made.execute(
            "ALTER TABLE ledger_unit DROP CONSTRAINT unit_epc_unique, DROP CONSTRAINT unit_serial_unique"
        )
    for _ in range(ROUNDS):
        unit = house.unit()
        drafts = [house.draft(Step.RECEIVE, unit) for _ in range(2)]
        results = at_once(*(lambda draft=draft: post(draft, actor=house.actor) for draft in drafts))
        if codes(results) == ["done", "done"]:
            return
    pytest.fail("the control stayed sound: the race above proves nothing")


def lot_item() -> int:
    return Item.objects.create(
        code=unique("LOT"), name_zh="缝线", tracking="lot", temperature_class="room"
    ).pk


def sellers(house: Hospital, quantity: int) -> tuple[int, list[Callable[[], Any]]]:
    """A lot of ten pieces, and four people who each want the same number of it at once."""
    item = lot_item()
    house.do(Step.RECEIVE, NewQuantity(item, Decimal(10), "L1", cost=Decimal("1.01")))
    [stock] = on_hand(paths=[house.campus.path], item_id=item)
    assert stock.lot_id
    house.do(Step.ACCEPT, LotQuantity(stock.lot_id, Decimal(10), house.store.pk))
    drafts = [
        house.draft(Step.PICK, LotQuantity(stock.lot_id, Decimal(quantity), house.store.pk)) for _ in range(4)
    ]
    return item, [lambda draft=draft: post(draft, actor=house.actor) for draft in drafts]


def test_a_lot_is_not_sold_twice() -> None:
    house = hospital()
    for _ in range(10):
        item, acts = sellers(house, 4)
        results = at_once(*acts)
        assert codes(results) == ["done", "done", "not_enough", "not_enough"]
        for refused in results:
            if isinstance(refused, Refused):
                assert refused.offences[0].facts["available"] in ("2", "6", "10")
        found = {stock.status: stock.quantity for stock in on_hand(paths=[house.campus.path], item_id=item)}
        assert found == {"picked": 8, "available": 2}
    assert rebuild() == []


def test_control_without_locks_and_check_a_lot_is_oversold(
    databases: TestDatabases, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = hospital()
    with owner(databases) as made:
        made.execute("ALTER TABLE ledger_level DROP CONSTRAINT level_not_negative")
    with without_locks(monkeypatch):
        for _ in range(ROUNDS):
            _, acts = sellers(house, 4)
            if codes(at_once(*acts)).count("done") > 2:
                return
    pytest.fail("the control stayed sound: the race above proves nothing")


def test_one_entry_is_taken_back_once() -> None:
    """A quantity has no chain to stop the second correction; the event that it names has."""
    house = hospital()
    for _ in range(10):
        posted = house.do(Step.RECEIVE, NewQuantity(lot_item(), Decimal(10)))
        results = at_once(
            *[
                lambda posted=posted: correct(posted.event_id, key=unique("c"), reason="r", actor=house.actor)
            ] * 3
        )  # fmt: skip
        assert codes(results) == ["already_corrected", "already_corrected", "done"]
    assert rebuild() == []


def test_a_reservation_and_a_pick_for_another() -> None:
    from datetime import timedelta

    from django.utils import timezone

    house = hospital()
    for epc in house.stocked(ROUNDS):
        until = timezone.now() + timedelta(hours=1)
        drafts = [
            house.draft(Step.RESERVE, epc, reserved_for="REQ1", until=until),
            house.draft(Step.PICK, epc, documents={"requisition": "REQ2"}),
        ]
        results = codes(at_once(*(lambda draft=draft: post(draft, actor=house.actor) for draft in drafts)))
        assert results in (["done", "reserved"], ["done", "wrong_status"])
    assert rebuild() == []


def test_sequencers_leave_no_gap() -> None:
    """Positions are counted by several processes at once while others post."""
    house = hospital()
    epcs = house.stocked(40)
    keys = itertools.cycle([house])
    results = at_once(
        *(lambda epc=epc: post(next(keys).draft(Step.PICK, epc), actor=house.actor) for epc in epcs[:8]),
        *([sequence] * 4),
    )
    assert "OperationalError" not in codes(results)
    sequence()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(position), min(position) FROM ledger_log")
        count, last, first = cursor.fetchone()
    assert (first, last) == (1, count)
