"""The stream on real sockets: a client that takes nothing costs its server nothing and nobody waits for it, and one that goes
from server to server misses nothing and hears nothing twice."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection

import psutil
import pytest
from django.db import connection

from tests.flows.site import Site, site
from tests.patience import PATIENCE
from tests.served import served
from tests.watch.test_live import Heard, cookie, listening
from yanji.ledger.api import Step, log_end
from yanji.ledger.models import Log
from yanji.watch.stream import KEPT

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SLOW = 12
BURST = (
    KEPT + 1_000
)  # more than the server keeps in memory, so that what it keeps is there before it is weighed
# As much as an item's name may be, so that few entries are many bytes on their way.
LONG = "长" * 240

# Copies of one event with its movements, in the queue of the log: as much as a busy day, in a second.
HAPPENED = """
WITH made AS (SELECT uuidv7() AS id, n FROM generate_series(1, %(count)s) n),
events AS (
    INSERT INTO ledger_event
    SELECT (jsonb_populate_record(e, jsonb_build_object(
               'id', made.id, 'key', 'copy ' || made.id, 'recorded_at', clock_timestamp()))).*
      FROM made, ledger_event e WHERE e.id = %(event)s),
moved AS (
    INSERT INTO ledger_movement
    SELECT (jsonb_populate_record(m, jsonb_build_object('event_id', made.id))).*
      FROM made, ledger_movement m WHERE m.event_id = %(event)s)
INSERT INTO ledger_pending (event_id) SELECT id FROM made ORDER BY n
"""


@pytest.fixture
def here(transactional_db: None) -> Site:
    return site()


@contextmanager
def taking_nothing(port: int, headers: dict[str, str]) -> Iterator[Heard]:
    """A client that opens the stream and hears that it stands; its socket takes hardly more than what is read of it."""
    client = socket.socket()
    client.setsockopt(
        socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096
    )  # before it is connected: the window follows it
    client.settimeout(PATIENCE)
    with closing(HTTPConnection("127.0.0.1", port)) as caller:
        caller.sock = client
        client.connect(("127.0.0.1", port))
        caller.request("GET", "/live", headers=headers)
        heard = Heard(caller.getresponse())
        assert heard.event()["event"] == "still"
        yield heard


def much_happens(here: Site) -> int:
    """A counted lot moves so often that what is told of it fits into no socket; the last position."""
    moved = Log.objects.filter(event__movements__lot__item=here.counted).earliest("position")
    with connection.cursor() as cursor:
        cursor.execute(HAPPENED, {"count": BURST, "event": moved.event_id})
    return log_end()


def told_to(heard: Heard, end: int) -> tuple[list[str], int]:
    """What a client is told up to an entry, and in how many bytes. It waits until it was."""
    ids, size = list[str](), 0
    while int(heard.position) < end:
        event = heard.event()
        assert event, "the stream ended"
        ids += [one["id"] for one in json.loads(event["data"]).get("happened", [])]
        size += len(event["data"].encode())
    return ids, size


def logged(after: str, end: int) -> list[str]:
    entries = Log.objects.filter(position__gt=int(after), position__lte=end).order_by("position")
    return [str(event) for event in entries.values_list("event_id", flat=True)]


def weight() -> int:
    """Bytes of memory that the server's workers hold of their own."""
    return sum(
        worker.memory_full_info().uss
        for server in psutil.Process().children()
        if "tests.served:application" in server.cmdline()
        for worker in server.children(recursive=True)
    )


def test_who_takes_nothing_costs_nothing_holds_nobody_up_and_misses_nothing(here: Site) -> None:
    here.counted.name_zh = LONG
    here.counted.save()
    here.stocked_lot(1)
    mine = cookie(here.storekeeper)
    with served() as port, ExitStack() as sockets:
        slow = [sockets.enter_context(taking_nothing(port, mine)) for _ in range(SLOW)]
        other = sockets.enter_context(listening(port, mine))
        begun = slow[0].position
        told_to(other, much_happens(here))
        before = weight()
        assert before, "the worker was found"
        ids, size = told_to(other, much_happens(here))
        assert len(ids) == BURST, "who reads is told all of it while twelve others take nothing"
        ids, more = told_to(other, end := much_happens(here))
        assert weight() - before < (size + more) / 2, "kept for the slow: not even once for all of them"
        ids, _ = told_to(slow[0], end)
        assert ids == logged(begun, end)


def test_who_goes_from_server_to_server_misses_nothing_and_hears_nothing_twice(here: Site) -> None:
    """The first server reads the log all the time, because somebody stays; the second only while the one who goes is there:
    the position that comes is ahead of what it has read, or behind what it keeps."""
    mine = cookie(here.storekeeper)
    [epc] = here.h.stocked(1)
    with served() as one, served() as two, listening(one, mine) as stays:
        begun = position = stays.position
        ids = list[str]()
        for server in (two, one) * 4:
            moved(here, epc)
            with listening(server, {**mine, "Last-Event-ID": position}) as heard:
                assert heard.position == position
                moved(here, epc)
                # It leaves in the middle of what happens, as whoever loses the network.
                ids += [each["id"] for each in heard.happened()]
                position = heard.position
        with listening(two, {**mine, "Last-Event-ID": position}) as heard:
            moved(here, epc)
            rest, _ = told_to(heard, end := log_end())
        assert ids + rest == logged(begun, end) == told_to(stays, end)[0]


def moved(here: Site, epc: str) -> None:
    """A unit is picked and put back."""
    here.h.do(Step.PICK, epc)
    here.h.do(Step.UNPICK, epc)
