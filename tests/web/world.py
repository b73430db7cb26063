"""A small hospital in the middle of its day: something ordered, announced, received, asked for, under way, used."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from tests.flows.buying import billed, contract, invoice, line_of, supplier_person, today
from tests.flows.files import png
from tests.flows.site import Site, person, site
from tests.flows.transferring import way
from tests.flows.vials import opened, ward_lot
from tests.makers import everything, place, unique
from tests.makers import person as anybody
from tests.web.shared_world import shared_device
from tests.web.theatre_world import theatre_samples
from yanji.access.models import Person, Role
from yanji.catalog.models import Maker, Price, Supplier
from yanji.flows.acts import Done
from yanji.flows.announced import Announced
from yanji.flows.approval import approvals_of, ask
from yanji.flows.approval_rules import add_rule
from yanji.flows.buying.answers import answer_line
from yanji.flows.buying.requests import Needed, ask_for_purchase
from yanji.flows.cabinets.models import CabinetCase
from yanji.flows.cabinets.report import door_closed
from yanji.flows.counting.count import start_count
from yanji.flows.counting.scan import Read, record
from yanji.flows.differing.models import IssueDifference
from yanji.flows.disposal.ask import ask_scrap
from yanji.flows.giveback import give_back
from yanji.flows.import_papers import keep_import_paper
from yanji.flows.inspecting.models import InspectionPlan
from yanji.flows.invoices.first import enter_first_invoice
from yanji.flows.issue import issue, take_in
from yanji.flows.labelling import assign_labels
from yanji.flows.landed.spread import add_cost
from yanji.flows.lending.lend import lend
from yanji.flows.models import Receipt
from yanji.flows.models_reasons import ReasonCode
from yanji.flows.opened.models import Taken
from yanji.flows.opened.piece import take
from yanji.flows.packing.pack import pack
from yanji.flows.pick import pick
from yanji.flows.portal.papers import offer_paper
from yanji.flows.printing.keep import save_template, shipped
from yanji.flows.putaway import put_away
from yanji.flows.requisition import Wanted
from yanji.flows.reserving.reserve import reserve
from yanji.flows.rfid.heard import hear, mishear
from yanji.flows.rfid.readers import enter_reader
from yanji.flows.rfid.sightings import Read as Sighted
from yanji.flows.sendback.ask import ask_supplier_return
from yanji.flows.sendback.models import CreditNote
from yanji.flows.ship_notice import announce
from yanji.flows.supply.levels import Kept, set_levels
from yanji.flows.supply.lists import save_list
from yanji.flows.supply.models import ParLevel
from yanji.flows.trail import attach
from yanji.flows.use import use
from yanji.flows.waves.pick import start_wave
from yanji.ledger.api import life_line, unit_view
from yanji.notify.look import look
from yanji.notify.models import Delivery, Hook, Notification, Rule
from yanji.places.models import Kind
from yanji.sheets.models import ImportBatch


@dataclass(frozen=True)
class World:
    """The site, who looks at it, and one of everything that has a page of its own."""

    site: Site
    people: dict[str, Person | None]
    samples: dict[str, Any]
    used: str  # identity of a unit used on a patient
    stored: str  # identity of a unit in the store


def world() -> World:
    here = site()
    came = delivered(here)
    theirs = supplier_person(here)
    return World(
        site=here,
        people=people(here, theirs),
        samples={
            **came.samples,
            **used_by_the_ward(here, came.epcs),
            **opened_in_the_ward(here),
            **reader_at_the_door(here),
            **bought_and_charged(here, came),
            **counted_packed_and_labelled(here, came.epcs),
            **set_down(here, came.open_order),
            **sent_by_the_supplier(here, theirs),
            **asked_for_approval(here, came.open_order),
            **moved_and_set_aside(here),
            **lent_to_a_neighbour(here),
            **kept_for_a_ward(here),
            **kept_and_listed(here),
            **inspected(here),
            **came_otherwise(here),
            **given_back(here),
            **walked_together(here),
            **left_a_cabinet(here),
            **theatre_samples(here),
            **master_data(here),
            **told_to_people(here),
            **nowhere(),
        },
        used=came.epcs[0],
        stored=came.epcs[-1],
    )


def people(here: Site, theirs: Person) -> dict[str, Person | None]:
    """Who looks at the site: the roles that work at it, its supplier, and those who should see nothing of it."""
    return {
        "visitor": None,
        "nobody": anybody(),
        "elsewhere": person("storekeeper", place(Kind.CAMPUS)),
        "storekeeper": here.storekeeper,
        "nurse": here.nurse,
        "buyer": here.buyer,
        "manager": person("manager", here.h.campus),
        "administrator": person("administrator", here.h.campus),
        "accountant": person("accountant", here.h.campus),
        "approver": person("approver", here.h.campus),
        "quality": person("quality", here.h.campus),
        "auditor": person("auditor", here.h.campus),
        "supplier": theirs,
        "rival": supplier_person(here, Supplier.objects.create(code=unique("RIVAL"), name_zh="对手").pk),
    }


@dataclass(frozen=True)
class Delivered:
    """What came in the morning: an order that is received, and one that is announced."""

    order: Done
    open_order: Done
    receipt: Done
    epcs: list[str]
    samples: dict[str, Any]


def delivered(here: Site) -> Delivered:
    h = here.h
    order, open_order = here.order((h.item, 8)), here.order((h.item, 3))
    notice = announce(
        actor=here.keeper,
        key=unique("k"),
        order_id=open_order.id,
        lines=[Announced(h.item.pk, unique("S"), "L9", timezone.localdate() + timedelta(days=500))],
    )
    # A lot of their own: its number leads straight to its page.
    arrivals = [here.arrival(lot="L-DAY", expiry=timezone.localdate() + timedelta(days=20)) for _ in range(6)]
    receipt = here.receive(order, *arrivals)
    samples = {"order_id": order.id, "notice_id": notice.id, "receipt_id": receipt.id}
    return Delivered(order, open_order, receipt, [arrival.epc for arrival in arrivals], samples)


def used_by_the_ward(here: Site, epcs: list[str]) -> dict[str, Any]:
    """A requisition, what was issued on it, and one unit of that used on a patient."""
    h = here.h
    wanted = here.requisition((h.item, 4))
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=epcs[:4])
    issued = issue(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=epcs[:3])
    take_in(actor=here.ward, key=unique("k"), issue_id=issued.id, to_place_id=h.cabinet.pk, things=epcs[:2])
    used = use(
        actor=here.ward, key=unique("k"), things=epcs[:1], case_number="CASE-1", patient_token="PT-000001",
        confirmed_by="PT-000001", department_id=h.department.pk, procedure="PCI", operator="Dr",
    )  # fmt: skip
    unit = unit_view(epcs[0])
    assert unit is not None
    return {
        "requisition_id": wanted.id,
        "issue_id": issued.id,
        "case_id": used.id or 1,
        "event_id": life_line(epcs[-1])[-1].event_id,
        "epc": epcs[0],
        "lot_id": unit.lot_id,
    }


def counted_packed_and_labelled(here: Site, epcs: list[str]) -> dict[str, Any]:
    """A count under way, a box, and a sheet of labels."""
    h = here.h
    count = start_count(actor=here.keeper, key=unique("k"), place_id=h.store.pk)
    record(actor=here.keeper, count_id=count.id, reads=[Read(epcs[-1], "scan-1")])
    box = pack(
        actor=here.keeper, key=unique("k"), place_id=h.store.pk, kind="box", things=here.stocked(1, lot="L8")
    )
    labels = assign_labels(
        actor=here.keeper, key=unique("k"), place_id=h.store.pk, item_id=h.item.pk, count=1, lot="L1"
    )
    return {
        "count_id": count.id,
        "box": box.number,
        "first": labels.facts["labels"][0]["number"],
        "count": 1,
    }


def set_down(here: Site, open_order: Done) -> dict[str, Any]:
    """What the office set down: a paper of an order, a price, and a sheet that is to be read in."""
    paper = attach(
        actor=here.keeper,
        key=unique("k"),
        kind="order",
        document_id=open_order.id,
        file_name="note.txt",
        content=b"x",
    )
    price = Price.objects.create(
        item=here.h.item,
        supplier=here.h.supplier,
        amount=100,
        valid_from=timezone.localdate() - timedelta(days=90),
    )
    batch = ImportBatch.objects.create(
        kind="items",
        file_name="items.csv",
        digest="0" * 64,
        columns=["code"],
        good=[],
        bad=[],
        created_by=here.buyer,
    )
    return {
        "document_id": open_order.id,
        "paper": "order",
        "attachment_id": paper.id,
        "row_id": price.pk,
        "kind": "items",
        "batch_id": batch.pk,
    }


def sent_by_the_supplier(here: Site, theirs: Person) -> dict[str, Any]:
    """A licence that waits to be checked."""
    sent = offer_paper(
        actor=here.actor(theirs), key=unique("k"), kind="business", reference="BL-7", endless=True, valid_from=today(),
        file_name="scan.png", content=png(),
    )  # fmt: skip
    return {"offered_id": sent.id}


def asked_for_approval(here: Site, open_order: Done) -> dict[str, Any]:
    """A rule of approval, and an order that waits by it."""
    h = here.h
    rule = add_rule(
        actor=everything(h.campus, here.buyer), key=unique("k"), kind="order", place_id=h.campus.pk, level=1,
        from_amount=Decimal(10**6), role_id=Role.objects.get(code="manager").pk,
    )  # fmt: skip
    with transaction.atomic():
        ask(
            "order", open_order.id, number=open_order.number, path=h.store.path, amount=Decimal(10**6),
            requester_id=here.buyer.pk,
        )  # fmt: skip
    [step] = approvals_of("order", open_order.id)
    return {"rule_id": rule.id, "approval_id": step.pk}


def moved_and_set_aside(here: Site) -> dict[str, Any]:
    """A transfer under way, a unit to be scrapped, and one that the supplier is to take back."""
    moving = way(here).sent(here.stocked(1, lot="LMOVE", expiry=timezone.localdate() + timedelta(days=9)))
    aside = here.stocked(2, lot="LASIDE", expiry=timezone.localdate() + timedelta(days=8))
    scrap = ask_scrap(actor=here.keeper, key=unique("k"), things=aside[:1], reason="damaged")
    going_back = ask_supplier_return(
        actor=here.keeper, key=unique("k"), place_id=here.h.store.pk, supplier_id=here.h.supplier.pk,
        things=aside[1:], reason="quality",
    )  # fmt: skip
    note = CreditNote.objects.create(
        supplier_return_id=going_back.id, supplier=here.h.supplier, number="CN-1", amount=1, dated=today(),
        actor=here.buyer,
    )  # fmt: skip
    return {
        "transfer_id": moving.id, "disposal_id": scrap.id, "return_id": going_back.id, "credit_id": note.pk,
    }  # fmt: skip


def kept_for_a_ward(here: Site) -> dict[str, Any]:
    wanted = here.requisition((here.h.item, 1))
    done = reserve(
        actor=here.keeper, key=unique("k"), store_id=here.h.store.pk, requisition_id=wanted.id,
        things=here.stocked(1, lot="LKEPT"),
    )  # fmt: skip
    return {"reservation_id": done.id}


def lent_to_a_neighbour(here: Site) -> dict[str, Any]:
    h = here.h
    spare = here.stocked(1, lot="LSPARE", expiry=timezone.localdate() + timedelta(days=7))
    wanted = here.requisition((h.item, 1))
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=spare)
    handed = issue(actor=here.keeper, key=unique("k"), requisition_id=wanted.id)
    take_in(actor=here.ward, key=unique("k"), issue_id=handed.id, to_place_id=h.cabinet.pk)
    neighbour = place(Kind.DEPARTMENT, h.campus)
    lent = lend(
        actor=here.ward, key=unique("k"), lender_id=h.department.pk, borrower_id=neighbour.pk, things=spare
    )
    return {"lending_id": lent.id}


def walked_together(here: Site) -> dict[str, int]:
    """A requisition that is picked in a walk."""
    asked = here.requisition((here.h.item, 1))
    wave = start_wave(actor=here.keeper, key=unique("k"), store_id=here.h.store.pk, requisitions=[asked.id])
    return {"wave_id": wave.id}


def left_a_cabinet(here: Site) -> dict[str, int]:
    """A smart cabinet of the store from which somebody took a unit; nobody knows who."""
    cabinet = place(Kind.CABINET, here.h.store)
    put_away(actor=here.keeper, key=unique("k"), things=here.stocked(1, lot="LCAB"), to_place_id=cabinet.pk)
    door_closed(actor=everything(here.h.campus, here.buyer), key=unique("k"), cabinet_id=cabinet.pk, tags=[])
    case = CabinetCase.objects.get().pk
    return {"cabinet_id": cabinet.pk, "cabinet_case_id": case}


def reader_at_the_door(here: Site) -> dict[str, int]:
    """A gate that saw something, and sent something that nobody could take."""
    gate = enter_reader(
        actor=everything(here.h.campus, here.buyer), key=unique("k"), name="库房门禁", kind="gate", protocol="llrp",
        address="10.0.3.7:5084", place_id=here.h.store.pk, inside=[2], outside=[1],
    )  # fmt: skip
    hear(gate.id, [Sighted("E2801160600002079BC0F9A1", antenna, timezone.now()) for antenna in (1, 2)])
    mishear(gate.id, "?", "no JSON")
    return {"reader_id": gate.id}


def opened_in_the_ward(here: Site) -> dict[str, int]:
    """A vial of which a part was taken."""
    piece = opened(here, ward_lot(here))
    take(actor=here.ward, key=unique("k"), piece_id=piece.id, amount=Decimal(2), case_number="CASE-1")
    return {"piece_id": piece.id, "part_id": Taken.objects.latest("pk").pk}


def came_otherwise(here: Site) -> dict[str, int]:
    """A handing-over of which one unit is missing."""
    lacking = here.stocked(2, lot="LLACK", expiry=timezone.localdate() + timedelta(days=6))
    wanted = here.requisition((here.h.item, 2))
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=lacking)
    handed = issue(actor=here.keeper, key=unique("k"), requisition_id=wanted.id)
    take_in(
        actor=here.ward, key=unique("k"), issue_id=handed.id, to_place_id=here.h.cabinet.pk, things=lacking[:1],
        rest_is_missing=True,
    )  # fmt: skip
    return {"difference_id": IssueDifference.objects.get().pk}


def given_back(here: Site) -> dict[str, int]:
    """A unit that the ward gave back, and that the store has not looked at."""
    h = here.h
    spare = here.stocked(1, lot="LBACK", expiry=timezone.localdate() + timedelta(days=5))
    wanted = here.requisition((h.item, 1))
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=spare)
    handed = issue(actor=here.keeper, key=unique("k"), requisition_id=wanted.id)
    take_in(actor=here.ward, key=unique("k"), issue_id=handed.id, to_place_id=h.cabinet.pk)
    back = give_back(
        actor=here.ward, key=unique("k"), department_id=h.department.pk, store_id=h.store.pk, things=spare
    )
    return {"note_id": back.id}


def master_data(here: Site) -> dict[str, Any]:
    h = here.h
    return {
        "item_id": h.item.pk,
        "code_id": h.item.codes.get().pk,
        "tab": "codes",
        "place_id": h.store.pk,
        "campus_id": h.campus.pk,
        "device_id": shared_device(here),
        "supplier_id": h.supplier.pk,
        "maker_id": Maker.objects.create(name_zh=unique("厂")).pk,
        "person_id": here.nurse.pk,
        "role_id": Role.objects.get(code="nurse").pk,
        "grant_id": here.nurse.grants.get().pk,
        "reason_id": ReasonCode.objects.get(group="hold", code="opened").pk,
        "group": "hold",
        **labelled(here),
        "year": 2026,
        "month": 11,
    }


def told_to_people(here: Site) -> dict[str, Any]:
    """Everything that is open, as it is told; and a rule of the campus, which has ended: all else holds as it is shipped."""
    made = Rule.objects.create(kind="expired", place=here.h.campus, active=False, edited_by=here.buyer)
    hook = Hook.objects.create(
        name="Display", url="https://example.org/", secret="s", kinds=["expired"], edited_by=here.buyer
    )
    look(timezone.now())
    stuck = Delivery.objects.create(
        notification=Notification.objects.earliest("pk"), times=1, about="open", hook=hook, channel="webhook", state="dead",
        last_error="no route", created_at=timezone.now(), next_at=timezone.now(),
    )  # fmt: skip
    return {"notification_rule_id": made.pk, "hook_id": hook.pk, "delivery_id": stuck.pk}


def labelled(here: Site) -> dict[str, Any]:
    """A label template of one campus, which is not the usual one."""
    admin = here.actor(person("administrator", here.h.campus))
    kept = save_template(
        actor=admin, key=unique("k"), kind="unit", name=unique("T"), data=shipped("unit").as_data(), campus_id=here.h.campus.pk
    )  # fmt: skip
    return {"label_kind": "unit", "template_id": kept.id}


def nowhere() -> dict[str, Any]:
    """Addresses that lead to nothing here, whoever asks."""
    return {
        "settle_up_id": 1,
        "token_id": 999_999_999,  # nobody's: whose token it is would depend on who asked before
        "subscription_id": "00000000-0000-0000-0000-000000000001",  # likewise
    }


def inspected(here: Site) -> dict[str, Any]:
    """A plan that has ended, so that every delivery of the day is as it was; and a thing that was rejected."""
    plan = InspectionPlan.objects.create(method="full", points=["label"], active=False, edited_by=here.buyer)
    turned_down = here.arrival(lot="LDOWN", rejected="damaged")
    receipt = here.receive(here.order((here.h.item, 1)), turned_down)
    return {"plan_id": plan.pk, "finding_id": Receipt.objects.get(pk=receipt.id).findings.get().pk}


def kept_and_listed(here: Site) -> dict[str, int]:
    """What the cabinet keeps, and a list that the ward asks by."""
    set_levels(
        actor=here.ward, key=unique("k"), place_id=here.h.cabinet.pk, levels=[Kept(here.h.item.pk, 1, 4)]
    )
    kept = save_list(
        actor=here.ward,
        key=unique("k"),
        department_id=here.h.department.pk,
        list_name="Monday",
        lines=[Wanted(here.h.item.pk, 2)],
    )
    return {"level_id": ParLevel.objects.get().pk, "list_id": kept.id}


def bought_and_charged(here: Site, came: Delivered) -> dict[str, int]:
    """A purchase request, a contract, an answered line, an invoice and a cost: each with a page or an address."""
    line = line_of(came.order)
    asked = ask_for_purchase(
        actor=here.ward,
        key=unique("k"),
        place_id=here.h.department.pk,
        lines=[Needed(here.h.item.pk, 2)],
        reason="More cases",
    )
    answered = answer_line(
        actor=here.purchasing,
        key=unique("k"),
        line_id=line.pk,
        verdict="changed",
        pieces=7,
        note="Short of stock",
    )
    serial = came.epcs[0].rpartition("/")[2]
    charged = invoice(here, here.purchasing, billed(came.order, serial, item=here.h.item))
    shown = enter_first_invoice(
        actor=here.keeper,
        key=unique("k"),
        receipt_id=came.receipt.id,
        seller="Maker",
        number="M-1",
        issued_on=today(),
    )
    proof = keep_import_paper(
        actor=here.keeper,
        key=unique("k"),
        receipt_id=came.receipt.id,
        kind="customs",
        number="2202-1",
        issued_on=today(),
    )
    cost = add_cost(
        actor=here.purchasing,
        key=unique("k"),
        receipt_id=came.receipt.id,
        kind="freight",
        basis="value",
        amount=Decimal(6),
    )
    return {
        "purchase_request_id": asked.id,
        "contract_id": contract(here, (here.counted, "5")).id,
        "line_id": line.pk,
        "answer_id": answered.id,
        "invoice_id": charged.id,
        "first_invoice_id": shown.id,
        "cost_id": cost.id,
        "import_paper_id": proof.id,
    }
