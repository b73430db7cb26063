"""Counted goods come in packages: a quantity as people see it lie there (2 × 10), and typed in packages, kept in pieces."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .codes import spellings
from .models import Item, ItemCode


@dataclass(frozen=True, slots=True)
class Package:
    """A package of an item: its level, and how many pieces are inside."""

    level: str
    pieces: int

    @property
    def label(self) -> str:
        """The level in the reader's language."""
        return str(ItemCode.Level(self.level).label)


def packages_of(item_ids: Iterable[int]) -> dict[int, tuple[Package, ...]]:
    """Item id -> its packages of more than one piece, the smallest first. Only what is tracked by lot: a thing with a serial
    number is never a number of pieces. One statement; none for no items."""
    wanted = {item_id for item_id in item_ids if item_id}
    if not wanted:
        return {}
    codes = ItemCode.objects.filter(item_id__in=wanted, item__tracking=Item.Tracking.LOT, quantity__gt=1)
    found: dict[int, dict[int, Package]] = {}
    for item_id, level, pieces in codes.order_by("quantity", "pk").values_list(
        "item_id", "level", "quantity"
    ):
        # Two codes of one size are one choice: what is asked is how many pieces.
        found.setdefault(item_id, {}).setdefault(pieces, Package(level, pieces))
    return {item_id: tuple(sizes.values()) for item_id, sizes in found.items()}


def packages_for(items: Iterable[Item]) -> dict[int, tuple[Package, ...]]:
    """:func:`packages_of` items that are at hand; no statement where all of them are tracked by unit."""
    return packages_of(item.pk for item in items if item.tracking == Item.Tracking.LOT)


def package_named(code: str, items: Sequence[Item]) -> dict[int, int]:
    """Item id -> pieces of the package that a code names, as it is typed or printed. One statement, none where the text cannot be
    a code, or all are tracked by unit."""
    counted = [item.pk for item in items if item.tracking == Item.Tracking.LOT]
    if not counted or not code or " " in code:
        return {}
    found = ItemCode.objects.filter(item_id__in=counted, code__in=spellings(code), quantity__gt=1)
    return dict(found.values_list("item_id", "quantity"))


def in_packages(quantity: int | Decimal, packages: Sequence[Package]) -> str:
    """A quantity of pieces in as few packages as it goes: ``2 × 10``, ``1 × 100 + 2 × 10 + 3``. Empty where not even one
    package is full, or pieces are no whole number. Pure."""
    left = int(quantity)
    if left != quantity or not any(left >= package.pieces for package in packages):
        return ""
    told = []
    for package in sorted(packages, key=lambda each: each.pieces, reverse=True):
        count, left = divmod(left, package.pieces)
        told += [f"{count:,} × {package.pieces:,}"] if count else []
    return " + ".join([*told, *([f"{left:,}"] if left else [])])


def measured(item: Item, quantity: int, packages: Sequence[Package]) -> str:
    """The item's unit of measure, and beside it the quantity in packages: ``件 (2 × 10)``. Pure."""
    told = in_packages(quantity, packages)
    return f"{item.measure} ({told})" if told else item.measure


def pieces_in(count: int, per: int, packages: Sequence[Package]) -> int | None:
    """How many pieces ``count`` packages of ``per`` pieces are; single pieces are packages of one. None where the item has
    no such package. Pure."""
    known = per == 1 or any(package.pieces == per for package in packages)
    return count * per if known else None
