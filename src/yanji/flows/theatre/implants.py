"""Implant records: said where in the body something is, and that it, or some pieces of it, came out again."""

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from uuid import UUID

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Draft, Refused, Status, Step, post, virtual_places

from ..acts import Done, moment, verb
from ..documents import allow, reached
from ..gates import check, place_at
from ..models import Case
from ..reasons import known
from ..things import Thing, lines
from .after import Implanted, check_implanted
from .cart import ROOMS
from .models import Implant
from .pieces import Part, lying, records_for, share_out


@verb
def describe_implant(
    *, actor: Actor, key: str, implant_id: int, site: str, side: str = "", surgeon: str = ""
) -> Done:
    """Say, or mend, where in the body something was put and by whom."""
    implant = implant_for(actor, implant_id, may="use", lock=True)
    allow("implant", "describe", number=implant.thing, state=implant.state, label=str(implant.state.label))
    if not site.strip():
        raise Refused("site_needed")
    check_implanted([Implanted(implant.thing, site, side)])
    implant.site, implant.side = site.strip(), side
    implant.surgeon = surgeon.strip() or implant.surgeon
    implant.save(update_fields=["site", "side", "surgeon"])
    return Done(implant.thing, implant.pk, "recorded")


def draft_explant(
    things: Sequence[Thing],
    *,
    key: str,
    place_id: int,
    case_number: str,
    patient_token: str,
    at: datetime,
    reason: str,
) -> Draft:
    """Things come out of a patient into a room. Pure but for the patient's place."""
    return Draft(
        step=Step.EXPLANT,
        key=key,
        happened_at=at,
        lines=lines(things, place_id, virtual_places().patient),
        documents={"case": case_number, "patient": patient_token},
        reason=reason,
        read_point_id=place_id,
    )


@verb
def explant(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    patient_token: str,
    case_number: str,
    things: Sequence[Thing],
    reason: str,
    happened_at: datetime | None = None,
) -> Done:
    """Record that units, or pieces of a lot, came out of the patient in whom they were. They can go to the maker or to the
    scrap bin, and never back to stock. Wherever a quantity is said to lie, it comes out of the patient.

    Raises :class:`Refused` for what no record puts into this patient, or not so much of it, for a case of another patient, and
    without a reason.
    """
    place = place_at(actor, place_id, may="use", kinds=ROOMS)
    if reason not in known("explant"):
        raise Refused("reason_needed")
    case, patient = case_number.strip(), patient_token.strip()
    if not case or not patient:
        raise Refused("case_needed")
    if Case.objects.filter(number=case).exclude(patient_token=patient).exists():
        raise Refused("other_patient", thing=case)
    given = lying(things, virtual_places().patient, Status.USED)
    inside = list(records_for(given, patient).filter(explant_event__isnull=True))
    parts = share_out(given, inside, "not_in_this_patient")
    draft = draft_explant(
        given, key=key, place_id=place.pk, case_number=case, patient_token=patient, at=moment(happened_at), reason=reason,
    )  # fmt: skip
    event_id = post(draft, actor=actor).event_id
    _came_out(parts, UUID(event_id))
    return Done(case, events=(event_id,))


def _came_out(parts: Sequence[Part], event_id: UUID) -> None:
    """What came out of a record says so; what of its pieces stays in the patient stays where it was. Two statements."""
    split = []
    for record, pieces in parts:
        gone = record
        if pieces < record.quantity:
            gone = copy(record)
            gone.pk, gone.quantity = None, pieces
            record.quantity -= pieces
            split.append(gone)
        gone.explant_event_id = event_id
        reached("implant", "explant", gone.state)
    Implant.objects.bulk_update([record for record, _pieces in parts], ["explant_event", "quantity"])
    Implant.objects.bulk_create(split)


def implant_for(actor: Actor, implant_id: int, *, may: str = "view_patient", lock: bool = False) -> Implant:
    """A record is seen where patients are seen: at the department of its case."""
    found = Implant.objects.select_related("unit", "case__department")
    found = found.select_for_update(of=("self",)) if lock else found
    implant = found.filter(pk=implant_id).first() if 0 < implant_id < 2**63 else None
    if implant is None:
        raise NotFound("implant")
    check(actor, [implant.case.department.path], may=may, thing=implant.thing)
    return implant
