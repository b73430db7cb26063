"""What pages say: once, in the reader's words, and with a way on."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone
from django.utils.translation import override

from tests.makers import unique
from yanji.access.models import Role
from yanji.catalog.models import Item, Maker, Registration
from yanji.flows.announced import Announced
from yanji.flows.approval_kinds import kind_label
from yanji.flows.models import Case, Receipt, ShipNotice
from yanji.flows.models_approval import Approval
from yanji.flows.purchase import Ordered, place_order
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.ship_notice import announce
from yanji.flows.theatre.models import ChargeLine
from yanji.flows.use import plan_case
from yanji.ledger.api import Draft, Line, Offence, Refused, Step, post, unit_view
from yanji.ledger.models import Event
from yanji.ledger.post import with_place_names
from yanji.places.models import Kind
from yanji.watch.happenings import recent
from yanji.web.flow.sent import Sent
from yanji.web.ward.opened import _amount

from .acts import key, listed, sentences
from .world import World, later, named


def test_one_certificate_of_several_items_is_one_paper(hospital: World, signed_in: Any) -> None:
    items = [hospital.item, hospital.other]
    Registration.objects.filter(item__in=items).delete()
    for item in items:
        Registration.objects.create(item=item, number="REG-2", valid_from=later(-300), valid_to=later(20))
    page = signed_in("buyer").get("/buyer/papers?kind=registration")
    [paper] = page.context["rows"].object_list
    assert (paper.number, sorted(paper.item_ids)) == ("REG-2", sorted(item.pk for item in items))
    assert "and 1 more item" in sentences(page)
    assert dict(page.context["levels"])[30] == 1
    covered = signed_in("buyer").get(paper.href)
    assert {row.pk for row in covered.context["rows"].object_list} == {item.pk for item in items}


def test_a_ship_notice_is_read_by_item_and_lot(hospital: World, signed_in: Any) -> None:
    order, epc = hospital.order(5), hospital.epc
    lines = [
        Announced(hospital.item.pk, serial, "L1" if serial < "N4" else "L2", later(400), epc=epc(serial))
        for serial in ("N1", "N2", "N3", "N4")
    ]
    announce(
        actor=hospital.actor("storekeeper"), key=unique("n"), order_id=order, lines=lines, carrier="SF-Express",
        expected_on=later(3),
    )  # fmt: skip
    page = signed_in("buyer").get(f"/buyer/notices/{ShipNotice.objects.get().pk}")
    assert [(group.lot, group.pieces) for group in page.context["groups"]] == [("L1", 3), ("L2", 1)]
    assert page.content.decode().count('<details><summary class="y-row">') == 1, (
        "three are opened on demand, one is there"
    )
    shown = sentences(page)
    assert all(each in shown for each in ("SF-Express", later(3).isoformat(), "N1", "N4"))


def test_a_case_that_is_called_off_is_closed_by_the_nurse(hospital: World, signed_in: Any) -> None:
    nurse = signed_in("nurse")
    done = plan_case(
        actor=hospital.actor("nurse"), key=unique("c"), number=unique("C"), department_id=hospital.department.pk,
        patient_token="P-1", planned_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    for page in (f"/theatre/cases/{done.id}", f"/ward/use/{done.id}"):
        assert "The case is called off" in sentences(nurse.get(page))
    nurse.post(f"/theatre/cases/{done.id}/close", {"key": key("close")})
    assert Case.objects.get(pk=done.id).state == "closed"


def test_a_case_used_on_another_day_says_so(hospital: World, signed_in: Any) -> None:
    [epc], nurse, now = hospital.stocked("S1"), hospital.actor("nurse"), timezone.now()
    planned, one = now + timedelta(days=2), {"number": unique("C"), "department_id": hospital.department.pk}
    done = plan_case(actor=nurse, key=unique("c"), patient_token="P-1", planned_at=planned, **one)
    address = f"/theatre/cases/{done.id}"
    said = f"used on {timezone.localdate()}"
    assert said not in sentences(signed_in("nurse").get(address))
    item = Item.objects.get(pk=unit_view(epc).item_id)
    event, lot = Event.objects.latest("recorded_at"), item.lots.get()
    ChargeLine.objects.create(case_id=done.id, event=event, lot=lot, item=item, amount=1, used_at=now)
    assert said in sentences(signed_in("nurse").get(address))
    Case.objects.filter(pk=done.id).update(planned_at=now)
    assert said not in sentences(signed_in("nurse").get(address))


def test_an_import_paper_is_missed_only_of_goods_made_abroad(hospital: World, signed_in: Any) -> None:
    hospital.stocked("S1")
    buyer, address = signed_in("buyer"), f"/buyer/deliveries/{Receipt.objects.get().pk}"

    def said() -> tuple[bool, bool]:
        page = sentences(buyer.get(address))
        return "no paper is asked for" in page, f"Made abroad: {hospital.item.name_en}" in page

    assert said() == (True, False)
    Maker.objects.update(country="DE")
    assert said() == (False, True)


def test_an_approver_reads_what_kind_of_place_asks(hospital: World) -> None:
    """The word for a shelf is none for a campus or a department."""
    step = Approval(
        pk=1, number="PO-1", place=hospital.campus, requester=hospital.people["buyer"], role=Role(), level=1
    )
    with override("zh-hans"):
        context = {"each": {"kind": "", "act": "a"}, "step": step, "request": RequestFactory().get("/")}
        card = render_to_string("manager/_waiting.html", context)
    assert "<dt>院区</dt>" in card
    assert "库位" not in card


def test_a_refusal_names_a_field_as_its_page_does(hospital: World) -> None:
    far = date(2400, 1, 1)
    with pytest.raises(Refused) as refused:
        place_order(
            actor=hospital.actor("buyer"), key=unique("k"), supplier_id=hospital.supplier.pk,
            deliver_to_id=hospital.store.pk, lines=[Ordered(hospital.item.pk, 1, Decimal(10))], expected_on=far,
        )  # fmt: skip
    with override("en"):
        assert refused.value.sentences() == ["Expected on: this day cannot be meant. Check the year."]
    with override("zh-hans"):
        assert "expected_on" not in refused.value.sentences()[0]
        assert kind_label("emergency_use") == "紧急使用"
    with override("en"):
        assert kind_label("emergency_use") == "Emergency use"


@pytest.mark.parametrize(
    ("typed", "codes"), [("", ["field_missing"]), ("1e9", ["bad_measured"]), ("2,5", [])]
)
def test_an_amount_has_one_reason_against_it(typed: str, codes: list[str]) -> None:
    sent = Sent(QueryDict(mutable=True))
    sent.data = QueryDict(f"amount={typed}")
    _amount(sent)
    assert [offence.code for offence in sent.offences] == codes


def test_of_several_places_none_is_chosen_beforehand_for_a_return(hospital: World, signed_in: Any) -> None:
    hospital.stocked("S1")
    client = signed_in("storekeeper")
    page = client.get("/buyer/returns/new")
    assert len(page.context["places"]) > 1
    assert page.context["place"] is None
    sent = {"key": key("send_back"), "supplier_id": hospital.supplier.pk, "reason": "quality", "place_id": ""}
    answer = client.post("/buyer/returns/new", {**sent, **listed(hospital, hospital.scan("S1"))})
    assert answer.status_code == 409
    assert "“From” is empty" in sentences(answer)
    assert not SupplierReturn.objects.exists()


def test_a_shelf_is_named_with_the_store_that_it_is_in(hospital: World) -> None:
    shelf = named(Kind.BIN, hospital.store, "A1-01", "A1-01", code=unique("B"))
    said = [Offence("elsewhere", "S1", {"place": place.pk}) for place in (shelf, hospital.store)]
    with override("en"):
        below, itself = with_place_names(Refused.of(said)).sentences()
    assert f"is recorded at {hospital.store.name_en} · A1-01." in below
    assert f"is recorded at {hospital.store.name_en}." in itself


def test_what_happened_is_told_of_a_shelf_with_its_store(hospital: World) -> None:
    hospital.stocked("S1")
    shelf = named(Kind.BIN, hospital.store, "甲一", "A1-01", code=unique("B"))
    line = (Line(hospital.epc("S1"), shelf.pk),)
    post(Draft(Step.PUT_AWAY, unique("p"), timezone.now(), line), actor=hospital.actor("storekeeper"))
    [latest] = recent(paths=[hospital.store.path], limit=1)
    store = hospital.store
    assert latest.place == (f"{store.name_zh} · 甲一", f"{store.name_en} · A1-01")
