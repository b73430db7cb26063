"""Which documents carry a number, whatever their kind."""

from dataclasses import dataclass

from django.db import connection

# One arm a kind of document; each reads one unique index.
NUMBERED = """
SELECT 'order', id, number, NULL::uuid FROM flows_purchaseorder WHERE number = %(number)s
UNION ALL SELECT 'requisition', id, number, NULL FROM flows_requisition WHERE number = %(number)s
UNION ALL SELECT 'receipt', id, number, received_event FROM flows_receipt WHERE number = %(number)s
UNION ALL SELECT 'issue', id, number, event_id FROM flows_issue WHERE number = %(number)s
"""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document by its number; ``event_id`` of the entry that it became, where it is one entry."""

    kind: str
    id: int
    number: str
    event_id: str | None


def papers_numbered(number: str) -> list[Paper]:
    """All documents of exactly this number; whether the reader may see them is for the caller to ask."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBERED, {"number": number})
        return [
            Paper(kind, key, text, str(event) if event else None)
            for kind, key, text, event in cursor.fetchall()
        ]
