"""Stories of a ward and its store by the API: what it keeps, what is kept for it, what is packed, tagged and past its day."""

from decimal import Decimal

from tests.exchange.client import ApiClient
from tests.flows.site import Site, contents, soon
from tests.makers import unique
from yanji.catalog.models import Item
from yanji.flows.issue import issue, take_in
from yanji.flows.pick import pick
from yanji.ledger.api import LotQuantity, rebuild, unit_view
from yanji.ledger.models import Lot

TAG = "E2801160600002079BC0F9A1"


def test_a_ward_keeps_a_level_and_asks_by_its_list(committed: Site) -> None:
    here, h = committed, committed.h
    nurse, keeper = ApiClient(here.nurse), ApiClient(here.storekeeper)
    level = {"item_id": h.item.pk, "minimum": 2, "maximum": 6}
    nurse.done("/supply/levels", place_id=h.cabinet.pk, levels=[level])
    [proposed] = nurse.get("/supply/proposals", department_id=h.department.pk).json()
    assert (proposed["here"], proposed["coming"], proposed["quantity"]) == (0, 0, 6)
    lines = [{"item_id": h.item.pk, "quantity": proposed["quantity"]}]
    saved = nurse.done("/supply/lists", department_id=h.department.pk, list_name="Monday", lines=lines)
    [listed] = nurse.get("/supply/lists", department_id=h.department.pk).json()
    assert (listed["id"], listed["name"], listed["lines"][0]["quantity"]) == (saved["id"], "Monday", 6)
    assert nurse.get(f"/supply/lists/{saved['id']}").json() == listed
    asked = [{"item_id": line["item_id"], "quantity": line["quantity"]} for line in listed["lines"]]
    nurse.done("/requisitions", department_id=h.department.pk, store_id=h.store.pk, lines=asked)
    [proposed] = nurse.get("/supply/proposals", department_id=h.department.pk).json()
    assert (proposed["coming"], proposed["quantity"]) == (6, 0)
    before = contents()
    other = [
        keeper.post("/supply/levels", place_id=h.cabinet.pk, levels=[level]),
        keeper.post(f"/supply/lists/{saved['id']}/drop"),
    ]
    assert [answer.status_code for answer in other] == [403, 403]
    assert contents() == before
    nurse.done(f"/supply/lists/{saved['id']}/drop")
    [standing] = proposed["levels"]
    nurse.done(f"/supply/levels/{standing['level_id']}/drop")
    assert nurse.get("/supply/lists").json() == []
    assert nurse.get("/supply/proposals", department_id=h.department.pk).json() == []


def test_things_are_kept_for_a_requisition_and_given_free(committed: Site) -> None:
    here, h = committed, committed.h
    keeper = ApiClient(here.storekeeper)
    epcs, lot = here.stocked(2, expiry=soon(90)), here.stocked_lot(5)
    wanted, rival = here.requisition((h.item, 2), (here.counted, 3)), here.requisition((h.item, 2))
    pieces = {"lot_id": lot, "quantity": 3, "place_id": h.store.pk}
    kept = keeper.done("/reservations", store_id=h.store.pk, things=[*epcs, pieces], requisition_id=wanted.id)
    assert (kept["number"][:3], kept["facts"]["count"], kept["facts"]["reserved_for"]) == (
        "RV-",
        5,
        wanted.number,
    )
    found = keeper.get("/reservations", place_id=h.store.pk, reserved_for=wanted.number).json()
    assert {each["reservation"] for each in found} == {kept["number"]}
    assert sorted((each["epc"], each["pieces"]) for each in found) == sorted(
        [("", 3), *((epc, 1) for epc in epcs)]
    )
    taken = keeper.post(f"/requisitions/{rival.id}/picks", things=epcs[:1])
    assert (taken.status_code, unit_view(epcs[0]).status) == (409, "reserved")
    row = next(each["id"] for each in found if each["id"])
    ended = keeper.done("/reservations/end", things=epcs[:1], reservations=[row], reason="not_needed")
    assert ended["facts"]["count"] == 4
    assert [each["epc"] for each in keeper.get("/reservations", reserved_for=wanted.number).json()] == epcs[
        1:
    ]
    assert unit_view(epcs[0]).status == "available"
    picked = f"/requisitions/{wanted.id}"
    keeper.done(f"{picked}/picks", things=epcs[1:])
    keeper.done(f"{picked}/unpicks", things=epcs[1:])
    [open_line, _counted] = keeper.get(f"{picked}/pick-list").json()
    assert (open_line["open"], unit_view(epcs[1]).status) == (2, "available")
    assert rebuild() == []


def test_a_box_is_packed_found_torn_open_and_unpacked(committed: Site) -> None:
    here, h = committed, committed.h
    keeper = ApiClient(here.storekeeper)
    epcs = here.stocked(3)
    inner = keeper.done("/boxes", place_id=h.store.pk, kind="box", things=epcs[:2])["facts"]["code"]
    outer = keeper.done("/boxes", place_id=h.store.pk, kind="pallet", things=epcs[2:], boxes=[inner])[
        "facts"
    ]["code"]
    whole = keeper.get("/boxes", code=outer).json()
    assert (sorted(unit["epc"] for unit in whole["units"]), whole["boxes_inside"]) == (sorted(epcs), 1)
    listed = keeper.get("/boxes/list", place_id=h.store.pk).json()
    assert [(box["code"], box["pieces"], box["seal"]) for box in listed["boxes"]] == [(outer, 3, "sealed")]
    assert keeper.get("/boxes/label.pdf", code=inner).content.startswith(b"%PDF")
    keeper.done("/boxes/unpack", code=inner, units=epcs[:1])
    assert [unit["epc"] for unit in keeper.get("/boxes", code=inner).json()["units"]] == epcs[1:2]
    happened = keeper.get("/boxes/history", code=inner).json()
    assert [each["what"] for each in happened][-1] == "pack"
    assert "unpack" in [each["what"] for each in happened]
    before = contents()
    again = keeper.post("/boxes/unpack", code=inner, units=epcs[:1])
    assert (again.status_code, again.json()["offences"][0]["code"]) == (409, "not_in_box")
    assert contents() == before


def test_what_belongs_in_a_kit_is_said_and_changed(committed: Site) -> None:
    here, h = committed, committed.h
    buyer, keeper = ApiClient(here.buyer), ApiClient(here.storekeeper)
    kit = Item.objects.create(code="KIT-1", name_zh="手术包", tracking="lot", temperature_class="room")
    line = {"item_id": h.item.pk, "quantity": 2}
    buyer.done(f"/kits/{kit.pk}", lines=[line], note="New")
    buyer.done(f"/kits/{kit.pk}", lines=[line | {"quantity": 3}], note="One more")
    [held] = keeper.get(f"/kits/{kit.pk}").json()
    assert (held["item_id"], held["quantity"]) == (h.item.pk, 3)
    said = keeper.get(f"/kits/{kit.pk}/changes").json()
    assert [(each["note"], each["lines"][0]["before"], each["lines"][0]["after"]) for each in said] == [
        ("One more", 2, 3), ("New", 0, 2),
    ]  # fmt: skip
    before = contents()
    assert keeper.post(f"/kits/{kit.pk}", lines=[]).status_code == 404
    itself = buyer.post(f"/kits/{kit.pk}", lines=[{"item_id": kit.pk, "quantity": 1}])
    assert itself.status_code in {409, 422}
    assert contents() == before


def test_a_tag_is_bound_found_and_let_go(committed: Site) -> None:
    keeper, nurse = ApiClient(committed.storekeeper), ApiClient(committed.nurse)
    [epc] = committed.stocked(1)
    keeper.done("/units/codes", epc=epc, code=TAG)
    [meaning] = keeper.send("/scans", flow="look", scans=[TAG]).json()
    assert (meaning["kind"], meaning["epc"]) == ("unit", epc)
    before = contents()
    assert nurse.post("/units/codes/release", code=TAG, reason="wrong_unit").status_code in {403, 404}
    assert contents() == before
    keeper.done("/units/codes/release", code=TAG, reason="wrong_unit")
    [meaning] = keeper.send("/scans", flow="look", scans=[TAG]).json()
    assert meaning["kind"] != "unit"
    assert keeper.post("/units/codes/release", code=TAG, reason="wrong_unit").status_code == 404


def test_a_pieces_life_once_opened_is_said_and_begins(committed: Site) -> None:
    here = committed
    lot, item = here.stocked_lot(4, expiry=soon(90)), here.counted
    buyer, keeper, nurse = (ApiClient(who) for who in (here.buyer, here.storekeeper, here.nurse))
    lying = {"place_id": here.h.cabinet.pk, "lot_id": lot}
    brought_to_the_ward(here, lot)
    holds = {"content": "5", "measure": "mL", "hours": 48}
    before = contents()
    assert keeper.post(f"/openings/{item.pk}", holds=holds).status_code == 404
    unsaid = nurse.post("/opened", **lying)
    assert (unsaid.status_code, contents()) == (409, before)
    buyer.done(f"/openings/{item.pk}", holds=holds)
    [said] = nurse.get("/openings").json()
    assert (said["item_id"], said["measure"], said["hours"]) == (item.pk, "mL", 48)
    begun = nurse.done("/opened", **lying)
    [piece] = nurse.get("/opened").json()
    assert (piece["id"], piece["lot_id"], piece["content"], piece["left"]) == (
        begun["id"], lot, said["content"], said["content"],
    )  # fmt: skip
    buyer.done(f"/openings/{item.pk}", holds=None)
    assert nurse.get("/openings").json() == []
    assert nurse.get("/opened").json() == [piece]
    assert rebuild() == []


def brought_to_the_ward(here: Site, lot: int) -> None:
    """Four pieces, issued by the store and taken in at the ward's cabinet."""
    asked = here.requisition((here.counted, 4))
    pieces = LotQuantity(lot, Decimal(4), here.h.store.pk)
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=[pieces])
    sent = issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id)
    take_in(actor=here.ward, key=unique("k"), issue_id=sent.id, to_place_id=here.h.cabinet.pk)


def test_a_label_is_numbered_for_what_has_no_serial(committed: Site) -> None:
    here, h = committed, committed.h
    keeper, nurse = ApiClient(here.storekeeper), ApiClient(here.nurse)
    wanted = {"place_id": h.store.pk, "item_id": h.item.pk, "count": 2, "lot": "L5", "expiry": soon(200)}
    before = contents()
    assert nurse.post("/labels", **wanted).status_code in {403, 404}
    assert contents() == before
    given = keeper.done("/labels", **wanted)["facts"]["labels"]
    more = keeper.done("/labels", **wanted)["facts"]["labels"]
    assert len({label["number"] for label in (*given, *more)}) == 4
    numbers = ",".join(label["number"] for label in given)
    assert keeper.get("/labels.pdf", numbers=numbers).content.startswith(b"%PDF")


def test_what_is_past_its_day_is_marked_once(committed: Site) -> None:
    here, h = committed, committed.h
    keeper, nurse = ApiClient(here.storekeeper), ApiClient(here.nurse)
    old, good = here.stocked(2, lot="OLD", expiry=soon(1)), here.stocked(1, lot="NEW", expiry=soon(9))
    Lot.objects.filter(number="OLD").update(expiry=soon(-1))
    before = contents()
    assert nurse.post("/expiries", place_id=h.store.pk).status_code in {403, 404}
    assert contents() == before
    done = keeper.done("/expiries", place_id=h.store.pk)
    assert done["facts"]["count"] == 2
    assert [unit_view(epc).status for epc in [*old, *good]] == ["expired", "expired", "available"]
    again = keeper.post("/expiries", place_id=h.store.pk)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_expired")
