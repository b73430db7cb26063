"""A piece opened by mistake, a wrong part and a wrong end are taken back, and stay to be read; what went further is not."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.flows.site import Site, contents
from tests.flows.vials import opened, ward_lot
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.flows.acts import Done
from yanji.flows.correction import take_back
from yanji.flows.models import Case
from yanji.flows.opened.models import OpenedPiece, Taken
from yanji.flows.opened.parts import life_of, lot_parts
from yanji.flows.opened.piece import discard, take
from yanji.flows.opened.sheet import piece_sheet
from yanji.flows.opened.undo import take_part_back
from yanji.flows.theatre.case_sheet import case_sheet
from yanji.flows.theatre.closing import close_case
from yanji.flows.use import change_case, plan_case
from yanji.ledger.api import Moment, Refused, rebuild
from yanji.ledger.models import Level


@pytest.fixture
def lot(committed: Site) -> int:
    return ward_lot(committed)


def head(here: Site) -> Actor:
    """The ward's nurse who may take entries back as well."""
    return Actor(here.nurse.pk, "head nurse", {**here.ward.scopes, "correct": here.ward.scopes["use"]})


def refused(code: str, act: Any, **given: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as refusal:
        act(key=unique("x"), **given)
    assert (refusal.value.code, contents()) == (code, before)


def part(here: Site, piece: Done, amount: str, **fields: Any) -> Taken:
    take(actor=here.ward, key=unique("k"), piece_id=piece.id, amount=Decimal(amount), **fields)
    return Taken.objects.latest("pk")


def back(here: Site, piece: Done, wrong: Taken, **fields: Any) -> Done:
    given = {"reason": "wrong_scan", **fields}
    return take_part_back(actor=head(here), key=unique("b"), piece_id=piece.id, part_id=wrong.pk, **given)


def in_stock(here: Site, lot: int) -> dict[str, int]:
    rows = Level.objects.filter(lot_id=lot, place=here.h.cabinet, quantity__gt=0)
    return {status: int(pieces) for status, pieces in rows.values_list("status", "quantity")}


def test_a_wrong_part_is_in_the_piece_again(committed: Site, lot: int) -> None:
    here, piece = committed, opened(committed, lot)
    wrong = part(here, piece, "1.5")
    part(here, piece, "0.5")
    done = back(here, piece, wrong, note="0.15 it was")
    assert (done.state, done.facts["left"], done.events) == ("open", "4.5", ())
    life = life_of(here.ward, piece.id)
    assert [(each.amount, each.left, each.undone is None) for each in life.parts] == [
        (Decimal("1.5"), 5, False), (Decimal("0.5"), Decimal("4.5"), True),
    ]  # fmt: skip
    assert "0.15 it was" in str(piece_sheet(life).sections[0].rows[0][-1])
    refused(
        "already_corrected", take_part_back, actor=head(here), piece_id=piece.id, part_id=wrong.pk, reason="wrong_scan"
    )  # fmt: skip


def test_a_part_is_taken_back_with_a_reason_by_who_may_correct(committed: Site, lot: int) -> None:
    here, piece = committed, opened(committed, lot)
    wrong = {"piece_id": piece.id, "part_id": part(here, piece, "1").pk}
    refused("reason_needed", take_part_back, actor=head(here), reason="", **wrong)
    without = Actor(here.nurse.pk, "nurse", {**here.ward.scopes, "correct": ()})
    refused("not_yours", take_part_back, actor=without, reason="wrong_scan", **wrong)


def test_a_piece_used_up_by_a_wrong_part_is_open_again(committed: Site, lot: int) -> None:
    here, piece = committed, opened(committed, lot)
    first = part(here, piece, "2")
    part(here, piece, "3")
    assert in_stock(here, lot) == {"available": 9}
    assert back(here, piece, first).state == "open"
    assert in_stock(here, lot) == {"available": 9, "opened": 1}
    again = part(here, piece, "2")
    event = OpenedPiece.objects.get().closed_event
    done = take_back(actor=head(here), key=unique("t"), event_id=str(event), reason="wrong_scan")
    assert done.events
    life = life_of(here.ward, piece.id)
    assert (life.left, life.state, [each.undone is None for each in life.parts]) == (
        2,
        "open",
        [False, True, False],
    )
    assert (again.undone.event, rebuild()) == (event, [])


def test_what_was_opened_by_mistake_is_a_closed_piece_again(committed: Site, lot: int) -> None:
    here, piece = committed, opened(committed, lot)
    given = {"actor": head(here), "event_id": piece.events[0], "reason": "wrong_scan"}
    wrong = part(here, piece, "1")
    refused("parts_first", take_back, **given)
    back(here, piece, wrong)
    take_back(key=unique("t"), **given)
    life = life_of(here.ward, piece.id)
    assert (life.state, in_stock(here, lot), lot_parts(here.ward, lot).lives) == (
        "voided",
        {"available": 10},
        [],
    )
    assert (life.end.reason, piece_sheet(life).state) == ("wrong_scan", life.state_label)
    with pytest.raises(Refused) as refusal:
        part(here, piece, "1")
    assert (refusal.value.code, rebuild()) == ("document_closed", [])


def test_what_was_thrown_away_by_mistake_is_there_again(committed: Site, lot: int) -> None:
    here, piece = committed, opened(committed, lot)
    wrong = part(here, piece, "1")
    ended = discard(actor=here.ward, key=unique("d"), piece_id=piece.id, reason="remainder")
    refused("end_first", take_back, actor=head(here), event_id=piece.events[0], reason="wrong_scan")
    refused(
        "end_first", take_part_back, actor=head(here), piece_id=piece.id, part_id=wrong.pk, reason="wrong_scan"
    )  # fmt: skip
    take_back(actor=head(here), key=unique("t"), event_id=ended.events[0], reason="wrong_scan")
    life = life_of(here.ward, piece.id)
    assert (life.state, life.left, [each.ended for each in life.undone]) == ("open", 4, ["discarded"])
    assert in_stock(here, lot) == {"available": 9, "opened": 1}
    assert len(piece_sheet(life).sections) == 2
    assert (
        discard(actor=here.ward, key=unique("d"), piece_id=piece.id, reason="remainder").state == "discarded"
    )


def test_a_part_for_the_wrong_case_leaves_its_patient_free(committed: Site, lot: int) -> None:
    here, piece = committed, opened(committed, lot)
    planned = plan_case(
        actor=here.ward, key=unique("k"), number="CASE-7", patient_token="PT-7", department_id=here.h.department.pk
    )  # fmt: skip
    wrong = part(here, piece, "1", case_number="CASE-7")
    assert lot_parts(here.ward, lot).patients == {("PT-7", "CASE-7")}
    change = {"actor": here.ward, "case_id": planned.id, "patient_token": "PT-8"}
    refused("case_has_entries", change_case, **change)
    back(here, piece, wrong)
    assert lot_parts(here.ward, lot).patients == set()
    [section] = case_sheet(Case.objects.get()).sections[1:]
    assert here.nurse.name in str(section.rows[0][-1])


def test_an_earlier_moment_knew_the_part(committed: Site, lot: int) -> None:
    here, piece = committed, opened(committed, lot)
    wrong = part(here, piece, "2")
    between = timezone.now()
    back(here, piece, wrong)
    later = timezone.now() + timedelta(seconds=1)
    [then] = lot_parts(here.ward, lot, Moment(later, between)).lives
    [since] = lot_parts(here.ward, lot, Moment(later)).lives
    assert (then.left, since.left) == (3, 5)


@pytest.mark.parametrize("amount", ["1", "5"])  # the last of it ends the piece
def test_a_case_that_was_closed_over_a_part_is_open_again(committed: Site, lot: int, amount: str) -> None:
    here, piece = committed, opened(committed, lot)
    case = plan_case(
        actor=here.ward, key=unique("k"), number="CASE-8", patient_token="PT-8", department_id=here.h.department.pk
    )  # fmt: skip
    wrong = part(here, piece, amount, case_number="CASE-8")
    close_case(actor=here.ward, key=unique("c"), case_id=case.id)
    back(here, piece, wrong)
    assert Case.objects.get(pk=case.id).state == "open"
    close_case(actor=here.ward, key=unique("c"), case_id=case.id)


def test_an_earlier_moment_knew_the_piece_that_was_opened_by_mistake(committed: Site, lot: int) -> None:
    here, piece = committed, opened(committed, lot)
    between = timezone.now()
    take_back(actor=head(here), key=unique("t"), event_id=piece.events[0], reason="wrong_scan")
    later = timezone.now() + timedelta(seconds=1)
    [then] = lot_parts(here.ward, lot, Moment(later, between)).lives
    assert (then.piece.pk, then.state, then.end) == (piece.id, "open", None)
    assert lot_parts(here.ward, lot, Moment(later)).lives == []


def test_an_earlier_moment_knew_the_end_that_was_taken_back(committed: Site, lot: int) -> None:
    here, piece = committed, opened(committed, lot)
    before = timezone.now()
    ended = discard(actor=here.ward, key=unique("d"), piece_id=piece.id, reason="remainder")
    between = timezone.now()
    take_back(actor=head(here), key=unique("t"), event_id=ended.events[0], reason="wrong_scan")
    discard(actor=here.ward, key=unique("d"), piece_id=piece.id, reason="dropped")
    later = timezone.now() + timedelta(seconds=1)
    known = [lot_parts(here.ward, lot, Moment(later, at)).lives[0] for at in (before, between, later)]
    assert [(each.state, each.end.reason if each.end else "") for each in known] == [
        ("open", ""),
        ("discarded", "remainder"),
        ("discarded", "dropped"),
    ]
