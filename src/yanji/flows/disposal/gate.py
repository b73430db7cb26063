"""Who sees a scrap paper, and who may act on it."""

from yanji.access.actor import Actor
from yanji.access.gates import NotFound

from ..documents import allow
from ..gates import check
from .models import Disposal


def disposal_for(actor: Actor, disposal_id: int, *, may: str = "view", lock: bool = False) -> Disposal:
    """A scrap paper where the actor holds the operation at its place."""
    found = Disposal.objects.select_related("place", "actor", "done_by", "witness")
    # Only the document's own row: the places and people it names are read, not held.
    found = found.select_for_update(of=("self",)) if lock else found
    disposal = found.filter(pk=disposal_id).first() if 0 < disposal_id < 2**63 else None
    if disposal is None:
        raise NotFound("disposal")
    check(actor, [disposal.place.path], may=may, thing=disposal.number)
    return disposal


def allow_disposal(disposal: Disposal, verb: str) -> None:
    """Raises :class:`Refused` where its state does not allow the verb."""
    allow("disposal", verb, number=disposal.number, state=disposal.state, label=disposal.get_state_display())
