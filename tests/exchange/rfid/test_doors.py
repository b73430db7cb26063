"""The contact of a cabinet's door, wired to its reader: who opened it is charged with what is gone; and readers over TLS."""

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation

from tests.exchange.rfid.certificates import Authority, authority, serving
from tests.exchange.rfid.loop import ran
from tests.exchange.rfid.mosquitto import Mosquitto
from tests.exchange.rfid.test_intake import TAGS, asked, entered, here, passed, publishing, soon, until
from tests.flows.site import Site, person
from tests.makers import place, unique
from tests.patience import PATIENCE
from yanji.access.actions import set_own_badge
from yanji.access.actor import system_actor
from yanji.access.models import Person
from yanji.access.operations import Operation
from yanji.exchange.rfid import door, intake
from yanji.exchange.rfid.llrp.simulated import SimulatedReader
from yanji.exchange.rfid.scenario import ROUND, visit
from yanji.exchange.rfid.trust import trusting
from yanji.flows.cabinets.models import CabinetCase, DoorEvent
from yanji.flows.cabinets.report import door_closed, door_opened
from yanji.flows.codes import add_code
from yanji.flows.putaway import put_away
from yanji.flows.rfid.heard import hear
from yanji.flows.rfid.models import Misheard, Reader
from yanji.flows.rfid.sightings import Read
from yanji.ledger.models import Unit
from yanji.places.models import Kind, Place

__all__ = ["here", "soon"]
BADGE = "0004711815"
SETTLING = door.SETTLING
TRUSTED = ["its-authority", "the-machines", "another"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "KEEPALIVE_SECONDS", 0.5)
    monkeypatch.setattr(door, "SETTLING", door.SETTLING * 0)


@pytest.fixture
def cabinet(here: Site) -> Place:
    """A cabinet of the store with two tagged things, and a nurse with a badge."""
    cabinet = place(Kind.CABINET, here.h.store)
    epcs = here.stocked(2)
    put_away(actor=here.keeper, key=unique("k"), things=epcs, to_place_id=cabinet.pk)
    for epc, tag in zip(epcs, TAGS, strict=False):
        add_code(actor=here.keeper, key=unique("k"), epc=epc, code=tag)
    nurse = person("nurse", here.h.department, password="Schrank-7-Station")
    Person.objects.filter(pk=nurse.pk).update(department=here.h.department)
    set_own_badge(actor=here.actor(nurse), password="Schrank-7-Station", code=BADGE)
    return cabinet


def places_of(tags: int) -> list[int]:
    return [each.place_id for each in Unit.objects.order_by("pk")[:tags]]


def badge_read(cabinet: Place) -> None:
    """The lock has read a badge, and tells it by the API."""
    door_opened(actor=system_actor([Operation.SENSE]), key=unique("lock"), cabinet_id=cabinet.pk, badge=BADGE)


def listening(reader: SimulatedReader, steps: Any, **fields: Any) -> None:
    """Do the steps while somebody listens to a cabinet's reader."""

    async def all_of_it() -> None:
        server = await reader.serve()
        port = server.sockets[0].getsockname()[1]
        await asked(lambda: entered(address=f"127.0.0.1:{port}", **fields))
        task = asyncio.create_task(intake.listen_to_all())
        try:
            await until(lambda: reader.reading)
            await steps()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            server.close()

    ran(all_of_it())


def wired(here: Site, cabinet: Place, **fields: Any) -> dict[str, Any]:
    plain = {
        "here": here,
        "kind": "cabinet",
        "place_id": cabinet.pk,
        "inside": [],
        "outside": [],
        "door_input": 1,
    }
    return {**plain, **fields}


async def judged(reader: SimulatedReader) -> None:
    """Whoever listens has judged how it found the door. The answer to a sign of life is sent when everything before it is done;
    the door is judged at the second since it was found, so the third answer comes after that."""

    async def wait() -> None:
        while not reader.reporting:
            await asyncio.sleep(0.01)
        answered = reader.acknowledged
        while reader.acknowledged <= answered + door.BEATS:
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), PATIENCE)


async def cut_off(reader: SimulatedReader) -> None:
    """The connection breaks; by the time this returns, nobody is connected or somebody is anew."""
    before = reader.client
    reader.hang_up()
    while reader.client is before:
        await asyncio.sleep(0.01)


def closings() -> int:
    return DoorEvent.objects.filter(kind="closed").count()


def test_what_is_gone_is_entered_for_whose_badge_opened_the_lock(here: Site, cabinet: Place) -> None:
    reader = SimulatedReader()

    async def steps() -> None:
        await asked(lambda: badge_read(cabinet))
        await visit(reader, TAGS[1:2], door=1, seconds=0.1)
        await until(closings)

    listening(reader, steps, **wired(here, cabinet))
    assert places_of(2) == [here.h.department.pk, cabinet.pk]
    assert list(DoorEvent.objects.order_by("pk").values_list("kind", flat=True)) == [
        "opened",
        "opened",
        "closed",
    ]
    assert DoorEvent.objects.get(kind="closed").person is not None
    assert not CabinetCase.objects.exists()


def test_without_a_badge_somebody_has_to_look_into_it(here: Site, cabinet: Place) -> None:
    """The contact of this door is closed where the input is low: open is low."""
    reader = SimulatedReader(inputs={1: True})

    async def steps() -> None:
        reader.set_input(1, False)
        await until(DoorEvent.objects.filter(kind="opened").exists)
        reader.set_input(1, True)
        for _ in range(12):
            reader.see(TAGS[1])
            await asyncio.sleep(0.1)
        await until(closings)

    listening(reader, steps, **wired(here, cabinet, door_open_high=False))
    assert places_of(2) == [cabinet.pk, cabinet.pk]
    case = CabinetCase.objects.get()
    assert (case.way, case.code, case.door.person) == ("taken", "cabinet_nobody", None)


def test_a_visit_while_nobody_listened_is_told_when_we_are_back(here: Site, cabinet: Place) -> None:
    """A reader that keeps no events: only how the door stands, and what lies inside, tells of it."""
    reader = SimulatedReader()

    inside = TAGS[:2]

    async def lies() -> None:
        while True:
            for tag in inside:
                reader.see(tag)
            await asyncio.sleep(ROUND)

    async def steps() -> None:
        nonlocal inside
        lying = asyncio.create_task(lies())
        # Everything is as recorded: a door that is found closed is no news.
        await judged(reader)
        assert await asked(lambda: (passed(), closings())) == (2, 0)
        inside = TAGS[1:2]
        await cut_off(reader)
        await until(closings)
        # Nobody has looked into it yet; what is amiss is what was amiss: no news either.
        await cut_off(reader)
        await judged(reader)
        lying.cancel()

    listening(reader, steps, **wired(here, cabinet))
    assert closings() == 1
    assert CabinetCase.objects.get().code == "cabinet_nobody"
    assert not DoorEvent.objects.filter(kind="opened").exists()


def test_what_is_read_within_a_second_of_the_closing_does_not_lie_inside(
    here: Site, cabinet: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hand that closes the door may hold what was taken into the field; by a clock that is a little fast, too."""
    monkeypatch.setattr(door, "SETTLING", SETTLING)
    reader = entered(address="127.0.0.1:5084", **wired(here, cabinet))
    at = timezone.now() + timedelta(seconds=0.9)
    hear(reader.pk, [Read(TAGS[0], 1, at + SETTLING / 2), Read(TAGS[1], 1, at + SETTLING * 1.5)])

    async def written(act: Any, *arguments: Any) -> None:
        await asked(partial(act, *arguments))

    async def steps() -> None:
        contact = door.Door(reader, written)
        await contact.heard(False, door.by_our_clock(at, timedelta(0)))
        for _ in range(door.BEATS):
            await contact.beat()

    ran(steps())
    closed = DoorEvent.objects.get()
    assert (closed.kind, closed.tags) == ("closed", [TAGS[1]])
    assert closed.happened_at < timezone.now()


def test_a_reader_is_listened_to_as_it_is_entered_now(here: Site, cabinet: Place) -> None:
    """What its entries name counts too: its name is their device, and the cabinet's place decides what lies inside."""
    reader = entered(address="127.0.0.1:5084", **wired(here, cabinet))
    reader.place = cabinet

    async def steps() -> None:
        tasks: intake.Tasks = {}
        begun = []
        for name, path in (("柜", "/1/2/"), ("柜", "/1/2/"), ("柜子", "/1/2/"), ("柜子", "/1/3/")):
            reader.name, reader.place.path = name, path
            intake._follow([reader], tasks, trusting())
            begun += [each for each in tasks.values() if each not in begun]
        assert (len(tasks), len(begun)) == (1, 3)
        for each in begun:
            each.cancel()
        await asyncio.gather(*begun, return_exceptions=True)

    ran(steps())


def test_an_input_that_the_reader_does_not_have_is_told(here: Site, cabinet: Place) -> None:
    async def all_of_it() -> None:
        server = await SimulatedReader().serve()
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asked(lambda: entered(address=address, **wired(here, cabinet, door_input=9)))
        task = asyncio.create_task(intake.listen_to_all())
        await until(Reader.objects.filter(lost_because__startswith="SET_READER_CONFIG: status 101").exists)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        server.close()

    ran(all_of_it())


def test_the_openings_of_two_people_before_a_closing_are_nobodys(here: Site, cabinet: Place) -> None:
    other = person("nurse", here.h.department, password="Schrank-8-Station")
    set_own_badge(actor=here.actor(other), password="Schrank-8-Station", code="0004711816")
    lock = system_actor([Operation.SENSE])
    badge_read(cabinet)
    door_opened(actor=lock, key=unique("k"), cabinet_id=cabinet.pk, badge="0004711816")
    done = door_closed(actor=lock, key=unique("k"), cabinet_id=cabinet.pk, tags=TAGS[1:2])
    assert done.facts["person"] == ""
    assert CabinetCase.objects.get().code == "cabinet_nobody"


def told(trusted: str, own: Authority, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The file that a site gives: with whoever signed, or with another while the machine itself trusts who signed, or not."""
    other = authority(folder / "other", "other")
    machines = own if trusted == "the-machines" else authority(folder / "machine", "machine")
    monkeypatch.setenv("SSL_CERT_FILE", str(machines.file))
    return str((own if trusted == "its-authority" else other).file)


@pytest.mark.parametrize("trusted", TRUSTED)
def test_a_reader_over_tls_is_heard_where_its_certificate_is_trusted(
    here: Site, tmp_path: Path, trusted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = authority(tmp_path / "own")
    file, known = told(trusted, own, tmp_path, monkeypatch), trusted != "another"
    reader = SimulatedReader()

    async def all_of_it() -> None:
        server = await reader.serve(tls=serving(own.signed("127.0.0.1")))
        port = server.sockets[0].getsockname()[1]
        await asked(lambda: entered(here, f"127.0.0.1:{port}", tls=True))
        task = asyncio.create_task(intake.listen_to_all("", file))
        try:
            if known:
                await until(lambda: reader.reading)
                reader.see(TAGS[0])
                await until(passed)
            else:
                await until(Reader.objects.exclude(lost_because="").exists)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            server.close()

    ran(all_of_it())
    gate = Reader.objects.get()
    if not known:
        with translation.override("en"):
            assert gate.why_lost.startswith("Its certificate is not trusted (")
            assert "YANJI_RFID_CA" in gate.why_lost
        assert (gate.silent(timezone.now()), passed(), reader.reading) == (True, 0, False)


def test_a_certificate_of_another_address_is_refused(here: Site, tmp_path: Path) -> None:
    own = authority(tmp_path / "own")
    reader = SimulatedReader()

    async def all_of_it() -> None:
        server = await reader.serve(tls=serving(own.signed("127.0.0.9")))
        port = server.sockets[0].getsockname()[1]
        await asked(lambda: entered(here, f"127.0.0.1:{port}", tls=True))
        task = asyncio.create_task(intake.listen_to_all("", str(own.file)))
        await until(Reader.objects.filter(lost_because__startswith="certificate: ").exists)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        server.close()

    ran(all_of_it())
    assert not reader.reading


# The MQTT library leaves the socket of a handshake that failed to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("trusted", TRUSTED)
def test_a_broker_over_tls_is_heard_where_its_certificate_is_trusted(
    here: Site,
    tmp_path: Path,
    trusted: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    own = authority(tmp_path / "own")
    file = told(trusted, own, tmp_path, monkeypatch)
    broker = Mosquitto(tmp_path, certificate=own.signed("127.0.0.1"))
    broker.start()
    gate = entered(here, "rfid/main/dock", protocol="mqtt")

    def refused() -> int:
        return sum("certificate verify failed" in each.getMessage() for each in caplog.records)

    async def all_of_it() -> None:
        task = asyncio.create_task(intake.listen_to_all(broker.address, file))
        with publishing(broker, authorities=str(own.file)) as publisher:
            # A reader that the broker hears: what comes of it is heard here too, or refused.
            async with asyncio.timeout(PATIENCE):
                while not (await asked(passed) or refused()):
                    await publisher.carry(TAGS[:1], "in", seconds=0.1)
                    await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    try:
        ran(all_of_it())
    finally:
        broker.stop()
    assert (passed(), refused()) == ((0, 1) if trusted == "another" else (1, 0))
    assert not Misheard.objects.filter(reader=gate).exists()
