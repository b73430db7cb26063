"""Who sees a transfer, and who may do what with it at which of its ends."""

from yanji.access.actor import Actor
from yanji.access.gates import NotFound

from ..documents import allow
from ..gates import check
from .models import Transfer

# At which end an operation is needed: goods leave at the source and arrive at the destination; either may ask.
ENDS = {
    "pick": ("source",),
    "ship": ("source",),
    "arrive": ("destination",),
    "ask": ("source", "destination"),
}
OPERATION = {"pick": "pick"}  # all else is `transfer`


def transfer_for(actor: Actor, transfer_id: int, *, may: str = "view", lock: bool = False) -> Transfer:
    """A transfer is seen from both its ends. ``may``: ``pick``, ``ship`` (source), ``arrive`` (destination), ``ask``
    (either), or any operation, which is then looked for at both ends."""
    found = Transfer.objects.select_related("source", "destination", "actor")
    # Only the document's own row: the places and people it names are read, not held.
    found = found.select_for_update(of=("self",)) if lock else found
    transfer = found.filter(pk=transfer_id).first() if 0 < transfer_id < 2**63 else None
    if transfer is None:
        raise NotFound("transfer")
    both = {"source": transfer.source.path, "destination": transfer.destination.path}
    at = [both[end] for end in ENDS.get(may, tuple(both))]
    operation = OPERATION.get(may, "transfer") if may in ENDS else may
    check(actor, at, may=operation, thing=transfer.number, seen=list(both.values()))
    return transfer


def allow_transfer(transfer: Transfer, verb: str) -> None:
    """Raises :class:`Refused` where the transfer's state does not allow the verb."""
    allow("transfer", verb, number=transfer.number, state=transfer.state, label=transfer.get_state_display())
