"""Set out and use say what a case still needs: what lies ready, what to take from which shelf, what lies nowhere."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld_todo import left
from tests.flows.site import Site
from tests.flows.theatre.room import Room
from yanji.flows.models import Case
from yanji.flows.theatre.models import CaseNeed


def needing(room: Room, *wanted: tuple[Any, int]) -> Case:
    case = room.case()
    for item, pieces in wanted:
        CaseNeed.objects.create(case=case, item=item, quantity=pieces)
    return case


def test_a_case_says_what_to_lay_out_and_what_lies_ready_for_it(committed: Site) -> None:
    room, nurse = Room(committed), ApiClient(committed.nurse)
    h = committed.h
    first, second = room.units(2)
    case = needing(room, (h.item, 3))
    said = left(nurse, "set_out", "case", case.pk)
    assert (said["asked"], said["done"], said["number"]) == (3, 0, case.number)
    take, lacking = said["left"]
    assert (take["pieces"], take["lot"], take["place"], take["laid_out"]) == (2, "L1", h.cabinet.name, False)
    assert (take["expiry"], len(take["serials"]), take["item_id"]) == ("2049-12-31", 2, h.item.pk)
    assert (lacking["pieces"], lacking["lacking"], lacking["place"]) == (1, True, "")
    # What is laid out is no more to be laid out, and stands first among what is to be used.
    room.out(case, first)
    said = left(nurse, "set_out", "case", case.pk)
    assert (said["done"], [each["pieces"] for each in said["left"]]) == (1, [1, 1])
    said = left(nurse, "use", "case", case.pk)
    assert (said["asked"], said["done"]) == (3, 0)
    assert [(e["pieces"], e["laid_out"], e["lacking"]) for e in said["left"]] == [
        (1, True, False), (1, False, False), (1, False, True)
    ]  # fmt: skip
    assert said["left"][0]["place"] == h.department.name
    room.use(case, first)
    said = left(nurse, "use", "case", case.pk)
    assert (said["asked"], said["done"], len(said["left"])) == (3, 1, 2)
    # What lies ready although no card asks for it is to be used, or goes back.
    other = room.case()
    room.out(other, second)
    said = left(nurse, "use", "case", other.pk)
    assert (said["asked"], [each["laid_out"] for each in said["left"]]) == (1, [True])
    assert left(nurse, "set_out", "case", other.pk)["asked"] == 0


def test_what_cases_need_is_listed_at_the_same_cost_and_to_one_case_each(committed: Site) -> None:
    room, nurse = Room(committed), ApiClient(committed.nurse)
    room.units(3)
    spent = []
    for wanted in (2, 2, 1):
        case = needing(room, (committed.h.item, wanted), (committed.counted, 1))
        nurse.get("/handheld/todos")
        with CaptureQueriesContext(connection) as asked:
            found = nurse.get("/handheld/todos").json()
        spent.append(len(asked))
    assert len(set(spent)) == 1, spent
    assert [each["flow"] for each in found] == ["set_out", "use"] * 3
    of_item = [each for each in found if each["flow"] == "set_out"]
    taken = [
        sum(line["pieces"] for line in each["left"] if line["place"])
        for each in of_item
    ]  # fmt: skip
    assert sum(taken) == 3
    # Who sees no patients is told of no case.
    assert ApiClient(committed.storekeeper).get("/handheld/todos").json() == []
    address = f"/handheld/todo?flow=set_out&kind=case&paper_id={case.pk}"
    assert ApiClient(committed.storekeeper).get(address).status_code in (403, 404)
