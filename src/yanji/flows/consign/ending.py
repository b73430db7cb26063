"""A consignment agreement ends with a reason: from a day on nothing more comes under it, and what lies here is used up."""

from datetime import date

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Refused

from ..acts import Done, verb
from ..documents import reached
from ..reasons import check_reason
from ..states import AgreementState
from .agreements import agreement_at, allowed
from .models import AgreementEnding, ConsignmentAgreement


@verb
def end_agreement(*, actor: Actor, key: str, agreement_id: int, last_day: date, reason: str) -> Done:
    """Goods come under the agreement until ``last_day``, and none after it. What lies here is used and settled at its prices,
    or handed back.

    Raises :class:`Refused`: it has ended before, a day that is over or before its first, no reason.
    """
    agreement = agreement_at(actor, agreement_id, may="contract", lock=True)
    allowed("end", agreement)
    if not reason.strip():
        raise Refused("reason_needed")
    # A day that is over might have goods that came on it; from today on nobody can have been wrong.
    first = max(timezone.localdate(), agreement.versions.order_by("number")[0].valid_from)
    if last_day < first:
        raise Refused("agreement_ends_later", thing=agreement.number, day=first)
    AgreementEnding.objects.create(
        agreement=agreement, last_day=last_day, reason=reason.strip(), actor_id=actor.person_id
    )
    return _left(agreement, "end", AgreementState.ENDED)


@verb
def take_ending_back(*, actor: Actor, key: str, agreement_id: int, reason: str) -> Done:
    """The agreement was ended by mistake: it goes on as if it had not been, and the ending stays to be read.

    Raises :class:`Refused`: it has not ended, no reason, or an agreement that was written since takes its place.
    """
    agreement = agreement_at(actor, agreement_id, may="contract", lock=True)
    allowed("take_back", agreement)
    check_reason("correct", reason)
    ending = agreement.endings.get(taken_back_at=None)
    successor = _successor(agreement, ending)
    if successor:
        raise Refused("agreement_followed", thing=agreement.number, agreement=successor.number)
    ending.taken_back_by_id, ending.taken_back_at = actor.person_id, timezone.now()
    ending.taken_back_because = reason
    reached("agreement_ending", "take_back", ending.state)
    ending.save(update_fields=["taken_back_by", "taken_back_at", "taken_back_because"])
    return _left(agreement, "take_back", AgreementState.RUNNING)


def _successor(agreement: ConsignmentAgreement, ending: AgreementEnding) -> ConsignmentAgreement | None:
    """What was agreed with the supplier for the place since the ending: two would run where one is meant."""
    since = ConsignmentAgreement.objects.filter(
        supplier=agreement.supplier_id, place=agreement.place_id, written_at__gt=ending.at,
        state=AgreementState.RUNNING,
    )  # fmt: skip
    return since.order_by("pk").first()


def _left(agreement: ConsignmentAgreement, verb_: str, state: AgreementState) -> Done:
    agreement.state = reached("agreement", verb_, state)
    agreement.save(update_fields=["state"])
    return Done(agreement.number, agreement.pk, agreement.state)
