"""What came in a loan set is not sterile before its cycle is recorded: until then nobody lays it out or uses it."""

from collections.abc import Sequence

from django.db import connection

from yanji.ledger.api import LotQuantity, Offence, Refused

from ..states import LoanSetState
from ..things import Thing, name

# A unit by its latest arrival: what came again with another set is that set's. Pieces of a lot do not say from which
# delivery they are: they may be the set's where it was taken in, and anywhere once some of it has left that place.
UNSTERILE = """
SELECT u.epc, m.lot_id, m.to_owner_id, r.dock_id, s.number,
       sum(m.quantity) > coalesce((SELECT sum(l.quantity) FROM ledger_level l
                                    WHERE l.lot_id = m.lot_id AND l.place_id = r.dock_id AND l.owner_id = m.to_owner_id
                                      AND l.status = 'available'), 0)
  FROM flows_loanset s
  JOIN flows_consignmentreceipt r ON r.loan_set_id = s.id
  JOIN ledger_movement m ON m.event_id = r.received_event_id
  LEFT JOIN ledger_unit u ON u.id = m.unit_id
 WHERE s.state = %(arrived)s AND (u.epc = ANY(%(epcs)s) OR (m.unit_id IS NULL AND m.lot_id = ANY(%(lots)s)))
   AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = m.event_id)
   AND NOT EXISTS (SELECT 1 FROM ledger_movement n JOIN ledger_event e ON e.id = n.event_id AND e.step = 'receive'
                    WHERE n.unit_id = m.unit_id AND n.seq > m.seq)
 GROUP BY u.epc, m.lot_id, m.to_owner_id, r.dock_id, s.number
"""


def check_sterile(things: Sequence[Thing]) -> None:
    """Raises ``not_sterilised`` naming every thing of a set that has come and was not sterilised. One statement."""
    asked = {
        "arrived": LoanSetState.ARRIVED,
        "epcs": [thing for thing in things if isinstance(thing, str)],
        "lots": [thing.lot_id for thing in things if not isinstance(thing, str)],
    }
    with connection.cursor() as cursor:
        cursor.execute(UNSTERILE, asked)
        rows = cursor.fetchall()
    units = {epc: number for epc, _lot, _owner, _dock, number, _left in rows if epc}
    lots = [row[1:] for row in rows if not row[0]]
    offences = []
    for thing in things:
        found = units.get(thing) if isinstance(thing, str) else _set_of(thing, lots)
        if found:
            offences.append(Offence("thing_not_sterilised", name(thing), {"set": found}))
    if offences:
        raise Refused.of(offences)


def _set_of(thing: LotQuantity, lots: Sequence[tuple[int, int, int, str, bool]]) -> str | None:
    """The number of the set from which pieces may be. Pure."""
    return next(
        (
            number
            for lot, owner, dock, number, left in lots
            if (lot, owner) == (thing.lot_id, thing.owner_id) and (left or dock == thing.from_place_id)
        ),
        None,
    )
