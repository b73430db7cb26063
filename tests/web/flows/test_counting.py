"""The pages of a count: what each says, what a blind one keeps to itself, and what is refused."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core import signing
from django.utils import timezone

from tests.makers import unique
from yanji.catalog.models import Item, ItemCode
from yanji.flows.counting.count import close_count, recount, start_count
from yanji.flows.counting.models import Count, CountScan
from yanji.flows.counting.scan import Read, record
from yanji.flows.packing.pack import pack
from yanji.identity.scanner import ScannerProfile
from yanji.ledger.api import Draft, Line, NewQuantity, Step, post
from yanji.ledger.models import Movement
from yanji.web.scanner import COOKIE

from .acts import key, result, scanned, sentences
from .world import World, gtin

SERIALS = ("S1", "S2", "S3")


@pytest.fixture
def stocked(hospital: World) -> World:
    hospital.stocked(*SERIALS)
    return hospital


def begun(world: World, **limits: Any) -> int:
    return start_count(
        actor=world.actor("storekeeper"), key=unique("k"), place_id=world.store.pk, **limits
    ).id


def closed(world: World, *seen: str) -> int:
    """A count in which just these serials were seen."""
    count = begun(world)
    reads = [Read(world.epc(serial), unique("s")) for serial in seen]
    if reads:
        record(actor=world.actor("storekeeper"), count_id=count, reads=reads)
    close_count(actor=world.actor("storekeeper"), key=unique("k"), count_id=count)
    return count


def test_a_count_is_begun_by_the_form(stocked: World, signed_in: Any) -> None:
    form = {"key": key("count"), "place_id": stocked.store.pk, "mode": "full", "expiring_days": "90"}
    answer = signed_in("storekeeper").post("/storeroom/count", form)
    count = Count.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/storeroom/count/{count.pk}")
    assert count.expiring_by is not None
    again = signed_in("storekeeper").post("/storeroom/count", form)
    assert again["Location"] == answer["Location"]
    assert Count.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "“Place” is empty"),
        ({"place_id": "x"}, "Choose again"),
        ({"place_id": "store", "expiring_days": "soon"}, "not a whole number"),
        ({"place_id": "store", "family": "none such"}, "Choose less narrowly"),
    ],
)
def test_a_form_that_says_nothing_sensible_is_refused(
    stocked: World, signed_in: Any, form: dict[str, Any], said: str
) -> None:
    if form.get("place_id") == "store":
        form = {**form, "place_id": stocked.store.pk}
    answer = signed_in("storekeeper").post("/storeroom/count", {"key": key("count"), **form})
    assert answer.status_code == 409
    assert said in sentences(answer)
    assert not Count.objects.exists()


def test_a_scan_is_kept_once_and_answered_with_the_number(stocked: World, signed_in: Any) -> None:
    client, path = signed_in("storekeeper"), f"/storeroom/count/{begun(stocked)}"
    answer = scanned(client, path, stocked.scan("S1"), scan_key="k1")
    assert result(answer) == "ok"
    assert 'y-count-number">1<' in answer.content.decode()
    again = scanned(client, path, stocked.scan("S1"), scan_key="k1")
    assert result(again) == "ok"
    twice = scanned(client, path, stocked.scan("S1"), scan_key="k2")
    assert (result(twice), "Counted already" in sentences(twice)) == ("warn", True)
    unknown = scanned(client, path, "rubbish-123", scan_key="k3")
    assert (result(unknown), "unknown code" in sentences(unknown)) == ("error", True)
    assert CountScan.objects.count() == 2


def test_a_scanner_that_was_learnt_counts_like_any_other(stocked: World, signed_in: Any) -> None:
    client, path = signed_in("storekeeper"), f"/storeroom/count/{begun(stocked)}"
    kept = ScannerProfile(suffix="#")
    client.cookies[COOKIE] = signing.dumps(asdict(kept), salt=COOKIE)
    assert result(scanned(client, path, stocked.scan("S1") + "#", scan_key="k1")) == "ok"
    assert CountScan.objects.get().unit.serial == "S1"


def test_a_shelf_is_chosen_by_its_label_and_stays(stocked: World, signed_in: Any) -> None:
    client, path = signed_in("storekeeper"), f"/storeroom/count/{begun(stocked)}"
    chosen = scanned(client, path, stocked.bins[0].code)
    assert chosen["HX-Trigger"] == "yanji:chosen"
    assert f'name="shelf_id" value="{stocked.bins[0].pk}"' in chosen.content.decode()
    elsewhere = scanned(client, path, stocked.cabinet.code)
    assert (result(elsewhere), "Scan another shelf" in sentences(elsewhere)) == ("error", True)
    scanned(client, path, stocked.scan("S1"), shelf_id=stocked.bins[0].pk)
    assert CountScan.objects.get().place_id == stocked.bins[0].pk


def test_a_blind_count_keeps_what_the_ledger_says_to_itself(stocked: World, signed_in: Any) -> None:
    keeper = stocked.actor("storekeeper")
    [epc] = [stocked.epc("S1")]
    post(Draft(Step.PUT_AWAY, unique("k"), timezone.now(), (Line(epc, stocked.bins[0].pk),)), actor=keeper)
    blind, plain = begun(stocked, mode="blind"), begun(stocked)
    client = signed_in("storekeeper")
    for count, told in ((blind, False), (plain, True)):
        path = f"/storeroom/count/{count}"
        answer = scanned(client, path, stocked.scan("S1"), shelf_id=stocked.bins[1].pk)
        assert ("another shelf" in sentences(answer)) == told
        page = sentences(client.get(path))
        assert ("of about 3" in page) == told
        assert ("another shelf" in page) == told
        open_ones = sentences(client.get(f"{path}/totals"))
        assert ("1 / 3" in open_ones) == told
        paper = sentences(client.get(f"/papers/count/{count}/print"))
        assert "L2409A" in paper
        assert (" 2 " in paper.partition("Recorded")[2]) == told


def test_a_thing_found_outside_its_box_says_what_that_does_to_the_seal(
    stocked: World, signed_in: Any
) -> None:
    keeper, things = stocked.actor("storekeeper"), [stocked.epc("S1"), stocked.epc("S2")]
    packed = pack(
        actor=keeper, key=unique("k"), place_id=stocked.store.pk, kind="box", things=things, boxes=[]
    )
    blind, plain = begun(stocked, mode="blind"), begun(stocked)
    said = [
        sentences(
            scanned(
                signed_in("storekeeper"), f"/storeroom/count/{count}", stocked.scan(serial), shelf_id=shelf
            )
        )
        for count, serial, shelf in (
            (plain, "S1", stocked.bins[1].pk), (plain, "S2", stocked.store.pk),
            (plain, "S3", stocked.bins[1].pk), (blind, "S1", stocked.bins[1].pk),
        )
    ]  # fmt: skip
    assert [packed.facts["code"] in each for each in said] == [True, False, False, False]
    assert "another shelf. Packed in" in said[0]


def test_pieces_of_a_lot_are_counted_by_the_row(stocked: World, signed_in: Any) -> None:
    item = Item.objects.create(code=unique("L"), name_zh="缝线", tracking="lot", temperature_class="room")
    code = gtin()
    ItemCode.objects.create(item=item, issuer="GS1", code=code)
    keeper = stocked.actor("storekeeper")
    new = NewQuantity(item.pk, Decimal(10), "B7", date(2049, 1, 1), supplier_id=stocked.supplier.pk)
    post(Draft(Step.RECEIVE, unique("k"), timezone.now(), (Line(new, stocked.store.pk),)), actor=keeper)
    client, count = signed_in("storekeeper"), begun(stocked)
    path = f"/storeroom/count/{count}"
    answer = scanned(client, path, f"]d201{code}1749010110B7", scan_key="k1")
    assert 'name="quantity" value="1"' in answer.content.decode()
    scan_id = CountScan.objects.get().pk
    changed = client.post(f"{path}/undo", {"scan_id": scan_id, "quantity": "10"})
    assert 'name="quantity" value="10"' in changed.content.decode()
    now = CountScan.objects.latest("pk").pk
    for nonsense in (
        {"scan_id": 10**18, "quantity": "7"},
        {"scan_id": now, "quantity": "ten"},
        {"scan_id": now, "quantity": "-4"},
        {"scan_id": "x"},
        {"scan_id": scan_id, "quantity": "3"},
    ):
        answer = client.post(f"{path}/undo", nonsense)
        assert answer.status_code == 200
        assert 'y-count-number">10<' in answer.content.decode()
    none = client.post(f"{path}/undo", {"scan_id": now, "quantity": "0"})
    assert 'y-count-number">0<' in none.content.decode()


def test_a_list_is_counted_at_once_and_once(stocked: World, signed_in: Any) -> None:
    client, path = signed_in("storekeeper"), f"/storeroom/count/{begun(stocked, mode='sweep')}"
    lines = "\n".join(
        [stocked.bins[0].code, stocked.epc("S1"), stocked.epc("S2"), "", "E2000000000000000000ABCD"]
    )
    form = {"key": key("list"), "reads": lines, "tags": "1"}
    for _ in range(2):
        assert client.post(f"{path}/list", form).status_code == 302
    assert CountScan.objects.count() == 3
    assert set(CountScan.objects.values_list("place_id", "how")) == {(stocked.bins[0].pk, "tag")}
    empty = client.post(f"{path}/list", {"key": key("list"), "reads": " \n "})
    assert (empty.status_code, "Nothing was scanned" in sentences(empty)) == (409, True)


def test_what_differs_is_decided_and_posted(stocked: World, signed_in: Any) -> None:
    client, count = signed_in("storekeeper"), closed(stocked, "S1")
    path = f"/storeroom/count/{count}"
    assert client.get(path)["Location"] == f"{path}/variances"
    page = sentences(client.get(f"{path}/variances"))
    assert "2 variances are to be decided" in page
    assert "Not seen" in page
    assert "¥" not in page  # values are for who may see figures
    early = client.post(f"{path}/submit", {"key": key("submit")})
    assert (early.status_code, "are not decided" in sentences(early)) == (409, True)
    nothing = client.post(f"{path}/decide", {"key": key("decide"), "decision": "accept", "reason": "missing"})
    assert (nothing.status_code, "Nothing is chosen" in sentences(nothing)) == (409, True)
    silent = client.post(f"{path}/decide", {"key": key("decide"), "decision": "explain", "all_of": "missing"})
    assert (silent.status_code, "needs words" in sentences(silent)) == (409, True)
    form = {"key": key("decide"), "decision": "accept", "reason": "missing", "all_of": "missing"}
    assert client.post(f"{path}/decide", form).status_code == 302
    moved = Movement.objects.count()
    assert client.post(f"{path}/submit", {"key": key("submit")}).status_code == 302
    assert Movement.objects.count() == moved + 2
    done = sentences(client.get(f"{path}/variances"))
    assert "Nobody knows where it is" in done
    twice = client.post(f"{path}/submit", {"key": key("submit")})
    assert (twice.status_code, "posted already" in sentences(twice)) == (409, True)
    assert Movement.objects.count() == moved + 2
    with_values = sentences(signed_in("manager").get(f"{path}/variances"))
    assert "¥" in with_values


def test_the_recount_names_what_to_look_for_and_not_what_was_counted(stocked: World, signed_in: Any) -> None:
    count = closed(stocked, "S1")
    recount(actor=stocked.actor("storekeeper"), key=unique("k"), count_id=count)
    client, path = signed_in("storekeeper"), f"/storeroom/count/{count}"
    page = sentences(client.get(path))
    assert "To count again" in page
    assert "S2" in page
    refused = scanned(client, path, stocked.scan("S2"))
    assert "must be done by somebody else" in sentences(refused)


def test_the_plan_starts_a_cycle_count_of_what_is_ticked(stocked: World, signed_in: Any) -> None:
    client = signed_in("storekeeper")
    page = sentences(client.get(f"/storeroom/count/plan?place_id={stocked.store.pk}"))
    assert "Never counted here" in page
    form = {
        "key": key("count"),
        "place_id": stocked.store.pk,
        "mode": "cycle",
        "item": [stocked.item.pk, "x"],
    }
    client.post("/storeroom/count", form)
    assert Count.objects.get().item_ids == [stocked.item.pk]
    answer = client.post(
        "/storeroom/count/classes",
        {"key": key("classes"), "campus_id": stocked.campus.pk, "place_id": stocked.store.pk},
    )
    assert answer["Location"] == f"/storeroom/count/plan?place_id={stocked.store.pk}"


def test_a_count_prints_as_a_sheet_to_walk_with_and_as_its_result(stocked: World, signed_in: Any) -> None:
    client, count = signed_in("storekeeper"), begun(stocked)
    assert "Count sheet" in sentences(client.get(f"/papers/count/{count}/print"))
    close_count(actor=stocked.actor("storekeeper"), key=unique("k"), count_id=count)
    result_sheet = sentences(client.get(f"/papers/count/{count}/print"))
    assert "Result of a count" in result_sheet
    assert "Approved by" in result_sheet
    assert "−1" in result_sheet


def test_a_count_elsewhere_is_hidden(stocked: World, signed_in: Any) -> None:
    count, client = begun(stocked), signed_in("nurse")
    for path in (f"/storeroom/count/{count}", f"/storeroom/count/{count}/totals", "/storeroom/count/999999"):
        assert client.get(path).status_code == 404
    assert Count.objects.get().number not in sentences(client.get("/storeroom/count"))
