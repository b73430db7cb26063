"""The contact of a cabinet's door, wired to its reader: who opened it is charged with what is gone; and readers over TLS."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation

from tests.exchange.rfid.certificates import authority, serving
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
from yanji.exchange.rfid.scenario import visit
from yanji.flows.cabinets.models import CabinetCase, DoorEvent
from yanji.flows.cabinets.report import door_closed, door_opened
from yanji.flows.codes import add_code
from yanji.flows.putaway import put_away
from yanji.flows.rfid.models import Misheard, Reader
from yanji.ledger.models import Unit
from yanji.places.models import Kind, Place

__all__ = ["here", "soon"]
BADGE = "0004711815"


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

    async def lies(tags: list[str], true: Any) -> None:
        while not await asked(true):
            for tag in tags:
                reader.see(tag)
            await asyncio.sleep(0.1)

    async def steps() -> None:
        await lies(TAGS[:2], lambda: passed() == 2)
        # Everything is as recorded: a door that is found closed is no news.
        await asyncio.wait_for(lies(TAGS[:2], Reader.objects.filter(heard_at__isnull=False).exists), PATIENCE)
        reader.hang_up()
        await until(lambda: reader.client is None)
        await asyncio.wait_for(lies(TAGS[1:2], closings), PATIENCE)

    listening(reader, steps, **wired(here, cabinet))
    assert CabinetCase.objects.get().code == "cabinet_nobody"
    assert not DoorEvent.objects.filter(kind="opened").exists()


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


@pytest.mark.parametrize("known", [True, False], ids=["its-authority", "another"])
def test_a_reader_over_tls_is_heard_where_its_certificate_is_trusted(
    here: Site, tmp_path: Path, known: bool
) -> None:
    own, other = authority(tmp_path / "own"), authority(tmp_path / "other")
    reader = SimulatedReader()

    async def all_of_it() -> None:
        server = await reader.serve(tls=serving(own.signed("127.0.0.1")))
        port = server.sockets[0].getsockname()[1]
        await asked(lambda: entered(here, f"127.0.0.1:{port}", tls=True))
        task = asyncio.create_task(intake.listen_to_all("", str((own if known else other).file)))
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
@pytest.mark.parametrize("known", [True, False], ids=["its-authority", "another"])
def test_a_broker_over_tls_is_heard_where_its_certificate_is_trusted(
    here: Site, tmp_path: Path, known: bool
) -> None:
    own, other = authority(tmp_path / "own"), authority(tmp_path / "other")
    broker = Mosquitto(tmp_path, certificate=own.signed("127.0.0.1"))
    broker.start()
    gate = entered(here, "rfid/main/dock", protocol="mqtt")

    async def all_of_it() -> None:
        task = asyncio.create_task(intake.listen_to_all(broker.address, str((own if known else other).file)))
        with publishing(broker, authorities=str(own.file)) as publisher:
            for _ in range(200 if known else 8):
                await publisher.carry(TAGS[:1], "in", seconds=0.1)
                if await asked(passed):
                    break
                await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    try:
        ran(all_of_it())
    finally:
        broker.stop()
    assert passed() == (1 if known else 0)
    assert not Misheard.objects.filter(reader=gate).exists()
