"""What becomes of a device that came out: it goes to its maker's laboratory, to pathology, or to the patient whose it was.
Destroyed it is by a scrap paper, as everything else; back to stock it never goes."""

from collections.abc import Callable, Sequence
from datetime import datetime

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Draft, Offence, Refused, Status, Step, UnitView, post, unit_views, virtual_places
from yanji.ledger.models import Event, Unit
from yanji.places.models import Kind

from ..acts import Done, moment, verb
from ..documents import allow, reached
from ..gates import check, other_end, place_at
from ..numbers import next_number
from ..queries import within
from ..sendback.ask import open_return
from ..states import HandoverState
from ..things import lines
from .models import Handover, Implant

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


@verb
def return_explanted(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    epcs: Sequence[str],
    reason: str,
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Ask for explanted units to go to their supplier's laboratory: a return that the supplier authorises (RMA) before it
    is sent. No credit is due for it.

    Raises :class:`Refused` for what came out of nobody, for units of several suppliers, and as a return does.
    """
    suppliers = {unit.supplier_id for unit in _explanted(actor, epcs, may="return_goods")}
    if len(suppliers) != 1 or None in suppliers:
        raise Refused("one_supplier")
    [supplier_id] = suppliers
    assert supplier_id is not None, "looked at just above"
    return open_return(
        actor=actor, place_id=place_id, supplier_id=supplier_id, things=list(dict.fromkeys(epcs)), reason=reason,
        note=note, at=moment(happened_at),
    )  # fmt: skip


def draft_hand_on(
    epcs: Sequence[str], *, key: str, number: str, place_id: int, to_place_id: int, at: datetime, patient: str
) -> Draft:
    """Explanted units are handed on, as the paper of that number says. Pure."""
    papers = {"handover": number, "patient": patient}
    return Draft(
        step=Step.HAND_ON,
        key=key,
        happened_at=at,
        lines=lines(epcs, to_place_id, place_id),
        documents={kind: paper for kind, paper in papers.items() if paper},
        read_point_id=place_id,
    )


@verb
def hand_on(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    epcs: Sequence[str],
    handed_to: str,
    to_place_id: int | None = None,
    patient_token: str = "",
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Explanted units leave a theatre: for the department that examines them, or for the patient of that wristband.

    They stay explanted. Raises :class:`Refused`: nobody is named who takes them, neither a department nor a wristband is
    given, or a unit came out of nobody, or out of somebody else.
    """
    place = place_at(actor, place_id, may="use")
    patient, at, given = patient_token.strip(), moment(happened_at), list(dict.fromkeys(epcs))
    if not handed_to.strip():
        raise Refused("receiver_needed")
    if bool(patient) == bool(to_place_id):
        raise Refused("where_to")
    examined = other_end(to_place_id, kinds=EXAMINED_IN) if to_place_id else None
    _check_whose(_explanted(actor, given, may="use"), patient)
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
    return Done(number, made.pk, made.state, (event_id,))


def _explanted(actor: Actor, epcs: Sequence[str], *, may: str) -> list[Unit]:
    """The units. Raises :class:`Refused` for what is unknown, lies elsewhere, or came out of nobody. One statement."""
    if not epcs:
        raise Refused("empty")
    found = Unit.objects.select_related("place").in_bulk(set(epcs), field_name="epc")
    offences = [Offence("unknown_unit", epc) for epc in dict.fromkeys(epcs) if epc not in found]
    offences += [each for unit in found.values() if (each := _against(actor, unit, may))]
    if offences:
        raise Refused.of(offences)
    return list(found.values())


def _against(actor: Actor, unit: Unit, may: str) -> Offence | None:
    """Where it lies comes first: who may do nothing there learns neither what became of it nor whose it was. Pure."""
    if unit.place.is_virtual:
        return Offence("wrong_place", unit.epc)
    if not actor.may(may, unit.place.path):
        return Offence("not_yours", unit.epc)
    return None if unit.status == Status.EXPLANTED else Offence("not_explanted", unit.epc)


def _check_whose(units: Sequence[Unit], patient: str) -> None:
    """To a patient goes what came out of that patient."""
    if not patient:
        return
    records = Implant.objects.filter(unit__in=units, patient_token=patient, explant_event__isnull=False)
    theirs = set(records.filter(voided_at__isnull=True).values_list("unit_id", flat=True))
    offences = [Offence("of_other_patient", unit.epc) for unit in units if unit.pk not in theirs]
    if offences:
        raise Refused.of(offences)


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


def records_of(handover: Handover) -> list[Implant]:
    """What a paper handed on, by the records of out of whom it came. One statement."""
    moved = handover.event.movements.values("unit_id")
    found = Implant.objects.filter(unit_id__in=moved, explant_event__isnull=False, voided_at__isnull=True)
    return list(found.select_related("unit", "lot__item", "case", "explant_event").order_by("id"))


def handover_taken_back(event: Event) -> Callable[[str], None]:
    """Locks the paper of an entry that is taken back; the devices are where they were."""
    handover = Handover.objects.select_for_update().get(event=event)
    allow(
        "handover",
        "take_back",
        number=handover.number,
        state=handover.state,
        label=handover.get_state_display(),
    )

    def finish(_correcting: str) -> None:
        handover.state = reached("handover", "take_back", HandoverState.VOIDED)
        handover.save(update_fields=["state"])

    return finish
