"""An entry is taken back, and its loan set follows: what was closed is open again, what was sent to the theatre waits again."""

from collections.abc import Callable, Sequence

from django.db import connection

from yanji.ledger.models import Event

from ..documents import allow, reached
from ..states import LoanSetState
from .models import LoanSet

# The sets closed since the entry whose units it moved, or to which its pieces were counted: those lent for its case, else
# those in whose theatre, or at whose dock, they lay. More sets than one are opened rather than one too few.
CLOSED = """
SELECT s.id
  FROM ledger_movement m
  JOIN ledger_event e ON e.id = m.event_id
  JOIN places_place p ON p.id = m.from_place_id
  JOIN ledger_movement b ON b.to_owner_id = m.from_owner_id
                        AND (b.unit_id = m.unit_id OR (m.unit_id IS NULL AND b.unit_id IS NULL AND b.lot_id = m.lot_id))
  JOIN flows_consignmentreceipt r ON r.received_event_id = b.event_id
  JOIN ledger_event a ON a.id = b.event_id AND a.recorded_at <= e.recorded_at
  JOIN flows_loanset s ON s.id = r.loan_set_id AND s.state = %(closed)s AND s.closed_at >= e.recorded_at
  JOIN places_place d ON d.id = s.department_id
 WHERE m.event_id = %(event)s
   AND (m.unit_id IS NOT NULL OR m.from_place_id = r.dock_id OR p.path LIKE d.path || '%%'
        OR s.case_id IN (SELECT ce.case_id FROM flows_caseevent ce WHERE ce.event_id = e.id))
"""


def closed_sets(event: Event) -> list[LoanSet]:
    """The sets that are to be opened when an entry is taken back, locked. Two statements, one where there are none."""
    with connection.cursor() as cursor:
        cursor.execute(CLOSED, {"event": event.pk, "closed": LoanSetState.CLOSED})
        found = {key for (key,) in cursor.fetchall()}
    # Sorted: prevents deadlock.
    return list(LoanSet.objects.select_for_update().filter(pk__in=found).order_by("pk")) if found else []


def reopen_sets(sets: Sequence[LoanSet]) -> None:
    """What became of each is counted anew when it is closed again."""
    for loan_set in sets:
        state = LoanSetState.IN_THEATRE if loan_set.cycle else LoanSetState.ARRIVED
        loan_set.state = reached("loan_set", "take_back", state)
        loan_set.closed_at, loan_set.difference_reason = None, ""
        loan_set.save(update_fields=["state", "closed_at", "difference_reason"])
        loan_set.lines.update(used=0, wasted=0, returned=0)


def sending_taken_back(event: Event) -> Callable[[str], None] | None:
    """For ``correction``: a set whose way to its theatre is taken back lies where it was, and is sent again. None: what was put
    away was of no set.

    Raises :class:`Refused` where the set is closed: what became of it was counted in its theatre.
    """
    number = event.documents.get("loan_set")
    loan_set = LoanSet.objects.select_for_update().filter(number=number).first() if number else None
    if loan_set is None:
        return None
    state, label = loan_set.state, loan_set.get_state_display()
    allow("loan_set", "call_back", number=loan_set.number, state=state, label=label)

    def finish(_correcting: str) -> None:
        # Sterilised again since, or waiting for what came late, it is so still.
        if loan_set.state == LoanSetState.IN_THEATRE:
            loan_set.state = reached("loan_set", "call_back", LoanSetState.STERILISED)
            loan_set.save(update_fields=["state"])

    return finish
