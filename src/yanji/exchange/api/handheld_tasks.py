"""What waits for who has the scan page in hand: their acts, the papers, and what each of these still waits for."""

from datetime import date, datetime
from typing import Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime

from yanji.flows.handheld.naming import GATES
from yanji.flows.handheld.today import tasks_named, today
from yanji.flows.handheld.todo import todo_of, todos
from yanji.flows.handheld.ways import WAYS

from .auth import actor
from .handheld import Doing, Milliseconds
from .scans import Scan
from .shapes import Id, Shape, may_fail

router = Router(tags=["scan page"])
Kind = Literal[
    "order",
    "notice",
    "requisition",
    "issue",
    "case",
    "count",
    "transfer",
    "supplier_return",
    "wave",
    "lending",
    "loan_set",
    "opened",
]


class TaskOut(Schema):
    """One open paper; ``names``: what may be scanned to choose it."""

    flow: str
    kind: str
    id: int
    number: str
    label: str
    names: list[str]
    pieces: int


class ScanPlaceOut(Schema):
    """``called``: its own names, which the put-away takes where no other place has them."""

    id: int
    code: str
    name: str
    called: list[str]


class ProductOut(Schema):
    """``pieces``: how many a label of this code stands for."""

    code: str
    name: str
    pieces: int


class NamedPlaceOut(Schema):
    id: int
    name: str


class WardOut(NamedPlaceOut):
    """``code``: what may be scanned to choose it."""

    code: str


class TodayOut(Schema):
    """``suppliers``: whose own goods may come; ``wards``: to which things can be lent; ``now``: the server's clock, by which the
    device measures its own; ``carriers``: who took loads along lately; ``whys``: act -> group -> the reasons that may be said of
    a single thing; ``homes``: stores, docks and departments where what nobody knows is kept aside; ``products``: what open orders
    bring, by code."""

    person_id: int
    person: str
    now: datetime
    ways: list[str]
    tasks: list[TaskOut]
    places: list[ScanPlaceOut]
    stores: list[NamedPlaceOut]
    departments: list[NamedPlaceOut]
    wards: list[WardOut]
    suppliers: list[NamedPlaceOut]
    reasons: dict[str, dict[str, str]]
    whys: dict[str, dict[str, dict[str, str]]]
    carriers: list[str]
    homes: list[NamedPlaceOut]
    products: list[ProductOut]


@router.get("/handheld/today", response=may_fail(TodayOut))
def what_waits(request: HttpRequest) -> TodayOut:
    """The acts of the caller, the papers that wait for them, and the places that they may scan."""
    who = actor(request)
    found = today(who)
    return TodayOut(
        person_id=who.person_id, person=who.name, now=timezone.now(), ways=found.ways,
        tasks=[TaskOut.from_orm(task) for task in found.tasks],
        places=[ScanPlaceOut(id=key, code=code, name=name, called=called) for key, code, name, called in found.places],
        suppliers=[NamedPlaceOut(id=key, name=name) for key, name in found.suppliers],
        wards=[WardOut(id=key, code=code, name=name) for key, code, name in found.wards],
        departments=[NamedPlaceOut(id=key, name=name) for key, name in found.departments],
        stores=[NamedPlaceOut(id=key, name=name) for key, name in found.stores], reasons=found.reasons,
        whys=found.whys,
        carriers=found.carriers,
        products=[ProductOut(code=code, name=name, pieces=pieces) for code, name, pieces in found.products],
        homes=[NamedPlaceOut(id=key, name=name) for key, name in found.homes],
    )  # fmt: skip


class NumberIn(Shape):
    text: Scan
    sent_at: AwareDatetime | None = None
    skew_ms: Milliseconds | None = None


@router.post("/handheld/tasks", response=may_fail(list[TaskOut]))
def what_a_number_opens(request: HttpRequest, payload: NumberIn) -> list[TaskOut]:
    """The acts that the caller may do now with the paper of a scanned number, or the case of a wristband, listed or not."""
    return [TaskOut.from_orm(task) for task in tasks_named(payload.text, actor(request))]


class LeftOut(Schema):
    """Pieces that are still to come or to go, with what is proposed of them: lot, a few serial numbers, the shelf; of a count a
    shelf. ``lacking``: to be taken, and lies nowhere; ``laid_out``: of a case, what lies ready for it."""

    pieces: int
    item_id: int | None
    item: str
    lot: str
    expiry: date | None
    serials: list[str]
    place: str
    lacking: bool
    laid_out: bool


class TodoOut(Schema):
    """One paper for one act: of ``asked`` pieces (of a count: shelves) ``done`` are; what is ``left`` in the order of the work,
    of what is picked shelf after shelf."""

    flow: str
    kind: str
    id: int
    number: str
    asked: int
    done: int
    left: list[LeftOut]


@router.get("/handheld/todos", response=may_fail(list[TodoOut]))
def what_is_left(request: HttpRequest) -> list[TodoOut]:
    """What the papers of ``/handheld/today`` still wait for, for a device to keep."""
    return [TodoOut.from_orm(each) for each in todos(actor(request))]


@router.get("/handheld/todo", response=may_fail(list[TodoOut]))
def what_is_left_of_one(request: HttpRequest, flow: Doing, kind: Kind, paper_id: Id) -> list[TodoOut]:
    """The same of one paper, whether the page lists it or not; empty where nothing can be said of it for this act."""
    way = WAYS[flow]
    if kind not in way.documents:
        return []
    who = actor(request)
    paper = GATES[kind](who, paper_id, may=way.asks_of(kind))
    if kind == "case" and not who.may("view_patient", paper.department.path):
        return []
    found = todo_of(flow, kind, paper, who)
    return [TodoOut.from_orm(found)] if found else []
