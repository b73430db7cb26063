"""A wave begins, its scans go to the requisitions that need them, and it ends."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused

from ..acts import Done, moment, verb
from ..documents import allow, reached
from ..gates import place_at, requisitions_to_pick
from ..models import Requisition
from ..numbers import next_number
from ..packing.contents import Contents, together
from ..packing.picked import asked_as_kits, without
from ..pick import Wish, allow_pick, judge_each, keep_each
from ..reserving.kept import Spot, locked_rows_of, rows_of
from ..reserving.models import ReservedLot
from ..states import WaveState
from ..things import Known, Thing, item_names, look_up, name
from ..turn import Policy
from ..validity import papers_at_issue
from .models import InTurn, Wave, WaveMember
from .share import Ask, Shared, homes_of_kits, share
from .walk import asks_of, members_of, urgent_first, wanted_still, wave_for


@verb
def start_wave(
    *, actor: Actor, key: str, store_id: int, requisitions: Sequence[int], policy: Policy = "fefo"
) -> Done:
    """Take several requisitions of a store together; ``policy``: whose turn it is on the walk.

    Raises :class:`Refused`: none named, one of another store, with nothing left to pick, or in another walk already.
    """
    store = place_at(actor, store_id, may="pick")
    at = moment(None)
    found = requisitions_to_pick(actor, requisitions)
    offences = [] if found else [Offence("empty")]
    offences += [Offence("wave_other_store", each.number) for each in found if each.store_id != store.pk]
    wanting = {ask.requisition_id for ask in asks_of(found)}
    offences += [Offence("wave_nothing_open", each.number) for each in found if each.pk not in wanting]
    if offences:
        raise Refused.of(offences)
    wave = Wave.objects.create(
        number=next_number("WV", path=store.path, at=at),
        store=store,
        actor_id=actor.person_id,
        created_at=at,
        policy=InTurn(policy),
    )
    WaveMember.objects.bulk_create(WaveMember(wave=wave, requisition=each) for each in found)
    return Done(wave.number, wave.pk, wave.state)


@verb
def pick_wave(
    *,
    actor: Actor,
    key: str,
    wave_id: int,
    things: Sequence[Thing],
    overrides: Mapping[str, str] | None = None,
    happened_at: datetime | None = None,
    opened: Sequence[Contents] = (),
) -> Done:
    """Set things aside, each for the requisition that needs it: who wants its lot alone, then the most urgent. A kit that is
    asked for as such, taken by its code, is one piece of the kit.

    The wave ends by itself once nothing is left to pick. ``facts``: ``picked``, number of requisition ->
    pieces; ``warnings``, papers amiss, which issuing will say or be refused for. Raises :class:`Refused` for what none of
    them asks for, for too many, and for whatever :func:`flows.pick.pick` refuses.
    """
    at, given = moment(happened_at), overrides or {}
    wave = wave_for(actor, wave_id, may="pick", lock=True)
    _allow("pick", wave)
    ids = list(wave.members.values_list("requisition_id", flat=True))
    members = {each.pk: each for each in urgent_first(requisitions_to_pick(actor, ids))}
    kept = locked_rows_of(things)
    parted = _parted(wave, members, things, opened, kept)
    for wish in parted.wishes:
        allow_pick(wish.requisition)
    choices, said = judge_each(parted.wishes, parted.known, kept, overrides=given, policy=wave.policy, at=at)
    if offences := [*parted.offences, *said]:
        raise Refused.of(offences)
    if not choices:
        raise Refused("empty")
    keys = [f"{key}:{choice.requisition.pk}" for choice in choices]
    events = keep_each(choices, kept, keys=keys, overrides=given, actor=actor, at=at)
    if not wanted_still(members.values()):
        _end(wave, "pick")
    picked = {choice.requisition.number: sum(choice.pieces.values()) for choice in choices}
    facts = {"picked": picked, **papers_at_issue(things, at).ahead().facts()}
    return Done(wave.number, wave.pk, wave.state, tuple(event for each in events for event in each), facts)


@dataclass(frozen=True, slots=True)
class Parted:
    """Things of a walk, each with the requisition that it goes to; ``kits``: the boxes among them that are asked for as kits;
    ``numbers``: those under which something may be kept for one of the walk."""

    wishes: Sequence[Wish]
    known: Known
    offences: Sequence[Offence]
    kits: Sequence[Contents]
    numbers: frozenset[str]


def _parted(
    wave: Wave,
    members: Mapping[int, Requisition],
    things: Sequence[Thing],
    opened: Sequence[Contents],
    kept: Sequence[ReservedLot],
) -> Parted:
    """Who gets what; ``members`` come the most urgent first. What nobody of the walk wants is an offence."""
    asks, known = asks_of(members.values()), look_up(things)
    kits = asked_as_kits(opened, (ask.item_id for ask in asks))
    loose = without(things, *(kit.things() for kit in kits))
    shared = share([thing for thing in loose if known.item_of(thing)], known, asks, _pieces(kept))
    strange = [thing for thing in things if known.item_of(thing) is None]
    boxes, spare = _homes(kits, asks)
    wishes = [
        Wish(members[each], together(shared.things.get(each, ()), boxes.get(each, ())), boxes.get(each, ()))
        for each in sorted({*shared.things, *boxes})
    ]
    offences = [
        *(Offence("unknown_unit", name(thing)) for thing in strange),
        *_over(wave, shared, known, spare),
    ]
    return Parted(wishes, known, offences, kits, frozenset(number for ask in asks for number in ask.numbers))


def foreseen(wave: Wave, things: Sequence[Thing], boxes: Sequence[Contents], at: datetime) -> Parted:
    """What :func:`pick_wave` would do with things, with all that would speak against it but the ledger. Locks and writes
    nothing."""
    members = {each.pk: each for each in members_of(wave)}
    kept = rows_of(things)
    parted = _parted(wave, members, things, boxes, kept)
    _choices, said = judge_each(parted.wishes, parted.known, kept, overrides={}, policy=wave.policy, at=at)
    return replace(parted, offences=[*parted.offences, *said])


def _pieces(kept: Iterable[ReservedLot]) -> Counter[tuple[str, Spot]]:
    """(number, where it lies) -> pieces of lots that are reserved for it. Pure."""
    found: Counter[tuple[str, Spot]] = Counter()
    for row in kept:
        found[row.reserved_for, (row.lot_id, row.place_id, row.owner_id)] += row.quantity
    return found


def _homes(kits: Sequence[Contents], asks: Sequence[Ask]) -> tuple[dict[int, list[Contents]], list[Contents]]:
    """Requisition -> the kits that go to it; and those that nobody wants any more. Pure."""
    found: dict[int, list[Contents]] = {}
    for kit, home in zip(kits, homes_of_kits([kit.item_id or 0 for kit in kits], asks), strict=True):
        found.setdefault(home, []).append(kit)
    return found, found.pop(0, [])


def _over(wave: Wave, shared: Shared, known: Known, kits: Sequence[Contents]) -> list[Offence]:
    """What nobody of the walk wants: another item, or more than is open."""
    items = {name(thing): known.item_of(thing) for thing in shared.over}
    items |= {kit.code: kit.item_id for kit in kits}
    names = item_names(item for item in items.values() if item) if items else {}
    return [
        Offence("not_requested", thing, {"item": names.get(item or 0, ""), "requisition": wave.number})
        for thing, item in items.items()
    ]


@verb
def close_wave(*, actor: Actor, key: str, wave_id: int) -> Done:
    """The walk is over; what was not found stays open in the requisitions, for another walk."""
    wave = wave_for(actor, wave_id, may="pick", lock=True)
    _allow("close", wave)
    _end(wave, "close")
    return Done(wave.number, wave.pk, wave.state)


def _end(wave: Wave, verb_: str) -> None:
    wave.members.update(active=False)
    wave.state = reached("wave", verb_, WaveState.CLOSED)
    wave.save(update_fields=["state"])


def _allow(verb_: str, wave: Wave) -> None:
    allow("wave", verb_, number=wave.number, state=wave.state, label=wave.get_state_display())
