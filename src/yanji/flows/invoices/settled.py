"""Invoices of consigned goods: each serial that is charged must stand on the settlement, have been used, and cost what the
settlement says. Reading apart, pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ..consign.models import Payable
from ..states import SettlementState
from .match import Found
from .models import GOOD, InvoiceLine

Result = InvoiceLine.Result
# Settlement, item, serial number, lot (of counted pieces alone), and whether it is a credit.
Key = tuple[int, int, str, str, bool]


@dataclass(frozen=True, slots=True)
class Settled:
    """One line of a settlement: pieces used (or, ``sign`` -1, a use taken back) at a price. ``undone``: the use was taken
    back since, and no confirmed settlement credits it."""

    settlement_id: int
    item_id: int
    serial: str
    lot: str
    quantity: int
    price: Decimal
    sign: int = 1
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of an invoice for a settlement. ``before``: its result so far."""

    id: int
    settlement_id: int
    item_id: int
    serial: str
    lot: str
    quantity: int
    price: Decimal
    credit: bool = False
    before: str = ""

    @property
    def key(self) -> Key:
        return self.settlement_id, self.item_id, self.serial, "" if self.serial else self.lot, self.credit


@dataclass(slots=True)
class Due:
    """What a settlement comes to for one key: pieces at each price, and how many of them may not be paid yet."""

    at: dict[Decimal, int] = field(default_factory=lambda: defaultdict(int))
    undone: dict[Decimal, int] = field(default_factory=lambda: defaultdict(int))
    charged: dict[Decimal, int] = field(default_factory=lambda: defaultdict(int))
    invoice: str = ""  # the latest other invoice that charges of it

    @property
    def pieces(self) -> int:
        return sum(self.at.values())

    @property
    def left(self) -> int:
        return self.pieces - sum(self.charged.values())


def dues(lines: Iterable[Settled]) -> dict[Key, Due]:
    """The net of each thing on its settlement: used, taken back and used again within it is used once. Pure."""
    net: dict[tuple[int, int, str, str], dict[Decimal, int]] = defaultdict(lambda: defaultdict(int))
    undone: dict[tuple[int, int, str, str], dict[Decimal, int]] = defaultdict(lambda: defaultdict(int))
    for line in lines:
        thing = line.settlement_id, line.item_id, line.serial, "" if line.serial else line.lot
        net[thing][line.price] += line.sign * line.quantity
        undone[thing][line.price] += line.quantity if line.undone else 0
    found: dict[Key, Due] = {}
    for thing, prices in net.items():
        for price, pieces in prices.items():
            if pieces:
                due = found.setdefault((*thing, pieces < 0), Due())
                due.at[price] += abs(pieces)
                due.undone[price] = 0 if pieces < 0 else undone[thing][price]
    return found


def match_settled(lines: Sequence[Charge], books: Mapping[Key, Due]) -> dict[int, Found]:
    """Line -> what was found. The first thing wrong counts: not settled, charged before, use taken back, price. Pure."""
    taken: dict[Key, dict[Decimal, int]] = {key: dict(due.charged) for key, due in books.items()}
    return {line.id: _found(line, books.get(line.key), taken) for line in lines}


def _found(line: Charge, due: Due | None, taken: dict[Key, dict[Decimal, int]]) -> Found:
    if due is None or due.pieces < line.quantity:
        return Found(Result.NOT_SETTLED, {"settled": due.pieces if due else 0})
    used = taken[line.key]
    if due.pieces - sum(used.values()) < line.quantity:
        return Found(Result.ALREADY_INVOICED, {"invoice": due.invoice} if due.invoice else {})
    at_price = due.at.get(line.price, 0) - used.get(line.price, 0)
    payable = at_price - due.undone.get(line.price, 0)
    left = due.pieces - sum(due.undone.values()) - sum(used.values())
    if left < line.quantity or at_price >= line.quantity > payable:
        return Found(Result.USE_TAKEN_BACK)
    used[line.price] = used.get(line.price, 0) + line.quantity
    if at_price >= line.quantity:
        return Found(Result.MATCHED, {"price": f"{line.price:.2f}"})
    agreed = next((price for price, pieces in due.at.items() if pieces > used.get(price, 0)), min(due.at))
    facts = {"price": f"{agreed:.2f}", "difference": f"{line.price - agreed:+.2f}"}
    accepted = line.before == Result.PRICE_ACCEPTED
    return Found(Result.PRICE_ACCEPTED if accepted else Result.PRICE_DIFFERS, facts)


def credits_missing(
    books: Mapping[Key, Due], lines: Sequence[Charge], found: Mapping[int, Found]
) -> list[str]:
    """Things that a settlement credits and that neither this invoice nor another credits: their serial or lot. Pure."""
    given: dict[Key, int] = defaultdict(int)
    for line in lines:
        if line.credit and found[line.id].result in GOOD:
            given[line.key] += line.quantity
    return [key[2] or key[3] for key, due in sorted(books.items()) if key[4] and due.left > given[key]]


def settled_books(settlement_ids: Sequence[int], *, without: int = 0) -> dict[Key, Due]:
    """What settlements come to, and what all invoices but one have charged of it. Two statements, none without any."""
    if not settlement_ids:
        return {}
    rows = Payable.objects.filter(settlement_id__in=settlement_ids).values_list(
        "settlement_id", "item_id", "unit__serial", "lot__number", "quantity", "price", "sign",
        "reversed_by__id", "reversed_by__settlement__state",
    )  # fmt: skip
    books = dues(
        Settled(
            settlement, item, serial or "", lot, quantity, price, sign,
            undone is not None and state != SettlementState.CONFIRMED,
        )
        for settlement, item, serial, lot, quantity, price, sign, undone, state in rows.order_by("id")
    )  # fmt: skip
    charged = InvoiceLine.objects.filter(settlement_id__in=settlement_ids, result__in=sorted(GOOD))
    others = charged.exclude(invoice_id=without).select_related("invoice").order_by("id")
    for line in others:
        if due := books.get(charge(line).key):
            due.charged[line.price] += line.quantity
            due.invoice = line.invoice.number
    return books


def amounts_used(books: Mapping[Key, Due]) -> dict[int, Decimal]:
    """What was used comes to, by settlement; what is credited does not lower it. Pure."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for (settlement, _item, _serial, _lot, credit), due in books.items():
        for price, pieces in () if credit else due.at.items():
            found[settlement] += price * pieces
    return found


def charge(line: InvoiceLine) -> Charge:
    """A kept line of a settlement as the comparison takes it."""
    assert line.settlement_id is not None
    return Charge(
        line.pk, line.settlement_id, line.item_id, line.serial, line.lot, line.quantity, line.price, line.credit,
        line.result,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnchargedUse:
    """A used unit, or pieces of a lot, of a settlement that no invoice has charged; ``credit``: or credited."""

    settlement_id: int
    item_id: int
    serial: str
    lot: str
    quantity: int
    price: Decimal
    credit: bool


def uncharged_uses(settlement_ids: Sequence[int]) -> list[UnchargedUse]:
    """What the next invoice of these settlements is about. Two statements."""
    found = []
    for (settlement, item, serial, lot, credit), due in settled_books(settlement_ids).items():
        left = due.left
        for price, pieces in sorted(due.at.items()):
            here = min(left, max(0, pieces - due.charged.get(price, 0)))
            left -= here
            if here:
                found.append(UnchargedUse(settlement, item, serial, lot, here, price, credit))
    return sorted(found, key=lambda row: (row.settlement_id, row.credit, row.item_id, row.serial, row.lot))
