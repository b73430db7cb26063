"""A destruction is taken back: the paper is to be carried out again."""

from collections.abc import Callable

from yanji.ledger.api import Refused
from yanji.ledger.models import Event

from ..documents import reached
from ..states import DisposalState
from .gate import allow_disposal
from .models import Disposal


def reopen_disposal(event: Event) -> Callable[[str], None] | None:
    """Lock the paper that an entry carried out; gives what is to be done once it is taken back. None: there is none."""
    disposal = Disposal.objects.select_for_update().filter(event_id=event.pk).first()
    if disposal is None:
        return None
    if disposal.state == DisposalState.COLLECTED:
        raise Refused("certificate_first", thing=disposal.number, certificate=disposal.certificate)
    allow_disposal(disposal, "take_back")

    def finish(_correcting: str) -> None:
        if disposal.title_event_id:
            # What was bought for it stays bought.
            disposal.lines.update(owner=None)
        disposal.event_id = disposal.title_event_id = None
        disposal.done_by = disposal.witness = disposal.done_at = disposal.signed_at = None
        disposal.state = reached("disposal", "take_back", DisposalState.APPROVED)
        disposal.save()

    return finish


def keep_aside(event: Event) -> None:
    """What waits for its destruction stays aside. Raises :class:`Refused` while its paper is open."""
    number = event.documents.get("scrap", "")
    waiting = (DisposalState.AWAITING, DisposalState.APPROVED)
    if Disposal.objects.select_for_update().filter(number=number, state__in=waiting).exists():
        raise Refused("aside_for_paper", thing=number)
