"""What a supplier owns goes back to it by the same paper as everything else; where its own man takes it, in one go."""

from collections.abc import Sequence
from datetime import datetime

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, Refused, Step, preview, virtual_places

from ..acts import Done, moment, verb
from ..gates import place_at
from ..listed import listed
from ..states import SupplierReturnState
from ..things import Thing, lines, name
from .ask import authorised, open_return
from .models import SupplierReturn
from .send import send_off


@verb
def hand_back_goods(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    things: Sequence[Thing],
    reason: str,
    authorisation: str = "",
    handed_to: str = "",
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Goods of one supplier that lie at a place or below go back to it: too near to expiry, or not wanted any more.

    With the supplier's number for it (``authorisation``) and who takes it (``handed_to``) they leave at once, unless somebody
    has to approve it first: then the return keeps both, is authorised once it is approved, and is sent on its own. Without
    these two it waits for the supplier to agree.

    Raises :class:`Refused` naming what the hospital owns, or another supplier does; one of the two without the other; and
    whatever else a return is refused for.
    """
    place, at = place_at(actor, place_id, may="return_goods"), moment(happened_at)
    at_once = _leaves_at_once(things, authorisation.strip(), handed_to.strip())
    owner_id = _owner_of(things, place.pk, actor)
    done = open_return(
        actor=actor, place_id=place_id, supplier_id=owner_id, things=things, reason=reason, note=note, at=at
    )
    if not at_once:
        return done
    back = SupplierReturn.objects.select_related("place", "supplier").get(pk=done.id)
    if done.state == SupplierReturnState.AWAITING:
        back.authorisation, back.handed_to = authorisation.strip(), handed_to.strip()
        back.save(update_fields=["authorisation", "handed_to"])
        return done
    authorised(back, authorisation)
    return send_off(back, actor=actor, key=key, handed_to=handed_to, credit_due=None, at=at)


def _leaves_at_once(things: Sequence[Thing], authorisation: str, handed_to: str) -> bool:
    """Pure."""
    if bool(authorisation) != bool(handed_to) and things:
        raise Refused("handed_to_needed" if authorisation else "authorisation_needed", thing=name(things[0]))
    return bool(authorisation)


def _owner_of(things: Sequence[Thing], place_id: int, actor: Actor) -> int:
    """Of the first; the rest is compared with it. Raises :class:`Refused` for what no supplier owns, as the ledger says it. Four
    statements at most."""
    goods = listed(things)
    to = lines([each.thing for each in goods], virtual_places().supplier, place_id)
    if offences := preview(Draft(Step.HAND_BACK, "preview", moment(None), to, reason="preview"), actor=actor):
        raise Refused.of(offences)
    owner_id = goods[0].owner_id
    assert owner_id is not None, "the ledger lets nobody hand back what the hospital owns"
    return owner_id
