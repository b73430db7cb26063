"""The two-invoice rule: the maker's invoice to the distributor comes with the delivery, and somebody has looked at it."""

from collections import defaultdict
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Refused

from ..acts import Done, check_dated, verb
from ..buying.models import TwoInvoiceRule
from ..buying.rules import needs_two
from ..documents import allow
from ..gates import check, receipt_for
from ..models import OrderLine, Receipt
from ..states import FirstInvoiceState, InvoiceState
from .models import FirstInvoice, Invoice


@verb
def enter_first_invoice(
    *, actor: Actor, key: str, receipt_id: int, seller: str, number: str, issued_on: date
) -> Done:
    """Keep the number of the maker's invoice that came with a delivery; its picture hangs on the receipt."""
    receipt = _receipt(actor, receipt_id)
    if not seller.strip() or not number.strip():
        raise Refused("first_invoice_unnamed")
    check_dated(number.strip(), issued_on)
    first = FirstInvoice.objects.create(
        receipt=receipt,
        seller=seller.strip(),
        number=number.strip(),
        issued_on=issued_on,
        entered_by_id=actor.person_id,
    )
    return Done(receipt.number, first.pk, "entered")


@verb
def verify_first_invoice(*, actor: Actor, key: str, first_invoice_id: int) -> Done:
    """Somebody else than who entered it compared the maker's invoice with the goods: maker, distributor, items and lots are
    those that came."""
    first, receipt = _first(actor, first_invoice_id)
    if first.state == FirstInvoiceState.VERIFIED:
        raise Refused("first_invoice_verified", thing=first.number)
    _allow(first, "verify")
    if first.entered_by_id == actor.person_id:
        raise Refused("first_invoice_verified_by_enterer", thing=first.number)
    first.verified_by_id, first.verified_at = actor.person_id, timezone.now()
    first.save(update_fields=["verified_by", "verified_at"])
    return Done(receipt.number, first.pk, "verified")


@verb
def void_first_invoice(*, actor: Actor, key: str, first_invoice_id: int, reason: str) -> Done:
    """A maker's invoice that was kept wrongly counts no more, verified or not; the right one is entered anew.

    ``facts.paid``: the invoices for its delivery that were released for payment already and now lack it. They stay
    released: whether money is called back is for who pays.
    """
    first, receipt = _first(actor, first_invoice_id)
    _allow(first, "void")
    if not reason.strip():
        raise Refused("reason_needed")
    first.voided_by_id, first.voided_at, first.voided_because = (
        actor.person_id,
        timezone.now(),
        reason.strip(),
    )
    first.save(update_fields=["voided_by", "voided_at", "voided_because"])
    return Done(receipt.number, first.pk, "voided", facts={"paid": paid_without(receipt)})


def paid_without(receipt: Receipt) -> list[str]:
    """The numbers of invoices that were released for goods of a delivery which need a maker's invoice, while none of its own
    is verified. Four statements at most."""
    if verified().filter(receipt=receipt).exists():
        return []
    needed = [item for (_order, item), need in two_invoice_lines([receipt.order_id]).items() if need]
    paid = Invoice.objects.filter(
        state=InvoiceState.RELEASED, lines__receipt=receipt, lines__item_id__in=needed
    )
    return list(paid.order_by("pk").values_list("number", flat=True).distinct())


def verified() -> QuerySet[FirstInvoice]:
    """The makers' invoices that somebody has compared with the goods, and nobody voided."""
    return FirstInvoice.objects.filter(verified_at__isnull=False, voided_at__isnull=True)


def _first(actor: Actor, first_invoice_id: int) -> tuple[FirstInvoice, Receipt]:
    first = FirstInvoice.objects.select_for_update().filter(pk=first_invoice_id).first()
    receipt = _receipt(actor, first.receipt_id if first else 0)
    assert first is not None, "the gate has let nothing through that is not there"
    return first, receipt


def _allow(first: FirstInvoice, verb_name: str) -> None:
    allow("first_invoice", verb_name, number=first.number, state=first.state, label=first.state.label)


def _receipt(actor: Actor, receipt_id: int) -> Receipt:
    """A receipt for who takes goods in there, or keeps its invoices."""
    receipt = receipt_for(actor, receipt_id)
    if not actor.may("invoice", receipt.dock.path):
        check(actor, [receipt.dock.path], may="receive", thing=receipt.number)
    return receipt


def two_invoice_lines(orders: list[int]) -> dict[tuple[int, int], bool]:
    """(order, item) -> whether it needs the maker's invoice. Two statements."""
    rows = OrderLine.objects.filter(order_id__in=orders).values_list(
        "order_id",
        "item_id",
        "item__family",
        "order__deliver_to__path",
        "contract_item__contract__two_invoice",
    )
    rules = {
        (campus, family): needed
        for campus, family, needed in TwoInvoiceRule.objects.values_list("campus_id", "family", "needed")
    }
    return {
        (order, item): needs_two(family, path, contract, rules)
        for order, item, family, path, contract in rows
    }


def missing_first(invoice: Invoice) -> str:
    """The receipts of an invoice whose goods need a maker's invoice that nobody has verified; empty where none lacks."""
    charged = set(
        invoice.lines.filter(receipt__isnull=False, order__isnull=False)
        .values_list("order_id", "item_id", "receipt_id")
        .distinct()
    )
    needed = two_invoice_lines(sorted({order for order, _, _ in charged}))
    receipts = {receipt for order, item, receipt in charged if needed.get((order, item))}
    if not receipts:
        return ""
    shown = set(verified().filter(receipt_id__in=receipts).values_list("receipt_id", flat=True))
    lacking = Receipt.objects.filter(pk__in=receipts - shown).order_by("pk").values_list("number", flat=True)
    return ", ".join(lacking)


def first_needed(receipts: list[Receipt]) -> dict[int, bool]:
    """Receipt -> whether any of its items needs the maker's invoice. Three statements."""
    orders = sorted({receipt.order_id for receipt in receipts})
    needed = two_invoice_lines(orders)
    items: dict[int, set[int]] = defaultdict(set)
    for order, item in (key for key, need in needed.items() if need):
        items[order].add(item)
    return {
        receipt.pk: any(line.item_id in items[receipt.order_id] for line in receipt.lines.all())
        for receipt in receipts
    }
