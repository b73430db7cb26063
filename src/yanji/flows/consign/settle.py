"""Once a month what was used under an agreement is added up, confirmed and printed: from then on it is to be paid."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused

from ..acts import Done, verb
from ..documents import allow, reached
from ..gates import check
from ..numbers import next_number
from ..states import SettlementState
from .agreements import agreement_at
from .models import Payable, Settlement


def month_of(day: date) -> tuple[date, datetime]:
    """The first day of a month, and the moment at which the next one begins. Pure but for the hospital's zone."""
    first = day.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return first, timezone.make_aware(datetime.combine(after, time.min))


@verb
def draft_settlement(*, actor: Actor, key: str, agreement_id: int, month: date) -> Done:
    """Gather what is owed under an agreement for a month that is over, and credits; what came late for an earlier month
    goes with it. Raises :class:`Refused`: the month is not over, there is a statement of it, or nothing is owed."""
    # The agreement is the lock: two statements of one month wait for each other here.
    agreement = agreement_at(actor, agreement_id, may="invoice", lock=True)
    first, end = month_of(month)
    if end > timezone.now():
        raise Refused("month_not_over", thing=agreement.number, month=f"{first:%Y-%m}")
    standing = Settlement.objects.exclude(state=SettlementState.VOIDED)
    if standing.filter(agreement=agreement, month=first).exists():
        raise Refused("settled_already", thing=agreement.number, month=f"{first:%Y-%m}")
    open_lines = Payable.objects.select_for_update(of=("self",)).filter(
        note__agreement=agreement, settlement__isnull=True, at__lt=end
    )
    lines = list(open_lines.order_by("id"))
    if not lines:
        raise Refused("nothing_to_settle", thing=agreement.number, month=f"{first:%Y-%m}")
    total = sum((line.amount for line in lines), Decimal(0))
    settlement = Settlement.objects.create(
        number=next_number("ST", path=agreement.place.path, at=timezone.now()), agreement=agreement, month=first,
        total=total, actor_id=actor.person_id,
    )  # fmt: skip
    Payable.objects.filter(pk__in=[line.pk for line in lines]).update(settlement=settlement)
    facts = {"lines": len(lines), "total": str(total)}
    return Done(settlement.number, settlement.pk, settlement.state, facts=facts)


@verb
def confirm_settlement(*, actor: Actor, key: str, settlement_id: int) -> Done:
    """The statement is right: what it says is owed. Raises :class:`Refused` for who drew it up: a second person looks."""
    settlement = settlement_for(actor, settlement_id, may="invoice", lock=True)
    _allow("confirm", settlement)
    if settlement.actor_id == actor.person_id:
        raise Refused("confirmed_by_drafter", thing=settlement.number)
    settlement.state = reached("settlement", "confirm", SettlementState.CONFIRMED)
    settlement.confirmed_by_id, settlement.confirmed_at = actor.person_id, timezone.now()
    settlement.save(update_fields=["state", "confirmed_by", "confirmed_at"])
    return Done(settlement.number, settlement.pk, settlement.state)


@verb
def discard_settlement(*, actor: Actor, key: str, settlement_id: int) -> Done:
    """A draft that was wrong: its lines are open again."""
    settlement = settlement_for(actor, settlement_id, may="invoice", lock=True)
    _allow("discard", settlement)
    Payable.objects.filter(settlement=settlement).update(settlement=None)
    number, _gone = settlement.number, settlement.delete()
    return Done(number, state="discarded")


def _allow(verb_: str, settlement: Settlement) -> None:
    state, label = settlement.state, settlement.get_state_display()
    allow("settlement", verb_, number=settlement.number, state=state, label=label)


def settlement_for(actor: Actor, settlement_id: int, *, may: str = "view", lock: bool = False) -> Settlement:
    """A statement is seen by who may deal with consignment or money at its agreement's place."""
    found = Settlement.objects.select_related(
        "agreement__supplier", "agreement__place", "confirmed_by", "actor", "voided_by", "voided_second"
    )
    found = found.select_for_update(of=("self",)) if lock else found
    settlement = found.filter(pk=settlement_id).first() if 0 < settlement_id < 2**63 else None
    if settlement is None:
        raise NotFound("settlement")
    path = settlement.agreement.place.path
    if may == "view":
        if not any(actor.may(each, path) for each in SEES):
            raise NotFound("settlement")
    else:
        check(actor, [path], may=may, thing=settlement.number)
    return settlement


SEES = ("invoice", "pay", "contract", "consign", "see_figures")
