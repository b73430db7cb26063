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


LotKey = tuple[int | None, int, str]  # order, item, lot


@dataclass(frozen=True, slots=True)
class Way:
    """Pieces of a lot that ``came`` (for an order, or none), were ``charged`` by an invoice, or went ``back``."""

    way: str
    order_id: int | None
    item_id: int
    lot: str
    receipt_id: int | None
    pieces: int


@dataclass(slots=True)
class LotBook:
    """What an order's lot came to: accepted, charged, sent back before it was charged; and sent back for a credit."""

    came: int = 0
    charged: int = 0
    back: int = 0
    credited: int = 0
    receipt_id: int | None = None

    @property
    def left(self) -> int:
        """Pieces that may still be charged."""
        return self.came - self.charged - self.back

    def send_back(self, pieces: int) -> None:
        """What was charged goes first: its return brings a credit note, and the rest stays to be paid."""
        paid = min(pieces, self.charged - self.credited)
        self.credited += paid
        self.back += pieces - paid


def told(ways: Sequence[Way]) -> dict[LotKey, LotBook]:
    """The lots of orders from what happened to them, in the order in which it did. Pure.

    A return does not say for which order its pieces came: the latest delivery goes back first, so that what replaces
    them, under an order that comes later, stays to be paid.
    """
    books: dict[LotKey, LotBook] = defaultdict(LotBook)
    here: dict[tuple[int, str], list[tuple[LotKey, int]]] = defaultdict(list)
    for way in ways:
        key, lot = (way.order_id, way.item_id, way.lot), here[way.item_id, way.lot]
        if way.way == "came":
            books[key].came += way.pieces
            books[key].receipt_id = way.receipt_id
            lot.append((key, way.pieces))
        elif way.way == "charged":
            books[key].charged += way.pieces
        else:
            rest = way.pieces
            while rest and lot:
                of, pieces = lot.pop()
                gone = min(rest, pieces)
                rest -= gone
                books[of].send_back(gone)
                if pieces > gone:
                    lot.append((of, pieces - gone))
    return dict(books)


@dataclass(frozen=True, slots=True)
class Books:
    """All that an invoice is compared with. ``invoiced``: (item, serial, receipt) -> the other invoice that charges it; a
    unit that was sent back and came again is charged again."""

    prices: Mapping[tuple[int, int], Price] = field(default_factory=dict)
    units: Mapping[tuple[int, str], Came] = field(default_factory=dict)
    invoiced: Mapping[tuple[int, str, int | None], str] = field(default_factory=dict)
    lots: Mapping[LotKey, LotBook] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What the comparison says of one line, and with what it was compared."""

    result: str
    facts: Mapping[str, object] = field(default_factory=dict)
    receipt_id: int | None = None


def match(lines: Sequence[Charged], books: Books) -> dict[int, Found]:
    """Line -> what was found. The first thing wrong counts: not ordered, not received, rejected, charged before, sent
    back, price."""
    left = {key: book.left for key, book in books.lots.items()}
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
    other = books.invoiced.get((line.item_id, line.serial, came.receipt_id))
    if not came.accepted:
        return Found(Result.REJECTED, receipt_id=came.receipt_id)
    if other:
        return Found(Result.ALREADY_INVOICED, {"invoice": other}, came.receipt_id)
    if came.sent_back:
        return Found(Result.RETURNED, receipt_id=came.receipt_id)
    return _priced(line, ordered, came.receipt_id)


def _lot(line: Charged, ordered: Price, books: Books, left: dict[LotKey, int]) -> Found:
    key = (line.order_id, line.item_id, line.lot)
    book = books.lots.get(key)
    if book is None or book.came <= 0:
        return Found(Result.NOT_RECEIVED, {"received": 0})
    if left[key] >= line.quantity:
        left[key] -= line.quantity
        return _priced(line, ordered, book.receipt_id)
    facts = {"received": book.came, "invoiced": book.charged, "sent_back": book.back}
    if book.came < line.quantity:
        result = Result.NOT_RECEIVED
    else:
        result = Result.RETURNED if left[key] + book.back >= line.quantity else Result.ALREADY_INVOICED
    return Found(result, facts, book.receipt_id)


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
