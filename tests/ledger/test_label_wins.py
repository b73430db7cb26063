"""What is printed on a thing is believed: an expected unit takes lot and expiry from the delivery that brings it."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.makers import Hospital, hospital, unique
from yanji.catalog.models import Item
from yanji.ledger.api import NewUnit, Refused, Status, Step, correct, rebuild, stock_at, unit_views
from yanji.ledger.models import Level, Movement, Unit

pytestmark = pytest.mark.django_db(transaction=True)
FAR, NEAR = date(2099, 12, 31), date(2048, 1, 31)


@pytest.fixture
def house() -> Hospital:
    return hospital()


def lots(*units: NewUnit) -> list[tuple[str, date | None]]:
    views = unit_views([unit.epc for unit in units])
    return [(views[unit.epc].lot, views[unit.epc].expiry) for unit in units]


def levels(house: Hospital) -> dict[tuple[str, str], int]:
    rows = Level.objects.filter(lot__item=house.item, quantity__gt=0)
    return {(row.lot.number, row.status): int(row.quantity) for row in rows.select_related("lot")}


def test_label_overrules_what_was_announced(house: Hospital) -> None:
    units = [house.unit(lot="NOTICE") for _ in range(4)]
    house.do(Step.ANNOUNCE, *units)
    printed = [
        units[0],
        replace(units[1], lot="REAL", expiry=NEAR),
        replace(units[2], lot="", expiry=NEAR),
        replace(units[3], lot="", expiry=None),
    ]
    house.do(Step.RECEIVE, *printed)
    assert lots(*units) == [
        ("NOTICE", FAR),
        ("REAL", NEAR),
        ("NOTICE", NEAR),
        ("NOTICE", FAR),
    ]
    [changed] = Movement.objects.filter(unit__epc=units[1].epc, event__step="receive")
    assert changed.from_lot is not None
    assert (changed.from_lot.number, changed.lot.number) == ("NOTICE", "REAL")
    assert rebuild() == []


def test_single_unit_and_correction(house: Hospital) -> None:
    unit = house.unit(lot="NOTICE")
    house.do(Step.ANNOUNCE, unit)
    received = house.do(Step.RECEIVE, replace(unit, lot="REAL", expiry=NEAR))
    assert levels(house) == {("REAL", "inspecting"): 1}
    correct(received.event_id, key=unique("k"), reason="wrong unit", actor=house.actor)
    view = unit_views([unit.epc])[unit.epc]
    assert (view.status, view.lot, view.expiry) == (Status.EXPECTED, "NOTICE", FAR)
    assert levels(house) == {("NOTICE", "expected"): 1}
    house.do(Step.RECEIVE, replace(unit, lot="THIRD", expiry=NEAR))
    assert levels(house) == {("THIRD", "inspecting"): 1}
    assert rebuild() == []


def test_expired_label_is_not_accepted_whatever_was_announced(house: Hospital) -> None:
    unit = house.unit(lot="NOTICE")
    house.do(Step.ANNOUNCE, unit)
    house.do(Step.RECEIVE, replace(unit, lot="REAL", expiry=date(2017, 1, 31)))
    with pytest.raises(Refused) as refused:
        house.do(Step.ACCEPT, unit.epc)
    assert refused.value.code == "expired"
    assert Unit.objects.get(epc=unit.epc).status == Status.INSPECTING


def test_set_that_comes_again_takes_its_new_label(house: Hospital) -> None:
    unit = house.unit(lot="FIRST")
    house.do(Step.RECEIVE, unit)
    house.do(Step.ACCEPT, unit.epc)
    house.do(Step.SEND_BACK, unit.epc)
    house.do(Step.RECEIVE, replace(unit, lot="SECOND", expiry=NEAR))
    assert lots(unit) == [("SECOND", NEAR)]
    assert rebuild() == []


def test_stock_of_the_past_counts_each_lot_where_it_was(house: Hospital) -> None:
    unit = house.unit(lot="NOTICE")
    house.do(Step.ANNOUNCE, unit)
    house.do(Step.RECEIVE, replace(unit, lot="REAL"))
    rows = stock_at(paths=["/"], as_of=timezone.now(), statuses=("expected", "inspecting"))
    mine = [(row.lot, row.status, int(row.quantity)) for row in rows if row.item_id == house.item.pk]
    assert mine == [("REAL", "inspecting", 1)]


def test_unit_of_another_item_is_refused(house: Hospital) -> None:
    other = Item.objects.create(code=unique("ITEM"), name_zh="球囊")
    unit = house.unit()
    house.do(Step.ANNOUNCE, unit)
    with pytest.raises(Refused) as refused:
        house.do(Step.RECEIVE, replace(unit, item_id=other.pk))
    assert refused.value.code == "other_item"
    assert Unit.objects.get(epc=unit.epc).status == Status.EXPECTED


def test_two_statements_whatever_the_labels_say(house: Hospital) -> None:
    units = [house.unit(lot="NOTICE") for _ in range(30)]
    house.do(Step.ANNOUNCE, *units)
    printed = [replace(unit, lot=f"REAL{n % 3}" if n % 2 else "NOTICE") for n, unit in enumerate(units)]
    new = [house.unit(lot="REAL1") for _ in range(5)]
    with CaptureQueriesContext(connection) as found:
        house.do(Step.RECEIVE, *printed, *new)
    assert len(found.captured_queries) == 2
    assert rebuild() == []
