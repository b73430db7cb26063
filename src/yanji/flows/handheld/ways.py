"""Every act of the scan page, and which verb does it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.ledger.api import Refused, clock

from ..acts import Done
from ..arrival import Arrival
from ..counting.scan import Read, count_scanned
from ..disposal.ask import ask_scrap
from ..documents import AWAITED
from ..gates import case_for
from ..giveback import give_back, inspect_return
from ..hold import hold
from ..issue import issue, take_in
from ..landing import STORES
from ..packing.delivered import BoxArrival
from ..pick import pick
from ..putaway import put_away
from ..queries import notices
from ..receive import receive
from ..requisition import Wanted, request
from ..scanning import Meaning
from ..theatre.cart import set_out
from ..things import name
from ..transfer.arrive import Doubtful, arrive
from ..transfer.models import Shipment
from ..transfer.pick import pick_transfer
from ..transfer.ship import ship
from ..transfer.state import Hand, in_hand
from ..use import use
from ..waves.pick import pick_wave
from .about import storable_text
from .sources import SLACK, above, dock_of, door_of, end_of, ward_of
from .way import Told, Way, moved
from .ways_binding import BINDING
from .ways_consigned import CONSIGNED
from .ways_keeping import KEEPING
from .ways_lending import LENDING
from .ways_opened import OPENED
from .ways_packing import PACKING
from .ways_sendback import SENDING_BACK
from .ways_theatre import THEATRE


def ways_of(actor: Actor) -> dict[str, Way]:
    """The acts that somebody may do anywhere at all, in the order of the page."""
    return {flow: way for flow, way in WAYS.items() if actor.may(way.operation)}


def _receive(told: Told, actor: Actor) -> Done:
    about = told.about
    assert about.order_id is not None
    verdicts = list(zip(told.things, told.said("reject"), told.said("hold"), strict=True))
    boxes = [BoxArrival(m.box.code, rejected, doubtful) for m, rejected, doubtful in verdicts if m.box]
    arrivals = [
        Arrival(m.item.pk, m.epc, m.serial, m.lot, m.expiry, m.made, m.quantity, rejected, doubtful)
        for m, rejected, doubtful in verdicts
        if m.item and not m.box
    ]
    return receive(
        actor=actor, key=told.key, order_id=about.order_id, dock_id=dock_of(about, actor), arrivals=arrivals,
        boxes=boxes, notice_id=about.notice_id or _only_notice(about.order_id, actor), arrived_at=told.at,
    )  # fmt: skip


def _only_notice(order_id: int, actor: Actor) -> int | None:
    """What was announced for an order is what comes for it, where that is one notice. One statement."""
    found = notices(actor, order_id=order_id, states=AWAITED, limit=2)
    return found[0].pk if len(found) == 1 else None


def _put_away(told: Told, actor: Actor) -> Done:
    assert told.about.place_id is not None
    things = moved(told, actor)
    return put_away(
        actor=actor, key=told.key, things=things, to_place_id=told.about.place_id, happened_at=told.at
    )


def _pick(told: Told, actor: Actor) -> Done:
    things, given = moved(told, actor), _overrides(told)
    if transfer_id := told.about.transfer_id:
        return pick_transfer(
            actor=actor, key=told.key, transfer_id=transfer_id, things=things, overrides=given,
            happened_at=told.at,
        )  # fmt: skip
    if wave_id := told.about.wave_id:
        return pick_wave(
            actor=actor, key=told.key, wave_id=wave_id, things=things, overrides=given, happened_at=told.at
        )
    requisition_id = told.about.requisition_id
    assert requisition_id is not None
    return pick(
        actor=actor, key=told.key, requisition_id=requisition_id, things=things, overrides=given,
        happened_at=told.at,
    )  # fmt: skip


def _overrides(told: Told) -> dict[str, str]:
    """Thing -> why it is taken out of turn; what lies in a box is taken for the reason that was said of the box."""
    found: dict[str, str] = {}
    for meaning, reason in zip(told.things, told.said("override"), strict=True):
        inside = meaning.box.things() if meaning.box else ()
        names = [f"lot {meaning.lot_id}"] if meaning.kind == "lot" else [meaning.epc, *map(name, inside)]
        found |= {each: reason for each in names if reason}
    return found


def _issue(told: Told, actor: Actor) -> Done:
    requisition_id = told.about.requisition_id
    assert requisition_id is not None
    things = moved(told, actor) if told.things else None
    return issue(actor=actor, key=told.key, requisition_id=requisition_id, things=things, happened_at=told.at)


def _ship(told: Told, actor: Actor) -> Done:
    about = told.about
    assert about.transfer_id is not None
    return ship(
        actor=actor, key=told.key, transfer_id=about.transfer_id, handed_to=about.handed_to, happened_at=told.at,
        things=moved(told, actor) if told.things else None,
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
    things = moved(replace(told, things=sent), actor) if told.things else hand.things
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
    things = moved(told, actor)
    return inspect_return(actor=actor, key=told.key, store_id=store, restock=things, happened_at=told.at)


def _hold(told: Told, actor: Actor) -> Done:
    things = moved(told, actor)
    return hold(actor=actor, key=told.key, things=things, reason=told.about.reason, happened_at=told.at)


def _scrap(told: Told, actor: Actor) -> Done:
    things = moved(told, actor)
    return ask_scrap(actor=actor, key=told.key, things=things, reason=told.about.reason, happened_at=told.at)


def _take_in(told: Told, actor: Actor) -> Done:
    about = told.about
    assert about.issue_id is not None
    things = moved(told, actor) if told.things else None
    return take_in(
        actor=actor, key=told.key, issue_id=about.issue_id, to_place_id=door_of(about, actor), things=things,
        happened_at=told.at,
    )  # fmt: skip


def _use(told: Told, actor: Actor) -> Done:
    assert told.about.case_id is not None
    case = case_for(actor, told.about.case_id, may="use")
    things = moved(told, actor)
    return use(
        actor=actor, key=told.key, department_id=case.department_id, case_number=case.number,
        patient_token=case.patient_token, confirmed_by=told.confirmed_by, things=things, happened_at=told.at,
    )  # fmt: skip


def _set_out(told: Told, actor: Actor) -> Done:
    assert told.about.case_id is not None
    things = moved(told, actor)
    return set_out(
        actor=actor, key=told.key, case_id=told.about.case_id, things=things, room_id=told.about.place_id,
        happened_at=told.at,
    )  # fmt: skip


def _request(told: Told, actor: Actor) -> Done:
    about = told.about
    if about.place_id is None or about.from_place_id is None:
        raise Refused("scan_where")
    pieces: Counter[int] = Counter()
    for meaning in told.things:
        if meaning.item is None:
            raise Refused("unknown_unit", thing=meaning.scan.strip()[:80])
        pieces[meaning.item.pk] += meaning.quantity
    return request(
        actor=actor, key=told.key, department_id=about.place_id, store_id=about.from_place_id,
        lines=[Wanted(item, count) for item, count in pieces.items()], happened_at=told.at,
    )  # fmt: skip


def _give_back(told: Told, actor: Actor) -> Done:
    about = told.about
    department = ward_of(about, told.things, actor, may=Operation.GIVE_BACK)
    if department is None or about.place_id is None:
        raise Refused("scan_where")
    things = moved(told, actor)
    return give_back(
        actor=actor, key=told.key, department_id=department, store_id=about.place_id, things=things,
        happened_at=told.at,
    )  # fmt: skip


def _count(told: Told, actor: Actor) -> Done:
    assert told.about.count_id is not None
    reads = [
        Read(
            storable_text(scan.text),
            f"{told.key}:{number}",
            seen_at=scan.at or told.at,
            camera=scan.camera,
            quantity=scan.pieces if scan.times > 1 else None,
        )
        for number, scan in enumerate(told.scans)
    ]
    return count_scanned(actor=actor, key=told.key, count_id=told.about.count_id, reads=reads)


WAYS: Mapping[str, Way] = {
    "receive": Way(
        "receive",
        _receive,
        (receive,),
        documents=("order", "notice"),
        takes_place=True,
        reasons_of=("reject", "hold"),
        reasons_freely=True,
    ),
    "put_away": Way("store", _put_away, (put_away,), takes_place=True, needs_place=True),
    "pick": Way(
        "pick",
        _pick,
        (pick, pick_transfer, pick_wave),
        documents=("requisition", "transfer", "wave"),
        reasons_of=("override",),
    ),
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
    **SENDING_BACK,
    **KEEPING,
    **PACKING,
    "restock": Way("inspect_return", _restock, (inspect_return,), takes_place=True),
    "request": Way(
        "request",
        _request,
        (request,),
        takes_place=True,
        needs_place=True,
        by_item=True,
        asks_store=True,
        no_place="scan_for_whom",
    ),
    "take_in": Way("take_in", _take_in, (take_in,), documents=("issue",), takes_place=True, takes_all=True),
    "use": Way("use", _use, (use,), documents=("case",)),
    "set_out": Way("use", _set_out, (set_out,), documents=("case",), takes_place=True),
    **OPENED,
    **THEATRE,
    "give_back": Way(
        "give_back", _give_back, (give_back,), takes_place=True, needs_place=True, whither=STORES
    ),
    **LENDING,
    **CONSIGNED,
    **BINDING,
    "count": Way("count", _count, (count_scanned,), documents=("count",), takes_place=True, by_shelf=True),
    "scrap": Way("scrap", _scrap, (ask_scrap,), reasons="scrap"),
    "hold": Way("hold", _hold, (hold,), reasons="hold"),
    "look": Way("view", None),
}
