"""The database refuses what Python forgot: history cannot be changed, by anybody."""

import psycopg
import pytest
from psycopg import sql

from yanji.flows.models import APPEND_ONLY_TABLES as PAPERS
from yanji.ledger.models import APPEND_ONLY_TABLES as HISTORY

APPEND_ONLY_TABLES = (*HISTORY, *PAPERS)
CHANGES = ("UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE")
COLUMN = {
    "ledger_event": "note", "ledger_movement": "line", "ledger_log": "position", "flows_remark": "text",
    "flows_attachment": "name", "flows_withdrawal": "reason", "flows_countscan": "id", "flows_chargeentry": "id"}  # fmt: skip


def change(statement: str, table: str) -> sql.Composed:
    column = sql.Identifier(COLUMN[table])
    names = (sql.Identifier(table), column, column) if "SET" in statement else (sql.Identifier(table),)
    return sql.SQL(statement).format(*names)


@pytest.mark.parametrize("table", APPEND_ONLY_TABLES)
@pytest.mark.parametrize("statement", CHANGES, ids=["update", "delete", "truncate"])
def test_the_application_has_no_right_to_change_history(dsn: str, table: str, statement: str) -> None:
    with psycopg.connect(dsn) as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(change(statement, table))


@pytest.mark.parametrize("table", APPEND_ONLY_TABLES)
@pytest.mark.parametrize("statement", CHANGES, ids=["update", "delete", "truncate"])
def test_triggers_refuse_the_owner_as_well(owner_dsn: str, table: str, statement: str) -> None:
    """Even where not a single row would be touched."""
    with psycopg.connect(owner_dsn) as owner, pytest.raises(psycopg.errors.RestrictViolation) as refused:
        owner.execute(change(statement, table))
    assert refused.value.diag.constraint_name == "history_is_append_only"


def test_the_application_cannot_disarm_the_guards(dsn: str) -> None:
    attempts = (
        "ALTER TABLE ledger_event DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only ON ledger_event",
        "SET session_replication_role = replica",
        "ALTER TABLE ledger_movement DROP CONSTRAINT movement_quantity_positive",
        "CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "SET ROLE yanji_owner",
    )
    with psycopg.connect(dsn, autocommit=True) as application:
        for attempt in attempts:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(attempt)
