"""The demo is loaded as `yanji demo` does it: as the owner of the tables, who alone may tell the log what time it is."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection, transaction
from psycopg.conninfo import conninfo_to_dict
from pytest_django.plugin import DjangoDbBlocker

from tests.postgres import TestDatabases
from yanji.demo.load import load

TODAY = date(2025, 6, 12)


@pytest.fixture(scope="module")
def as_owner(
    django_db_setup: None, databases: TestDatabases, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Django's own connection with the owner's rights, for a whole module."""
    settings = connection.settings_dict
    before = dict(settings)
    login = conninfo_to_dict(databases.owner_dsn(settings["NAME"]))
    options = {**settings["OPTIONS"], "options": login["options"]}
    with django_db_blocker.unblock():
        connection.close()
    settings.update(USER=login["user"], OPTIONS=options)
    yield
    with django_db_blocker.unblock():
        connection.close()
    settings.update(before)


@pytest.fixture(scope="module")
def hospital(as_owner: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """One small hospital for all tests of a module, gone afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(seed=5, today=TODAY, scale=0.02)
        yield
        transaction.set_rollback(True)
