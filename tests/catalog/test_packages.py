"""A quantity in packages: as few as it goes, never a piece more or less, and only those that the item has."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tests.makers import unique
from yanji.catalog.models import Item, ItemCode
from yanji.catalog.packages import Package, in_packages, measured, packages_of, pieces_in

TEN, HUNDRED = Package("inner", 10), Package("case", 100)


@pytest.mark.parametrize(
    ("quantity", "told"),
    [
        (20, "2 × 10"),
        (123, "1 × 100 + 2 × 10 + 3"),
        (100, "1 × 100"),
        (9, ""),
        (0, ""),
        (Decimal("20.000"), "2 × 10"),
    ],
)
def test_as_it_is_told(quantity: int | Decimal, told: str) -> None:
    assert in_packages(quantity, (TEN, HUNDRED)) == told


def test_what_is_no_number_of_pieces_is_not_told() -> None:
    assert in_packages(Decimal("20.5"), (TEN,)) == ""
    assert in_packages(20, ()) == ""


@given(st.integers(1, 10**6), st.sets(st.integers(2, 5000), min_size=1, max_size=4))
def test_what_is_told_is_the_same_quantity(quantity: int, sizes: set[int]) -> None:
    told = in_packages(quantity, [Package("inner", size) for size in sizes])
    if quantity < min(sizes):
        assert told == ""
        return
    total = 0
    for part in told.replace(",", "").split(" + "):
        count, _, size = part.partition(" × ")
        total += int(count) * int(size or 1)
    assert total == quantity


def test_only_packages_of_the_item_count() -> None:
    assert pieces_in(3, 10, (TEN,)) == 30
    assert pieces_in(3, 1, ()) == 3
    assert pieces_in(3, 100, (TEN,)) is None
    assert pieces_in(3, 0, (TEN,)) is None


@pytest.mark.django_db
def test_packages_are_those_of_counted_items_in_one_statement(django_assert_num_queries: Any) -> None:
    counted = Item.objects.create(code=unique("I"), name_zh="管", tracking="lot")
    single = Item.objects.create(code=unique("I"), name_zh="架", tracking="unit")
    for item in (counted, single):
        for level, pieces in (("unit", 1), ("case", 100), ("inner", 10), ("inner", 10)):
            ItemCode.objects.create(item=item, issuer="LOCAL", code=unique("C"), level=level, quantity=pieces)
    with django_assert_num_queries(1):
        assert packages_of([counted.pk, single.pk]) == {counted.pk: (TEN, HUNDRED)}
    with django_assert_num_queries(0):
        assert packages_of([]) == {}


def test_the_measure_is_said_in_the_readers_language() -> None:
    stent, other = Item(unit_of_measure="根"), Item(unit_of_measure="测试")
    for language, said in (
        ("zh-hans", ["根", "测试", "根 (2 × 10)"]),
        ("en", ["piece", "测试", "piece (2 × 10)"]),
    ):
        with translation.override(language):
            assert [stent.measure, other.measure, measured(stent, 20, (TEN,))] == said
