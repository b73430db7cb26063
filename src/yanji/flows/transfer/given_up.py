"""What was given up on its way is on its way still: either end may take that back, but not who sent the load."""

from uuid import UUID

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.ledger.api import Refused
from yanji.ledger.models import Event

from ..gates import check
from ..models import Issue
from .models import Shipment, Transfer


def ends_of(event_id: UUID | str) -> tuple[str, list[str]]:
    """The paper under which something was given up, and the ends at which that may be taken back: both of a transfer, the
    store that handed over of an issue. At most two statements."""
    transfer = Transfer.objects.select_related("source", "destination").filter(events__event=event_id).first()
    if transfer:
        return transfer.number, [transfer.source.path, transfer.destination.path]
    issue = Issue.objects.select_related("store").filter(differences__event=event_id).first()
    return (issue.number, [issue.store.path]) if issue else ("", [])


def may_take_back(actor: Actor, event_id: UUID | str) -> bool:
    """Whether it is offered."""
    return any(actor.may(Operation.CORRECT, path) for path in ends_of(event_id)[1])


def check_taking_back(actor: Actor, event: Event) -> None:
    """Raises :class:`Refused` for who may correct at neither end (``not_yours``), and for who sent the load
    (``own_load_back``): the ledger has it in nobody's subtree, so it cannot judge that itself."""
    number, ends = ends_of(event.pk)
    check(actor, ends, may=Operation.CORRECT, thing=number)
    own = Shipment.objects.filter(transfer__events__event=event, actor_id=actor.person_id, called_back=False)
    if own.exists():
        raise Refused("own_load_back", thing=number)
