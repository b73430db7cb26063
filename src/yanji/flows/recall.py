"""A maker or an authority recalls a lot, or its day has passed: marked so wherever it lies, and never handed out again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Sum
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import LIFECYCLE, Refused, Status, Step
from yanji.ledger.models import Level, Lot
from yanji.places.actions import holds_everywhere
from yanji.places.models import VIRTUAL, Kind

from .acts import Done, moment, verb
from .gates import place_at
from .held import WholeLot, expired_at, paths_of
from .hold import Putting, put_aside, with_whole
from .models_recall import LotRecall
from .reasons import check_reason
from .recalled import REASON, in_force, keep_recalls, tell_the_ledger
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
def end_recall(*, actor: Actor, key: str, lot_id: int, reason: str, note: str = "") -> Done:
    """End the recalls of a lot of which nothing lies marked any more, for a reason of the group ``recall_end``: what comes of
    it from now on is as any other lot's. What is on hold stays so, and can be released. ``facts``: the notices ended.

    Raises :class:`Refused` for whoever may not hold at every place, where the lot is not recalled, and where something of it
    is marked still: that goes out of the house, or its entry is taken back.
    """
    if not actor.may("hold"):
        raise NotFound("hold")
    # Before the lot is looked for: what lots there are is no business of who may not end a recall.
    if not holds_everywhere(actor, "hold"):
        raise Refused("recall_held_everywhere")
    check_reason("recall_end", reason)
    lot = Lot.objects.filter(pk=lot_id).first()
    if lot is None:
        raise NotFound("lot")
    recalls = list(in_force().filter(lot=lot).select_for_update(of=("self",)))
    if not recalls:
        raise Refused("lot_not_recalled", thing=lot.number)
    if marked := pieces_marked(lot.pk):
        raise Refused("recall_marked", thing=lot.number, pieces=marked)
    LotRecall.objects.filter(pk__in=[each.pk for each in recalls]).update(
        ended_at=timezone.now(), ended_by_id=actor.person_id, end_reason=reason, end_note=note.strip()
    )
    tell_the_ledger([lot.pk])
    return Done(lot.number, lot.pk, "ended", facts={"notices": [each.notice for each in recalls]})


def pieces_marked(lot_id: int) -> int:
    """How many pieces of a lot are marked as recalled in the house, or on their way in it. One statement."""
    marked = Level.objects.filter(lot_id=lot_id, status=Status.RECALLED, quantity__gt=0)
    marked = marked.exclude(place__kind__in=VIRTUAL - {Kind.TRANSIT})
    return int(marked.aggregate(pieces=Sum("quantity"))["pieces"] or 0)


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
