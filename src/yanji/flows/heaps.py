"""Where pieces of a counted lot lie: a lot's label names no place, so it is found, or a person says it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from yanji.ledger.models import Level
from yanji.places.models import Kind, Place

from .queries import within


@dataclass(frozen=True, slots=True)
class Heap:
    """Pieces of one lot of one owner in one status at one place."""

    lot_id: int
    lot: str
    place: Place
    owner_id: int | None
    status: str
    pieces: int


def heaps_of(
    lots: Collection[int], *, paths: Collection[str], statuses: Sequence[str], but: int | None = None
) -> dict[int, list[Heap]]:
    """Lot -> what lies of it below any of the paths, except at the place that it goes to (``but``): what waits on docks first,
    then the fullest. One statement, none without lots."""
    if not lots:
        return {}
    rows = Level.objects.filter(within("place", paths), lot__in=lots, status__in=statuses, quantity__gt=0)
    found: defaultdict[int, list[Heap]] = defaultdict(list)
    for row in rows.exclude(place=but).select_related("place", "lot"):
        heap = Heap(row.lot_id, row.lot.number, row.place, row.owner_id, row.status, int(row.quantity))
        found[row.lot_id].append(heap)
    return {lot: sorted(heaps, key=docks_first) for lot, heaps in found.items()}


def docks_first(heap: Heap) -> tuple[bool, int, int]:
    """Pure."""
    return heap.place.kind != Kind.DOCK, -heap.pieces, heap.place.pk
