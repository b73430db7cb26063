"""What must happen without anybody asking: positions for the log, ends of reservations, the nightly replay, which
items deserve to be counted how often, who is told of what is open, and what was told long ago."""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from yanji.access.actor import system_actor
from yanji.access.operations import Operation
from yanji.flows.counting.abc import classify_all
from yanji.flows.reserving.ending import end_lapsed_lots
from yanji.ledger.api import end_lapsed_reservations, sequence
from yanji.ledger.api import replay as replay_all
from yanji.notify.forgetting import forget
from yanji.notify.kinds import KINDS
from yanji.notify.look import look

LOOK_SECONDS = 15
REPLAY_HOUR = 3  # local time: few scans, and the day's work is done


def give_positions(now: datetime) -> datetime:
    """Give positions to what was committed; returns when to do it again."""
    sequence()
    return now + timedelta(seconds=2)


def end_reservations(now: datetime) -> datetime:
    """Write down the end of reservations whose time is over; returns when to look again."""
    actor = system_actor({Operation.PICK})
    end_lapsed_reservations(actor=actor, now=now)
    end_lapsed_lots(actor=actor, now=now)
    return now + timedelta(minutes=1)


_looked: dict[str, datetime] = {}


def tell(now: datetime) -> datetime:
    """Look what is open, each kind as often as it asks for, and tell people; returns when to look again."""
    due = [
        code
        for code, kind in KINDS.items()
        if code not in _looked or _looked[code] + timedelta(seconds=kind.every) <= now
    ]
    look(now, due)
    _looked.update(dict.fromkeys(due, now))
    return now + timedelta(seconds=LOOK_SECONDS)


def replay(now: datetime) -> datetime:
    """Replay the history once a night and keep where the current state differs, for the administrator's first page
    and for the log; returns the next night."""
    if timezone.localtime(now).hour == REPLAY_HOUR:
        for drift in replay_all().drift:
            found = f"{drift.check}: {drift.thing}: {drift.recorded}, replayed {drift.replayed}"
            print(f"yanji: drift in {found}", file=sys.stderr, flush=True)
    return _next_night(now)


def class_items(now: datetime) -> datetime:
    """Compute the ABC classes of every campus once a night; returns the next night."""
    if timezone.localtime(now).hour == REPLAY_HOUR:
        classify_all(now)
    return _next_night(now)


def forget_told(now: datetime) -> datetime:
    """Remove at night, in batches, what was told long ago; returns when to go on."""
    more = timezone.localtime(now).hour == REPLAY_HOUR and forget(now)
    return now + timedelta(seconds=5) if more else _next_night(now)


def _next_night(now: datetime) -> datetime:
    tonight = timezone.localtime(now).replace(hour=REPLAY_HOUR, minute=0, second=0, microsecond=0)
    return tonight if tonight > now else tonight + timedelta(days=1)


DUTIES: tuple[Callable[[datetime], datetime], ...] = (
    give_positions,
    end_reservations,
    tell,
    replay,
    class_items,
    forget_told,
)
