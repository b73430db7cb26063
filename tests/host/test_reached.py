"""Served to other machines, a site answers under its machine's own addresses and name, and says so where it does not."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import psutil
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from yanji.host import reached
from yanji.host.logs import in_a_line


class _At:
    def __init__(self, family: int, address: str) -> None:
        self.family, self.address = family, address


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with two cards, whatever machine this is."""
    internet, internet6, card = reached.socket.AF_INET, reached.socket.AF_INET6, 17
    cards = {
        "lo": [_At(internet, "127.0.0.1"), _At(internet6, "::1")],
        "eth0": [_At(internet, "192.0.2.2"), _At(internet6, "fe80::1%eth0"), _At(card, "02:00:00:00:00:01")],
        "eth1": [_At(internet, "10.1.0.7"), _At(internet6, "2001:db8::7")],
    }
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: cards)
    monkeypatch.setattr(reached.socket, "gethostname", lambda: "Ward.example.org")


HERE = ["127.0.0.1", "localhost", "[::1]"]
OWN = ["10.1.0.7", "192.0.2.2", "[2001:db8::7]", "ward.example.org", "ward"]


@pytest.mark.parametrize(
    ("host", "more"),
    [
        ("127.0.0.1", []),
        ("localhost", []),
        ("::1", []),
        ("127.0.0.2", ["127.0.0.2"]),
        ("0.0.0.0", OWN),
        ("::", OWN),
        ("10.1.0.7", OWN),
    ],
)
def test_other_machines_are_answered_where_they_are_served_and_nowhere_else(
    host: str, more: list[str]
) -> None:
    assert reached.hosts(host) == HERE + more


def test_every_address_that_leads_here_is_told() -> None:
    assert reached.shown("0.0.0.0") == ["127.0.0.1", "10.1.0.7", "192.0.2.2", "ward.example.org", "ward"]
    assert "[2001:db8::7]" in reached.shown("::")
    assert (reached.shown("127.0.0.1"), reached.shown("2001:db8::7")) == (["127.0.0.1"], ["[2001:db8::7]"])


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the terminal would be told, as the site's filter leaves it."""
    caplog.handler.addFilter(in_a_line)
    for name in ("django.request", "django.security"):
        logging.getLogger(name).addHandler(caplog.handler)
    yield caplog
    for name in ("django.request", "django.security"):
        logging.getLogger(name).removeHandler(caplog.handler)
    caplog.handler.removeFilter(in_a_line)


@pytest.mark.django_db
def test_a_host_that_is_not_answered_for_is_told_the_setting(
    client: Client, settings: Any, told: pytest.LogCaptureFixture
) -> None:
    settings.ALLOWED_HOSTS = reached.hosts("0.0.0.0")
    assert client.get("/sign-in", headers={"Host": "192.0.2.2:8000"}).status_code == 200
    answer = client.get("/sign-in", headers={"Host": "yanji.example.org:8000"})
    assert answer.status_code == 400
    assert "YANJI_HOSTS" in answer.content.decode()
    lines = {record.getMessage() for record in told.records if record.levelno >= logging.ERROR}
    assert any("'yanji.example.org'" in line and "YANJI_HOSTS" in line for line in lines)
    assert not any("ALLOWED_HOSTS" in line for line in lines)
    assert all(record.exc_info is None for record in told.records)


def test_what_somebody_may_not_do_is_a_line_and_what_broke_keeps_its_traceback() -> None:
    def told(error: Exception) -> logging.LogRecord:
        record = logging.LogRecord(
            "django.request", logging.WARNING, "", 1, "Forbidden: %s", ("/buyer",), (type(error), error, None)
        )
        assert in_a_line(record)
        return record

    assert told(PermissionDenied()).exc_info is None
    assert told(PermissionDenied()).getMessage() == "Forbidden: /buyer"
    assert told(ZeroDivisionError()).exc_info is not None


@pytest.mark.parametrize(
    ("logger", "status", "is_told"),
    [
        ("django.request", HTTPStatus.CONFLICT, False),
        ("django.request", HTTPStatus.FORBIDDEN, False),
        ("django.request", HTTPStatus.NOT_FOUND, False),
        ("django.request", HTTPStatus.BAD_REQUEST, True),
        ("django.request", HTTPStatus.INTERNAL_SERVER_ERROR, True),
        ("django.security.csrf", HTTPStatus.FORBIDDEN, True),
    ],
)
def test_what_the_page_itself_refuses_is_not_told_again(
    logger: str, status: HTTPStatus, is_told: bool
) -> None:
    record = logging.LogRecord(logger, logging.WARNING, "", 1, "%s", ("/buyer",), None)
    record.status_code = status
    assert in_a_line(record) is is_told
