"""What the scan page opens with: the acts of a person, the papers that wait for them, the places they scan."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import ItemCode
from yanji.ledger.api import Refused
from yanji.places.queries import labels

from ..counting.queries import counts
from ..documents import AWAITED, GOING
from ..models import Requisition, ShipNotice
from ..models_order import OrderLine
from ..queries import (
    OPEN_ISSUES,
    OPEN_ORDERS,
    OPEN_REQUISITIONS,
    arriving,
    awaiting,
    cases,
    orders,
    requisitions,
)
from ..reasons import reasons_in
from ..scanning import understand
from ..sendback.models import SupplierReturn
from ..transfer.models import Transfer
from ..transfer.queries import carriers, transfers
from ..unknown import HANDLES
from ..waves.models import Wave
from ..waves.walk import begun
from .lent import open_lendings, told_of_lending
from .lent import pieces_of as lent_pieces
from .loaned import consigning, open_sets, set_waits, told_of_set
from .naming import GATES
from .store_papers import MAY_GO_BACK, returns, to_keep, with_kept, with_own_kept
from .turns import in_turn
from .way import Way
from .ways import WAYS, ways_of
from .ways_opened import opened_here, told_of_opened
from .whereabouts import HOMES, departments_of, shelves, stores_for, wards_there_are

MOST_TASKS = 40  # of a kind; whoever has more scans the number
MOST_HOMES = 200
MOST_PRODUCTS = 2_000
OPEN_CASES = ("planned", "open")
OPEN_COUNTS = ("open", "recount")
OPEN_STATES = {
    "order": OPEN_ORDERS,
    "notice": AWAITED,
    "issue": OPEN_ISSUES,
    "case": OPEN_CASES,
    "count": OPEN_COUNTS,
    "supplier_return": MAY_GO_BACK,
    "wave": ("open",),
    "opened": ("open",),
}
TRANSFERRED = {"pick", "ship", "arrive"}
ASKED = {"pick": OPEN_REQUISITIONS, "issue": ("picking", "picked")}


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
    """All of it. ``reasons``: flow -> code -> words; ``whys``: flow -> group -> the same, of a single thing; ``stores``: where
    things can be given back to or asked of, the likeliest first; ``departments``: for which things can be asked; ``wards``: id,
    code and name of those to which things can be lent; ``suppliers``: whose own goods may come; ``carriers``: who took loads
    along lately; ``homes``: stores, docks and departments where somebody may come upon what nobody knows; ``products``: code,
    name and pieces of what open orders bring; ``places``: id, code, name among them, and how each is called."""

    ways: list[str]
    tasks: list[Task]
    places: list[tuple[int, str, str, list[str]]]
    stores: list[tuple[int, str]]
    departments: list[tuple[int, str]]
    wards: list[tuple[int, str, str]]
    suppliers: list[tuple[int, str]]
    reasons: dict[str, dict[str, str]]
    whys: dict[str, dict[str, dict[str, str]]]
    carriers: list[str]
    homes: list[tuple[int, str]]
    products: list[tuple[str, str, int]]


def today(actor: Actor) -> Today:
    """The same few statements whatever waits."""
    ways = ways_of(actor)
    groups = {flow: way.reasons for flow, way in ways.items() if way.reasons}
    single = {flow: way.reasons_of for flow, way in ways.items() if way.reasons_of}
    groups_named = {*groups.values(), *chain.from_iterable(single.values())}
    found = reasons_in(*groups_named) if groups_named else {}
    asking = {"give_back", "request"} & ways.keys()
    wards = wards_there_are() if asking or "lend" in ways else []
    departments = departments_of(actor, wards) if asking else []
    kept = shelves(actor, ways.values())
    named = labels({place.pk: place for place in (*kept, *wards)}.values())
    papers = open_papers(actor)
    return Today(
        ways=list(ways),
        tasks=[task_of(*each) for each in in_turn(papers)],
        products=_products([order.pk for order in papers.get(("receive", "order"), ())]),
        carriers=carriers(actor) if {"ship", "send_back"} & ways.keys() else [],
        places=[
            (place.pk, place.code, named[place.pk], sorted({place.name_zh, place.name_en} - {""}))
            for place in kept
            if any(actor.may(way.operation, place.path) for way in ways.values() if way.takes_place)
        ],
        homes=[
            (place.pk, named[place.pk])
            for place in kept
            if place.kind in HOMES and any(actor.may(operation, place.path) for operation in HANDLES)
        ][:MOST_HOMES],
        stores=stores_for(departments) if asking else [],
        departments=[
            (place.pk, named[place.pk]) for place in departments if actor.may("request", place.path)
        ],
        wards=[(place.pk, place.code, named[place.pk]) for place in wards] if "lend" in ways else [],
        suppliers=consigning(actor) if "receive_consigned" in ways else [],
        reasons={flow: found[group] for flow, group in groups.items()},
        whys={flow: {group: found[group] for group in of} for flow, of in single.items()},
    )


Papers = Sequence[Any]


def open_papers(actor: Actor, *, walks: bool = True) -> dict[tuple[str, str], Papers]:
    """Act and kind of paper -> the open papers that wait for the actor, in the order of the page; ``walks``: those for several
    requisitions as well. The same few statements whatever waits."""
    ways = ways_of(actor)
    going = transfers(actor, states=sorted(GOING)) if TRANSFERRED & ways.keys() else []
    read = (
        ("requisition", _requisitions(ways, actor)),
        ("lending", open_lendings(actor, ways)),
        ("loan_set", open_sets(actor, ways)),
    )
    found: dict[tuple[str, str], Papers] = {}
    for flow in ways:
        if flow in PAPERS:
            kind, papers = PAPERS[flow]
            found[flow, kind] = papers(flow, actor)
        for kind, of in read:
            if flow in of:
                found[flow, kind] = of[flow][:MOST_TASKS]
        if flow == "pick" and walks:
            found[flow, "wave"] = begun(actor, MOST_TASKS)
        if flow == "reserve":
            found[flow, "requisition"] = to_keep(found)
        if flow == "unreserve":
            found[flow, "requisition"] = with_kept(found, actor)
        if flow == "receive":
            found[flow, "notice"] = _notices(actor)
        if flow in TRANSFERRED:
            found[flow, "transfer"] = _transfers(flow, going, actor)
    return found


def task_of(flow: str, kind: str, paper: Any) -> Task:
    """A paper as the page lists it for an act. No statement, where it is read with its ends and lines."""
    label, names, pieces = TOLD[kind](flow, paper)
    return Task(flow, kind, paper.pk, paper.number, label, names or (paper.number,), pieces)


def tasks_named(text: str, actor: Actor) -> list[Task]:
    """The acts that the actor may do now with the paper of that number, or the case of that wristband, whether the page lists it
    or not. A few statements for each act that takes such papers."""
    [meaning] = understand([text], actor=actor)
    asked = cases(actor, states=OPEN_CASES, text=actor.text_of(text), may="use")
    found = [("case", case) for case in asked]
    if len(found) == 1:
        return [task_of("use", *found[0])]
    if meaning.document is None or found:
        return []
    kind, key = meaning.document
    named = [
        task_of(flow, kind, paper)
        for flow, way in ways_of(actor).items()
        if kind in way.documents and (paper := _open(flow, way, kind, key, actor)) is not None
    ]
    return [task for task in named if not WAYS[task.flow].beside] or named


def _open(flow: str, way: Way, kind: str, key: int, actor: Actor) -> Any:
    """The paper, where the actor may do this with it now."""
    try:
        paper = GATES[kind](actor, key, may=way.asks_of(kind))
    except (NotFound, Refused):
        return None
    if kind == "loan_set":
        return paper if set_waits(flow, paper, actor) else None
    if kind == "lending":
        return paper if lent_pieces(flow, paper, actor) > 0 else None
    if kind in ("requisition", "transfer"):
        states = sorted(GOING) if kind == "transfer" else OPEN_REQUISITIONS
        if flow == "unreserve":
            return paper if with_own_kept(paper, actor).kept_rows else None
        return paper if paper.state in states and _pieces(flow, paper) > 0 else None
    return paper if paper.state in OPEN_STATES[kind] else None


def _of_order(flow: str, order: Any) -> tuple[str, tuple[str, ...], int]:
    return order.supplier.name, (), 0


def _of_notice(flow: str, notice: ShipNotice) -> tuple[str, tuple[str, ...], int]:
    return notice.order.supplier.name, (), int(getattr(notice, "pieces", 0) or 0)


def _of_issue(flow: str, issue: Any) -> tuple[str, tuple[str, ...], int]:
    pieces, arrived = getattr(issue, "pieces", 0), getattr(issue, "arrived", 0)
    return issue.store.name, (), int((pieces or 0) - (arrived or 0))


def _of_case(flow: str, case: Any) -> tuple[str, tuple[str, ...], int]:
    label = " · ".join(part for part in (case.procedure, case.operator) if part)
    return label or case.department.name, (case.number, case.patient_token), 0


def _of_requisition(flow: str, found: Requisition) -> tuple[str, tuple[str, ...], int]:
    return found.department.name, (), _pieces(flow, found)


def _of_count(flow: str, count: Any) -> tuple[str, tuple[str, ...], int]:
    return count.place.name, (), 0


def _of_supplier_return(flow: str, back: SupplierReturn) -> tuple[str, tuple[str, ...], int]:
    return back.supplier.name, (), int(getattr(back, "pieces", 0) or 0)


def _of_wave(flow: str, wave: Wave) -> tuple[str, tuple[str, ...], int]:
    return wave.store.name, (), 0


def _of_transfer(flow: str, transfer: Transfer) -> tuple[str, tuple[str, ...], int]:
    other = transfer.source if flow == "arrive" else transfer.destination
    return other.name, (), _pieces(flow, transfer)


TOLD: dict[str, Callable[[str, Any], tuple[str, tuple[str, ...], int]]] = {
    "order": _of_order, "notice": _of_notice, "issue": _of_issue, "case": _of_case, "requisition": _of_requisition,
    "count": _of_count, "supplier_return": _of_supplier_return, "wave": _of_wave,
    "transfer": _of_transfer, "lending": told_of_lending, "loan_set": told_of_set, "opened": told_of_opened,
}  # fmt: skip


def _pieces(flow: str, paper: Any) -> int:
    """How much of a paper the act would move. Pure, where its lines are read."""
    if flow == "unreserve":
        return sum(row.pieces for row in paper.kept_rows)
    of_line = {
        "pick": "open_to_pick",
        "reserve": "open_to_pick",
        "issue": "open_to_issue",
        "ship": "open_to_ship",
        "arrive": "on_the_way",
    }
    return sum(getattr(line, of_line[flow]) for line in paper.lines.all())


def _orders(flow: str, actor: Actor) -> Papers:
    return orders(actor, states=OPEN_ORDERS, may="receive", due_first=True, limit=MOST_TASKS)


def _notices(actor: Actor) -> Papers:
    found = arriving(actor, limit=MOST_TASKS)
    return [notice for notice in found if actor.may("receive", notice.order.deliver_to.path)]


def _issues(flow: str, actor: Actor) -> Papers:
    return awaiting(actor, limit=MOST_TASKS)


def _cases(flow: str, actor: Actor) -> Papers:
    return cases(actor, states=OPEN_CASES, may="use", limit=MOST_TASKS)


def _requisitions(flows: Iterable[str], actor: Actor) -> dict[str, Papers]:
    """What is to be picked and what is to be issued. Two statements for who does both in the same stores, or one of them."""
    flows = [flow for flow in ASKED if flow in flows]
    if len(flows) > 1 and len({tuple(sorted(actor.scopes.get(flow, ()))) for flow in flows}) == 1:
        every = requisitions(
            actor, states=OPEN_REQUISITIONS, may=flows[0], apart=ASKED["issue"], limit=MOST_TASKS
        )
        read = {flow: [each for each in every if each.state in ASKED[flow]][:MOST_TASKS] for flow in flows}
    else:
        read = {flow: requisitions(actor, states=ASKED[flow], may=flow, limit=MOST_TASKS) for flow in flows}
    return {flow: [each for each in found if _pieces(flow, each) > 0] for flow, found in read.items()}


def _counts(flow: str, actor: Actor) -> Papers:
    found = counts(actor, states=OPEN_COUNTS, limit=MOST_TASKS)
    return [count for count in found if actor.may("count", count.place.path)]


def _transfers(flow: str, going: Sequence[Transfer], actor: Actor) -> Papers:
    """The transfers of which something is to be picked, sent or taken in at the actor's end. No statement."""
    operation = "pick" if flow == "pick" else "transfer"
    return [
        each
        for each in going
        if _pieces(flow, each) > 0
        and actor.may(operation, (each.destination if flow == "arrive" else each.source).path)
    ]


PAPERS: dict[str, tuple[str, Callable[[str, Actor], Papers]]] = {
    "receive": ("order", _orders),
    "take_in": ("issue", _issues), "use": ("case", _cases), "count": ("count", _counts),
    "send_back": ("supplier_return", returns), "take": ("opened", opened_here),
}  # fmt: skip


def _products(orders: Sequence[int]) -> list[tuple[str, str, int]]:
    """What lies in the parcels of these orders, by the codes on its labels. One statement, none without orders."""
    if not orders:
        return []
    lines = OrderLine.objects.filter(order__in=orders)
    codes = ItemCode.objects.filter(item__in=lines.values("item")).select_related("item")
    return [(each.code, each.item.name, each.quantity) for each in codes.order_by("code")[:MOST_PRODUCTS]]
