"""Who sees a return to a supplier, and who may act on it."""

from yanji.access.actor import Actor
from yanji.access.gates import NotFound

from ..documents import allow
from ..gates import check
from .models import SupplierReturn


def supplier_return_for(
    actor: Actor, return_id: int, *, may: str = "view", lock: bool = False
) -> SupplierReturn:
    """A return where the actor holds the operation at its place."""
    found = SupplierReturn.objects.select_related("place", "supplier", "actor")
    # Only the document's own row: the places and people it names are read, not held.
    found = found.select_for_update(of=("self",)) if lock else found
    back = found.filter(pk=return_id).first() if 0 < return_id < 2**63 else None
    if back is None:
        raise NotFound("supplier_return")
    check(actor, [back.place.path], may=may, thing=back.number)
    return back


def allow_return(back: SupplierReturn, verb: str) -> None:
    """Raises :class:`Refused` where its state does not allow the verb."""
    allow("supplier_return", verb, number=back.number, state=back.state, label=back.get_state_display())
