"""Who may tell the log what time it is: its owner, who imagines the demo; the application's role is not believed."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from tests.makers import hospital
from tests.patience import PATIENCE
from yanji.ledger.models import Event

LONG_AGO = "2001-02-03 04:05:06+00"


def told_by(dsn: str) -> datetime:
    """What the ledger's clock shows to a session that has set it."""
    with psycopg.connect(dsn) as session:
        session.execute("SELECT set_config('yanji.now', %s, false)", [LONG_AGO])
        [told] = session.execute("SELECT ledger_told()").fetchone() or (None,)
    assert isinstance(told, datetime)
    return told


@pytest.mark.django_db
def test_what_the_application_sets_is_ignored() -> None:
    house = hospital()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('yanji.now', %s, true)", [LONG_AGO])
    house.stocked(2)
    recorded = list(Event.objects.values_list("recorded_at", flat=True))
    assert recorded
    assert all(timezone.now() - moment < timedelta(seconds=PATIENCE) for moment in recorded)


def test_the_owner_is_believed_and_the_application_is_not(dsn: str, owner_dsn: str) -> None:
    """The first is the control: the setting does work, for one role."""
    assert told_by(owner_dsn) == datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert datetime.now(UTC) - told_by(dsn) < timedelta(seconds=PATIENCE)


@pytest.mark.parametrize("table", ["pg_proc", "ledger_event"])
def test_a_table_of_ones_own_in_front_of_the_real_one_opens_nothing(dsn: str, table: str) -> None:
    with psycopg.connect(dsn) as session:
        session.execute("SELECT set_config('yanji.now', %s, false)", [LONG_AGO])
        session.execute(f"CREATE TEMP TABLE {table} AS SELECT p.* FROM pg_catalog.pg_proc p WHERE false")
        session.execute(
            f"INSERT INTO {table} (oid, proowner) SELECT 'ledger_told()'::regprocedure, current_user::regrole"
        )
        [told] = session.execute("SELECT ledger_told()").fetchone() or (None,)
    assert datetime.now(UTC) - told < timedelta(seconds=PATIENCE)


def test_the_application_cannot_replace_the_clock(dsn: str) -> None:
    attempts = (
        "CREATE OR REPLACE FUNCTION ledger_told() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
        "ALTER FUNCTION ledger_told() OWNER TO CURRENT_USER",
        "CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
        "SET ROLE yanji_owner",
    )
    for attempt in attempts:
        with psycopg.connect(dsn) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(attempt)
