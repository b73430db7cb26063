"""A sending-back is taken back: the return is to be sent anew."""

from collections.abc import Callable

from yanji.ledger.api import Refused
from yanji.ledger.models import Event

from ..documents import reached
from ..states import SupplierReturnState
from .gate import allow_return
from .models import SupplierReturn


def reopen_return(event: Event) -> Callable[[str], None] | None:
    """Lock the return that an entry sent; gives what is to be done once it is taken back. None: it sent none.

    Once a credit note came the supplier has the goods: nothing is taken back any more, unless the note is voided.
    """
    back = SupplierReturn.objects.select_for_update().filter(events__contains=[str(event.pk)]).first()
    if back is None:
        return None
    allow_return(back, "take_back")
    if any(note.counts for note in back.credits.all()):
        raise Refused("return_credited", thing=back.number)

    def finish(_correcting: str) -> None:
        back.events = [each for each in back.events if each != str(event.pk)]
        if not back.events:
            # Who took it left without it: the next one is named when it goes.
            back.sent_at, back.credit_due, back.handed_to = None, None, ""
            back.state = reached("supplier_return", "take_back", SupplierReturnState.AUTHORISED)
        back.save()

    return finish
