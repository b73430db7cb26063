"""What is kept in one go has a number and a paper, which says what of it is kept still, and names no case to who sees none."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.flows.site import Site
from tests.flows.test_reserving import a_case, kept, pieces, refused, sees_cases
from tests.makers import unique
from yanji.access.gates import NotFound
from yanji.flows.models import Case
from yanji.flows.numbered import papers_numbered
from yanji.flows.papers import sheet_of
from yanji.flows.reserving.models import Reservation
from yanji.flows.reserving.queries import reserved_at
from yanji.flows.reserving.reserve import unreserve
from yanji.ledger.api import life_line


def left(here: Site, reservation: int) -> list[int]:
    """Pieces kept still, a line each."""
    return [row[-1] for row in sheet_of(here.keeper, "reservation", reservation).sections[0].rows]


def test_its_paper_says_what_is_kept_still(committed: Site) -> None:
    here = committed
    [epc], lot = here.stocked(1), here.stocked_lot(5)
    wanted = here.requisition((here.h.item, 1), (here.counted, 3))
    done = kept(here, [epc, pieces(here, lot, 3)], requisition_id=wanted.id, note="For the morning")
    row = Reservation.objects.get(pk=done.id)
    assert (done.number[:3], row.number, row.reserved_for, row.note) == (
        "RV-", done.number, wanted.number, "For the morning",
    )  # fmt: skip
    assert [(paper.kind, key) for paper, key in papers_numbered(done.number)] == [("reservation", row.pk)]
    assert life_line(epc)[-1].documents == {"reservation": done.number, "requisition": wanted.number}
    assert {(each.reservation_id, each.reservation) for each in reserved_at(here.keeper)} == {
        (row.pk, done.number)
    }
    assert sorted(left(here, row.pk)) == [1, 3]
    unreserve(actor=here.keeper, key=unique("u"), things=[epc], reason="not_needed")
    assert sorted(left(here, row.pk)) == [0, 3]
    # Kept anew, it is the new reservation that keeps it.
    again = kept(here, [epc], requisition_id=wanted.id)
    assert (sorted(left(here, row.pk)), left(here, again.id)) == ([0, 3], [1])
    Reservation.objects.update(until=timezone.now() - timedelta(minutes=1))
    assert left(here, row.pk) == [0, 0]


def test_its_case_is_named_to_who_sees_it_alone(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1)
    number = Case.objects.get(pk=a_case(here).id).number
    blind, seeing = here.keeper, sees_cases(here)
    done = kept(here, [epc], case_number=number, actor=seeing)
    assert number in str(sheet_of(seeing, "reservation", done.id))
    assert number not in str(sheet_of(blind, "reservation", done.id))
    with pytest.raises(NotFound):
        sheet_of(here.ward, "reservation", done.id)


def test_what_is_not_kept_has_no_number(committed: Site) -> None:
    here = committed
    wanted, epcs = here.requisition((here.counted, 1)), here.stocked(1)
    refused("not_requested", lambda: kept(here, epcs, requisition_id=wanted.id))
    assert not Reservation.objects.exists()
