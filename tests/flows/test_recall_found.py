"""How far a recall has come, place by place: what is still to find, set apart and used, and for how many patients."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from tests.flows.site import Site, person
from tests.flows.test_recall import recalled
from tests.flows.theatre.room import Room
from tests.makers import place, unique
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.flows import recall_found
from yanji.flows.correction import take_back
from yanji.flows.issue import issue
from yanji.flows.models_recall import LotRecall
from yanji.flows.papers import Section, paper_of
from yanji.flows.pick import pick
from yanji.flows.recall_found import found_in_all, found_of, recall_for
from yanji.ledger.api import Refused
from yanji.ledger.models import Unit
from yanji.places.models import Kind


def lot_of(epc: str) -> int:
    return Unit.objects.get(epc=epc).lot_id


def sections(recall: LotRecall, actor: Actor) -> dict[str, Section]:
    paper = paper_of("recall")
    with override("en"):
        return {each.title: each for each in paper.read_by(actor, paper.seen(actor, recall.pk)).filled}


def test_what_is_to_find_was_used_and_lies_apart_is_counted_by_place(committed: Site) -> None:
    here, room = committed, Room(committed)
    lying = here.stocked(2)
    first, second, undone = room.units(3)
    lot, campus = lot_of(lying[0]), here.h.campus.path
    case = room.case()
    room.use(case, first)
    room.use(room.case(), second)
    wrong = room.use(case, undone)
    take_back(actor=room.nurse, key=unique("t"), event_id=wrong.events[0], reason="wrong_scan")
    before = found_of([lot], [campus])[lot]
    assert (before.total.to_find, before.total.apart, before.total.used, before.total.patients) == (
        3,
        0,
        2,
        2,
    )
    assert not before.total.dealt_with
    recalled(here, lot)
    with CaptureQueriesContext(connection) as asked:
        [reach] = found_of([lot], [campus]).values()
    assert len(asked) == 1
    assert (reach.total.to_find, reach.total.apart, reach.total.used, reach.total.patients) == (0, 3, 2, 2)
    by_place = {each.name[0]: (each.apart, each.used, each.patients) for each in reach.places}
    assert by_place == {here.h.store.name_zh: (2, 0, 0), here.h.department.name_zh: (1, 2, 2)}
    # Who sees another campus alone sees nothing of it, and no lots ask for nothing.
    assert found_of([lot], [place(Kind.CAMPUS).path])[lot].places == ()
    with CaptureQueriesContext(connection) as asked:
        assert found_of([], [campus]) == {}
    assert len(asked) == 0


def test_a_patient_who_had_two_recalled_lots_counts_once_in_all(committed: Site) -> None:
    room = Room(committed)
    first, second = *room.units(1, lot="A1"), *room.units(1, lot="A2")
    case = room.case()
    room.use(case, first)
    room.use(case, second)
    lots = [lot_of(first), lot_of(second)]
    reached, whole = found_in_all(lots, [committed.h.campus.path])
    assert [reached[lot].total.patients for lot in lots] == [1, 1]
    assert (whole.used, whole.patients) == (2, 1)


def test_the_report_names_patients_to_who_may_see_them_alone(committed: Site) -> None:
    here, room = committed, Room(committed)
    [used] = room.units(1)
    case = room.case()
    room.use(case, used)
    recalled(here, lot_of(used), notice="RN-9")
    [recall] = LotRecall.objects.all()
    [row] = sections(recall, here.ward)["Patients"].rows
    assert row[:2] == (case.patient_token, case.number)
    assert "Patients" not in sections(recall, here.keeper)
    [place_row] = sections(recall, here.keeper)["By store and department"].rows
    assert place_row[1:] == (0, 0, 1, 1)
    assert recall_for(here.keeper, recall.pk, may="hold") == recall
    with pytest.raises(Refused):
        recall_for(here.ward, recall.pk, may="hold")
    nobody = Actor(person("supplier", here.h.campus).pk, "", {})
    with pytest.raises(NotFound):
        recall_for(nobody, recall.pk)


def test_the_report_lists_what_is_counted_and_says_where_it_is_cut(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = committed
    counted, [epc, *_others] = here.stocked_lot(7), here.stocked(3)
    recalled(here, counted, notice="RN-C")
    recalled(here, lot_of(epc), notice="RN-U")
    of = {recall.notice: recall for recall in LotRecall.objects.all()}
    [row] = sections(of["RN-C"], here.keeper)["What lies in the house"].rows
    assert row[1:] == ("", 7, "Recalled", "")
    whole = sections(of["RN-U"], here.keeper)["What lies in the house"].rows
    assert [row[2] for row in whole] == [1, 1, 1]
    monkeypatch.setattr(recall_found, "MOST_LYING", 2)
    cut = sections(of["RN-U"], here.keeper)["What lies in the house"].rows
    assert cut[:2] == whole[:2]
    assert [str(row[0])[:21] for row in cut[2:]] == ["Only the first 2 rows"]
    monkeypatch.setattr(recall_found, "MOST_LYING", 3)
    assert sections(of["RN-U"], here.keeper)["What lies in the house"].rows == whole


def test_what_is_under_way_is_counted_for_all_and_named_where_it_was_sent_from(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1, serial="UW1")
    wanted = here.requisition((here.h.item, 1))
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[epc])
    issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)
    recalled(here, lot_of(epc))
    [recall] = LotRecall.objects.all()
    [row] = sections(recall, here.keeper)["What lies in the house"].rows
    assert row[1] == "UW1"
    other = here.actor(person("storekeeper", place(Kind.CAMPUS)))
    seen = sections(recall, other)
    assert "What lies in the house" not in seen
    assert "UW1" not in str(seen)
    [counted] = seen["By store and department"].rows
    assert sum(counted[1:3]) == 1
