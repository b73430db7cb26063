"""From which shelf the scanned pieces of a counted lot are taken: found where there is one, asked where there are several."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from yanji.ledger.api import BY_NAME, LIFECYCLE, LotQuantity, Offence, Status, Step
from yanji.ledger.models import Lot
from yanji.places.queries import labels
from yanji.places.rules import ids_of
from yanji.places.spoken import joined

from ..heaps import Heap, docks_first, heaps_of
from ..scanning import Meaning


@dataclass(frozen=True, slots=True)
class Wanted:
    """Pieces of lots, and what is known of where they come from. ``paths``: anywhere below these; ``from_place_id``: what a
    person said; ``to_place_id``: where they go; ``own``: only what lies so for its paper, pieces by lot, place and owner;
    ``asks``: where a lot lies at several places, a person says which; ``one_owner``: it is to be clear whose it is."""

    pieces: Mapping[int, int]
    step: Step
    paths: Sequence[str]
    from_place_id: int | None = None
    to_place_id: int | None = None
    own: Mapping[tuple[int, int, int | None], int] | None = None
    asks: bool = False
    one_owner: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """``things``: what the verb is given; ``sources``: lot -> the places that it comes from; ``choices``: of which places a
    person may say that it comes from them, the likeliest first, with how much lies there."""

    things: list[LotQuantity] = field(default_factory=list)
    sources: dict[int, str] = field(default_factory=dict)
    choices: list[tuple[int, str, int]] = field(default_factory=list)
    offences: tuple[Offence, ...] = ()

    def passed_over(self, meanings: Sequence[Meaning]) -> list[Offence]:
        """Lots that were scanned and of which nobody knows where they come from: no act goes without them. Pure."""
        given: Counter[int] = Counter()
        for part in self.things:
            given[part.lot_id] += int(part.quantity)
        wanted = pieces_of(meanings)
        numbers = {meaning.lot_id: meaning.lot for meaning in meanings if meaning.kind == "lot"}
        return [Offence("scan_whence", numbers[lot]) for lot in wanted if wanted[lot] != given[lot]]


def pieces_of(meanings: Sequence[Meaning]) -> Counter[int]:
    """Pieces of each counted lot that the ledger knows. Pure."""
    pieces: Counter[int] = Counter()
    for meaning in meanings:
        if meaning.kind == "lot" and meaning.lot_id is not None:
            pieces[meaning.lot_id] += meaning.quantity
    return pieces


def taken(wanted: Wanted) -> Taken:
    """Every lot from where it lies, from several shelves where one has too little. Six statements at most, none without lots."""
    if not wanted.pieces:
        return Taken()
    found = _heaps(wanted)
    names = labels({heap.place.pk: heap.place for heaps in found.values() for heap in heaps}.values())
    things: list[LotQuantity] = []
    sources: dict[int, str] = {}
    offences: list[Offence] = []
    missing = wanted.pieces.keys() - found.keys()
    numbers = dict(Lot.objects.filter(pk__in=missing).values_list("pk", "number")) if missing else {}
    choices: Counter[int] = Counter()
    for lot, count in wanted.pieces.items():
        heaps = found.get(lot, [])
        if wanted.asks and len({heap.place.pk for heap in heaps}) > 1:
            for heap in heaps:
                choices[heap.place.pk] += heap.pieces
            heaps = _said(heaps, wanted.from_place_id)
            if not heaps:
                offences.append(_several(found[lot], names))
                continue
        if wanted.one_owner and len({heap.owner_id for heap in heaps}) > 1:
            offences.append(Offence("lot_of_several", heaps[0].lot))
            continue
        parts = list(_parts(heaps, count))
        lies = sum(part for _heap, part in parts)
        if lies < count:
            number = heaps[0].lot if heaps else numbers.get(lot, str(lot))
            offences.append(Offence("lot_short", number, {"lies": lies, "pieces": count}))
            continue
        things += _quantities(parts)
        sources[lot] = ", ".join(dict.fromkeys(names[heap.place.pk] for heap, _part in parts))
    listed = [(place, names[place], pieces) for place, pieces in choices.items()]
    return Taken(things, sources, listed, tuple(offences))


def _heaps(wanted: Wanted) -> dict[int, list[Heap]]:
    sources = [status for status in LIFECYCLE[wanted.step].sources if status and status not in BY_NAME]
    # Who holds pieces means those that could be used: what is picked or in doubt is named by its paper.
    statuses = [Status.AVAILABLE] if wanted.step is Step.HOLD else sources
    found = heaps_of(wanted.pieces, paths=wanted.paths, statuses=statuses, but=wanted.to_place_id)
    if wanted.own is None:
        return found
    return {lot: own for lot, heaps in found.items() if (own := _own(heaps, wanted.own))}


def _own(heaps: Sequence[Heap], spots: Mapping[tuple[int, int, int | None], int]) -> list[Heap]:
    """Of what lies picked, or is on its way, what does so for one paper. Pure."""
    own = [
        Heap(h.lot_id, h.lot, h.place, h.owner_id, h.status, min(h.pieces, most))
        for h in heaps
        if (most := spots.get((h.lot_id, h.place.pk, h.owner_id), 0)) > 0
    ]
    return sorted(own, key=docks_first)


def _said(heaps: Sequence[Heap], from_place_id: int | None) -> list[Heap]:
    """Those at the place that a person named, or below it. Pure."""
    return [heap for heap in heaps if from_place_id in ids_of(heap.place.path)]


def listed(lying: Iterable[tuple[str, int]]) -> str:
    """Places as a sentence lists them, each with the pieces that lie there."""
    return joined(*(joined(name, f"({pieces})", by=" ") for name, pieces in lying), by=", ")


def _several(heaps: Sequence[Heap], names: Mapping[int, str]) -> Offence:
    places = listed((names[heap.place.pk], heap.pieces) for heap in heaps)
    return Offence("scan_from", heaps[0].lot, {"places": places})


def _parts(heaps: Sequence[Heap], count: int) -> Iterator[tuple[Heap, int]]:
    """One heap where one is enough, else the fullest first. Pure."""
    by_size = sorted(heaps, key=lambda heap: -heap.pieces)
    if by_size and by_size[0].pieces >= count:
        by_size = [next(heap for heap in heaps if heap.pieces >= count)]
    for heap in by_size:
        part = min(heap.pieces, count)
        if part:
            yield heap, part
        count -= part


def _quantities(parts: Sequence[tuple[Heap, int]]) -> list[LotQuantity]:
    several = len({heap.status for heap, _part in parts}) > 1
    return [
        LotQuantity(heap.lot_id, Decimal(part), heap.place.pk, heap.owner_id, heap.status if several else "")
        for heap, part in parts
    ]
