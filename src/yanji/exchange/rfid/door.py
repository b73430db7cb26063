"""The contact of a cabinet's door, wired to an input of its reader: opened and closed, and what lies inside once it is closed."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from yanji.access.actor import Actor, system_actor
from yanji.access.operations import Operation
from yanji.flows.cabinets.report import (
    as_at_the_last_closing,
    as_recorded,
    door_closed,
    door_opened,
    stands_open,
)
from yanji.flows.rfid.heard import mishear
from yanji.flows.rfid.models import Passage, Reader

# Two signs of life after the door was closed, the reader has read for a whole interval between two of them; and what it sent
# before them is in the database, however long that was away.
BEATS = 2
SETTLING = timedelta(
    seconds=1
)  # a hand that closes the door may hold what was taken into the field for so long
AWAY = (OperationalError, InterfaceError)
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Door:
    """``write`` does something in the database, however long that takes. ``found``: nobody told it, it was so when we came."""

    reader: Reader
    write: Callable[..., Awaitable[None]]
    _closed_at: datetime | None = None
    _found: bool = False
    _waits: int = 0

    async def heard(self, high: bool, at: datetime, *, found: bool = False) -> None:
        """The input is high or low now."""
        if high == self.reader.door_open_high:
            # Opened again before anybody could look: one visit, and of two people nobody's.
            self._closed_at = None
            await self.write(_safely, self.reader, "opened", at, found)
        else:
            self._closed_at, self._found, self._waits = at, found, BEATS

    async def beat(self) -> None:
        """The reader gave a sign of life."""
        if self._closed_at is None:
            return
        self._waits -= 1
        if self._waits == 0:
            closed_at, self._closed_at = self._closed_at, None
            await self.write(_safely, self.reader, "closed", closed_at, self._found)


def _safely(reader: Reader, what: str, at: datetime, found: bool) -> None:
    """What the rules refuse, or nobody foresaw, is kept for review: the reader is listened to all the same."""
    try:
        _opened(reader, at, found) if what == "opened" else _closed(reader, at, found)
    except AWAY:
        raise
    except Exception as error:
        log.exception("the door of reader %s could not be taken", reader.pk)
        mishear(reader.pk, f"door {what} {at.isoformat()}", str(error) or type(error).__name__)


def _opened(reader: Reader, at: datetime, found: bool) -> None:
    if found and stands_open(reader.place_id):
        return
    door_opened(
        actor=_device(reader),
        key=_key(reader, "opened", at),
        cabinet_id=reader.place_id,
        happened_at=_past(at),
    )


def _closed(reader: Reader, at: datetime, found: bool) -> None:
    """What was read since then lies inside. A door that was found closed is news only where it was left open, or where something
    else lies inside than is recorded and than was seen at the last closing: then somebody was there while nobody listened."""
    inside = Passage.objects.filter(reader=reader, last_at__gte=at + SETTLING)
    tags = sorted(set(inside.values_list("epc", flat=True)))
    if found and not stands_open(reader.place_id) and _no_news(reader, tags):
        return
    door_closed(
        actor=_device(reader), key=_key(reader, "closed", at), cabinet_id=reader.place_id, tags=tags, happened_at=_past(at)
    )  # fmt: skip


def _no_news(reader: Reader, tags: list[str]) -> bool:
    return as_at_the_last_closing(reader.place_id, tags) or as_recorded(reader.place, tags)


def _device(reader: Reader) -> Actor:
    return replace(system_actor([Operation.SENSE]), device=reader.name)


def _key(reader: Reader, what: str, at: datetime) -> str:
    return f"rfid:{reader.pk}:{what}:{at.isoformat()}"


def by_our_clock(at: datetime | None, ahead: timedelta) -> datetime:
    """When it happened, comparable with what the same reader reads; one without a clock tells it as it happens."""
    return at - ahead if at else timezone.now()


def _past(at: datetime) -> datetime:
    """A clock that is a little fast is not put right; its news is not of what is to come."""
    return min(at, timezone.now())
