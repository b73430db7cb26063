"""Wards lend each other things by the scan page: by the other's place code, and then by the number of the lending alone."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld import read, scans
from tests.flows.site import Site, contents, person
from tests.flows.test_budgets import at_the_ward
from tests.makers import place, unique
from yanji.flows.lending.lend import confirm_lending, give_back_lent, lend
from yanji.flows.lending.models import Lending, SettleUp
from yanji.ledger.api import unit_view
from yanji.places.models import Kind

FLOWS = ("confirm_lending", "give_back_lent", "confirm_settlement")


class Wards:
    """Two departments, and a nurse of each with the page in hand."""

    def __init__(self, here: Site) -> None:
        self.here, self.other = here, place(Kind.DEPARTMENT, here.h.campus)
        self.nurse = person("nurse", self.other)
        self.lends, self.borrows = ApiClient(here.nurse), ApiClient(self.nurse)
        self.epcs = at_the_ward(here, 3)
        self.serials = []
        for epc in self.epcs:
            unit = unit_view(epc)
            assert unit is not None
            self.serials.append(unit.serial)
        self.labels = [here.scan(serial) for serial in self.serials]

    def lent(self, count: int, start: int = 0) -> Lending:
        done = lend(
            actor=self.here.ward, key=unique("l"), lender_id=self.here.h.department.pk, borrower_id=self.other.pk,
            things=self.epcs[start : start + count],
        )  # fmt: skip
        return Lending.objects.get(pk=done.id)

    def lent_another(self, number: int) -> None:
        lend(
            actor=self.here.ward, key=unique("l"), lender_id=self.here.h.department.pk, borrower_id=self.other.pk,
            things=[self.epcs[number]],
        )  # fmt: skip

    def owed(self, count: int, start: int = 0) -> Lending:
        lending = self.lent(count, start)
        confirm_lending(actor=self.here.actor(self.nurse), key=unique("c"), lending_id=lending.pk)
        lending.refresh_from_db()
        return lending

    def back(self, lending: Lending, *numbers: int) -> None:
        give_back_lent(
            actor=self.here.actor(self.nurse), key=unique("b"), lending_id=lending.pk,
            things=[self.epcs[number] for number in numbers],
        )  # fmt: skip


@pytest.fixture
def wards(committed: Site) -> Wards:
    return Wards(committed)


def do(client: ApiClient, flow: str, *texts: str, key: str = "", **about: Any) -> Any:
    return client.send("/handheld/acts", key=key or unique("ln"), flow=flow, scans=scans(*texts), about=about)


def codes(said: dict[str, Any]) -> list[str]:
    things = [each["code"] for sight in said["sights"] for each in sight["meaning"]["offences"]]
    return [*things, *(each["code"] for each in said["offences"])]


def tasks(client: ApiClient, number: str) -> list[tuple[str, int]]:
    found = client.get("/handheld/today").json()["tasks"]
    return [(task["flow"], task["pieces"]) for task in found if task["number"] == number]


def left(client: ApiClient, lending: Lending, *, listed: bool = False) -> list[str]:
    """The serial numbers that the confirmation of what came back waits for, of the one paper or among all that are listed."""
    if listed:
        every = client.get("/handheld/todos").json()
        told = [each for each in every if (each["flow"], each["id"]) == ("confirm_settlement", lending.pk)]
    else:
        asked = {"flow": "confirm_settlement", "kind": "lending", "paper_id": lending.pk}
        told = client.get("/handheld/todo", **asked).json()
    return [serial for todo in told for each in todo["left"] for serial in each["serials"]]


def test_things_are_lent_by_the_code_of_the_ward_that_borrows(wards: Wards) -> None:
    one, two, three = wards.labels
    assert codes(read(wards.lends, "lend", one, two)) == ["scan_which_ward"]
    said = read(wards.lends, "lend", one, two, wards.other.code)
    assert (said["ready"], said["confirmed"], said["pieces"]) == (True, False, 2)
    assert said["named"] == {"place_id": wards.other.name}
    assert read(wards.lends, "lend", one, two, wards.other.code, wards.other.code)["confirmed"]
    # To oneself nothing is lent, and what lies at another ward is not one's own to lend.
    own = do(wards.lends, "lend", three, wards.here.h.department.code)
    assert own.json()["code"] == "same_two_places"
    assert codes(read(wards.borrows, "lend", three, wards.other.code)) == ["recorded_elsewhere"]
    key = unique("once")
    done = [do(wards.lends, "lend", one, two, wards.other.code, key=key) for _ in range(2)]
    assert [each.status_code for each in done] == [200, 200], done[0].content
    assert [each.json()["repeated"] for each in done] == [False, True]
    [lending] = Lending.objects.all()
    assert (lending.number, lending.borrower_id) == (done[0].json()["number"], wards.other.pk)
    assert {each["id"] for each in wards.lends.get("/handheld/today").json()["wards"]} >= {wards.other.pk}


def test_the_borrower_confirms_by_the_number_or_thing_by_thing(wards: Wards) -> None:
    lending, (one, two, three) = wards.lent(2), wards.labels
    number = lending.number
    assert (tasks(wards.lends, number), tasks(wards.borrows, number)) == ([], [("confirm_lending", 2)])
    [todo] = wards.borrows.get(
        "/handheld/todo", flow="confirm_lending", kind="lending", paper_id=lending.pk
    ).json()
    assert sorted(serial for each in todo["left"] for serial in each["serials"]) == sorted(wards.serials[:2])
    wards.lent_another(2)
    # Looked through, all of it is to be found, and nothing else.
    assert codes(read(wards.borrows, "confirm_lending", number, one)) == ["not_all_scanned"]
    said = read(wards.borrows, "confirm_lending", number, one, two, three)
    assert codes(said) == ["not_of_this_lending"]
    assert wards.serials[2] in said["sights"][-1]["meaning"]["offences"][0]["sentence"]
    assert read(wards.borrows, "confirm_lending", number, one, two)["ready"]
    said = read(wards.borrows, "confirm_lending", number, number)
    assert (said["ready"], said["confirmed"]) == (True, True)
    # Not the lender, nor whoever lent it although they work at both.
    before = contents()
    assert do(wards.lends, "confirm_lending", number).status_code == 409
    assert contents() == before
    assert do(wards.borrows, "confirm_lending", number, number).status_code == 200
    lending.refresh_from_db()
    assert (lending.state, tasks(wards.borrows, number)) == ("owed", [("give_back_lent", 2)])


def test_any_unit_goes_back_and_the_lender_confirms_by_the_number(wards: Wards) -> None:
    lending, (one, two, three) = wards.owed(2), wards.labels
    number = lending.number
    assert codes(read(wards.borrows, "give_back_lent", number)) == ["scan_things"]
    assert codes(read(wards.borrows, "give_back_lent", number, three)) == ["recorded_elsewhere"], (
        "it lies at the lender's"
    )
    assert read(wards.borrows, "give_back_lent", number, one)["ready"]
    assert do(wards.borrows, "give_back_lent", number, one, number).status_code == 200
    assert (tasks(wards.lends, number), tasks(wards.borrows, number)) == (
        [("confirm_settlement", 1)],
        [("give_back_lent", 1)],
    )
    assert left(wards.lends, lending) == left(wards.lends, lending, listed=True) == [wards.serials[0]]
    # Whoever gave it back is not asked to confirm it, though they work at both.
    SettleUp.objects.update(actor=wards.here.nurse)
    assert left(wards.lends, lending) == left(wards.lends, lending, listed=True) == []
    SettleUp.objects.update(actor=wards.nurse)
    # A second return waits beside the first: which one is here, a thing of it says.
    wards.back(lending, 1)
    assert left(wards.lends, lending) == left(wards.lends, lending, listed=True) == []
    assert codes(read(wards.lends, "confirm_settlement", number)) == ["several_given_back"]
    assert do(wards.lends, "confirm_settlement", number, number).json()["code"] == "several_given_back"
    done = do(wards.lends, "confirm_settlement", number, two, number)
    assert done.status_code == 200, done.content
    assert do(wards.lends, "confirm_settlement", number, number).status_code == 200
    lending.refresh_from_db()
    assert (lending.state, SettleUp.objects.filter(confirmed_at=None).count()) == ("settled", 0)
    assert tasks(wards.lends, number) == tasks(wards.borrows, number) == []


def test_a_number_alone_opens_what_its_reader_may_do_with_it(wards: Wards) -> None:
    lending = wards.owed(1)

    def acts(client: ApiClient) -> list[str]:
        return [task["flow"] for task in client.send("/handheld/tasks", text=lending.number).json()]

    assert (acts(wards.lends), acts(wards.borrows)) == ([], ["give_back_lent"])
    wards.back(lending, 0)
    assert (acts(wards.lends), acts(wards.borrows)) == (["confirm_settlement"], [])
    assert acts(ApiClient(wards.here.buyer)) == []


def test_the_lending_is_found_by_what_goes_back(wards: Wards) -> None:
    """As the guide says: any unit of what is owed. What nobody owes, and what several lendings owe, is told with its name."""
    one, two, three = wards.labels
    said = read(wards.borrows, "give_back_lent")
    assert codes(said) == ["scan_which_lending", "scan_things"]
    lending = wards.owed(1)
    said = read(wards.borrows, "give_back_lent", one)
    assert (said["about"], said["ready"]) == ({"lending_id": lending.pk}, True), codes(said)
    assert said["named"]["lending_id"] == lending.number
    assert codes(read(wards.borrows, "give_back_lent", three)) == ["not_yours", "scan_which_lending"], (
        "it lies at the lender's"
    )
    # Of several lendings of the same item it is the one under which the unit came, else the number is asked for.
    other, third = wards.owed(1, 1), wards.owed(1, 2)
    assert read(wards.borrows, "give_back_lent", two)["about"] == {"lending_id": other.pk}
    both = read(wards.borrows, "give_back_lent", one, two)
    assert codes(both) == ["no_lending_owes"]
    assert all(serial in both["offences"][0]["sentence"] for serial in wards.serials[:2])
    back = do(wards.borrows, "give_back_lent", third.number, two)
    assert (
        do(wards.lends, "confirm_settlement", third.number, third.number).status_code
        == back.status_code
        == 200
    )
    said = read(wards.borrows, "give_back_lent", three)
    assert codes(said) == ["lendings_owe"]
    sentence = said["offences"][0]["sentence"]
    assert all(each in sentence for each in (lending.number, other.number, wards.serials[2]))
    assert third.number not in sentence
    key = unique("once")
    done = [do(wards.borrows, "give_back_lent", one, "YANJI:OK", key=key) for _ in range(2)]
    assert [each.status_code for each in done] == [200, 200], done[0].content
    assert SettleUp.objects.get(confirmed_at=None).lending_id == lending.pk


def test_which_lending_was_meant_is_judged_by_the_time_of_the_scan(wards: Wards) -> None:
    """Scanned without a network while two were owed, it is not taken for the one that is left when it arrives."""
    lending, other = wards.owed(1), wards.owed(1, 1)
    third = wards.owed(1, 2)
    do(wards.borrows, "give_back_lent", third.number, wards.labels[1])
    then = timezone.now()
    do(wards.borrows, "give_back_lent", other.number, wards.labels[0])
    sent = {"flow": "give_back_lent", "scans": scans(wards.labels[2]), "skew_ms": 0}
    early = wards.borrows.send("/handheld/acts", key=unique("k"), scanned_at=then, **sent)
    assert early.json().get("code") == "lendings_owe", early.content
    # Control: scanned now, one alone owes it.
    assert (
        wards.borrows.send("/handheld/acts", key=unique("k"), scanned_at=timezone.now(), **sent).status_code
        == 200
    )
    assert SettleUp.objects.get(lending=lending).confirmed_at is None


def test_many_lendings_cost_what_one_does(wards: Wards) -> None:
    """In what waits for a nurse, and in telling which of many returns is meant."""
    wards.owed(1)
    spent = []
    for number in (1, 2):
        wards.borrows.get("/handheld/todos")
        with CaptureQueriesContext(connection) as asked:
            wards.borrows.get("/handheld/todos")
        spent.append(len(asked))
        wards.owed(1, number)
    assert spent[0] == spent[1], spent


def test_many_returns_cost_what_few_do(wards: Wards) -> None:
    lending, spent = wards.owed(3), []
    wards.back(lending, 0)
    for number in (1, 2):
        wards.back(lending, number)
        with CaptureQueriesContext(connection) as asked:
            assert read(wards.lends, "confirm_settlement", lending.number, wards.labels[0])["ready"]
        spent.append(len(asked))
    assert spent[0] == spent[1], spent
