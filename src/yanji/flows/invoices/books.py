"""What an invoice is compared with, read from orders, the ledger and other invoices: six statements, however many lines."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from ..buying.pricing import rules
from ..models import OrderLine
from .match import Books, Came, Charged, LotBook, LotKey, Price, Way, told
from .models import InvoiceLine

# A unit ``u`` that came with receipt ``rc`` by movement ``m`` is accepted: at the dock, by the release of what was put in doubt
# there, or because it was used whatever had been said of it.
ACCEPTED = """
EXISTS (SELECT 1 FROM ledger_movement a JOIN ledger_event ae ON ae.id = a.event_id
         WHERE a.unit_id = u.id AND a.seq > m.seq
           AND (ae.step IN ('accept', 'use') OR ae.step = 'release' AND EXISTS (
                SELECT 1 FROM ledger_movement d
                 WHERE d.unit_id = u.id AND d.seq > m.seq AND d.seq < a.seq AND rc.held_events ? d.event_id::text))
           AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = ae.id))
"""
# The last receipt of a unit that was not taken back, and what followed it.
UNITS = f"""
SELECT u.item_id, u.serial, rc.order_id, rc.id,
       {ACCEPTED},
       u.status = 'returned' AND p.kind = 'supplier'
  FROM unnest(%s::bigint[], %s::text[]) AS asked (item_id, serial)
  JOIN ledger_unit u ON u.item_id = asked.item_id AND u.serial = asked.serial
  JOIN places_place p ON p.id = u.place_id
  LEFT JOIN LATERAL (
       SELECT rm.event_id, rm.seq FROM ledger_movement rm JOIN ledger_event re ON re.id = rm.event_id
        WHERE rm.unit_id = u.id AND re.step = 'receive'
          AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = re.id)
        ORDER BY rm.seq DESC LIMIT 1) m ON true
  LEFT JOIN flows_receipt rc ON rc.received_event = m.event_id AND rc.voided_at IS NULL
"""
INVOICED = """
SELECT il.item_id, il.serial, il.receipt_id, i.number
  FROM unnest(%s::bigint[], %s::text[]) AS asked (item_id, serial)
  JOIN flows_invoiceline il ON il.item_id = asked.item_id AND il.serial = asked.serial
  JOIN flows_invoice i ON i.id = il.invoice_id
 WHERE il.invoice_id <> %s AND il.result IN ('matched', 'price_accepted')
"""
# What came of some counted lots (for whichever order), was put in doubt at the dock and released, was rejected there and is in
# a patient all the same, was charged, and went back, as it happened; in one instant, what comes before what goes.
WAYS = """
SELECT way, order_id, item_id, number, receipt_id, pieces, event_id FROM (
     SELECT CASE e.step WHEN 'accept' THEN 'came' WHEN 'reject' THEN 'rejected' WHEN 'hold' THEN 'doubted'
                        WHEN 'release' THEN 'cleared'
                        ELSE CASE m.from_status WHEN 'quarantined' THEN 'aside' ELSE 'back' END END AS way,
            rc.order_id, lo.item_id, lo.number, rc.id AS receipt_id, m.quantity AS pieces, e.id AS event_id,
            e.recorded_at AS at
       FROM wanted
       JOIN ledger_lot lo ON lo.item_id = wanted.item_id AND lo.number = wanted.number
       JOIN ledger_movement m ON m.lot_id = lo.id AND m.unit_id IS NULL AND m.to_owner_id IS NULL
       JOIN ledger_event e ON e.id = m.event_id AND e.step IN ('accept', 'reject', 'hold', 'release', 'send_back')
       LEFT JOIN flows_receipt rc ON rc.accepted_event = e.id
              OR rc.number = e.documents->>'receipt' AND rc.held_events ? e.id::text
      WHERE (e.step <> 'hold' OR rc.id IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)
     UNION ALL
     SELECT 'kept', (kept->>'order_id')::bigint, lo.item_id, lo.number, rc.id, (kept->>'pieces')::numeric, e.id, e.recorded_at
       FROM flows_emergencyuse paper
       CROSS JOIN LATERAL jsonb_array_elements(paper.accepted) AS kept
       JOIN ledger_lot lo ON lo.id = (kept->>'lot_id')::bigint
       JOIN wanted ON lo.item_id = wanted.item_id AND lo.number = wanted.number
       JOIN ledger_event e ON e.id = paper.use_event_id
       JOIN flows_receipt rc ON rc.number = kept->>'receipt'
      WHERE paper.accepted <> '[]' AND paper.state <> 'voided'
     UNION ALL
     SELECT 'charged', il.order_id, il.item_id, il.lot, il.receipt_id, il.quantity, NULL, i.created_at
       FROM wanted
       JOIN flows_invoiceline il ON il.item_id = wanted.item_id AND il.lot = wanted.number AND il.serial = ''
       JOIN flows_invoice i ON i.id = il.invoice_id
      WHERE il.invoice_id <> %(invoice)s AND il.result IN ('matched', 'price_accepted')) AS ways
 ORDER BY at, way DESC
"""
LOTS_OF_ORDERS = """
WITH wanted AS (
     SELECT DISTINCT lo.item_id, lo.number
       FROM flows_receipt rc
       JOIN ledger_movement m ON m.event_id = rc.received_event AND m.unit_id IS NULL
       JOIN ledger_lot lo ON lo.id = m.lot_id
      WHERE rc.order_id = ANY (%(orders)s))
"""
LOTS_OF_ENTRY = """
WITH wanted AS (
     SELECT DISTINCT lo.item_id, lo.number FROM ledger_movement m JOIN ledger_lot lo ON lo.id = m.lot_id
      WHERE m.event_id = %(event)s AND m.unit_id IS NULL)
"""


def books_for(invoice_id: int, lines: Sequence[Charged]) -> Books:
    """All that these lines are compared with."""
    orders = sorted({line.order_id for line in lines})
    serials = [(line.item_id, line.serial) for line in lines if line.serial]
    items, numbers = [item for item, _ in serials], [serial for _, serial in serials]
    with connection.cursor() as cursor:
        cursor.execute(UNITS, (items, numbers))
        units = {(row[0], row[1]): Came(*row[2:]) for row in cursor.fetchall()}
        cursor.execute(INVOICED, (items, numbers, invoice_id))
        invoiced = {(item, serial, receipt): number for item, serial, receipt, number in cursor.fetchall()}
    return Books(
        prices=_prices(orders), units=units, invoiced=invoiced, lots=lot_books(orders, without=invoice_id)
    )


def lot_books(orders: Sequence[int], *, without: int = 0) -> dict[LotKey, LotBook]:
    """What these orders' counted lots came to, and what of it was charged by all invoices but one. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(LOTS_OF_ORDERS + WAYS, {"orders": list(orders), "invoice": without})
        return told([_way(row) for row in cursor.fetchall()])


def _way(row: Sequence[Any]) -> Way:
    return Way(*(*row[:5], int(row[5])))


def resting_on(release_id: UUID) -> dict[LotKey, LotBook]:
    """What orders' counted lots came to, of those of which less would have come without this release. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(LOTS_OF_ENTRY + WAYS, {"event": release_id, "invoice": 0})
        rows = cursor.fetchall()
    with_it = told([_way(row) for row in rows])
    without = told([_way(row) for row in rows if row[6] != release_id])
    return {key: book for key, book in with_it.items() if key not in without or book.came > without[key].came}


def _prices(orders: Sequence[int]) -> dict[tuple[int, int], Price]:
    general = rules().price_tolerance_percent
    rows = OrderLine.objects.filter(order_id__in=orders).values_list(
        "order_id", "item_id", "price", "contract_item__contract__price_tolerance_percent"
    )
    return {
        (order, item): Price(price, Decimal(general) if agreed is None else agreed)
        for order, item, price, agreed in rows
    }


def charged(lines: Sequence[InvoiceLine]) -> list[Charged]:
    """Kept lines as the comparison takes them."""
    return [
        Charged(row.pk, row.order_id, row.item_id, row.serial, row.lot, row.quantity, row.price, row.result)
        for row in lines
        if row.order_id is not None
    ]
