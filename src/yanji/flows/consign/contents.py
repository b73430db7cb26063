"""What is in a loan set, and what became of it: read from the ledger."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F

from yanji.ledger.api import LotQuantity, Status
from yanji.ledger.models import Level
from yanji.places.models import VIRTUAL, Kind

from ..theatre.account import Account, Fate, Taken
from ..things import Thing
from .models import LoanSet

UNITS = """
SELECT u.epc, u.serial, i.id, ARRAY[i.name_zh, i.name_en], lo.id, lo.number, lo.expiry, u.status, p.kind, p.id,
       ARRAY[p.name_zh, p.name_en]
  FROM ledger_movement m
  JOIN ledger_unit u ON u.id = m.unit_id
  JOIN ledger_lot lo ON lo.id = u.lot_id
  JOIN catalog_item i ON i.id = u.item_id
  JOIN places_place p ON p.id = u.place_id
 WHERE m.event_id = %s ORDER BY m.line
"""
# What came, what its case used or wasted of the supplier's, what went back: entries that stand.
LOTS = """
SELECT lo.id, lo.number, lo.expiry, i.id, ARRAY[i.name_zh, i.name_en], x.fate, sum(x.quantity)
  FROM (SELECT m.lot_id, 'open' AS fate, m.quantity FROM ledger_movement m
         WHERE m.event_id = %(received)s AND m.unit_id IS NULL
        UNION ALL
        SELECT m.lot_id, CASE e.step WHEN 'use' THEN 'used' WHEN 'waste' THEN 'wasted' ELSE 'returned' END, m.quantity
          FROM ledger_movement m
          JOIN ledger_event e ON e.id = m.event_id
         WHERE m.unit_id IS NULL AND m.from_owner_id = %(owner)s AND e.step IN ('use', 'waste', 'hand_back')
           AND m.lot_id IN (SELECT r.lot_id FROM ledger_movement r WHERE r.event_id = %(received)s AND r.unit_id IS NULL)
           AND (e.id IN (SELECT event_id FROM flows_caseevent WHERE case_id = %(case)s)
                OR e.id IN (SELECT event_id FROM flows_loansetevent WHERE loan_set_id = %(set)s))
           AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)) AS x
  JOIN ledger_lot lo ON lo.id = x.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1
"""


def contents_of(loan_set: LoanSet) -> Account:
    """Every unit and lot that came with a set, with its fate. Two statements; nothing before it has arrived."""
    if loan_set.receipt is None:
        return Account(())
    received = loan_set.receipt.received_event_id
    owner = loan_set.agreement.supplier_id
    asked = {"received": received, "owner": owner, "case": loan_set.case_id or 0, "set": loan_set.pk}
    with connection.cursor() as cursor:
        cursor.execute(UNITS, (received,))
        units = [_unit(row) for row in cursor.fetchall()]
        cursor.execute(LOTS, asked)
        return Account((*units, *fold_pieces(cursor.fetchall(), owner)))


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


def fold_pieces(rows: Sequence[Sequence[Any]], owner: int) -> list[Taken]:
    """Pieces by lot and fate as one line a lot: what was used, wasted or returned is not open any more. Pure."""
    found: dict[int, Taken] = {}
    for lot, number, expiry, item, name, fate, quantity in rows:
        kept = found.setdefault(
            lot, Taken(item, tuple(name), lot, number, expiry, {}, owner_id=owner, consigned=True)
        )
        pieces = int(Decimal(quantity))
        kept.pieces[fate] = kept.pieces.get(fate, 0) + pieces
        if fate != "open":
            kept.pieces["open"] = kept.pieces.get("open", 0) - pieces
    return list(found.values())


def open_things(account: Account) -> list[Thing]:
    """What of a set is still in the house, as things that can be moved: units, and pieces where they lie. One
    statement."""
    things: list[Thing] = [each.epc for each in account.open if each.epc]
    counted = {each.lot_id: each for each in account.open if not each.epc}
    if not counted:
        return things
    left = Counter({lot: each.open for lot, each in counted.items()})
    owners = {each.owner_id for each in counted.values()}
    rows = (
        Level.objects.filter(lot_id__in=counted, owner_id__in=owners, quantity__gt=0)
        .exclude(place__kind__in=VIRTUAL)
        .order_by("lot_id", F("quantity").desc(), "place_id")
    )
    for row in rows:
        take = min(left[row.lot_id], int(row.quantity))
        if take > 0:
            things.append(LotQuantity(row.lot_id, Decimal(take), row.place_id, row.owner_id))
            left[row.lot_id] -= take
    return things
