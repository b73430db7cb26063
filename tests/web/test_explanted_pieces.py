"""Somebody types how many pieces of a lot go: no more than came out and lie at that place, whatever way they go."""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.flows.approving import role
from tests.flows.counting import LOT_EXPIRY, LOT_GTIN, LOT_LABEL
from tests.flows.site import contents, person, site
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_explanted_lots import came_out, handed, of, screws_in_theatre
from tests.makers import place
from tests.web.flows.acts import key, sentences
from yanji.access.models import Grant, Person
from yanji.access.operations import Operation
from yanji.catalog.models import ItemCode
from yanji.flows.disposal.models import Disposal
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.theatre.models import Handover
from yanji.ledger.api import rebuild
from yanji.ledger.models import Level
from yanji.places.models import Kind, Place

WAYS = ["maker", "pathology", "patient"]
SECOND = "Zweite-Person-9"


@pytest.fixture
def room(transactional_db: None) -> Room:
    return Room(site())


class Desk:
    """Four screws came out of a patient; three lie in the theatre, one in pathology. Who may do all of it sits there."""

    def __init__(self, room: Room) -> None:
        here = room.here
        ItemCode.objects.get_or_create(issuer="GS1", code=LOT_GTIN, defaults={"item": here.counted})
        self.room, self.lot = room, screws_in_theatre(room, 20, expiry=LOT_EXPIRY)
        self.pathology: Place = place(Kind.DEPARTMENT, here.h.campus)
        self.third: Place = place(Kind.DEPARTMENT, here.h.campus)
        self.case, _done = came_out(room, self.lot, 4)
        handed(room, of(room, self.lot, 1), to_place_id=self.pathology.pk)
        may = role("器械处", "Devices", *(str(each) for each in Operation))
        Grant.objects.create(person=here.nurse, role=may, place=here.h.campus)
        Person.objects.filter(pk=here.nurse.pk).update(language="en")
        self.client = Client()
        self.client.force_login(here.nurse)

    def send(self, way: str, typed: str, at: Place | None = None, *, twice: bool = False) -> HttpResponse:
        named = f"lot {self.lot}"
        sent: dict[str, Any] = {
            "key": key("explanted"), "to": way, "place_id": (at or self.room.here.h.department).pk,
            "thing": [named, named] if twice else [named], f"quantity:{named}": typed, "reason": "explanted",
            "to_place_id": self.third.pk, "examiner": "Dr. Wang", "patient_token": self.case.patient_token,
            "receiver": "Mr. Li",
        }  # fmt: skip
        return self.client.post("/theatre/explanted/hand-on", sent)

    def scrap(self, typed: str, at: Place | None = None) -> HttpResponse:
        place_id = (at or self.room.here.h.department).pk
        row = self.client.post(
            "/storeroom/scrap/scan", {"scan": LOT_LABEL, "explanted": place_id}
        ).content.decode()
        [named] = re.findall(r'name="row" value="([^"]+)"', row)
        other = person("storekeeper", self.room.here.h.campus, password=SECOND)
        sent = {
            "key": key("scrap"), "explanted": place_id, "line": LOT_LABEL, "row": named, f"quantity:{named}": typed,
            f"from:{named}": f"{place_id}..explanted", "reason": "damaged", "witness": other.username,
            "witness_password": SECOND,
        }  # fmt: skip
        return self.client.post("/storeroom/scrap", sent)

    def lie(self, at: Place) -> int:
        found = Level.objects.filter(lot=self.lot, place=at, status="explanted").values_list(
            "quantity", flat=True
        )
        return int(sum(found))


@pytest.fixture
def desk(room: Room) -> Desk:
    return Desk(room)


def refused(answer: HttpResponse, words: str) -> None:
    said = sentences(answer)
    assert (answer.status_code, bool(re.search(words, said))) == (409, True), said[-4000:]


@pytest.mark.parametrize("way", WAYS)
def test_more_than_lie_at_the_place_go_no_way(desk: Desk, way: str) -> None:
    before = contents()
    # Four came out, and three of them lie here; one lies there.
    refused(desk.send(way, "4"), "There are 3 of")
    refused(desk.send(way, "2", desk.pathology), "There are 1 of")
    refused(desk.send(way, "2", twice=True), "There are 3 of")
    assert contents() == before
    again = desk.send(way, "4").content.decode()
    typed = [tag for tag in re.findall(r"<input[^>]*quantity[^>]*>", again) if 'value="4"' in tag]
    assert len(typed) == 1, "what was typed stands, where it was typed"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "", "many"])
def test_a_number_that_is_none_is_refused_in_words(desk: Desk, way: str, typed: str) -> None:
    before = contents()
    answer = desk.send(way, typed)
    assert (answer.status_code, contents() == before) == (409, True)
    assert re.search(r"must be above zero|whole numbers", sentences(answer)), sentences(answer)


def test_as_many_as_are_typed_go_from_the_place_where_they_lie(desk: Desk) -> None:
    theatre = desk.room.here.h.department
    assert desk.send("patient", "1").status_code == 302
    assert (desk.lie(theatre), desk.lie(desk.pathology)) == (2, 1)
    assert desk.send("pathology", "1", desk.pathology).status_code == 302
    assert (desk.lie(theatre), desk.lie(desk.pathology), desk.lie(desk.third)) == (2, 0, 1)
    assert Handover.objects.count() == 3
    assert desk.send("maker", "2").status_code == 302
    back = SupplierReturn.objects.get().lines.get()
    assert (back.quantity, back.place_id, back.status) == (2, theatre.pk, "explanted")
    assert rebuild() == []


def test_more_than_lie_at_the_place_are_not_scrapped(desk: Desk) -> None:
    other = desk.pathology
    for typed, at, words in (
        ("4", None, "There are 3 of"),
        ("2", other, "There are 1 of"),
        ("0", None, "whole numbers"),
    ):
        accounts = Person.objects.count()
        before = contents()
        refused(desk.scrap(typed, at), words)
        after = contents()
        assert ({t for t in before if after[t] != before[t]}, Person.objects.count()) == (set(), accounts + 1)
    assert desk.scrap("2").status_code == 302
    paper = Disposal.objects.get()
    assert (paper.amount, desk.lie(desk.room.here.h.department), desk.lie(other)) == (0, 1, 1)
    assert rebuild() == []


def test_of_the_shelf_no_more_go_back_to_the_supplier_than_lie_at_the_place(desk: Desk) -> None:
    here = desk.room.here
    client, at = desk.client, {"place_id": here.h.department.pk, "supplier_id": here.h.supplier.pk}
    row = client.post("/buyer/returns/scan", {"scan": LOT_LABEL, **at}).content.decode()
    [named] = re.findall(r'name="row" value="([^"]+)"', row)
    [lies] = re.findall(rf'name="from:{re.escape(named)}" value="([^"]+)"', row)
    sent = {"line": LOT_LABEL, "row": named, f"from:{named}": lies, "reason": "quality", **at}
    before = contents()
    answer = client.post("/buyer/returns/new", {"key": key("send_back"), **sent, f"quantity:{named}": "17"})
    refused(answer, "There are 16 of")
    assert contents() == before
    answer = client.post("/buyer/returns/new", {"key": key("send_back"), **sent, f"quantity:{named}": "16"})
    assert (answer.status_code, SupplierReturn.objects.get().lines.get().quantity) == (302, 16)
