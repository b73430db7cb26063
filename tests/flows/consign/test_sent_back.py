"""A loan set whose way to its theatre is taken back is sterile where it lay, and every cycle that it went through stays known."""

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from tests.flows.consign.test_loans import arrived, do, in_theatre
from tests.flows.site import contents
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import unique
from yanji.access.models import Person
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.loans import (
    arrive_set,
    close_set,
    hand_back_set,
    loan_set_for,
    send_set,
    sterilise_set,
)
from yanji.flows.consign.models import LoanSet
from yanji.flows.correction import take_back
from yanji.flows.putaway import put_away
from yanji.flows.theatre.sheets import loan_sheet
from yanji.insight.audit import entries
from yanji.insight.board import Cut, moved
from yanji.ledger.api import log_end, rebuild, unit_view
from yanji.ledger.models import Event
from yanji.watch.happenings import entered, recent
from yanji.web.board import midnight
from yanji.web.templatetags.yanji import step_looks


@pytest.fixture(autouse=True)
def _agreed(room: Room) -> None:
    room.agreement(items=[Kept(room.here.h.item.pk, Decimal(700))])


def state(loan: int) -> str:
    return LoanSet.objects.get(pk=loan).state


def back(room: Room, event: str):
    return take_back(actor=room.keeper, key=unique("k"), event_id=event, reason="wrong_scan")


def sent(room: Room) -> tuple[int, list[str], str]:
    """A sterile set, sent to its theatre by mistake: the set, its things, the entry."""
    loan, epcs = arrived(room)
    do(room, sterilise_set, loan, cycle="CSSD-7")
    [event] = do(room, send_set, loan).events
    return loan, epcs, event


def test_a_set_sent_by_mistake_waits_to_be_sent_again(room: Room) -> None:
    loan, epcs, event = sent(room)
    back(room, event)
    assert (state(loan), unit_view(epcs[0]).place_id) == ("sterilised", room.here.h.store.pk)
    [again] = do(room, send_set, loan).events
    assert (state(loan), unit_view(epcs[0]).place_id) == ("in_theatre", room.here.h.department.pk)
    assert again != event
    room.use(room.case(), epcs[0])
    assert rebuild() == []


def test_what_came_late_meanwhile_is_no_more_sterile_for_that(room: Room) -> None:
    loan, _epcs, event = sent(room)
    do(room, sterilise_set, loan, cycle="CSSD-8")
    do(room, arrive_set, loan, dock_id=room.here.h.store.pk, arrivals=[room.here.arrival()])
    back(room, event)
    assert state(loan) == "arrived"


def test_a_set_of_which_something_was_used_or_that_is_closed_stays_where_it_is(room: Room) -> None:
    loan, epcs, event = sent(room)
    room.use(room.case(), epcs[0])
    assert [each.thing for each in refused("moved_on", lambda: back(room, event)).offences] == epcs[:1]
    do(room, hand_back_set, loan)
    do(room, close_set, loan)
    before = contents()
    refused("document_closed", lambda: back(room, event))
    assert (contents(), state(loan)) == (before, "closed")


def test_another_put_away_changes_no_set(room: Room) -> None:
    loan, epcs = in_theatre(room)
    [moved] = put_away(
        actor=room.keeper, key=unique("k"), things=epcs[:1], to_place_id=room.here.h.cabinet.pk
    ).events
    assert "loan_set" not in Event.objects.get(pk=moved).documents
    back(room, moved)
    assert state(loan) == "in_theatre"


def test_every_cycle_of_a_set_stays_on_its_paper(room: Room) -> None:
    loan, _epcs = in_theatre(room)
    paper = loan_sheet(loan_set_for(room.keeper, loan))
    assert [row[0] for row in paper.sections[1].rows] == ["CSSD-7"]
    do(room, sterilise_set, loan, cycle="CSSD-9")
    paper = loan_sheet(loan_set_for(room.keeper, loan))
    assert [row[0] for row in paper.sections[1].rows] == ["CSSD-7", "CSSD-9"]
    assert LoanSet.objects.get().cycle == "CSSD-9"


def test_a_set_on_its_way_to_its_theatre_is_told_as_that_and_not_as_put_away(
    room: Room, client: Client
) -> None:
    begun = log_end()
    _loan, epcs, event = sent(room)
    named = {"zh-hans": "借用套件送手术室", "en": "Loan set to its theatre"}
    assert log_end() > begun
    told = [each.happening for each in entered(begun) if each.happening.event_id == event]
    [shown] = [each for each in recent(paths=[room.here.h.campus.path]) if each.event_id == event]
    assert [each.step for each in told] == [shown.step] == ["send_set"]
    campus, today = room.here.h.campus, midnight(timezone.localtime())
    listed = moved(Cut((campus.path,)), since=today)[0]
    assert {each.told_as for each in listed if each.event_id == event} == {"send_set"}
    [entry] = [each for each in entries([campus.path], since=today, limit=50).found if each.event_id == event]
    assert (entry.step, entry.told_as) == ("put_away", "send_set")
    client.force_login(room.here.storekeeper)
    for language, words in named.items():
        with override(language):
            assert step_looks()["send_set"]["name"] == words
        Person.objects.filter(pk=room.here.storekeeper.pk).update(language=language)
        for address in (f"/event/{event}", f"/unit/{epcs[0]}"):
            assert words in client.get(address).content.decode(), address
