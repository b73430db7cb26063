"""What an open paper still waits for: what to take from which shelf in the order of the walk, what is owed, what is on its way,
which shelves are to be counted."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import F, Prefetch, Q, Window, prefetch_related_objects
from django.db.models.functions import RowNumber

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.ledger.models import Unit
from yanji.places.models import Kind, Place
from yanji.places.queries import labels

from ..awaited import awaited_of
from ..counting.models import Count, CountScan
from ..models import ShipNoticeLine
from ..reserving.kept import all_numbers_of
from ..waves.share import Ask
from ..waves.walk import Planned, kits_among, planned
from .left import NAMED, Left, Todo, todo_with
from .lent import lent_left, owed_left, with_waiting
from .loaned import coming_left, going_left
from .needed import needed
from .store_papers import going_back, kept_for_it, open_to_keep, walked, with_own_kept
from .today import open_papers

SHELVES_OF_A_COUNT = 300
SHELVES = (Kind.BIN, Kind.CABINET)
KEPT = "kept"


def todos(actor: Actor) -> list[Todo]:
    """Of all papers that the scan page lists. A few statements for each act, and for each store in which things are picked."""
    listed = open_papers(actor, walks=False)  # a walk is chosen first
    return [todo for (flow, kind), papers in listed.items() for todo in _told(flow, kind, papers)]


def todo_of(flow: str, kind: str, paper: Any, actor: Actor) -> Todo | None:
    """Of one paper, which the actor may work on; None where nothing can be said."""
    if flow == "unreserve":
        with_own_kept(paper, actor)
    if kind == "lending":
        with_waiting(paper, actor)
    return next((each for each in _told(flow, kind, [paper]) if each.flow == flow), None)


def _told(flow: str, kind: str, papers: Sequence[Any]) -> Iterable[Todo]:
    if not papers or (flow, kind) not in LEFT:
        return ()
    return LEFT[flow, kind](flow, kind, papers)


def _of_lines(left: str, asked: str) -> Callable[[str, str, Sequence[Any]], Iterator[Todo]]:
    """By the lines of a paper, where nothing says which pieces: ``left`` and ``asked`` are what a line calls them."""

    def told(flow: str, kind: str, papers: Sequence[Any]) -> Iterator[Todo]:
        prefetch_related_objects(papers, "lines__item")
        for paper in papers:
            lines = list(paper.lines.all())
            whole = sum(getattr(line, asked) for line in lines)
            found = tuple(
                Left(pieces, line.item_id, line.item.name)
                for line in lines
                if (pieces := getattr(line, left)) > 0
            )
            yield todo_with(flow, kind, paper, whole, found)

    return told


def _announced(flow: str, kind: str, papers: Sequence[Any]) -> Iterator[Todo]:
    """What of a ship notice has not come, by item, lot and expiry; of what is counted by amount the lot is a guess."""
    prefetch_related_objects(papers, Prefetch("lines", ShipNoticeLine.objects.select_related("item")))
    awaited = awaited_of([notice.pk for notice in papers])
    for notice in papers:
        items = awaited.get(notice.pk, {})
        rest = {item: each.left for item, each in items.items()}
        found: dict[tuple[int, str, date | None], Left] = {}
        for line in notice.lines.all():
            part = min(line.quantity, rest.get(line.item_id, 0)) if line.arrived_at is None else 0
            rest[line.item_id] = rest.get(line.item_id, 0) - part
            if part:
                spot = line.item_id, line.lot, line.expiry
                before = found.get(spot, Left(0, line.item_id, line.item.name, line.lot, line.expiry))
                serials = (*before.serials, line.serial) if line.serial else before.serials
                found[spot] = replace(before, pieces=before.pieces + part, serials=serials)
        left = tuple(replace(each, serials=each.serials[:NAMED]) for each in found.values())
        yield todo_with(flow, kind, notice, sum(each.announced for each in items.values()), left)


def _on_its_way(flow: str, kind: str, papers: Sequence[Any]) -> Iterator[Todo]:
    prefetch_related_objects(papers, "lines__lot__item")
    for paper in papers:
        lines = list(paper.lines.all())
        left = tuple(
            Left(line.under_way, line.lot.item_id, line.lot.item.name, line.lot.number, line.lot.expiry)
            for line in lines
            if line.under_way > 0
        )
        yield todo_with(flow, kind, paper, sum(line.quantity - line.gone for line in lines), left)


def _picked(flow: str, kind: str, papers: Sequence[Any]) -> Iterator[Todo]:
    """What to take, shelf after shelf; what several ask for is shared out, the most urgent first."""
    prefetch_related_objects(papers, "lines__item")
    asks = [
        Ask(at, line.item_id, line.open_to_pick, line.lot, numbers)
        for at, (paper, numbers) in enumerate(zip(papers, all_numbers_of(papers), strict=True))
        for line in paper.lines.all()
        if line.open_to_pick > 0
    ]
    kits = kits_among({ask.item_id for ask in asks}) if asks else set()
    by_store: dict[Place, list[Ask]] = defaultdict(list)
    for ask in asks:
        if ask.item_id not in kits:
            by_store[papers[ask.requisition_id].store].append(ask)
    found: dict[int, list[Left]] = defaultdict(list)
    for store, of_store in by_store.items():
        walk, _lacking = planned(store, of_store, "fefo")
        serials = _serials(walk)
        for stop in walk:
            for at, pieces in stop.stop.parts:
                found[at].append(_stop(stop, pieces, serials))
    for at, paper in enumerate(papers):
        walk_of = [*found[at], *_nowhere(paper, found[at], kits)]
        yield todo_with(flow, kind, paper, sum(line.quantity for line in paper.lines.all()), tuple(walk_of))


def _stop(planned: Planned, pieces: int, serials: Mapping[tuple[int, int, bool], list[str]]) -> Left:
    lot, level = planned.level.lot, planned.level
    named = serials.get((level.place_id, level.lot_id, planned.why.code == KEPT), [])
    listed = tuple(named) if pieces <= NAMED else ()
    return Left(pieces, lot.item_id, lot.item.name, lot.number, lot.expiry, listed, planned.place)


def _nowhere(paper: Any, stops: Sequence[Left], kits: set[int]) -> Iterator[Left]:
    """What is wanted and lies on no shelf: kits, which are taken whole, and what is lacking."""
    there: dict[int | None, int] = defaultdict(int)
    for stop in stops:
        there[stop.item_id] += stop.pieces
    for line in paper.lines.all():
        if (rest := line.open_to_pick - there[line.item_id]) > 0:
            lacking = line.item_id not in kits
            yield Left(rest, line.item_id, line.item.name, line.lot, lacking=lacking)


def _serials(walk: Sequence[Planned]) -> dict[tuple[int, int, bool], list[str]]:
    """Place, lot and whether it is kept for somebody -> a few serial numbers. One statement, none without units."""
    levels = [each.level for each in walk if each.level.lot.item.tracking == Item.Tracking.UNIT]
    if not levels:
        return {}
    spots = {"place__in": {level.place_id for level in levels}, "lot__in": {level.lot_id for level in levels}}
    rank = Window(RowNumber(), partition_by=["place_id", "lot_id", "status"], order_by="id")
    units = Unit.objects.filter(status__in=("available", "reserved"), **spots).exclude(serial="")
    found: dict[tuple[int, int, bool], list[str]] = defaultdict(list)
    rows = units.annotate(rank=rank).filter(rank__lte=NAMED).order_by("rank")
    for place, lot, status, serial in rows.values_list("place_id", "lot_id", "status", "serial"):
        found[place, lot, status == "reserved"].append(serial)
    return found


def _counted(flow: str, kind: str, papers: Sequence[Count]) -> Iterator[Todo]:
    """The shelves of a count on which nothing was counted in this round. What lies there is not told: it is counted."""
    below = Q(pk__in=[])
    for count in papers:
        below |= Q(path__startswith=count.place.path)
    shelves = list(Place.objects.filter(below, active=True, kind__in=SHELVES).order_by("path")[:2_000])
    scans = CountScan.objects.filter(count__in=papers, round=F("count__round"))
    seen = set(scans.values_list("count_id", "place_id").distinct())
    named = labels(shelves)
    for count in papers:
        own = [place for place in shelves if place.path.startswith(count.place.path)][:SHELVES_OF_A_COUNT]
        left = tuple(Left(1, place=named[place.pk]) for place in own if (count.pk, place.pk) not in seen)
        yield todo_with(flow, kind, count, len(own), left)


LEFT: Mapping[tuple[str, str], Callable[[str, str, Sequence[Any]], Iterator[Todo]]] = {
    ("receive", "order"): _of_lines("outstanding", "quantity"),
    ("receive", "notice"): _announced,
    ("pick", "requisition"): _picked,
    ("pick", "transfer"): _picked,
    ("pick", "wave"): walked,
    ("issue", "requisition"): _of_lines("open_to_issue", "picked"),
    ("ship", "transfer"): _of_lines("open_to_ship", "picked"),
    ("arrive", "transfer"): _of_lines("on_the_way", "shipped"),
    ("take_in", "issue"): _on_its_way,
    ("count", "count"): _counted,
    ("reserve", "requisition"): open_to_keep,
    ("unreserve", "requisition"): kept_for_it,
    ("unreserve", "case"): kept_for_it,
    ("send_back", "supplier_return"): going_back,
    ("use", "case"): needed,
    ("set_out", "case"): needed,
    ("confirm_lending", "lending"): lent_left,
    ("give_back_lent", "lending"): owed_left,
    ("confirm_settlement", "lending"): lent_left,
    ("arrive_set", "loan_set"): coming_left,
    ("send_set", "loan_set"): going_left,
    ("hand_back_set", "loan_set"): going_left,
}
