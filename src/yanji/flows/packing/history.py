"""What happened to a box: who packed it, who moved it, and who took something out of it and so broke the seal.

Nobody writes the moves of a box of units down: they are the moves of what is in it (decision 0011). So each thing's stay in
the box is found from the packing acts, and the entries of the ledger during those stays are told as the box's own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from yanji.access.actor import Actor
from yanji.ledger.models import Unit

from ..alternatives import localised
from ..scanning import may_see
from .models import Box, BoxedUnit, PackingAct
from .queries import tree

EVER = datetime.max.replace(tzinfo=UTC)
MOVES = """
SELECT e.id, e.step, e.happened_at, a.name_zh, a.name_en, m.from_place_id, m.to_place_id, p.name_zh, p.name_en,
       p.kind, p.path,
       array_agg(m.unit_id)
  FROM ledger_movement m
  JOIN ledger_event e ON e.id = m.event_id
  JOIN access_person a ON a.id = e.actor_id
  JOIN places_place p ON p.id = m.to_place_id
 WHERE m.unit_id = ANY (%s) AND m.from_place_id <> m.to_place_id AND e.happened_at >= %s
 GROUP BY e.id, e.step, e.happened_at, a.id, m.from_place_id, m.to_place_id, p.id
 ORDER BY e.happened_at, e.recorded_at, e.id
"""


@dataclass(frozen=True, slots=True)
class Stay:
    """From when to when a unit was in a box."""

    unit: int
    since: datetime
    until: datetime = EVER


@dataclass(frozen=True, slots=True)
class Move:
    """Units that one entry took from a place to another; ``place`` is (zh, en), empty where the reader may not see it."""

    event: str
    step: str
    at: datetime
    actor: str
    source: int
    target: int
    place: tuple[str, str]
    units: frozenset[int]


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a box's history. ``what``: ``pack``, ``unpack``, ``moved``, ``broke`` (taken out of it), ``back`` (with it
    again). ``box``: which box inside it, empty for the box itself; ``left``: pieces that did not come along."""

    at: datetime
    what: str
    actor: str
    place: tuple[str, str]
    pieces: int
    left: int = 0
    event: str = ""
    step: str = ""
    note: str = ""
    box: str = ""


def history(actor: Actor, box_id: int) -> list[Happening]:
    """The latest first. Eight statements at most, whatever is in the box.

    Of a box that came out again as a whole its units count from when it was put in to when it was taken out.
    """
    inside = {branch.id: branch.code for branch in tree(box_id)}
    acts = list(_acts(inside))
    came_and_went = _named(acts, inside.values())
    others = dict(Box.objects.filter(code__in=came_and_went).values_list("id", "code"))
    all_acts = sorted([*acts, *_acts(others)], key=lambda act: (act.at, act.pk))
    stays = list(_stays(box_id, {**others, **inside}, all_acts, acts))
    told = [_told(actor, act, "" if act.box_id == box_id else inside[act.box_id]) for act in acts]
    return sorted(
        [*told, *walked(stays, _moves(actor, stays), _lying(stays))], key=lambda each: each.at, reverse=True
    )


def _acts(box_ids: Iterable[int]) -> Sequence[PackingAct]:
    found = PackingAct.objects.filter(box_id__in=list(box_ids)).select_related("actor", "place")
    return list(found.order_by("at", "pk"))


def _named(acts: Iterable[PackingAct], known: Iterable[str]) -> set[str]:
    """Codes of boxes that acts name and that are in the box no more."""
    named = {thing for act in acts for thing in act.things if isinstance(thing, str)}
    return {code for code in named if code.startswith(("00/", "box/"))} - set(known)


def _told(actor: Actor, act: PackingAct, box: str) -> Happening:
    """What was said at a place is for those who may see it there."""
    pieces = sum(thing["quantity"] if isinstance(thing, dict) else 1 for thing in act.things)
    seen = act.place is None or may_see(actor, act.place.kind, act.place.path)
    place = (act.place.name_zh, act.place.name_en) if act.place and seen else ("", "")
    return Happening(act.at, act.act, act.actor.name, place, pieces, note=act.note if seen else "", box=box)


def _stays(
    box_id: int, boxes: Mapping[int, str], all_acts: Sequence[PackingAct], own: Sequence[PackingAct]
) -> Iterator[Stay]:
    """Every unit's time in the box, through whichever box inside it. Two statements."""
    codes = {code: key for key, code in boxes.items()}
    epcs = {thing for act in all_acts for thing in act.things if isinstance(thing, str)} - codes.keys()
    ids = dict(Unit.objects.filter(epc__in=epcs).values_list("epc", "id")) if epcs else {}
    windows = _windows(box_id, codes, own)
    packed = dict(BoxedUnit.objects.filter(box_id__in=boxes).values_list("unit_id", "box_id"))
    since = dict(Box.objects.filter(pk__in=boxes).values_list("pk", "created_at"))
    for unit, box, start, end in _intervals(all_acts, ids, packed, since):
        for opened, closed in windows.get(box, ()):
            if max(start, opened) < min(end, closed):
                yield Stay(unit, max(start, opened), min(end, closed))


def _intervals(
    acts: Iterable[PackingAct],
    ids: Mapping[str, int],
    packed: Mapping[int, int],
    since: Mapping[int, datetime],
) -> Iterator[tuple[int, int, datetime, datetime]]:
    """(unit, box, from, to). What no act put in was announced in its box, and is in it since there is one. Pure."""
    running: dict[int, tuple[int, datetime]] = {}
    for act in acts:
        # Acts of counted pieces name no unit.
        units = [ids[thing] for thing in act.things if isinstance(thing, str) and thing in ids]
        for unit in units:
            if act.act == PackingAct.Act.PACK:
                running.setdefault(unit, (act.box_id, act.at))
            else:
                box, start = running.pop(unit, (act.box_id, since[act.box_id]))
                yield unit, box, start, act.at
    for unit, box in packed.items():
        yield unit, box, running[unit][1] if unit in running else since[box], EVER


def _windows(
    box_id: int, codes: Mapping[str, int], own: Iterable[PackingAct]
) -> dict[int, list[tuple[datetime, datetime]]]:
    """From when to when each box was in the box that is asked for, itself always. Pure."""
    start = datetime.min.replace(tzinfo=UTC)
    found: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    put_in: dict[int, datetime] = {}
    for act in own:
        for key in [codes[thing] for thing in act.things if isinstance(thing, str) and thing in codes]:
            if act.act == PackingAct.Act.PACK:
                put_in[key] = act.at
            else:
                found[key].append((put_in.pop(key, start), act.at))
    for key in codes.values():
        if key in put_in or key not in found:
            found[key].append((put_in.get(key, start), EVER))
    return found


def _moves(actor: Actor, stays: Sequence[Stay]) -> list[Move]:
    """Where units went, entry by entry. One statement; none without units."""
    if not stays:
        return []
    units, first = sorted({stay.unit for stay in stays}), min(stay.since for stay in stays)
    with connection.cursor() as cursor:
        cursor.execute(MOVES, (units, first))
        return [_move(actor, row) for row in cursor.fetchall()]


def _move(actor: Actor, row: Sequence[Any]) -> Move:
    event, step, at, name_zh, name_en, source, target, zh, en, kind, path, units = row
    place = (zh, en) if may_see(actor, kind, path) else ("", "")
    return Move(str(event), step, at, localised((name_zh, name_en)), source, target, place, frozenset(units))


def _lying(stays: Sequence[Stay]) -> dict[int, int]:
    """Where the units lie now: what never moved has always lain there. One statement."""
    units = sorted({stay.unit for stay in stays})
    return dict(Unit.objects.filter(pk__in=units).values_list("id", "place_id"))


def walked(stays: Sequence[Stay], moves: Sequence[Move], lying: Mapping[int, int]) -> Iterator[Happening]:
    """What the moves of the units say of their box: it moved where most of them went, else something was taken out, or is
    with it again. Moves of what was out of it are its own business. Pure."""
    spans = defaultdict(list)
    for stay in stays:
        spans[stay.unit].append(stay)
    where: dict[int, int] = {}
    for move in moves:
        for unit in move.units:
            where.setdefault(unit, move.source)
    where = {**lying, **where}
    steps: dict[tuple[str, int], list[Move]] = defaultdict(list)
    for move in moves:
        steps[move.event, move.target].append(move)
    for (event, target), several in steps.items():
        at = several[0].at
        within = {unit for unit, own in spans.items() if any(stay.since <= at < stay.until for stay in own)}
        before = _most(where, within)
        gone = {unit: move.source for move in several for unit in move.units}
        where |= dict.fromkeys(gone, target)
        moved = gone.keys() & within
        if not moved:
            continue
        what, pieces, left = _judged(where, within, moved, gone, before=before, target=target)
        if what:
            first = several[0]
            yield Happening(at, what, first.actor, first.place, pieces, left, event, first.step)


def _most(where: Mapping[int, int], within: Iterable[int]) -> int | None:
    counted = Counter(where[unit] for unit in within if unit in where)
    return min(counted, key=lambda place: (-counted[place], place), default=None)


def _judged(
    where: Mapping[int, int],
    within: set[int],
    moved: set[int],
    sources: Mapping[int, int],
    *,
    before: int | None,
    target: int,
) -> tuple[str, int, int]:
    """(what, pieces, left behind) of one entry. Pure."""
    if _most(where, within) == target != before:
        left = sum(where.get(unit) == before for unit in within)
        return "moved", len(moved), left
    if target == before:
        return "back", len(moved), 0
    taken = sum(sources[unit] == before for unit in moved)
    return ("broke", taken, 0) if taken else ("", 0, 0)
