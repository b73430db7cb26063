"""Where an opened piece went: every part with who, when, for whom and what was left; on pages, in the trace, on paper."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import Site, contents
from tests.flows.vials import editor, opened, ward_lot
from tests.makers import place, unique
from tests.web.flows.acts import key, sentences
from yanji.access.models import Person
from yanji.access.tokens import create_token
from yanji.flows.acts import Done
from yanji.flows.models import Case
from yanji.flows.opened.models import Taken
from yanji.flows.opened.openings import Holds, set_opening
from yanji.flows.opened.parts import life_of, lot_parts
from yanji.flows.opened.piece import discard, take
from yanji.flows.use import change_case, plan_case
from yanji.ledger.api import Moment, Refused
from yanji.places.models import Kind


@pytest.fixture
def lot(committed: Site) -> int:
    return ward_lot(committed)


def case(here: Site, number: str = "CASE-7", token: str = "PT-7") -> Done:
    return plan_case(
        actor=here.ward,
        key=unique("k"),
        number=number,
        patient_token=token,
        department_id=here.h.department.pk,
    )


def part(here: Site, piece: Done, amount: str, **fields: Any) -> Done:
    return take(actor=here.ward, key=unique("k"), piece_id=piece.id, amount=Decimal(amount), **fields)


def signed_in(who: Person) -> Client:
    who.language = "en"
    who.save(update_fields=["language"])
    client = Client()
    client.force_login(who)
    return client


def test_every_part_says_who_when_for_whom_and_what_was_left(committed: Site, lot: int) -> None:
    here, planned = committed, case(committed)
    piece = opened(here, lot)
    part(here, piece, "1.5", case_number="CASE-7")
    part(here, piece, "0.25", note="control")
    discard(actor=here.ward, key=unique("k"), piece_id=piece.id, reason="remainder", note="dropped")
    life = life_of(here.ward, piece.id)
    told = [(each.amount, each.left, each.case_number, each.patient_token) for each in life.parts]
    assert told == [
        (Decimal("1.5"), Decimal("3.5"), "CASE-7", "PT-7"),
        (Decimal("0.25"), Decimal("3.25"), "", ""),
    ]
    assert {each.by for each in life.parts} == {here.nurse.name}
    assert life.end is not None
    assert (life.state, life.end.reason, life.end.note) == ("discarded", "remainder", "dropped")
    assert Case.objects.get(pk=planned.id).state == "open"


@pytest.mark.parametrize("named", ["NONE", "ELSEWHERE", "CLOSED"])
def test_a_case_that_cannot_be_named_is_refused(committed: Site, lot: int, named: str) -> None:
    here = committed
    department = place(Kind.DEPARTMENT)
    Case.objects.create(number="ELSEWHERE", patient_token="PT-E", department=department, state="open")
    Case.objects.create(number="CLOSED", patient_token="PT-C", department=here.h.department, state="closed")
    piece = opened(here, lot)
    before = contents()
    with pytest.raises(Refused) as found:
        part(here, piece, "1", case_number=named)
    assert found.value.code == ("case_closed" if named == "CLOSED" else "no_such_case")
    assert contents() == before
    assert not Taken.objects.exists()
    assert life_of(here.ward, piece.id).left == 5


def test_a_case_that_a_part_went_to_keeps_its_patient(committed: Site, lot: int) -> None:
    here, planned = committed, case(committed)
    part(here, opened(here, lot), "1", case_number="CASE-7")
    other = partial(change_case, actor=here.ward, key=unique("k"), case_id=planned.id, patient_token="PT-8")
    with pytest.raises(Refused) as found:
        other()
    assert found.value.code == "case_has_entries"
    assert Case.objects.get(pk=planned.id).patient_token == "PT-7"


def test_the_lot_is_traced_forward_to_the_patients_of_its_parts(committed: Site, lot: int) -> None:
    here = committed
    case(here)
    first, second = opened(here, lot), opened(here, lot)
    part(here, first, "5", case_number="CASE-7")
    part(here, second, "2", case_number="CASE-7")
    found = lot_parts(here.ward, lot)
    assert found.patients == {("PT-7", "CASE-7")}
    assert [(life.piece.number, life.left, life.state) for life in found.lives] == [
        (first.number, 0, "used_up"),
        (second.number, 3, "open"),
    ]
    unseeing = lot_parts(here.keeper, lot)
    assert (unseeing.patients, unseeing.hidden) == (set(), 2)


def test_an_earlier_moment_knows_only_what_had_happened(committed: Site, lot: int) -> None:
    here, now = committed, timezone.now()
    piece = opened(here, lot, happened_at=now - timedelta(minutes=30))
    part(here, piece, "2", happened_at=now - timedelta(minutes=20))
    part(here, piece, "3", happened_at=now - timedelta(minutes=10))
    at = partial(lot_parts, here.ward, lot)
    [then] = at(Moment(now - timedelta(minutes=15))).lives
    assert (then.left, then.state, len(then.parts), then.end) == (3, "open", 1, None)
    assert at(Moment(now - timedelta(minutes=40))).lives == []
    assert at(Moment(now, now - timedelta(minutes=5))).lives == []  # recorded since
    [today] = at().lives
    assert (today.left, today.state) == (0, "used_up")


def test_pages_and_paper_show_the_patient_to_who_cares_for_them(committed: Site, lot: int) -> None:
    here, planned = committed, case(committed)
    piece = opened(here, lot)
    part(here, piece, "1.5", case_number="CASE-7", note="at noon")
    nurse, keeper = signed_in(here.nurse), signed_in(here.storekeeper)
    for path in (f"/opened/{piece.id}", f"/lot/{lot}", f"/papers/opened/{piece.id}/print"):
        shown, masked = sentences(nurse.get(path)), sentences(keeper.get(path))
        for told in (piece.number, "1.5", "3.5", "at noon"):
            assert (path, told in shown, told in masked) == (path, True, True)
        for secret in ("CASE-7", "PT-7"):
            assert (path, secret in shown, secret in masked) == (path, True, False)
    on_the_case = sentences(nurse.get(f"/theatre/cases/{planned.id}"))
    assert "Taken from opened pieces" in on_the_case
    assert "1.5 mL" in on_the_case
    assert "1.5 mL" in sentences(nurse.get(f"/papers/case/{planned.id}/print"))
    assert nurse.get(f"/search?q={piece.number}").headers["Location"] == f"/opened/{piece.id}"
    assert piece.number in sentences(nurse.get("/search?q=PT-7", follow=True))
    assert nurse.get("/search?q=CASE-7").headers["Location"] == f"/ward/use/{planned.id}"
    for token in ("PT-7", "CASE-7"):
        for other in (keeper, signed_in(_stranger())):
            assert piece.number not in sentences(other.get(f"/search?q={token}", follow=True))
    assert signed_in(_stranger()).get(f"/opened/{piece.id}").status_code == 404


def _stranger() -> Person:
    from tests.flows.site import person

    return person("storekeeper", place(Kind.CAMPUS))


def test_programs_read_the_life_and_the_trace(committed: Site, lot: int) -> None:
    here = committed
    case(here)
    piece = opened(here, lot)
    part(here, piece, "1.5", case_number="CASE-7")
    asked = {}
    for who in (here.ward, here.keeper):
        token = create_token(actor=who, name="lab")[1]
        get = partial(Client().get, headers={"Authorization": f"Bearer {token}"})
        life, trace = get(f"/api/v1/opened/{piece.id}/life").json(), get(f"/api/v1/lots/{lot}/trace").json()
        [row] = life["parts"]
        assert trace["opened"] == [life]
        asked[who.person_id] = (row["patient_token"], row["hidden"], trace["patients"], trace["parts_hidden"])
    assert asked[here.nurse.pk] == ("PT-7", False, [["PT-7", "CASE-7"]], 0)
    assert asked[here.storekeeper.pk] == ("", True, [], 1)


def test_programs_take_back_a_part_a_discarding_and_an_opening(committed: Site, lot: int) -> None:
    here, nurse = committed, ApiClient(committed.nurse)
    path = f"/opened/{opened(here, lot).id}"
    nurse.done(f"{path}/takes", amount="1.5")
    [wrong] = nurse.get(f"{path}/life").json()["parts"]
    assert nurse.done(f"{path}/takes/{wrong['id']}/void", reason="wrong_scan")["facts"]["left"] == "5"
    nurse.done(f"{path}/discard", reason="remainder")
    life = nurse.get(f"{path}/life").json()
    nurse.done("/corrections", event_id=life["end"]["event"], reason="wrong_scan")
    nurse.done("/corrections", event_id=life["opened_event"], reason="wrong_scan")
    life = nurse.get(f"{path}/life").json()
    assert (life["piece"]["state"], life["parts"][0]["undone"]["reason"]) == ("voided", "wrong_scan")
    assert [each["ended"] for each in life["undone"]] == ["discarded"]


def test_a_wristband_names_the_case_on_the_wards_page(committed: Site, lot: int) -> None:
    here = committed
    case(here)
    piece, nurse = opened(here, lot), signed_in(here.nurse)
    sent = {"key": key("take"), "amount": "1", "case_number": "PT-7"}
    assert "4 of 5 mL left" in sentences(nurse.post(f"/ward/opened/{piece.id}/take", sent, follow=True))
    assert Taken.objects.get().case == Case.objects.get(number="CASE-7")
    odd = nurse.post(f"/ward/opened/{piece.id}/take", {**sent, "key": key("take"), "case_number": "NOBODY"})
    assert (odd.status_code, "none of your department" in sentences(odd)) == (409, True)
    assert Taken.objects.count() == 1


def test_the_lives_of_many_pieces_cost_no_more_statements(
    committed: Site, lot: int, django_assert_num_queries: Any
) -> None:
    here = committed
    set_opening(
        actor=editor(here), key=unique("k"), item_id=here.counted.pk, holds=Holds(Decimal(9), "mL", 48)
    )
    for amounts in (["1"], ["1", "2", "6"], ["3"]):
        piece = opened(here, lot)
        for amount in amounts:
            part(here, piece, amount)
    ward = here.ward
    with django_assert_num_queries(4):
        assert len(lot_parts(ward, lot).lives) == 3
