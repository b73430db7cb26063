import pickle
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests.postgres import TestDatabases
from tests.web.world import World, world

FRESH = 300  # seconds that a day may be old: what was heard or done "just now" stays so


@pytest.fixture(autouse=True)
def _nothing_collected(settings: Any, tmp_path: Path) -> None:
    """Pages are asked for, not their files: the folder of collected files may be empty, but must exist."""
    settings.STATIC_ROOT = tmp_path


class Day:
    """The hospital's day in a database of its own, which tests leave as it was: living it takes longer than most of them."""

    def __init__(self, databases: TestDatabases, blocker: DjangoDbBlocker) -> None:
        self._databases, self._blocker = databases, blocker
        self._usual = str(connection.settings_dict["NAME"])
        self._name = f"{self._usual}_day"
        self._lived = b""
        self._since = 0.0

    def begin(self) -> None:
        """From here on Django works on the day's database."""
        assert not connection.in_atomic_block, "hospital_day comes before whatever else opens the database"
        self._use(self._name)
        if time.monotonic() - self._since > FRESH or not self._lived:
            try:
                self._databases.clone(self._name)
                with self._blocker.unblock():
                    self._lived = pickle.dumps(world())
                self._since = time.monotonic()
            except BaseException:
                self.end()
                raise

    def end(self) -> None:
        self._use(self._usual)

    def drop(self) -> None:
        self._databases.drop(self._name)

    def world(self) -> World:
        """As it was in the evening: what a test does to it, the next does not see."""
        lived: World = pickle.loads(self._lived)
        return lived

    def _use(self, name: str) -> None:
        with self._blocker.unblock():
            connection.close()
        connection.settings_dict["NAME"] = name


@pytest.fixture(scope="session")
def _day(
    databases: TestDatabases, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Day]:
    day = Day(databases, django_db_blocker)
    yield day
    day.drop()


@pytest.fixture
def _on_that_day(_day: Day) -> Iterator[Day]:
    _day.begin()
    yield _day
    _day.end()


@pytest.fixture
def hospital_day(_on_that_day: Day, db: None) -> World:
    """One of everything that has a page; what the test does is rolled back. A test that takes it needs no mark `django_db`,
    which would open the usual database first."""
    return _on_that_day.world()
