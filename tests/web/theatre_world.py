"""One of everything that the theatre's and the suppliers' pages show: a card, an implant, an emergency, a loan set."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tests.flows.buying import accountant
from tests.flows.site import Site
from tests.flows.theatre.room import Room, last_month
from tests.makers import unique
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.loans import Listed, expect_set
from yanji.flows.consign.models import ConsignmentReceipt, LoanSetCycle
from yanji.flows.consign.settle import confirm_settlement, draft_settlement
from yanji.flows.models_recall import LotRecall
from yanji.flows.theatre.after import Implanted
from yanji.flows.theatre.cards import Need, save_card
from yanji.flows.theatre.emergency import use_first
from yanji.flows.theatre.explanted import hand_on
from yanji.flows.theatre.implants import explant
from yanji.flows.theatre.models import ChargeLine, Implant
from yanji.ledger.models import Unit


def theatre_samples(here: Site) -> dict[str, Any]:
    """The ids of one of each, made at the small hospital."""
    room, h = Room(here), here.h
    agreement = room.agreement(items=[Kept(h.item.pk, Decimal(1200), 6)])
    [epc] = room.consigned(lot="L9", ago=80)
    case = room.case()
    at = timezone.now().replace(year=last_month().year, month=last_month().month, day=15)
    room.use(case, epc, implants=[Implanted(epc, "LAD", "left")], happened_at=at)
    settlement = draft_settlement(
        actor=room.buyer, key=unique("s"), agreement_id=agreement.id, month=last_month()
    )
    confirm_settlement(actor=accountant(here), key=unique("s"), settlement_id=settlement.id)
    card = save_card(
        actor=room.nurse, key=unique("k"), department_id=h.department.pk, procedure="TAVI", needs=[Need(h.item.pk, 1)]
    )  # fmt: skip
    emergency = use_first(
        actor=room.nurse, key=unique("e"), department_id=h.department.pk, case_number=case.number,
        patient_token=case.patient_token, confirmed_by=case.patient_token, supplier_id=h.supplier.pk, reason="life",
        arrivals=[here.arrival(lot="L9")],
    )  # fmt: skip
    loan = expect_set(
        actor=room.keeper, key=unique("l"), supplier_id=h.supplier.pk, department_id=h.department.pk, set_name="Set",
        due_on=timezone.localdate() - timedelta(days=1), listed=[Listed(h.item.pk, 1)],
    )  # fmt: skip
    cycle = LoanSetCycle.objects.create(
        loan_set_id=loan.id, cycle="C-1", sterilised_at=timezone.now(), sterilised_by_id=room.keeper.person_id
    )
    # First to expire, so that it is the one in turn.
    [out] = room.units(1, lot="L10", expiry=timezone.localdate() + timedelta(days=5))
    room.use(case, out, implants=[Implanted(out, "RCA")])
    explant(
        actor=room.nurse, key=unique("x"), place_id=h.department.pk, patient_token=case.patient_token,
        case_number=case.number, things=[out], reason="infection",
    )  # fmt: skip
    LotRecall.objects.create(lot=Unit.objects.get(epc=out).lot, notice="RN-10", actor=here.storekeeper)
    handed = hand_on(
        actor=room.nurse, key=unique("x"), place_id=h.department.pk, things=[out], handed_to="Family",
        patient_token=case.patient_token,
    )  # fmt: skip
    return {
        "consigned_id": ConsignmentReceipt.objects.get().pk,
        "handover_id": handed.id,
        "agreement_id": agreement.id,
        "settlement_id": settlement.id,
        "card_id": card.id,
        "emergency_id": emergency.id,
        "loan_set_id": loan.id,
        "cycle_id": cycle.pk,
        "implant_id": Implant.objects.filter(case=case).earliest("id").pk,
        "line_id": ChargeLine.objects.filter(case=case).earliest("id").pk,
    }
