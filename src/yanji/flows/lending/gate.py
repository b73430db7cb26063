"""Who sees a lending: both departments; who acts on it: the side whose turn it is."""

from yanji.access.actor import Actor
from yanji.access.gates import NotFound

from ..documents import allow
from ..gates import check
from .models import Lending, SettleUp

SIDES = ("lender", "borrower")


def lending_for(
    actor: Actor, lending_id: int, *, side: str = "", may: str = "view", lock: bool = False
) -> Lending:
    """A lending is seen from both its sides; ``side`` names the one at which the operation is needed."""
    found = Lending.objects.select_related("lender", "borrower", "actor", "confirmed_by")
    # Only the document's own row: the places and people it names are read, not held.
    found = found.select_for_update(of=("self",)) if lock else found
    lending = found.filter(pk=lending_id).first() if 0 < lending_id < 2**63 else None
    if lending is None:
        raise NotFound("lending")
    paths = {name: getattr(lending, name).path for name in SIDES}
    at = [paths[side]] if side else list(paths.values())
    check(actor, at, may=may, thing=lending.number, seen=list(paths.values()))
    return lending


def allow_lending(lending: Lending, verb: str) -> None:
    """Raises :class:`Refused` where its state does not allow the verb."""
    allow("lending", verb, number=lending.number, state=lending.state, label=lending.get_state_display())


def allow_settle_up(settled: SettleUp, verb: str) -> None:
    """The same of what was given back, or replaced: the other side says yes or no to it once."""
    allow(
        "settle_up", verb, number=settled.lending.number, state=settled.state, label=str(settled.state.label)
    )
