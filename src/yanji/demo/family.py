"""The shape of a product family: what its sizes share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of device or reagent.

    ``field`` is the medical field whose makers produce it; ``sizes`` are ordered small to large, the middle ones
    sell best; ``wanted`` is how many items the catalogue holds of it; ``yuan`` the price range of one piece.
    ``label`` says who coded the label: ``gs1``, ``hibc``, ``ma``, or ``lot`` (GS1 with a lot but no serial number,
    so that the hospital prints its own label).
    """

    code: str
    zh: str
    en: str
    field: str
    sizes: Sequence[str]
    wanted: int
    yuan: tuple[int, int]
    registration: str
    insurance: str
    label: str = "gs1"
    tracking: str = "unit"
    temperature: str = "any"
    risk: str = "III"
    implant: bool = False
    sterile: bool = True
    makers: int = 2
    uom: str = "件"
    shelf_months: tuple[int, int] = (18, 36)


def grid(pattern: str, *axes: Iterable[object]) -> list[str]:
    """Every combination of the axes, written by the pattern."""
    return [pattern.format(*values) for values in product(*axes)]


def span(first: float, last: float, step: float, decimals: int = 0) -> list[str]:
    """Numbers from first to last, both included, as text."""
    count = round((last - first) / step) + 1
    return [f"{first + step * number:.{decimals}f}" for number in range(count)]
