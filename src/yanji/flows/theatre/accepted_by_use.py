"""What was rejected on receipt and is in a patient all the same is accepted by that: its order counts it as received as long as
it waits for more, its supplier may charge it, and it stands on no return that is still to be sent."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from yanji.ledger.api import Offence, Refused, Status
from yanji.ledger.models import Level, Lot, Movement, Unit

from ..approval import withdraw
from ..documents import RUNNING, allow, reached
from ..invoices.models import InvoiceLine
from ..invoices.queries import paid_pieces
from ..listed import CENT
from ..models import OrderLine, PurchaseOrder, Receipt
from ..received import order_state, write_received
from ..rejecting import rejecting_receipts
from ..sendback.models import SupplierReturn, SupplierReturnLine
from ..states import EmergencyState, InvoiceState, OrderState, SupplierReturnState
from ..things import lots_named
from .models import EmergencyUse

REJECTED = "rejected_not_used"
# Lot, place, owner, status.
Where = tuple[int, int, int | None, str]
NOT_SENT = (SupplierReturnState.AWAITING, SupplierReturnState.REQUESTED, SupplierReturnState.AUTHORISED)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A unit, or pieces of a lot (``lot_id``), as the paper keeps it. ``counted``: the order waited for so much, and takes this
    for it. ``named``: what people call pieces."""

    thing: str
    receipt: str
    order: str
    order_id: int
    item_id: int
    counted: bool
    pieces: int = 1
    lot_id: int | None = None
    named: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What was rejected with one receipt, and may be accepted by its use: a unit, or at most so many pieces of a lot. ``places``:
    place -> at most so many of the lot's rejected pieces lay there."""

    thing: str
    receipt: Receipt
    item_id: int
    pieces: int = 1
    lot_id: int | None = None
    lot: str = ""
    places: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settling:
    """What is to be accepted by its use, with its orders and the returns that list it, all locked."""

    parts: Sequence[Part]
    orders: dict[int, PurchaseOrder]
    returned: Sequence[SupplierReturnLine]


def settling(against: Iterable[Offence]) -> Settling | None:
    """Lock what a use despite ``against`` will settle; None where it settles nothing. At most five statements, and five more for
    pieces of lots."""
    said = list(against)
    lots = lots_named(each.thing for each in said)
    rejected = {each.thing: str(each.facts["receipt"]) for each in said if each.code == REJECTED}
    held = {lot: thing for lot, thing in lots.items() if thing in rejected}
    numbers = [number for named in rejected.values() for number in named.split(", ")]
    receipts = {each.number: each for each in Receipt.objects.filter(number__in=numbers)} if rejected else {}
    orders = _locked({each.order_id for each in receipts.values()})
    returned = _listed({each.thing for each in said}, lots)
    if not receipts and not returned:
        return None
    items = dict(Unit.objects.filter(epc__in=rejected).values_list("epc", "item_id"))
    units = [
        Part(epc, receipts[number], items[epc])
        for epc, number in rejected.items()
        if epc in items and number in receipts
    ]
    return Settling([*units, *_pieces(held, receipts)], orders, returned)


def _pieces(held: Mapping[int, str], receipts: Mapping[str, Receipt]) -> list[Part]:
    """What is on hold of these lots since it was rejected, as it is behind the locks of the orders, the earliest first."""
    if not held:
        return []
    known = Lot.objects.in_bulk(held)
    return [
        Part(
            held[lot], receipts[number], known[lot].item_id, pieces, lot, known[lot].number, rejecting.places
        )
        for lot, rejecting in rejecting_receipts(held).items()
        for number, pieces in rejecting.receipts
        if number in receipts
    ]


def _locked(orders: Iterable[int]) -> dict[int, PurchaseOrder]:
    wanted = sorted(orders)
    return {
        each.pk: each
        for each in PurchaseOrder.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    }


def _listed(epcs: Iterable[str], lots: Iterable[int]) -> list[SupplierReturnLine]:
    """Lines of returns that are not sent, their papers locked; those of lots in the order in which they are to leave: what was
    asked for last goes back last."""
    named = Q(unit__epc__in=list(epcs)) | Q(unit__isnull=True, lot__in=list(lots))
    found = SupplierReturnLine.objects.filter(named, supplier_return__state__in=NOT_SENT, used_despite="")
    ids = list(found.values_list("supplier_return", flat=True))
    if not ids:
        return []
    list(SupplierReturn.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    return list(found.select_related("supplier_return", "unit").order_by("-id"))


def accept(paper: EmergencyUse, settled: Settling) -> None:
    """Write down with the paper of a use what became of the order lines, and take what was used off its returns."""
    taken, kept = _taken(paper), []
    held = Counter[int]()
    places = {part.lot_id: part.places for part in settled.parts}
    for (lot, place, owner, status), pieces in taken.items():
        if status == Status.QUARANTINED and owner is None:
            held[lot] += min(pieces, places.get(lot, {}).get(place, 0))
    parts = [_used_of(part, held) for part in settled.parts]
    for order in settled.orders.values():
        lines = {line.item_id: line for line in order.lines.all()}
        for part in parts:
            if part.receipt.order_id == order.pk:
                # Changed, the order may have no line of it any more; closed short, it waits for nothing.
                line = lines.get(part.item_id) if order.state in RUNNING else None
                counted = min(part.pieces, line.outstanding) if line else 0
                kept += [_accepted(part, order, counted, counts=True)] if counted else []
                kept += (
                    [_accepted(part, order, left, counts=False)] if (left := part.pieces - counted) else []
                )
                if line:
                    line.received += counted
        _write(order, lines.values(), "accept_used")
    paper.accepted = [asdict(each) for each in kept]
    paper.save(update_fields=["accepted"])
    _off_returns(paper, settled, taken)


def _taken(paper: EmergencyUse) -> Counter[Where]:
    """Pieces of lots that the use took, by where they lay. One statement."""
    found = Movement.objects.filter(event=paper.use_event_id, unit=None)
    rows = found.values_list("lot_id", "from_place_id", "from_owner_id", "from_status", "quantity")
    taken = Counter[Where]()
    for lot, place, owner, status, pieces in rows:
        taken[lot, place, owner, status or ""] += int(pieces)
    return taken


def _used_of(part: Part, held: Counter[int]) -> Part:
    """A part as far as it was used, what was rejected first before the rest. ``held``: lot -> pieces used of those on hold."""
    if part.lot_id is None:
        return part
    used = min(part.pieces, held[part.lot_id])
    held[part.lot_id] -= used
    return replace(part, pieces=used)


def _accepted(part: Part, order: PurchaseOrder, pieces: int, *, counts: bool) -> Accepted:
    named = f"{pieces} × {part.lot}" if part.lot_id else ""
    return Accepted(
        part.thing,
        part.receipt.number,
        order.number,
        order.pk,
        part.item_id,
        counts,
        pieces,
        part.lot_id,
        named,
    )


def _write(order: PurchaseOrder, lines: Iterable[OrderLine], verb_: str) -> None:
    found = list(lines)
    if order.state != OrderState.CLOSED:
        order.state = reached("order", verb_, order_state(found))
    write_received(order, found)


def _off_returns(paper: EmergencyUse, settled: Settling, taken: Counter[Where]) -> None:
    lines = [each for each in settled.returned if each.unit_id] + _lots_off(settled, taken)
    for line in lines:
        line.used_despite = paper.number
    counted = [each for each in settled.returned if not each.unit_id]
    SupplierReturnLine.objects.bulk_update(counted, ["quantity", "value"])
    SupplierReturnLine.objects.bulk_update([each for each in lines if each.pk], ["used_despite"])
    SupplierReturnLine.objects.bulk_create([each for each in lines if not each.pk])
    for back in {line.supplier_return_id: line.supplier_return for line in lines}.values():
        _credit(back, -_worth(lines, back))
        if not back.lines.filter(used_despite="").exists():
            withdraw("supplier_return", back.pk)
            back.state = reached("supplier_return", "cancel", SupplierReturnState.CANCELLED)
            back.save(update_fields=["state"])


def _lots_off(settled: Settling, taken: Counter[Where]) -> list[SupplierReturnLine]:
    """Lines of lots, or parts of lines that are lines of their own then, of which the use left less than returns list. One
    statement."""
    lots = [each for each in settled.returned if not each.unit_id]
    levels = Level.objects.filter(lot__in=[each.lot_id for each in lots], quantity__gt=0) if lots else ()
    here = Counter({_where(level): int(level.quantity) for level in levels})
    missing = Counter[Where]()
    for line in lots:
        missing[_where(line)] += line.quantity
    missing = (missing - here) & taken
    rejected = Counter[int]()
    for part in settled.parts:
        rejected[part.lot_id or 0] += part.pieces
    off = []
    for line in lots:
        gone = min(line.quantity, missing[_where(line)])
        missing[_where(line)] -= gone
        if gone:
            off.append(_parted(line, gone, rejected[line.lot_id]))
    return off


def _where(listed: SupplierReturnLine | Level) -> Where:
    return listed.lot_id, listed.place_id, listed.owner_id, listed.status


def _parted(line: SupplierReturnLine, gone: int, rejected: int) -> SupplierReturnLine:
    """So many pieces of a line of a return, as a line of its own. What was rejected goes first, and is worth nothing."""
    if gone == line.quantity:
        return line
    good = line.quantity - min(rejected, line.quantity)
    lost = max(0, gone - min(rejected, line.quantity))
    part = copy(line)
    part.pk, part.quantity = None, gone
    part.value = (line.value * lost / good).quantize(CENT) if good else Decimal(0)
    line.quantity -= gone
    line.value -= part.value
    return part


def _worth(lines: Iterable[SupplierReturnLine], back: SupplierReturn) -> Decimal:
    own = (line.value for line in lines if line.supplier_return_id == back.pk and line.owner_id is None)
    return sum(own, Decimal(0))


def _credit(back: SupplierReturn, more: Decimal) -> None:
    back.expected += more
    back.save(update_fields=["expected"])


def not_accepted_after_all(paper: EmergencyUse) -> Settling:
    """For a use that is taken back: lock its orders, and the lines of returns that it left; what was called off stays so.

    Raises :class:`Refused` where an invoice that charges such a unit is released for payment.
    """
    if paid := _paid(paper):
        raise Refused("receipt_paid", thing=paid[0], invoice=paid[1])
    left = SupplierReturnLine.objects.filter(used_despite=paper.number, supplier_return__state__in=NOT_SENT)
    ids = left.values_list("supplier_return", flat=True)
    list(SupplierReturn.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk"))
    orders = _locked({each["order_id"] for each in paper.accepted})
    for order in orders.values():
        allow("order", "take_back", number=order.number, state=order.state, label=order.get_state_display())
    return Settling((), orders, list(left.select_related("supplier_return")))


def _paid(paper: EmergencyUse) -> tuple[str, str] | None:
    """The receipt and the invoice, released for payment, that charges what the paper accepted. Three statements at most."""
    if not paper.accepted:
        return None
    epcs = [each["thing"] for each in paper.accepted]
    units = InvoiceLine.objects.filter(
        receipt__number__in=[each["receipt"] for each in paper.accepted], invoice__state=InvoiceState.RELEASED,
        serial__in=Unit.objects.filter(epc__in=epcs).values("serial"),
    )  # fmt: skip
    if found := units.values_list("receipt__number", "invoice__number").first():
        return found
    return paid_pieces(paper.use_event_id) if any(each.get("lot_id") for each in paper.accepted) else None


def undo(paper: EmergencyUse, settled: Settling) -> None:
    """The order waits for its pieces again, and what stood on a return that still waits stands there again."""
    for order in settled.orders.values():
        lines = {line.item_id: line for line in order.lines.all()}
        for each in paper.accepted:
            if each["order_id"] == order.pk and each["counted"]:
                lines[each["item_id"]].received -= each.get("pieces", 1)
        _write(order, lines.values(), "take_back")
    for line in settled.returned:
        line.used_despite = ""
    SupplierReturnLine.objects.bulk_update(settled.returned, ["used_despite"])
    for back in {line.supplier_return_id: line.supplier_return for line in settled.returned}.values():
        _credit(back, _worth(settled.returned, back))


def in_words(accepted: Iterable[dict[str, Any]]) -> list[str]:
    """What became of the orders, as sentences in the reader's language. Pure."""
    counted = _("{thing} counts as received in {order}, although it was rejected: no other is owed for it.")
    besides = _(
        "{thing} was accepted by its use; {order} waits for no more pieces, and the supplier may charge it besides."
    )
    return [
        (counted if each["counted"] else besides).format(
            thing=each.get("named") or each["thing"], order=each["order"]
        )
        for each in accepted
    ]


def papers_of_used(orders: Iterable[int]) -> dict[tuple[int, int], list[str]]:
    """(order, item) -> numbers of the papers, one a piece, by which what had been rejected of it was used all the same. For
    orders of which something was rejected; one statement, none without any."""
    wanted, asked = set(orders), Q(pk__in=[])
    for order in wanted:
        asked |= Q(accepted__contains=[{"order_id": order}])
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    papers = (
        EmergencyUse.objects.filter(asked).exclude(state=EmergencyState.VOIDED).order_by("pk")
        if wanted
        else ()
    )
    for paper in papers:
        for each in paper.accepted:
            if each["order_id"] in wanted:
                found[each["order_id"], each["item_id"]] += [paper.number] * each.get("pieces", 1)
    return dict(found)
