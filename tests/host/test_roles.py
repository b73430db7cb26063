"""The database itself keeps the application from rewriting history."""

from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.host.conftest import run_yanji
from yanji.flows.models import APPEND_ONLY_TABLES as PAPERS
from yanji.host.cluster import cluster_at
from yanji.host.database import database
from yanji.ledger.models import APPEND_ONLY_TABLES as HISTORY

APPEND_ONLY_TABLES = (*HISTORY, *PAPERS)


@pytest.mark.django_db
def test_the_application_is_not_the_owner() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, session_user, rolsuper FROM pg_roles WHERE rolname = session_user"
        )
        assert cursor.fetchone() == ("yanji_app", "yanji_app", False)


@pytest.mark.parametrize("table", APPEND_ONLY_TABLES)
@pytest.mark.parametrize("act", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_history_cannot_be_changed_by_the_application(dsn: str, table: str, act: str) -> None:
    with psycopg.connect(dsn) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(act.format(table))


@pytest.mark.parametrize("table", APPEND_ONLY_TABLES)
def test_no_column_of_history_can_be_updated_by_the_application(dsn: str, table: str) -> None:
    with psycopg.connect(dsn) as app:
        (may,) = app.execute("SELECT has_any_column_privilege(%s, 'UPDATE')", [table]).fetchone()
    assert not may


@pytest.mark.parametrize(
    "act",
    [
        "CREATE TABLE own (id int)",
        "DROP TABLE ledger_event",
        "ALTER TABLE ledger_event DISABLE TRIGGER ALL",
        "SET ROLE yanji_owner",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_the_application_cannot_give_itself_more(dsn: str, act: str) -> None:
    with psycopg.connect(dsn) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(act)


def test_the_owner_cannot_change_history_by_mistake(owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as owner, pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute("DELETE FROM ledger_event")


@pytest.mark.slow
def test_who_migrated_and_was_interrupted_before_guarding_guards_the_next_time(home: Path) -> None:
    with cluster_at(home, {"fsync": "off"}).use():
        conninfo = database(home).conninfo
        for _ in range(2):
            assert run_yanji(home, "migrate").returncode == 0
            with psycopg.connect(conninfo, user="postgres") as admin:
                rights = "SELECT has_table_privilege('yanji_app', 'ledger_event', 'UPDATE, DELETE, TRUNCATE')"
                assert admin.execute(rights).fetchone() == (False,)
                admin.execute("GRANT UPDATE, DELETE, TRUNCATE ON ledger_event TO yanji_app")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_a_commit_is_gone_in_the_next_test(run: int) -> None:
    from yanji.access.models import Person

    assert not Person.objects.filter(username__startswith="run-").exists()
    Person.objects.create(username=f"run-{run}", name_zh="测试")
