"""A delivery of a supplier's own goods is taken back: what came is its supplier's to bring again, a loan set awaits it anew."""

from collections.abc import Callable

from django.utils import timezone

from yanji.ledger.models import Event

from ..documents import allow, reached
from ..states import LoanSetState
from .loans import compare_with_list
from .models import ConsignmentReceipt, LoanSet


def consigned_taken_back(event: Event) -> Callable[[str], None] | None:
    """For ``correction``: lock the receipt whose arrival an entry was, and its loan set. None: it was none.

    Raises :class:`Refused` where the set is in its theatre, or closed: what became of it is counted there.
    """
    receipt = ConsignmentReceipt.objects.select_for_update().filter(received_event=event.pk).first()
    if receipt is None:
        return None
    loan_set = LoanSet.objects.select_for_update().filter(pk=receipt.loan_set_id).first()
    if loan_set:
        state, label = loan_set.state, loan_set.get_state_display()
        allow("loan_set", "void_arrival", number=loan_set.number, state=state, label=label)

    def finish(_correcting: str) -> None:
        void_consigned_receipt(receipt)
        if loan_set:
            _await_again(loan_set)

    return finish


def void_consigned_receipt(receipt: ConsignmentReceipt) -> None:
    """Its entries are taken back: the paper counts no more."""
    receipt.voided_at = timezone.now()
    reached("consignment_receipt", "take_back", receipt.state)
    receipt.save(update_fields=["voided_at"])


def _await_again(loan_set: LoanSet) -> None:
    """The set holds what its other deliveries brought; without any it is expected as on the first day."""
    compare_with_list(loan_set)
    if loan_set.receipts.filter(voided_at=None).exists():
        return
    loan_set.state = reached("loan_set", "void_arrival", LoanSetState.EXPECTED)
    loan_set.cycle, loan_set.sterilised_at, loan_set.sterilised_by = "", None, None
    loan_set.save(update_fields=["state", "cycle", "sterilised_at", "sterilised_by"])
