"""A case is closed when its account balances: taken = used + returned + wasted. Otherwise somebody who may says why."""

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused

from ..acts import Done, verb
from ..documents import allow, reached
from ..gates import case_for, check
from ..models import Case
from ..reasons import known
from ..reserving.ending import end_with
from ..states import CaseState
from .account import Account, account_of
from .models import CaseDifference


@verb
def close_case(*, actor: Actor, key: str, case_id: int, difference: str = "") -> Done:
    """Nothing more is used in a case; what a store still keeps for it is free again. ``difference``: why something that it took
    is unaccounted for.

    Raises :class:`Refused` naming everything that is open, unless a reason is given by somebody who may correct there.
    """
    case = case_for(actor, case_id, may="use", lock=True)
    allow("case", "close", number=case.number, state=case.state, label=case.get_state_display())
    account = account_of(case.pk)
    if not account.balances:
        _take_on(case, account, actor, difference)
    events = end_with("case", case.number, actor=actor, key=key, at=timezone.now())
    case.state = reached("case", "close", CaseState.CLOSED)
    case.save(update_fields=["state"])
    facts = {
        "taken": account.taken, "used": account.used, "returned": account.returned, "wasted": account.wasted,
        "elsewhere": account.elsewhere, "open": account.pieces("open"),
    }  # fmt: skip
    return Done(case.number, case.pk, case.state, events, facts)


def _take_on(case: Case, account: Account, actor: Actor, reason: str) -> None:
    if not reason:
        raise Refused.of(
            Offence("case_difference", each.name, {"case": case.number, "pieces": each.open})
            for each in account.open
        )
    check(actor, [case.department.path], may="correct", thing=case.number)
    if reason not in known("case_difference"):
        raise Refused("reason_needed")
    things = [[each.name, each.open] for each in account.open]
    CaseDifference.objects.create(case=case, reason=reason, things=things, actor_id=actor.person_id)
