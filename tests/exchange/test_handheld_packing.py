"""Boxes by the scan page: packed, put into one another, built as kits and opened, by their labels alone; each act once."""

from datetime import date
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld import LABEL, read
from tests.exchange.test_handheld_transfers import do, done
from tests.flows.site import Site, contents, person
from tests.makers import place, unique
from yanji.access.models import Grant, Role
from yanji.catalog.models import Item, ItemCode
from yanji.flows.packing.bill import InKit, set_bill
from yanji.flows.packing.contents import contents as inside
from yanji.flows.packing.models import BoxKind
from yanji.places.models import Kind

KIT_LABEL = "]d20106901234500042"
FRESH = "]C100069012345000000011"  # an SSCC that stands on nothing yet
BOX, PALLET = "00/069012345000000011", "box/000000777"


def codes(offences: list[dict[str, Any]]) -> list[str]:
    return [each["code"] for each in offences]


def test_a_box_is_packed_between_two_scans_of_its_label(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    epcs = [here.stocked(1, serial=f"PB{number}")[0] for number in range(3)]
    one, two, three = (here.scan(f"PB{number}") for number in range(3))
    said = read(keeper, "pack", one)
    assert (codes(said["offences"]), said["ready"]) == (["scan_which_box"], False)
    before = contents()
    said = read(keeper, "pack", one, two, FRESH, FRESH)
    assert [sight["role"] for sight in said["sights"]] == ["thing", "thing", "about", "confirm"]
    assert (said["about"], said["ready"], said["confirmed"]) == ({"box": BOX}, True, True)
    assert said["named"] == {"box": "(00)069012345000000011"}
    assert contents() == before, "what is only looked at writes nothing"
    key = unique("pwa")
    first, again = (do(keeper, "pack", one, two, FRESH, FRESH, key=key) for _ in range(2))
    assert (first.status_code, again.json()["repeated"]) == (200, True), first.content
    box = inside([BOX])[BOX]
    assert ({unit.epc for unit in box.units}, box.kind) == ({*epcs[:2]}, "box")
    # The box first, more into it; what lies in another box, or elsewhere, is said at the thing.
    done(keeper, "pack", FRESH, three, FRESH)
    assert len(inside([BOX])[BOX].units) == 3
    said = read(keeper, "pack", one, here.scan("NEVER-SEEN"), PALLET)
    assert [codes(each["meaning"]["offences"]) for each in said["sights"]] == [
        ["in_another_box"], ["unknown_unit"], [],
    ]  # fmt: skip
    assert "PB0" in said["sights"][0]["meaning"]["offences"][0]["sentence"]
    refused = do(keeper, "pack", one, PALLET, PALLET)
    assert (refused.status_code, refused.json()["code"]) == (409, "in_another_box")
    assert "PB0" in str(refused.json())
    # A box before the last one goes into that: nothing but boxes makes a pallet.
    done(keeper, "pack", FRESH, PALLET, PALLET)
    pallet = inside([PALLET])[PALLET]
    assert (pallet.kind, pallet.inner, len(pallet.units)) == (BoxKind.PALLET, 1, 3)
    # Whoever means the box on it does not empty all of it.
    for meant in ([PALLET, FRESH, PALLET], [PALLET, FRESH, PALLET, PALLET]):
        assert codes(read(keeper, "unpack", *meant)["offences"]) == ["one_box_at_a_time"]
        assert do(keeper, "unpack", *meant).json()["code"] == "one_box_at_a_time"


def test_what_is_taken_out_of_a_box_is_scanned_or_all_of_it(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    ItemCode.objects.create(issuer="GS1", code="06901234500028", item=here.counted)
    here.stocked_lot(10, expiry=date(2049, 12, 31))
    for number in range(2):
        here.stocked(1, serial=f"PU{number}")
    one, two = (here.scan(f"PU{number}") for number in range(2))
    done(keeper, "pack", one, two, LABEL, LABEL, LABEL, PALLET, PALLET)
    assert inside([PALLET])[PALLET].pieces == 5
    assert codes(read(keeper, "unpack", one)["offences"]) == ["scan_which_box"]
    strange = here.scan("PU9")
    here.stocked(1, serial="PU9")
    said = read(keeper, "unpack", PALLET, one, strange, LABEL)
    assert [codes(each["meaning"]["offences"]) for each in said["sights"]] == [[], [], ["not_in_box"], []]
    assert "PU9" in said["sights"][2]["meaning"]["offences"][0]["sentence"]
    many = do(keeper, "unpack", PALLET, *[LABEL] * 4)
    assert (many.status_code, many.json()["code"]) == (409, "not_in_box")
    key = unique("pwa")
    first, again = (do(keeper, "unpack", PALLET, one, LABEL, PALLET, key=key) for _ in range(2))
    assert (first.status_code, again.json()["repeated"]) == (200, True), first.content
    assert inside([PALLET])[PALLET].pieces == 3
    # The label twice, and nothing else: all of it.
    said = read(keeper, "unpack", PALLET, PALLET)
    assert (said["ready"], said["confirmed"]) == (True, True)
    done(keeper, "unpack", PALLET, PALLET)
    assert not inside([PALLET])[PALLET].packed
    assert codes(read(keeper, "unpack", PALLET)["offences"]) == ["box_is_empty"]
    assert do(keeper, "unpack", PALLET, PALLET).json()["code"] == "box_is_empty"


def test_a_kit_is_built_after_its_bill(committed: Site) -> None:
    """Its own label, or that of its case, says what kit it is; what it lacks is said until it is whole."""
    here, keeper = committed, ApiClient(committed.storekeeper)
    kit = Item.objects.create(code=unique("KIT"), name_zh="髋关节套装", name_en="Hip kit")
    ItemCode.objects.create(issuer="GS1", code="06901234500042", item=kit)
    set_bill(actor=here.actor(here.buyer), key=unique("k"), kit_id=kit.pk, lines=[InKit(here.h.item.pk, 2)])
    for number in range(2):
        here.stocked(1, serial=f"PK{number}")
    one, two = (here.scan(f"PK{number}") for number in range(2))
    said = read(keeper, "pack", KIT_LABEL, one, PALLET)
    assert (said["about"], said["named"]["kit_id"]) == ({"box": PALLET, "kit_id": kit.pk}, "Hip kit")
    assert (codes(said["offences"]), said["ready"]) == (["kit_differs"], False)
    assert do(keeper, "pack", KIT_LABEL, one, PALLET, PALLET).json()["code"] == "kit_differs"
    done(keeper, "pack", KIT_LABEL, one, two, PALLET, PALLET)
    built = inside([PALLET])[PALLET]
    assert (built.kind, built.item_id, len(built.units)) == (BoxKind.KIT, kit.pk, 2)
    here.stocked(1, serial="PK2")
    said = read(keeper, "pack", KIT_LABEL, here.scan("PK2"), FRESH, PALLET)
    assert not said["ready"]


def test_who_may_not_pack_has_no_such_act(committed: Site) -> None:
    here = committed
    here.stocked(1, serial="PN1")
    nurse = ApiClient(here.nurse)
    assert not {"pack", "unpack"} & {*nurse.get("/handheld/today").json()["ways"]}
    refused = do(nurse, "pack", here.scan("PN1"), PALLET, PALLET)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert PALLET not in inside([PALLET])


def test_a_box_that_lies_where_others_pack_is_told_as_that(committed: Site) -> None:
    """It was scanned: that nobody has said yet which box it is would be no answer."""
    here, keeper = committed, ApiClient(committed.storekeeper)
    here.stocked(1, serial="PE1")
    here.stocked(1, serial="PE2")
    done(keeper, "pack", here.scan("PE1"), PALLET, PALLET)
    other = person("storekeeper", place(Kind.CAMPUS, None))
    elsewhere = ApiClient(other)
    # Whoever sees nothing there learns no more of it, and who only looks there packs no more.
    for sees in (False, True):
        if sees:
            role = Role.objects.create(code=unique("r"), name_zh="看", operations=["view"])
            Grant.objects.create(person=other, role=role, place=here.h.campus)
        for flow in ("pack", "unpack"):
            said = read(elsewhere, flow, PALLET)
            assert codes(said["sights"][0]["meaning"]["offences"]) == ["not_yours"], (flow, sees)
            assert "scan_which_box" not in codes(said["offences"])
            assert "PE1" not in str(said) or sees
    # Control: at home it is named.
    assert read(keeper, "pack", here.scan("PE2"), PALLET)["ready"]


def test_what_makes_a_new_box_goes_together(committed: Site) -> None:
    """Without the unit that is refused a carton and its label would become a pallet."""
    here, keeper = committed, ApiClient(committed.storekeeper)
    here.stocked(1, serial="PT1")
    here.stocked(1, serial="PT2")
    done(keeper, "pack", here.scan("PT1"), FRESH, FRESH)
    said = read(keeper, "pack", FRESH, here.scan("NEVER-SEEN"), PALLET)
    assert (said["ready"], said["together"]) == (False, True)
    assert not read(keeper, "pack", here.scan("PT2"), FRESH)["together"], "it is one already"


def test_many_things_cost_what_few_do(committed: Site) -> None:
    here, keeper, spent = committed, ApiClient(committed.storekeeper), []
    for many in (2, 6):
        for number in range(many):
            here.stocked(1, serial=f"PM{many}{number}")
        texts = [here.scan(f"PM{many}{number}") for number in range(many)]
        box = f"box/{many:09d}"
        with CaptureQueriesContext(connection) as packing:
            assert read(keeper, "pack", *texts, box)["ready"]
        cost = len(packing)
        done(keeper, "pack", *texts, box, box)
        with CaptureQueriesContext(connection) as unpacking:
            assert read(keeper, "unpack", box, *texts)["ready"]
        spent.append((cost, len(unpacking)))
    assert spent[0] == spent[1]
