"""The number of a case points to a patient: pages about something else show it to those who see patients there."""

import pytest
from django.test import Client

from tests.flows.consign.test_loans import expected
from tests.flows.site import site
from tests.flows.theatre.room import Room


@pytest.mark.django_db(transaction=True)
def test_a_loan_sets_pages_hide_its_case(client: Client) -> None:
    room = Room(site())
    room.agreement()
    case = room.case()
    loan = expected(room, case_number=case.number).id
    for who, shown in ((room.here.storekeeper, False), (room.here.nurse, True)):
        client.force_login(who)
        for address in ("/storeroom/loans", f"/storeroom/loans/{loan}"):
            answer = client.get(address)
            assert answer.status_code == 200
            assert (case.number in answer.content.decode()) is shown
