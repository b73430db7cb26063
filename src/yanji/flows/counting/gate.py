"""One gate for counts: what is hidden and what is absent answer alike."""

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused

from ..documents import allow
from ..gates import check
from ..states import CountState
from .models import Count


def count_for(actor: Actor, count_id: int, *, may: str = "view", lock: bool = False) -> Count:
    """A count where the actor holds the operation at its place."""
    found = Count.objects.select_related("place", "actor", "submitted_by")
    # Only the document's own row: the places and people it names are read, not held.
    found = found.select_for_update(of=("self",)) if lock else found
    count = found.filter(pk=count_id).first() if 0 < count_id < 2**63 else None
    if count is None:
        raise NotFound("count")
    check(actor, [count.place.path], may=may, thing=count.number)
    return count


def allow_count(count: Count, verb: str) -> None:
    """Raises :class:`Refused` where the count's state does not allow the verb; a posted one is never posted again."""
    if count.state == CountState.POSTED and verb in ("submit", "approve"):
        raise Refused("counted_already", thing=count.number)
    allow("count", verb, number=count.number, state=count.state, label=count.get_state_display())
