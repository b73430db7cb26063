"""Used first, ordered later: order, receipt and use in one go, or none of it; and somebody else approves it afterwards."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.flows.buying import accountant, invoice
from tests.flows.site import person, soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import place, unique
from yanji.access.models import Role
from yanji.catalog.models import Licence
from yanji.flows.approval import approvals_of, decide
from yanji.flows.correction import take_back
from yanji.flows.inspecting.models import InspectionPlan, LotInspection
from yanji.flows.invoices.enter import Billed
from yanji.flows.invoices.payment import release_payment
from yanji.flows.models import PurchaseOrder, Receipt
from yanji.flows.models_approval import ApprovalRule
from yanji.flows.receive import Arrival
from yanji.flows.theatre.emergency import accept_refused, decide_emergency, use_first
from yanji.flows.theatre.models import ChargeLine, EmergencyUse, Implant
from yanji.flows.theatre.queries import undecided
from yanji.ledger.api import life_line, rebuild, unit_view


def first(room: Room, *arrivals, case=None, **fields):
    case = case or room.case()
    given = {
        "case_number": case.number, "patient_token": case.patient_token, "confirmed_by": case.patient_token,
        "supplier_id": room.here.h.supplier.pk, "department_id": room.here.h.department.pk, "reason": "life",
    }  # fmt: skip
    arrivals = arrivals or (room.here.arrival(),)
    return use_first(
        actor=fields.pop("actor", room.nurse), key=unique("e"), arrivals=list(arrivals), **{**given, **fields}
    )


def test_one_act_writes_order_receipt_and_use(room: Room) -> None:
    room.price(1200)
    room.here.h.item.implant = True
    room.here.h.item.save()
    arrival = room.here.arrival()
    done = first(room, arrival)
    order = PurchaseOrder.objects.get(number=done.facts["order"])
    assert (order.state, order.lines.get().price, order.deliver_to_id) == (
        "received",
        1200,
        room.here.h.department.pk,
    )
    assert Receipt.objects.get(number=done.facts["receipt"]).order_id == order.pk
    assert [passage.step for passage in life_line(arrival.epc)] == ["receive", "accept", "use"]
    unit = unit_view(arrival.epc)
    assert (unit.status, unit.owner_id, unit.cost) == ("used", None, 1200)
    assert ChargeLine.objects.get().amount == 1200
    assert Implant.objects.count() == 1
    emergency = EmergencyUse.objects.get()
    assert (emergency.state, emergency.amount) == ("awaiting", 1200)
    assert rebuild() == []


def test_pieces_of_a_lot_are_used_first_in_two_scans_of_one_label(room: Room) -> None:
    sutures, day = room.here.counted, soon(300)
    twice = [Arrival(sutures.pk, lot="B7", expiry=day, quantity=pieces) for pieces in (3, 2)]
    done = first(room, room.here.arrival(), *twice)
    assert sorted(
        line.quantity for line in PurchaseOrder.objects.get(number=done.facts["order"]).lines.all()
    ) == [1, 5]
    used = ChargeLine.objects.filter(item=sutures)
    assert [(line.quantity, line.lot.number) for line in used] == [(5, "B7")]
    assert rebuild() == []


def test_a_plan_of_inspection_holds_up_no_emergency(room: Room) -> None:
    InspectionPlan.objects.create(
        method="sampling", aql=Decimal("4.0"), points=["packaging"], edited_by_id=room.nurse.person_id
    )
    arrival = room.here.arrival()
    first(room, arrival)
    assert unit_view(arrival.epc).status == "used"
    assert not LotInspection.objects.exists()


def test_it_is_decided_by_somebody_else(room: Room) -> None:
    done = first(room)
    emergency = EmergencyUse.objects.get()
    self_appointed = replace(room.nurse, scopes={**room.nurse.scopes, "approve": ("/",)})

    def by(actor, approve=True):
        return decide_emergency(actor=actor, key=unique("d"), emergency_id=emergency.pk, approve=approve)

    refused("not_yours", lambda: by(room.nurse))
    refused("approval_by_requester", lambda: by(self_appointed))
    assert by(room.approver()).state == "approved"
    refused("document_closed", lambda: by(room.approver(), approve=False))
    assert done.state == "awaiting"


@pytest.mark.parametrize(("approve", "state"), [(True, "approved"), (False, "refused")])
def test_where_the_hospital_has_rules_their_steps_decide(room: Room, approve: bool, state: str) -> None:
    approver = room.approver()
    ApprovalRule.objects.create(
        kind="emergency_use", place=room.here.h.campus, role=Role.objects.get(code="approver"),
        edited_by_id=approver.person_id,
    )  # fmt: skip
    arrival = room.here.arrival()
    first(room, arrival)
    emergency = EmergencyUse.objects.get()
    refused(
        "approval_in_steps",
        lambda: decide_emergency(actor=approver, key=unique("d"), emergency_id=emergency.pk, approve=True),
    )
    [step] = approvals_of("emergency_use", emergency.pk)
    decide(actor=approver, key=unique("d"), approval_id=step.pk, approve=approve, comment="seen")
    assert EmergencyUse.objects.get().state == state
    # Refused or not, the patient has it.
    assert unit_view(arrival.epc).status == "used"


def bill(room: Room, arrival, done) -> tuple[int, Callable]:
    """The supplier's invoice for what was used first, and how to release its payment."""
    order = PurchaseOrder.objects.get(number=done.facts["order"])
    line = Billed(order.pk, room.here.h.item.pk, Decimal(1200), arrival.serial)
    found = invoice(room.here, accountant(room.here), [line])
    payer = accountant(room.here)
    return found.id, lambda: release_payment(actor=payer, key=unique("r"), invoice_id=found.id)


@pytest.mark.parametrize("approve", [True, False])
def test_it_is_paid_when_it_was_approved_or_accepted_for_a_reason(room: Room, approve: bool) -> None:
    room.price(1200)
    arrival = room.here.arrival()
    done = first(room, arrival)
    _invoice, release = bill(room, arrival, done)
    refused("payment_held", release)
    decide_emergency(actor=room.approver(), key=unique("d"), emergency_id=done.id, approve=approve)

    def accept(actor, reason="in the patient"):
        return accept_refused(actor=actor, key=unique("a"), emergency_id=done.id, reason=reason)

    if approve:
        refused("document_closed", lambda: accept(room.approver()))
    else:
        refused("payment_held", release)
        refused("not_yours", lambda: accept(room.nurse))
        refused("reason_needed", lambda: accept(room.approver(), reason=" "))
        assert accept(room.approver()).state == "accepted"
    assert release().state == "released"


def undone(room: Room, done) -> str:
    """The use of what was used first is taken back; the state of its paper."""
    take_back(actor=room.nurse, key=unique("b"), event_id=done.events[-1], reason="wrong_scan")
    return EmergencyUse.objects.get(pk=done.id).state


def test_taken_back_its_steps_end_and_its_payment_waits_for_a_reason(room: Room) -> None:
    room.price(1200)
    approver = room.approver()
    ApprovalRule.objects.create(
        kind="emergency_use", place=room.here.h.campus, role=Role.objects.get(code="approver"),
        edited_by_id=approver.person_id,
    )  # fmt: skip
    arrival = room.here.arrival()
    done = first(room, arrival)
    _invoice, release = bill(room, arrival, done)
    assert undone(room, done) == "voided"
    assert unit_view(arrival.epc).status == "available"
    [step] = approvals_of("emergency_use", done.id)
    assert step.state == "withdrawn"
    again = {"key": unique("d"), "approval_id": step.pk, "approve": True}
    refused("approval_decided", lambda: decide(actor=approver, **again))
    # The goods are here, and nobody who may has said that they are wanted.
    refused("payment_held", release)
    accept = {"key": unique("a"), "emergency_id": done.id, "reason": "kept for the next case"}
    assert accept_refused(actor=approver, **accept).state == "accepted"
    assert release().state == "released"


def test_what_was_approved_of_its_order_stands_without_the_use(room: Room) -> None:
    room.price(1200)
    arrival = room.here.arrival()
    done = first(room, arrival)
    _invoice, release = bill(room, arrival, done)
    decide_emergency(actor=room.approver(), key=unique("d"), emergency_id=done.id, approve=True)
    assert undone(room, done) == "approved"
    assert release().state == "released"


def test_what_no_rule_sends_to_anybody_waits_in_the_inbox_of_who_approves_there(room: Room) -> None:
    approver = room.approver()
    elsewhere = room.here.actor(person("approver", place("campus", room.here.h.campus.parent)))
    assert undecided(approver) == []
    done = first(room)
    assert [each.pk for each in undecided(approver)] == [done.id]
    assert undecided(elsewhere) == undecided(room.nurse) == []
    decide_emergency(actor=approver, key=unique("d"), emergency_id=done.id, approve=True)
    assert undecided(approver) == []


def test_it_is_all_or_nothing(room: Room) -> None:
    case, here = room.case(), room.here
    good, old = here.arrival(), here.arrival(expiry=soon(-1))
    refused("expired_on_arrival", lambda: first(room, good, old, case=case))
    refused("not_confirmed", lambda: first(room, case=case, confirmed_by="somebody"))
    refused("reason_needed", lambda: first(room, case=case, reason=""))
    refused("needs_label", lambda: first(room, here.arrival(epc=""), case=case))
    [known] = room.units(1)
    serial = unit_view(known).serial
    refused("duplicate_identity", lambda: first(room, here.arrival(serial=serial), case=case))
    today = timezone.localdate()
    Licence.objects.create(
        supplier=here.h.supplier, kind="device_trade", number="L", valid_from=today - timedelta(days=9),
        valid_to=today - timedelta(days=1),
    )  # fmt: skip
    refused("licence_lapsed", lambda: first(room, good, case=case))


def test_the_right_to_receive_lasts_for_the_emergency_only(room: Room) -> None:
    first(room)
    assert not room.nurse.may("receive")
    order = PurchaseOrder.objects.latest("id")
    assert order.actor_id == room.nurse.person_id
