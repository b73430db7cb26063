"""A maker or an authority recalls a lot, or its day has passed: marked so wherever it lies, and never handed out again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import LIFECYCLE, Refused, Status, Step
from yanji.ledger.models import Lot

from .acts import Done, moment, verb
from .gates import place_at
from .held import WholeLot, expired_at, paths_of
from .hold import Putting, put_aside, with_whole
from .recall_reach import against_recall
from .recalled import REASON, keep_recalls
from .things import Thing

RECALLABLE = tuple(sorted(status.value for status in LIFECYCLE[Step.RECALL].sources if status))


@verb
def recall(
    *,
    actor: Actor,
    key: str,
    things: Sequence[Thing] = (),
    lots: Sequence[WholeLot] = (),
    notice: str,
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Recall things, and all that lies of some lots at or below a place, or is on its way from or to it. ``notice``: number of
    the maker's or the authority's notice.

    What lay picked is open to pick again. Counted pieces on hold stay so, and are not released. From now on nothing of these
    lots is picked, released or restocked, and what comes of them later is recalled or held where it lands: it goes back to its
    supplier, or is scrapped. A lot of which nothing is here can be recalled too. ``facts["count"]``: how many pieces.

    A recall holds at every place. Raises :class:`Refused` where something of a lot lies, or is on its way, where the actor may
    not hold.
    """
    at = moment(happened_at)
    if not actor.may("hold"):
        raise NotFound("hold")
    if not notice.strip():
        raise Refused("notice_needed")
    free = [thing if isinstance(thing, str) else replace(thing, status="available") for thing in things]
    wanted = {lot.lot_id for lot in lots}
    if Lot.objects.filter(pk__in=wanted).count() < len(wanted):
        raise NotFound("lot")
    if offences := against_recall(actor, free, wanted):
        raise Refused.of(offences)
    # Counted pieces on hold are named so by a paper that disposes of them, or sends them back.
    chosen = [
        thing
        for thing in with_whole(actor, free, lots, RECALLABLE, may_be_gone=True)
        if isinstance(thing, str) or thing.status != Status.QUARANTINED
    ]
    putting = Putting(Step.RECALL, key, at, REASON, note, {"recall": notice.strip()})
    done = put_aside(putting, actor, chosen, paths_of(lots))
    keep_recalls(wanted, done.events, notice.strip(), actor=actor, at=at)
    return done


@verb
def mark_expired(
    *, actor: Actor, key: str, place_id: int, note: str = "", happened_at: datetime | None = None
) -> Done:
    """Mark all that is past its expiry at or below a place. What lay picked is open to pick again.

    ``facts["count"]``: how many pieces. Raises :class:`Refused` where nothing is.
    """
    at = moment(happened_at)
    place = place_at(actor, place_id, may="hold")
    chosen = expired_at(place, on=timezone.localdate(at))
    if not chosen:
        raise Refused("nothing_expired", thing=place.name)
    return put_aside(Putting(Step.EXPIRE, key, at, "", note), actor, chosen, [])
