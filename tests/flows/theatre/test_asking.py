"""What a case lacks is asked of a store once: what is coming for it counts, and an alternative may be asked for instead."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import contents, soon
from tests.flows.theatre.room import Room
from tests.makers import unique
from tests.races.crowd import together
from yanji.catalog.models import Item
from yanji.flows.acts import Done
from yanji.flows.models import Case, Requisition
from yanji.flows.queries import requisitions
from yanji.flows.requisition import close_requisition
from yanji.flows.theatre.account import account_of, accounts_of
from yanji.flows.theatre.asking import Short, ask_for_case, lacking
from yanji.flows.theatre.cards import Need, plan_needs
from yanji.flows.theatre.queries import needs_of, needs_of_each
from yanji.ledger.api import Refused


def another(room: Room) -> Item:
    """An alternative, by lot, of which nothing lies anywhere yet."""
    return room.here.counted


def needing(room: Room, pieces: int = 3) -> Case:
    """A case that needs so many stents, or pieces of the alternative."""
    case = room.case(planned_at=timezone.now() + timedelta(hours=3))
    plan_needs(
        actor=room.nurse, key=unique("k"), case_id=case.pk,
        needs=[Need(room.here.h.item.pk, pieces, (another(room).pk,))],
    )  # fmt: skip
    return case


def asked(room: Room, case: Case, **said: Any) -> Done:
    return ask_for_case(
        actor=room.nurse, key=unique("a"), case_id=case.pk, store_id=room.here.h.store.pk, **said
    )


def short_of(case: Case) -> list[Short]:
    return lacking(case, needs_of(case, account_of(case.pk)))


def test_asked_twice_asks_nothing_twice(room: Room) -> None:
    room.here.stocked(5, expiry=soon(300))
    room.units(1, expiry=soon(200))
    case = needing(room)
    [line] = short_of(case)
    assert (line.pieces, line.coming) == (2, 0)
    done = asked(room, case)
    made = Requisition.objects.get(pk=done.id)
    assert (made.case_number, made.needed_by) == (case.number, case.planned_at)
    assert [(each.item_id, each.quantity) for each in made.lines.all()] == [(room.here.h.item.pk, 2)]
    [line] = short_of(case)
    assert (line.pieces, line.coming) == (0, 2)
    before = contents()
    with pytest.raises(Refused) as refusal:
        asked(room, case)
    assert (refusal.value.code, contents()) == ("nothing_short", before)
    # Given up there, it is short again.
    close_requisition(actor=room.nurse, key=unique("c"), requisition_id=done.id)
    assert [each.pieces for each in short_of(case)] == [2]


def test_what_a_case_under_way_lacks_is_needed_at_once(room: Room) -> None:
    """Nobody had planned it: an emergency. What it asks for stands first with the store, not below what is needed some day."""
    case = room.case()
    plan_needs(actor=room.nurse, key=unique("k"), case_id=case.pk, needs=[Need(room.here.h.item.pk, 1)])
    Case.objects.filter(pk=case.pk).update(state="open")
    room.here.requisition(needed_by=timezone.now() + timedelta(hours=1))
    done = asked(room, case)
    made = Requisition.objects.get(pk=done.id)
    assert made.needed_by is not None
    assert abs(made.needed_by - timezone.now()) < timedelta(minutes=1)
    assert next(each.pk for each in requisitions(room.here.keeper)) == done.id


def test_of_two_who_press_one_asks(room: Room) -> None:
    case = needing(room)
    answers = together(*[lambda: asked(room, case)] * 3)
    assert sorted(str(answer) for answer in answers if isinstance(answer, str)) == ["nothing_short"] * 2
    assert Requisition.objects.count() == 1


def test_an_alternative_that_lies_there_is_offered_and_chosen(room: Room) -> None:
    here = room.here
    here.stocked_lot(4)
    case = needing(room)
    [line] = short_of(case)
    assert [(offer.item.pk, offer.in_stores) for offer in line.offers] == [
        (here.h.item.pk, 0), (another(room).pk, 4),
    ]  # fmt: skip
    assert line.proposed() == line.proposed(here.h.store.pk) == {another(room).pk: 3}
    assert line.proposed(here.h.store.pk + 999) == {here.h.item.pk: 3}, (
        "what lies nowhere is for the store to buy"
    )
    stranger = Item.objects.create(code=unique("X"), name_zh="别的", temperature_class="room")
    before = contents()
    with pytest.raises(Refused) as refusal:
        asked(room, case, shares={here.h.item.pk: {stranger.pk: 3}})
    assert (refusal.value.code, contents()) == ("not_an_alternative", before)
    with pytest.raises(Refused) as refusal:
        asked(room, case, shares={here.h.item.pk: {here.h.item.pk: 1, another(room).pk: 3}})
    assert (refusal.value.code, contents()) == ("asked_above_short", before)
    done = asked(room, case, shares={here.h.item.pk: {another(room).pk: 3}})
    assert done.facts == {"pieces": 3, "not_there": 0}
    made = Requisition.objects.get(pk=done.id)
    assert [(each.item_id, each.quantity) for each in made.lines.all()] == [(another(room).pk, 3)]
    assert [each.pieces for each in short_of(case)] == [0]


def test_what_is_short_is_shared_out_and_what_no_store_has_is_said(room: Room) -> None:
    here = room.here
    here.stocked(2, expiry=soon(300))
    here.stocked_lot(4)
    case = needing(room, 9)
    [line] = short_of(case)
    store = here.h.store.pk
    assert (line.in_store(store), line.in_store(None)) == (6, 6)
    assert line.proposed(store) == {here.h.item.pk: 5, another(room).pk: 4}
    done = asked(room, case, shares={here.h.item.pk: {here.h.item.pk: 3, another(room).pk: 4}})
    assert done.facts == {"pieces": 7, "not_there": 1}
    made = Requisition.objects.get(pk=done.id)
    assert dict(made.lines.values_list("item_id", "quantity")) == {here.h.item.pk: 3, another(room).pk: 4}
    assert [each.pieces for each in short_of(case)] == [2], "less was asked for than is short"


def test_what_is_recalled_or_expired_is_not_offered(room: Room) -> None:
    here = room.here
    here.stocked_lot(2, lot="OLD", expiry=soon(0))
    recalled = here.stocked_lot(2, lot="BAD")
    here.counted.lots.filter(pk=recalled).update(recall="RN-1", recalled_at=timezone.now())
    here.counted.lots.filter(number="OLD").update(expiry=soon(-1))
    [line] = short_of(needing(room))
    assert [offer.in_stores for offer in line.offers] == [0, 0]


def test_a_program_asks_as_well(room: Room) -> None:
    here = room.here
    here.stocked_lot(4)
    case, nurse = needing(room), ApiClient(here.nurse)
    [said] = nurse.get(f"/cases/{case.pk}/short").json()
    assert (said["pieces"], [each["proposed"] for each in said["offers"]]) == (3, [0, 3])
    assert said["offers"][1]["stores"] == {str(here.h.store.pk): 4}
    shares = [{"item_id": here.h.item.pk, "offered_id": another(room).pk, "pieces": 3}]
    done = nurse.done(f"/cases/{case.pk}/requisitions", store_id=here.h.store.pk, shares=shares)
    assert done["facts"]["not_there"] == 0
    assert Requisition.objects.get(pk=done["id"]).case_number == case.number
    again = nurse.post(f"/cases/{case.pk}/requisitions", store_id=here.h.store.pk)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_short")
    assert nurse.get(f"/cases/{case.pk}/short").json()[0]["coming"] == 3


def test_however_much_of_an_item_cases_need_none_lacks_what_lies_there(room: Room) -> None:
    room.units(50, expiry=soon(200))
    cases = [needing(room, 24), needing(room, 24), needing(room, 3)]
    lines = needs_of_each(cases, accounts_of([case.pk for case in cases]))
    assert [line.short for case in cases for line in lines[case.pk]] == [0, 0, 1]
    taken = [shelf.epc for case in cases for line in lines[case.pk] for shelf in line.take]
    assert (len(taken), len(set(taken))) == (50, 50)
    [line] = needs_of(cases[0], account_of(cases[0].pk))
    assert line.short == 0
