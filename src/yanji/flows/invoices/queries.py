"""What pages and interfaces ask of invoices: lists, the picture of a match, what waits for whom."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.ledger.models import Movement

from ..consign.models import Payable
from ..models import OrderLine, Receipt
from ..queries import within
from ..states import InvoiceState
from .books import ACCEPTED, lot_books, resting_on
from .gates import SEEN_BY
from .models import GOOD, Hold, Invoice, InvoiceLine

OPEN = ("differs", "matched")


def _visible(actor: Actor) -> QuerySet[Invoice]:
    if actor.supplier_id is not None:
        return Invoice.objects.filter(supplier_id=actor.supplier_id if actor.may("supply") else None)
    seen = Q(pk__in=[])
    for together in SEEN_BY:
        each = [within("place", actor.scopes.get(operation, ())) for operation in together]
        seen |= reduce(and_, each)
    return Invoice.objects.filter(seen)


def invoices(
    actor: Actor,
    *,
    states: Sequence[str] = (),
    text: str = "",
    held: bool | None = None,
    limit: int = 200,
) -> list[Invoice]:
    """Invoices that the actor sees, the latest first, with ``count`` of pieces, ``good`` ones, and ``held``."""
    found = _visible(actor).select_related("supplier", "place", "entered_by")
    found = found.filter(state__in=states) if states else found
    if text:
        found = found.filter(
            Q(number__icontains=text)
            | Q(reference__icontains=text)
            | Q(supplier__name_zh__icontains=text)
            | Q(supplier__pinyin__icontains=text)
        )
    kept = Exists(Hold.objects.filter(invoice=OuterRef("pk"), lifted_at__isnull=True))
    found = found.annotate(
        count=Coalesce(Sum("lines__quantity"), 0),
        good=Coalesce(Sum("lines__quantity", filter=Q(lines__result__in=sorted(GOOD))), 0),
        held=kept,
    )
    found = found if held is None else found.filter(held=held)
    return list(found.order_by("-id")[:limit])


def invoices_of(actor: Actor, order_id: int) -> list[Invoice]:
    """Invoices that charge things of an order, the latest first. One statement."""
    lines = InvoiceLine.objects.filter(invoice=OuterRef("pk"), order_id=order_id)
    return list(_visible(actor).filter(Exists(lines)).order_by("-id")[:20])


def released_for(receipt: Receipt, event_id: UUID) -> str:
    """Numbers of the invoices released for payment that charge what an entry of a receipt accepted, or put in doubt and
    was released since; empty without one. One statement.

    A counted lot is charged by order, not by receipt: an invoice of the order for any of it counts.
    """
    moves = Movement.objects.filter(event_id=event_id)
    serials = moves.filter(unit__isnull=False).values("unit__serial")
    lots = moves.filter(unit__isnull=True).values("lot__number")
    here = Q(receipt=receipt, serial__in=serials) | Q(order_id=receipt.order_id, serial="", lot__in=lots)
    found = InvoiceLine.objects.filter(here, invoice__state=InvoiceState.RELEASED)
    return ", ".join(found.values_list("invoice__number", flat=True).distinct().order_by("invoice__number"))


# Units that an entry released, of what a receipt had put in doubt, and that an invoice charges which is released for payment.
# A unit was held by what put it in doubt last; it may have been recalled, and be on hold again, since.
PAID_DOUBT = """
SELECT rc.number, string_agg(DISTINCT i.number, ', ' ORDER BY i.number)
  FROM ledger_movement a
  JOIN ledger_unit u ON u.id = a.unit_id
  JOIN LATERAL (
       SELECT m.event_id FROM ledger_movement m
        WHERE m.unit_id = a.unit_id AND m.seq < a.seq AND m.to_status IN ('quarantined', 'recalled', 'expired')
          AND m.from_status NOT IN ('quarantined', 'recalled', 'expired')
        ORDER BY m.seq DESC LIMIT 1) d ON true
  JOIN ledger_event de ON de.id = d.event_id
  JOIN flows_receipt rc ON rc.number = de.documents->>'receipt' AND rc.held_events ? d.event_id::text
  JOIN flows_invoiceline il ON il.item_id = u.item_id AND il.receipt_id = rc.id AND il.serial = u.serial
  JOIN flows_invoice i ON i.id = il.invoice_id AND i.state = 'released'
 WHERE a.event_id = %s
 GROUP BY rc.number ORDER BY rc.number LIMIT 1
"""


def paid_doubt(event_id: UUID) -> tuple[str, str] | None:
    """Of a release: the receipt that had put the things in doubt, and the invoices paid for them since. Three statements at
    most."""
    with connection.cursor() as cursor:
        cursor.execute(PAID_DOUBT, (event_id,))
        found = cursor.fetchone()
    return (found[0], found[1]) if found else paid_pieces(event_id)


def paid_pieces(event_id: UUID) -> tuple[str, str] | None:
    """Of a release, or a use of what was rejected, the same of counted lots: which delivery's pieces it makes the hospital's is
    judged as the comparison judges it."""
    keys = [key for key in resting_on(event_id) if key[0] is not None]
    charged = [Q(order_id=order, item_id=item, lot=lot) for order, item, lot in keys]
    if not charged:
        return None
    paid = InvoiceLine.objects.filter(reduce(or_, charged), serial="", invoice__state=InvoiceState.RELEASED)
    rows = list(paid.values_list("receipt__number", "invoice__number").order_by("receipt", "invoice"))
    receipts, numbers = (", ".join(dict.fromkeys(row[at] or "" for row in rows)) for at in (0, 1))
    return (receipts, numbers) if rows else None


def invoices_of_settlement(actor: Actor, settlement_id: int) -> list[Invoice]:
    """Invoices that charge a settlement, the latest first. One statement."""
    lines = InvoiceLine.objects.filter(invoice=OuterRef("pk"), settlement_id=settlement_id)
    return list(_visible(actor).filter(Exists(lines)).order_by("-id")[:20])


def lines_of(invoice: Invoice) -> list[InvoiceLine]:
    """The lines as compared, those that differ first. One statement."""
    rows = list(
        invoice.lines.select_related("item", "order", "settlement", "receipt").order_by(
            "order_id", "settlement_id", "credit", "item_id", "serial", "lot"
        )
    )
    return sorted(rows, key=lambda row: row.good)


@dataclass(frozen=True, slots=True)
class Triple:
    """One item of one order in the three papers: ordered, received, charged; pieces and price of a piece. Of a settlement:
    settled, used, charged, less what is credited."""

    order_id: int | None
    settlement_id: int | None
    paper: str
    item: Item
    ordered: int
    received: int
    charged: int
    matched: int
    price_ordered: Decimal | None
    prices_charged: tuple[Decimal, ...]

    @property
    def good(self) -> bool:
        return self.charged == self.matched


def triples(invoice: Invoice, lines: Sequence[InvoiceLine]) -> list[Triple]:
    """The picture of a match, item by item. At most two statements beyond the lines."""
    orders = {line.order_id for line in lines if line.order_id}
    settlements = {line.settlement_id for line in lines if line.settlement_id}
    ordered = {}
    if orders:
        ordered = {(row.order_id, row.item_id): row for row in OrderLine.objects.filter(order_id__in=orders)}
    used = _used(settlements)
    groups: dict[tuple[int, int, int], list[InvoiceLine]] = {}
    for line in lines:
        groups.setdefault((line.order_id or 0, line.settlement_id or 0, line.item_id), []).append(line)
    return [
        _settled_triple(group, used[key[1], key[2]])
        if key[1]
        else _triple(group, ordered.get((key[0], key[2])))
        for key, group in sorted(groups.items())
    ]


def _used(settlements: Collection[int]) -> dict[tuple[int, int], tuple[int, int, Decimal | None]]:
    """(settlement, item) -> pieces settled, those of them whose use stands, and their dearest price. One statement, none
    without settlements."""
    found: dict[tuple[int, int], tuple[int, int, Decimal | None]] = defaultdict(lambda: (0, 0, None))
    if not settlements:
        return found
    rows = Payable.objects.filter(settlement__in=settlements).values_list("settlement_id", "item_id")
    gone = Q(sign=1, reversed_by__isnull=False)
    sums = rows.annotate(
        pieces=Sum(F("quantity") * F("sign")),
        undone=Sum("quantity", filter=gone, default=0),
        back=Sum("quantity", filter=Q(sign=-1), default=0),
        dearest=Max("price"),
    ).order_by()
    for settlement, item, pieces, undone, back, dearest in sums:
        found[settlement, item] = int(pieces), int(pieces) - max(0, undone - back), dearest
    return found


def _settled_triple(group: Sequence[InvoiceLine], used: tuple[int, int, Decimal | None]) -> Triple:
    first = group[0]
    signed = [(line, -line.quantity if line.credit else line.quantity) for line in group]
    return Triple(
        order_id=None,
        settlement_id=first.settlement_id,
        paper=first.paper,
        item=first.item,
        ordered=used[0],
        received=used[1],
        charged=sum(pieces for _line, pieces in signed),
        matched=sum(pieces for line, pieces in signed if line.good),
        price_ordered=used[2],
        prices_charged=tuple(sorted({line.price for line in group})),
    )


def _triple(group: Sequence[InvoiceLine], ordered: OrderLine | None) -> Triple:
    first = group[0]
    return Triple(
        order_id=first.order_id,
        settlement_id=None,
        paper=first.paper,
        item=first.item,
        ordered=ordered.quantity if ordered else 0,
        received=ordered.received if ordered else 0,
        charged=sum(line.quantity for line in group),
        matched=sum(line.quantity for line in group if line.good),
        price_ordered=ordered.price if ordered else None,
        prices_charged=tuple(sorted({line.price for line in group})),
    )


def holds_of(invoice: Invoice) -> list[Hold]:
    """Holds of an invoice, those in force first. One statement."""
    rows = invoice.holds.select_related("placed_by", "lifted_by").order_by("placed_at")
    return sorted(rows, key=lambda hold: hold.lifted_at is not None)


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies on an accountant's desk: invoices that differ, that are held otherwise, that can be released."""

    differs: int
    held: int
    ready: int
    ready_value: Decimal


def desk(found: Sequence[Invoice], *, person_id: int) -> Desk:
    """Over invoices as :func:`invoices` gives them. What the person entered, somebody else releases. Pure."""
    ready = [
        row for row in found if row.state == "matched" and not row.held and row.entered_by_id != person_id
    ]
    return Desk(
        differs=sum(row.state == "differs" for row in found),
        held=sum(row.state == "matched" and bool(row.held) for row in found),
        ready=len(ready),
        ready_value=sum((row.total for row in ready), Decimal(0)),
    )


# Units that a delivery brought, that are not sent back since, and that no invoice has charged.
UNCHARGED = f"""
SELECT rc.order_id, u.item_id, u.serial, lo.number
  FROM flows_receipt rc
  JOIN ledger_movement m ON m.event_id = rc.received_event
  JOIN ledger_lot lo ON lo.id = m.lot_id
  JOIN ledger_unit u ON u.id = m.unit_id
 WHERE rc.order_id = ANY (%s) AND rc.voided_at IS NULL
   AND {ACCEPTED}
   AND NOT EXISTS (
        SELECT 1 FROM ledger_movement b JOIN ledger_event be ON be.id = b.event_id
         WHERE b.unit_id = u.id AND b.seq > m.seq AND be.step = 'send_back'
           AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = be.id))
   AND NOT EXISTS (
        SELECT 1 FROM flows_invoiceline il WHERE il.item_id = u.item_id AND il.serial = u.serial
           AND il.receipt_id = rc.id AND il.result IN ('matched', 'price_accepted'))
"""


@dataclass(frozen=True, slots=True)
class Uncharged:
    """A serial number, or pieces of a lot, that came and was not charged yet."""

    order_id: int
    item_id: int
    serial: str
    lot: str
    quantity: int


def uncharged(order_ids: Sequence[int]) -> list[Uncharged]:
    """What these orders brought, was not sent back, and no invoice has charged. Two statements."""
    with connection.cursor() as cursor:
        cursor.execute(UNCHARGED, (list(order_ids),))
        found = [Uncharged(*row, quantity=1) for row in cursor.fetchall()]
    found += [
        Uncharged(order, item, "", lot, book.left)
        for (order, item, lot), book in lot_books(order_ids).items()
        if order in order_ids and book.left > 0
    ]
    return sorted(found, key=lambda row: (row.order_id, row.item_id, row.serial, row.lot))
