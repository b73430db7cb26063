"""Two symbols of one label are one scan; two labels are not."""

import pytest

from yanji.flows.halves import GS, is_half, whole
from yanji.identity import Identity, read

DI, OTHER = "0106901234500011", "0106901234500028"
PI = f"17301231{'10'}L1{GS}21S9"


@pytest.mark.parametrize(
    ("first", "second"),
    [(f"]C1{DI}", f"]C1{PI}"), (f"]C1{PI}", f"]C1{DI}"), (DI, PI), ("]E06901234500011", f"]C1{PI}")],
)
def test_two_halves_read_as_one(first: str, second: str) -> None:
    text = whole(first, second)
    assert text is not None
    found = read(text)
    assert isinstance(found, Identity)
    assert (found.di, found.lot, found.serial) == ("06901234500011", "L1", "S9")
    assert found.epc == "01/06901234500011/21/S9"
    assert not is_half(found)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"]C1{DI}", f"]C1{OTHER}"),  # two products
        (f"]C1{DI}{PI}", f"]C1{PI}"),  # the first is whole
        (f"]C1{PI}", f"]C1{PI}"),
        ("", f"]C1{PI}"),
        (f"]C1{DI}", "no code at all"),
    ],
)
def test_what_is_no_pair(first: str, second: str) -> None:
    assert whole(first, second) is None
