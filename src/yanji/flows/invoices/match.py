"""Three-way match at the level of serial numbers: order, receipt and invoice must say the same of each thing. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from .models import InvoiceLine

Result = InvoiceLine.Result
CENT, HUNDRED = Decimal("0.01"), Decimal(100)


@dataclass(frozen=True, slots=True)
class Charged:
    """One line of an invoice: a serial number, or pieces of a lot (``serial`` empty). ``before``: its result so far."""

    id: int
    order_id: int
    item_id: int
    serial: str
    lot: str
    quantity: int
    price: Decimal
    before: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """What an order's line costs a piece, and by how many percent an invoice may differ from it."""

    price: Decimal
    tolerance_percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Came:
    """What the ledger knows of a unit: the order it came for, its receipt, and what became of it then."""

    order_id: int | None
    receipt_id: int | None
    accepted: bool
    sent_back: bool


@dataclass(frozen=True, slots=True)
class Books:
    """All that an invoice is compared with. Lots by (order, item, lot): pieces accepted, and matched on other invoices."""

    prices: Mapping[tuple[int, int], Price] = field(default_factory=dict)
    units: Mapping[tuple[int, str], Came] = field(default_factory=dict)
    invoiced: Mapping[tuple[int, str], str] = field(default_factory=dict)
    lots: Mapping[tuple[int, int, str], int] = field(default_factory=dict)
    lots_receipt: Mapping[tuple[int, int, str], int] = field(default_factory=dict)
    lots_invoiced: Mapping[tuple[int, int, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What the comparison says of one line, and with what it was compared."""

    result: str
    facts: Mapping[str, object] = field(default_factory=dict)
    receipt_id: int | None = None


def match(lines: Sequence[Charged], books: Books) -> dict[int, Found]:
    """Line -> what was found. The first thing wrong counts: not ordered, not received, rejected, charged before, sent
    back, price."""
    left: dict[tuple[int, int, str], int] = defaultdict(int)
    for key, pieces in books.lots.items():
        left[key] = pieces - books.lots_invoiced.get(key, 0)
    found = {}
    for line in lines:
        ordered = books.prices.get((line.order_id, line.item_id))
        if ordered is None:
            found[line.id] = Found(Result.NOT_ORDERED)
        elif line.serial:
            found[line.id] = _unit(line, ordered, books)
        else:
            found[line.id] = _lot(line, ordered, books, left)
    return found


def _unit(line: Charged, ordered: Price, books: Books) -> Found:
    came = books.units.get((line.item_id, line.serial))
    if came is None or came.receipt_id is None or came.order_id != line.order_id:
        return Found(Result.NOT_RECEIVED)
    other = books.invoiced.get((line.item_id, line.serial))
    if not came.accepted:
        return Found(Result.REJECTED, receipt_id=came.receipt_id)
    if other:
        return Found(Result.ALREADY_INVOICED, {"invoice": other}, came.receipt_id)
    if came.sent_back:
        return Found(Result.RETURNED, receipt_id=came.receipt_id)
    return _priced(line, ordered, came.receipt_id)


def _lot(line: Charged, ordered: Price, books: Books, left: dict[tuple[int, int, str], int]) -> Found:
    key = (line.order_id, line.item_id, line.lot)
    came, receipt = books.lots.get(key, 0), books.lots_receipt.get(key)
    if came <= 0:
        return Found(Result.NOT_RECEIVED, {"received": 0})
    if left[key] < line.quantity:
        charged = books.lots_invoiced.get(key, 0)
        result = Result.ALREADY_INVOICED if came >= line.quantity else Result.NOT_RECEIVED
        return Found(result, {"received": came, "invoiced": charged}, receipt)
    left[key] -= line.quantity
    return _priced(line, ordered, receipt)


def _priced(line: Charged, ordered: Price, receipt_id: int | None) -> Found:
    facts = {"price": f"{ordered.price:.2f}"}
    if abs(line.price - ordered.price) <= (ordered.price * ordered.tolerance_percent / HUNDRED).quantize(
        CENT
    ):
        return Found(Result.MATCHED, facts, receipt_id)
    facts["difference"] = f"{line.price - ordered.price:+.2f}"
    # What somebody has accepted stays accepted.
    result = Result.PRICE_ACCEPTED if line.before == Result.PRICE_ACCEPTED else Result.PRICE_DIFFERS
    return Found(result, facts, receipt_id)
