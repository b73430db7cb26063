"""A sterilisation that was entered wrongly - another set's cycle, another day - is voided: the set is not sterile by it."""

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused

from ..acts import Done, verb
from ..documents import allow, reached
from ..states import CycleState, LoanSetState
from .loans import locked_set
from .models import LoanSet, LoanSetCycle


@verb
def void_cycle(*, actor: Actor, key: str, loan_set_id: int, cycle_id: int, reason: str) -> Done:
    """A sterilisation counts no more; who enters one may void it. By the one it names the set is not sterile after it, in its
    theatre or not: nobody lays it out or uses it before the right one is entered. What was used of it stays used. A set that is
    closed stays so: its history is put right, and the cycle that it went through is entered after.

    Raises :class:`Refused` for a set that has not come, for what is voided already, and without a reason.
    """
    loan_set = locked_set(actor, loan_set_id, "void_cycle", ("consign", "use"))
    cycle = loan_set.cycles.select_for_update().filter(pk=cycle_id).first()
    if cycle is None:
        raise NotFound("cycle")
    allow("cycle", "void", number=cycle.cycle, state=cycle.state, label=cycle.get_state_display())
    if not reason.strip():
        raise Refused("reason_needed")
    named = _is_named(loan_set, cycle)
    cycle.state = reached("cycle", "void", CycleState.VOIDED)
    cycle.voided_by_id, cycle.voided_at, cycle.voided_because = (
        actor.person_id,
        timezone.now(),
        reason.strip(),
    )
    cycle.save(update_fields=["state", "voided_by", "voided_at", "voided_because"])
    if named:
        loan_set.cycle, loan_set.sterilised_at, loan_set.sterilised_by = "", None, None
    unsterile = named and loan_set.state != LoanSetState.CLOSED
    loan_set.state = reached("loan_set", "void_cycle", LoanSetState.ARRIVED if unsterile else loan_set.state)
    loan_set.save(update_fields=["state", "cycle", "sterilised_at", "sterilised_by"])
    return Done(loan_set.number, loan_set.pk, loan_set.state)


def _is_named(loan_set: LoanSet, cycle: LoanSetCycle) -> bool:
    """Whether it is the one by which the set is sterile; after its delivery was taken back the set names none. Pure."""
    return (loan_set.cycle, loan_set.sterilised_at) == (cycle.cycle, cycle.sterilised_at)
