"""The demo hospital lives every flow: at least one document in each state that is worth showing."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Count, F, Sum

from tests.demo.conftest import TODAY
from yanji.access.actor import actor_for
from yanji.access.models import Person, SharedDevice
from yanji.catalog.models import Item
from yanji.demo.tales.loans import KINDS
from yanji.flows.approval import waiting_for
from yanji.flows.models_approval import Approval
from yanji.flows.packing.contents import contents
from yanji.flows.printing.models import LabelTemplateChange
from yanji.flows.rfid.models import Reader
from yanji.flows.rfid.queries import explained, seen_by
from yanji.ledger.api import Status, Step, rebuild
from yanji.ledger.models import Event, Movement, Unit
from yanji.notify.models import Notification
from yanji.places.models import Kind

pytestmark = pytest.mark.django_db

STATES = {
    "ConsignmentAgreement": "running ended",
    "Approval": "approved refused waiting withdrawn",
    "Case": "planned open closed",
    "ChargeLine": "used charge_pending charged refund_pending refunded voided",
    "Contract": "draft waiting active ended",
    "Count": "open counted recount awaiting posted cancelled",
    "Disposal": "awaiting approved destroyed collected refused cancelled written_off",
    "EmergencyUse": "awaiting approved refused accepted voided",
    "Handover": "handed_on voided",
    "Invoice": "differs matched released voided",
    "Issue": "underway partly_taken_in taken_in voided",
    "IssueDifference": "open settled",
    "Lending": "lent owed settled declined cancelled",
    "LoanSetCycle": "entered voided",
    "LoanSet": "expected arrived sterilised in_theatre closed",
    "OpenedPiece": "open used_up discarded voided",
    "OfferedPaper": "offered entered refused withdrawn",
    "OrderChange": "waiting applied refused withdrawn",
    "PurchaseOrder": "draft waiting placed partly_received received closed cancelled",
    "PurchaseRequest": "waiting approved partly_ordered ordered refused closed",
    "Requisition": "awaiting requested picking picked issued closed",
    "SentAct": "accepted handed_on dropped settled",
    "Settlement": "draft confirmed voided",
    "ShipNotice": "announced partly arrived withdrawn",
    "CreditNote": "entered voided",
    "SupplierReturn": "awaiting requested authorised sent closed refused cancelled",
    "Wave": "open closed",
    "Transfer": "awaiting requested picking picked underway partly_arrived arrived closed refused cancelled",
}
# What has no states: there must be some of it.
KEPT = (
    "AgreementEnding AgreementItem AgreementVersion Attachment Attempt Box BoxedUnit CabinetCase CaseDifference CaseNeed "
    "ChargeEntry ConsignmentReceipt DeliveryPart DepartmentReturn DisposalVoid DoorEvent Finding FirstInvoice Hold Implant "
    "InspectionPlan KitLine KitPick BillChange LabelTemplate LabelTemplateChange LandedShare LineAnswer LotInspection "
    "Opening Override PackingAct ParLevel Passage Payable PieceUndone PreferenceCard Reader Remark RequestOrder "
    "RequisitionList Reservation ReservedLot SettleUp Shipment Taken TitleNote TransferDifference TransferOverride "
    "TwoInvoiceRule UnitCode UnitLook Variance"
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
    assert stateful == set(STATES)


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
    assert sorted(cases) == ["", "came_back", "credited", "explained"]


def test_readers_were_passed_a_device_is_shared_a_label_was_changed_and_matters_are_seen_to(
    hospital: None,
) -> None:
    """What hangs on walls and is carried about: by the verbs that readers, scan pages and people use."""
    gate, far, cabinet = Reader.objects.order_by("pk")
    passed = explained(
        seen_by(gate, since=gate.edited_at), actor_for(Person.objects.get(username="lead-main"), today=TODAY)
    )
    assert {each.passage.direction for each in passed} == {"in", "out"}
    assert [each.left_without_paper for each in passed].count(True) == 2
    assert far.heard_at < cabinet.heard_at < gate.heard_at
    assert SharedDevice.objects.filter(digest__isnull=False, place__code="MAIN-CATH").exists()
    assert [each.version for each in LabelTemplateChange.objects.order_by("pk")] == [1, 2]
    seen_to = Notification.objects.filter(state="acknowledged").exclude(note="")
    assert set(seen_to.values_list("kind", flat=True)) == {"expiring", "reader_silent", "recalled"}


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


def test_a_set_and_a_kit_hold_what_their_names_say(hospital: None) -> None:
    """A clinician stops believing where a knee set holds a hip."""
    models = apps.get_app_config("flows")
    named = {name: kind for kind in KINDS for name in kind.names}
    for loan in models.get_model("LoanSet").objects.prefetch_related("lines__item").select_related("case"):
        kind = named[loan.name]
        assert {line.item.code.partition("-")[0] for line in loan.lines.all()} <= set(kind.families)
        assert loan.case.procedure == kind.procedure
    bill = models.get_model("KitLine").objects.select_related("kit", "item")
    assert {(line.kit.code[:3], line.item.code.partition("-")[0]) for line in bill} == {
        ("PCK", "CGW"), ("PCK", "GC"), ("PCK", "SHT")
    }  # fmt: skip


def test_the_ledger_is_sound_after_all_that_was_taken_back(hospital: None) -> None:
    """Each kind of wrong entry was taken back by the flow that it belongs to, and nothing drifts."""
    taken_back = Event.objects.filter(corrected_by__isnull=False).values_list("step", flat=True)
    assert {
        Step.LEND, Step.ISSUE, Step.HAND_ON, Step.OPEN, Step.RECEIVE, Step.ACCEPT, Step.EXPLANT, Step.SEND_BACK, Step.SHIP,
        Step.USE,
    } <= set(taken_back)  # fmt: skip
    assert rebuild() == []


def test_a_delivery_taken_back_was_received_anew(hospital: None) -> None:
    receipts = apps.get_model("flows", "Receipt").objects
    [voided] = receipts.filter(voided_at__isnull=False)
    again = receipts.get(order=voided.order, voided_at=None)
    assert again.notice == voided.notice
    came = [each.lines.aggregate(pieces=Sum("accepted"))["pieces"] for each in (voided, again)]
    assert came[0] - came[1] == 1


def test_what_a_withdrawn_notice_named_came_under_another(hospital: None) -> None:
    notices = apps.get_model("flows", "ShipNotice").objects
    [withdrawn] = notices.filter(state="withdrawn")
    assert withdrawn.withdrawn_by.username == "supplier"
    [anew] = notices.filter(order=withdrawn.order, state="arrived")
    named = set(withdrawn.lines.values_list("epc", flat=True))
    assert named == set(anew.lines.values_list("epc", flat=True))
    assert not Unit.objects.filter(epc__in=named, status=Status.EXPECTED).exists()


def test_a_recall_was_ended_and_its_goods_given_free(hospital: None) -> None:
    [ended] = apps.get_model("flows", "LotRecall").objects.filter(ended_at__isnull=False)
    assert ended.lot.recall == ""
    assert ended.lot.units.exists()
    assert not ended.lot.units.filter(status__in=(Status.RECALLED, Status.QUARANTINED)).exists()


def test_stores_keep_goods_for_a_case_and_give_some_free_early(hospital: None) -> None:
    cases = apps.get_model("flows", "Case").objects.values_list("number", flat=True)
    asked = apps.get_model("flows", "Requisition").objects.filter(
        case_number__in=cases, store__code="MAIN-IS"
    )
    [kept] = apps.get_model("flows", "ReservedLot").objects.values_list("reserved_for", flat=True)
    assert kept in asked.values_list("number", flat=True)
    assert Unit.objects.filter(status=Status.RESERVED, reserved_for=kept).count() == 2
    [early] = Event.objects.filter(step=Step.UNRESERVE, reason="not_needed")
    kept_before = Event.objects.filter(step=Step.RESERVE, movements__unit__in=early.movements.values("unit"))
    assert kept_before.first().documents["requisition"] in asked.values_list("number", flat=True)
    assert early.movements.count() == 2


def test_wrong_papers_were_voided_and_entered_anew(hospital: None) -> None:
    """A maker's invoice, a certificate, a write-off, and a month's settlement."""
    models = apps.get_app_config("flows")
    [first] = models.get_model("FirstInvoice").objects.filter(voided_at__isnull=False)
    assert models.get_model("FirstInvoice").objects.filter(
        receipt=first.receipt, voided_at=None, verified_at__isnull=False
    )
    voids = models.get_model("DisposalVoid").objects.order_by("what")
    assert [(void.what, void.disposal.state) for void in voids] == [
        ("certificate", "collected"),
        ("write_off", "written_off"),
    ]
    settlements = models.get_model("Settlement").objects
    [voided] = settlements.filter(state="voided")
    anew = settlements.get(agreement=voided.agreement, month=voided.month, state="confirmed")
    assert set(voided.kept_lines.all()) == set(anew.lines.all()) != set()


def test_units_without_a_serial_were_labelled_before_they_were_received(hospital: None) -> None:
    """By the verb, lot by lot: no label is left over, and each says what lies under it."""
    labels = {label.epc: label for label in apps.get_model("flows", "Label").objects.all()}
    units = Unit.objects.filter(item__maker_serial=False, item__tracking="unit").select_related("lot")
    assert {unit.epc for unit in units} == labels.keys()
    assert all(
        (unit.serial, unit.item_id, unit.lot.number, unit.lot.expiry)
        == (labels[unit.epc].number, labels[unit.epc].item_id, labels[unit.epc].lot, labels[unit.epc].expiry)
        for unit in units
    )
    received = Movement.objects.filter(event__step=Step.RECEIVE, unit__epc__in=labels)
    scanned = received.values_list("unit__epc", "event__happened_at")
    assert all(labels[epc].assigned_at < at for epc, at in scanned)
    acts = apps.get_model("flows", "Act").objects.filter(verb="assign_labels")
    assert sum(len(act.answer["facts"]["labels"]) for act in acts) == len(labels) > 0


def of(model: str) -> Any:
    return apps.get_model("flows", model).objects


def test_wrong_entries_of_every_kind_were_taken_back(hospital: None) -> None:
    """A cost, a supplier's delivery, a part of a vial, a lending's return, charges; a draft was thrown away."""
    assert of("LandedCost").filter(voided_at__isnull=False, receipt__landed_costs__voided_at=None).exists()
    [consigned] = of("ConsignmentReceipt").filter(voided_at__isnull=False)
    assert consigned.agreement.receipts.filter(dock__code="MAIN-BOR", voided_at=None).exists()
    assert of("PieceUndone").filter(part__isnull=False).exists()
    [refused] = of("SettleUp").filter(voided_at__isnull=False)
    assert refused.lending.state == "settled"
    acts = set(of("Act").values_list("verb", flat=True))
    assert {"discard_settlement", "withdraw_charges", "unpick_transfer", "mark_expired"} <= acts


def test_stores_work_by_tags_by_arrival_blind_and_stop_halfway(hospital: None) -> None:
    swept = of("Count").get(mode="sweep", state="posted")
    assert set(swept.scans.values_list("how", flat=True)) == {"tag"}
    assert of("Receipt").filter(blind=True).exists()
    assert of("Wave").filter(policy="fifo", state="closed").exists()
    assert "close_wave" in set(of("Act").values_list("verb", flat=True))


def test_a_theatre_asked_the_store_for_a_case_and_used_what_was_held(hospital: None) -> None:
    asked = of("Act").get(verb="ask_for_case").answer
    assert of("Requisition").get(pk=asked["id"]).case_number in of("Case").values_list("number", flat=True)
    [despite] = of("EmergencyUse").filter(order=None)
    assert (despite.state, [each["code"] for each in despite.against]) == ("approved", ["on_hold"])


def test_an_agreement_has_terms_of_two_periods(hospital: None) -> None:
    versions = of("AgreementVersion").values("agreement").annotate(times=Count("pk"))
    assert max(row["times"] for row in versions) == 2


def test_whatever_is_kept_for_somebody_was_reserved_by_the_verb(hospital: None) -> None:
    kept = of("Act").filter(verb="reserve").count()
    assert kept == Event.objects.filter(step=Step.RESERVE).count() > 5


def test_states_that_follow_from_what_happened_are_met(hospital: None) -> None:
    """An answer on which the buyer insisted, a kit put back and handed over, an implant that was never one."""
    assert {"accepted", "refused", "open"} <= set(of("LineAnswer").values_list("settled", flat=True))
    assert {"put_back", "issued"} <= set(of("KitPick").values_list("outcome", flat=True))
    [emergency] = of("EmergencyUse").filter(state="voided")
    assert [line.state for line in of("ChargeLine").filter(case=emergency.case)] == ["voided"]
    assert {implant.state for implant in of("Implant").all()} == {"implanted", "explanted", "voided"}


EDITED = (
    "adopt_unknown edit_rule set_rule_active add_reason rename_reason move_reason set_reason_active set_rules drop_two_invoice "
    "edit_inspection_plan take_code drop_level drop_list change_case send_order withdraw"
).split()


@pytest.mark.parametrize("verb", EDITED)
def test_what_people_keep_themselves_was_put_right_once(hospital: None, verb: str) -> None:
    assert of("Act").filter(verb=verb).exists()


def test_what_was_put_right_stands_as_it_was_left(hospital: None) -> None:
    [rule] = of("ApprovalRule").filter(active=False)
    assert (rule.level, rule.from_amount) == (2, 600_000)
    reasons = of("ReasonCode").filter(group="hold")
    assert reasons.get(code="temperature_doubt").name_en.startswith("Carried or kept")
    assert not reasons.get(code="label_reprint").active
    assert Item.objects.get(provisional=True).name_zh.startswith("可调弯鞘管")
    [off] = of("UnitCode").filter(released_at__isnull=False)
    assert (off.reason, off.released_by.username) == ("wrong_unit", "lead-main")
    [file] = of("Withdrawal").all()
    assert of("DisposalVoid").filter(what="certificate", disposal=file.attachment.document_id).exists()
