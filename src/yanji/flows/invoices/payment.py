"""Money leaves only for what was ordered, received and charged once: held and released by somebody who did not enter it."""

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Refused

from ..acts import Done, verb
from ..documents import InvoiceState, allow, reached
from .enter import compare
from .gates import invoice_for
from .models import Hold, Invoice, InvoiceLine

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
    held.save(update_fields=["lifted_by", "lifted_at", "lifted_because"])
    return _done(invoice)


@verb
def accept_prices(*, actor: Actor, key: str, invoice_id: int, reason: str) -> Done:
    """Agree to prices that differ from the order. What was not received, was sent back or charged before stays as it is."""
    invoice = _to_pay(actor, invoice_id)
    _allow(invoice, "accept")
    if not reason.strip():
        raise Refused("reason_needed")
    taken = invoice.lines.filter(result=Result.PRICE_DIFFERS).update(result=Result.PRICE_ACCEPTED)
    if not taken:
        raise Refused("no_price_differs", thing=invoice.number)
    results = compare(actor, invoice)
    # Why stands with the hold that it helped to lift.
    invoice.holds.filter(code=Hold.Code.DIFFERS, lifted_because="").update(lifted_because=reason.strip())
    return Done(invoice.number, invoice.pk, invoice.state, facts={"accepted": taken, "results": results})


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
