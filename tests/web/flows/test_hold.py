"""The page on which things are held and released: by scan, by the number of a lot, by the way out of a refusal."""

import re

import pytest
from django.utils import translation

from tests.makers import place, unique
from yanji.catalog.models import Item
from yanji.flows.held import LotHere, WholeLot
from yanji.flows.hold import hold
from yanji.flows.models import Requisition
from yanji.flows.pick import pick
from yanji.flows.recall import recall
from yanji.flows.receive import Arrival, receive
from yanji.flows.requisition import Wanted, request
from yanji.ledger.api import life_line, on_hand, unit_view
from yanji.ledger.models import Level, Lot, Unit
from yanji.places.models import Kind, Place
from yanji.web.storeroom.hold import lot_row

from .acts import key, listed, result, scanned, sentences
from .world import World, item, later, named

PATH = "/storeroom/hold"


def form(world: World, *serials: str, do: str = "hold", **more: object) -> dict:
    reason = {"hold": "suspected", "release": "inspected"}[do]
    return {"key": key(do), "reason": reason, **listed(world, *map(world.scan, serials)), **more}


def looked_at(client, raw: str, do: str = "hold", **sent: object):
    return client.post(f"{PATH}/scan?do={do}", {"scan": raw, **sent}, headers={"HX-Request": "true"})


def statuses(world: World, *serials: str) -> list[str]:
    return [str(unit_view(world.epc(serial)).status) for serial in serials]


@pytest.fixture
def suture(hospital: World) -> Item:
    made = item("缝线", "Suture", "4-0", hospital.supplier, tracking="lot")
    receive(
        actor=hospital.actor("storekeeper"), key=unique("r"), order_id=hospital.order(6, made),
        dock_id=hospital.dock.pk, arrivals=[Arrival(made.pk, lot="B7", expiry=later(90), quantity=6)],
    )  # fmt: skip
    return made


def test_units_are_held_and_released_with_a_reason(hospital, signed_in):
    hospital.stocked("S1", "S2")
    client = signed_in("storekeeper")
    assert result(looked_at(client, hospital.scan("S1"))) == "ok"
    no_reason = client.post(f"{PATH}?do=hold", form(hospital, "S1", reason=""))
    assert no_reason.status_code == 409
    assert "“Reason” is empty" in sentences(no_reason)
    assert "Serial S1" in sentences(no_reason)
    assert statuses(hospital, "S1") == ["available"]
    done = client.post(f"{PATH}?do=hold", form(hospital, "S1", "S2", note="complaint 7"), follow=True)
    assert "2 pieces are on hold." in sentences(done)
    assert statuses(hospital, "S1", "S2") == ["quarantined"] * 2
    assert (life_line(hospital.epc("S1"))[-1].reason, life_line(hospital.epc("S1"))[-1].note) == (
        "suspected",
        "complaint 7",
    )
    page = sentences(client.get(f"{PATH}?do=release"))
    assert "Suspected fault" in page
    assert "S1 · Lot L2409A · Central Store Dock" in page
    assert "is on hold" in sentences(looked_at(client, hospital.scan("S1")))
    assert result(looked_at(client, hospital.scan("S1"), "release")) == "ok"
    done = client.post(f"{PATH}?do=release", form(hospital, "S1", do="release"), follow=True)
    assert "1 piece is released." in sentences(done)
    assert statuses(hospital, "S1", "S2") == ["available", "quarantined"]


def test_a_whole_lot_by_its_number(hospital, signed_in):
    hospital.stocked("S1", "S2", lot="BAD-1")
    hospital.stocked("S3", lot="GOOD-1")
    client = signed_in("storekeeper")
    answer = looked_at(client, "BAD-1")
    assert result(answer) == "ok"
    assert "The whole lot BAD-1: 2 pieces in Minghu Health Group" in sentences(answer)
    whole = re.search(r'name="whole" value="([^"]+)"', answer.content.decode()).group(1)
    row = {"whole": whole, "row": f"whole:{whole}", "of": hospital.item.pk}
    done = client.post(f"{PATH}?do=hold", form(hospital, **row), follow=True)
    assert "2 pieces are on hold." in sentences(done)
    assert statuses(hospital, "S1", "S2", "S3") == ["quarantined", "quarantined", "available"]
    assert "Nothing of lot BAD-1 lies in" in sentences(looked_at(client, "BAD-1"))
    assert "2 pieces in" in sentences(looked_at(client, "BAD-1", "release"))
    gone = client.post(f"{PATH}?do=hold", form(hospital, **row))
    assert gone.status_code == 409
    assert "Nothing of lot BAD-1 lies in" in sentences(gone)


def test_a_lot_is_looked_for_at_the_chosen_place(hospital, signed_in):
    hospital.stocked("S1", lot="BAD-1")
    client = signed_in("storekeeper")
    other = named("store", hospital.campus, "东湖库", "East Store")
    assert result(looked_at(client, "BAD-1", place_id=other.pk)) == "error"
    answer = looked_at(client, "BAD-1", place_id=hospital.store.pk)
    assert "1 piece in Central Store" in sentences(answer)
    options = re.findall(r'<option value="(\d+)"', client.get(PATH).content.decode())
    assert {str(hospital.campus.pk), str(hospital.store.pk), str(other.pk)} <= set(options)
    assert str(hospital.bins[0].pk) not in options


def test_a_lot_that_lies_picked_says_so(hospital, signed_in):
    hospital.stocked("S1", "S2", lot="BAD-1")
    wanted = request(
        actor=hospital.actor("nurse"), key=unique("rq"), department_id=hospital.department.pk,
        store_id=hospital.store.pk, lines=[Wanted(hospital.item.pk, 1)],
    ).id  # fmt: skip
    pick(
        actor=hospital.actor("storekeeper"), key=unique("p"), requisition_id=wanted, things=[hospital.epc("S1")]
    )  # fmt: skip
    client = signed_in("storekeeper")
    answer = looked_at(client, "BAD-1")
    assert result(answer) == "warn"
    assert "1 of them lies picked" in sentences(answer)
    whole = re.search(r'name="whole" value="([^"]+)"', answer.content.decode()).group(1)
    assert client.post(f"{PATH}?do=hold", form(hospital, whole=whole)).status_code == 302
    assert Requisition.objects.get(pk=wanted).state == "requested"


def test_counted_pieces_by_the_label_or_the_whole_lot(hospital, signed_in, suture):
    client, raw = signed_in("storekeeper"), f"]d201{hospital.gtin(suture)}17{later(90):%y%m%d}10B7"
    answer = looked_at(client, raw)
    assert result(answer) == "ok"
    row = f"lot:{suture.pk}:B7:{later(90)}"
    assert f'name="quantity:{row}"' in answer.content.decode()
    sent = {"line": raw, "row": row, "of": suture.pk, f"quantity:{row}": "2", f"from:{row}": hospital.dock.pk}
    assert client.post(f"{PATH}?do=hold", form(hospital, **sent)).status_code == 302
    rows = on_hand(paths=["/"], by=("status",), item_id=suture.pk)
    assert {row.status: int(row.quantity) for row in rows} == {"available": 4, "quarantined": 2}
    assert "The whole lot B7: 4 pieces" in sentences(looked_at(client, "B7"))
    assert "The whole lot B7: 2 pieces" in sentences(looked_at(client, "B7", "release"))
    assert "Suture" in sentences(client.get(f"{PATH}?do=release"))


def test_a_unit_that_lies_too_warm_is_released_onto_a_shelf_chosen_after_the_scan(hospital, signed_in):
    hospital.stocked("S1")
    client = signed_in("storekeeper")
    client.post(f"{PATH}?do=hold", form(hospital, "S1"))
    Item.objects.filter(pk=hospital.item.pk).update(temperature_class="refrigerated")
    fridge = hospital.bins[1]
    Place.objects.filter(pk=fridge.pk).update(temperature_class="refrigerated")
    row = looked_at(client, hospital.scan("S1"), "release")
    assert (result(row), 'name="line"' in row.content.decode()) == ("warn", True)
    refused = client.post(f"{PATH}?do=release", form(hospital, "S1", do="release"))
    assert (refused.status_code, statuses(hospital, "S1")) == (409, ["quarantined"])
    client.post(f"{PATH}?do=release", form(hospital, "S1", do="release", to_place_id=fridge.pk))
    assert (statuses(hospital, "S1"), unit_view(hospital.epc("S1")).place_id) == (["available"], fridge.pk)


def test_a_lot_of_which_nothing_is_here_is_recalled(hospital, signed_in):
    hospital.stocked("S1", lot="GONE-1", expiry=later(90))
    client = signed_in("storekeeper")
    Unit.objects.update(status="used")
    Level.objects.update(quantity=0)
    row = looked_at(client, "GONE-1", "recall")
    assert (result(row), "what comes later is held" in sentences(row)) == ("warn", True)
    whole = f"{Lot.objects.get(number='GONE-1').pk}:{hospital.campus.pk}"
    sent = {"key": key("recall"), "notice": "RN-8", "whole": whole}
    done = client.post(f"{PATH}?do=recall", sent, follow=True)
    assert "The lot is recalled. Nothing of it could be marked here." in sentences(done)


def test_what_is_on_its_way_lands_as_what_it_became():
    """Held or recalled, each in its own words, in both languages."""
    lot = Lot(pk=1, number="B7", item=Item(pk=1, name_zh="缝线", name_en="Suture"))
    here = LotHere(lot, Place(pk=1, name_zh="库"), {"in_transit": 2})
    with translation.override("en"):
        assert "2 of them are on their way: they land on hold." in lot_row(here, "hold").note
        assert "2 of them are on their way: they land as recalled." in lot_row(here, "recall").note
    with translation.override("zh-hans"):
        assert "召回" in lot_row(here, "recall").note
        assert "冻结" in lot_row(here, "hold").note


def test_a_recall_is_found_and_ended_on_the_page_of_its_lot(hospital, signed_in):
    hospital.stocked("S1", lot="BAD-1", expiry=later(90))
    client, lot = signed_in("storekeeper"), Lot.objects.get(number="BAD-1")
    lots = [WholeLot(lot.pk, hospital.campus.pk)]
    recall(actor=hospital.actor("storekeeper"), key=unique("r"), lots=lots, notice="RN-9")
    listed_lots = client.get(f"{PATH}?do=recall")
    assert "Lot BAD-1 · RN-9" in sentences(listed_lots)
    assert f'href="/lot/{lot.pk}#recalls"' in listed_lots.content.decode()
    assert "Recalled lots" not in sentences(client.get(PATH))
    page = sentences(client.get(f"/lot/{lot.pk}"))
    assert "Recalled: RN-9" in page
    assert "End the recall" in page
    nurse = signed_in("nurse")
    assert nurse.post(f"/lot/{lot.pk}/end-recall", {"reason": "wrong_lot"}).status_code == 403
    client = signed_in("storekeeper")
    sent = {"key": key("end-recall"), "reason": "wrong_lot", "note": "typed 7 for 1"}
    refused = client.post(f"/lot/{lot.pk}/end-recall", {**sent, "reason": "damaged"})
    assert (refused.status_code, statuses(hospital, "S1")) == (409, ["recalled"])
    assert 'value="typed 7 for 1"' in refused.content.decode()
    again = {**sent, "key": key("end-recall")}
    done = sentences(client.post(f"/lot/{lot.pk}/end-recall", again, follow=True))
    assert (
        "The recall is ended. What comes of the lot from now on is as any other lot's. 1 piece is on hold now."
        in done
    )
    assert statuses(hospital, "S1") == ["quarantined"]
    assert "Recall ended: The wrong lot was entered" in sentences(client.get(f"{PATH}?do=release"))
    assert "by Li Wen · The wrong lot was entered · typed 7 for 1" in done
    assert "Recalled: RN-9" not in done
    assert client.get(f"/lot/{lot.pk}").content.decode().count("end-recall") == 0
    assert "Recalled lots" not in sentences(client.get(f"{PATH}?do=recall"))


def test_what_was_rejected_is_shown_but_not_released(hospital, signed_in):
    receive(
        actor=hospital.actor("storekeeper"), key=unique("r"), order_id=hospital.order(1), dock_id=hospital.dock.pk,
        arrivals=[Arrival(hospital.item.pk, hospital.epc("R1"), "R1", "L1", later(90), rejected="damaged")],
    )  # fmt: skip
    client = signed_in("storekeeper")
    page = client.get(f"{PATH}?do=release")
    assert "Rejected on receipt: Packaging damaged" in sentences(page)
    assert b'aria-label="Add R1"' not in page.content
    answer = looked_at(client, hospital.epc("R1"), "release")
    assert result(answer) == "error"
    assert "was rejected on receipt" in sentences(answer)
    refused = client.post(f"{PATH}?do=release", form(hospital, do="release", line=hospital.epc("R1")))
    assert refused.status_code == 409
    assert statuses(hospital, "R1") == ["quarantined"]


def test_a_refusal_leads_to_the_release_for_who_may(hospital, signed_in):
    hospital.stocked("S1")
    wanted = request(
        actor=hospital.actor("nurse"), key=unique("rq"), department_id=hospital.department.pk,
        store_id=hospital.store.pk, lines=[Wanted(hospital.item.pk, 1)],
    ).id  # fmt: skip
    hold(
        actor=hospital.actor("storekeeper"), key=unique("h"), things=[hospital.epc("S1")], reason="suspected"
    )  # fmt: skip
    client, way = signed_in("storekeeper"), f"{PATH}?do=release&amp;scan=01%2F{hospital.gtin()}%2F21%2FS1"
    answer = scanned(client, f"/storeroom/picking/{wanted}", hospital.scan("S1"))
    assert "is on hold" in sentences(answer)
    assert f'href="{way}"' in answer.content.decode()
    unit = client.get(f"/unit/{hospital.epc('S1')}").content.decode()
    assert way in unit
    # Who may only look is shown the unit.
    role = hospital.people["storekeeper"].grants.get().role
    role.operations = [each for each in role.operations if each != "hold"]
    role.save(update_fields=["operations"])
    answer = scanned(client, f"/storeroom/picking/{wanted}", hospital.scan("S1"))
    assert "is on hold" in sentences(answer)
    assert PATH not in answer.content.decode()
    assert "See the unit" in sentences(answer)
    assert client.get(PATH).status_code == 403


@pytest.mark.parametrize(
    "raw", ["", "\x00", "'; DROP TABLE ledger_lot; --", "<img src=x onerror=alert(1)>", "]d201069012", "9" * 400, "%", "L_"]
)  # fmt: skip
def test_what_names_nothing_is_refused_with_a_sentence(hospital, signed_in, raw):
    hospital.stocked("S1", lot="L-1")
    for do in ("hold", "release"):
        answer = looked_at(signed_in("storekeeper"), raw, do)
        assert (answer.status_code, result(answer)) == (200, "error")
        assert b"<img" not in answer.content
        assert b'name="whole"' not in answer.content


def test_nonsense_in_the_form_is_refused(hospital, signed_in):
    client = signed_in("storekeeper")
    for whole in ("1:2:3", "x", "9" * 30 + ":1", ":"):
        answer = client.post(f"{PATH}?do=hold", form(hospital, whole=whole))
        assert answer.status_code == 409, whole
        assert "Nothing was scanned" in sentences(answer)
    hidden = Place.objects.create(kind="campus", code=unique("C"), name_zh="别处", path="/999/")
    assert client.post(f"{PATH}?do=nonsense", form(hospital, whole=f"1:{hidden.pk}")).status_code == 404


def test_a_lot_is_recalled_by_its_notice(hospital, signed_in):
    hospital.stocked("S1", "S2")
    client = signed_in("storekeeper")
    unit = unit_view(hospital.epc("S1"))
    row = looked_at(client, unit.lot, do="recall")
    assert "The whole lot" in sentences(row)
    whole = {"key": key("recall"), "whole": f"{unit.lot_id}:{hospital.campus.pk}"}
    refused = client.post(f"{PATH}?do=recall", whole)
    assert (refused.status_code, statuses(hospital, "S1")) == (409, ["available"])
    answer = client.post(f"{PATH}?do=recall", {**whole, "notice": "RN-7"}, follow=True)
    assert "2 pieces are recalled." in sentences(answer)
    assert statuses(hospital, "S1", "S2") == ["recalled"] * 2


def test_a_lot_that_lies_where_somebody_may_not_hold_is_refused_at_its_scan(hospital, signed_in):
    hospital.stocked("S1")
    client, lot = signed_in("storekeeper"), unit_view(hospital.epc("S1")).lot
    other = place(Kind.CAMPUS)
    hospital.people["storekeeper"].grants.update(place=other)
    row = looked_at(client, lot, do="recall")
    assert "lies, or was recalled, where you may not hold" in sentences(row)
    whole = f"{Lot.objects.get(number=lot).pk}:{other.pk}"
    sent = {"key": key("recall"), "notice": "RN-7", "whole": whole}
    refused = client.post(f"{PATH}?do=recall", sent)
    assert (refused.status_code, statuses(hospital, "S1")) == (409, ["available"])
    assert "Put on hold what lies with you" in sentences(refused)


def test_what_is_past_its_day_is_marked(hospital, signed_in):
    hospital.stocked("S1")
    client = signed_in("storekeeper")
    here = f"{PATH}?do=expire&place_id={hospital.campus.pk}"
    assert "0 pieces here are past" in sentences(client.get(here))
    Lot.objects.filter(pk=unit_view(hospital.epc("S1")).lot_id).update(expiry=later(-1))
    assert "1 piece here is past" in sentences(client.get(here))
    sent = {"key": key("expire"), "place_id": hospital.campus.pk}
    assert "1 piece is marked as expired." in sentences(client.post(f"{PATH}?do=expire", sent, follow=True))
    assert statuses(hospital, "S1") == ["expired"]
    again = client.post(f"{PATH}?do=expire", {**sent, "key": key("expire")})
    assert (again.status_code, "is past its expiry" in sentences(again)) == (409, True)
