"""Listens to every reader that the hospital has entered, and hands what they say to the flows."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from yanji.access.actor import system_actor
from yanji.access.operations import Operation
from yanji.flows.cabinets.report import door_closed, door_opened
from yanji.flows.rfid.heard import alive, close_what_is_gone, hear, lost, mishear
from yanji.flows.rfid.models import Reader
from yanji.flows.rfid.sightings import Read
from yanji.flows.rfid.why_lost import BROKER, NO_BROKER
from yanji.ledger.api import Refused

from .door import Door, by_our_clock
from .llrp import Happening, TagRead
from .llrp.client import Listening, Setup, listen
from .llrp.orders import KEEPALIVE_SECONDS
from .mqtt import Broker
from .payload import BadPayload, Said, parse
from .trust import trusting

LOOK_SECONDS = 2.0  # how soon a reader that was entered is listened to
SIGN_SECONDS = 30.0
# A reader whose clock is further off is put right by what it said when it greeted us.
CLOCK_SLACK = timedelta(seconds=1)
AWAY = (OperationalError, InterfaceError)
log = logging.getLogger(__name__)
T = TypeVar("T")
Tasks = dict[tuple[int, str, str], asyncio.Task[None]]
# What a reader is connected to anew for, when somebody changes it: how it is spoken to, and what its entries name.
KNOWN_OF_IT = attrgetter("inside", "outside", "tls", "door_input", "door_open_high", "name", "place.path")


async def listen_to_all(address: str = "", authorities: str = "") -> None:
    """Listen until cancelled. Readers that are entered, changed or taken off meanwhile are followed within seconds.

    ``address``: the MQTT broker's, where there is one. ``authorities``: a file with those that sign certificates of readers and
    of the broker, besides those that this machine trusts. Read once. Raises OSError where it holds none.
    """
    trusted = trusting(authorities)
    broker = Broker(address, _heard_over_mqtt, trusted) if address else None
    if broker:
        broker.start()
    tasks: Tasks = {}
    try:
        while True:
            try:
                readers = await _in_database(
                    lambda: list(Reader.objects.filter(active=True).select_related("place"))
                )
                _follow(readers, tasks, trusted)
                over_mqtt = [each for each in readers if each.protocol == Reader.Protocol.MQTT]
                if broker:
                    broker.follow({each.address for each in over_mqtt})
                await _tell_of_broker(over_mqtt, broker)
                await _in_database(lambda: close_what_is_gone(timezone.now()))
            except DatabaseError:
                log.exception("the database is away")
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        if broker:
            broker.stop()


async def _tell_of_broker(readers: Sequence[Reader], broker: Broker | None) -> None:
    """Let the page of each reader that speaks over MQTT say why none is heard, and no more when the broker is there again."""
    because = f"{BROKER}{broker.why}"[:200] if broker and broker.why else "" if broker else NO_BROKER
    for reader in readers:
        if because and reader.lost_because != because:
            await _in_database(partial(lost, reader.pk, because))
        elif broker and broker.connected and reader.lost_because.startswith((BROKER, NO_BROKER)):
            await _in_database(partial(lost, reader.pk, ""))


async def _in_database(act: Callable[[], T]) -> T:
    """Do something in the database, whose connection is given back at once: readers are silent most of the time."""
    return await sync_to_async(_given_back)(act)


def _given_back(act: Callable[[], T]) -> T:
    try:
        return act()
    finally:
        connection.close()


def _follow(readers: Sequence[Reader], tasks: Tasks, trusted: ssl.SSLContext) -> None:
    """A task for each reader that speaks LLRP, as it is entered now; one that ended is begun again."""
    wanted = {
        (each.pk, each.address, repr(KNOWN_OF_IT(each))): each
        for each in readers
        if each.protocol == Reader.Protocol.LLRP
    }
    for gone in [key for key, task in tasks.items() if key not in wanted or task.done()]:
        tasks.pop(gone).cancel()
    for key, reader in wanted.items():
        if key not in tasks:
            tasks[key] = asyncio.create_task(_Ear(reader, trusted).listen())


class _Ear:
    """Listens to one reader that speaks LLRP."""

    def __init__(self, reader: Reader, trusted: ssl.SSLContext) -> None:
        host, _colon, port = reader.address.rpartition(":")
        self._id = reader.pk
        self._setup = Setup(
            host, int(port), antennas=sorted([*reader.inside, *reader.outside]), keepalive=KEEPALIVE_SECONDS,
            tls=trusted if reader.tls else None, door=reader.door_input,
        )  # fmt: skip
        self._door = Door(reader, self._written)
        self._ahead = timedelta(0)
        self._connected = False

    async def listen(self) -> None:
        sign = asyncio.create_task(self._say_alive())
        try:
            await listen(self._setup, Listening(self._keep, self._tell, self._lost, self._door.beat))
        finally:
            sign.cancel()

    async def _say_alive(self) -> None:
        """A gate that nobody passes is not silent: its connection stands."""
        while True:
            await asyncio.sleep(SIGN_SECONDS)
            if self._connected:
                await self._written(alive, self._id)

    async def _tell(self, happening: Happening) -> None:
        if happening.kind == "connected":
            ahead = happening.at - datetime.now(UTC) if happening.at else timedelta(0)
            self._ahead = ahead if abs(ahead) > CLOCK_SLACK else timedelta(0)
            self._connected = True
            await self._written(alive, self._id)
        elif happening.kind in ("input_high", "input_low"):
            if happening.number == self._setup.door:
                at = by_our_clock(happening.at, self._ahead)
                await self._door.heard(happening.kind == "input_high", at, found=happening.found)
        elif happening.kind in ("antenna_off", "overflown", "trouble"):
            await self._written(mishear, self._id, repr(happening), happening.kind)

    async def _lost(self, why: str) -> None:
        self._connected = False
        await self._written(lost, self._id, why)

    async def _keep(self, reads: Sequence[TagRead]) -> None:
        now = datetime.now(UTC)
        await self._written(hear, self._id, [read for each in reads for read in self._as_reads(each, now)])

    def _as_reads(self, tag: TagRead, now: datetime) -> list[Read]:
        """When it came and when it was last there, by our clock; a reader without a clock saw it now."""
        first = tag.first - self._ahead if tag.first else now
        last = tag.last - self._ahead if tag.last else first
        if tag.count == 1 or last <= first:
            return [Read(tag.epc, tag.antenna, first, tag.rssi, tag.count)]
        half = tag.count // 2
        return [
            Read(tag.epc, tag.antenna, first, tag.rssi, tag.count - half),
            Read(tag.epc, tag.antenna, last, tag.rssi, half),
        ]

    async def _written(self, write: Callable[..., object], *arguments: object) -> None:
        """Write to the database, however long it is away: until then, the reader keeps what it reads."""
        while True:
            try:
                await _in_database(partial(write, *arguments))
            except AWAY:
                log.exception("reader %s has to wait: the database is away", self._id)
                await asyncio.sleep(LOOK_SECONDS)
            except DatabaseError as error:
                # Asked again, it would be refused again: a memory that is too long, say.
                await self._written(mishear, self._id, repr(arguments[1:]), str(error))
                return
            else:
                return


def _heard_over_mqtt(topic: str, payload: bytes) -> None:
    _given_back(lambda: _said_on(topic, payload))


def _said_on(topic: str, payload: bytes) -> None:
    """One message of a reader; what nobody can take is kept for review, and only a database that is away lets it wait."""
    mqtt = Reader.Protocol.MQTT
    reader = Reader.objects.filter(protocol=mqtt, address=topic, active=True).select_related("place").first()
    if reader is None:
        return  # Taken off while the message was on its way.
    try:
        _take(reader, parse(payload, now=timezone.now()))
    except AWAY:
        raise
    except Exception as error:
        if not isinstance(error, BadPayload | Refused):
            log.exception("a message of reader %s could not be taken", reader.pk)
        mishear(reader.pk, payload.decode("utf-8", "replace"), str(error) or type(error).__name__)
    alive(reader.pk)


def _take(reader: Reader, said: Said) -> None:
    """Passages, and what the door of a cabinet did: once, however often the message comes."""
    heard = hear(reader.pk, said.reads, message=said.message, said_at=said.at if said.timed else None)
    if heard is None and not said.timed:
        raise BadPayload(
            f"message {said.message} does not follow: sent twice, or the reader counts anew without a clock"
        )
    if not said.door:
        return
    actor = replace(system_actor([Operation.SENSE]), device=reader.name)
    key = f"rfid:{reader.pk}:{said.message or said.at.isoformat()}"
    if said.door == "opened":
        door_opened(actor=actor, key=key, cabinet_id=reader.place_id, badge=said.badge, happened_at=said.at)
    else:
        door_closed(
            actor=actor, key=key, cabinet_id=reader.place_id, tags=said.tags, badge=said.badge, happened_at=said.at
        )  # fmt: skip
