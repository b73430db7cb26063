"""Every act of the scan page: who may do it, what it needs to be told, and which verb does it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused, Step, clock, virtual_places
from yanji.places.models import Kind, Place
from yanji.places.rules import ids_of

from ..acts import Done
from ..arrival import Arrival
from ..counting.scan import Read, count_scanned
from ..disposal.ask import ask_scrap
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
from ..queries import picked_for
from ..receive import receive
from ..scanning import Meaning
from ..things import Thing
from ..transfer.arrive import Doubtful, arrive
from ..transfer.gate import transfer_for
from ..transfer.models import Shipment
from ..transfer.pick import pick_transfer
from ..transfer.ship import ship
from ..transfer.state import Hand, in_hand
from ..use import use
from .about import About, Scanned, storable_text
from .lots import Taken, Wanted, pieces_of, taken

# What comes from anywhere: of a counted lot that lies at several places, a person says from which.
ASKS = frozenset({"put_away", "hold", "scrap"})
# A clock is measured to a fraction of a second at best: who scanned and moved a thing at once moved it by this act.
SLACK = timedelta(seconds=2)
STEP_OF: Mapping[str, Step] = {**STEPS, "ship": Step.SHIP, "arrive": Step.ARRIVE}


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
    """One act. ``verbs``: in which ones ``act`` may end; ``may``: what the gate of its paper is asked, where that is not the
    operation; ``documents``: the kinds of paper of which one must be named; ``takes_all``: without things, all that the paper
    names; ``reasons``: the group of reasons from which one must be chosen, or may, without ``needs_reason``; ``needs_carrier``:
    somebody must be named who takes the things along; ``by_shelf``: each thing lies on the shelf that was scanned before it,
    and no act is about one place."""

    operation: str
    act: Callable[[Told, Actor], Done] | None
    verbs: tuple[Callable[..., Done], ...] = ()
    documents: tuple[str, ...] = ()
    takes_place: bool = False
    needs_place: bool = False
    takes_all: bool = False
    reasons: str = ""
    needs_reason: bool = True
    needs_carrier: bool = False
    by_shelf: bool = False
    may: str = ""

    @property
    def asks(self) -> str:
        """What the gate of its paper is asked."""
        return self.may or self.operation


def ways_of(actor: Actor) -> dict[str, Way]:
    """The acts that somebody may do anywhere at all, in the order of the page."""
    return {flow: way for flow, way in WAYS.items() if actor.may(way.operation)}


def dock_of(about: About, actor: Actor) -> int:
    assert about.order_id is not None
    return about.place_id or order_for(actor, about.order_id, may="receive").deliver_to_id


def door_of(about: About, actor: Actor) -> int:
    assert about.issue_id is not None
    return about.place_id or issue_for(actor, about.issue_id, may="take_in").department_id


def end_of(about: About, actor: Actor) -> int:
    """Where a load of a transfer is put down: where somebody said, else the store that it goes to."""
    assert about.transfer_id is not None
    return about.place_id or transfer_for(actor, about.transfer_id, may="arrive").destination_id


def above(meanings: Sequence[Meaning], kinds: Sequence[str]) -> int | None:
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
    if not pieces or way.act is None or flow == "receive" or way.by_shelf or not known:
        return Taken()
    place = _source(flow, about, case, things, actor)
    if place is None and flow not in ASKS:
        return Taken()
    paths = [_path(place)] if place is not None else actor.scopes.get(way.operation, ())
    return taken(
        Wanted(
            pieces, STEP_OF[flow], paths, about.from_place_id, about.place_id if flow == "put_away" else None,
            _own(flow, about), asks=place is None,
        )
    )  # fmt: skip


def _own(flow: str, about: About) -> dict[tuple[int, int, int | None], int] | None:
    """Pieces of lots, by where they lie and whose they are, that lie picked for the paper, or are on its way; None where pieces
    of anybody will do."""
    if flow == "issue" and about.requisition_id:
        return dict(picked_for(about.requisition_id)[1])
    if flow in ("ship", "arrive") and about.transfer_id:
        found: Counter[tuple[int, int, int | None]] = Counter()
        for portion in in_hand(about.transfer_id)[flow == "arrive"].lots:
            found[portion.lot_id, portion.place_id, portion.owner_id] += portion.pieces
        return dict(found)
    return None


def _path(place_id: int) -> str:
    return Place.objects.values_list("path", flat=True).get(pk=place_id)


def _source(
    flow: str, about: About, case: Case | None, things: Sequence[Meaning], actor: Actor
) -> int | None:
    """At which place, or below it, the things of an act lie; None where only what was scanned can say it."""
    match flow:
        case "pick" | "ship" if about.transfer_id:
            return transfer_for(actor, about.transfer_id).source_id
        case "pick" | "issue":
            assert about.requisition_id is not None
            return requisition_for(actor, about.requisition_id).store_id
        case "take_in" | "arrive":
            return virtual_places().transit
        case "use" if case:
            return case.department_id
        case "restock":
            return about.place_id or above(things, STORES)
        case "give_back":
            return about.from_place_id or above(things, (Kind.DEPARTMENT,))
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
        actor=actor, key=told.key, order_id=about.order_id, dock_id=dock_of(about, actor), arrivals=arrivals,
        boxes=boxes, arrived_at=told.at,
    )  # fmt: skip


def _put_away(told: Told, actor: Actor) -> Done:
    assert told.about.place_id is not None
    things = _moved(told, actor)
    return put_away(
        actor=actor, key=told.key, things=things, to_place_id=told.about.place_id, happened_at=told.at
    )


def _pick(told: Told, actor: Actor) -> Done:
    if transfer_id := told.about.transfer_id:
        things = _moved(told, actor)
        return pick_transfer(
            actor=actor, key=told.key, transfer_id=transfer_id, things=things, happened_at=told.at
        )
    requisition_id = told.about.requisition_id
    assert requisition_id is not None
    things = _moved(told, actor)
    return pick(actor=actor, key=told.key, requisition_id=requisition_id, things=things, happened_at=told.at)


def _issue(told: Told, actor: Actor) -> Done:
    requisition_id = told.about.requisition_id
    assert requisition_id is not None
    things = _moved(told, actor) if told.things else None
    return issue(actor=actor, key=told.key, requisition_id=requisition_id, things=things, happened_at=told.at)


def _ship(told: Told, actor: Actor) -> Done:
    about = told.about
    assert about.transfer_id is not None
    return ship(
        actor=actor, key=told.key, transfer_id=about.transfer_id, handed_to=about.handed_to, happened_at=told.at,
        things=_moved(told, actor) if told.things else None,
    )  # fmt: skip


def _arrive(told: Told, actor: Actor) -> Done:
    """What came is sound, or held for the reason that was chosen; what was not sent is written down as such. Without scans it is
    all that was on its way when somebody said so: raises :class:`Refused` where another load was sent since."""
    about = told.about
    assert about.transfer_id is not None
    if not told.things:
        _no_load_since(about.transfer_id, told.at)
    hand = in_hand(about.transfer_id)[1]
    sent = [meaning for meaning in told.things if not unexpected(meaning, hand)]
    strange = [Doubtful(m.epc, about.reason or "surplus") for m in told.things if unexpected(m, hand)]
    things = _moved(replace(told, things=sent), actor) if told.things else hand.things
    inside = {meaning.epc: meaning.box.things() for meaning in sent if meaning.box}
    parts = [
        part
        for thing in things
        for part in (inside.get(thing, [thing]) if isinstance(thing, str) else [thing])
    ]
    held = [Doubtful(part, about.reason) for part in parts] if about.reason else []
    low, high = [Decimal(text) if text else None for text in (about.celsius_min, about.celsius_max)]
    return arrive(
        actor=actor, key=told.key, transfer_id=about.transfer_id, to_place_id=end_of(about, actor), held=held,
        things=[] if held else things if told.things else None, unexpected=strange, celsius_min=low, celsius_max=high,
        no_record=about.no_record, happened_at=told.at,
    )  # fmt: skip


def _no_load_since(transfer_id: int, at: datetime) -> None:
    later = Shipment.objects.filter(transfer=transfer_id, called_back=False, shipped_at__gt=at + SLACK)
    if load := later.select_related("transfer").order_by("shipped_at").first():
        raise Refused("load_sent_since", thing=load.transfer.number, at=clock(load.shipped_at))


def unexpected(meaning: Meaning, hand: Hand) -> bool:
    """A unit that turns up with a load and is no part of it. Pure."""
    return meaning.kind in ("unit", "new_unit") and meaning.epc not in hand.units


def _restock(told: Told, actor: Actor) -> Done:
    store = told.about.place_id or above(told.things, STORES)
    if store is None:
        raise Refused("scan_where")
    things = _moved(told, actor)
    return inspect_return(actor=actor, key=told.key, store_id=store, restock=things, happened_at=told.at)


def _hold(told: Told, actor: Actor) -> Done:
    things = _moved(told, actor)
    return hold(actor=actor, key=told.key, things=things, reason=told.about.reason, happened_at=told.at)


def _scrap(told: Told, actor: Actor) -> Done:
    things = _moved(told, actor)
    return ask_scrap(actor=actor, key=told.key, things=things, reason=told.about.reason, happened_at=told.at)


def _take_in(told: Told, actor: Actor) -> Done:
    about = told.about
    assert about.issue_id is not None
    things = _moved(told, actor) if told.things else None
    return take_in(
        actor=actor, key=told.key, issue_id=about.issue_id, to_place_id=door_of(about, actor), things=things,
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
    department = about.from_place_id or above(told.things, (Kind.DEPARTMENT,))
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
    "receive": Way("receive", _receive, (receive,), documents=("order",), takes_place=True),
    "put_away": Way("store", _put_away, (put_away,), takes_place=True, needs_place=True),
    "pick": Way("pick", _pick, (pick, pick_transfer), documents=("requisition", "transfer")),
    "issue": Way("issue", _issue, (issue,), documents=("requisition",), takes_all=True),
    "ship": Way(
        "transfer", _ship, (ship,), documents=("transfer",), may="ship", takes_all=True, needs_carrier=True
    ),
    "arrive": Way(
        "transfer",
        _arrive,
        (arrive,),
        documents=("transfer",),
        may="arrive",
        takes_place=True,
        takes_all=True,
        reasons="transfer_difference",
        needs_reason=False,
    ),
    "restock": Way("inspect_return", _restock, (inspect_return,), takes_place=True),
    "take_in": Way("take_in", _take_in, (take_in,), documents=("issue",), takes_place=True, takes_all=True),
    "use": Way("use", _use, (use,), documents=("case",)),
    "give_back": Way("give_back", _give_back, (give_back,), takes_place=True, needs_place=True),
    "count": Way("count", _count, (count_scanned,), documents=("count",), takes_place=True, by_shelf=True),
    "scrap": Way("scrap", _scrap, (ask_scrap,), reasons="scrap"),
    "hold": Way("hold", _hold, (hold,), reasons="hold"),
    "look": Way("view", None),
}
