"""Where the rejected pieces of a counted lot can lie, and with which receipts they were rejected."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from yanji.ledger.api import Status

from .held import rejected_lots

# All that came on hold or went, or was lost and found, in its order; what was taken back is left out, and its taking back too.
REJECTING = """
SELECT m.lot_id, m.quantity::int, CASE WHEN e.step = 'reject' THEN coalesce(e.documents->>'receipt', '') END,
       CASE WHEN m.from_owner_id IS NULL THEN ARRAY[m.from_place_id::text, m.from_status] END,
       CASE WHEN m.to_owner_id IS NULL THEN ARRAY[m.to_place_id::text, m.to_status] END
  FROM ledger_movement m JOIN ledger_event e ON e.id = m.event_id
 WHERE m.lot_id = ANY (%s) AND m.unit_id IS NULL AND e.corrects_id IS NULL
   AND ARRAY[m.from_status, m.to_status]::text[] && ARRAY['quarantined', 'lost']
   AND NOT EXISTS (SELECT FROM ledger_event k WHERE k.corrects_id = e.id)
 ORDER BY m.lot_id, e.recorded_at, e.id, m.line
"""


@dataclass(frozen=True, slots=True)
class Rejecting:
    """``receipts``: (number, pieces) with which pieces were rejected that are on hold still, the earliest first, as they leave.
    ``places``: place -> at most so many of these lie there; all else of the lot is on hold for a reason of its own."""

    receipts: Sequence[tuple[str, int]]
    places: Mapping[int, int]


# Pieces of one lot in one status at one place.
Heap = tuple[int, str]
FOLLOWED = (Status.QUARANTINED, Status.LOST)


@dataclass(frozen=True, slots=True)
class _Step:
    """Pieces that came on hold or went. ``receipt``: with which they were rejected by this. An end is None where they belonged
    to a supplier there."""

    pieces: int
    receipt: str | None
    source: Heap | None
    target: Heap | None


def rejecting_receipts(lots: Collection[int]) -> dict[int, Rejecting]:
    """Of lots of which pieces of the hospital's were rejected, and are on hold still. Three statements, none without lots."""
    left = {lot: found.rejected for lot, found in rejected_lots(lots).items()}
    rows: dict[int, list[_Step]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(REJECTING, (sorted(left),))
        for lot, pieces, receipt, source, target in cursor.fetchall() if left else ():
            rows[lot].append(_Step(pieces, receipt, _heap(source), _heap(target)))
    found = {}
    for lot, steps in rows.items():
        rejected: dict[str, int] = {}
        for step in steps:
            if step.receipt and step.target:
                rejected[step.receipt] = rejected.pop(step.receipt, 0) + step.pieces
        receipts: list[tuple[str, int]] = []
        for number, pieces in reversed(rejected.items()):
            still = min(left[lot], pieces)
            left[lot] -= still
            receipts[:0] = [(number, still)] if still else []
        if receipts:
            found[lot] = Rejecting(receipts, _rejected_at(steps))
    return found


def _heap(named: Sequence[str] | None) -> Heap | None:
    return (int(named[0]), named[1] or "") if named else None


def _rejected_at(steps: Iterable[_Step]) -> dict[int, int]:
    """Place -> at most so many rejected pieces lie there on hold. Pure.

    Of pieces that lie together nobody knows which were rejected: any that are brought away may be, as many as there were, and
    any that stay. What leaves for elsewhere was the rejected part first; what is released was not.
    """
    lying: Counter[Heap] = Counter()
    rejected: Counter[Heap] = Counter()
    for step in steps:
        source = step.source if step.source and step.source[1] in FOLLOWED else None
        target = step.target if step.target and step.target[1] in FOLLOWED else None
        brought = step.pieces if step.receipt is not None else 0
        if source:
            brought = min(step.pieces, rejected[source])
            lying[source] -= step.pieces
            if not target and not (step.target and step.target[1] == Status.AVAILABLE):
                rejected[source] -= brought
            rejected[source] = max(0, min(rejected[source], lying[source]))
        if target:
            lying[target] += step.pieces
            rejected[target] += brought
    return {
        place: most for (place, status), most in rejected.items() if most and status == Status.QUARANTINED
    }
