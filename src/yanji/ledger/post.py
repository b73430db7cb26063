"""The one way into the ledger: lock and read, fold, write all."""

import json
import time
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import IntegrityError, OperationalError, connection
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.places.models import Kind, Place
from yanji.places.rules import ids_of
from yanji.places.spoken import joined

from .checks import MAX_LINES, day_of, name_of, storable
from .draft import Draft, Line, LotQuantity, NewQuantity, NewUnit, Posted, to_json
from .fold import fold
from .lifecycle import LIFECYCLE, Status, Step
from .places import virtual_places
from .plan import Plan
from .refused import CONSTRAINTS, Offence, Refused
from .state import State, parse
from .wire import Raced, array, constraint_of, durable, fetch, is_race

# A shelf is one of a store's or department's: its own name says too little.
WITHIN = frozenset({Kind.DOCK, Kind.ROOM, Kind.CABINET, Kind.BIN})
HOLDING = frozenset({Kind.STORE, Kind.DEPARTMENT})
READ = "SELECT ledger_read(%s, %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s)::text"
WRITE_EVENT = (
    "ledger_write_event(%s::uuid, %s, %s, %s, %s::timestamptz, %s::smallint, %s::bigint, %s::bigint, %s, %s::bigint, %s,"
    " %s, %s::jsonb, %s::bigint, %s::jsonb, %s::uuid)"
)
WRITE_NEW_UNITS = (
    "ledger_write_new_units(%s::uuid, %s, %s, %s, %s::int[], %s::text[], %s::bigint[], %s::text[], %s::date[],"
    " %s::date[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::numeric[], %s::bigint[], %s::bigint[],"
    " %s::bigint[])"
)
WRITE_UNITS = (
    "ledger_write_units(%s::uuid, %s, %s, %s::timestamptz, %s::timestamptz, %s::int[], %s::bigint[], %s::int[],"
    " %s::bigint[], %s::numeric[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[],"
    " %s::bigint[])"
)
WRITE_UNIT = (
    "ledger_write_unit(%s::uuid, %s, %s, %s::timestamptz, %s::timestamptz, %s::int, %s::bigint, %s::int, %s::bigint,"
    " %s::numeric, %s::bigint, %s::bigint, %s, %s, %s::bigint, %s::bigint, %s::bigint)"
)
WRITE_RELABELLED = (
    "ledger_write_relabelled(%s::uuid, %s, %s::timestamptz, %s::int[], %s::bigint[], %s::int[], %s::bigint[],"
    " %s::bigint[], %s::text[], %s::date[], %s::date[], %s::bigint[], %s::numeric[], %s::bigint[], %s::bigint[],"
    " %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[])"
)
WRITE_QUANTITIES = (
    "ledger_write_quantities(%s::uuid, %s::int[], %s::bigint[], %s::bigint[], %s::text[], %s::date[], %s::date[],"
    " %s::numeric[], %s::numeric[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[],"
    " %s::bigint[])"
)
WRITE_USES = "ledger_write_uses(%s::uuid, %s::bigint[], %s, %s, %s, %s)"
WRITE_LEVELS = "ledger_write_levels(%s::uuid)"
Call = tuple[str, Sequence[Any]]  # a function of the database, and what it is given


def post(draft: Draft, *, actor: Actor) -> Posted:
    """Do one act: all of its lines, or nothing.

    Returns the event's id; ``repeated`` where the same act had been done under the same key.
    Raises :class:`Refused` naming every offending thing, with nothing written. Two statements whatever the number of
    lines: read, write. Nothing is locked between them at first - the write refuses units that have moved since they
    were read - and whoever loses such a race does it again with locks (docs/decisions/0004-posting.md).
    """
    check_postable(draft)
    # A quantity has no chain that could tell the write of somebody else's: it is locked from the start.
    if not connection.in_atomic_block and not any(
        isinstance(line.thing, LotQuantity) for line in draft.lines
    ):
        try:
            return _act(draft, actor, lock=False)
        except Raced:
            pass
    return _act_locked(draft, actor)


def check_postable(draft: Draft) -> None:
    """Raises :class:`Refused` for more lines than an act may have, and for names that no table can hold. Pure."""
    assert draft.step is not Step.CORRECT, "corrections go through correct()"
    if len(draft.lines) > MAX_LINES:
        raise Refused("too_many_lines", count=len(draft.lines), limit=MAX_LINES)
    if not storable(draft.key) or not all(storable(name_of(line)) for line in draft.lines):
        raise Refused("bad_text", field="identity")


def _act(draft: Draft, actor: Actor, *, lock: bool) -> Posted:
    fingerprint = draft.fingerprint()
    state = read_state([draft], lock=lock)
    if draft.key in state.priors:
        return repeated(state.priors[draft.key], fingerprint)
    plan = plan_of(draft, state, actor)
    posted = write(draft, plan, actor=actor, fingerprint=fingerprint)
    return replace(posted, passed_over=tuple(plan.passed_over)) if plan.passed_over else posted


def preview(draft: Draft, *, actor: Actor) -> list[Offence]:
    """What stands in the way of a draft now; nothing is locked or written. The very rules that decide later."""
    try:
        passed_over(draft, actor=actor)
    except Refused as refusal:
        return list(refusal.offences)
    return []


def passed_over(draft: Draft, *, actor: Actor) -> tuple[Offence, ...]:
    """What a draft would be recorded in spite of now. Nothing is locked or written: what :class:`Posted` says is what decided.

    Raises :class:`Refused` as :func:`post` would now.
    """
    return tuple(plan_of(draft, read_state([draft]), actor).passed_over)


def plan_of(draft: Draft, state: State, actor: Actor) -> Plan:
    """What the rules make of a draft over a state. Raises :class:`Refused`, with places named."""
    try:
        return judged(draft, state, actor)
    except Refused as refusal:
        raise with_place_names(refusal) from None


def judged(draft: Draft, state: State, actor: Actor) -> Plan:
    """The same; what is refused has its places by number still, and costs nothing."""
    return fold(draft, state, actor, now=timezone.now(), supplier_place_id=virtual_places().supplier)


@durable
def _act_locked(draft: Draft, actor: Actor) -> Posted:
    return _act(draft, actor, lock=True)


def with_place_names(refusal: Refused) -> Refused:
    """The refusal with places named instead of numbered. Only a refusal pays for this look-up."""
    found = {offence.facts["place"] for offence in refusal.offences if "place" in offence.facts}
    names = _names_of(found) if found else {}
    named = (
        replace(offence, facts={**offence.facts, "place": names[offence.facts["place"]]})
        if "place" in offence.facts
        else offence
        for offence in refusal.offences
    )
    return Refused.of(named)


def _names_of(place_ids: Collection[int]) -> dict[int, str]:
    """What to call places: a shelf with its store or department, for every store has an A1-01. At most two statements."""
    places = Place.objects.in_bulk(place_ids)
    shelves = [place for place in places.values() if place.kind in WITHIN]
    kept = {key for place in shelves for key in ids_of(place.path)[:-1]}
    holding = Place.objects.in_bulk(kept) if kept else {}
    names = {key: place.name for key, place in places.items()}
    for place in shelves:
        inside = (holding[key] for key in reversed(ids_of(place.path)[:-1]) if key in holding)
        if store := next((each for each in inside if each.kind in HOLDING), None):
            names[place.pk] = joined(store.name, place.name)
    return names


def repeated(prior: tuple[str, str], fingerprint: str) -> Posted:
    """The answer to a key that has been used: the first result again, or a refusal where it named another act."""
    event_id, first = prior
    if first != fingerprint:
        raise Refused("key_reused")
    return Posted(event_id, repeated=True)


def read_state(drafts: Sequence[Draft], *, lock: bool = False) -> State:
    """Read all that the rules need, where asked after locking what the drafts touch in sorted order. One statement."""
    return parse(json.loads(fetch(READ, _touched(drafts, lock=lock))[0][0]))


def _touched(drafts: Sequence[Draft], *, lock: bool) -> Sequence[Any]:
    """What ``READ`` is asked for drafts; those of them that ask for licences are of one day."""
    lines = [line for draft in drafts for line in draft.lines]
    epcs, lots, items, suppliers = set[str](), set[int](), set[int](), set[int]()
    places = {line.to_place_id for line in lines if line.to_place_id}
    for line in lines:
        match line.thing:
            case str() as epc:
                epcs.add(epc)
            case NewUnit() as new:
                epcs.add(new.epc)
                items.add(new.item_id)
                suppliers.add(new.supplier_id or 0)
            case LotQuantity() as quantity:
                lots.add(quantity.lot_id)
            case NewQuantity() as new:
                items.add(new.item_id)
                suppliers.add(new.supplier_id or 0)
    licensed = [draft for draft in drafts if LIFECYCLE[draft.step].licensed]
    suppliers |= {draft.source_party_id or 0 for draft in licensed}
    days = {day_of(draft.happened_at) for draft in licensed}
    assert len(days) < 2, "who may deliver is asked for one day"
    ids = (_ids(lots), _ids(places), _ids(items), _ids(suppliers))
    return lock, *map(array, ({draft.key for draft in drafts}, epcs, *ids)), next(iter(days), None)


def _ids(given: Iterable[int]) -> list[int]:
    """Those that can be ids at all; what is named by another number is as unknown as any."""
    return [number for number in given if 0 < number < 2**63]


def write(draft: Draft, plan: Plan, *, actor: Actor, fingerprint: str, corrects: str | None = None) -> Posted:
    """Write a plan in one statement. Raises :class:`Raced` where a concurrent act came first."""
    event_id = uuid7()
    send(calls_of(event_id, draft, plan, actor=actor, fingerprint=fingerprint, corrects=corrects))
    return Posted(event_id)


def calls_of(
    event_id: str,
    draft: Draft,
    plan: Plan,
    *,
    actor: Actor,
    fingerprint: str,
    corrects: str | None = None,
) -> list[Call]:
    """What the database is called for to write one plan, in order. Pure."""
    calls: list[Call] = [(WRITE_EVENT, _event(event_id, draft, actor, fingerprint, corrects))]
    received_at = draft.happened_at if draft.step is Step.RECEIVE else None
    single = len(plan.units) == 1 and not plan.new_units and not plan.quantities and not plan.relabelled
    if single:
        calls.append((WRITE_UNIT, _unit(event_id, draft, plan, received_at)))
    elif plan.units:
        calls.append((WRITE_UNITS, _units(event_id, draft, plan, received_at)))
    if plan.relabelled:
        calls.append((WRITE_RELABELLED, _relabelled(event_id, draft, plan, received_at)))
    if plan.new_units:
        calls.append((WRITE_NEW_UNITS, _new_units(event_id, draft, plan, received_at)))
    if plan.quantities:
        calls.append((WRITE_QUANTITIES, _quantities(event_id, plan)))
    if not single:
        calls.append((WRITE_LEVELS, [event_id]))
    if draft.step is Step.USE and plan.units:
        papers = [draft.documents.get(kind, "") for kind in ("case", "patient", "procedure", "operator")]
        calls.append((WRITE_USES, [event_id, *columns(plan.units, "unit_id"), *papers]))
    return calls


def send(calls: Sequence[Call]) -> None:
    """Write all of it in one statement. Raises :class:`Raced` where a concurrent act came first."""
    try:
        # A select list is evaluated from left to right; were it not, the foreign keys would refuse the movements.
        fetch(
            "SELECT " + ", ".join(call for call, _ in calls),
            [value for _, values in calls for value in values],
        )
    except (IntegrityError, OperationalError) as error:
        if is_race(error):
            raise Raced from error
        raise _refusal(error) from error


def _refusal(error: IntegrityError | OperationalError) -> Exception:
    code = CONSTRAINTS.get(constraint_of(error))
    return Refused(code) if code else error


def _event(event_id: str, draft: Draft, actor: Actor, fingerprint: str, corrects: str | None) -> list[Any]:
    offset = draft.happened_at.utcoffset()
    return [
        event_id, draft.key, fingerprint, draft.step.value, draft.happened_at,
        int(offset.total_seconds() // 60) if offset else 0, actor.person_id, draft.witness_id, actor.device,
        draft.read_point_id, draft.reason, draft.note, to_json(draft.documents), draft.source_party_id,
        None if draft.sensor is None else to_json(draft.sensor), corrects,
    ]  # fmt: skip


def _new_units(event_id: str, draft: Draft, plan: Plan, received_at: datetime | None) -> list[Any]:
    changes = plan.new_units
    things = [change.new for change in changes if isinstance(change.new, NewUnit)]
    status = str(LIFECYCLE[draft.step].target)
    return [
        event_id, draft.step.value, status, received_at,
        *columns(changes, "line"),
        *columns(things, "epc", "item_id", "lot", "expiry", "made", "serial", "supplier_id", "owner_id",
                 "order_number", "cost"),
        *columns(changes, "from_place_id", "to_place_id", "custodian_id"),
    ]  # fmt: skip


MOVED = (
    "line", "unit_id", "seq", "lot_id", "value", "from_place_id", "to_place_id", "from_status", "to_status",
    "from_owner_id", "to_owner_id", "custodian_id",
)  # fmt: skip


def _units(event_id: str, draft: Draft, plan: Plan, received_at: datetime | None) -> list[Any]:
    # Sorted: the write locks them in this order, which prevents deadlock between documents that share units.
    units = sorted(plan.units, key=attrgetter("unit_id"))
    return [*_common(event_id, draft, received_at), *columns(units, *MOVED)]


def _relabelled(event_id: str, draft: Draft, plan: Plan, received_at: datetime | None) -> list[Any]:
    changes = plan.relabelled
    things = [change.new if isinstance(change.new, NewUnit) else None for change in changes]
    return [
        event_id, draft.step.value, received_at,
        *columns(changes, "line", "unit_id", "seq", "lot_id"),
        *(array(getattr(thing, name, None) for thing in things) for name in ("item_id", "lot", "expiry", "made")),
        *columns(changes, "from_lot_id", "value", "from_place_id", "to_place_id", "from_status", "to_status",
                 "from_owner_id", "to_owner_id", "custodian_id"),
    ]  # fmt: skip


def _unit(event_id: str, draft: Draft, plan: Plan, received_at: datetime | None) -> list[Any]:
    [change] = plan.units
    moved = (getattr(change, name) for name in MOVED)
    return [*_common(event_id, draft, received_at), *(_plain(value) for value in moved)]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Status) else value


def _common(event_id: str, draft: Draft, received_at: datetime | None) -> list[Any]:
    reserved_for = draft.reserved_for if draft.step is Step.RESERVE else ""
    return [event_id, draft.step.value, reserved_for, draft.until, received_at]


def _quantities(event_id: str, plan: Plan) -> list[Any]:
    changes = plan.quantities
    things = [change.new if isinstance(change.new, NewQuantity) else None for change in changes]
    return [
        event_id, *columns(changes, "line", "lot_id"),
        *(array(getattr(thing, name, None) for thing in things) for name in ("item_id", "lot", "expiry", "made")),
        *columns(changes, "quantity", "value", "from_place_id", "to_place_id", "from_status", "to_status",
                 "from_owner_id", "to_owner_id", "custodian_id"),
    ]  # fmt: skip


def columns(rows: Sequence[Any], *names: str) -> list[str]:
    """Rows turned on their side: one array literal a column, as ``unnest`` takes them."""
    return [array(map(attrgetter(name), rows)) for name in names]


def uuid7() -> str:
    """A UUID version 7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then random, so that ids sort by time."""
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds & (2**48 - 1)) << 80 | uuid.uuid4().int & (2**80 - 1)
    number = number & ~(0xF << 76) | 0x7 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=number))


def reserve(
    epcs: Sequence[str],
    *,
    reserved_for: str,
    until: datetime,
    key: str,
    actor: Actor,
    happened_at: datetime | None = None,
) -> Posted:
    """Keep units for a document until a moment; from then on they count as available again by themselves."""
    draft = Draft(
        step=Step.RESERVE,
        key=key,
        happened_at=happened_at or timezone.now(),
        lines=tuple(Line(epc) for epc in epcs),
        until=until,
        reserved_for=reserved_for,
    )
    return post(draft, actor=actor)


def end_lapsed_reservations(*, actor: Actor, now: datetime, limit: int = 1_000) -> Posted | None:
    """Write down the end of reservations whose time is over, so that levels show them available again."""
    rows = fetch(
        "SELECT u.epc FROM ledger_unit u WHERE u.lot_id IN (SELECT le.lot_id FROM ledger_level le"
        " WHERE le.status = 'reserved' AND le.quantity > 0) AND u.status = 'reserved' AND u.reserved_until <= %s"
        " ORDER BY u.id LIMIT %s",
        (now, limit),
    )
    if not rows:
        return None
    lines = tuple(Line(epc) for (epc,) in rows)
    draft = Draft(step=Step.UNRESERVE, key="", happened_at=now, lines=lines)
    return post(replace(draft, key=f"lapsed:{draft.fingerprint()[:40]}"), actor=actor)


def offence(code: str, thing: str = "", **facts: Any) -> Refused:
    """A refusal with one offence; for the flows, whose own rules come before the ledger's."""
    return Refused.of([Offence(code, thing, facts)])
