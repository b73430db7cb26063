"""Every act of the scan page: who may do it, what it needs to be told, and which verb does it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused, virtual_places
from yanji.places.models import Kind, Place
from yanji.places.rules import ids_of

from ..acts import Done
from ..arrival import Arrival
from ..counting.scan import Read, count_scanned
from ..gates import case_for, issue_for, order_for, requisition_for
from ..giveback import give_back, inspect_return
from ..hold import hold
from ..issue import issue, take_in
from ..landing import STORES
from ..models import Case
from ..packing.delivered import BoxArrival
from ..pick import pick
from ..preview import STEPS
from ..putaway import put_away
from ..receive import receive
from ..scanning import Meaning
from ..things import Thing
from ..use import use
from .about import About, Scanned, storable_text
from .lots import Taken, Wanted, pieces_of, taken

# What comes from anywhere: of a counted lot that lies at several places, a person says from which.
ASKS = frozenset({"put_away", "hold"})


@dataclass(frozen=True, slots=True)
class Told:
    """What a verb is called with: the things as they were read, and what they are for. ``scans``: all but the code that
    confirms, in their order, the two symbols of one label as one."""

    flow: str
    key: str
    things: Sequence[Meaning]
    about: About
    at: datetime
    case: Case | None = None
    confirmed_by: str = ""
    scans: Sequence[Scanned] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One act. ``verb``: which one ``act`` ends in; ``documents``: the kinds of paper of which one must be named; ``takes_all``:
    without things, all that the paper names; ``reasons``: the group of reasons from which one must be chosen; ``by_shelf``: each
    thing lies on the shelf that was scanned before it, and no act is about one place."""

    operation: str
    act: Callable[[Told, Actor], Done] | None
    verb: Callable[..., Done] | None = None
    documents: tuple[str, ...] = ()
    takes_place: bool = False
    needs_place: bool = False
    takes_all: bool = False
    reasons: str = ""
    by_shelf: bool = False


def ways_of(actor: Actor) -> dict[str, Way]:
    """The acts that somebody may do anywhere at all, in the order of the page."""
    return {flow: way for flow, way in WAYS.items() if actor.may(way.operation)}


def context_of(
    flow: str, about: About, case: Case | None, meanings: Sequence[Meaning], *, actor: Actor
) -> dict[str, Any]:
    """What a preview of the things is told, see :func:`..preview.interpret_many`."""
    match flow:
        case "receive" if about.order_id:
            return {"order_id": about.order_id, "place_id": _dock(about, actor)}
        case "pick" | "issue" if about.requisition_id:
            store = requisition_for(actor, about.requisition_id).store_id
            return {"requisition_id": about.requisition_id, "from_place_id": store}
        case "take_in" if about.issue_id:
            transit = virtual_places().transit
            return {"issue_id": about.issue_id, "place_id": _door(about, actor), "from_place_id": transit}
        case "use" if case:
            return {"from_place_id": case.department_id}
        case "give_back":
            return {"place_id": about.place_id, "from_place_id": _above(meanings, (Kind.DEPARTMENT,))}
        case "restock":
            return {"from_place_id": _above(meanings, STORES)}
        case "put_away":
            return {"place_id": about.place_id}
    return {}


def _dock(about: About, actor: Actor) -> int:
    assert about.order_id is not None
    return about.place_id or order_for(actor, about.order_id, may="receive").deliver_to_id


def _door(about: About, actor: Actor) -> int:
    assert about.issue_id is not None
    return about.place_id or issue_for(actor, about.issue_id, may="take_in").department_id


def _above(meanings: Sequence[Meaning], kinds: Sequence[str]) -> int | None:
    """The nearest place of a kind above the first unit. One statement, none where there is no unit."""
    unit = next((meaning.unit for meaning in meanings if meaning.unit), None)
    if unit is None:
        return None
    found = Place.objects.filter(pk__in=ids_of(unit.place_path), kind__in=kinds)
    return max(found, key=lambda place: len(place.path)).pk if found else None


def lots_taken(flow: str, about: About, case: Case | None, things: Sequence[Meaning], actor: Actor) -> Taken:
    """Where the counted lots among the things come from, as far as the act is known already. No statement without lots."""
    pieces, way = pieces_of(things), WAYS[flow]
    known = not way.documents or any(about.document(kind) for kind in way.documents)
    if not pieces or way.act is None or flow == "receive" or not known:
        return Taken()
    place = _source(flow, about, case, things, actor)
    if place is None and flow not in ASKS:
        return Taken()
    paths = [_path(place)] if place is not None else actor.scopes.get(way.operation, ())
    return taken(
        Wanted(
            pieces, STEPS[flow], paths, about.from_place_id, about.place_id if flow == "put_away" else None,
            about.requisition_id if flow == "issue" else None, asks=place is None,
        )
    )  # fmt: skip


def _path(place_id: int) -> str:
    return Place.objects.values_list("path", flat=True).get(pk=place_id)


def _source(
    flow: str, about: About, case: Case | None, things: Sequence[Meaning], actor: Actor
) -> int | None:
    """At which place, or below it, the things of an act lie; None where only what was scanned can say it."""
    match flow:
        case "pick" | "issue":
            assert about.requisition_id is not None
            return requisition_for(actor, about.requisition_id).store_id
        case "take_in":
            return virtual_places().transit
        case "use" if case:
            return case.department_id
        case "restock":
            return about.place_id or _above(things, STORES)
        case "give_back":
            return about.from_place_id or _above(things, (Kind.DEPARTMENT,))
    return None


def _moved(told: Told, actor: Actor) -> list[Thing]:
    """Units by identity, boxes by code, counted lots by quantity, from where they lie. Raises :class:`Refused` for what is not
    known, lots of which there is not enough, and those of which somebody has to say where they come from."""
    things: list[Thing] = [meaning.epc for meaning in told.things if meaning.kind != "lot" and meaning.epc]
    unknown = [
        Offence("unknown_unit", meaning.lot or meaning.scan[:80])
        for meaning in told.things
        if (meaning.lot_id is None if meaning.kind == "lot" else not meaning.epc)
    ]
    if unknown:
        raise Refused.of(unknown)
    found = lots_taken(told.flow, told.about, told.case, told.things, actor)
    if found.offences:
        raise Refused.of(found.offences)
    return [*things, *found.things]


def _receive(told: Told, actor: Actor) -> Done:
    about = told.about
    assert about.order_id is not None
    boxes = [BoxArrival(code=meaning.box.code) for meaning in told.things if meaning.box]
    arrivals = [
        Arrival(m.item.pk, m.epc, m.serial, m.lot, m.expiry, m.made, m.quantity)
        for m in told.things
        if m.item and not m.box
    ]
    return receive(
        actor=actor, key=told.key, order_id=about.order_id, dock_id=_dock(about, actor), arrivals=arrivals,
        boxes=boxes, arrived_at=told.at,
    )  # fmt: skip


def _put_away(told: Told, actor: Actor) -> Done:
    assert told.about.place_id is not None
    things = _moved(told, actor)
    return put_away(
        actor=actor, key=told.key, things=things, to_place_id=told.about.place_id, happened_at=told.at
    )


def _pick(told: Told, actor: Actor) -> Done:
    requisition_id = told.about.requisition_id
    assert requisition_id is not None
    things = _moved(told, actor)
    return pick(actor=actor, key=told.key, requisition_id=requisition_id, things=things, happened_at=told.at)


def _issue(told: Told, actor: Actor) -> Done:
    requisition_id = told.about.requisition_id
    assert requisition_id is not None
    things = _moved(told, actor) if told.things else None
    return issue(actor=actor, key=told.key, requisition_id=requisition_id, things=things, happened_at=told.at)


def _restock(told: Told, actor: Actor) -> Done:
    store = told.about.place_id or _above(told.things, STORES)
    if store is None:
        raise Refused("scan_where")
    things = _moved(told, actor)
    return inspect_return(actor=actor, key=told.key, store_id=store, restock=things, happened_at=told.at)


def _hold(told: Told, actor: Actor) -> Done:
    things = _moved(told, actor)
    return hold(actor=actor, key=told.key, things=things, reason=told.about.reason, happened_at=told.at)


def _take_in(told: Told, actor: Actor) -> Done:
    about = told.about
    assert about.issue_id is not None
    things = _moved(told, actor) if told.things else None
    return take_in(
        actor=actor, key=told.key, issue_id=about.issue_id, to_place_id=_door(about, actor), things=things,
        happened_at=told.at,
    )  # fmt: skip


def _use(told: Told, actor: Actor) -> Done:
    assert told.about.case_id is not None
    case = case_for(actor, told.about.case_id, may="use")
    things = _moved(told, actor)
    return use(
        actor=actor, key=told.key, department_id=case.department_id, case_number=case.number,
        patient_token=case.patient_token, confirmed_by=told.confirmed_by, things=things, happened_at=told.at,
    )  # fmt: skip


def _give_back(told: Told, actor: Actor) -> Done:
    about = told.about
    department = about.from_place_id or _above(told.things, (Kind.DEPARTMENT,))
    if department is None or about.place_id is None:
        raise Refused("scan_where")
    things = _moved(told, actor)
    return give_back(
        actor=actor, key=told.key, department_id=department, store_id=about.place_id, things=things,
        happened_at=told.at,
    )  # fmt: skip


def _count(told: Told, actor: Actor) -> Done:
    assert told.about.count_id is not None
    reads = [
        Read(storable_text(scan.text), f"{told.key}:{number}", seen_at=scan.at or told.at, camera=scan.camera)
        for number, scan in enumerate(told.scans)
    ]
    return count_scanned(actor=actor, key=told.key, count_id=told.about.count_id, reads=reads)


WAYS: Mapping[str, Way] = {
    "receive": Way("receive", _receive, receive, documents=("order",), takes_place=True),
    "put_away": Way("store", _put_away, put_away, takes_place=True, needs_place=True),
    "pick": Way("pick", _pick, pick, documents=("requisition",)),
    "issue": Way("issue", _issue, issue, documents=("requisition",), takes_all=True),
    "restock": Way("inspect_return", _restock, inspect_return, takes_place=True),
    "take_in": Way("take_in", _take_in, take_in, documents=("issue",), takes_place=True, takes_all=True),
    "use": Way("use", _use, use, documents=("case",)),
    "give_back": Way("give_back", _give_back, give_back, takes_place=True, needs_place=True),
    "count": Way("count", _count, count_scanned, documents=("count",), takes_place=True, by_shelf=True),
    "hold": Way("hold", _hold, hold, reasons="hold"),
    "look": Way("view", None),
}
