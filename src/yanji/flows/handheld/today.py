"""What the scan page opens with: the acts of a person, the papers that wait for them, the places they scan."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q

from yanji.access.actor import Actor
from yanji.catalog.models import ItemCode
from yanji.places.models import Kind, Place
from yanji.places.queries import labels

from ..counting.queries import counts
from ..documents import GOING
from ..landing import STORES
from ..models_order import OrderLine
from ..queries import OPEN_ORDERS, OPEN_REQUISITIONS, awaiting, cases, orders, requisitions
from ..reasons import reasons_in
from ..transfer.models import Transfer
from ..transfer.queries import carriers, transfers
from .ways import ways_of

MOST_TASKS = 40  # of a kind; whoever has more scans the number
MOST_PLACES = 2_000
MOST_HOMES = 200
MOST_PRODUCTS = 2_000
TRANSFERRED = {"pick", "ship", "arrive"}
HOMES = frozenset({*STORES, Kind.DOCK, Kind.DEPARTMENT})
SHELVES = (*STORES, Kind.DEPARTMENT, Kind.ROOM, Kind.CABINET, Kind.BIN)


@dataclass(frozen=True, slots=True)
class Task:
    """One open paper that scans can be for. ``names``: what may be scanned to choose it."""

    flow: str
    kind: str
    id: int
    number: str
    label: str
    names: tuple[str, ...]
    pieces: int = 0


@dataclass(frozen=True, slots=True)
class Today:
    """All of it. ``reasons``: flow -> code -> words; ``stores``: where things can be given back to; ``carriers``: who took
    loads along lately; ``homes``: stores, docks and departments where somebody may come upon what nobody knows;
    ``products``: code and name of what open orders bring. ``places``: id, code, name among them, and how each is called."""

    ways: list[str]
    tasks: list[Task]
    places: list[tuple[int, str, str, list[str]]]
    stores: list[tuple[int, str]]
    reasons: dict[str, dict[str, str]]
    carriers: list[str]
    homes: list[tuple[int, str]]
    products: list[tuple[str, str]]


def today(actor: Actor) -> Today:
    """The same few statements whatever waits."""
    ways = ways_of(actor)
    going = transfers(actor, states=sorted(GOING)) if TRANSFERRED & ways.keys() else []
    groups = {flow: way.reasons for flow, way in ways.items() if way.reasons}
    found = reasons_in(*set(groups.values())) if groups else {}
    kept = _shelves(actor, [way.operation for way in ways.values() if way.act])
    named = labels(kept)
    tasks = [task for flow in ways for task in (*_tasks(flow, actor), *_transfers(flow, going, actor))]
    return Today(
        ways=list(ways),
        tasks=tasks,
        products=_products([task.id for task in tasks if task.kind == "order"]),
        carriers=carriers(actor) if "ship" in ways else [],
        places=[
            (place.pk, place.code, named[place.pk], sorted({place.name_zh, place.name_en} - {""}))
            for place in kept
            if any(actor.may(way.operation, place.path) for way in ways.values() if way.takes_place)
        ],
        homes=[(place.pk, named[place.pk]) for place in kept if place.kind in HOMES][:MOST_HOMES],
        stores=_stores(actor) if "give_back" in ways else [],
        reasons={flow: found[group] for flow, group in groups.items()},
    )


def _tasks(flow: str, actor: Actor) -> Iterator[Task]:
    return TASKS[flow](flow, actor) if flow in TASKS else iter(())


def _orders(flow: str, actor: Actor) -> Iterator[Task]:
    for order in orders(actor, states=OPEN_ORDERS, may="receive", limit=MOST_TASKS):
        yield Task(flow, "order", order.pk, order.number, order.supplier.name, (order.number,))


def _issues(flow: str, actor: Actor) -> Iterator[Task]:
    for issue in awaiting(actor, limit=MOST_TASKS):
        pieces = int((issue.pieces or 0) - (issue.arrived or 0))
        yield Task(flow, "issue", issue.pk, issue.number, issue.store.name, (issue.number,), pieces)


def _cases(flow: str, actor: Actor) -> Iterator[Task]:
    for case in cases(actor, states=("planned", "open"), may="use", limit=MOST_TASKS):
        names = (case.number, case.patient_token)
        label = " · ".join(part for part in (case.procedure, case.operator) if part)
        yield Task(flow, "case", case.pk, case.number, label or case.department.name, names)


def _requisitions(flow: str, actor: Actor) -> Iterator[Task]:
    states = OPEN_REQUISITIONS if flow == "pick" else ("picking", "picked")
    for found in requisitions(actor, states=states, may=flow, limit=MOST_TASKS):
        lines = list(found.lines.all())
        asked = sum(line.quantity - line.picked for line in lines)
        lying = sum(line.picked - line.issued for line in lines)
        pieces = asked if flow == "pick" else lying
        if pieces > 0:
            label = found.department.name
            yield Task(flow, "requisition", found.pk, found.number, label, (found.number,), pieces)


def _counts(flow: str, actor: Actor) -> Iterator[Task]:
    for count in counts(actor, states=("open", "recount"), limit=MOST_TASKS):
        if actor.may("count", count.place.path):
            yield Task(flow, "count", count.pk, count.number, count.place.name, (count.number,))


def _transfers(flow: str, going: Sequence[Transfer], actor: Actor) -> Iterator[Task]:
    """The transfers of which something is to be picked, sent or taken in at the actor's end. No statement."""
    if flow not in TRANSFERRED:
        return
    for found in going:
        at, other = found.source, found.destination
        if flow == "arrive":
            at, other = other, at
        lines = found.lines.all()
        pieces = sum(
            each.open_to_pick if flow == "pick" else each.open_to_ship if flow == "ship" else each.on_the_way
            for each in lines
        )
        if pieces > 0 and actor.may("pick" if flow == "pick" else "transfer", at.path):
            yield Task(flow, "transfer", found.pk, found.number, other.name, (found.number,), pieces)


TASKS: dict[str, Callable[[str, Actor], Iterator[Task]]] = {
    "receive": _orders, "pick": _requisitions, "issue": _requisitions, "take_in": _issues, "use": _cases,
    "count": _counts,
}  # fmt: skip


def _shelves(actor: Actor, operations: Sequence[str]) -> list[Place]:
    """Where somebody does any of these, each once."""
    paths = {path for operation in operations for path in actor.scopes.get(operation, ())}
    below = Q(pk__in=[])
    for path in sorted(paths):
        below |= Q(path__startswith=path)
    return list(Place.objects.filter(below, active=True, kind__in=SHELVES)[:MOST_PLACES])


def _products(orders: Sequence[int]) -> list[tuple[str, str]]:
    """What lies in the parcels of these orders, by the codes on its labels. One statement, none without orders."""
    if not orders:
        return []
    lines = OrderLine.objects.filter(order__in=orders)
    codes = ItemCode.objects.filter(item__in=lines.values("item")).select_related("item")
    return [(each.code, each.item.name) for each in codes.order_by("code")[:MOST_PRODUCTS]]


def _stores(actor: Actor) -> list[tuple[int, str]]:
    """Every store: a ward may give back to any."""
    found = list(Place.objects.filter(active=True, kind=Kind.STORE).order_by("path")[:200])
    named = labels(found)
    return [(place.pk, named[place.pk]) for place in found]
