"""An entry of a transfer is taken back, and the transfer is open again for what it had counted."""

from collections.abc import Callable, Mapping
from uuid import UUID

from yanji.ledger.api import Step
from yanji.ledger.models import Event

from ..packing.picked import taken_back, undo
from .gate import allow_transfer
from .kits import parts_taken_back
from .models import KitArrival, Transfer, TransferEvent, TransferLine
from .state import count, keep_events, lines_of, moved_pieces

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
    Step.LOST_ON_WAY: "lost",
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
        keep_events(transfer, correcting)
        lines = lines_of(transfer)
        if event.step == Step.SHIP:
            transfer.shipments.filter(event_id=event.pk).update(called_back=True)
        if event.step in (Step.ARRIVE, Step.LOST_ON_WAY):
            change = parts_taken_back(event.pk, moved_pieces(event.pk), KitArrival.Column(COLUMN[event.step]))
        else:
            sign = 1 if event.step in OFF else -1
            change = {COLUMN[Step(event.step)]: taken_off(lines, event.pk, correcting, sign)}
        count(transfer, lines, "take_back", **change)

    return finish


def taken_off(
    lines: Mapping[int, TransferLine], event_id: UUID | str, correcting: str, sign: int
) -> dict[int, int]:
    """Pieces by item that an entry about picked things counts no more, once it is taken back: a kit as one. What is left of a
    torn kit counts on no line. A few statements at most."""
    moved = {item: sign * pieces for item, pieces in moved_pieces(event_id).items()}
    found = taken_back(event_id, moved, sign)
    undo(event_id, correcting)
    return {item: pieces for item, pieces in found.items() if pieces and item in lines}
