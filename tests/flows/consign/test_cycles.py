"""A sterilisation that was entered wrongly is voided: the set is not sterile by it, and the right one is entered anew."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.consign.test_loans import arrived, do, expected, in_theatre
from tests.flows.site import contents, person
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.access.models import Person
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.cycles import void_cycle
from yanji.flows.consign.loans import close_set, hand_back_set, send_set, sterilise_set
from yanji.flows.consign.models import LoanSet, LoanSetCycle
from yanji.flows.theatre.sheets import loan_sheet
from yanji.ledger.api import rebuild, unit_view
from yanji.places.models import Kind


@pytest.fixture(autouse=True)
def _agreed(room: Room) -> None:
    room.agreement(items=[Kept(room.here.h.item.pk, Decimal(700))])


def cycles(loan: int) -> list[tuple[str, str]]:
    return list(LoanSetCycle.objects.filter(loan_set=loan).order_by("pk").values_list("cycle", "state"))


def last(loan: int) -> int:
    return LoanSetCycle.objects.filter(loan_set=loan).latest("pk").pk


def voided(room: Room, loan: int, cycle: int = 0, **fields: Any) -> None:
    do(room, void_cycle, loan, cycle_id=cycle or last(loan), **{"reason": "Another set's", **fields})


def state(loan: int) -> tuple[str, str]:
    found = LoanSet.objects.get(pk=loan)
    return found.state, found.cycle


def test_by_a_voided_one_the_set_is_not_sterile(room: Room) -> None:
    loan, epcs = in_theatre(room)
    case = room.case()
    voided(room, loan)
    assert (state(loan), cycles(loan)) == (("arrived", ""), [("CSSD-7", "voided")])
    refused("thing_not_sterilised", lambda: room.use(case, epcs[0]))
    refused("not_sterilised", lambda: do(room, send_set, loan))
    do(room, sterilise_set, loan, cycle="CSSD-8")
    do(room, send_set, loan)
    assert room.use(case, epcs[0]).state == "open"
    assert (state(loan), cycles(loan)) == (
        ("in_theatre", "CSSD-8"),
        [("CSSD-7", "voided"), ("CSSD-8", "entered")],
    )


def test_an_earlier_one_changes_nothing_of_the_set(room: Room) -> None:
    loan, _epcs = in_theatre(room)
    first = last(loan)
    do(room, sterilise_set, loan, cycle="CSSD-8")
    voided(room, loan, first)
    assert (state(loan), cycles(loan)) == (
        ("sterilised", "CSSD-8"),
        [("CSSD-7", "voided"), ("CSSD-8", "entered")],
    )
    voided(room, loan)
    assert state(loan) == ("arrived", "")


def test_twice_without_reason_of_another_set_or_by_others_it_is_refused(room: Room) -> None:
    loan, _epcs = arrived(room)
    do(room, sterilise_set, loan, cycle="CSSD-7")
    other, _others = arrived(room)
    before = contents()
    refused("reason_needed", lambda: voided(room, loan, reason=" "))
    for hidden in (
        lambda: voided(room, other, last(loan)),
        lambda: voided(room, loan, actor=room.here.actor(person("nurse", place(Kind.CAMPUS)))),
    ):
        with pytest.raises(NotFound):
            hidden()
    refused("not_yours", lambda: voided(room, loan, actor=room.here.purchasing))
    assert contents() == before
    voided(room, loan)
    refused("document_closed", lambda: voided(room, loan))
    do(room, sterilise_set, loan, cycle="CSSD-8")
    do(room, close_set, loan, difference="lost_in_theatre")
    with pytest.raises(IntegrityError, match="loan_set_cycle_voided_by_somebody"), transaction.atomic():
        LoanSetCycle.objects.filter(loan_set=loan, cycle="CSSD-8").update(state="voided")


def closed(room: Room) -> tuple[int, list[str]]:
    """A set of which one was used, and that went back and is closed."""
    loan, epcs = in_theatre(room)
    room.use(room.case(), epcs[0])
    do(room, hand_back_set, loan)
    do(room, close_set, loan)
    return loan, epcs


def test_the_history_of_a_closed_set_is_put_right_and_the_set_stays_closed(room: Room) -> None:
    loan, epcs = closed(room)
    found = LoanSet.objects.get(pk=loan)
    came, end = found.receipts.get().arrived_at, found.closed_at
    assert end is not None
    voided(room, loan)
    assert (state(loan), cycles(loan)) == (("closed", ""), [("CSSD-7", "voided")])
    before = contents()
    refused("sterilised_after", lambda: do(room, sterilise_set, loan, cycle="CSSD-8"))
    early, late = came - timedelta(minutes=1), timezone.now() + timedelta(days=1)
    refused("sterilised_before", lambda: do(room, sterilise_set, loan, cycle="CSSD-8", happened_at=early))
    refused("in_future", lambda: do(room, sterilise_set, loan, cycle="CSSD-8", happened_at=late))
    assert contents() == before
    do(room, sterilise_set, loan, cycle="CSSD-8", happened_at=came)
    kept = LoanSetCycle.objects.get(cycle="CSSD-8")
    assert (state(loan), kept.sterilised_at, kept.recorded_at > end) == (("closed", "CSSD-8"), came, True)
    for verb in (send_set, hand_back_set):
        refused("document_closed", lambda verb=verb: do(room, verb, loan))
    assert [unit_view(epc).status for epc in epcs] == ["used", "returned", "returned"]
    assert rebuild() == []


def test_one_entered_late_moves_the_set_nowhere(room: Room) -> None:
    loan, _epcs = in_theatre(room)
    came = LoanSet.objects.get(pk=loan).receipts.get().arrived_at
    do(room, sterilise_set, loan, cycle="CSSD-6", happened_at=came)
    assert (state(loan), [number for number, _state in cycles(loan)]) == (
        ("in_theatre", "CSSD-7"),
        ["CSSD-7", "CSSD-6"],
    )
    voided(room, loan, last(loan))
    assert state(loan) == ("in_theatre", "CSSD-7")


def test_the_one_that_the_set_names_counts_no_more_though_a_later_one_stands(room: Room) -> None:
    loan, _epcs = arrived(room)
    came = LoanSet.objects.get(pk=loan).receipts.get().arrived_at
    for number, cycle in enumerate(("CSSD-6", "CSSD-7"), 1):
        do(room, sterilise_set, loan, cycle=cycle, happened_at=came + timedelta(milliseconds=number))
    voided(room, loan)
    do(room, sterilise_set, loan, cycle="CSSD-5", happened_at=came)
    assert state(loan) == ("sterilised", "CSSD-5")
    voided(room, loan)
    assert state(loan) == ("arrived", "")
    assert cycles(loan)[0] == ("CSSD-6", "entered")


def test_of_what_never_came_there_is_no_sterilisation(room: Room) -> None:
    loan = expected(room).id
    do(room, close_set, loan)
    refused("set_never_came", lambda: do(room, sterilise_set, loan, cycle="CSSD-7"))


def test_the_page_takes_the_time_of_the_cycle_and_says_when_it_was_entered(room: Room) -> None:
    loan, _epcs = arrived(room)
    Person.objects.filter(pk=room.here.storekeeper.pk).update(language="en")
    client = Client()
    client.force_login(room.here.storekeeper)
    came = timezone.localtime(LoanSet.objects.get(pk=loan).receipts.get().arrived_at) + timedelta(minutes=1)

    def entered(at: str, cycle: str = "CSSD-7") -> HttpResponse:
        sent = {"key": f"loan_step:{unique('k')}", "act": "sterilise", "cycle": cycle, "at": at}
        return client.post(f"/storeroom/loans/{loan}/act", sent)

    later = came + timedelta(days=1)
    for at, words in (
        ("soon", "is not a date"),
        (f"{later:%Y-%m-%dT%H:%M}", "lies in the future"),
        ("2020-01-01T08:00", "came at"),
    ):
        answer = entered(at)
        assert (answer.status_code, words in answer.content.decode()) == (409, True), at
    assert cycles(loan) == []
    assert entered(f"{came:%Y-%m-%dT%H:%M}").status_code == 302
    kept = LoanSetCycle.objects.get()
    assert kept.sterilised_at == came.replace(second=0, microsecond=0)
    page = client.get(f"/storeroom/loans/{loan}").content.decode()
    assert "recorded" in page
    [shown] = ApiClient(room.here.storekeeper).get(f"/loan-sets/{loan}").json()["cycles"]
    assert (shown["sterilised_at"] != shown["recorded_at"], kept.recorded_at in rows_of(loan)) == (True, True)


def rows_of(loan: int) -> list[Any]:
    [section] = [each for each in loan_sheet(LoanSet.objects.get(pk=loan)).sections if len(each.columns) == 6]
    return [cell for row in section.rows for cell in row]


def test_page_print_and_interface_say_so(room: Room) -> None:
    loan, _epcs = arrived(room)
    do(room, sterilise_set, loan, cycle="CSSD-7")
    Person.objects.filter(pk=room.here.storekeeper.pk).update(language="en")
    client = Client()
    client.force_login(room.here.storekeeper)
    address = f"/storeroom/loans/{loan}"
    assert f"{address}/cycles/{last(loan)}/void" in client.get(address).content.decode()
    keeper = ApiClient(room.here.storekeeper)
    keeper.done(f"/loan-sets/{loan}/cycles/{last(loan)}/void", reason="Another set's")
    [shown] = keeper.get(f"/loan-sets/{loan}").json()["cycles"]
    assert (shown["cycle"], shown["state"], shown["voided_because"]) == ("CSSD-7", "voided", "Another set's")
    after = client.get(address).content.decode()
    assert ("Voided" in after, "Another set" in after, f"/cycles/{last(loan)}/void" in after) == (
        True,
        True,
        False,
    )
    assert "Another set's" in str(loan_sheet(LoanSet.objects.get(pk=loan)).sections)
