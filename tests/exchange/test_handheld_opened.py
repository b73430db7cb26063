"""A vial is opened, parts of it are used and the rest is thrown away by scanning alone."""

from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld_said import scans
from tests.flows.site import Site, soon
from tests.flows.theatre.room import Room
from tests.flows.vials import opened, ward_lot
from tests.makers import unique
from yanji.catalog.models import ItemCode
from yanji.flows.opened.models import OpenedPiece, Opening
from yanji.flows.reasons import known

GTIN = "06901234500028"


@pytest.fixture
def label(committed: Site) -> str:
    """The label of a vial of which ten lie in the ward."""
    ItemCode.objects.create(issuer="GS1", code=GTIN, item=committed.counted)
    ward_lot(committed)
    return f"]d201{GTIN}17{soon(90):%y%m%d}10B1"


def read(client: ApiClient, flow: str, *texts: Any) -> dict[str, Any]:
    answer = client.send("/handheld/readings", flow=flow, scans=scans(*texts))
    assert answer.status_code == 200, answer.content
    return answer.json()


def codes(said: dict[str, Any]) -> list[str]:
    own = [each["code"] for sight in said["sights"] for each in sight["meaning"]["offences"]]
    return [*own, *(each["code"] for each in said["offences"])]


def done(client: ApiClient, flow: str, *texts: Any, key: str = "") -> dict[str, Any]:
    answer = client.send("/handheld/acts", key=key or unique("k"), flow=flow, scans=scans(*texts))
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_vial_is_opened_used_in_a_case_and_its_rest_discarded(committed: Site, label: str) -> None:
    here, nurse, case = committed, ApiClient(committed.nurse), Room(committed).case()
    said = read(nurse, "open_piece", label)
    assert (codes(said), said["ready"], said["pieces"]) == ([], True, 1)
    assert said["sights"][0]["source"] == here.h.cabinet.name
    key = unique("k")
    number = done(nurse, "open_piece", label, "YANJI:OK", key=key)["number"]
    assert done(nurse, "open_piece", label, "YANJI:OK", key=key)["repeated"]
    piece = OpenedPiece.objects.get()
    assert piece.number == number
    # The piece by its own label, the wristband beside it, the amount as a code, and the label once more.
    said = read(nurse, "take", label, case.patient_token)
    assert (codes(said), said["about"]) == (["scan_amount"], {"opened_id": piece.pk, "case_id": case.pk})
    assert number in said["named"]["opened_id"]
    assert "5 mL" in said["named"]["opened_id"]
    assert "5 mL" in said["offences"][0]["sentence"]
    assert number in said["offences"][0]["sentence"]
    given = [label, case.patient_token, "YANJI:AMOUNT:1,5", label]
    said = read(nurse, "take", *given)
    assert (codes(said), said["ready"], said["confirmed"]) == ([], True, True)
    key = unique("k")
    for _twice in range(2):
        answer = done(nurse, "take", *given, key=key)
        assert (answer["number"], answer["said"]) == (number, "Taken: 1.5 mL; left: 3.5 mL")
    chinese = ApiClient(here.nurse, language="zh-hans")
    assert done(chinese, "take", *given, key=key)["said"] == "已取用 1.5 mL，剩余 3.5 mL"
    [part] = piece.taken.all()
    assert (part.amount, part.case_id) == (Decimal("1.5"), case.pk)
    assert codes(read(nurse, "take", number, "YANJI:AMOUNT:4")) == ["not_enough_left"]
    # What is left goes for a reason that is scanned.
    why = min(known("waste"))
    assert codes(read(nurse, "discard", number, number)) == ["scan_reason"]
    given = [number, f"YANJI:REASON:waste:{why}", number]
    assert read(nurse, "discard", *given)["confirmed"]
    done(nurse, "discard", *given)
    piece.refresh_from_db()
    assert piece.state == "discarded"
    for flow in ("take", "discard"):
        assert "document_closed" in codes(read(nurse, flow, number))


def test_what_is_no_vial_and_what_is_one_of_several_is_told(committed: Site, label: str) -> None:
    here, nurse = committed, ApiClient(committed.nurse)
    several = read(nurse, "open_piece", (label, 2))
    assert codes(several) == ["one_at_once"]
    assert here.counted.name in several["offences"][0]["sentence"]
    here.stocked(1, serial="VI1")
    assert codes(read(nurse, "open_piece", here.scan("VI1"))) == ["not_yours"]
    assert codes(read(nurse, "take", label)) == ["none_opened", "scan_which_vial"]
    lot = here.counted.lots.get().pk
    numbers = [opened(here, lot).number for _ in range(2)]
    said = read(nurse, "take", label)
    assert codes(said)[0] == "which_opened"
    sentence = said["sights"][0]["meaning"]["offences"][0]["sentence"]
    assert all(number in sentence for number in numbers)
    assert codes(read(nurse, "take", numbers[0], here.scan("VI1"))) == ["not_yours", "scan_amount"]
    # Of what nobody has said what a piece holds nothing is opened.
    Opening.objects.all().delete()
    assert codes(read(nurse, "open_piece", label)) == ["not_opened"]
    refused = nurse.send("/handheld/acts", key=unique("k"), flow="open_piece", scans=scans(label))
    assert refused.json()["code"] == "not_opened"


def test_open_pieces_wait_for_who_uses_there_and_their_number_opens_an_act(
    committed: Site, label: str
) -> None:
    here, nurse, keeper = committed, ApiClient(committed.nurse), ApiClient(committed.storekeeper)
    number = opened(here, here.counted.lots.get().pk).number
    tasks = nurse.get("/handheld/today").json()["tasks"]
    assert [(task["flow"], task["number"]) for task in tasks] == [("take", number)]
    assert "5 mL" in tasks[0]["label"]
    found = nurse.send("/handheld/tasks", text=number).json()
    assert [task["flow"] for task in found] == ["take", "discard"]
    assert keeper.send("/handheld/tasks", text=number).json() == []
    assert [task["flow"] for task in keeper.get("/handheld/today").json()["tasks"]] == []
    for flow in ("take", "discard", "open_piece"):
        answer = keeper.send("/handheld/acts", key=unique("k"), flow=flow, scans=scans(number))
        said = [each["code"] for each in answer.json()["offences"]]
        assert "scan_not_for_this" in said, (flow, said)
