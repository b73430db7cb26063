"""An invoice comes in: kept as it is, compared thing by thing, and held where anything differs."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item, Supplier
from yanji.ledger.api import Offence, Refused
from yanji.places.models import Kind, Place

from ..acts import Done, check_dated, moment, verb
from ..consign.models import Settlement
from ..documents import allow, reached
from ..gates import check, place_at
from ..models import PurchaseOrder
from ..numbers import next_number
from ..states import InvoiceState, SettlementState
from ..theatre.despite import PAYABLE
from ..theatre.models import EmergencyUse
from .books import books_for, charged
from .first import missing_first
from .gates import invoice_for
from .match import Found, match
from .models import GOOD, Hold, Invoice, InvoiceLine
from .settled import charge, credits_missing, match_settled, settled_books

BILLED_TO = (Kind.GROUP, Kind.CAMPUS, Kind.DEPARTMENT, Kind.STORE)
NOT_PLACED = ("draft", "waiting")
Chargeable = int | tuple[str, int]  # an order by its id, a settlement by its kind and id


@dataclass(frozen=True, slots=True)
class Billed:
    """One line as it stands on the paper: a serial number, or pieces of a lot; the price of a piece with tax.

    It charges for an order, or for a settlement of consigned goods; ``credit``: gives back what the settlement credits.
    """

    order_id: int | None
    item_id: int
    price: Decimal
    serial: str = ""
    lot: str = ""
    quantity: int = 1
    settlement_id: int | None = None
    credit: bool = False

    @property
    def amount(self) -> Decimal:
        return self.price * (-self.quantity if self.credit else self.quantity)


@verb
def enter_invoice(
    *,
    actor: Actor,
    key: str,
    supplier_id: int,
    place_id: int,
    reference: str,
    invoiced_on: date,
    lines: Sequence[Billed],
    total: Decimal,
    due_on: date | None = None,
    note: str = "",
) -> Done:
    """Keep an invoice and compare it at once. ``facts.results``: how many lines of each result.

    By the hospital, or by a person of the supplier for that supplier alone. ``total`` is below zero where the lines credit
    more of settlements than they charge. Raises :class:`Refused`: lines that do not add up to the total, a thing twice,
    orders of another supplier or delivered elsewhere, this number kept before.
    """
    place = _billed_to(actor, place_id)
    supplier = Supplier.objects.filter(pk=supplier_id).first()
    if supplier is None or actor.supplier_id not in (None, supplier_id):
        raise NotFound("supplier")
    check_dated(reference.strip(), invoiced_on)
    known = _orders(actor, supplier, lines)
    items = Item.objects.in_bulk({line.item_id for line in lines})
    offences = [] if lines else [Offence("empty")]
    offences += [] if reference.strip() else [Offence("reference_needed")]
    settled = _settlements(actor, supplier, lines)
    offences += _against(lines, {*known, *(("settlement", key) for key in settled)}, items, total)
    offences += _elsewhere(lines, known, place)
    offences += _settled_elsewhere(settled, place)
    if offences:
        raise Refused.of(offences)
    invoice = Invoice.objects.create(
        number=next_number("IV", path=place.path, at=moment(None)),
        reference=reference.strip(),
        supplier=supplier,
        place=place,
        invoiced_on=invoiced_on,
        due_on=due_on,
        total=total,
        note=note,
        entered_by_id=actor.person_id,
    )
    written = InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice, order_id=line.order_id, settlement_id=line.settlement_id, credit=line.credit,
            item_id=line.item_id, serial=line.serial.strip(), lot=line.lot.strip(), quantity=line.quantity,
            price=line.price,
        )
        for line in lines
    )  # fmt: skip
    results = compare(actor, invoice, written)
    return Done(invoice.number, invoice.pk, invoice.state, facts={"results": results})


def _billed_to(actor: Actor, place_id: int) -> Place:
    """A supplier bills whom it delivers to: every other place of the hospital is absent for it."""
    if actor.supplier_id is None:
        return place_at(actor, place_id, may="invoice", kinds=BILLED_TO)
    found = next((place for place in billed_by(actor) if place.pk == place_id), None)
    if found is None:
        raise NotFound("place")
    return found


def billed_by(actor: Actor) -> list[Place]:
    """Whom a supplier's people may bill: the places that its orders were delivered to, those of its settlements, and those
    above them."""
    if actor.supplier_id is None or not actor.may("supply"):
        return []
    orders = PurchaseOrder.objects.filter(supplier_id=actor.supplier_id).exclude(state__in=NOT_PLACED)
    paths = orders.values_list("deliver_to__path", flat=True).distinct()
    settled = Settlement.objects.filter(
        agreement__supplier_id=actor.supplier_id, state=SettlementState.CONFIRMED
    )
    paths = {*paths, *settled.values_list("agreement__place__path", flat=True)}
    ids = {int(part) for path in paths for part in path.split("/") if part}
    return list(Place.objects.filter(pk__in=ids, kind__in=BILLED_TO, active=True).order_by("path"))


def _orders(actor: Actor, supplier: Supplier, lines: Iterable[Billed]) -> dict[int, PurchaseOrder]:
    """The placed orders of the supplier among those that the lines name, and that the actor may charge: others are as
    good as absent."""
    asked = {line.order_id for line in lines if line.order_id}
    found = PurchaseOrder.objects.filter(pk__in=asked, supplier=supplier)
    return {
        order.pk: order
        for order in found.exclude(state__in=NOT_PLACED).select_related("deliver_to")
        if actor.supplier_id is not None or actor.may("invoice", order.deliver_to.path)
    }


def _settlements(actor: Actor, supplier: Supplier, lines: Iterable[Billed]) -> dict[int, Settlement]:
    """The confirmed settlements of the supplier among those that the lines name, and that the actor may charge."""
    asked = {line.settlement_id for line in lines if line.settlement_id}
    if not asked:
        return {}
    found = Settlement.objects.filter(
        pk__in=asked, agreement__supplier=supplier, state=SettlementState.CONFIRMED
    ).select_related("agreement__place")
    return {
        each.pk: each
        for each in found
        if actor.supplier_id is not None or actor.may("invoice", each.agreement.place.path)
    }


def _settled_elsewhere(settled: Mapping[int, Settlement], billed: Place) -> Iterator[Offence]:
    """Nobody pays for what was used at somebody else's: one offence a settlement. Pure."""
    for each in settled.values():
        place = each.agreement.place
        if not place.path.startswith(billed.path):
            facts = {"settlement": each.number, "place": place.name, "billed": billed.name}
            yield Offence("settlement_billed_elsewhere", each.number, facts)


def _elsewhere(
    lines: Iterable[Billed], orders: Mapping[int, PurchaseOrder], billed: Place
) -> Iterator[Offence]:
    """Nobody pays for what went to somebody else: one offence an order. Pure."""
    for order_id in dict.fromkeys(line.order_id for line in lines):
        order = orders.get(order_id or 0)
        if order and not order.deliver_to.path.startswith(billed.path):
            facts = {"order": order.number, "place": order.deliver_to.name, "billed": billed.name}
            yield Offence("order_billed_elsewhere", order.number, facts)


def _against(
    lines: Iterable[Billed], papers: Collection[Chargeable], items: Mapping[int, Item], total: Decimal
) -> Iterator[Offence]:
    """What no invoice can say; ``papers``: the orders and settlements that may be charged. Pure."""
    seen: set[tuple[object, ...]] = set()
    summed = Decimal(0)
    for line in lines:
        item = items.get(line.item_id)
        name = line.serial or line.lot or (item.name if item else f"item {line.item_id}")
        summed += line.amount
        yield from _unsound(line, item, name, papers)
        mark = _mark(line)
        if mark in seen:
            yield Offence("line_twice", name)
        seen.add(mark)
    if total.is_finite() and total < 0 <= summed:
        yield Offence("nothing_credited", facts={"total": f"{total:.2f}"})
    elif not total.is_finite() or summed != total:
        yield Offence("total_differs", facts={"total": str(total)[:20], "sum": f"{summed:.2f}"})


def _unsound(line: Billed, item: Item | None, name: str, papers: Collection[Chargeable]) -> Iterator[Offence]:
    """What one line by itself cannot say. Pure."""
    if item is None:
        yield Offence("unknown_item", name)
    elif item.tracking == Item.Tracking.UNIT and not line.serial.strip():
        yield Offence("serial_needed", item.name)
    elif item.tracking == Item.Tracking.LOT and line.serial:
        yield Offence("wrong_tracking", name)
    if (line.order_id is None) == (line.settlement_id is None) or (line.credit and line.order_id):
        yield Offence("order_or_settlement", name)
    elif line.order_id and line.order_id not in papers:
        yield Offence("order_of_other_supplier", name)
    elif line.settlement_id and ("settlement", line.settlement_id) not in papers:
        yield Offence("settlement_of_other_supplier", name)
    if line.serial and line.quantity != 1:
        yield Offence("bad_quantity", name)


def _mark(line: Billed) -> tuple[object, ...]:
    """What may stand on an invoice once. Pieces of a lot that were used at two prices are two lines."""
    thing = line.item_id, line.serial.strip(), "" if line.serial else line.lot.strip()
    if line.settlement_id is None:
        return line.order_id, *thing
    return "settlement", line.settlement_id, *thing, line.credit, None if line.serial else line.price


def compare(actor: Actor, invoice: Invoice, written: Sequence[InvoiceLine] = ()) -> dict[str, int]:
    """Compare an invoice, keep what was found, place and lift its own holds. Result -> lines. ``written``: the lines of one
    that was entered just now, which nothing holds yet.

    Orders and settlements are locked, sorted: two invoices for one delivery cannot both find it uncharged.
    """
    lines = list(written) or list(invoice.lines.order_by("pk"))
    orders = sorted({line.order_id for line in lines if line.order_id})
    list(PurchaseOrder.objects.select_for_update().filter(pk__in=orders).order_by("pk").values_list("pk"))
    asked = charged([line for line in lines if line.order_id])
    found = match(asked, books_for(invoice.pk, asked)) if asked else {}
    settled, uncredited = _compare_settled(invoice, lines)
    found |= settled
    results: dict[str, int] = {}
    for line in lines:
        said = found[line.pk]
        line.result, line.facts, line.receipt_id = said.result, dict(said.facts), said.receipt_id
        results[str(line.result)] = results.get(str(line.result), 0) + 1
    InvoiceLine.objects.bulk_update(lines, ["result", "facts", "receipt"], batch_size=5000)
    good = all(line.result in GOOD for line in lines)
    allow("invoice", "match", number=invoice.number, state=invoice.state, label=invoice.get_state_display())
    invoice.state = reached("invoice", "match", InvoiceState.MATCHED if good else InvoiceState.DIFFERS)
    invoice.save(update_fields=["state"])
    own = {
        Hold.Code.DIFFERS: "" if good else "differs",
        Hold.Code.TWO_INVOICE: missing_first(invoice),
        Hold.Code.EMERGENCY: _unapproved(orders),
        Hold.Code.CREDIT: ", ".join(uncredited),
    }
    held = (
        set() if written else set(invoice.holds.filter(lifted_at__isnull=True).values_list("code", flat=True))
    )
    _hold(actor, invoice, own, held)
    return results


def _compare_settled(invoice: Invoice, lines: Sequence[InvoiceLine]) -> tuple[dict[int, Found], list[str]]:
    """What the comparison with settlements says of the lines that charge them, and what these credit and nobody gives
    back. Three statements, none where no settlement is charged."""
    asked = [charge(line) for line in lines if line.settlement_id]
    if not asked:
        return {}, []
    ids = sorted({line.settlement_id for line in asked})
    list(Settlement.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    books = settled_books(ids, without=invoice.pk)
    found = match_settled(asked, books)
    return found, credits_missing(books, asked, found)


def _unapproved(orders: Sequence[int]) -> str:
    """The emergency use among the orders that nobody has approved, or accepted although it was refused."""
    found = EmergencyUse.objects.filter(order_id__in=orders).exclude(state__in=PAYABLE).order_by("pk").first()
    return found.number if found else ""


def _hold(actor: Actor, invoice: Invoice, own: Mapping[str, str], held: Collection[str]) -> None:
    """Place the holds that the comparison has a reason for, lift those of the ``held`` that it has none for."""
    wanted = {code: reason for code, reason in own.items() if reason}
    Hold.objects.bulk_create(
        Hold(invoice=invoice, code=code, reason=reason[:120], placed_by_id=actor.person_id)
        for code, reason in wanted.items()
        if code not in held
    )
    gone = [code for code in own if code in held and code not in wanted]
    if gone:
        invoice.holds.filter(code__in=gone, lifted_at__isnull=True).update(
            lifted_at=timezone.now(), lifted_by_id=actor.person_id
        )


@verb
def match_again(*, actor: Actor, key: str, invoice_id: int) -> Done:
    """Compare anew, after goods came, were sent back, or an order was changed."""
    invoice = invoice_for(actor, invoice_id, lock=True)
    if not (actor.may("invoice", invoice.place.path) or actor.may("pay", invoice.place.path)):
        check(actor, [invoice.place.path], may="invoice", thing=invoice.number, seen=[invoice.place.path])
    results = compare(actor, invoice)
    return Done(invoice.number, invoice.pk, invoice.state, facts={"results": results})


@verb
def void_invoice(*, actor: Actor, key: str, invoice_id: int, reason: str) -> Done:
    """Take an invoice out of the way that should not have been kept; its things can be charged again."""
    invoice = invoice_for(actor, invoice_id, may="invoice", lock=True)
    allow("invoice", "void", number=invoice.number, state=invoice.state, label=invoice.get_state_display())
    if not reason.strip():
        raise Refused("reason_needed")
    invoice.lines.update(result=InvoiceLine.Result.VOIDED)
    invoice.holds.filter(lifted_at__isnull=True).update(
        lifted_at=timezone.now(), lifted_by_id=actor.person_id, lifted_because=reason.strip()
    )
    invoice.state = reached("invoice", "void", InvoiceState.VOIDED)
    invoice.voided_because = reason.strip()
    invoice.save(update_fields=["state", "voided_because"])
    return Done(invoice.number, invoice.pk, invoice.state)
