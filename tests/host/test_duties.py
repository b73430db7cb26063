"""The duties that nobody asks for: each does its work, and says when it is due again."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.makers import hospital
from yanji.host import duties
from yanji.ledger.api import entries, reserve, unit_view
from yanji.ledger.models import Pending

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
    monkeypatch.setattr(duties, "rebuild", lambda: runs.append(1) or [])
    noon = timezone.now().astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=12)
    due = duties.replay(noon)
    assert not runs
    assert due.astimezone(noon.tzinfo).hour == duties.REPLAY_HOUR
    assert noon < due < noon + timedelta(days=1)
    assert duties.replay(due) == due + timedelta(days=1)
    assert len(runs) == 1
