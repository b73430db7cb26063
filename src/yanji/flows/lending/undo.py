"""A lending, or a settling of it, that the other side does not accept, or that is taken back: things and debt as before."""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Refused, Step, post
from yanji.ledger.models import Event

from ..acts import Done, moment, verb
from ..documents import reached
from ..landing import landing
from ..states import LendingState
from .gate import allow_lending, allow_settle_up, lending_for
from .lend import draft_lending, moved_by, settlement_for
from .models import Lending, SettleUp


@verb
def decline_lending(*, actor: Actor, key: str, lending_id: int, happened_at: datetime | None = None) -> Done:
    """The borrower does not want what was lent, or never got it: it lies at the lender again, and nothing is owed.

    Raises what the ledger refuses of things that were used or moved on meanwhile: those are to be confirmed.
    """
    lending = lending_for(actor, lending_id, side="borrower", may="lend", lock=True)
    allow_lending(lending, "decline")
    goods = landing(moved_by(lending.event_id), lending.lender, lending.borrower_id)
    draft = draft_lending(goods, lending.borrower_id, key=key, at=moment(happened_at), number=lending.number)
    event = post(draft, actor=actor).event_id
    lending.state = reached("lending", "decline", LendingState.DECLINED)
    lending.save(update_fields=["state"])
    return Done(lending.number, lending.pk, lending.state, (event,))


@verb
def refuse_settlement(
    *, actor: Actor, key: str, settlement_id: int, happened_at: datetime | None = None
) -> Done:
    """The lender does not accept what was given back in kind: it lies at the borrower again, and is owed still.

    Raises ``store_takes_back`` for what a store sent: that is on its way, and the store's to take back.
    """
    lending, settled = settlement_for(actor, settlement_id, "refuse")
    if settled.way != SettleUp.Way.IN_KIND:
        raise Refused("store_takes_back", thing=lending.number)
    at = moment(happened_at)
    draft = draft_lending(
        landing(moved_by(settled.event_id), lending.borrower, lending.lender_id),
        lending.lender_id,
        key=key,
        at=at,
        number=lending.number,
    )
    event = post(draft, actor=actor).event_id
    _void(settled, "refuse", at)
    return Done(lending.number, lending.pk, lending.state, (event,))


def reopen_lending(event: Event) -> Callable[[str], None] | None:
    """Lock the lending whose entry is taken back; gives what is to be done once it is. None: it served none.

    Raises :class:`Refused` once the other side has said yes or no: then it is settled, or lent anew.
    """
    lending = Lending.objects.select_for_update().filter(event_id=event.pk).first()
    if lending is not None:
        allow_lending(lending, "take_back")
        return lambda _correcting: _cancelled(lending)
    settled = SettleUp.objects.select_for_update().filter(event_id=event.pk).first()
    if settled is None:
        return _refuse_the_rest(event)
    allow_settle_up(settled, "take_back")
    return lambda _correcting: _void(settled, "take_back", timezone.now())


def _refuse_the_rest(event: Event) -> None:
    """What a side declined, did not accept or took in is said: its entry stands."""
    number = event.documents.get("lending", "")
    if not number or event.step not in (Step.LEND, Step.TAKE_IN):
        return
    lending = Lending.objects.get(number=number)
    raise Refused("document_closed", thing=number, state=lending.get_state_display())


def _cancelled(lending: Lending) -> None:
    lending.state = reached("lending", "take_back", LendingState.CANCELLED)
    lending.save(update_fields=["state"])


def _void(settled: SettleUp, verb_: str, at: datetime) -> None:
    settled.voided_at = at
    reached("settle_up", verb_, settled.state)
    settled.save(update_fields=["voided_at"])
