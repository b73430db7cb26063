"""Put away, pick, hand over, inspect what came back, scrap, label."""

import re
from urllib.parse import urljoin

import pytest

from tests.browser.printed import scans_of
from tests.flows.zpl import printed
from tests.makers import place, unique
from yanji.access.actor import system_actor
from yanji.access.operations import Operation
from yanji.catalog.models import Item
from yanji.flows.giveback import give_back
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Issue, IssueLine, Label, Override, Requisition
from yanji.flows.models_reasons import ReasonCode
from yanji.flows.pick import pick
from yanji.flows.printing.keep import save_template, shipped
from yanji.flows.putaway import put_away
from yanji.flows.requisition import Wanted, request
from yanji.identity import read
from yanji.ledger.api import unit_view
from yanji.places.models import Kind, Place
from yanji.web.codes import unit_address

from .acts import key, listed, result, scanned, sentences
from .world import PASSWORD, later


def asked(world, quantity=2):
    done = request(
        actor=world.actor("nurse"), key=unique("rq"), department_id=world.department.pk, store_id=world.store.pk,
        lines=[Wanted(world.item.pk, quantity)],
    )  # fmt: skip
    return done.id


def test_a_shelf_that_is_not_here_is_told_so(hospital, signed_in):
    said = sentences(scanned(signed_in("storekeeper"), "/storeroom/put-away", "NOPLACE"))
    assert "NOPLACE is neither a shelf where you put away" in said
    assert "product code" not in said


def test_of_shelves_of_one_name_that_of_the_own_store_goes_first(hospital, signed_in):
    far = place(Kind.STORE, hospital.campus)
    there = place(Kind.BIN, far, name_zh="Z-9", name_en="Z-9", temperature_class="room")
    [epc] = hospital.stocked("S1")
    client, near = signed_in("storekeeper"), hospital.bins[0]
    Place.objects.filter(pk=near.pk).update(name_zh="Z-9", name_en="Z-9")

    def first(**rows):
        listed = scanned(client, "/storeroom/put-away", "Z-9", **rows).content.decode()
        return re.findall(r'"scan": "([^"]+)"', listed)[0].replace("\\u002D", "-")

    assert first(row=[epc]) == near.code
    waiting = sentences(scanned(client, "/storeroom/put-away", hospital.scan("S1")))
    assert f"{hospital.store.name_en} · Z-9" in waiting
    put_away(actor=hospital.actor("storekeeper"), key=unique("p"), things=[epc], to_place_id=there.pk)
    assert first(row=[epc]) == there.code


def test_units_then_the_shelf_then_the_shelf_again(hospital, signed_in):
    hospital.stocked("S1", "S2")
    client, shelf = signed_in("storekeeper"), hospital.bins[0]
    assert "2" in sentences(client.get("/storeroom/put-away"))
    answer = scanned(client, "/storeroom/put-away", hospital.scan("S1"))
    assert result(answer) == "ok"
    assert shelf.name in sentences(answer)
    chosen = scanned(client, "/storeroom/put-away", shelf.code)
    assert f'name="to_place_id" value="{shelf.pk}"' in chosen.content.decode()
    rows = {"row": ["x"], "to_place_id": shelf.pk}
    assert scanned(client, "/storeroom/put-away", shelf.code, **rows).headers["HX-Trigger"] == "yanji:confirm"
    sent = {
        "key": key("put_away"),
        "to_place_id": shelf.pk,
        **listed(hospital, hospital.scan("S1"), hospital.scan("S2")),
    }
    assert client.post("/storeroom/put-away", sent).status_code == 302
    assert unit_view(hospital.epc("S2")).place_id == shelf.pk


def test_counted_pieces_on_their_way_are_shown_as_such(hospital, signed_in):
    """Two units and four pieces of a lot: six are under way, and there is something to take in as long as one is."""
    asked_for = asked(hospital)
    epcs = hospital.stocked("S1", "S2")
    keeper = hospital.actor("storekeeper")
    pick(actor=keeper, key=unique("p"), requisition_id=asked_for, things=epcs)
    done = issue(actor=keeper, key=unique("i"), requisition_id=asked_for)
    lot = Item.objects.create(
        code=unique("LOT"), name_zh="纱布", name_en="Gauze", tracking="lot"
    ).lots.create(number="G7")
    IssueLine.objects.create(issue_id=done.id, lot=lot, quantity=4)
    page = signed_in("storekeeper").get(f"/storeroom/issues/{done.id}")
    assert (page.context["going"], [line.under_way for line in page.context["counted"]]) == (6, [4])
    said = sentences(page)
    assert said.index("Under way 6") < said.rindex("Gauze")
    assert len(page.context["waiting"]) == 2


def test_a_cold_shelf_is_refused_and_the_rows_stay(hospital, signed_in):
    hospital.stocked("S1")
    shelf = hospital.bins[0]
    shelf.temperature_class = "deep"
    shelf.save()
    client = signed_in("storekeeper")
    answer = scanned(client, "/storeroom/put-away", hospital.scan("S1"), to_place_id=shelf.pk)
    assert result(answer) == "error"
    sent = {"key": key("put_away"), "to_place_id": shelf.pk, **listed(hospital, hospital.scan("S1"))}
    answer = client.post("/storeroom/put-away", sent)
    assert answer.status_code == 409
    assert "Choose another place" in sentences(answer)
    assert "Serial S1" in sentences(answer)
    assert unit_view(hospital.epc("S1")).place_id == hospital.dock.pk


def test_no_shelf_chosen(hospital, signed_in):
    hospital.stocked("S1")
    answer = signed_in("storekeeper").post(
        "/storeroom/put-away", {"key": key("put_away"), **listed(hospital, hospital.scan("S1"))}
    )
    assert answer.status_code == 409
    assert "“Place” is empty" in sentences(answer)


def test_pick_in_turn_with_the_reason_for_each_that_is_skipped(hospital, signed_in):
    hospital.stocked("LATE", expiry=later(700), lot="L2")
    hospital.stocked("SOON", "SOON2", expiry=later(60), lot="L1")
    number = asked(hospital)
    client, path = signed_in("storekeeper"), f"/storeroom/picking/{number}"
    page = sentences(client.get(path))
    assert page.index("Serial SOON ") < page.index("Serial SOON2")
    assert "Serial LATE" not in page
    answer = scanned(client, path, hospital.scan("LATE", expiry=later(700), lot="L2"))
    assert result(answer) == "warn"
    assert "not the next in turn" in sentences(answer)
    assert b'name="override:' in answer.content
    sent = {"key": key("pick"), **listed(hospital, hospital.scan("LATE", expiry=later(700), lot="L2"))}
    refused = client.post(path, sent)
    assert refused.status_code == 409
    assert b'name="override:' in refused.content
    assert unit_view(hospital.epc("LATE")).status == "available"
    sent |= {"key": key("pick"), f"override:{hospital.epc('LATE')}": "size_needed"}
    assert client.post(path, sent).status_code == 302
    assert Override.objects.get().reason == "size_needed"
    requisition, event = Override.objects.get().requisition_id, Override.objects.get().event_id
    life = unit_address(hospital.epc("LATE"))
    for shown in (path, f"/ward/requisitions/{requisition}", f"/event/{event}", life):
        told = sentences(client.get(shown, follow=True))
        assert "Taken out of turn" in told, shown
        assert ReasonCode.objects.get(group="override", code="size_needed").name_en in told, shown


def test_pick_then_put_back_then_issue(hospital, signed_in):
    hospital.stocked("S1", "S2")
    number = asked(hospital, 2)
    client, path = signed_in("storekeeper"), f"/storeroom/picking/{number}"
    client.post(path, {"key": key("pick"), **listed(hospital, hospital.scan("S1"), hospital.scan("S2"))})
    client.post(f"{path}/put-back", {"key": key("unpick"), "epc": hospital.epc("S2")})
    assert unit_view(hospital.epc("S2")).status == "available"
    done = client.post(f"{path}/issue", {"key": key("issue"), "handed_to": "Wang Jing"})
    found = Issue.objects.get()
    assert done.url == f"/storeroom/issues/{found.pk}"
    slip = sentences(client.get(done.url))
    assert "Wang Jing" in slip
    assert unit_view(hospital.epc("S1")).status == "in_transit"
    empty = client.post(f"{path}/issue", {"key": key("issue")})
    assert empty.status_code == 409


def test_what_was_not_asked_for_is_refused_at_the_scan(hospital, signed_in):
    hospital.stocked("S1", "S2", "S3")
    number = asked(hospital, 1)
    client, path = signed_in("storekeeper"), f"/storeroom/picking/{number}"
    answer = scanned(client, path, hospital.scan("S2"), **listed(hospital, hospital.scan("S1")))
    assert result(answer) == "error"
    assert "only 0 still open" in sentences(answer)
    answer = scanned(client, path, hospital.scan("NEVER"))
    assert "is not known here" in sentences(answer)


def test_a_requisition_is_found_by_its_number(hospital, signed_in):
    number = asked(hospital)
    client = signed_in("storekeeper")
    slip = Requisition.objects.get(pk=number).number
    assert (
        scanned(client, "/storeroom/picking", slip).headers["HX-Redirect"] == f"/storeroom/picking/{number}"
    )
    assert "is not the number of a requisition" in sentences(
        scanned(client, "/storeroom/picking", hospital.scan("S1"))
    )
    assert slip in sentences(client.get("/storeroom/picking"))


def test_close_a_requisition(hospital, signed_in):
    number = asked(hospital)
    signed_in("storekeeper").post(f"/storeroom/picking/{number}/close", {"key": key("close")})
    assert Requisition.objects.get(pk=number).state == "closed"
    answer = signed_in("storekeeper").post(f"/storeroom/picking/{number}/close", {"key": key("close")})
    assert answer.status_code == 409


@pytest.fixture
def returned(hospital):
    """Two units that the department gave back."""
    hospital.stocked("S1", "S2")
    keeper, nurse, number = hospital.actor("storekeeper"), hospital.actor("nurse"), asked(hospital)
    epcs = [hospital.epc("S1"), hospital.epc("S2")]
    pick(actor=keeper, key=unique("p"), requisition_id=number, things=epcs)
    done = issue(actor=keeper, key=unique("i"), requisition_id=number)
    take_in(actor=nurse, key=unique("t"), issue_id=done.id, to_place_id=hospital.cabinet.pk)
    give_back(
        actor=nurse,
        key=unique("g"),
        department_id=hospital.department.pk,
        store_id=hospital.store.pk,
        things=epcs,
        reason="not_needed",
    )
    return epcs


def test_what_came_back_is_restocked_or_held(hospital, signed_in, returned):
    client = signed_in("storekeeper")
    assert "S1" in sentences(client.get("/storeroom/returns"))
    answer = scanned(client, "/storeroom/returns", hospital.scan("S1"), store_id=hospital.store.pk)
    assert result(answer) == "ok"
    sent = {
        "key": key("returns"), "store_id": hospital.store.pk, f"verdict:{returned[1]}": "opened",
        **listed(hospital, hospital.scan("S1"), hospital.scan("S2")),
    }  # fmt: skip
    assert client.post("/storeroom/returns", sent).status_code == 302
    assert [unit_view(epc).status for epc in returned] == ["available", "quarantined"]


def test_what_waits_in_another_store_leads_there(hospital, signed_in, returned):
    client, other = signed_in("storekeeper"), place(Kind.STORE, hospital.campus)
    answer = scanned(client, "/storeroom/returns", hospital.scan("S1"), store_id=other.pk)
    there = answer.headers["HX-Redirect"]
    assert f"store_id={hospital.store.pk}" in there
    assert "scan=" in there
    assert client.get(there).status_code == 200
    begun = scanned(client, "/storeroom/returns", hospital.scan("S1"), store_id=other.pk, row=["x"])
    assert result(begun) == "error"
    assert "Finish what is listed here" in sentences(begun)
    assert "report the difference" not in sentences(begun)


def scrap_form(world, witness, password=PASSWORD, **more):
    return {
        "key": key("scrap"), "reason": "damaged", "witness": witness, "witness_password": password,
        **listed(world, world.scan("S1")), **more,
    }  # fmt: skip


def test_scrap_needs_a_second_person(hospital, signed_in):
    hospital.stocked("S1")
    client, own = signed_in("storekeeper"), hospital.people["storekeeper"].username
    second = hospital.people["nurse"]
    for sent, sentence in (
        (scrap_form(hospital, "", reason=""), "“Reason” is empty"),
        (scrap_form(hospital, own), "somebody else"),
        (scrap_form(hospital, second.username, "wrong"), "name or the password is wrong"),
        (scrap_form(hospital, second.username), "may not be the second person at this place"),
    ):
        answer = client.post("/storeroom/scrap", sent)
        assert answer.status_code == 409
        assert sentence in sentences(answer)
        assert "Serial S1" in sentences(answer)
        assert PASSWORD.encode() not in answer.content
    assert unit_view(hospital.epc("S1")).status == "available"
    from .world import someone

    witness = someone("storekeeper", "孙雨", "Sun Yu", hospital.campus)
    assert client.post("/storeroom/scrap", scrap_form(hospital, witness.username)).status_code == 302
    assert unit_view(hospital.epc("S1")).status == "scrapped"


def test_the_label_page_finds_its_item(hospital, signed_in):
    client = signed_in("storekeeper")
    found = client.get("/storeroom/labels/items", {"q": hospital.item.code}, headers={"HX-Request": "true"})
    # The browser resolves the address against the page, /storeroom/labels.
    address = urljoin("/storeroom/labels", re.search(r'data-add="([^"]+)"', found.content.decode()).group(1))
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 200


def test_labels_are_numbered_and_printed(hospital, signed_in):
    client = signed_in("storekeeper")
    sent = {
        "key": key("labels"),
        "place_id": hospital.store.pk,
        "item": [hospital.item.pk],
        f"quantity:{hospital.item.pk}": "3",
        "lot": "L5",
        "expiry": later(300).isoformat(),
    }
    address = client.post("/storeroom/labels", sent)["Location"]
    numbers = [label.number for label in Label.objects.order_by("number")]
    assert address == f"/storeroom/labels/{numbers[0]}/3"
    page = client.get(address)
    assert [label.number for label in page.context["numbered"]] == numbers
    large = save_template(
        actor=system_actor([Operation.EDIT_RULES]), key=key("t"), kind="unit", name="大标签",
        data=shipped("unit").as_data() | {"width": 80},
    )  # fmt: skip
    chosen = {"template": large.id, "copies": 2}
    assert f'value="{large.id}"' in client.get(address).content.decode()
    labels = printed(client.get(address, chosen | {"form": "zpl"}).content.decode())
    assert [(label.width, label.copies) for label in labels] == [(640, 2)] * 3
    assert {read(scan).epc for label in labels for scan in label.scans} == set(
        Label.objects.values_list("epc", flat=True)
    )
    assert len(scans_of(client.get(address, chosen | {"form": "pdf"}).content)) == 6
    assert client.post("/storeroom/labels", sent | {"key": key("labels"), "item": []}).status_code == 409
    assert (
        client.post(
            "/storeroom/labels", sent | {"key": key("labels"), f"quantity:{hospital.item.pk}": "501"}
        ).status_code
        == 409
    )
    assert Label.objects.count() == 3
    assert signed_in("buyer").get(address).status_code == 403
