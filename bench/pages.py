"""From the scan to the page that shows it: the JSON API says what was scanned and posts it, the browser reloads the
unit's page, over HTTP."""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ground import Ground
from posting import Bench
from rows import Row, scaled

HERE = Path(__file__).parent
Headers = dict[str, str]


def sign_in(ground: Ground) -> tuple[Headers, Headers]:
    """Headers of the API's token and of a browser's session, both of a person who may do everything."""
    from django.utils import timezone

    from yanji.access.actor import actor_for
    from yanji.access.models import Person
    from yanji.access.tokens import create_token

    person = Person.objects.get(pk=ground.actor)
    may_everything(person, ground.campus_path)
    _, secret = create_token(actor=actor_for(person, today=timezone.localdate()), name="bench")
    return {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}, session_of(person)


def may_everything(person: Any, path: str) -> None:
    """Grant a person every operation below a path; several parts sign in."""
    from yanji.access.models import Grant, Role
    from yanji.access.operations import Operation
    from yanji.places.models import Place

    names = {"name_zh": "bench", "name_en": "bench", "operations": list(Operation.values)}
    role, _made = Role.objects.get_or_create(code="bench", defaults=names)
    Grant.objects.get_or_create(person=person, role=role, place=Place.objects.get(path=path))


def session_of(person: Any) -> Headers:
    """The headers of a browser in which a person has signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}"}


@contextmanager
def server(workers: int = 2) -> Iterator[int]:
    """The product's server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    from yanji.host.up import AT_ONCE

    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asginl",
        "--workers",
        str(workers),
        "--backpressure",
        str(AT_ONCE),
        "--port",
        str(port),
    ]
    paths = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths, "YANJI_SERVING": "1"}
    process = subprocess.Popen(
        [*command, "served:application"], cwd=HERE, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            assert time.monotonic() < deadline, "the server did not come up"
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    try:
        ask(port, "GET", "/bare", {})
    except OSError:
        return False
    return True


def ask(
    port: int, method: str, path: str, headers: Headers, body: Any = None, well: tuple[int, ...] = (200,)
) -> bytes:
    """One request on a connection of its own, as a scanner makes it; any answer but those is a failure of the bench."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status in well, (answer.status, text[:500])
    return text


def _label(epc: str) -> str:
    """What a scanner sends for a unit: its identity laid out as a GS1 element string."""
    _gtin, gtin, _serial, serial = epc.split("/")
    return f"]d201{gtin}21{serial}"


def pages(ground: Ground) -> Iterator[Row]:
    """Medians over alternating requests; the ratio is how many bare views the scan and its page cost."""
    from yanji.host.static import build_assets, collect

    build_assets()
    collect()
    api, browser = sign_in(ground)
    bench = Bench(ground)
    epcs = [epc for _, epc, _ in bench.stock(scaled(60, 10), ground.store, "available")]
    bare, read, post, page = list[float](), list[float](), list[float](), list[float]()
    with server() as port:
        for turn, epc in enumerate(epcs):
            body = {"key": str(uuid.uuid4()), "things": [epc], "to_place_id": ground.cabinets[turn % 4]}
            scan = {"scans": [_label(epc)], "flow": "put_away", "place_id": ground.cabinets[turn % 4]}
            for times, request in (
                (bare, ("GET", "/bare", {})),
                (read, ("POST", "/api/v1/scans", api, scan)),
                (post, ("POST", "/api/v1/putaways", api, body)),
                (page, ("GET", f"/unit/{epc}", browser)),
            ):
                started = time.perf_counter()
                ask(port, *request)
                if turn >= 5:  # the first ones warm up both workers
                    times.append((time.perf_counter() - started) * 1_000)
    floor, told, posted, shown = (statistics.median(times) for times in (bare, read, post, page))
    for name, took in (
        ("what a scan means", told),
        ("post by API", posted),
        ("unit page", shown),
        ("scan to refresh", told + posted + shown),
    ):
        yield Row(
            f"page: {name}, against a bare view", took, floor, took / floor, "ms", len(bare), at_most=True
        )
