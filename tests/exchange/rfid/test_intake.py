"""Readers that are entered are listened to, over LLRP and MQTT, with a real broker and a real database; nothing that they say
is lost when a connection, the broker, the listener or the database goes away."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from django.db import OperationalError, connection
from django.db.models import Sum
from paho.mqtt.enums import CallbackAPIVersion

from tests.exchange.rfid.loop import ran
from tests.exchange.rfid.mosquitto import Mosquitto
from tests.flows.site import Site, person, site
from tests.makers import place, unique
from tests.patience import PATIENCE
from yanji.access.actions import set_own_badge
from yanji.access.models import Person
from yanji.exchange.rfid import intake
from yanji.exchange.rfid.llrp import client as llrp_client
from yanji.exchange.rfid.llrp.simulated import SimulatedReader
from yanji.exchange.rfid.scenario import Publisher, carry
from yanji.flows.cabinets.models import DoorEvent
from yanji.flows.codes import add_code
from yanji.flows.putaway import put_away
from yanji.flows.rfid.models import Misheard, Passage, Reader
from yanji.flows.rfid.readers import enter_reader, set_reader_active
from yanji.ledger.models import Movement, Unit
from yanji.places.models import Kind

TAGS = [f"E2801160600002{number:010X}" for number in range(60)]
TOPIC = "rfid/main/dock"


@pytest.fixture
def here(transactional_db: Any) -> Site:
    return site()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llrp_client, "FIRST_WAIT", 0.05)
    monkeypatch.setattr(intake, "LOOK_SECONDS", 0.1)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    found = Mosquitto(tmp_path)
    found.start()
    yield found
    found.stop()


def entered(here: Site, address: str, **fields: Any) -> Reader:
    editor = here.actor(person("administrator", here.h.campus))
    plain = {"name": unique("门"), "kind": "gate", "protocol": "llrp", "inside": [2], "outside": [1]}
    plain |= {"place_id": here.h.store.pk}
    done = enter_reader(actor=editor, key=unique("k"), address=address, **{**plain, **fields})
    return Reader.objects.get(pk=done.id)


async def asked(act: Callable[[], Any]) -> Any:
    """What the database says, by a connection that does not outlive the question."""

    def ask() -> Any:
        try:
            return act()
        finally:
            connection.close()

    return await asyncio.to_thread(ask)


async def until(true: Callable[[], object]) -> None:
    """Wait for what the database will say."""

    async def look() -> None:
        while not await asked(true):
            await asyncio.sleep(0.05)

    await asyncio.wait_for(look(), PATIENCE)


def passed() -> int:
    return Passage.objects.count()


def told(expected: dict[str, int]) -> bool:
    """Whether the tags were read exactly so often."""
    return dict(Passage.objects.values_list("epc").annotate(Sum("count"))) == expected


def walk(steps: Callable[[], Any], address: str = "") -> None:
    """Do the steps while somebody listens."""

    async def all_of_it() -> None:
        task = asyncio.create_task(intake.listen_to_all(address))
        try:
            await steps()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    ran(all_of_it())


@contextmanager
def publishing(broker: Mosquitto, topic: str = TOPIC, authorities: str = "") -> Iterator[Publisher]:
    """A reader that speaks over the broker."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    if authorities:
        client.tls_set(ca_certs=authorities)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()

    async def publish(payload: bytes) -> None:
        sent = client.publish(topic, payload, qos=1)
        await asyncio.to_thread(sent.wait_for_publish, PATIENCE)

    try:
        yield Publisher(publish, count(1))
    finally:
        client.disconnect()
        client.loop_stop()


def test_a_trolley_through_a_gate_becomes_passages_with_their_direction(here: Site) -> None:
    reader = SimulatedReader()

    async def steps() -> None:
        server = await reader.serve()
        gate = await asked(lambda: entered(here, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        await until(lambda: reader.reading)
        await carry(reader, TAGS, "out", seconds=1.2)
        await until(lambda: passed() == len(TAGS) and not Passage.objects.filter(closed_at=None).exists())
        assert await asked(lambda: Reader.objects.get(pk=gate.pk).heard_at)
        server.close()

    walk(steps)
    assert {each.direction for each in Passage.objects.all()} == {"out"}
    assert {each.count for each in Passage.objects.all()} == {8}


def test_what_passes_while_the_listener_is_away_is_written_down_when_it_is_back(here: Site) -> None:
    reader = SimulatedReader()

    async def both() -> None:
        server = await reader.serve()
        await asked(lambda: entered(here, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        for trolleys in (0, 1, 2):
            task = asyncio.create_task(intake.listen_to_all())
            await until(lambda: reader.reading)
            expected = dict.fromkeys(TAGS, 8 * trolleys) if trolleys else {}
            await until(partial(told, expected))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await until(lambda: reader.client is None)
            await carry(reader, TAGS, "in", seconds=0.6)
        server.close()

    ran(both())
    assert len(reader.kept) == 8 * len(TAGS)


def test_a_reader_with_a_wrong_clock_is_put_right_by_its_greeting(here: Site) -> None:
    reader = SimulatedReader(clock=lambda: 86_400.0 * 365)

    async def steps() -> None:
        server = await reader.serve()
        await asked(lambda: entered(here, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        await until(lambda: reader.reading)
        reader.see(TAGS[0])
        await until(passed)
        server.close()

    walk(steps)
    passage = Passage.objects.get()
    assert abs((passage.recorded_at - passage.first_at).total_seconds()) < PATIENCE


def test_a_database_that_is_away_lets_reads_wait_and_loses_none(
    here: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, failed = SimulatedReader(), threading.Event()
    hear = intake.hear

    def first_fails(*arguments: Any, **fields: Any) -> int:
        if not failed.is_set():
            failed.set()
            raise OperationalError("away")
        return hear(*arguments, **fields)

    monkeypatch.setattr(intake, "hear", first_fails)

    async def steps() -> None:
        server = await reader.serve()
        await asked(lambda: entered(here, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        await until(lambda: reader.reading)
        await carry(reader, TAGS, "in", seconds=0.3)
        await until(partial(told, dict.fromkeys(TAGS, 8)))
        server.close()

    walk(steps)
    assert failed.is_set()


def test_messages_over_mqtt_survive_a_broker_that_stops_and_a_listener_that_is_away(
    here: Site, broker: Mosquitto
) -> None:
    gate = entered(here, TOPIC, protocol="mqtt")

    async def with_somebody_listening() -> None:
        await until(lambda: Reader.objects.get(pk=gate.pk).active)
        with publishing(broker) as publisher:
            # Subscribed once; from now on the broker keeps what comes for this session.
            while not await asked(passed):
                await publisher.carry(TAGS[:1], "in", seconds=0.5)
                await asyncio.sleep(0.2)

    walk(with_somebody_listening, broker.address)
    with publishing(broker) as publisher:
        publisher.numbers = count(1_000)
        ran(publisher.carry(TAGS[1:], "in", seconds=0.5))
    broker.stop()
    broker.start()
    assert passed() == 1

    async def back() -> None:
        await until(lambda: passed() == len(TAGS))

    walk(back, broker.address)
    assert {each.direction for each in Passage.objects.all()} == {"in"}


def test_a_cabinets_door_over_mqtt_enters_what_was_taken_for_who_opened_it(
    here: Site, broker: Mosquitto
) -> None:
    cabinet = place(Kind.CABINET, here.h.store)
    epcs = here.stocked(2)
    put_away(actor=here.keeper, key=unique("k"), things=epcs, to_place_id=cabinet.pk)
    for epc, tag in zip(epcs, TAGS, strict=False):
        add_code(actor=here.keeper, key=unique("k"), epc=epc, code=tag)
    nurse = person("nurse", here.h.department, password="Schrank-7-Station")
    Person.objects.filter(pk=nurse.pk).update(department=here.h.department)
    set_own_badge(actor=here.actor(nurse), password="Schrank-7-Station", code="0004711815")
    entered(
        here, "rfid/cabinet/7", protocol="mqtt", kind="cabinet", place_id=cabinet.pk, inside=[], outside=[]
    )

    async def steps() -> None:
        with publishing(broker, "rfid/cabinet/7") as publisher:
            while not await asked(DoorEvent.objects.filter(kind="closed").exists):
                await publisher.visit(TAGS[1:2], badge="0004711815", seconds=0.1)
                await asyncio.sleep(0.3)

    walk(steps, broker.address)
    assert Unit.objects.get(epc=epcs[0]).place_id == here.h.department.pk
    assert Unit.objects.get(epc=epcs[1]).place_id == cabinet.pk
    taken = Movement.objects.select_related("event").get(event__step="take_in", unit__epc=epcs[0]).event
    assert taken.actor_id == nurse.pk


def test_what_nobody_can_take_is_kept_for_review(here: Site, broker: Mosquitto) -> None:
    entered(here, TOPIC, protocol="mqtt")

    async def steps() -> None:
        with publishing(broker) as publisher:
            while not await asked(Misheard.objects.exists):
                await publisher.publish(json.dumps({"reads": [{"epc": "no tag"}]}).encode())
                await asyncio.sleep(0.2)
            # Of a length that no column holds: asked again and again, it would keep all others waiting.
            await publisher.say({"door": "opened", "reads": [{"epc": TAGS[0]}]})
            await publisher.carry(TAGS[:3], "in", seconds=0.2)
            await until(lambda: passed() == 3)

    walk(steps, broker.address)
    kept = Misheard.objects.order_by("pk").first()
    assert json.loads(kept.payload) == {"reads": [{"epc": "no tag"}]}
    assert kept.why.startswith("an epc is not memory")


def test_a_reader_that_is_taken_off_is_left_alone(here: Site) -> None:
    reader = SimulatedReader()

    async def steps() -> None:
        server = await reader.serve()
        gate = await asked(lambda: entered(here, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        await until(lambda: reader.client is not None)
        editor = await asked(lambda: here.actor(person("administrator", here.h.campus)))
        await asked(lambda: set_reader_active(actor=editor, key=unique("k"), reader_id=gate.pk, active=False))
        await until(lambda: reader.client is None)
        server.close()

    walk(steps)


def test_the_page_of_a_reader_says_that_no_broker_is_there_and_no_more_when_it_is_back(
    here: Site, broker: Mosquitto
) -> None:
    gate = entered(here, TOPIC, protocol="mqtt")

    def because() -> str:
        return str(Reader.objects.get(pk=gate.pk).lost_because)

    async def none_named() -> None:
        await until(lambda: because() == "no broker")

    async def away() -> None:
        await until(lambda: because().startswith("broker: "))

    async def back() -> None:
        await until(lambda: because() == "")

    walk(none_named)
    broker.stop()
    walk(away, broker.address)
    broker.start()
    walk(back, broker.address)
