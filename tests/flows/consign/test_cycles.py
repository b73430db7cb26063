"""A sterilisation that was entered wrongly is voided: the set is not sterile by it, and the right one is entered anew."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from tests.exchange.client import ApiClient
from tests.flows.consign.test_loans import arrived, do, in_theatre
from tests.flows.site import contents, person
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import place
from yanji.access.gates import NotFound
from yanji.access.models import Person
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.cycles import void_cycle
from yanji.flows.consign.loans import close_set, send_set, sterilise_set
from yanji.flows.consign.models import LoanSet, LoanSetCycle
from yanji.flows.theatre.sheets import loan_sheet
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
    refused("document_closed", lambda: voided(room, loan))
    with pytest.raises(IntegrityError, match="loan_set_cycle_voided_by_somebody"), transaction.atomic():
        LoanSetCycle.objects.filter(loan_set=loan, cycle="CSSD-8").update(state="voided")


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
