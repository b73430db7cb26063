"""What an open paper still waits for, as the scan page says it and keeps it for cellars without a network."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import Site
from tests.makers import place, unique
from yanji.access.models import Grant, Role
from yanji.flows.announced import Announced
from yanji.flows.handheld import today
from yanji.flows.handheld.turns import TURN
from yanji.flows.handheld.ways import WAYS
from yanji.flows.issue import issue
from yanji.flows.models import PurchaseOrder, Receipt, Requisition
from yanji.flows.pick import pick
from yanji.flows.ship_notice import announce
from yanji.flows.use import plan_case
from yanji.ledger.api import unit_view
from yanji.places.models import Kind


def left(client: ApiClient, flow: str, kind: str, key: int) -> dict[str, Any]:
    [found] = client.get(f"/handheld/todo?flow={flow}&kind={kind}&paper_id={key}").json()
    return found


def test_what_to_take_from_which_shelf_and_how_much_is_taken(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    [first] = here.stocked(1, serial="TD1")
    here.stocked(1, serial="TD2")
    wanted = here.requisition((here.h.item, 3))
    said = left(keeper, "pick", "requisition", wanted.id)
    assert (said["asked"], said["done"], said["number"]) == (3, 0, wanted.number)
    [stop, nowhere] = said["left"]
    assert (stop["pieces"], stop["serials"], stop["lot"], stop["expiry"]) == (
        2,
        ["TD1", "TD2"],
        "L1",
        "2049-12-31",
    )
    assert here.h.store.name_en in stop["place"]
    assert (nowhere["pieces"], nowhere["lacking"], nowhere["place"]) == (1, True, "")
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=[first])
    said = left(keeper, "pick", "requisition", wanted.id)
    assert (said["done"], said["left"][0]["serials"]) == (1, ["TD2"])
    assert left(keeper, "issue", "requisition", wanted.id)["left"][0]["pieces"] == 1
    issued = issue(actor=here.keeper, key=unique("k"), requisition_id=wanted.id)
    said = left(ApiClient(here.nurse), "take_in", "issue", issued.id)
    assert [(each["pieces"], each["lot"]) for each in said["left"]] == [(1, "L1")]
    assert keeper.get(f"/handheld/todo?flow=use&kind=requisition&paper_id={wanted.id}").json() == []
    assert ApiClient(here.buyer).get(
        f"/handheld/todo?flow=pick&kind=requisition&paper_id={wanted.id}"
    ).status_code in (
        403,
        404,
    )


def test_all_that_is_listed_costs_the_same_however_much_it_is(committed: Site) -> None:
    here, keeper, spent = committed, ApiClient(committed.storekeeper), []
    here.stocked(2)
    here.stocked_lot(9)
    for _round in range(2):
        here.requisition((here.h.item, 1), (here.counted, 2))
        here.order()
        with CaptureQueriesContext(connection) as asked:
            found = keeper.get("/handheld/todos").json()
        spent.append(len(asked))
    assert spent[0] == spent[1]
    assert [(each["flow"], each["asked"]) for each in found] == [
        ("receive", 10), ("receive", 10), ("pick", 3), ("pick", 3), ("reserve", 3), ("reserve", 3)
    ]  # fmt: skip
    # What several ask for is proposed to each once.
    assert sorted(stop["pieces"] for each in found[2:4] for stop in each["left"]) == [1, 1, 2, 2]


def named(client: ApiClient, text: str) -> list[dict[str, Any]]:
    return client.send("/handheld/tasks", text=text).json()


def test_a_number_opens_its_act_whether_it_is_listed_or_not(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    [epc] = here.stocked(1, serial="TN1")
    wanted, ordered = here.requisition(), here.order()
    assert [(task["flow"], task["id"]) for task in named(keeper, ordered.number)] == [("receive", ordered.id)]
    assert [(task["flow"], task["pieces"]) for task in named(keeper, f"]C1{wanted.number}")] == [("pick", 2)]
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=[epc])
    assert [task["flow"] for task in named(keeper, wanted.number)] == ["pick", "issue"]
    assert named(ApiClient(here.nurse), wanted.number) == []
    assert named(keeper, here.h.bin.code) == named(keeper, "NOBODY") == []
    case, token = unique("CASE"), unique("PT")
    plan_case(
        actor=here.ward, key=unique("k"), number=case, patient_token=token, department_id=here.h.department.pk
    )
    assert [task["number"] for task in named(ApiClient(here.nurse), token)] == [case]
    assert named(keeper, token) == []


def test_a_number_scanned_twice_hands_over_all_that_is_picked(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    epcs = here.stocked(2)
    wanted = here.requisition()
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=epcs)
    given = [{"text": wanted.number}]
    said = keeper.send("/handheld/readings", flow="issue", scans=given).json()
    assert (said["ready"], said["confirmed"]) == (True, False)
    given *= 2
    said = keeper.send("/handheld/readings", flow="issue", scans=given).json()
    assert (said["ready"], said["confirmed"]) == (True, True)
    # What is picked needs things: there the number alone presses nothing.
    assert not keeper.send("/handheld/readings", flow="pick", scans=given).json()["confirmed"]
    done = keeper.send("/handheld/acts", key=unique("k"), flow="issue", scans=given)
    assert done.status_code == 200, done.content
    views = [unit_view(epc) for epc in epcs]
    assert [view and view.status for view in views] == ["in_transit", "in_transit"]


def test_a_delivery_is_taken_in_by_the_number_of_its_notice(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    ordered = here.order((here.h.item, 3))
    lines = [
        Announced(here.h.item.pk, serial=serial, lot="L1", expiry=date(2049, 12, 31))
        for serial in ("AN1", "AN2")
    ]
    notice = announce(actor=here.purchasing, key=unique("n"), order_id=ordered.id, lines=lines)
    assert [(task["flow"], task["kind"]) for task in named(keeper, notice.number)] == [("receive", "notice")]
    said = left(keeper, "receive", "notice", notice.id)
    assert (said["asked"], said["done"]) == (2, 0)
    assert [(each["pieces"], each["serials"]) for each in said["left"]] == [(2, ["AN1", "AN2"])]
    given = [{"text": text} for text in (notice.number, here.scan("AN1"), notice.number)]
    said = keeper.send("/handheld/readings", flow="receive", scans=given).json()
    assert said["about"] == {"order_id": ordered.id, "notice_id": notice.id}
    assert (said["ready"], said["confirmed"]) == (True, True)
    done = keeper.send("/handheld/acts", key=unique("k"), flow="receive", scans=given)
    assert done.status_code == 200, done.content
    assert Receipt.objects.get(number=done.json()["number"]).notice_id == notice.id
    said = left(keeper, "receive", "notice", notice.id)
    assert (said["done"], [each["serials"] for each in said["left"]]) == (1, [["AN2"]])
    # Who scans the number of the order receives what was announced for it all the same.
    given = [{"text": text} for text in (ordered.number, here.scan("AN2"), ordered.number)]
    done = keeper.send("/handheld/acts", key=unique("k"), flow="receive", scans=given)
    assert Receipt.objects.get(number=done.json()["number"]).notice_id == notice.id


def test_another_order_that_is_scanned_takes_the_notice_of_the_first_out(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    first, other = here.order((here.h.item, 3)), here.order((here.h.item, 3))
    told = [Announced(here.h.item.pk, serial="OO1", lot="L1", expiry=date(2049, 12, 31))]
    notice = announce(actor=here.purchasing, key=unique("n"), order_id=first.id, lines=told)
    texts = (notice.number, other.number, here.scan("OO2"), other.number)
    given = [{"text": text} for text in texts]
    said = keeper.send("/handheld/readings", flow="receive", scans=given[:3]).json()
    assert (said["about"], said["confirmed"]) == ({"order_id": other.id}, False)
    # A device without the server names what it knew of both.
    both = {"notice_id": notice.id, "order_id": other.id}
    for about in ({}, both):
        said = keeper.send("/handheld/readings", flow="receive", scans=given, about=about).json()
        assert said["about"] == {"order_id": other.id}
        assert (said["ready"], said["confirmed"]) == (True, True)
    said = keeper.send("/handheld/readings", flow="receive", scans=given[2:3], about=both).json()
    assert [each["code"] for each in said["offences"]] == ["scan_which_order"]
    done = keeper.send("/handheld/acts", key=unique("k"), flow="receive", scans=given, about=both)
    assert done.status_code == 200, done.content
    receipt = Receipt.objects.get(number=done.json()["number"])
    assert (receipt.order_id, receipt.notice_id) == (other.id, None)
    # The notice's own order changes nothing, and confirms it.
    given = [{"text": text} for text in (notice.number, here.scan("OO1"), first.number)]
    said = keeper.send("/handheld/readings", flow="receive", scans=given).json()
    assert said["about"] == {"order_id": first.id, "notice_id": notice.id}
    assert said["confirmed"]


def test_what_waits_most_urgently_stands_first(committed: Site) -> None:
    """A store: what stands ready for a ward, what is needed by when, what suppliers bring. A nurse: patients first."""
    here, keeper, nurse = committed, ApiClient(committed.storekeeper), ApiClient(committed.nurse)
    late, soon = here.order(), here.order()
    PurchaseOrder.objects.filter(pk=soon.id).update(expected_on=timezone.localdate())
    PurchaseOrder.objects.filter(pk=late.id).update(expected_on=timezone.localdate() + timedelta(days=9))
    never = here.order()
    epcs = here.stocked(2)
    some_day, today_, picked = (here.requisition((here.h.item, 1)) for _ in range(3))
    Requisition.objects.filter(pk=today_.id).update(needed_by=timezone.now())
    pick(actor=here.keeper, key=unique("k"), requisition_id=picked.id, things=epcs[:1])
    listed = [(task["flow"], task["id"]) for task in keeper.get("/handheld/today").json()["tasks"]]
    assert listed == [
        ("issue", picked.id), ("pick", today_.id), ("pick", some_day.id),
        ("receive", soon.id), ("receive", late.id), ("receive", never.id),
        ("reserve", today_.id), ("reserve", some_day.id),
    ]  # fmt: skip
    issue(actor=here.keeper, key=unique("k"), requisition_id=picked.id)
    plan_case(
        actor=here.ward, key=unique("k"), number=unique("CASE"), patient_token=unique("PT"),
        department_id=here.h.department.pk,
    )  # fmt: skip
    flows = [task["flow"] for task in nurse.get("/handheld/today").json()["tasks"]]
    assert flows == ["use", "take_in"]


def test_every_act_with_papers_has_its_turn() -> None:
    """One that is new says where it stands, rather than behind all others by accident."""
    of_papers = {flow for flow, way in WAYS.items() if way.documents and "case" not in way.documents}
    assert of_papers - TURN.keys() == set()


def test_what_is_to_be_picked_leaves_room_for_what_is_to_be_issued(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both come of one statement, and each has so many of its own, the most urgent first."""
    here, keeper = committed, ApiClient(committed.storekeeper)
    [epc] = here.stocked(1)
    soon = timezone.now() + timedelta(hours=2)
    ready = here.requisition((here.h.item, 1))
    pick(actor=here.keeper, key=unique("k"), requisition_id=ready.id, things=[epc])
    urgent = [here.requisition((here.h.item, 1), needed_by=soon + timedelta(hours=n)) for n in range(3)]
    monkeypatch.setattr(today, "MOST_TASKS", 2)

    def listed() -> list[tuple[str, int]]:
        tasks = keeper.get("/handheld/today").json()["tasks"]
        return [(task["flow"], task["id"]) for task in tasks if task["flow"] in ("pick", "issue")]

    expected = [("issue", ready.id), ("pick", urgent[0].id), ("pick", urgent[1].id)]
    assert sorted(listed()) == sorted(expected)
    # Who picks elsewhere than they issue reads each by itself, and sees the same.
    role = Role.objects.create(code=unique("r"), name_zh="拣", operations=["pick"])
    Grant.objects.create(person=here.storekeeper, role=role, place=place(Kind.CAMPUS))
    assert sorted(listed()) == sorted(expected)
