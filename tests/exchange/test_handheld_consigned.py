"""What a supplier keeps here and what it lends comes, goes and goes back by the scan page; and a tag is put on by two scans."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld import read, scans
from tests.exchange.test_handheld_lending import codes, do
from tests.flows.site import Site
from tests.flows.theatre.room import Room
from tests.makers import days_ago, place, unique
from yanji.catalog.models import Price, Supplier
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.loans import Listed, expect_set, sterilise_set
from yanji.flows.consign.models import AgreementVersion, ConsignmentReceipt, LoanSet
from yanji.ledger.api import unit_view
from yanji.ledger.models import Alias
from yanji.places.models import Kind


@pytest.fixture
def room(committed: Site) -> Room:
    made = Room(committed)
    made.price()
    return made


@pytest.fixture
def keeper(room: Room) -> ApiClient:
    return ApiClient(room.here.storekeeper)


def status(epc: str) -> str:
    unit = unit_view(epc)
    assert unit is not None
    return unit.status


def epc_of(room: Room, serial: str) -> str:
    return room.here.arrival(serial=serial).epc


def expected(room: Room, pieces: int = 2) -> LoanSet:
    h = room.here.h
    done = expect_set(
        actor=room.keeper, key=unique("k"), supplier_id=h.supplier.pk, department_id=h.department.pk,
        set_name="Hip tools", due_on=timezone.localdate() + timedelta(days=1), listed=[Listed(h.item.pk, pieces)],
    )  # fmt: skip
    return LoanSet.objects.get(pk=done.id)


def test_consigned_goods_come_by_their_labels_alone_where_one_agreement_covers_them(
    room: Room, keeper: ApiClient
) -> None:
    one, two = room.here.scan("CG1"), room.here.scan("CG2")
    assert codes(read(keeper, "receive_consigned", one)) == ["nobody_consigns"]
    room.agreement()
    said = read(keeper, "receive_consigned", one, two)
    assert (said["ready"], said["pieces"]) == (True, 2), codes(said)
    assert set(said["named"].values()) == {room.here.h.supplier.name, room.here.h.store.name}
    given = [one, two, "YANJI:REASON:reject:damaged", room.here.h.store.code, room.here.h.store.code]
    assert read(keeper, "receive_consigned", *given)["confirmed"]
    key = unique("once")
    done = [do(keeper, "receive_consigned", *given, key=key) for _ in range(2)]
    assert [each.status_code for each in done] == [200, 200], done[0].content
    [receipt] = ConsignmentReceipt.objects.all()
    assert (receipt.number, receipt.pieces) == (done[0].json()["number"], 2)
    assert status(epc_of(room, "CG1")) == "available"
    assert status(epc_of(room, "CG2")) != "available"
    # What is here already does not come again.
    again = read(keeper, "receive_consigned", one)
    assert again["sights"][0]["meaning"]["offences"]


def test_of_several_suppliers_one_is_chosen(room: Room, keeper: ApiClient) -> None:
    here, label = room.here, room.here.scan("CG3")
    room.agreement()
    other = Supplier.objects.create(code=unique("S"), name_zh="别家", name_en="Other house")
    room.agreement(supplier_id=other.pk)
    # Who has an agreement for all that it sells has none for what it does not sell.
    own = read(keeper, "receive_consigned", label)
    assert (own["ready"], own["about"]["supplier_id"]) == (True, here.h.supplier.pk), codes(own)
    Price.objects.create(item=here.h.item, supplier=other, amount=900, valid_from=days_ago(9).date())
    said = read(keeper, "receive_consigned", label)
    assert codes(said) == ["suppliers_consign"]
    with override("en"):
        names = [other.name, here.h.supplier.name]
    assert all(name in said["offences"][0]["sentence"] for name in names)
    # Before anything is scanned, a scan may say it as well.
    [_things, sentence] = [each["sentence"] for each in read(keeper, "receive_consigned")["offences"]]
    assert "scan something of it" in sentence
    offered = {each["id"] for each in keeper.get("/handheld/today").json()["suppliers"]}
    assert {other.pk, here.h.supplier.pk} <= offered
    said = keeper.send(
        "/handheld/readings",
        flow="receive_consigned",
        scans=scans(label),
        about={"supplier_id": here.h.supplier.pk},
    ).json()
    assert said["ready"], codes(said)


def test_an_agreement_in_two_versions_is_one_suppliers_wherever_its_goods_are_put_down(
    room: Room, keeper: ApiClient
) -> None:
    """A version is the same supplier; and of several docks none needs to be said first for that."""
    here, label = room.here, room.here.scan("CV1")
    items = [Kept(here.h.item.pk, Decimal(900))]
    first = room.agreement(all_items=False, items=items)
    room.agreement(agreement_id=first.id, all_items=False, items=items, valid_from=timezone.localdate())
    assert AgreementVersion.objects.filter(agreement=first.id).count() == 2
    other = Supplier.objects.create(code=unique("S"), name_zh="别家", name_en="Other house")
    room.agreement(supplier_id=other.pk)
    said = read(keeper, "receive_consigned", label)
    assert (said["ready"], said["about"]["supplier_id"]) == (True, here.h.supplier.pk), codes(said)
    docks = [place(Kind.DOCK, here.h.store) for _ in range(2)]
    said = read(keeper, "receive_consigned", label)
    assert (codes(said), said["about"]) == (["scan_where"], {"supplier_id": here.h.supplier.pk})
    said = read(keeper, "receive_consigned", label, docks[0].code, docks[0].code)
    assert (said["ready"], said["confirmed"]) == (True, True), codes(said)


def test_a_loan_set_comes_goes_and_goes_back_by_its_number(room: Room, keeper: ApiClient) -> None:
    room.agreement()
    loan, here = expected(room), room.here
    labels = [here.scan("LS1"), here.scan("LS2")]

    def acts() -> list[str]:
        return [
            task["flow"]
            for task in keeper.get("/handheld/today").json()["tasks"]
            if task["kind"] == "loan_set"
        ]

    assert acts() == ["arrive_set"]
    theatre = read(keeper, "arrive_set", loan.number, labels[0], here.h.department.code)
    assert "set_into_theatre" in codes(theatre)
    assert read(keeper, "arrive_set", loan.number, *labels)["ready"]
    done = do(keeper, "arrive_set", loan.number, labels[0], loan.number)
    assert done.status_code == 200, done.content
    [left] = keeper.get("/handheld/todo", flow="arrive_set", kind="loan_set", paper_id=loan.pk).json()[0][
        "left"
    ]
    assert (left["pieces"], acts()) == (1, ["arrive_set", "hand_back_set"])
    assert do(keeper, "arrive_set", loan.number, labels[1], loan.number).status_code == 200
    assert codes(read(keeper, "send_set", loan.number)) == ["not_sterilised"]
    sterilise_set(actor=room.keeper, key=unique("k"), loan_set_id=loan.pk, cycle="CSSD-7")
    assert acts() == ["send_set", "hand_back_set"]
    assert do(keeper, "send_set", loan.number, loan.number).status_code == 200
    unit = unit_view(epc_of(room, "LS1"))
    assert unit is not None
    assert unit.place_id == here.h.department.pk
    # One thing by itself, then the number alone: all that is left. What is none of the set is told by name.
    [own] = here.stocked(1, serial="LS9")
    strange = read(keeper, "hand_back_set", loan.number, here.scan("LS9"))
    assert codes(strange) == ["not_of_this_set"]
    assert "LS9" in strange["sights"][-1]["meaning"]["offences"][0]["sentence"]
    assert do(keeper, "hand_back_set", loan.number, labels[0], loan.number).status_code == 200
    assert do(keeper, "hand_back_set", loan.number, loan.number).status_code == 200
    assert codes(read(keeper, "hand_back_set", loan.number)) == ["nothing_of_set_left"]
    assert acts() == [], "closed at the desk"
    assert [status(epc_of(room, serial)) for serial in ("LS1", "LS2")] == ["returned", "returned"]
    assert status(own) == "available"


def test_what_is_left_of_many_sets_costs_what_one_does(room: Room, keeper: ApiClient) -> None:
    room.agreement()
    spent: list[int] = []
    for number in range(3):
        loan = expected(room, 1)
        label = room.here.scan(f"MS{number}")
        assert do(keeper, "arrive_set", loan.number, label, loan.number).status_code == 200
        keeper.get("/handheld/todos")
        with CaptureQueriesContext(connection) as asked:
            told = keeper.get("/handheld/todos").json()
        spent.append(len(asked))
        back = [each for each in told if each["flow"] == "hand_back_set"]
        assert sorted(serial for each in back for serial in each["left"][0]["serials"]) == [
            f"MS{n}" for n in range(number + 1)
        ]
    assert spent[0] == spent[2], spent


def test_a_tag_is_put_on_by_two_scans(room: Room, keeper: ApiClient) -> None:
    here, tag = room.here, "303405E2A9C0A4000000A1B2"
    one, two = here.stocked(1, serial="TG1")[0], here.stocked(1, serial="TG2")[0]
    label = here.scan("TG1")
    assert codes(read(keeper, "bind", label)) == ["scan_tag"]
    said = read(keeper, "bind", label, tag)
    assert (said["ready"], said["sights"][1]["meaning"]["kind"]) == (True, "tag"), codes(said)
    assert read(keeper, "bind", label, tag, "YANJI:OK")["confirmed"]
    assert codes(read(keeper, "bind", label, tag, here.scan("TG2"))) == ["one_tag"]
    assert codes(read(keeper, "bind", label, here.h.store.code)) == ["code_of_something_else"]
    key = unique("once")
    for _ in range(2):
        assert do(keeper, "bind", label, tag, key=key).status_code == 200
    assert Alias.objects.get(code=tag).unit.epc == one
    refused: Any = read(keeper, "bind", here.scan("TG2"), tag)
    assert codes(refused) == ["code_of_other_unit"]
    assert do(keeper, "bind", here.scan("TG2"), tag).status_code == 409
    assert status(two) == "available"
    # From now on the tag is the unit.
    [sight] = read(keeper, "look", tag)["sights"]
    assert sight["meaning"]["epc"] == one
