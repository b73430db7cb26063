"""Three-way match at the level of serial numbers: order, receipt and invoice must say the same of each thing. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    """Pieces of a lot that ``came`` (for an order, or none), were ``charged`` by an invoice, or went ``back``.

    At the dock they may also be ``rejected`` or ``doubted``; what is released later is ``cleared``, what was rejected and is in
    a patient all the same is ``kept``, and what goes back from where it was held goes ``aside``.
    """

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


@dataclass(slots=True)
class Lying:
    """What of one lot was accepted, was put in doubt at the dock, and was rejected there, the latest last."""

    came: list[Way] = field(default_factory=list)
    doubted: list[Way] = field(default_factory=list)
    rejected: int = 0

    def accept(self, ways: Sequence[Way], books: Mapping[LotKey, LotBook]) -> None:
        for way in ways:
            book = books[way.order_id, way.item_id, way.lot]
            book.came += way.pieces
            book.receipt_id = way.receipt_id
            self.came.append(way)

    def keep(self, way: Way, book: LotBook) -> None:
        """What is in a patient was accepted by that, and never goes back."""
        self.rejected = max(0, self.rejected - way.pieces)
        book.came += way.pieces
        book.receipt_id = way.receipt_id

    def send_back(self, pieces: int, books: Mapping[LotKey, LotBook]) -> None:
        for gone in _taken(self.came, pieces, at=-1):
            books[gone.order_id, gone.item_id, gone.lot].send_back(gone.pieces)

    def set_aside_goes(self, pieces: int) -> int:
        """Pieces of those that were not accepted at the dock and go back now; what was rejected goes first."""
        rejected = min(pieces, self.rejected)
        self.rejected -= rejected
        return rejected + sum(way.pieces for way in _taken(self.doubted, pieces - rejected, at=-1))


def _taken(ways: list[Way], pieces: int, *, at: int) -> list[Way]:
    """Take so many pieces, or all there are, off one end: ``at`` 0 or -1."""
    found = []
    while pieces and ways:
        way = ways.pop(at)
        gone = min(pieces, way.pieces)
        pieces -= gone
        found.append(replace(way, pieces=gone))
        if way.pieces > gone:
            ways.insert(0 if at == 0 else len(ways), replace(way, pieces=way.pieces - gone))
    return found


def told(ways: Sequence[Way]) -> dict[LotKey, LotBook]:
    """The lots of orders from what happened to them, in the order in which it did. Pure.

    A return does not say for which order its pieces came: the latest delivery goes back first, so that what replaces
    them, under an order that comes later, stays to be paid. Nor does a release say which of the held pieces it lets go:
    those in doubt since the dock, the earliest first, and never more than were.
    """
    books: dict[LotKey, LotBook] = defaultdict(LotBook)
    lots: dict[tuple[int, str], Lying] = defaultdict(Lying)
    for way in ways:
        lying = lots[way.item_id, way.lot]
        match way.way:
            case "came":
                lying.accept([way], books)
            case "rejected":
                lying.rejected += way.pieces
            case "doubted":
                lying.doubted.append(way)
            case "kept":
                lying.keep(way, books[way.order_id, way.item_id, way.lot])
            case "cleared":
                lying.accept(_taken(lying.doubted, way.pieces, at=0), books)
            case "charged":
                books[way.order_id, way.item_id, way.lot].charged += way.pieces
            case "aside":
                lying.send_back(way.pieces - lying.set_aside_goes(way.pieces), books)
            case _:
                lying.send_back(way.pieces, books)
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
