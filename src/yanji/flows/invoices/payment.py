"""Money leaves only for what was ordered, received and charged once: held and released by somebody who did not enter it."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused

from ..acts import Done, verb
from ..approval_rules import covering_each, needed
from ..buying.placing import amount_of
from ..consign.models import Settlement
from ..documents import allow, reached
from ..models import PurchaseOrder
from ..states import InvoiceState
from .enter import compare
from .gates import invoice_for
from .models import Hold, Invoice, InvoiceLine
from .settled import amounts_used, charge, settled_books

Result = InvoiceLine.Result


@verb
def hold_payment(*, actor: Actor, key: str, invoice_id: int, reason: str) -> Done:
    """Keep the money back, also after it was released and before it is sent."""
    invoice = invoice_for(actor, invoice_id, may="pay", lock=True)
    _allow(invoice, "hold")
    if not reason.strip():
        raise Refused("reason_needed")
    Hold.objects.create(
        invoice=invoice, code=Hold.Code.MANUAL, reason=reason.strip(), placed_by_id=actor.person_id
    )
    if invoice.state == InvoiceState.RELEASED:
        invoice.state = reached("invoice", "hold", InvoiceState.MATCHED)
        invoice.released_by, invoice.released_at = None, None
        invoice.save(update_fields=["state", "released_by", "released_at"])
    return _done(invoice)


@verb
def lift_hold(*, actor: Actor, key: str, invoice_id: int, reason: str) -> Done:
    """Lift what a person held. What the comparison holds, only the comparison lifts."""
    invoice = _to_pay(actor, invoice_id)
    held = invoice.holds.filter(code=Hold.Code.MANUAL, lifted_at__isnull=True).first()
    if held is None:
        raise Refused("not_held", thing=invoice.number)
    if not reason.strip():
        raise Refused("reason_needed")
    held.lifted_by_id, held.lifted_at, held.lifted_because = actor.person_id, timezone.now(), reason.strip()
    reached("payment_hold", "lift", held.state)
    held.save(update_fields=["lifted_by", "lifted_at", "lifted_because"])
    return _done(invoice)


@verb
def accept_prices(*, actor: Actor, key: str, invoice_id: int, reason: str) -> Done:
    """Agree to prices that differ from the order. What was not received, was sent back or charged before stays as it is.

    Raises :class:`Refused` where the order at these prices would need an approval: the order is changed then, which asks.
    """
    invoice = _to_pay(actor, invoice_id)
    _allow(invoice, "accept")
    if not reason.strip():
        raise Refused("reason_needed")
    taken = invoice.lines.filter(result=Result.PRICE_DIFFERS).update(result=Result.PRICE_ACCEPTED)
    if not taken:
        raise Refused("no_price_differs", thing=invoice.number)
    offences = [*_beyond_approval(invoice), *_beyond_settlement(invoice)]
    if offences:
        raise Refused.of(offences)
    results = compare(actor, invoice)
    # Why stands with the hold that it helped to lift.
    invoice.holds.filter(code=Hold.Code.DIFFERS, lifted_because="").update(lifted_because=reason.strip())
    return Done(invoice.number, invoice.pk, invoice.state, facts={"accepted": taken, "results": results})


def _beyond_approval(invoice: Invoice) -> Iterator[Offence]:
    """Orders of the invoice that accepted prices make dearer than was ordered, where the hospital's rules name somebody to
    approve an order of that amount: whoever pays does not approve in their stead. Four statements."""
    asked = invoice.lines.filter(order__isnull=False).values("order_id")
    # Locked, sorted, as when comparing: two invoices cannot each raise an order by half unseen.
    orders = {
        order.pk: order
        for order in PurchaseOrder.objects.select_for_update(of=("self",))
        .filter(pk__in=asked)
        .select_related("deliver_to")
        .prefetch_related("lines")
        .order_by("pk")
    }
    price = {
        (line.order_id, line.item_id): line.price for order in orders.values() for line in order.lines.all()
    }
    dearer: dict[int, Decimal] = defaultdict(Decimal)
    for line in InvoiceLine.objects.filter(order__in=orders, result=Result.PRICE_ACCEPTED):
        assert line.order_id is not None, "chosen by order"
        dearer[line.order_id] += (
            max(Decimal(0), line.price - price[line.order_id, line.item_id]) * line.quantity
        )
    rules = covering_each("order", {order.deliver_to.path for order in orders.values()})
    for order_id, more in dearer.items():
        order = orders[order_id]
        amount = amount_of(order.lines.all()) + more
        asks = needed(rules[order.deliver_to.path], amount) if more else []
        if asks:
            roles = ", ".join(rule.role.name for rule in asks)
            yield Offence("price_needs_approval", order.number, {"amount": f"{amount:.2f}", "role": roles})


def _beyond_settlement(invoice: Invoice) -> Iterator[Offence]:
    """The same for settlements: what was used comes, at the prices that any invoice of it was accepted at, to an amount that
    is judged as an order's would be, at the agreement's place; what is credited pays for nothing of it. Five statements."""
    asked = invoice.lines.filter(settlement__isnull=False).values("settlement_id")
    # Locked, sorted, as orders are: two invoices cannot each raise a settlement by half unseen.
    locked = Settlement.objects.select_for_update(of=("self",)).filter(pk__in=asked)
    settlements = list(locked.select_related("agreement__place").order_by("pk"))
    books = settled_books([each.pk for each in settlements])
    used = amounts_used(books)
    dearer: dict[int, Decimal] = defaultdict(Decimal)
    for line in InvoiceLine.objects.filter(settlement__in=settlements, result=Result.PRICE_ACCEPTED):
        each = charge(line)
        agreed = books[each.key].at
        more = max(agreed) - each.price if each.credit else each.price - min(agreed)
        dearer[each.settlement_id] += max(Decimal(0), more) * each.quantity
    rules = covering_each("order", {each.agreement.place.path for each in settlements})
    for settlement in settlements:
        more = dearer[settlement.pk]
        amount = used[settlement.pk] + more
        asks = needed(rules[settlement.agreement.place.path], amount) if more else []
        if asks:
            roles = ", ".join(rule.role.name for rule in asks)
            yield Offence(
                "settled_price_needs_approval", settlement.number, {"amount": f"{amount:.2f}", "role": roles}
            )


@verb
def release_payment(*, actor: Actor, key: str, invoice_id: int) -> Done:
    """Let an invoice be paid: compared once more, nothing held, by somebody who did not enter it."""
    invoice = _to_pay(actor, invoice_id)
    if invoice.state != InvoiceState.RELEASED:
        compare(actor, invoice)
    held = list(invoice.holds.filter(lifted_at__isnull=True).order_by("placed_at"))
    if held:
        why = ", ".join(str(hold.get_code_display()) for hold in held)
        raise Refused("payment_held", thing=invoice.number, holds=why)
    _allow(invoice, "release")
    invoice.state = reached("invoice", "release", InvoiceState.RELEASED)
    invoice.released_by_id, invoice.released_at = actor.person_id, timezone.now()
    invoice.save(update_fields=["state", "released_by", "released_at"])
    return _done(invoice)


def _to_pay(actor: Actor, invoice_id: int) -> Invoice:
    """An invoice for who pays there and did not enter it."""
    invoice = invoice_for(actor, invoice_id, may="pay", lock=True)
    if invoice.entered_by_id == actor.person_id:
        raise Refused("released_by_enterer", thing=invoice.number)
    return invoice


def _allow(invoice: Invoice, verb: str) -> None:
    allow("invoice", verb, number=invoice.number, state=invoice.state, label=invoice.get_state_display())


def _done(invoice: Invoice) -> Done:
    return Done(invoice.number, invoice.pk, invoice.state)
