"""The demo hospital lives every flow: at least one document in each state that is worth showing."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db.models import Count, F

from tests.demo.conftest import TODAY
from yanji.access.actor import actor_for
from yanji.access.models import Person
from yanji.flows.approval import waiting_for
from yanji.flows.models_approval import Approval
from yanji.flows.packing.contents import contents
from yanji.ledger.api import Step
from yanji.ledger.models import Event, Movement
from yanji.places.models import Kind

pytestmark = pytest.mark.django_db

STATES = {
    "Approval": "approved refused waiting withdrawn",
    "Case": "planned open closed",
    "ChargeLine": "used charge_pending charged refund_pending refunded",
    "Contract": "draft waiting active ended",
    "Count": "open counted recount awaiting posted cancelled",
    "Disposal": "awaiting approved destroyed collected refused cancelled written_off",
    "EmergencyUse": "awaiting approved refused",
    "Handover": "handed_on",
    "Invoice": "differs matched released voided",
    "Issue": "underway partly_taken_in taken_in",
    "IssueDifference": "open settled",
    "Lending": "lent owed settled",
    "LoanSet": "expected arrived sterilised in_theatre closed",
    "OpenedPiece": "open used_up discarded",
    "OfferedPaper": "offered entered refused",
    "OrderChange": "waiting applied",
    "PurchaseOrder": "draft waiting placed partly_received received closed cancelled",
    "PurchaseRequest": "waiting approved partly_ordered ordered refused closed",
    "Requisition": "awaiting requested picking picked issued closed",
    "Settlement": "draft confirmed",
    "ShipNotice": "announced arrived",
    "CreditNote": "entered voided",
    "SupplierReturn": "awaiting requested authorised sent closed refused cancelled",
    "Wave": "open closed",
    "Transfer": "awaiting requested picking picked underway partly_arrived arrived closed refused cancelled",
}
# What has no states: there must be some of it.
KEPT = (
    "AgreementItem Attachment Attempt Box BoxedUnit CabinetCase CaseDifference CaseNeed ChargeEntry "
    "ConsignmentReceipt DeliveryPart DepartmentReturn DoorEvent Finding FirstInvoice Hold Implant "
    "InspectionPlan KitLine KitPick BillChange LandedShare LineAnswer LotInspection Opening Override PackingAct ParLevel "
    "Payable PreferenceCard Remark RequestOrder RequisitionList SettleUp Shipment Taken TitleNote "
    "TransferDifference TransferOverride TwoInvoiceRule UnitLook Variance"
).split()


def test_what_is_rejected_at_a_dock_lies_in_quarantine(hospital: None) -> None:
    rejected = Movement.objects.filter(event__step=Step.REJECT, from_place__kind=Kind.DOCK)
    assert rejected.exists()
    assert not rejected.exclude(to_place__quarantine=True).exists()


@pytest.mark.parametrize("document", STATES)
def test_every_state_of_every_document_is_met(hospital: None, document: str) -> None:
    there = set(apps.get_model("flows", document).objects.values_list("state", flat=True))
    assert set(STATES[document].split()) - there == set()


def test_whatever_has_states_is_asked_for() -> None:
    models = apps.get_app_config("flows").get_models()
    stateful = {
        model.__name__ for model in models if any(each.name == "state" for each in model._meta.fields)
    }
    assert stateful - set(STATES) == set()


@pytest.mark.parametrize("model", KEPT)
def test_every_other_record_is_met(hospital: None, model: str) -> None:
    assert apps.get_model("flows", model).objects.exists()


def test_every_kind_of_document_was_put_to_approval(hospital: None) -> None:
    assert set(Approval.objects.values_list("kind", flat=True)) == {
        "contract", "count", "emergency_use", "order", "purchase_request", "requisition", "scrap", "supplier_return", "transfer",
    }  # fmt: skip


@pytest.mark.parametrize("username", ["manager", "approver"])
def test_something_waits_for_who_approves(hospital: None, username: str) -> None:
    actor = actor_for(Person.objects.get(username=username), today=TODAY)
    assert len(waiting_for(actor)) >= 3


def test_it_was_written_down_when_it_happened_or_some_hours_later(hospital: None) -> None:
    """Two times on every entry, both imagined: night shifts and a campus without network were entered later."""
    apart = Event.objects.annotate(late=F("recorded_at") - F("happened_at"))
    assert not apart.filter(late__lt=timedelta(0)).exists()
    assert not apart.filter(late__gt=timedelta(days=4)).exists()
    assert apart.filter(late__gt=timedelta(hours=1)).exists()


def test_ids_follow_time(hospital: None) -> None:
    """Lists show the latest first by id: what the tales made stands where it belongs among the daily work."""
    orders = (
        apps.get_model("flows", "PurchaseOrder")
        .objects.order_by("pk")
        .values_list("created_at__date", flat=True)
    )
    days = list(orders)
    assert days == sorted(days)


def test_nobody_approved_what_they_asked_for(hospital: None) -> None:
    assert not Approval.objects.filter(decided_by=F("requester")).exists()


def test_attempts_of_several_kinds_were_kept(hospital: None) -> None:
    codes = apps.get_model("flows", "Attempt").objects.values("code").annotate(times=Count("pk"))
    assert {row["code"] for row in codes} >= {
        "already_used",
        "not_yours",
        "other_patient",
        "others",
        "witness_is_actor",
    }


def test_smart_cabinets_reported_and_what_nobody_could_enter_was_looked_into(hospital: None) -> None:
    """Taken and brought back by a badge; entered for somebody, explained, and one case open."""
    doors = apps.get_model("flows", "DoorEvent").objects.filter(kind="closed", person__isnull=False)
    assert doors.filter(taken__gt=0, put_back=0).count() >= 6
    assert doors.filter(put_back__gt=0, taken=0).count() >= 6
    cases = apps.get_model("flows", "CabinetCase").objects.values_list("outcome", flat=True)
    assert sorted(cases) == ["", "credited", "explained"]


def test_settlements_are_invoiced_by_their_suppliers_and_by_the_buyer(hospital: None) -> None:
    """Paid, waiting for release, and dearer than what was settled; the supplier's own person wrote some."""
    invoices = apps.get_model("flows", "Invoice").objects.filter(lines__settlement__isnull=False).distinct()
    assert set(invoices.values_list("state", flat=True)) == {"released", "matched", "differs"}
    assert set(invoices.filter(entered_by__username="supplier").values_list("state", flat=True)) == {
        "released",
        "matched",
    }
    results = invoices.filter(state="differs").values_list("lines__result", flat=True)
    assert "price_differs" in set(results)


def test_kits_are_built_in_one_place_and_sent_whole(hospital: None) -> None:
    models = apps.get_app_config("flows")
    [arrived] = models.get_model("KitArrival").objects.exclude(counted="")
    assert (arrived.counted, arrived.kit.outcome) == ("arrived", "issued")
    boxes = contents(list(models.get_model("Box").objects.filter(kind="kit").values_list("code", flat=True)))
    assert len(boxes) >= 4
    assert [box.code for box in boxes.values() if box.pieces_out] == []
