"""By the scan page things are kept for a paper and given free, and a return leaves for its supplier; each act once."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld import LABEL, read
from tests.exchange.test_handheld_packing import codes
from tests.exchange.test_handheld_transfers import do, done, place_of, tasks
from tests.flows.site import Site, contents
from tests.flows.test_reserving import lying, sees_cases
from tests.flows.test_sendback import asked
from tests.makers import place, unique
from yanji.access.models import Grant, Person
from yanji.catalog.models import Item, ItemCode
from yanji.flows.handheld.about import About
from yanji.flows.handheld.way import Told, moved
from yanji.flows.issue import issue, take_in
from yanji.flows.pick import pick
from yanji.flows.reserving.models import Reservation
from yanji.flows.reserving.queries import reserved_for
from yanji.flows.scanning import Meaning
from yanji.flows.sendback.ask import authorise_return
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.use import plan_case
from yanji.ledger.api import LotQuantity, Refused
from yanji.ledger.models import Level
from yanji.places.models import Kind

WHY = "YANJI:REASON:unreserve:"


def counted(here: Site, pieces: int = 10) -> int:
    ItemCode.objects.create(issuer="GS1", code="06901234500028", item=here.counted)
    return here.stocked_lot(pieces, expiry=date(2049, 12, 31))


def why(client: ApiClient) -> str:
    reasons = client.get("/handheld/today").json()["reasons"]["unreserve"]
    return WHY + next(iter(reasons))


def test_things_are_kept_for_a_requisition_and_given_free_by_its_number(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    epcs = [here.stocked(1, serial=f"KR{number}")[0] for number in range(3)]
    one, two, three = (here.scan(f"KR{number}") for number in range(3))
    lot = counted(here)
    wanted = here.requisition((here.h.item, 2), (here.counted, 3))
    assert tasks(keeper, wanted.number) == [("pick", 5), ("reserve", 5)]
    # The number alone opens what waits for it: it is picked, and kept only by who chooses that.
    named = keeper.send("/handheld/tasks", text=wanted.number).json()
    assert [each["flow"] for each in named] == ["pick"]
    assert codes(read(keeper, "reserve", one)["offences"]) == ["scan_which_kept_for"]
    said = read(keeper, "reserve", wanted.number, one, two, three)
    assert (codes(said["offences"]), said["ready"]) == (["over_reserved"], False)
    before = contents()
    said = read(keeper, "reserve", wanted.number, one, LABEL, LABEL, wanted.number)
    assert (said["ready"], said["confirmed"]) == (True, True)
    assert contents() == before
    key = unique("pwa")
    first, again = (
        do(keeper, "reserve", wanted.number, one, LABEL, LABEL, wanted.number, key=key) for _ in range(2)
    )
    assert (first.status_code, again.json()["repeated"]) == (200, True), first.content
    assert Reservation.objects.get().number == first.json()["number"]
    assert (place_of(epcs[0])[0], lying(lot)) == ("reserved", {"available": 8, "reserved": 2})
    left = keeper.get(f"/handheld/todo?flow=reserve&kind=requisition&paper_id={wanted.id}").json()[0]
    assert [each["pieces"] for each in left["left"]] == [1, 1]
    kept = keeper.get(f"/handheld/todo?flow=unreserve&kind=requisition&paper_id={wanted.id}").json()[0]
    assert sorted((each["pieces"], *each["serials"]) for each in kept["left"]) == [(1, "KR0"), (2,)]
    assert tasks(keeper, wanted.number)[1:] == [("reserve", 5), ("unreserve", 3)]
    # What is not kept, and for another paper, is said at the thing; nothing is given free without a reason.
    other = here.requisition((here.h.item, 1))
    assert codes(read(keeper, "unreserve", other.number)["offences"]) == ["scan_reason", "nothing_kept"]
    said = read(keeper, "unreserve", why(keeper), other.number, one, two)
    assert [codes(each["meaning"]["offences"]) for each in said["sights"]][2:] == [
        ["reserved_for_other"], ["wrong_status"],
    ]  # fmt: skip
    many = do(keeper, "unreserve", why(keeper), LABEL, LABEL, LABEL)
    assert (many.status_code, many.json()["code"]) == (409, "not_reserved")
    done(keeper, "unreserve", why(keeper), LABEL)
    assert lying(lot) == {"available": 9, "reserved": 1}
    key = unique("pwa")
    said = read(keeper, "unreserve", why(keeper), wanted.number, wanted.number)
    assert (said["ready"], said["confirmed"]) == (True, True)
    first, again = (do(keeper, "unreserve", why(keeper), wanted.number, key=key) for _ in range(2))
    assert (first.status_code, again.json()["repeated"]) == (200, True), first.content
    assert (place_of(epcs[0])[0], lying(lot)) == ("available", {"available": 10})


def test_a_case_is_named_only_by_who_may_see_it(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    [epc] = here.stocked(1, serial="KC0")
    case = plan_case(
        actor=here.ward, key=unique("k"), number=unique("CASE"), patient_token=unique("PT"),
        department_id=here.h.department.pk,
    )  # fmt: skip
    said = read(keeper, "reserve", case.number, here.scan("KC0"))
    assert "scan_which_kept_for" in codes(said["offences"])
    assert do(keeper, "reserve", case.number, here.scan("KC0")).status_code == 409
    sees_cases(here)
    said = read(keeper, "reserve", case.number, here.scan("KC0"), case.number)
    assert (said["about"], said["ready"], said["confirmed"]) == ({"case_id": case.id}, True, True)
    done(keeper, "reserve", case.number, here.scan("KC0"), case.number)
    assert [each.epc for each in reserved_for([case.number])] == [epc]


def test_counted_pieces_are_kept_for_a_case_beside_a_unit_of_the_same_store(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    here.stocked(1, serial="KL0")
    lot = counted(here)
    sees_cases(here)
    case = plan_case(
        actor=here.ward, key=unique("k"), number=unique("CASE"), patient_token=unique("PT"),
        department_id=here.h.department.pk,
    )  # fmt: skip
    # Nobody says a place: it is the store around the unit. Pieces alone do not tell which it is.
    assert codes(read(keeper, "reserve", case.number, LABEL)["offences"]) == ["scan_whence"]
    said = read(keeper, "reserve", here.scan("KL0"), LABEL, LABEL, case.number)
    assert (said["ready"], said["sights"][1]["source"] != "") == (True, True)
    done(keeper, "reserve", here.scan("KL0"), LABEL, LABEL, case.number)
    assert lying(lot) == {"available": 8, "reserved": 2}
    assert sorted(each.pieces for each in reserved_for([case.number])) == [1, 2]


def test_no_act_goes_without_pieces_that_were_scanned(committed: Site) -> None:
    here = committed
    lot = counted(here)
    piece = Meaning(LABEL, "lot", lot_id=lot, lot="L-1", quantity=3)
    told = Told("restock", unique("k"), [piece], About(), timezone.now())
    with pytest.raises(Refused) as refused:
        moved(told, here.keeper)  # nobody knows from which store
    assert [(each.code, each.thing) for each in refused.value.offences] == [("scan_whence", "L-1")]
    # What is looked at says so first.
    said = read(ApiClient(here.storekeeper), "restock", LABEL)
    assert ("scan_whence" in codes(said["offences"]), said["ready"]) == (True, False)


def test_counted_pieces_alone_go_back_from_the_ward_of_who_gives_them_back(committed: Site) -> None:
    """Control: who gives back for several wards and is of none is asked, with what can be done about it."""
    here, lot = committed, counted(committed)
    wanted = here.requisition((here.counted, 4))
    things = [LotQuantity(lot, Decimal(4), here.h.store.pk)]
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=things)
    sent = issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)
    take_in(actor=here.ward, key=unique("t"), issue_id=sent.id, to_place_id=here.h.cabinet.pk)
    nurse = ApiClient(here.nurse)
    said = read(nurse, "give_back", here.h.store.code, LABEL, LABEL)
    assert (codes(said["offences"]), said["ready"]) == ([], True)
    done(nurse, "give_back", here.h.store.code, LABEL, LABEL)
    levels = Level.objects.filter(lot=lot, quantity__gt=0).values_list("place_id", "status", "quantity")
    assert {(at, status): int(pieces) for at, status, pieces in levels} == {
        (here.h.store.pk, "available"): 6, (here.h.cabinet.pk, "available"): 2, (here.h.store.pk, "returned"): 2,
    }  # fmt: skip
    place(Kind.DEPARTMENT, here.h.campus)
    Person.objects.filter(pk=here.nurse.pk).update(department=None)
    Grant.objects.filter(person=here.nurse).update(place=here.h.campus)
    said = read(nurse, "give_back", here.h.store.code, LABEL)
    assert (codes(said["offences"]), said["ready"]) == (["scan_whence"], False)


def test_a_return_leaves_with_what_stands_on_it(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    epcs = [here.stocked(1, serial=f"SB{number}")[0] for number in range(3)]
    one, two, three = (here.scan(f"SB{number}") for number in range(3))
    back = asked(here, epcs[:2])
    number = back.number
    assert tasks(keeper, number) == []
    said = read(keeper, "send_back", number, one)
    assert codes(said["offences"]) == ["document_closed"]
    authorise_return(actor=here.keeper, key=unique("a"), return_id=back.id, authorisation="RMA-7")
    assert tasks(keeper, number) == [("send_back", 2)]
    named = keeper.send("/handheld/tasks", text=number).json()
    assert [each["flow"] for each in named] == ["send_back"]
    assert codes(read(keeper, "send_back", number)["offences"]) == ["scan_carrier"]
    van = {"handed_to": "Van 7"}
    said = read(keeper, "send_back", number, one, three, about=van)
    assert codes(said["sights"][2]["meaning"]["offences"]) == ["not_of_this_return"]
    assert "SB2" in said["sights"][2]["meaning"]["offences"][0]["sentence"]
    assert codes(said["offences"]) == ["return_lacks"]
    # A label of a lot that nobody knows is no part of the parcel either.
    unknown = "]d2010690123450002817491231101XB-9"
    ItemCode.objects.create(issuer="GS1", code="06901234500028", item=here.counted)
    strange = read(keeper, "send_back", number, one, two, unknown, about=van)
    assert codes(strange["offences"]) + codes(strange["sights"][3]["meaning"]["offences"]) == [
        "not_of_this_return"
    ]
    assert "1XB-9" in str(strange)
    assert (
        do(keeper, "send_back", number, one, two, unknown, number, **van).json()["code"]
        == "not_of_this_return"
    )
    assert "SB1" in said["offences"][0]["sentence"]
    left = keeper.get(f"/handheld/todo?flow=send_back&kind=supplier_return&paper_id={back.id}").json()[0]
    assert sorted(serial for each in left["left"] for serial in each["serials"]) == ["SB0", "SB1"]
    before = contents()
    refused = do(keeper, "send_back", number, one, number, **van)
    assert (refused.status_code, refused.json()["code"]) == (409, "return_lacks")
    assert contents() == before
    said = read(keeper, "send_back", number, one, two, number, about=van)
    assert (said["ready"], said["confirmed"]) == (True, True)
    key = unique("pwa")
    first, again = (do(keeper, "send_back", number, one, two, number, key=key, **van) for _ in range(2))
    assert (first.status_code, again.json()["repeated"]) == (200, True), first.content
    sent = SupplierReturn.objects.get(pk=back.id)
    assert (sent.state, sent.handed_to) == ("sent", "Van 7")
    assert [place_of(epc)[0] for epc in epcs] == ["returned", "returned", "available"]
    assert tasks(keeper, number) == []
    # By the number alone all of it goes, with who was named before.
    whole = asked(here, epcs[2:])
    authorise_return(actor=here.keeper, key=unique("a"), return_id=whole.id, authorisation="RMA-8")
    SupplierReturn.objects.filter(pk=whole.id).update(handed_to="Courier")
    assert read(keeper, "send_back", whole.number)["ready"]
    done(keeper, "send_back", whole.number, whole.number)
    assert place_of(epcs[2])[0] == "returned"


def test_a_return_is_asked_for_with_a_reason_that_is_scanned(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    epcs = [here.stocked(1, serial=f"SA{number}")[0] for number in range(2)]
    one, two = (here.scan(f"SA{number}") for number in range(2))
    assert codes(read(keeper, "ask_return", one)["offences"]) == ["scan_reason"]
    why = "YANJI:REASON:supplier_return:quality"
    before = contents()
    said = read(keeper, "ask_return", why, one, two, "YANJI:OK")
    assert (said["about"], said["ready"], said["confirmed"]) == ({"reason": "quality"}, True, True)
    assert contents() == before
    key = unique("pwa")
    first, again = (do(keeper, "ask_return", why, one, two, key=key) for _ in range(2))
    assert (first.status_code, again.json()["repeated"]) == (200, True), first.content
    back = SupplierReturn.objects.get()
    assert (back.number, back.reason, back.supplier_id) == (
        first.json()["number"],
        "quality",
        here.h.supplier.pk,
    )
    assert sorted(line.unit.epc for line in back.lines.all() if line.unit) == epcs
    # What another return lists already is said at the thing, by its serial number; so are pieces whose supplier nobody knows.
    refused = do(keeper, "ask_return", why, one)
    assert (refused.status_code, refused.json()["code"]) == (409, "on_other_paper")
    assert "SA0" in str(refused.json())
    counted(here)
    assert codes(read(keeper, "ask_return", why, LABEL)["offences"]) == ["return_which_supplier"]


def test_of_a_lot_of_two_owners_no_label_says_whose_goes_back(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    lot, why = counted(here), "YANJI:REASON:supplier_return:quality"
    Item.objects.filter(pk=here.counted.pk).update(supplier=here.h.supplier)
    heap = Level.objects.get(lot=lot, status="available", quantity__gt=0)
    Level.objects.create(
        lot=heap.lot, place=heap.place, owner=here.h.supplier, status=heap.status, quantity=3, value=0
    )
    said = read(keeper, "ask_return", why, LABEL)
    assert codes(said["offences"]) == ["lot_of_several"]
    assert heap.lot.number in said["offences"][0]["sentence"]
    assert do(keeper, "ask_return", why, LABEL).json()["code"] == "lot_of_several"
    Level.objects.filter(owner=None).delete()
    assert codes(read(keeper, "ask_return", why, LABEL)["offences"]) == []
