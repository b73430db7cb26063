"""Things that stand for their items: whoever asks for more of something scans any label of it."""

from collections.abc import Sequence
from dataclasses import replace

from yanji.access.actor import Actor
from yanji.catalog.models import Item, ItemCode
from yanji.identity import Identity, read

from ..scanning import Meaning
from .sights import Sight, reader_of, weighed


def items_only(sights: Sequence[Sight], actor: Actor) -> list[Sight]:
    """So many of an item, whatever piece of it was scanned and wherever that lies: a label says what it is also of a piece that
    somebody may not see. One statement where there is such a piece."""
    labels = {number: _product(sight, actor) for number, sight in enumerate(sights) if _hidden(sight)}
    codes = {code for label in labels.values() if label for code in label[1:]}
    rows = ItemCode.objects.filter(code__in=codes).select_related("item") if codes else []
    known = {(row.issuer, row.code): row.item for row in rows}
    return [
        _as_item(sight, known.get(labels.get(number) or ("", "")) or sight.meaning.item)
        for number, sight in enumerate(sights)
    ]


def _hidden(sight: Sight) -> bool:
    return sight.meaning.kind == "unit" and sight.meaning.item is None


def _product(sight: Sight, actor: Actor) -> tuple[str, str] | None:
    found = read(sight.meaning.scan, profile=reader_of(actor, camera=sight.camera).scanner)
    return (found.issuer, found.di) if isinstance(found, Identity) and found.di else None


def _as_item(sight: Sight, item: Item | None) -> Sight:
    meaning = sight.meaning
    if item is None:
        return sight
    pieces = meaning.quantity if meaning.kind == "lot" else meaning.quantity * sight.times
    plain = Meaning(meaning.scan, "item", meaning.issuer, meaning.di, item)
    return replace(sight, meaning=weighed(plain, pieces))
