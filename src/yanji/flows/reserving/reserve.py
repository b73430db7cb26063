"""Things in a store are kept for a case or a requisition until a moment, and given free again by who says why."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, LotQuantity, Offence, Refused, Step, clock, post
from yanji.places.models import Kind, Place

from ..acts import Done, moment, verb
from ..asked import not_requested
from ..documents import allow
from ..gates import place_at, requisition_for
from ..models import Case, Requisition
from ..numbers import next_number
from ..reasons import check_reason
from ..states import CaseState
from ..things import Thing, item_names, known_units, lines, look_up, name
from .kept import RESERVED, Kept, lock_lots, rows_of, spot_of
from .models import Reservation, ReservedLot
from .queries import Reserved, kept_for, reserved

LONGEST = timedelta(days=30)
WITHOUT_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What something is kept for: the kind and number of a document, and when that is wanted, if it says so."""

    kind: str
    number: str
    wanted_at: datetime | None
    requisition: Requisition | None = None


def until_for(wanted_at: datetime | None, at: datetime) -> datetime:
    """The end where nobody names one: that of the day on which it is wanted, of tomorrow where no day is known or it is over;
    never later than what is reserved at most. Pure."""
    day = timezone.localdate(wanted_at if wanted_at and wanted_at > at else at + WITHOUT_A_DAY)
    end = timezone.make_aware(datetime.combine(day, time(23, 59)))
    return min(end, at + LONGEST)


def draft_reserve(
    things: Sequence[Thing],
    purpose: Purpose,
    *,
    key: str,
    at: datetime,
    number: str,
    store_id: int,
    until: datetime,
    note: str = "",
) -> Draft:
    """Kept for a document until a moment, where it lies. Pure."""
    return Draft(
        step=Step.RESERVE, key=key, happened_at=at, lines=lines(things, None, store_id),
        documents={"reservation": number, purpose.kind: purpose.number}, note=note, read_point_id=store_id, until=until,
        reserved_for=purpose.number,
    )  # fmt: skip


@verb
def reserve(
    *,
    actor: Actor,
    key: str,
    store_id: int,
    things: Sequence[Thing],
    requisition_id: int | None = None,
    case_number: str = "",
    until: datetime | None = None,
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Keep things of a store for a requisition of it, or for a case; what may be picked for another is not among them until
    then. ``until``: else the end of the day on which they are wanted. ``facts["until"]``, ``facts["count"]``,
    ``facts["reserved_for"]``.

    Raises :class:`Refused` for a requisition that has no more open, a case that is over, an end that has passed, and what the
    ledger does not keep: expired, held, recalled, of another store, or kept for another already.
    """
    at = moment(happened_at)
    store = place_at(actor, store_id, may="pick", kinds=(Kind.STORE,))
    purpose = _purpose(actor, store, requisition_id, case_number.strip())
    end = _checked_end(until or until_for(purpose.wanted_at, at), at)
    lock_lots(things)
    if purpose.requisition and (offences := reserving_offences(purpose.requisition, things)):
        raise Refused.of(offences)
    free = [thing if isinstance(thing, str) else replace(thing, status="available") for thing in things]
    number = next_number("RV", path=store.path, at=at)
    draft = draft_reserve(
        free, purpose, key=key, at=at, number=number, store_id=store.pk, until=end, note=note
    )
    event_id = post(draft, actor=actor).event_id
    made = Reservation.objects.create(
        number=number, store=store, reserved_for=purpose.number, until=end, note=note, event_id=event_id,
        actor_id=actor.person_id, at=at,
    )  # fmt: skip
    ReservedLot.objects.bulk_create(
        ReservedLot(
            reserved_for=purpose.number, lot_id=thing.lot_id, place_id=thing.from_place_id, owner_id=thing.owner_id,
            quantity=int(thing.quantity), until=end, event_id=event_id,
        )
        for thing in things if isinstance(thing, LotQuantity)
    )  # fmt: skip
    facts = {"until": end.isoformat(), "count": pieces_of(things), "reserved_for": purpose.number}
    return Done(number, made.pk, events=(event_id,), facts=facts)


def pieces_of(things: Iterable[Thing]) -> int:
    return sum(1 if isinstance(thing, str) else int(thing.quantity) for thing in things)


def _purpose(actor: Actor, store: Place, requisition_id: int | None, case_number: str) -> Purpose:
    if bool(requisition_id) == bool(case_number):
        raise Refused("reserve_for_whom")
    if requisition_id:
        found = requisition_for(actor, requisition_id, may="pick", lock=True)
        if found.store_id != store.pk:
            raise Refused("reserve_other_store", thing=found.number, store=found.store.name)
        _allow(found)
        return Purpose("requisition", found.number, found.needed_by, found)
    case = _case(actor, case_number)
    return Purpose("case", case.number, case.planned_at)


def _allow(found: Requisition) -> None:
    allow("requisition", "reserve", number=found.number, state=found.state, label=found.get_state_display())


def _case(actor: Actor, number: str) -> Case:
    """A case that is not over, locked: whoever closes it ends what is kept for it, or finds it kept. One that the actor does not
    see, one that is over and none answer alike: even the number of a case points to a patient."""
    found = (
        Case.objects.select_related("department")
        .select_for_update(of=("self",))
        .filter(number=number)
        .first()
    )
    if (
        found is None
        or not actor.may("view_patient", found.department.path)
        or found.state == CaseState.CLOSED
    ):
        raise Refused("no_case_to_reserve_for", thing=number)
    return found


def _checked_end(until: datetime, at: datetime) -> datetime:
    now = timezone.now()
    if until <= max(at, now):
        raise Refused("reserved_until_past", until=clock(until))
    if until > now + LONGEST:
        raise Refused("reserved_too_long", days=LONGEST.days, until=clock(now + LONGEST))
    return until


def reserving_offences(requisition: Requisition, things: Sequence[Thing]) -> list[Offence]:
    """What speaks against keeping things for a requisition: its state, what it does not ask for, and more than it has open and
    not reserved yet."""
    try:
        _allow(requisition)
    except Refused as refused:
        return list(refused.offences)
    known = look_up(things)
    open_to = {line.item_id: line.open_to_pick for line in requisition.lines.all()}
    kept = reserved_pieces(requisition.number)
    names = item_names({*open_to, *(unit.item_id for unit in known.units.values())})
    offences = [*not_requested(requisition.number, open_to, known, things, names)]
    for item, wanted in known.pieces(things).items():
        left = open_to.get(item, wanted) - kept[item]
        if item in open_to and wanted > left:
            facts = {
                "item": names[item],
                "wanted": wanted,
                "open": max(0, left),
                "requisition": requisition.number,
            }
            offences.append(Offence("over_reserved", names[item], facts))
    return offences


def reserved_pieces(number: str) -> Counter[int]:
    """Item -> pieces that are kept for a document; nothing of any other."""
    return Counter(kept_for(number))


@verb
def unreserve(
    *,
    actor: Actor,
    key: str,
    things: Sequence[Thing] = (),
    reservations: Sequence[int] = (),
    reason: str,
    reserved_for: str = "",
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Give free what was kept, before its time is over: things, and pieces of lots by what is written down of them
    (``reservations``), all of these. ``reserved_for``: what the things were kept for, where pieces of a lot are kept for several.
    ``facts["count"]``: how many pieces."""
    check_reason("unreserve", reason)
    rows = _own_rows(actor, reservations)
    if not things and not rows:
        raise Refused("empty")
    at = moment(happened_at)
    lock_lots([*things, *map(_thing_of, rows)])
    _check_kept_for(things, reserved_for)
    named = together([*given_free(things, reserved_for), *map(_thing_of, _own_rows(actor, reservations))])
    ReservedLot.objects.filter(pk__in=[row.row_id for row in rows]).delete()
    papers = {"reserved_for": reserved_for} if reserved_for else {}
    draft = Draft(Step.UNRESERVE, key, at, lines(named), documents=papers, reason=reason, note=note)
    event_id = post(draft, actor=actor).event_id
    return Done(number=reserved_for, events=(event_id,), facts={"count": pieces_of(named)})


def _own_rows(actor: Actor, ids: Sequence[int]) -> list[Reserved]:
    """What is written down under these numbers, as far as it lies there, where the actor picks. Raises :class:`Refused` where
    one is gone or another's: both answer alike. One statement, none without numbers."""
    if not ids:
        return []
    found = reserved(list(actor.scopes.get("pick", ())), rows=ids, limit=len(ids))
    if len(found) < len(set(ids)):
        raise Refused("reservation_gone")
    return found


def _thing_of(row: Reserved) -> LotQuantity:
    return LotQuantity(row.lot_id, Decimal(row.pieces), row.place_id, row.owner_id, RESERVED)


def together(things: Iterable[Thing]) -> list[Thing]:
    """The things, with pieces of a lot at a place that were kept by several acts as one quantity. Pure."""
    found: dict[Thing, Decimal] = {}
    for thing in things:
        one = thing if isinstance(thing, str) else replace(thing, quantity=Decimal(0))
        found[one] = found.get(one, Decimal(0)) + (Decimal(1) if isinstance(thing, str) else thing.quantity)
    return [one if isinstance(one, str) else replace(one, quantity=total) for one, total in found.items()]


def _check_kept_for(things: Sequence[Thing], reserved_for: str) -> None:
    """Raises :class:`Refused` for units that are kept for another document than the one named."""
    if not reserved_for:
        return
    units = known_units([thing for thing in things if isinstance(thing, str)]).values()
    offences = [
        Offence("reserved_for_other", unit.epc, {"reserved_for": unit.reserved_for, "wanted": reserved_for})
        for unit in units
        if unit.status == RESERVED and unit.reserved_for != reserved_for
    ]
    if offences:
        raise Refused.of(offences)


def given_free(things: Sequence[Thing], reserved_for: str = "") -> list[Thing]:
    """The things, with pieces of lots named as reserved; what is written down of these is kept no more. The lots are locked.
    Three statements at most, none without counted things."""
    kept = Kept(rows_of(things, [reserved_for] if reserved_for else ()))
    found = freed(things, kept)
    kept.save()
    return found


def freed(things: Sequence[Thing], kept: Kept) -> list[Thing]:
    """The same, taken from rows of what is kept, which are not written. Pure but for these. Raises :class:`Refused` for pieces
    that are not kept, and for such as are kept for several."""
    offences, found = [], list[Thing]()
    for thing in things:
        if isinstance(thing, str):
            found.append(thing)
            continue
        spot, wanted = spot_of(thing), int(thing.quantity)
        several = sorted(
            {row.reserved_for for row in kept.rows if (row.lot_id, row.place_id, row.owner_id) == spot}
        )
        there = kept.of(spot)
        if len(several) > 1:
            offences.append(Offence("reserved_for_several", name(thing), {"several": ", ".join(several)}))
        elif wanted > there:
            offences.append(Offence("not_reserved", name(thing), {"wanted": wanted, "reserved": there}))
        kept.take(spot, wanted)
        found.append(replace(thing, quantity=Decimal(wanted), status=RESERVED))
    if offences:
        raise Refused.of(offences)
    return found
