"""What is in a loan set, and what became of it: read from the ledger."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, Q

from yanji.ledger.api import LotQuantity, Offence, Refused, Status, Step
from yanji.ledger.models import Level
from yanji.places.models import VIRTUAL, Kind

from ..theatre.account import Account, Fate, Taken
from ..things import Thing
from .models import LoanSet

# Every delivery of the set that stands: a part may come later than the rest, an arrival may be taken back.
UNITS = """
SELECT r.loan_set_id, u.epc, u.serial, i.id, ARRAY[i.name_zh, i.name_en], lo.id, lo.number, lo.expiry, u.status, p.kind, p.id,
       ARRAY[p.name_zh, p.name_en]
  FROM flows_consignmentreceipt r
  JOIN ledger_movement m ON m.event_id = r.received_event_id
  JOIN ledger_unit u ON u.id = m.unit_id
  JOIN ledger_lot lo ON lo.id = u.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  JOIN places_place p ON p.id = u.place_id
 WHERE r.loan_set_id = ANY(%(sets)s) AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = m.event_id)
 ORDER BY r.id, m.line
"""
CAME = """
SELECT lo.item_id, sum(m.quantity)
  FROM flows_consignmentreceipt r
  JOIN ledger_movement m ON m.event_id = r.received_event_id
  JOIN ledger_lot lo ON lo.id = m.lot_id
 WHERE r.loan_set_id = %s AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = m.event_id)
 GROUP BY 1
"""
# Pieces that came, and those of the same lot and owner that have left for good since. Nothing on a piece says from which
# delivery it was; it is taken to be of the set that handed it back, else of the one lent for that case, else of the one
# that came first of those open at the time whose dock or theatre it left.
LOTS = """
WITH came AS (
  SELECT r.loan_set_id, a.supplier_id AS owner_id, m.lot_id, sum(m.quantity) AS quantity
    FROM flows_consignmentreceipt r
    JOIN flows_loanset s ON s.id = r.loan_set_id
    JOIN flows_consignmentagreement a ON a.id = s.agreement_id
    JOIN ledger_movement m ON m.event_id = r.received_event_id AND m.unit_id IS NULL
   WHERE r.loan_set_id = ANY(%(sets)s) AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = m.event_id)
   GROUP BY 1, 2, 3
), went AS (
  SELECT m.lot_id, m.from_owner_id, e.step, m.quantity, coalesce(le.loan_set_id, (
         SELECT s.id FROM ledger_movement b
           JOIN ledger_event a ON a.id = b.event_id AND a.recorded_at <= e.recorded_at
           JOIN flows_consignmentreceipt r ON r.received_event_id = a.id
           JOIN flows_loanset s ON s.id = r.loan_set_id
           JOIN places_place d ON d.id = s.department_id
          WHERE b.unit_id IS NULL AND b.lot_id = m.lot_id AND b.to_owner_id = m.from_owner_id
            AND (s.closed_at IS NULL OR s.closed_at >= e.recorded_at)
            AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = a.id)
            AND (s.case_id = ce.case_id OR m.from_place_id = r.dock_id OR p.path LIKE d.path || '%%')
          ORDER BY s.case_id = ce.case_id DESC NULLS LAST, a.recorded_at, s.id LIMIT 1)) AS loan_set_id
    FROM ledger_movement m
    JOIN ledger_event e ON e.id = m.event_id AND e.step = ANY(%(steps)s)
    JOIN places_place p ON p.id = m.from_place_id
    LEFT JOIN flows_caseevent ce ON ce.event_id = e.id
    LEFT JOIN flows_loansetevent le ON le.event_id = e.id
   WHERE m.unit_id IS NULL AND (m.lot_id, m.from_owner_id) IN (SELECT lot_id, owner_id FROM came)
     AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)
), gone AS (
  SELECT c.loan_set_id, c.lot_id, w.step, sum(w.quantity) AS quantity
    FROM came c
    JOIN went w ON w.loan_set_id = c.loan_set_id AND w.lot_id = c.lot_id AND w.from_owner_id = c.owner_id
   GROUP BY 1, 2, 3
)
SELECT x.loan_set_id, lo.id, lo.number, lo.expiry, i.id, ARRAY[i.name_zh, i.name_en], x.step, x.quantity
  FROM (SELECT loan_set_id, lot_id, 'receive' AS step, quantity FROM came
        UNION ALL SELECT loan_set_id, lot_id, step, quantity FROM gone) AS x
  JOIN ledger_lot lo ON lo.id = x.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
 ORDER BY lo.id, x.step <> 'receive', array_position(%(steps)s, x.step::text)
"""
# In the order in which pieces are counted off: what was used before all else, what was bought or got lost last.
GONE: dict[str, Fate] = {
    Step.USE: "used",
    Step.CONSUME: "used",
    Step.WASTE: "wasted",
    Step.HAND_BACK: "returned",
    Step.SEND_BACK: "returned",
    Step.TAKE_TITLE: "elsewhere",
    Step.LOSE: "elsewhere",
    Step.SCRAP: "elsewhere",
}


def contents_of(loan_set: LoanSet) -> Account:
    """Every unit and lot that came with a set, with its fate. Two statements."""
    return contents_of_sets([loan_set])[loan_set.pk]


def contents_of_sets(loan_sets: Sequence[LoanSet]) -> dict[int, Account]:
    """The same of each of these. Two statements for any number of them, none for none."""
    units: dict[int, list[Taken]] = {each.pk: [] for each in loan_sets}
    lots: dict[int, list[Sequence[Any]]] = {each.pk: [] for each in loan_sets}
    if units:
        asked = {"sets": list(units), "steps": [str(step) for step in GONE]}
        with connection.cursor() as cursor:
            cursor.execute(UNITS, asked)
            for key, *row in cursor.fetchall():
                units[key].append(_unit(row))
            cursor.execute(LOTS, asked)
            for key, *row in cursor.fetchall():
                lots[key].append(row)
    owners = {each.pk: each.agreement.supplier_id for each in loan_sets}
    return {key: Account((*units[key], *fold_pieces(lots[key], owners[key]))) for key in units}


def pieces_come(loan_set: LoanSet) -> Counter[int]:
    """How many pieces of each item came with a set, whatever became of them. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(CAME, (loan_set.pk,))
        return Counter({item: int(pieces) for item, pieces in cursor.fetchall()})


def fate_in_set(status: str, place_kind: str) -> Fate:
    """What became of a unit of a set: used, wasted, back at its owner's, or still to be accounted for. Pure."""
    if status in (Status.USED, Status.EXPLANTED):
        return "used"
    if status == Status.SCRAPPED:
        return "wasted"
    if place_kind == Kind.SUPPLIER:
        return "returned"
    return "elsewhere" if status == Status.LOST else "open"


def _unit(row: Sequence[Any]) -> Taken:
    epc, serial, item, name, lot, number, expiry, status, kind, place, place_name = row
    return Taken(
        item, tuple(name), lot, number, expiry, {fate_in_set(status, kind): 1}, epc=epc, serial=serial, status=status,
        place_id=place, place_name=tuple(place_name), consigned=True,
    )  # fmt: skip


def fold_pieces(rows: Iterable[Sequence[Any]], owner: int) -> list[Taken]:
    """What came of each lot first, then what left by which step: one line a lot, of no more pieces than came. Pure.

    A case may use more of a lot than its set brought: the rest lay here before.
    """
    found: dict[int, Taken] = {}
    for lot, number, expiry, item, name, step, quantity in rows:
        kept = found.setdefault(
            lot, Taken(item, tuple(name), lot, number, expiry, {"open": 0}, owner_id=owner, consigned=True)
        )
        if step == Step.RECEIVE:
            kept.pieces["open"] = int(Decimal(quantity))
            continue
        pieces = min(kept.open, int(Decimal(quantity)))
        kept.pieces[GONE[step]] = kept.pieces.get(GONE[step], 0) + pieces
        kept.pieces["open"] -= pieces
    return list(found.values())


def open_things(loan_set: LoanSet, account: Account) -> list[Thing]:
    """What of a set is still in the house, as things that can be moved: units, and pieces where the set was - at the
    docks where it came, and in its theatre. One statement."""
    things: list[Thing] = [each.epc for each in account.open if each.epc]
    left = Counter({each.lot_id: each.open for each in account.open if not each.epc})
    if not left:
        return things
    docks = loan_set.receipts.values("dock_id")
    rows = (
        Level.objects.filter(
            Q(place_id__in=docks) | Q(place__path__startswith=loan_set.department.path),
            lot_id__in=left, owner_id=loan_set.agreement.supplier_id, quantity__gt=0,
        )
        .exclude(place__kind__in=VIRTUAL)
        .order_by("lot_id", F("quantity").desc(), "place_id", "status")
    )  # fmt: skip
    for row in rows:
        take = min(left[row.lot_id], int(row.quantity))
        if take > 0:
            things.append(LotQuantity(row.lot_id, Decimal(take), row.place_id, row.owner_id, row.status))
            left[row.lot_id] -= take
    return things


def chosen_of(
    loan_set: LoanSet, account: Account, epcs: Sequence[str], pieces: Mapping[int, int]
) -> list[Thing]:
    """The units named, and so many pieces of each lot from where the set has them. ``pieces``: lot id -> pieces.

    Raises :class:`Refused` for more pieces of a lot than the set still has; units are judged by the verb.
    """
    asked, things = dict(pieces), list[Thing](epcs)
    for thing in open_things(loan_set, account):
        if isinstance(thing, str) or not asked.get(thing.lot_id):
            continue
        part = min(asked[thing.lot_id], int(thing.quantity))
        things.append(replace(thing, quantity=Decimal(part)))
        asked[thing.lot_id] -= part
    called = {each.lot_id: each.lot for each in account.things}
    over = [
        Offence("not_of_this_set", called.get(lot, str(lot)), {"set": loan_set.number})
        for lot, rest in asked.items()
        if rest
    ]
    if over:
        raise Refused.of(over)
    return things
