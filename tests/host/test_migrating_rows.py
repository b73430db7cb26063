"""A database that was lived in is migrated as well as an empty one: rows of an earlier day come along whole."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.postgres import TestDatabases
from yanji.host.database import OWNER, ensure_roles

pytestmark = pytest.mark.slow
ANYTHING = {
    "bigint": 1, "integer": 1, "smallint": 1, "numeric": 1, "boolean": False, "text": "x", "character varying": "x",
    "date": "2026-01-01", "timestamp with time zone": "2026-01-01", "jsonb": "[]",
    "uuid": "00000000-0000-0000-0000-000000000001",
}  # fmt: skip
COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
 WHERE table_name = %s AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
"""


@pytest.fixture
def earlier(databases: TestDatabases, django_db_blocker: Any) -> Iterator[str]:
    """A database of its own that Django migrates as its owner; empty at first."""
    # Of this process alone: another may migrate one of its own at the same time.
    name = f"test_{os.getpid()}_earlier"
    databases.drop(name)
    target = databases._database(name)
    settings, before = connection.settings_dict, dict(connection.settings_dict)
    with django_db_blocker.unblock():
        connections.close_all()
        ensure_roles(target)
        login = conninfo_to_dict(target.login(OWNER))
        options = {**settings["OPTIONS"], "options": login["options"]}
        settings.update(NAME=login["dbname"], USER=login["user"], OPTIONS=options)
        try:
            yield databases._cluster.conninfo(name)
        finally:
            connections.close_all()
            settings.clear()
            settings.update(before)
            databases.drop(name)


def write(there: psycopg.Connection[Any], table: str, **given: Any) -> None:
    """A row with something in every column that must have something; references are not checked."""
    needed = {column: ANYTHING[kind] for column, kind in there.execute(COLUMNS, (table,)).fetchall()}
    row = needed | given
    there.execute(
        sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        list(row.values()),
    )


def test_rows_from_before_parts_named_their_cases_come_along(earlier: str) -> None:
    call_command("migrate", "flows", "0041", interactive=False, verbosity=0)
    connections.close_all()
    with psycopg.connect(earlier, user="postgres", autocommit=True) as there:
        there.execute("SET session_replication_role = replica")
        write(there, "catalog_item", id=1, code="I")
        write(there, "catalog_supplier", id=1, code="S")
        for number in (1, 2):
            write(
                there,
                "flows_supplierreturn",
                id=number,
                number=f"R{number}",
                supplier_id=1,
                state="requested",
            )
            write(there, "flows_creditnote", id=number, supplier_return_id=number, number="CN")
        write(there, "flows_case", id=1, number="C1", state="open")
        write(there, "flows_openedpiece", id=1, number="O1", state="open", measure="mL", content=5, left=3)
        write(there, "flows_taken", id=1, piece_id=1, case_number="C1", note="")
        write(there, "flows_taken", id=2, piece_id=1, case_number="NONE", note="said")
        write(there, "flows_opening", item_id=1, content=5, measure="mL", hours=24)
    call_command("migrate", interactive=False, verbosity=0)
    connections.close_all()
    with psycopg.connect(earlier, user="postgres", autocommit=True) as there:
        notes = there.execute("SELECT number, supplier_id FROM flows_creditnote ORDER BY id").fetchall()
        taken = there.execute(
            "SELECT case_id, note, recorded_at = at FROM flows_taken ORDER BY id"
        ).fetchall()
        said = there.execute("SELECT content, measure, hours FROM flows_openingsaid").fetchall()
    assert notes == [("CN", 1), ("CN #2", 1)]
    assert taken == [(1, "", True), (None, "NONE said", True)]
    assert said == [(5, "mL", 24)]


def test_boxes_of_pieces_know_where_these_lie_and_what_they_were_picked_for(earlier: str) -> None:
    call_command("migrate", "flows", "0051", interactive=False, verbosity=0)
    connections.close_all()
    with psycopg.connect(earlier, user="postgres", autocommit=True) as there:
        there.execute("SET session_replication_role = replica")
        for place in (7, 8):
            write(there, "places_place", id=place, code=f"P{place}", kind="store", path=f"/{place}/", gln="")
        write(there, "flows_requisition", id=1, number="RQ-1", state="picked", store_id=7, department_id=8)
        for box, place in ((1, None), (2, 7), (3, None), (4, None)):
            write(there, "flows_box", id=box, code=f"box/{box}", kind="kit", place_id=place)
        for box in (1, 2, 4):
            write(there, "flows_boxedlot", id=box, box_id=box, lot_id=1, quantity=2)
        write(there, "flows_packingact", id=1, box_id=1, act="pack", place_id=7, note="")
        for box in (2, 4):
            write(
                there,
                "ledger_unit",
                id=box,
                epc=f"01/1/21/{box}",
                serial=f"{box}",
                place_id=8,
                status="available",
            )
            write(there, "flows_boxedunit", unit_id=box, box_id=box)
        write(there, "flows_kitpick", id=1, box_id=1, requisition_id=1, outcome="")
    call_command("migrate", interactive=False, verbosity=0)
    connections.close_all()
    with psycopg.connect(earlier, user="postgres", autocommit=True) as there:
        boxes = there.execute("SELECT place_id, bound_for FROM flows_box ORDER BY id").fetchall()
    assert boxes == [(7, "RQ-1"), (7, ""), (None, ""), (8, "")]


# As it was written before who has a thing in hand was said for each line.
WRITE_UNIT_BEFORE = """
CREATE FUNCTION ledger_write_unit(uuid, text, bigint, text, timestamptz, timestamptz, int, bigint, int, bigint, numeric, bigint,
                                  bigint, text, text, bigint, bigint) RETURNS void LANGUAGE sql AS $$ SELECT $$
"""


def test_codes_that_are_on_units_are_noted_and_no_function_of_before_stands_beside_the_new(
    earlier: str,
) -> None:
    call_command("migrate", "flows", "0073", interactive=False, verbosity=0)
    connections.close_all()
    with psycopg.connect(earlier, user="postgres", autocommit=True) as there:
        there.execute("SET session_replication_role = replica")
        there.execute(f"SET ROLE {OWNER}")
        there.execute(WRITE_UNIT_BEFORE)
        there.execute("RESET ROLE")
        write(there, "ledger_unit", id=1, epc="01/1/21/1", serial="1", status="available")
        write(there, "ledger_alias", code="E2801160", unit_id=1)
    call_command("migrate", interactive=False, verbosity=0)
    connections.close_all()
    with psycopg.connect(earlier, user="postgres", autocommit=True) as there:
        codes = there.execute("SELECT unit_id, code, bound_at, released_at FROM flows_unitcode").fetchall()
        writes = there.execute(
            "SELECT proname FROM pg_proc WHERE proname LIKE 'ledger_write%' GROUP BY 1 HAVING count(*) > 1"
        ).fetchall()
    assert codes == [(1, "E2801160", None, None)]
    assert writes == []
