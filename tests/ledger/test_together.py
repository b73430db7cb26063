"""Several acts at once are what one after the other would be, in two statements; one that is refused undoes them all."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.ledger.test_quantities import received, stock
from tests.ledger.ways import written
from tests.makers import Hospital, hospital
from yanji.ledger import together as together_module
from yanji.ledger.api import (
    Draft,
    LotQuantity,
    Posted,
    Refused,
    Status,
    Step,
    life_line,
    post_together,
    rebuild,
    unit_view,
    virtual_places,
)

pytestmark = pytest.mark.django_db


def together(house: Hospital, *drafts: Draft) -> list[Posted]:
    return post_together([(draft, house.actor) for draft in drafts])


@pytest.mark.parametrize("acts", [2, 20])
@pytest.mark.parametrize("counted", [False, True])
def test_two_statements_whatever_the_number_of_acts(acts: int, counted: bool) -> None:
    house = hospital()
    lot = received(house, "100")
    some = LotQuantity(lot, Decimal(2), house.store.pk)
    drafts = [house.draft(Step.PICK, *house.stocked(2), *([some] if counted else [])) for _ in range(acts)]
    with CaptureQueriesContext(connection) as asked:
        done = together(house, *drafts)
    assert len(asked) == 2
    assert len({each.event_id for each in done}) == acts
    for draft, each in zip(drafts, done, strict=True):
        unit = draft.lines[0].thing
        assert isinstance(unit, str)
        assert life_line(unit)[-1].event_id == each.event_id
    assert stock(house, lot).get(("picked", house.store.pk), (0, 0))[0] == (2 * acts if counted else 0)
    assert rebuild() == []


def test_each_finds_what_those_before_it_leave() -> None:
    """One thing goes through several acts, and pieces of a lot with it; they are worth to the cent what they were."""
    house = hospital()
    [epc], lot = house.stocked(1), received(house, "10", "0.33")
    transit = virtual_places().transit
    things = {
        Step.PICK: house.store.pk,
        Step.ISSUE: house.store.pk,
        Step.TAKE_IN: transit,
        Step.USE: house.cabinet.pk,
    }
    drafts = [house.draft(step, epc, LotQuantity(lot, Decimal(4), at)) for step, at in things.items()]
    done = together(house, *drafts)
    assert unit_view(epc).status == Status.USED
    assert [each.event_id for each in life_line(epc)[-4:]] == [each.event_id for each in done]
    assert stock(house, lot) == {
        ("available", house.store.pk): (6, Decimal("1.98")),
        ("used", virtual_places().patient): (4, Decimal("1.32")),
    }
    assert rebuild() == []


def test_what_one_takes_the_next_has_not() -> None:
    house = hospital()
    [epc, other], lot = house.stocked(2), received(house, "10")
    six = LotQuantity(lot, Decimal(6), house.store.pk)
    before = written()
    with pytest.raises(Refused) as refused:
        together(
            house,
            house.draft(Step.PICK, epc, six),
            house.draft(Step.PICK, other, epc),
            house.draft(Step.PICK, six),
        )
    assert {offence.code for offence in refused.value.offences} == {"wrong_status", "not_enough"}
    assert written() == before


def test_what_one_keeps_for_a_document_no_other_takes() -> None:
    house = hospital()
    [epc] = house.stocked(1)
    keep = house.draft(Step.RESERVE, epc, reserved_for="REQ1", until=timezone.now() + timedelta(hours=1))
    before = written()
    with pytest.raises(Refused, check=lambda refused: refused.code == "reserved"):
        together(house, keep, house.draft(Step.PICK, epc, documents={"requisition": "REQ2"}))
    assert written() == before
    together(house, keep, house.draft(Step.PICK, epc, documents={"requisition": "REQ1"}))
    assert unit_view(epc).status == Status.PICKED


def test_done_again_it_is_answered_and_a_key_of_another_act_is_refused() -> None:
    house = hospital()
    one, other, third = house.stocked(3)
    drafts = [house.draft(Step.PICK, epc) for epc in (one, other)]
    done = together(house, *drafts)
    before = written()
    again = together(house, *drafts)
    assert [(each.event_id, each.repeated) for each in again] == [(each.event_id, True) for each in done]
    with pytest.raises(Refused, check=lambda refused: refused.code == "key_reused"):
        together(house, house.draft(Step.PICK, third), house.draft(Step.HOLD, third, key=drafts[1].key))
    assert written() == before
    fresh = house.draft(Step.PICK, third)
    first, second = together(house, fresh, fresh)
    assert (first.event_id, first.repeated, second.repeated) == (second.event_id, False, True)


def test_what_one_statement_cannot_hold_is_written_by_more(monkeypatch: pytest.MonkeyPatch) -> None:
    house = hospital()
    monkeypatch.setattr(together_module, "ACTS", 2)
    epcs = house.stocked(5)
    with CaptureQueriesContext(connection) as asked:
        done = together(house, *(house.draft(Step.PICK, epc) for epc in epcs))
    assert len(asked) == 1 + 3
    assert [life_line(epc)[-1].event_id for epc in epcs] == [each.event_id for each in done]
    assert rebuild() == []


def test_nothing_at_all_is_nothing() -> None:
    assert together(hospital()) == []
