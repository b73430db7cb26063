"""What is looked up by every scan begins an index."""

import pytest
from django.db import connection


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("index", "column"),
    [("unit_serial_unique", "serial"), ("unit_epc_unique", "epc"), ("ledger_alias_pkey", "code")],
)
def test_a_scan_knows_the_first_column(index: str, column: str) -> None:
    """With another one first, PostgreSQL 16 and 17 would read the whole index for each scan."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef(%s::regclass, 1, true)", [index])
        assert cursor.fetchone() == (column,)
