"""What all tests share: a database with the product's own roles, made from a migrated template.

`db` / `django_db`        Django on a database of this worker, as the application's role, rolled back after each test
`django_db(transaction=True)`  the same with real commits; the database is cloned anew after each test
`dsn`, `owner_dsn`        a database of this test's own for real threads and processes, as application and as owner
`browser`                 headless Chromium by Playwright (mark such tests `browser`)
"""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import TestDatabases, test_databases

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from pytest_django.plugin import DjangoDbBlocker

    from yanji.host.database import Database

# Of a machine that is busy nothing follows about the code.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

QUIET_CHROMIUM = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync "
    # Tabs of one context share a process, so that a new one finds styles, scripts and fonts read already.
    "--renderer-process-limit=1"
).split()


@pytest.fixture(scope="session")
def databases(django_db_blocker: "DjangoDbBlocker") -> Iterator[TestDatabases]:
    """The running test cluster, its template made."""
    with test_databases() as found:
        with django_db_blocker.unblock():
            found.ensure_template(_migrate)
        yield found


@pytest.fixture(scope="session")
def django_db_setup(databases: TestDatabases, django_db_blocker: "DjangoDbBlocker") -> Iterator[None]:
    """Replaces pytest-django's own: the application's role may neither create databases nor empty history tables."""
    from django.db import connections
    from django.test import TransactionTestCase

    name = databases.clone(f"test_{os.getpid()}")

    def clone_again(case: TransactionTestCase) -> None:
        with django_db_blocker.unblock():
            connections.close_all()
            databases.clone(name)

    with django_db_blocker.unblock():
        connections["default"].settings_dict["NAME"] = name
    original = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = clone_again
    yield
    TransactionTestCase._fixture_teardown = original
    with django_db_blocker.unblock():
        connections.close_all()
    databases.drop(name)


@pytest.fixture
def dsn(databases: TestDatabases) -> Iterator[str]:
    """libpq connection text of a fresh database, as the application's role."""
    name = databases.clone()
    yield databases.app_dsn(name)
    databases.drop(name)


@pytest.fixture
def owner_dsn(databases: TestDatabases, dsn: str) -> str:
    """The same database as `dsn`, as the owner of its tables."""
    from psycopg.conninfo import conninfo_to_dict

    return databases.owner_dsn(str(conninfo_to_dict(dsn)["dbname"]))


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """One headless Chromium for the session; give each test its own `browser.new_context()`."""
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, and Django takes that for async code; the tests' own ORM calls are safe.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=QUIET_CHROMIUM)
        yield started
        started.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow and browser tests first: they decide how long a parallel run takes."""
    items.sort(key=lambda item: not (item.get_closest_marker("slow") or item.get_closest_marker("browser")))


def _migrate(target: "Database") -> None:
    from django.core.management import call_command
    from django.db import connection
    from psycopg.conninfo import conninfo_to_dict

    from yanji.host.commands import guard
    from yanji.host.database import OWNER

    login = conninfo_to_dict(target.login(OWNER))
    settings = connection.settings_dict
    before = dict(settings)
    options = {**settings["OPTIONS"], "options": login["options"]}
    settings.update(NAME=login["dbname"], USER=login["user"], OPTIONS=options)
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        connection.close()
        settings.update(before)
    guard(target)


@pytest.fixture
def only_lapsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers that were never shown are let pass, unless a rule says otherwise: for tests of what lapses, in worlds whose
    suppliers and items have no other papers."""
    from dataclasses import replace

    from yanji.flows import validity

    let_pass = {pair: replace(rule, missing="ignore") for pair, rule in validity.STANDARD.items()}
    monkeypatch.setattr(validity, "STANDARD", let_pass)
