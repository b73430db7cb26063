"""The duties that nobody asks for: each does its work, and says when it is due again."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from tests.makers import hospital
from yanji.flows.counting.models import ItemClass
from yanji.host import duties
from yanji.ledger import replays
from yanji.ledger.api import Replayed, Step, entries, last_replay, reserve, unit_view
from yanji.ledger.models import Pending, Replay, Unit

pytestmark = pytest.mark.django_db


def test_what_was_committed_gets_its_position() -> None:
    before = len(entries())
    hospital().stocked()
    now = timezone.now()
    assert now < duties.give_positions(now) <= now + timedelta(seconds=5)
    assert len(entries()) == before + 2
    assert not Pending.objects.exists()


def test_a_lapsed_reservation_is_written_down_by_the_system() -> None:
    here = hospital()
    [lapsed, kept] = here.stocked(2)
    now = timezone.now()
    reserve([lapsed], reserved_for="R1", until=now + timedelta(minutes=5), key="lapses", actor=here.actor)
    reserve([kept], reserved_for="R2", until=now + timedelta(hours=5), key="holds", actor=here.actor)
    duties.end_reservations(now + timedelta(minutes=4))
    assert unit_view(lapsed).status == "reserved"
    duties.end_reservations(now + timedelta(minutes=5))
    assert (unit_view(lapsed).status, unit_view(kept).status) == ("available", "reserved")


def test_the_replay_runs_in_the_night_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs: list[int] = []
    nothing = Replayed(timezone.now(), 0.1, 0, [])
    monkeypatch.setattr(duties, "replay_all", lambda: runs.append(1) or nothing)
    noon = timezone.now().astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=12)
    due = duties.replay(noon)
    assert not runs
    assert due.astimezone(noon.tzinfo).hour == duties.REPLAY_HOUR
    assert noon < due < noon + timedelta(days=1)
    assert duties.replay(due) == due + timedelta(days=1)
    assert len(runs) == 1


def test_what_the_night_found_is_kept_for_whoever_looks_in_the_morning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = hospital()
    [epc] = here.stocked()
    night = timezone.localtime(timezone.now()).replace(hour=duties.REPLAY_HOUR)
    duties.replay(night)
    found = last_replay()
    assert found is not None
    assert (found.differences, found.drift) == (0, [])
    Unit.objects.filter(epc=epc).update(status="lost")
    duties.replay(night)
    found = last_replay()
    assert found is not None
    assert epc in {drift.thing for drift in found.drift}
    assert found.differences == len(found.drift) > 0
    assert f"drift in unit_state: {epc}" in capsys.readouterr().err


def test_only_the_latest_replays_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "KEPT", 2)
    for _ in range(4):
        replays.replay()
    assert Replay.objects.count() == 2


def test_the_replay_has_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[str] = []

    def look() -> list[object]:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            limits.append(cursor.fetchone()[0])
        return []

    monkeypatch.setattr(replays, "rebuild", look)
    replays.replay()
    assert limits == ["10min"]


def test_items_are_classed_in_the_night_only() -> None:
    here = hospital()
    [epc] = here.stocked()
    here.do(Step.USE, epc)
    night = timezone.localtime(timezone.now()).replace(hour=duties.REPLAY_HOUR) + timedelta(days=1)
    due = duties.class_items(night + timedelta(hours=9))
    assert not ItemClass.objects.exists()
    assert timezone.localtime(due).hour == duties.REPLAY_HOUR
    assert duties.class_items(night) > night
    [row] = ItemClass.objects.all()
    assert (row.campus_id, row.item_id, row.abc) == (here.campus.pk, here.item.pk, "A")
