"""What nobody knows is kept aside from the scan page by whoever scans it, once, and cleared up by master data."""

from typing import Any

import pytest

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld import scans
from tests.flows.site import GTIN, Site, contents, person
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item, ItemCode, Quarantined
from yanji.flows.hold import release
from yanji.flows.models import Case, Receipt, ReceiptLine
from yanji.flows.unknown import bind_unknown, reject_unknown
from yanji.flows.use import plan_case
from yanji.ledger.api import Refused, Step, replay, unit_view
from yanji.places.models import Place

OTHER = "06970000000017"
LABEL = f"]d201{OTHER}17491231" + "10L7\x1d21NEW1"
EPC = f"01/{OTHER}/21/NEW1"


def keep(page: ApiClient, text: str, where: Place, *, key: str = "", flow: str = "use") -> Any:
    about = {"place_id": where.pk, "reason": flow}
    return page.send("/handheld/acts", key=key or unique("k"), flow="adopt", scans=scans(text), about=about)


@pytest.fixture
def ward(committed: Site) -> ApiClient:
    return ApiClient(committed.nurse)


@pytest.fixture
def steward(committed: Site) -> Actor:
    return committed.actor(person("administrator", committed.h.campus))


def tasks() -> list[dict[str, Any]]:
    return [row.content for row in Quarantined.objects.filter(source="scan", resolved_at=None).order_by("pk")]


def refusal(act: Any, **told: Any) -> str:
    with pytest.raises(Refused) as refused:
        act(key=unique("k"), **told)
    return refused.value.offences[0].code


def test_an_unknown_label_is_a_unit_on_hold_and_a_task_once(committed: Site, ward: ApiClient) -> None:
    here, key = committed, unique("aside")
    first, again = (
        keep(ward, LABEL, here.h.department, key=key),
        keep(ward, LABEL, here.h.department, key=key),
    )
    assert first.status_code == 200, first.content
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    other = keep(ward, LABEL, here.h.department).json()
    assert other["events"] == []
    unit = unit_view(EPC)
    assert unit is not None
    assert (unit.status, unit.place_id, unit.lot) == ("quarantined", here.h.department.pk, "L7")
    born = Item.objects.get(codes__code=OTHER)
    assert born.provisional
    [task] = tasks()
    assert (task["epc"], task["flow"], task["item_id"]) == (EPC, "use", born.pk)
    assert replay().differences == 0


def test_it_is_used_in_nobody_and_released_by_nobody_until_it_is_cleared_up(
    committed: Site, ward: ApiClient, steward: Actor
) -> None:
    here, quality = committed, committed.actor(person("quality", committed.h.campus))
    keep(ward, LABEL, here.h.department)
    planned = plan_case(
        actor=here.ward,
        key=unique("k"),
        number=unique("C"),
        patient_token="P-1",
        department_id=here.h.department.pk,
    )
    said = ward.send(
        "/handheld/readings",
        flow="use",
        about={"case_id": planned.id},
        scans=scans(LABEL, Case.objects.get(pk=planned.id).number),
    ).json()
    assert not said["ready"]
    assert refusal(release, actor=quality, things=[EPC], reason="inspected") == "waits_for_master_data"
    row = Quarantined.objects.get(source="scan")
    with pytest.raises(NotFound):
        bind_unknown(actor=here.ward, key=unique("k"), row_id=row.pk, item_code=here.h.item.code)
    assert refusal(bind_unknown, actor=steward, row_id=row.pk, item_code=here.counted.code) == "cannot_bind"
    assert refusal(bind_unknown, actor=steward, row_id=row.pk, item_code="nothing") == "unknown_item"
    bind_unknown(actor=steward, key=unique("k"), row_id=row.pk, item_code=here.h.item.code)
    unit = unit_view(EPC)
    assert unit is not None
    assert (unit.item_id, unit.status) == (here.h.item.pk, "quarantined")
    assert ItemCode.objects.get(code=OTHER).item_id == here.h.item.pk
    assert tasks() == []
    assert replay().differences == 0
    release(actor=quality, key=unique("k"), things=[EPC], reason="inspected")
    assert unit_view(EPC).status == "available"


def test_what_is_nothing_is_rejected(committed: Site, ward: ApiClient, steward: Actor) -> None:
    keep(ward, LABEL, committed.h.department)
    row = Quarantined.objects.get(source="scan")
    reject_unknown(actor=steward, key=unique("k"), row_id=row.pk, note="A toy")
    unit = unit_view(EPC)
    assert unit is not None
    assert unit.status == "expected"
    assert tasks() == []
    born = Item.objects.get(pk=unit.item_id)
    assert (born.active, born.codes.count()) == (False, 0)
    with pytest.raises(NotFound):
        reject_unknown(actor=steward, key=unique("k"), row_id=row.pk)


def test_what_was_rejected_by_mistake_is_kept_aside_again(
    committed: Site, ward: ApiClient, steward: Actor
) -> None:
    here = committed
    for _round in range(2):
        assert keep(ward, LABEL, here.h.department).status_code == 200
        reject_unknown(actor=steward, key=unique("k"), row_id=Quarantined.objects.get(resolved_at=None).pk)
    answer = keep(ward, LABEL, here.h.department)
    assert answer.status_code == 200, answer.content
    [task] = tasks()
    assert task["epc"] == EPC
    row = Quarantined.objects.get(resolved_at=None)
    bind_unknown(actor=steward, key=unique("k"), row_id=row.pk, item_code=here.h.item.code)
    unit = unit_view(EPC)
    assert unit is not None
    assert (unit.item_id, unit.status) == (here.h.item.pk, "quarantined")
    assert replay().differences == 0


def test_what_is_rejected_leaves_its_code_to_the_real_item(
    committed: Site, ward: ApiClient, steward: Actor
) -> None:
    here = committed
    keep(ward, LABEL, here.h.department)
    reject_unknown(actor=steward, key=unique("k"), row_id=Quarantined.objects.get(resolved_at=None).pk)
    ItemCode.objects.create(issuer="GS1", code=OTHER, item=here.h.item)
    assert keep(ward, LABEL, here.h.department).status_code == 200
    unit = unit_view(EPC)
    assert unit is not None
    assert (unit.item_id, unit.status) == (here.h.item.pk, "quarantined")
    assert [task["item_id"] for task in tasks()] == [here.h.item.pk]
    assert replay().differences == 0


def test_what_stands_on_papers_or_waits_elsewhere_stays_an_item(
    committed: Site, ward: ApiClient, steward: Actor
) -> None:
    here = committed
    keep(ward, LABEL, here.h.department)
    keep(ward, f"]d201{OTHER}10L8", here.h.department)
    with_unit, noted = Quarantined.objects.filter(resolved_at=None).order_by("pk")
    born = Item.objects.get(codes__code=OTHER)
    reject_unknown(actor=steward, key=unique("k"), row_id=with_unit.pk)
    born.refresh_from_db()
    assert (born.active, born.provisional) == (True, True)
    ordered = here.order((here.h.item, 1))
    receipt = Receipt.objects.get(number=here.receive(ordered, here.arrival()).number)
    ReceiptLine.objects.create(receipt=receipt, item=born, outstanding=0)
    assert refusal(bind_unknown, actor=steward, row_id=noted.pk, item_code=here.h.item.code) == "cannot_bind"


def test_what_is_known_is_refused_with_the_place_where_it_is(committed: Site, ward: ApiClient) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    here.stocked(1, serial="KN1")
    before = contents()
    answer = keep(keeper, here.scan("KN1"), here.h.store)
    assert (answer.status_code, answer.json()["code"]) == (409, "known_meanwhile")
    [said] = answer.json()["offences"]
    assert "KN1" in said["sentence"]
    assert here.h.store.name_en in said["sentence"]
    # Where it lies is told to nobody who sees nothing there.
    answer = keep(ward, here.scan("KN1"), here.h.department)
    assert (answer.status_code, answer.json()["code"]) == (409, "known_already")
    assert (contents(), tasks()) == (before, [])


@pytest.mark.parametrize("flow", ["use", "set_out", "take_in"])
def test_what_is_no_label_is_never_kept_nor_told_of(committed: Site, ward: ApiClient, flow: str) -> None:
    """A wristband with a case, and one without, are answered alike."""
    here = committed
    plan_case(
        actor=here.ward, key=unique("k"), number="WB-2", patient_token="PT-77",
        department_id=here.h.department.pk,
    )  # fmt: skip
    answers = [keep(ward, text, here.h.department, flow=flow) for text in ("PT-77", "PT-78", "]C0PT-78")]
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(409, "scan_not_for_this")] * 3
    assert not Quarantined.objects.exists()


def test_a_known_product_has_its_unit_at_once(committed: Site, ward: ApiClient, steward: Actor) -> None:
    here = committed
    assert keep(ward, here.scan("LOOSE1"), here.h.department).status_code == 200
    unit = unit_view(f"01/{GTIN}/21/LOOSE1")
    assert unit is not None
    assert (unit.item_id, unit.status) == (here.h.item.pk, "quarantined")
    row = Quarantined.objects.get(source="scan")
    assert (
        refusal(bind_unknown, actor=steward, row_id=row.pk, item_code=here.counted.code) == "not_provisional"
    )


def test_what_has_no_serial_or_cannot_be_read_is_a_task_alone(committed: Site, ward: ApiClient) -> None:
    here = committed
    unreadable = f"]d201{GTIN[:-1]}5" + "10L1\x1d21X"
    for text in (unreadable, unreadable, f"]d201{OTHER}10L8"):
        answer = keep(ward, text, here.h.department)
        assert (answer.status_code, answer.json()["events"]) == (200, [])
    assert [task.get("epc") for task in tasks()] == [None, None]
    assert Item.objects.filter(provisional=True).count() == 1


def test_every_flow_keeps_what_cannot_be_read_but_where_a_patient_may_be_meant(
    committed: Site, ward: ApiClient
) -> None:
    unreadable = f"]d201{GTIN[:-1]}5" + "10L1\x1d21X"
    for flow in ("use", "look", "take_in", "give_back"):
        ward.send("/handheld/readings", flow=flow, scans=scans(unreadable))
        assert ward.send("/scans", flow=flow, scans=[unreadable]).json()[0]["kind"] == "unreadable"
    assert tasks() == []
    store = ApiClient(committed.storekeeper)
    for _ in range(2):
        store.send("/handheld/readings", flow="put_away", scans=scans(unreadable))
        store.send("/scans", flow="restock", scans=[unreadable])
    assert [task["flow"] for task in tasks()] == ["put_away", "restock"]


def test_where_nobody_of_these_works_nothing_is_kept(committed: Site, ward: ApiClient) -> None:
    here = committed
    assert keep(ward, LABEL, here.h.store).status_code in (404, 409)
    assert keep(ward, here.h.bin.code, here.h.department).status_code == 409
    plan_case(
        actor=here.ward,
        key=unique("k"),
        number="WB-1",
        patient_token="P-9",
        department_id=here.h.department.pk,
    )
    assert keep(ward, "P-9", here.h.department).json()["code"] == "scan_not_for_this"
    assert tasks() == []
    assert not Item.objects.filter(provisional=True).exists()


def test_what_a_label_says_of_a_patient_is_left_out(committed: Site, ward: ApiClient) -> None:
    """A product given to somebody, with a name on its label: the piece is kept aside, who has it is not."""
    for label in (LABEL, LABEL.replace("21NEW1", "21NEW2")):
        assert keep(ward, f"{label}\x1d7256WANG", committed.h.department).status_code == 200
    assert [(task["serial"], "WANG" in str(task)) for task in tasks()] == [("NEW1", False), ("NEW2", False)]
    assert tasks()[0]["scan"].startswith(f"(01){OTHER}")


def test_what_was_moved_since_is_refused_with_the_way_out(
    committed: Site, ward: ApiClient, steward: Actor
) -> None:
    here = committed
    keep(ward, LABEL, here.h.department)
    here.h.do(Step.MOVE, EPC, to=here.h.cabinet)
    row = Quarantined.objects.get(source="scan")
    before = contents()
    assert refusal(reject_unknown, actor=steward, row_id=row.pk) == "cannot_reject"
    assert contents() == before
