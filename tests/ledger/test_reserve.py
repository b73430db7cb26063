"""A reservation keeps units for a document until a moment, and then ends by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.ledger.ways import levels
from tests.makers import Hospital, hospital, unique
from yanji.ledger.api import (
    Refused,
    Status,
    Step,
    end_lapsed_reservations,
    life_line,
    rebuild,
    reserve,
    unit_view,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def reserved(house: Hospital, count: int = 1, until: timedelta = HOUR) -> list[str]:
    epcs = house.stocked(count, ago=3 * HOUR)
    now = timezone.now()
    began = now - 2 * HOUR  # what is to lapse must have begun
    reserve(
        epcs, reserved_for="REQ1", until=now + until, key=unique("r"), actor=house.actor, happened_at=began
    )
    return epcs


def test_it_is_kept_for_its_document() -> None:
    house = hospital()
    one, other = reserved(house, 2)
    for documents in ({}, {"requisition": "REQ2"}):
        with pytest.raises(Refused) as refused:
            house.do(Step.PICK, one, documents=documents)
        assert refused.value.code == "reserved"
        assert refused.value.offences[0].facts["reserved_for"] == "REQ1"
    house.do(Step.PICK, one, documents={"requisition": "REQ1"})
    house.do(Step.PICK, other, reserved_for="REQ1")
    assert unit_view(one).reserved_for == ""


def test_it_lapses_by_itself() -> None:
    house = hospital()
    [epc] = reserved(house, until=-timedelta(seconds=1))
    assert unit_view(epc).status == Status.RESERVED
    house.do(Step.PICK, epc, documents={"requisition": "REQ2"})
    assert rebuild() == []


def test_an_act_of_an_earlier_time_still_meets_it() -> None:
    """What counts is when it happened, not when it was entered."""
    house = hospital()
    [epc] = reserved(house, until=-timedelta(minutes=10))
    with pytest.raises(Refused, check=lambda refused: refused.code == "reserved"):
        house.do(Step.PICK, epc, happened_at=timezone.now() - HOUR)


def test_lapsed_ones_are_written_down() -> None:
    house = hospital()
    lapsed, standing = reserved(house, 2, until=-timedelta(seconds=1)), reserved(house, 1)
    now = timezone.now()
    assert end_lapsed_reservations(actor=house.actor, now=now) is not None
    assert [unit_view(epc).status for epc in (*lapsed, *standing)] == ["available", "available", "reserved"]
    assert levels(house) == {(house.store.pk, "available"): 2, (house.store.pk, "reserved"): 1}
    assert end_lapsed_reservations(actor=house.actor, now=now) is None
    assert life_line(lapsed[0])[-1].step == Step.UNRESERVE
    assert rebuild() == []


def test_it_ends_when_told() -> None:
    house = hospital()
    [epc] = reserved(house)
    house.do(Step.UNRESERVE, epc)
    view = unit_view(epc)
    assert (view.status, view.reserved_for, view.reserved_until) == (Status.AVAILABLE, "", None)


def test_what_is_reserved_is_not_reserved_again() -> None:
    house = hospital()
    [epc] = reserved(house)
    for document, code in (("REQ2", "reserved"), ("REQ1", "wrong_status")):
        with pytest.raises(Refused) as refused:
            reserve(
                [epc], reserved_for=document, until=timezone.now() + HOUR, key=unique("r"), actor=house.actor
            )
        assert refused.value.code == code
