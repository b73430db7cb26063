"""What is said of a thing after it was scanned: a reason, by its code or one touch; and how much a label of a lot stands for."""

from datetime import date
from typing import Any

import pytest

from tests.exchange.client import ApiClient
from tests.flows.site import GTIN, Site
from tests.makers import unique
from yanji.catalog.models import ItemCode
from yanji.flows.goods_in import PAPERS_AT_RECEIPT
from yanji.flows.handheld.said import ANSWERED
from yanji.flows.models import Override, Receipt
from yanji.ledger.api import on_hand, unit_view

LABEL = "]d201069012345000281749123110B1"


def scans(*texts: str | tuple[str, int]) -> list[dict[str, Any]]:
    return [
        {"text": text} if isinstance(text, str) else {"text": text[0], "times": text[1]} for text in texts
    ]


def status(epc: str) -> str:
    view = unit_view(epc)
    return view.status if view else ""


def test_a_pick_out_of_turn_is_done_with_a_reason_that_was_scanned(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    [late] = here.stocked(1, serial="OT1", expiry=date(2049, 12, 31))
    here.stocked(1, serial="OT2", lot="L0", expiry=date(2030, 1, 1))
    wanted = here.requisition((here.h.item, 1))
    given = scans(wanted.number, here.scan("OT1"))
    said = keeper.send("/handheld/readings", flow="pick", scans=given).json()
    [sight] = [each for each in said["sights"] if each["role"] == "thing"]
    assert (sight["asks"], said["ready"]) == (["override"], False)
    assert sight["meaning"]["offences"][0]["code"] == "override_reason_needed"
    given = scans(wanted.number, here.scan("OT1"), "]C0yanji:reason:OVERRIDE:no_such")
    said = keeper.send("/handheld/readings", flow="pick", scans=given).json()
    assert [each["code"] for each in said["sights"][1]["meaning"]["offences"]] == ["unknown_reason"]
    [code, *_others] = keeper.get("/handheld/today").json()["whys"]["pick"]["override"]
    given = scans(wanted.number, here.scan("OT1"), f"YANJI:REASON:override:{code}")
    said = keeper.send("/handheld/readings", flow="pick", scans=given).json()
    assert [(each["of"], each["reason"]) for each in said["sights"]] == [
        ([0], ""),
        ([1, 2], f"override:{code}"),
    ]
    assert said["ready"]
    given += scans(wanted.number)
    assert keeper.send("/handheld/readings", flow="pick", scans=given).json()["confirmed"]
    done = keeper.send("/handheld/acts", key=unique("k"), flow="pick", scans=given)
    assert done.status_code == 200, done.content
    assert status(late) == "picked"
    assert Override.objects.get(epc=late).reason == code


@pytest.mark.parametrize(("group", "step"), [("reject", "reject"), ("hold", "hold")])
def test_what_is_rejected_or_in_doubt_is_taken_in_as_such(committed: Site, group: str, step: str) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    ordered = here.order((here.h.item, 2))
    [code, *_others] = keeper.get("/handheld/today").json()["whys"]["receive"][group]
    given = scans(ordered.number, here.scan("RJ1"), f"YANJI:REASON:{group}:{code}", here.scan("RJ2"))
    said = keeper.send("/handheld/readings", flow="receive", scans=given).json()
    assert [each["reason"] for each in said["sights"]] == ["", f"{group}:{code}", ""]
    assert said["sights"][2]["asks"] == ["reject", "hold"]
    done = keeper.send("/handheld/acts", key=unique("k"), flow="receive", scans=given)
    assert done.status_code == 200, done.content
    receipt = Receipt.objects.get(number=done.json()["number"])
    [line] = receipt.lines.all()
    assert (line.accepted, line.rejected) == ((1, 1) if group == "reject" else (2, 0))
    assert (line.reasons if group == "reject" else line.doubts) == {code: 1}
    views = [unit_view(f"01/{GTIN}/21/{serial}") for serial in ("RJ1", "RJ2")]
    assert [(view.status, view.step) for view in views if view] == [
        ("quarantined", step),
        ("available", "accept"),
    ]


@pytest.mark.parametrize("group", ["reject", "hold"])
def test_what_was_said_of_a_unit_stands_though_it_is_scanned_once_more(committed: Site, group: str) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    ordered = here.order((here.h.item, 2))
    codes = list(keeper.get("/handheld/today").json()["whys"]["receive"][group])[:2]
    [first, last] = [f"YANJI:REASON:{group}:{code}" for code in codes]
    given = scans(ordered.number, here.scan("TW1"), first, here.scan("TW1"))
    said = keeper.send("/handheld/readings", flow="receive", scans=given).json()
    assert [each["reason"] for each in said["sights"][1:]] == [f"{group}:{codes[0]}"] * 2
    assert said["ready"]
    # What is said of it the second time is what counts.
    given = scans(*[each["text"] for each in given], last)
    done = keeper.send("/handheld/acts", key=unique("k"), flow="receive", scans=given)
    assert done.status_code == 200, done.content
    [line] = Receipt.objects.get(number=done.json()["number"]).lines.all()
    assert (line.accepted, line.rejected) == ((0, 1) if group == "reject" else (1, 0))
    assert (line.reasons if group == "reject" else line.doubts) == {codes[1]: 1}
    assert status(f"01/{GTIN}/21/TW1") == "quarantined"


def test_what_was_not_ordered_proposes_its_reason(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    ItemCode.objects.create(issuer="GS1", code="06901234500028", item=here.counted)
    ordered = here.order((here.h.item, 2))
    said = keeper.send("/handheld/readings", flow="receive", scans=scans(ordered.number, LABEL)).json()
    sight = said["sights"][1]
    assert (sight["proposed"], sight["asks"]) == ("reject:wrong_item", ["reject"])
    given = scans(ordered.number, LABEL, "YANJI:REASON:reject:wrong_item", here.scan("NW1"))
    said = keeper.send("/handheld/readings", flow="receive", scans=given).json()
    assert said["ready"], said["sights"]
    assert keeper.send("/handheld/acts", key=unique("k"), flow="receive", scans=given).status_code == 200


def test_a_reason_of_the_act_is_scanned_as_well(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    [epc] = here.stocked(1, serial="HD1")
    said = keeper.send("/handheld/readings", flow="hold", scans=scans(here.scan("HD1"))).json()
    assert [each["code"] for each in said["offences"]] == ["scan_reason"]
    given = scans(here.scan("HD1"), "YANJI:REASON:hold:damaged")
    said = keeper.send("/handheld/readings", flow="hold", scans=given).json()
    assert (said["about"], said["ready"]) == ({"reason": "damaged"}, True)
    assert keeper.send("/handheld/acts", key=unique("k"), flow="hold", scans=given).status_code == 200
    assert status(epc) == "quarantined"


def test_one_label_of_a_lot_stands_for_as_many_as_somebody_says(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    ItemCode.objects.create(issuer="GS1", code="06901234500028", item=here.counted)
    here.stocked_lot(10, expiry=date(2049, 12, 31))
    given = scans((LABEL, 3), LABEL, here.h.bin.code)
    said = keeper.send("/handheld/readings", flow="put_away", scans=given).json()
    assert (said["pieces"], said["ready"]) == (4, True)
    key = unique("k")
    assert keeper.send("/handheld/acts", key=key, flow="put_away", scans=given).status_code == 200
    [row] = on_hand(paths=[here.h.bin.path], by=("lot", "place"))
    assert (row.lot, int(row.quantity)) == ("B1", 4)
    # Sent again with another number, it is another act.
    other = keeper.send(
        "/handheld/acts", key=key, flow="put_away", scans=scans(LABEL, LABEL, here.h.bin.code)
    )
    assert other.json()["code"] == "sent_otherwise"
    # More than is asked for is said before it is done.
    wanted = here.requisition((here.counted, 2))
    said = keeper.send("/handheld/readings", flow="pick", scans=scans(wanted.number, (LABEL, 5))).json()
    assert [each["code"] for each in said["sights"][1]["meaning"]["offences"]] == ["over_picked"]


def test_what_comes_in_place_of_a_damaged_piece_is_not_too_much(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    ordered = here.order((here.h.item, 2))
    damaged = [here.scan("RP1"), "YANJI:REASON:reject:damaged"]
    for given in (
        scans(ordered.number, *damaged, here.scan("RP2"), here.scan("RP3")),
        scans(ordered.number, here.scan("RP2"), here.scan("RP3"), *damaged),
    ):
        said = keeper.send("/handheld/readings", flow="receive", scans=given).json()
        assert said["ready"], said["sights"]
        assert {each["proposed"] for each in said["sights"]} == {""}
    # What is more than that still is.
    more = keeper.send("/handheld/readings", flow="receive", scans=given + scans(here.scan("RP4"))).json()
    assert [each["proposed"] for each in more["sights"] if each["proposed"]] == ["reject:over_delivery"]
    done = keeper.send("/handheld/acts", key=unique("k"), flow="receive", scans=given)
    assert done.status_code == 200, done.content
    [line] = Receipt.objects.get(number=done.json()["number"]).lines.all()
    assert (line.accepted, line.rejected) == (2, 1)


def test_what_has_no_papers_is_not_taken_in_as_doubtful(committed: Site) -> None:
    """The act refuses it whatever is doubted, so the page says the same."""
    assert not ANSWERED["hold"] & set(PAPERS_AT_RECEIPT)


@pytest.mark.parametrize("flow", ["put_away", "request"])
def test_more_pieces_than_a_paper_can_hold_are_refused_with_the_lot(committed: Site, flow: str) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper if flow == "put_away" else committed.nurse)
    ItemCode.objects.create(issuer="GS1", code="06901234500028", item=here.counted)
    here.stocked_lot(10, expiry=date(2049, 12, 31))
    places = (here.h.bin.code,) if flow == "put_away" else (here.h.department.code, here.h.store.code)
    given = scans((f"{LABEL}\x1d3099999999", 9_999), *places)
    said = keeper.send("/handheld/readings", flow=flow, scans=given).json()
    codes = {each["code"] for sight in said["sights"] for each in sight["meaning"]["offences"]}
    assert ("too_many_pieces" in codes, said["ready"]) == (True, False)
    assert keeper.send("/handheld/acts", key=unique("k"), flow=flow, scans=given).status_code == 409
