"""The product as its own server serves it, on the database of a test: what the test client and a WSGI server cannot do.

As a module of the server (`tests.served:application`) it is the product; imported by a test it starts that server.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[1]
NAMED = "YANJI_TEST_DATABASE"
POOL = 4


@contextmanager
def served(port: int | None = None) -> Iterator[int]:
    """One worker on a port (a free one where none is named), on the database that this test's Django uses, which needs real
    commits; its port."""
    from django.db import connection

    port = port or free_port()
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asginl",
        "--workers",
        "1",
        "--port",
        str(port),
    ]
    environment = {
        **os.environ,
        NAMED: str(connection.settings_dict["NAME"]),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
    }
    process = subprocess.Popen([*command, "tests.served:application"], cwd=ROOT, env=environment)
    try:
        _await(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str, headers: dict[str, str]) -> tuple[HTTPConnection, HTTPResponse]:
    """An answer that is still being sent; the connection is the caller's to close."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", path, headers=headers)
    return connection, connection.getresponse()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            connection, answer = get(port, "/healthz", {})
        except OSError:
            time.sleep(0.05)
            continue
        connection.close()
        if answer.status == 200:
            return
    raise AssertionError("the server did not come up")


if NAMED in os.environ and "django" not in sys.modules:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = os.environ[NAMED]
    # As it is served, only with fewer connections: who keeps one for longer than a request is found out.
    settings.DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": POOL, "timeout": 20}
    from yanji.host import asgi

    application = asgi.application
