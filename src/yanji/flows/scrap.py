"""Things are destroyed at once, for a reason, with a second person looking on - where the rules let it happen at once."""

from collections.abc import Sequence
from datetime import datetime

from yanji.access.actor import Actor
from yanji.ledger.api import Refused

from .acts import Done, moment, verb
from .disposal.ask import goods_to_scrap, open_disposal, set_aside
from .disposal.models import Disposal
from .disposal.sign import carry_out
from .reasons import check_reason
from .states import DisposalState
from .things import Thing
from .witness import Witness


@verb
def scrap(
    *,
    actor: Actor,
    key: str,
    things: Sequence[Thing],
    reason: str,
    witness: Witness,
    note: str = "",
    take_title: bool = False,
    happened_at: datetime | None = None,
) -> Done:
    """Ask for destruction, and destroy at once where no rule asks for approval of that value.

    Else ``state`` is ``awaiting`` and all of it lies aside: once approved, two sign again (``disposal.sign.destroy``). The
    witness must be somebody else who may be one wherever the things lie. ``take_title``: buy what a supplier owns.
    """
    check_reason("scrap", reason)
    at = moment(happened_at)
    if witness.person_id == actor.person_id:
        raise Refused("witness_is_actor")
    goods, place = goods_to_scrap(actor, things, take_title=take_title)
    if not all(witness.actor.may("witness", each.path) for each in goods):
        raise Refused("witness_not_allowed", thing=witness.name)
    disposal = open_disposal(
        actor=actor, goods=goods, place=place, reason=reason, note=note, at=at, kind=Disposal.Kind.SCRAP,
        take_title=take_title,
    )  # fmt: skip
    if disposal.state == DisposalState.AWAITING:
        events = set_aside(disposal, goods, actor=actor, key=key, at=at)
        return Done(disposal.number, disposal.pk, disposal.state, events)
    events = carry_out(disposal, actor=actor, key=key, witness=witness, at=at)
    return Done(disposal.number, disposal.pk, disposal.state, events)
