"""Servers that take what goes out."""

import socket
from collections.abc import Iterator
from http.server import HTTPServer
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.flows.site import Site, site
from tests.notify.post import Calls, Mails
from yanji.notify.models import Rule
from yanji.notify.rules import CHANNELS


@pytest.fixture
def mails(settings: Any) -> Iterator[Mails]:
    kept = Mails()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.DEFAULT_FROM_EMAIL = (
        "127.0.0.1",
        port,
        "yanji@example.org",
    )
    yield kept
    server.stop()


@pytest.fixture
def calls(settings: Any) -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Calls)
    server.got, server.answers = [], 200
    Thread(target=server.serve_forever, daemon=True).start()
    settings.YANJI_HOOKS_INSIDE = True
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def here(db: None) -> Site:
    found = site()
    Rule.objects.create(
        kind="on_hold",
        role=found.storekeeper.grants.get().role,
        channels=list(CHANNELS),
        edited_by=found.buyer,
    )
    return found
