"""What becomes of a device that came out: it goes to its maker's laboratory, to pathology, or to the patient whose it was.
Destroyed it is by a scrap paper, as everything else; back to stock it never goes."""

from collections.abc import Callable, Sequence
from datetime import datetime

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import (
    Draft,
    LotQuantity,
    Offence,
    Refused,
    Status,
    Step,
    UnitView,
    post,
    unit_views,
    virtual_places,
)
from yanji.ledger.models import Event, Level, Movement, Unit
from yanji.places.models import Kind, Place

from ..acts import Done, moment, verb
from ..documents import allow, reached
from ..gates import check, other_end, place_at
from ..numbers import next_number
from ..queries import within
from ..sendback.ask import open_return
from ..states import HandoverState
from ..things import Thing, lines, name
from .models import Handover, HandoverLine, Implant
from .pieces import Part, counted_of, here_still, lying, records_for, share_out

# Where something may be examined, or kept until somebody asks for it.
EXAMINED_IN = (Kind.DEPARTMENT, Kind.ROOM)
LISTED = 200


def explanted_units(actor: Actor) -> list[UnitView]:
    """Devices that came out of patients and lie where the actor sees stock, the longest first. Two statements."""
    seen = within("unit__place", actor.scopes.get("view", ()))
    # By the records: they are few, and units are not indexed by status.
    came_out = Implant.objects.filter(explant_event__isnull=False, voided_at__isnull=True)
    found = came_out.filter(seen, unit__status=Status.EXPLANTED).order_by("explant_event__happened_at", "pk")
    epcs = list(dict.fromkeys(found.values_list("unit__epc", flat=True)[:LISTED]))
    views = unit_views(epcs)
    return [views[epc] for epc in epcs]


def explanted_lots(actor: Actor) -> list[Level]:
    """Counted devices that came out and lie where the actor sees stock, by place. One statement."""
    came_out = Implant.objects.filter(unit=None, explant_event__isnull=False, voided_at__isnull=True)
    lying_here = Level.objects.filter(within("place", actor.scopes.get("view", ())), status=Status.EXPLANTED)
    found = lying_here.filter(quantity__gt=0, lot__in=came_out.values("lot"))
    return list(
        found.select_related("lot__item", "place").order_by("place__path", "lot__number", "pk")[:LISTED]
    )


@verb
def return_explanted(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    things: Sequence[Thing],
    reason: str,
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Ask for explanted things to go to their supplier's laboratory: a return that the supplier authorises (RMA) before it
    is sent. No credit is due for it. Pieces of a lot go to whoever delivered of it, the last one where there are several.

    Raises :class:`Refused` for what came out of nobody, for things of several suppliers, and as a return does.
    """
    given = lying(things, place_id, Status.EXPLANTED)
    units = _explanted(actor, given, place_id, may="return_goods")
    delivered = _delivered_by([each.lot_id for each in counted_of(given)])
    by_thing = [*([unit.supplier_id] for unit in units), *delivered]
    common = [each for each in by_thing[0] if each and all(each in other for other in by_thing)]
    if not common:
        raise Refused("one_supplier")
    return open_return(
        actor=actor, place_id=place_id, supplier_id=common[0], things=given, reason=reason, note=note,
        at=moment(happened_at),
    )  # fmt: skip


def _delivered_by(lots: Sequence[int]) -> list[list[int | None]]:
    """Of each lot who delivered of it, the last one first. One statement; none without lots."""
    found: dict[int, list[int | None]] = {lot: [] for lot in lots}
    received = Movement.objects.filter(
        lot_id__in=lots, unit=None, event__step=Step.RECEIVE, event__corrected_by__isnull=True
    )
    latest = received.order_by("-event__happened_at", "-pk").values_list("lot_id", "event__source_party_id")
    for lot, supplier in latest if lots else ():
        found[lot].append(supplier)
    return list(found.values())


def draft_hand_on(
    things: Sequence[Thing],
    *,
    key: str,
    number: str,
    place_id: int,
    to_place_id: int,
    at: datetime,
    patient: str,
) -> Draft:
    """Explanted things are handed on, as the paper of that number says. Pure."""
    papers = {"handover": number, "patient": patient}
    return Draft(
        step=Step.HAND_ON,
        key=key,
        happened_at=at,
        lines=lines(things, to_place_id, place_id),
        documents={kind: paper for kind, paper in papers.items() if paper},
        read_point_id=place_id,
    )


@verb
def hand_on(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    things: Sequence[Thing],
    handed_to: str,
    to_place_id: int | None = None,
    patient_token: str = "",
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Explanted things leave a theatre: for the department that examines them, or for the patient of that wristband.

    They stay explanted. Raises :class:`Refused`: nobody is named who takes them, neither a department nor a wristband is
    given, or something came out of nobody, or out of somebody else, or not so much of it.
    """
    place = place_at(actor, place_id, may="use")
    patient, at, given = patient_token.strip(), moment(happened_at), lying(things, place_id, Status.EXPLANTED)
    if not handed_to.strip():
        raise Refused("receiver_needed")
    if bool(patient) == bool(to_place_id):
        raise Refused("where_to")
    examined = other_end(to_place_id, kinds=EXAMINED_IN) if to_place_id else None
    _explanted(actor, given, place.pk, may="use")
    parts = _whose(given, place, patient)
    number = next_number("EX", path=place.path, at=at)
    to_id = examined.pk if examined else virtual_places().patient
    draft = draft_hand_on(
        given, key=key, number=number, place_id=place.pk, to_place_id=to_id, at=at, patient=patient
    )
    event_id = post(draft, actor=actor).event_id
    made = Handover.objects.create(
        number=number, place=place, to_place=examined, handed_to=handed_to.strip(), note=note, event_id=event_id,
        actor_id=actor.person_id, at=at,
    )  # fmt: skip
    HandoverLine.objects.bulk_create(
        HandoverLine(handover=made, implant=record, quantity=pieces) for record, pieces in parts
    )
    return Done(number, made.pk, made.state, (event_id,))


def _explanted(actor: Actor, things: Sequence[Thing], place_id: int, *, may: str) -> list[Unit]:
    """The units among the things. Raises :class:`Refused` for what is unknown, lies elsewhere, or came out of nobody. Two
    statements, and those of the gate of the place for pieces of a lot."""
    if not things:
        raise Refused("empty")
    epcs = [thing for thing in things if isinstance(thing, str)]
    found = Unit.objects.select_related("place").in_bulk(set(epcs), field_name="epc") if epcs else {}
    offences = [Offence("unknown_unit", epc) for epc in epcs if epc not in found]
    offences += [each for unit in found.values() if (each := _against(actor, unit, may))]
    offences += _not_here(actor, counted_of(things), place_id, may)
    if offences:
        raise Refused.of(offences)
    return list(found.values())


def _not_here(actor: Actor, things: Sequence[LotQuantity], place_id: int, may: str) -> list[Offence]:
    """Pieces of a lot of which none, or too few, came out and lie there."""
    if not things:
        return []
    place = place_at(actor, place_id, may=may)
    lots = [each.lot_id for each in things]
    levels = Level.objects.filter(place=place, lot_id__in=lots, status=Status.EXPLANTED, owner=None)
    there = dict(levels.values_list("lot_id", "quantity"))
    found = []
    for each in things:
        available = int(there.get(each.lot_id, 0))
        if not available:
            found.append(Offence("not_explanted", name(each)))
        elif available < each.quantity:
            facts = {"available": available, "wanted": int(each.quantity)}
            found.append(Offence("not_enough", name(each), facts))
    return found


def _against(actor: Actor, unit: Unit, may: str) -> Offence | None:
    """Where it lies comes first: who may do nothing there learns neither what became of it nor whose it was. Pure."""
    if unit.place.is_virtual:
        return Offence("wrong_place", unit.epc)
    if not actor.may(may, unit.place.path):
        return Offence("not_yours", unit.epc)
    return None if unit.status == Status.EXPLANTED else Offence("not_explanted", unit.epc)


def _whose(things: Sequence[Thing], place: Place, patient: str) -> list[Part]:
    """The records that the things are of: to a patient goes what came out of that patient. Pieces of a lot are those that
    came out here before any other's."""
    records = list(records_for(things, patient).filter(explant_event__isnull=False))
    records.sort(key=lambda record: _elsewhere(record, place))
    return share_out(
        things, records, "of_other_patient" if patient else "not_explanted", here_still(records, place)
    )


def _elsewhere(record: Implant, place: Place) -> bool:
    return record.explant_event is not None and record.explant_event.read_point_id != place.pk


def handover_for(actor: Actor, handover_id: int, *, may: str = "view_patient") -> Handover:
    """Seen at either end, by who sees patients there: the paper says out of whom the devices came."""
    found = Handover.objects.select_related("place", "to_place", "actor")
    handover = found.filter(pk=handover_id).first() if 0 < handover_id < 2**63 else None
    if handover is None:
        raise NotFound("handover")
    ends = [end.path for end in (handover.place, handover.to_place) if end]
    check(actor, ends, may=may, thing=handover.number, seen_by="view_patient")
    return handover


def handovers(actor: Actor, *, limit: int = 50) -> list[Handover]:
    """Papers of devices handed on that the actor sees, latest first. One statement."""
    paths = actor.scopes.get("view_patient", ())
    found = Handover.objects.filter(within("place", paths) | within("to_place", paths))
    return list(found.select_related("place", "to_place", "actor").order_by("-pk")[:limit])


def devices_of(handover: Handover) -> list[HandoverLine]:
    """What a paper handed on, with the records of out of whom it came. One statement."""
    found = handover.lines.select_related(
        "implant__unit", "implant__lot__item", "implant__case", "implant__explant_event"
    )
    return list(found.order_by("implant_id"))


def handover_taken_back(event: Event) -> Callable[[str], None]:
    """Locks the paper of an entry that is taken back, and its records; the devices are where they were.

    Raises :class:`Refused` for pieces of a lot that a later paper took on from there: what lies there now is somebody else's.
    """
    handover = Handover.objects.select_for_update().get(event=event)
    allow(
        "handover",
        "take_back",
        number=handover.number,
        state=handover.state,
        label=handover.get_state_display(),
    )
    counted = Implant.objects.filter(handed_on__handover=handover, unit=None)
    records = list(counted.select_for_update(of=("self",)).order_by("id"))
    onward = HandoverLine.objects.filter(
        implant__in=records, handover__state=HandoverState.HANDED_ON, handover__pk__gt=handover.pk,
        handover__place=handover.to_place_id,
    )  # fmt: skip
    if gone := set(onward.values_list("implant_id", flat=True)):
        raise Refused.of([Offence("moved_on", record.thing) for record in records if record.pk in gone])

    def finish(_correcting: str) -> None:
        handover.state = reached("handover", "take_back", HandoverState.VOIDED)
        handover.save(update_fields=["state"])

    return finish
