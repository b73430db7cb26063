"""How far a recall reaches: who may not hold wherever its lot lies neither says nor ends it."""

from collections.abc import Collection, Iterable, Sequence

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.ledger.api import Offence
from yanji.ledger.models import Level, Movement, Unit
from yanji.places.actions import holds_everywhere
from yanji.places.models import VIRTUAL

from .models_recall import LotRecall
from .on_the_way import going, may_doubt
from .things import Thing

LIES_ON_ITS_WAY = ("in_transit", "quarantined", "recalled")


def beyond(actor: Actor, lots: Collection[int]) -> set[int]:
    """Lots of which something lies in the hospital, or is on its way in it, where the actor may not hold. Three statements,
    none without lots."""
    if not lots:
        return set()
    levels = Level.objects.filter(lot_id__in=lots, quantity__gt=0).exclude(place__kind__in=VIRTUAL)
    found = _outside(actor, levels.values_list("lot_id", "place__path").distinct().order_by())
    away = going((), [(lot, "/") for lot in sorted(lots)], statuses=LIES_ON_ITS_WAY)
    return found | {each.lot_id for each in away if not may_doubt(actor, each)}


def _outside(actor: Actor, rows: Iterable[tuple[int, str]]) -> set[int]:
    return {lot for lot, path in rows if not actor.may(Operation.HOLD, path)}


def against_recall(actor: Actor, things: Sequence[Thing], lots: Collection[int]) -> list[Offence]:
    """What of the things, and of some whole lots, is of a lot that reaches further than the actor's right to hold. Five
    statements at most."""
    epcs = [thing for thing in things if isinstance(thing, str)]
    units = dict(Unit.objects.filter(epc__in=epcs).values_list("epc", "lot_id")) if epcs else {}
    named = {*lots, *(thing.lot_id for thing in things if not isinstance(thing, str))}
    further = beyond(actor, {*named, *units.values()})
    return [
        *(Offence("lot_reaches_further", f"lot {lot}") for lot in sorted(named & further)),
        *(Offence("lot_reaches_further", epc) for epc, lot in units.items() if lot in further - named),
    ]


def against_end(actor: Actor, lot_id: int, recalls: Sequence[LotRecall]) -> Offence | None:
    """What stands against the actor's ending these recalls of a lot: that it lies, or was marked as recalled, where they may not
    hold. Where it is not and was not here, whoever recalled it may, and who may hold at every place. Six statements at most."""
    events = [each.event_id for each in recalls if each.event_id]
    marked = Movement.objects.filter(event_id__in=events, lot_id=lot_id).exclude(from_place__kind__in=VIRTUAL)
    places = set(marked.values_list("lot_id", "from_place__path").distinct().order_by())
    if beyond(actor, [lot_id]) or _outside(actor, places):
        return Offence("lot_reaches_further", f"lot {lot_id}")
    lies = Level.objects.filter(lot_id=lot_id, quantity__gt=0).exclude(place__kind__in=VIRTUAL)
    others = [each for each in recalls if each.actor_id != actor.person_id]
    if not others or places or lies.exists() or holds_everywhere(actor, "hold"):
        return None
    return Offence("recall_of_another", f"lot {lot_id}", {"person": others[-1].actor.name})
