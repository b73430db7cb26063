"""Runs the replay of all movements, and keeps what it found: drift that only a log file saw would be seen by nobody."""

import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from .models import Replay
from .rebuild import Drift, rebuild

# Grows with the history: 0.7 s for 124,000 movements, about half a minute for six million. A page's statement may take
# no more than that, so the replay has a limit of its own.
LIMIT = timedelta(minutes=10)
KEPT = 100
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Replayed:
    """One replay: when it ended, how long it took, how many differences it found, and the first of them."""

    at: datetime
    seconds: float
    differences: int
    drift: list[Drift]


def replay() -> Replayed:
    """Replay the whole history and keep what differs; raises OperationalError where it takes longer than LIMIT."""
    begun = time.monotonic()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{LIMIT.seconds}s"])
        found = rebuild()
        kept = Replay.objects.create(
            at=timezone.now(),
            seconds=round(time.monotonic() - begun, 3),
            differences=len(found),
            drift=[asdict(each) for each in found[:SHOWN]],
        )
        old = Replay.objects.order_by("-pk").values("pk")[KEPT:]
        Replay.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    return _shown(kept)


def last_replay() -> Replayed | None:
    """What the latest replay found, be it the night's or one that somebody asked for; None before the first."""
    kept = Replay.objects.order_by("-pk").first()
    return _shown(kept) if kept else None


def _shown(kept: Replay) -> Replayed:
    return Replayed(kept.at, kept.seconds, kept.differences, [Drift(**each) for each in kept.drift])
