"""The demo's time: what is imagined happened, and was written down, at imagined moments, and every clock tells those."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta, tzinfo
from unittest import mock

from django.utils import timezone

from yanji.ledger.wire import fetch

MORNING = timedelta(hours=10, minutes=30)  # nothing of the last day happens later
_TOLD: ContextVar[datetime | None] = ContextVar("told", default=None)


class Clock:
    """Real time for simulated time. Loaded early in the day, the last morning is squeezed into what there was of it."""

    def __init__(self, today: date, now: datetime) -> None:
        self.midnight = datetime.combine(today, time(), timezone.get_default_timezone())
        self.share = min(1.0, max(0.0, (now - self.midnight) / MORNING))

    def __call__(self, at: datetime) -> datetime:
        if at < self.midnight or at > self.midnight + MORNING:
            return at
        return self.midnight + (at - self.midnight) * self.share

    def strike(self, at: datetime) -> datetime:
        """From here on every clock tells this moment: the ledger's until the commit, Python's until :func:`imagined` ends."""
        told = self(at)
        _TOLD.set(told)
        fetch("SELECT set_config('yanji.now', %s, true)", (told.isoformat(),))
        return told


class _Imagined(datetime):
    """What Django asks for the time of day; without an imagined moment the machine's own clock answers."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        told = _TOLD.get()
        return datetime.now(tz) if told is None else told.astimezone(tz)


@contextmanager
def imagined() -> Iterator[None]:
    """While the demo is loaded, ``timezone.now`` tells the time that :meth:`Clock.strike` set.

    Replaced below ``timezone.now`` itself, because the models' defaults hold that very function.
    """
    token = _TOLD.set(None)
    try:
        with mock.patch.object(timezone, "datetime", _Imagined):
            yield
    finally:
        _TOLD.reset(token)
