"""Implant records: said where in the body something is, and that a unit came out again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Draft, Offence, Refused, Step, post, virtual_places

from ..acts import Done, moment, verb
from ..documents import allow, reached
from ..gates import check, place_at
from ..reasons import known
from ..things import lines
from .after import Implanted, check_implanted
from .cart import ROOMS
from .models import Implant


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
    epcs: Sequence[str],
    *,
    key: str,
    place_id: int,
    case_number: str,
    patient_token: str,
    at: datetime,
    reason: str,
) -> Draft:
    """Units come out of a patient into a room. Pure but for the patient's place."""
    return Draft(
        step=Step.EXPLANT,
        key=key,
        happened_at=at,
        lines=lines(epcs, place_id, virtual_places().patient),
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
    epcs: Sequence[str],
    reason: str,
    happened_at: datetime | None = None,
) -> Done:
    """Record that units came out of the patient in whom they were. They can go to the maker or to the scrap bin, and
    never back to stock.

    Raises :class:`Refused` for a unit that no record puts into this patient, and without a reason.
    """
    place = place_at(actor, place_id, may="use", kinds=ROOMS)
    if reason not in known("explant"):
        raise Refused("reason_needed")
    if not case_number.strip() or not patient_token.strip():
        raise Refused("case_needed")
    given = list(dict.fromkeys(epcs))
    records = {
        record.unit.epc: record
        for record in Implant.objects.select_for_update(of=("self",))
        .select_related("unit")
        .filter(unit__epc__in=given, voided_at__isnull=True, explant_event__isnull=True)
        .order_by("id")
    }
    offences = [
        Offence("not_in_this_patient", epc)
        for epc in given
        if epc not in records or records[epc].patient_token != patient_token.strip()
    ]
    if offences:
        raise Refused.of(offences)
    draft = draft_explant(
        given, key=key, place_id=place.pk, case_number=case_number.strip(), patient_token=patient_token.strip(),
        at=moment(happened_at), reason=reason,
    )  # fmt: skip
    event_id = post(draft, actor=actor).event_id
    for record in records.values():
        record.explant_event_id = UUID(event_id)
        reached("implant", "explant", record.state)
    Implant.objects.bulk_update(records.values(), ["explant_event"])
    return Done(case_number.strip(), events=(event_id,))


def implant_for(actor: Actor, implant_id: int, *, may: str = "view_patient", lock: bool = False) -> Implant:
    """A record is seen where patients are seen: at the department of its case."""
    found = Implant.objects.select_related("unit", "case__department")
    found = found.select_for_update(of=("self",)) if lock else found
    implant = found.filter(pk=implant_id).first() if 0 < implant_id < 2**63 else None
    if implant is None:
        raise NotFound("implant")
    check(actor, [implant.case.department.path], may=may, thing=implant.thing)
    return implant
