"""A cabinet's door reports: opened, and closed with the tags that are inside."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile

from django.db.models import Q
from django.utils import timezone

from yanji.access.actor import Actor, system_actor
from yanji.access.badges import person_by_badge
from yanji.access.models import Person
from yanji.access.operations import Operation
from yanji.ledger.api import Offence, UnitView
from yanji.places.models import Kind, Place
from yanji.places.spoken import Spoken

from ..acts import Done, moment, verb
from ..documents import reached
from ..gates import place_at
from ..paper_words import kept
from ..rfid.tags import understand_tags
from ..states import CabinetCaseState
from ..validity import Findings, papers_of_each, said_of
from .judge import Areas, Seen, Taker, compare, may_take, recorded_in, strange, taker_of, way_in
from .models import CabinetCase, DoorEvent
from .post import Entered, enter, hand_out, put_back, set_out

Way = CabinetCase.Way
MOST_OPENINGS = 20  # how far back who opened the door is looked for
SAME_OPENING = timedelta(minutes=1)


@verb
def door_opened(
    *, actor: Actor, key: str, cabinet_id: int, badge: str = "", happened_at: datetime | None = None
) -> Done:
    """The door was opened, by whose badge it was where one was read. Whoever closes it without one is the same person."""
    cabinet = place_at(actor, cabinet_id, may="sense", kinds=(Kind.CABINET,))
    door = _door(DoorEvent.Kind.OPENED, cabinet, actor, moment(happened_at), _person(badge))
    return Done(cabinet.code, door.pk, "opened", facts={"person": door.person.name if door.person else ""})


@verb
def door_closed(
    *,
    actor: Actor,
    key: str,
    cabinet_id: int,
    tags: Sequence[str],
    badge: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """The door was closed, and these tags are inside: all of them, each as the antenna sends it.

    What is gone was taken by whoever opened the door, what is here and recorded elsewhere was brought: each becomes an entry
    in that person's name. What cannot be entered stays where the records have it and is kept as a case; so is everything
    where nobody is known. ``facts``: pieces taken and put back, cases opened, and ``warnings``, papers amiss of what was taken.
    """
    at = moment(happened_at)
    cabinet = place_at(actor, cabinet_id, may="sense", kinds=(Kind.CABINET,))
    # Two reports of one cabinet are judged one after the other, each against what the other left.
    Place.objects.select_for_update(no_key=True).get(pk=cabinet.pk)
    person = _person(badge) or _opener(cabinet, at)
    door = _door(DoorEvent.Kind.CLOSED, cabinet, actor, at, person, tags)
    seen = compare(cabinet, recorded_in(cabinet), understand_tags(tags, actor=system_actor([Operation.VIEW])))
    known = settle_what_is_right_again(cabinet, seen, door)
    taker = (
        taker_of(person, today=timezone.localdate(at), device=actor.device or actor.name) if person else None
    )
    gone = [unit for unit in seen.gone if (Way.TAKEN, unit.epc) not in known]
    brought = [unit for unit in seen.brought if (Way.BROUGHT, unit.epc) not in known]
    areas = Areas([cabinet.path, *(unit.place_path for unit in brought)])
    taken = take(gone, taker, areas, cabinet=cabinet, key=key, at=at)
    back = bring(brought, taker, areas, cabinet=cabinet, key=key, at=at)
    tags_of = {tag: each for tag, each in seen.unknown.items() if (Way.BROUGHT, tag) not in known}
    no_units = {tag: strange(tag, meaning) for tag, meaning in tags_of.items()}
    items = {unit.epc: unit.item_id for unit in (*gone, *brought)}
    items |= {tag: meaning.item.pk for tag, meaning in tags_of.items() if meaning.item}
    cases = _keep(door, Way.TAKEN, taken.refused, items)
    cases += _keep(door, Way.BROUGHT, {**back.refused, **no_units}, items)
    door.taken, door.put_back, door.events = taken.done, back.done, [*taken.events, *back.events]
    door.lapsed = [kept(each) for each in taken.warnings()]
    door.save(update_fields=["taken", "put_back", "events", "lapsed"])
    facts: dict[str, object] = {
        "taken": taken.done,
        "put_back": back.done,
        "cases": cases,
        "person": person.name if person else "",
    }
    facts |= Findings(warnings=taken.warnings()).facts()
    return Done(cabinet.code, door.pk, "closed", tuple(door.events), facts)


def _person(badge: str) -> Person | None:
    return person_by_badge(badge) if badge.strip() else None


def _door(
    kind: str, cabinet: Place, actor: Actor, at: datetime, person: Person | None, tags: Sequence[str] = ()
) -> DoorEvent:
    return DoorEvent.objects.create(
        cabinet=cabinet, kind=kind, happened_at=at, person=person, reported_by_id=actor.person_id,
        device=actor.device, tags=list(tags),
    )  # fmt: skip


def _opener(cabinet: Place, at: datetime) -> Person | None:
    """Who opened the door last, if nobody closed it since; nobody where two people did. Where a lock tells the badge and a
    contact tells the door, an opening by nobody a moment after one by somebody is the same."""
    earlier = DoorEvent.objects.filter(cabinet=cabinet, happened_at__lte=at)
    latest = earlier.select_related("person").order_by("-happened_at", "-pk")[:MOST_OPENINGS]
    openings = list(takewhile(lambda each: each.kind == DoorEvent.Kind.OPENED, latest))
    known = {each.person_id: each.person for each in openings if each.person_id}
    if not openings or len(known) != 1:
        return None
    [(by, person)] = known.items()
    if openings[0].person_id is None:
        badge = next(each for each in openings if each.person_id == by)
        return person if openings[0].happened_at - badge.happened_at <= SAME_OPENING else None
    return person


def stands_open(cabinet_id: int) -> bool:
    """Whether the door was opened when it was last heard of. One statement."""
    last = DoorEvent.objects.filter(cabinet_id=cabinet_id).order_by("-happened_at", "-pk").first()
    return last is not None and last.kind == DoorEvent.Kind.OPENED


def as_at_the_last_closing(cabinet_id: int, tags: Collection[str]) -> bool:
    """Whether exactly these tags were inside when the door was last closed: what was amiss then is known. One statement."""
    closings = DoorEvent.objects.filter(cabinet_id=cabinet_id, kind=DoorEvent.Kind.CLOSED)
    last = closings.order_by("-happened_at", "-pk").first()
    return last is not None and set(last.tags) == set(tags)


def as_recorded(cabinet: Place, tags: Sequence[str]) -> bool:
    """Whether exactly that lies in a cabinet which is recorded there."""
    seen = compare(cabinet, recorded_in(cabinet), understand_tags(tags, actor=system_actor([Operation.VIEW])))
    return not (seen.gone or seen.brought or seen.unknown)


def settle_what_is_right_again(cabinet: Place, seen: Seen, door: DoorEvent) -> set[tuple[str, str]]:
    """Cases of things that are as recorded again are settled by that; the others stay, and are known: so is what was
    explained, until it is as recorded again. Three statements."""
    gone, here = {unit.epc for unit in seen.gone}, {*(unit.epc for unit in seen.brought), *seen.unknown}
    holds = Q(outcome="") | Q(outcome=CabinetCaseState.EXPLAINED, right_again_at=None)
    found = list(CabinetCase.objects.select_for_update().filter(holds, cabinet=cabinet))
    still = {Way.TAKEN.value: gone, Way.BROUGHT.value: here}
    right = CabinetCase.objects.filter(
        pk__in=[each.pk for each in found if each.thing not in still[each.way]]
    )
    right.filter(outcome=CabinetCaseState.EXPLAINED).update(right_again_at=door.happened_at)
    right.filter(outcome="").update(
        outcome=reached("cabinet_case", "come_back", CabinetCaseState.CAME_BACK),
        settled_at=door.happened_at,
        settled_by_id=door.reported_by_id,
    )
    return {(each.way, each.thing) for each in found if each.thing in still[each.way]}


def take(
    gone: Sequence[UnitView], taker: Taker | None, areas: Areas, *, cabinet: Place, key: str, at: datetime
) -> Entered:
    """What is gone: set out in the person's own department, or handed out of a store's cabinet. What the rules refuse for a
    lapsed paper is not entered."""
    found, area = Entered(), areas.of(cabinet.path)
    judged = {unit.epc: may_take(taker, area, unit) for unit in gone}
    found.refused |= {epc: offence for epc, offence in judged.items() if offence}
    look_at_papers([epc for epc, offence in judged.items() if not offence], found, at)
    free = [unit for unit in gone if unit.epc not in found.refused]
    if not free:
        return found
    assert taker is not None, "nobody takes nothing"
    if area is not None and taker.department is not None and area.pk == taker.department.pk:
        act = partial(set_out, cabinet=cabinet, taker=taker, key=key, at=at)
    else:
        homes = {unit.epc: taker.shelf_for(unit.item_temperature_class) for unit in free}
        act = partial(
            hand_out, homes={epc: home for epc, home in homes.items() if home}, cabinet=cabinet, taker=taker, key=key,
            at=at,
        )  # fmt: skip
    enter([unit.epc for unit in free], act, found)
    return found


def look_at_papers(epcs: Sequence[str], found: Entered, at: datetime) -> None:
    """What the papers of things that were taken lead to: refused, or said. No statement where nothing was taken."""
    papers = papers_of_each([[epc] for epc in epcs], at) if epcs else []
    for epc, own in zip(epcs, papers, strict=True):
        if own.offences:
            found.refused[epc] = said_of(epc, own.offences)[0]
        if own.warnings:
            found.lapsed[epc] = own.warnings


def bring(
    brought: Sequence[UnitView],
    taker: Taker | None,
    areas: Areas,
    *,
    cabinet: Place,
    key: str,
    at: datetime,
) -> Entered:
    """What lies in the cabinet and is recorded elsewhere: set back, moved, or given back to the store."""
    found, here = Entered(), areas.of(cabinet.path)
    groups: dict[tuple[str, int], tuple[Place, list[str]]] = {}
    for unit in brought:
        area = areas.of(unit.place_path)
        way = way_in(here, area, unit.status)
        if taker is None:
            found.refused[unit.epc] = Offence("cabinet_nobody", unit.epc)
        elif not way or area is None:
            found.refused[unit.epc] = Offence("cabinet_from_elsewhere", unit.epc, {"place": _named(unit)})
        else:
            groups.setdefault((way, area.pk), (area, []))[1].append(unit.epc)
    for (way, _area), (area, epcs) in sorted(groups.items()):
        assert taker is not None, "nobody brings nothing"
        act = partial(
            put_back, way=way, cabinet=cabinet, area=area, taker=taker, key=f"{key}:{area.pk}", at=at
        )
        enter(epcs, act, found)
    return found


def _named(unit: UnitView) -> str:
    return Spoken(*unit.place_name)


def _keep(door: DoorEvent, way: str, refused: Mapping[str, Offence], items: Mapping[str, int]) -> int:
    """Keep what could not be entered; how many. One statement. ``items``: thing -> item, where one is known."""
    CabinetCase.objects.bulk_create(
        CabinetCase(
            cabinet_id=door.cabinet_id, door=door, way=way, thing=thing, item_id=items.get(thing), code=offence.code,
            facts=offence.facts_kept(),
        )
        for thing, offence in refused.items()
    )  # fmt: skip
    return len(refused)
