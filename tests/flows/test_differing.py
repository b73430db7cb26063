"""What reaches a department otherwise than it was handed over is said by name, and settled at the store."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.flows.site import Site, contents, person
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.access.tokens import create_token
from yanji.flows.acts import Done
from yanji.flows.correction import take_back
from yanji.flows.differing.models import IssueDifference
from yanji.flows.differing.report import Doubtful, counted
from yanji.flows.differing.settle import settle_difference
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Issue, RequisitionLine
from yanji.flows.pick import pick
from yanji.flows.supply.propose import coming_to
from yanji.ledger.api import LotQuantity, Refused, rebuild, virtual_places
from yanji.ledger.models import Level, Unit
from yanji.places.models import Kind


def handed(here: Site, count: int = 4) -> tuple[Issue, list[str]]:
    """Units handed over to the department, on their way."""
    epcs = here.stocked(count)
    asked = here.requisition((here.h.item, count))
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=epcs)
    done = issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id)
    return Issue.objects.get(pk=done.id), epcs


def taken(here: Site, found: Issue, **fields: Any) -> Done:
    return take_in(
        actor=here.ward, key=unique("k"), issue_id=found.pk, to_place_id=here.h.cabinet.pk, **fields
    )


def settled(here: Site, difference: IssueDifference, outcome: str, **fields: Any) -> Done:
    return settle_difference(
        actor=here.keeper, key=unique("k"), difference_id=difference.pk, outcome=outcome, **fields
    )


def refused(code: str, act: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert code in {offence.code for offence in found.value.offences}
    assert contents() == before


def status(epc: str) -> tuple[str, int]:
    unit = Unit.objects.get(epc=epc)
    return unit.status, unit.place_id


def line(found: Issue) -> tuple[int, int, int]:
    only = found.lines.get()
    return only.quantity, only.taken_in, only.gone


def test_less_damaged_and_more_are_said_in_one_act(committed: Site) -> None:
    here = committed
    found, (good, broken, away, _gone) = handed(here)
    done = taken(
        here, found, things=[good], damaged=[Doubtful(broken, "damaged_on_way")], rest_is_missing=True,
        unexpected=[Doubtful("01/06901234500011/21/NOBODYS", "surplus")],
    )  # fmt: skip
    assert done.facts == {"taken_in": 2, "differences": 4}
    assert done.state == "partly_taken_in"
    cabinet, transit = here.h.cabinet.pk, virtual_places().transit
    assert (status(good), status(broken)) == (("available", cabinet), ("quarantined", cabinet))
    assert status(away) == ("in_transit", transit)
    assert sorted(found.differences.values_list("kind", "reason")) == [
        ("damaged", "damaged_on_way"), ("missing", ""), ("missing", ""), ("unexpected", "surplus"),
    ]  # fmt: skip
    assert line(found) == (4, 2, 0)
    assert not rebuild()


def test_what_was_missing_and_comes_settles_itself(committed: Site) -> None:
    here = committed
    found, (good, late) = handed(here, 2)
    taken(here, found, things=[good], rest_is_missing=True)
    refused("difference_reported", lambda: taken(here, found, things=[], missing=[late]))
    done = taken(here, found)
    difference = found.differences.get()
    assert (done.state, difference.state, difference.outcome) == ("taken_in", "settled", "found")
    assert str(difference.event_id) == done.events[0]
    take_back(
        actor=here.keeper,
        key=unique("k"),
        event_id=done.events[0],
        reason="wrong_scan",
    )
    difference.refresh_from_db()
    assert (difference.state, difference.outcome, difference.event) == ("open", "", None)
    assert line(found) == (2, 1, 0)


def test_pieces_that_come_after_all_lower_what_is_missing(committed: Site) -> None:
    here = committed
    store, lot = here.h.store.pk, here.stocked_lot(10)
    asked = here.requisition((here.counted, 10))
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=[counted(lot, 10, store)])
    found = Issue.objects.get(pk=issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id).id)

    def missing() -> list[tuple[str, int, str]]:
        return list(found.differences.order_by("pk").values_list("state", "pieces", "outcome"))

    def undone(done: Done) -> None:
        take_back(actor=here.keeper, key=unique("k"), event_id=done.events[0], reason="wrong_scan")

    taken(here, found, things=[counted(lot, 7, store)], rest_is_missing=True)
    some = taken(here, found, things=[counted(lot, 2, store)])
    assert missing() == [("open", 1, ""), ("settled", 2, "found")]
    undone(some)
    assert missing() == [("open", 3, "")]
    some, rest = taken(here, found, things=[counted(lot, 2, store)]), taken(here, found)
    assert missing() == [("settled", 1, "found"), ("settled", 2, "found")]
    assert rest.state == "taken_in"
    undone(rest)
    undone(some)
    assert [each[:2] for each in missing()] == [("open", 3)]
    taken(here, found, things=[counted(lot, 2, store)])
    settled(here, found.differences.get(state="open"), "lost", reason="lost_on_way")
    assert line(found) == (10, 9, 1)
    assert not rebuild()


@pytest.mark.parametrize(
    ("outcome", "reason", "ends", "gone"),
    [
        ("found", "", "available", 0), ("back", "", "available", 1), ("held", "not_loaded", "quarantined", 1),
        ("lost", "lost_on_way", "lost", 1),
    ],
)  # fmt: skip
def test_what_is_missing_comes_to_an_end(
    committed: Site, outcome: str, reason: str, ends: str, gone: int
) -> None:
    here = committed
    found, (good, away) = handed(here, 2)
    taken(here, found, things=[good], rest_is_missing=True)
    done = settled(here, found.differences.get(), outcome, reason=reason)
    assert done.facts == {"issue_state": "taken_in"}
    assert status(away)[0] == ends
    assert line(found) == (2, 2 - gone, gone)
    wanted = RequisitionLine.objects.get(requisition=found.requisition_id)
    assert (wanted.picked, wanted.issued) == (2 - gone, 2 - gone)
    assert coming_to(here.h.department)[here.h.item.pk] == gone  # asked for again, and not twice
    refused("document_closed", lambda: settled(here, found.differences.get(), outcome, reason=reason))
    assert not rebuild()


def test_a_settlement_taken_back_is_open_again(committed: Site) -> None:
    here = committed
    found, (good, away) = handed(here, 2)
    taken(here, found, things=[good], rest_is_missing=True)
    done = settled(here, found.differences.get(), "back")
    take_back(actor=here.keeper, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert found.differences.get().state == "open"
    assert (line(found), status(away)[0]) == ((2, 1, 0), "in_transit")
    assert RequisitionLine.objects.get(requisition=found.requisition_id).issued == 2
    assert Issue.objects.get(pk=found.pk).state == "partly_taken_in"


def test_what_came_damaged_is_confirmed_released_or_fetched(committed: Site) -> None:
    here = committed
    found, epcs = handed(here, 3)
    taken(here, found, things=[], damaged=[Doubtful(epc, "damaged_on_way") for epc in epcs])
    held, good, fetched = found.differences.order_by("pk")
    settled(here, held, "held")
    refused("explanation_needed", lambda: settled(here, good, "found"))
    refused("bad_outcome", lambda: settled(here, good, "lost", reason="lost_on_way"))
    settled(here, good, "found", note="only the carton")
    settled(here, fetched, "back")
    assert [status(epc) for epc in epcs] == [
        ("quarantined", here.h.cabinet.pk), ("available", here.h.cabinet.pk), ("quarantined", here.h.store.pk),
    ]  # fmt: skip
    assert line(found) == (3, 3, 0)


def test_a_handing_over_taken_back_settles_what_was_missing_of_it(committed: Site) -> None:
    here = committed
    found, epcs = handed(here, 2)
    taken(here, found, things=[], rest_is_missing=True)
    take_back(actor=here.keeper, key=unique("k"), event_id=str(found.event_id), reason="wrong_scan")
    assert {(each.state, each.outcome) for each in found.differences.all()} == {("settled", "back")}
    assert {status(epc)[0] for epc in epcs} == {"picked"}


def test_pieces_of_a_lot_may_be_missing_and_damaged(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(10)
    asked = here.requisition((here.counted, 10))
    store, cabinet = here.h.store.pk, here.h.cabinet.pk
    pick(
        actor=here.keeper,
        key=unique("k"),
        requisition_id=asked.id,
        things=[LotQuantity(lot, Decimal(10), store)],
    )
    done = issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id)
    found = Issue.objects.get(pk=done.id)
    refused(
        "over_taken_in",
        lambda: taken(
            here,
            found,
            things=[LotQuantity(lot, Decimal(8), store)],
            missing=[LotQuantity(lot, Decimal(3), store)],
        ),
    )
    broken = Doubtful(LotQuantity(lot, Decimal(2), store), "damaged_on_way")
    taken(here, found, things=[LotQuantity(lot, Decimal(5), store)], damaged=[broken], rest_is_missing=True)
    damaged, missing = found.differences.order_by("kind")
    assert (damaged.pieces, missing.pieces, line(found)) == (2, 3, (10, 7, 0))
    settled(here, missing, "lost", reason="lost_on_way")
    settled(here, damaged, "back")
    assert line(found) == (10, 7, 3)
    there = Level.objects.filter(lot=lot, quantity__gt=0).values_list("place_id", "status", "quantity")
    lost = virtual_places().lost
    assert sorted(
        (place, status, int(n)) for place, status, n in there if place != virtual_places().supplier
    ) == sorted([(cabinet, "available", 5), (store, "quarantined", 2), (lost, "lost", 3)])
    assert not rebuild()


def test_what_makes_no_sense_is_refused_and_nothing_written(committed: Site) -> None:
    here = committed
    found, (first, second) = handed(here, 2)
    for code, said in (
        ("empty", {"things": []}),
        ("missing_and_here", {"things": [first], "missing": [first]}),
        ("not_under_way", {"things": [first], "missing": ["01/06901234500011/21/X"]}),
        ("reason_needed", {"things": [first], "damaged": [Doubtful(second, "")]}),
        ("unknown_reason", {"things": [first], "damaged": [Doubtful(second, "bored")]}),
    ):
        refused(code, lambda fields=said: taken(here, found, **fields))
    taken(here, found, things=[first], rest_is_missing=True)
    difference = found.differences.get()
    refused("reason_needed", lambda: settled(here, difference, "lost"))
    act = {"key": unique("k"), "difference_id": difference.pk, "outcome": "back"}
    refused("not_yours", lambda: settle_difference(actor=here.ward, **act))
    elsewhere = here.actor(person("storekeeper", place(Kind.CAMPUS)))
    before = contents()
    for actor, more in ((elsewhere, {}), (here.keeper, {"to_place_id": here.h.cabinet.pk})):
        with pytest.raises(NotFound):
            settle_difference(actor=actor, **act, **more)
    assert contents() == before


def test_programs_report_and_settle(committed: Site) -> None:
    here = committed
    found, (first, second) = handed(here, 2)
    ward, keeper = (
        {"Authorization": f"Bearer {create_token(actor=who, name='t')[1]}"}
        for who in (here.ward, here.keeper)
    )
    body = {
        "key": unique("k"), "to_place_id": here.h.cabinet.pk, "things": [first],
        "damaged": [{"thing": second, "reason": "damaged_on_way"}],
    }  # fmt: skip
    sent = {"content_type": "application/json"}
    answer = Client().post(f"/api/v1/issues/{found.pk}/take-ins", body, headers=ward, **sent)
    assert answer.json()["facts"] == {"taken_in": 2, "differences": 1}
    assert Client().get("/api/v1/issue-differences", headers=ward).json() == []
    [shown] = Client().get("/api/v1/issue-differences", headers=keeper).json()
    assert (shown["thing"], shown["outcomes"]) == (second, ["held", "found", "back"])
    act = {"key": unique("k"), "outcome": "held"}
    address = f"/api/v1/issue-differences/{shown['id']}"
    assert Client().post(address, act, headers=ward, **sent).status_code == 403
    assert Client().post(address, act, headers=keeper, **sent).json()["state"] == "settled"
    [after] = Client().get(f"/api/v1/issues/{found.pk}/differences", headers=ward).json()
    assert (after["outcome"], after["outcomes"]) == ("held", [])
