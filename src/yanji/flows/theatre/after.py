"""What follows from a use, in its own transaction: it stands on the case's account, title passes, a charge line is
written, and what stays in the patient is recorded. Taken back, all of it goes with the use, or the use stays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused, Step
from yanji.ledger.models import Event

from ..consign.reopening import closed_sets, reopen_sets
from ..consign.title import Moved, lock_notes, moved, pass_title, take_title_back
from ..documents import DOCUMENT_MOVES, reached
from ..models import Case
from ..states import CaseState, ChargeState, HandoverState
from .despite import paper_taken_back
from .models import CaseEvent, ChargeLine, HandoverLine, Implant, Side

Finish = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Implanted:
    """Where in the body a unit was put. ``side``: a value of :class:`Side`."""

    epc: str
    site: str = ""
    side: str = ""


def check_implanted(implants: Sequence[Implanted]) -> None:
    """Raises :class:`Refused` for a side that a body does not have. Pure."""
    offences = [Offence("bad_side", each.epc) for each in implants if each.side not in Side.values]
    if offences:
        raise Refused.of(offences)


def after_use(
    case: Case, event_id: str, *, actor: Actor, at: datetime, implants: Sequence[Implanted] = ()
) -> dict[str, Any]:
    """Account, title, charge lines, implant records. A constant number of statements."""
    CaseEvent.objects.create(case=case, event_id=event_id)
    things = moved(event_id)
    owed = pass_title(event_id, things, actor=actor, place=case.department, at=at, case_number=case.number)
    # What was agreed to cost nothing is not charged.
    paid = [thing for thing in things if owed.get((thing.name, thing.owner_id)) != 0]
    ChargeLine.objects.bulk_create(_charge(case, event_id, thing, owed, at) for thing in paid)
    places = {each.epc: each for each in implants}
    stays = [thing for thing in things if thing.implant or thing.name in places]
    Implant.objects.bulk_create(_implant(case, event_id, thing, places, at) for thing in stays)
    return {
        "title_passed": sum(thing.quantity for thing in things if thing.owner_id),
        "site_missing": [thing.name for thing in stays if not places.get(thing.name, Implanted("")).site],
    }


def _charge(
    case: Case, event_id: str, thing: Moved, owed: Mapping[tuple[str, int | None], Decimal], at: datetime
) -> ChargeLine:
    """What was paid, or is owed, is what the patient pays: consumables carry no mark-up."""
    price = owed.get((thing.name, thing.owner_id))
    amount = thing.value if price is None else price * thing.quantity
    return ChargeLine(
        case=case, event_id=event_id, unit_id=thing.unit_id, lot_id=thing.lot_id, item_id=thing.item_id,
        quantity=thing.quantity, amount=amount, used_at=at,
    )  # fmt: skip


def _implant(
    case: Case, event_id: str, thing: Moved, places: Mapping[str, Implanted], at: datetime
) -> Implant:
    put = places.get(thing.name, Implanted(thing.name))
    return Implant(
        unit_id=thing.unit_id, lot_id=thing.lot_id, quantity=thing.quantity, case=case, event_id=event_id,
        patient_token=case.patient_token, site=put.site.strip(), side=put.side, surgeon=case.operator, implanted_at=at,
    )  # fmt: skip


def after_waste(case: Case, event_id: str, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """What a supplier owned and a case wasted is owed; no patient is charged for it."""
    things = moved(event_id)
    pass_title(event_id, things, actor=actor, place=case.department, at=at, case_number=case.number)
    return {"title_passed": sum(thing.quantity for thing in things if thing.owner_id)}


def taking_back(event: Event) -> Finish | None:
    """For ``correction``: lock the case and all that followed from its entry, or refuse with the way out.

    A charge that stands must be refunded first: the patient's bill is not changed behind the cashier's back.
    """
    link = CaseEvent.objects.filter(event=event).first()
    if link is None:
        return None
    case = Case.objects.select_for_update().get(pk=link.case_id)
    notes = lock_notes(event.pk) if event.step in (Step.USE, Step.WASTE) else []
    charges = _charges(event) if event.step == Step.USE else []
    sets = closed_sets(event) if event.step in (Step.USE, Step.WASTE) else []
    implants = _implants(event) if event.step == Step.USE else []
    void_paper = paper_taken_back(event) if event.step == Step.USE else None

    def finish(correcting: str) -> None:
        now = timezone.now()
        take_title_back(notes, at=now)
        reopen_sets(sets)
        if event.step == Step.USE:
            ChargeLine.objects.filter(pk__in=[line.pk for line in charges]).update(
                state=reached("charge", "take_back", ChargeState.VOIDED)
            )
            for record in implants:
                record.voided_at = now
                reached("implant", "take_back", record.state)
            Implant.objects.bulk_update(implants, ["voided_at"])
        if void_paper:
            void_paper(correcting)
        case.state = reached("case", "take_back", CaseState.OPEN)
        case.save(update_fields=["state"])

    return finish


def _implants(event: Event) -> list[Implant]:
    """The records of a use. Raises :class:`Refused` where some of it came out again since: of pieces of a lot the ledger would
    take another patient's back."""
    found = Implant.objects.select_for_update(of=("self",)).select_related("unit")
    records = list(found.filter(event=event, voided_at=None).order_by("id"))
    offences = [Offence("moved_on", each.thing) for each in records if each.explant_event_id]
    if offences:
        raise Refused.of(offences)
    return records


def _charges(event: Event) -> list[ChargeLine]:
    lines = list(
        ChargeLine.objects.select_for_update(of=("self",))
        .select_related("item")
        .filter(event=event)
        .exclude(state=ChargeState.VOIDED)
        .order_by("id")
    )
    may = DOCUMENT_MOVES["charge", "take_back"].sources
    offences = [Offence("charge_stands", line.item.name) for line in lines if line.state not in may]
    if offences:
        raise Refused.of(offences)
    return lines


def explant_taken_back(event: Event) -> Finish | None:
    """What was said to have come out of the patient is in there still; a part of a record stays a record of its own.

    Raises :class:`Refused` where it was handed on since: of pieces of a lot the ledger would put another patient's back.
    """
    found = Implant.objects.select_for_update(of=("self",)).select_related("unit")
    records = list(found.filter(explant_event=event).order_by("id"))
    standing = HandoverLine.objects.filter(implant__in=records, handover__state=HandoverState.HANDED_ON)
    gone = set(standing.values_list("implant_id", flat=True))
    if offences := [Offence("moved_on", each.thing) for each in records if each.pk in gone]:
        raise Refused.of(offences)

    def finish(_correcting: str) -> None:
        for record in records:
            record.explant_event = None
            reached("implant", "put_back", record.state)
        Implant.objects.bulk_update(records, ["explant_event"])

    return finish
