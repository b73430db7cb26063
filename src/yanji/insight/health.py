"""Whether the house is in order: people and grants, rows put aside, how far the readers of the log have come."""

from dataclasses import dataclass
from datetime import date

from django.db import connection


@dataclass(frozen=True, slots=True)
class Health:
    """Counts for the administrator; ``unsequenced`` events wait for their position in the log."""

    people: int
    people_without_grant: int
    grants: int
    grants_ending_soon: int
    quarantined: int
    provisional_items: int
    log_position: int
    unsequenced: int
    readers: list[tuple[str, int]]


COUNTS = """
SELECT (SELECT count(*) FROM access_person WHERE is_active),
       (SELECT count(*) FROM access_person p WHERE is_active AND NOT EXISTS (
            SELECT 1 FROM access_grant g WHERE g.person_id = p.id AND coalesce(g.valid_to, 'infinity') >= %(today)s)),
       (SELECT count(*) FROM access_grant WHERE coalesce(valid_to, 'infinity') >= %(today)s),
       (SELECT count(*) FROM access_grant WHERE valid_to BETWEEN %(today)s AND %(today)s + 30),
       (SELECT count(*) FROM catalog_quarantined WHERE resolved_at IS NULL),
       (SELECT count(*) FROM catalog_item WHERE provisional AND active),
       (SELECT coalesce(max(position), 0) FROM ledger_log),
       (SELECT count(*) FROM ledger_pending)
"""


def health(today: date) -> Health:
    """All counts in two statements."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"today": today})
        counts = cursor.fetchone()
        cursor.execute("SELECT name, position FROM ledger_reader ORDER BY name")
        return Health(*counts, readers=cursor.fetchall())
