"""A damaged scanner from the set-up page to the receipt: what it sends is read by what was learnt, on pages and by programs."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.flows.site import GTIN
from tests.identity.test_scanner_setup import typed
from tests.web.flows.acts import result, sentences
from tests.web.world import World
from yanji.access.actor import Actor
from yanji.access.tokens import create_token
from yanji.catalog.models import Item, Quarantined
from yanji.identity import TEST_BARCODE

GS = "\x1d"
BARE = TEST_BARCODE[3:]


def damaged(text: str) -> str:
    """What a scanner with a substitute, affixes and without AIM identifier makes of a label."""
    return f"*{text.removeprefix(']d2').replace(GS, '|')}#"


@pytest.fixture
def keeper(hospital_day: World) -> Client:
    person = hospital_day.site.storekeeper
    person.language = "en"
    person.save(update_fields=["language"])
    client = Client()
    client.force_login(person)
    return client


def scan(client: Client, text: str) -> Any:
    return client.post("/scanner/scan", {"scan": text}, headers={"HX-Request": "true"})


def test_the_page_teaches_and_keeps(keeper: Client) -> None:
    shown = keeper.get("/scanner")
    assert shown.content.count(b'<svg class="y-test-') == 2
    assert "Not known yet" in sentences(shown)
    answer = scan(keeper, damaged(TEST_BARCODE))
    assert result(answer) == "warn"
    assert "It is turned back" in sentences(answer)
    kept = keeper.post("/scanner", {"scan": damaged(TEST_BARCODE)}, follow=True)
    assert "every scan is read by its profile" in sentences(kept)
    assert "as |" in sentences(kept)
    tried = scan(keeper, damaged(f"]d201{GTIN}10LOT-7{GS}21SN42"))
    assert "(10) LOT-7 (21) SN42" in sentences(tried)
    assert "Not known yet" in sentences(keeper.post("/scanner", {"forget": "1"}, follow=True))


def test_what_cannot_be_undone_is_not_kept(keeper: Client) -> None:
    assert result(scan(keeper, TEST_BARCODE.swapcase())) == "error"
    refused = keeper.post("/scanner", {"scan": TEST_BARCODE.swapcase()})
    assert refused.status_code == 409
    assert "Turn Caps Lock off" in sentences(refused)
    assert "yanji_scanner" not in keeper.cookies
    assert result(scan(keeper, "6901234567892")) in {"ok", "warn"}


def test_a_profile_that_is_not_ours_is_no_profile(keeper: Client) -> None:
    keeper.cookies["yanji_scanner"] = json.dumps({"separator": "1"})
    assert "Not known yet" in sentences(keeper.get("/scanner"))


def test_a_damaged_scan_is_searched_and_received(hospital_day: World, keeper: Client) -> None:
    here = hospital_day.site
    order = here.order((here.h.item, 1))
    label = f"]d201{GTIN}10LOT-7{GS}21SN42"
    address = f"/storeroom/receiving/{order.id}/scan"
    unlearnt = keeper.post(address, {"scan": damaged(label)}, headers={"HX-Request": "true"})
    assert result(unlearnt) == "error"
    keeper.post("/scanner", {"scan": damaged(TEST_BARCODE)})
    learnt = keeper.post(address, {"scan": damaged(label)}, headers={"HX-Request": "true"})
    assert result(learnt) != "error", sentences(learnt)
    assert "SN42" in sentences(learnt)
    assert "LOT-7" in sentences(learnt)
    stored = hospital_day.stored.rpartition("/")[2]
    found = keeper.get("/search", {"q": damaged(f"]d201{GTIN}21{stored}")})
    assert found.status_code == 302
    assert stored in found["Location"]
    number = order.number
    assert keeper.get("/search", {"q": f"*{number}#"}).status_code == 302


def test_a_scanner_at_a_computer_with_another_keyboard(hospital_day: World, keeper: Client) -> None:
    here, label = hospital_day.site, f"]d201{GTIN}10LZ-Y7{GS}21YZ(42)"
    order = here.order((here.h.item, 1))
    # Without the AIM identifier a code could be either way round: it is said, and not learnt.
    answer = scan(keeper, typed(BARE, "AZERTY"))
    assert result(answer) == "error"
    assert "AIM identifier on" in sentences(answer)
    answer = scan(keeper, typed(TEST_BARCODE, "AZERTY"))
    assert result(answer) == "warn"
    assert "Better set the scanner's keyboard country" in sentences(answer)
    assert "AZERTY" in sentences(
        keeper.post("/scanner", {"scan": typed(TEST_BARCODE, "AZERTY")}, follow=True)
    )
    address = f"/storeroom/receiving/{order.id}/scan"
    learnt = keeper.post(address, {"scan": typed(label, "AZERTY")}, headers={"HX-Request": "true"})
    assert result(learnt) != "error", sentences(learnt)
    assert "YZ(42)" in sentences(learnt)
    assert "LZ-Y7" in sentences(learnt)
    for sent in (typed(f"]C0{order.number}", "AZERTY"), order.number):
        assert keeper.get("/search", {"q": sent}).status_code == 302


def test_two_symbols_of_one_label_from_a_damaged_scanner(hospital_day: World, keeper: Client) -> None:
    here = hospital_day.site
    order = here.order((here.h.item, 1))
    keeper.post("/scanner", {"scan": damaged(TEST_BARCODE)})
    address = f"/storeroom/receiving/{order.id}/scan"
    keeper.post(address, {"scan": damaged(f"01{GTIN}")}, headers={"HX-Request": "true"})
    both = keeper.post(address, {"scan": damaged(f"10LOT-8{GS}21SN43")}, headers={"HX-Request": "true"})
    assert result(both) != "error", sentences(both)
    assert "SN43" in sentences(both)


def test_a_program_says_what_its_scanner_does(hospital_day: World) -> None:
    person = hospital_day.site.storekeeper
    token = create_token(actor=Actor(person.pk, person.name), name="t")[1]
    said = {"headers": {"Authorization": f"Bearer {token}"}, "content_type": "application/json"}

    def post(path: str, body: Any) -> Any:
        answer = Client().post(f"/api/v1/{path}", json.dumps(body), **said)
        assert answer.status_code == 200, answer.content
        return answer.json()

    learnt = post("scanners/learn", {"scanned": damaged(TEST_BARCODE)})
    assert learnt["profile"]["separator"] == "|"
    assert {each["code"] for each in learnt["findings"]} >= {"separator_substituted", "affixes"}
    label = damaged(f"]d201{GTIN}10LOT-7{GS}21SN42")
    [without] = post("scans", {"scans": [label]})
    [read] = post("scans", {"scans": [label], "profile": learnt["profile"]})
    assert (without["kind"], read["serial"], read["lot"], read["scan"]) == (
        "unreadable",
        "SN42",
        "LOT-7",
        label,
    )
    other = "06970000000017"
    adopted = damaged(f"]d201{other}10L{GS}21S")
    post("adoptions", {"key": "a-1", "scan": adopted, "profile": learnt["profile"]})
    assert Item.objects.filter(codes__code=other, provisional=True).count() == 1


def test_a_scanner_that_keeps_separators_is_believed(hospital_day: World, keeper: Client) -> None:
    """A lot that looks like two fields is one lot where the scanner is known to send separators."""
    order = hospital_day.site.order((hospital_day.site.h.item, 1))
    label = f"]d201{GTIN}21SN4410LOT9"
    address = f"/storeroom/receiving/{order.id}/scan"
    assert result(keeper.post(address, {"scan": label}, headers={"HX-Request": "true"})) == "error"
    keeper.post("/scanner", {"scan": TEST_BARCODE})
    believed = keeper.post(address, {"scan": label}, headers={"HX-Request": "true"})
    assert "SN4410LOT9" in sentences(believed)


def test_what_cannot_be_read_on_any_page_waits_for_master_data_once(keeper: Client) -> None:
    label = f"]d201{GTIN[:-1]}5" + f"10L1{GS}21X"
    for _ in range(2):
        assert (
            result(keeper.post("/storeroom/put-away/scan", {"scan": label}, headers={"HX-Request": "true"}))
            == "error"
        )
    [kept] = Quarantined.objects.filter(source="scan")
    assert (kept.content["flow"], kept.reasons[0]["code"]) == ("put_away", "bad_check_digit")
