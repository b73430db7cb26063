"""A confirmed settlement that was wrong is voided by two, as long as nobody has charged it: what it gathered is open again."""

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Refused

from ..acts import Done, verb
from ..documents import allow, reached
from ..invoices.models import Invoice, InvoiceLine
from ..reasons import check_reason
from ..states import InvoiceState, SettlementState
from ..witness import Witness
from .models import Payable, Settlement
from .settle import settlement_for


@verb
def void_settlement(
    *, actor: Actor, key: str, settlement_id: int, witness: Witness, reason: str, note: str = ""
) -> Done:
    """Two who keep invoices say that a confirmed statement was wrong. Its lines stay on it to be read, and are open for the
    statement that takes its place. ``facts.lines``: how many.

    Raises :class:`Refused` where the second person is the first, or keeps no invoices there; and where an invoice charges it
    (that is voided first) or is released for payment (then uses are taken back, and the next statement credits them).
    """
    settlement = settlement_for(actor, settlement_id, may="invoice", lock=True)
    state, label = settlement.state, settlement.get_state_display()
    allow("settlement", "void", number=settlement.number, state=state, label=label)
    check_reason("correct", reason)
    if witness.person_id == actor.person_id:
        raise Refused("witness_is_actor")
    if not witness.actor.may("invoice", settlement.agreement.place.path):
        raise Refused("witness_not_allowed", thing=witness.name)
    _check_not_charged(settlement)
    settlement.kept_lines.set(settlement.lines.all())
    lines = Payable.objects.filter(settlement=settlement).update(settlement=None)
    settlement.state = reached("settlement", "void", SettlementState.VOIDED)
    settlement.voided_by_id, settlement.voided_second_id = actor.person_id, witness.person_id
    settlement.voided_at, settlement.void_reason, settlement.void_note = timezone.now(), reason, note
    settlement.save(
        update_fields=["state", "voided_by", "voided_second", "voided_at", "void_reason", "void_note"]
    )
    return Done(settlement.number, settlement.pk, settlement.state, facts={"lines": lines})


def _check_not_charged(settlement: Settlement) -> None:
    charged = InvoiceLine.objects.filter(settlement=settlement).values("invoice")
    standing = Invoice.objects.filter(pk__in=charged).exclude(state=InvoiceState.VOIDED).order_by("pk")
    for invoice in standing:
        paid = invoice.state == InvoiceState.RELEASED
        code = "settlement_paid" if paid else "settlement_charged"
        raise Refused(code, thing=settlement.number, invoice=invoice.number)
