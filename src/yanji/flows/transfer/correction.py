"""An entry of a transfer is taken back, and the transfer is open again for what it had counted."""

from collections.abc import Callable

from yanji.ledger.api import Step
from yanji.ledger.models import Event

from .gate import allow_transfer
from .models import Transfer, TransferEvent
from .state import count, keep_events, less, lines_of, moved_pieces

# Which column of the lines each step counts in; what lay picked is taken off by putting it back, by holding it, and by
# writing it down as missing.
OFF = (Step.UNPICK, Step.HOLD, Step.RECALL, Step.EXPIRE, Step.LOSE)
COLUMN = {
    Step.PICK: "picked",
    Step.UNPICK: "picked",
    Step.HOLD: "picked",
    Step.RECALL: "picked",
    Step.EXPIRE: "picked",
    Step.LOSE: "picked",
    Step.SHIP: "shipped",
    Step.ARRIVE: "arrived",
}


def reopen_transfer(event: Event) -> Callable[[str], None] | None:
    """Lock the transfer that an entry served; gives what is to be done once it is taken back. None: it served none."""
    link = TransferEvent.objects.filter(event=event).first()
    if link is None or event.step not in COLUMN:
        return None
    put_aside = event.step in (Step.HOLD, Step.RECALL)
    if put_aside and event.movements.filter(from_status="in_transit").exists():
        return lambda correcting: keep_events(link.transfer, correcting)  # it is on its way still
    if put_aside and not event.movements.filter(from_status="picked").exists():
        return None  # held when it arrived: it has arrived all the same
    transfer = Transfer.objects.select_for_update().get(pk=link.transfer_id)
    allow_transfer(transfer, "take_back")

    def finish(correcting: str) -> None:
        pieces = moved_pieces(event.pk)
        change = pieces if event.step in OFF else less(pieces)
        keep_events(transfer, correcting)
        if event.step == Step.SHIP:
            transfer.shipments.filter(event_id=event.pk).update(called_back=True)
        count(transfer, lines_of(transfer), "take_back", **{COLUMN[Step(event.step)]: change})

    return finish
