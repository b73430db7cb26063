"""What of a batch stands in the count already: so that a box counts once, and a tag once in a round."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2s

from django.db.models import F, Q

from ..packing.contents import Contents
from ..scanning import Meaning
from .models import Count, CountScan

Kind, How = CountScan.Kind, CountScan.How
BOX_OF_LOT = (
    "~"  # in the key of a lot's row that a box's label spoke for: behind it, the box in which the pieces are
)


@dataclass(frozen=True, slots=True)
class Said:
    """One read: its key, its text as a row keeps it, what it means and how many it would count."""

    key: str
    raw: str
    meaning: Meaning
    quantity: int


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of one lot in one box, whoever owns them; ``inside`` names both, as the end of a row's key."""

    lot_id: int
    item_id: int
    quantity: int
    inside: str


@dataclass(slots=True)
class Standing:
    """``kept``: rows by the key under which they were sent, of a box one of those that it left. ``told``: kind and memory of what
    was read by a tag in this round and is no unit. ``boxed``: pieces in boxes that are counted, by :attr:`Pieces.inside`.
    ``room``: lot -> pieces that the batch may still add, where tags were read: what is read with its box is counted once."""

    kept: dict[str, CountScan] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)
    boxed: set[str] = field(default_factory=set)
    room: dict[int, int] = field(default_factory=dict)

    def takes(self, lot_id: int, quantity: int) -> int:
        """How many of these pieces are to be counted; they have taken their room."""
        taken = min(quantity, self.room.get(lot_id, quantity))
        if lot_id in self.room:
            self.room[lot_id] -= taken
        return taken


def storable(text: str) -> str:
    """A text that was read, as rows keep it. Pure."""
    return text.strip().replace("\x00", "").encode("utf-8", "replace").decode()[:200]


def pieces_of(box: Contents) -> list[Pieces]:
    """The counted pieces that are where the box is, by lot and by the box inside it that they lie in. Pure."""
    found: dict[str, Pieces] = {}
    for lot in box.lots_together:
        # A digest, for the code of a box may be longer than a key; and without a slash, which ends the label's own key.
        inside = f"l{lot.lot_id}{BOX_OF_LOT}{blake2s(lot.box.encode(), digest_size=8).hexdigest()}"
        before = found[inside].quantity if inside in found else 0
        found[inside] = Pieces(lot.lot_id, lot.item_id, before + lot.quantity, inside)
    return list(found.values())


def standing(count: Count, reads: Sequence[Said], *, by_tag: bool) -> Standing:
    """What stands of these reads. One statement."""
    keys = {each.key for each in reads}
    labels = {each.raw for each in reads if each.meaning.box}
    boxed = {
        pieces.inside: pieces for each in reads if each.meaning.box for pieces in pieces_of(each.meaning.box)
    }
    found, held = Standing(), list[tuple[CountScan, CountScan]]()
    stored = CountScan.objects.filter(_wanted(count, reads, boxed, by_tag=by_tag), count=count)
    rows = {row.pk: row for row in stored.annotate(later=F("replaced_by__pk"))}
    for row in rows.values():
        label = row.key.rpartition("/")[0]
        if row.key in keys:
            found.kept[row.key] = row
        elif row.how == How.BOX and row.raw in labels and label in keys:
            found.kept[label] = row
        if row.later is None and row.kind != Kind.UNDO and row.round == count.round:
            held.append((row, _first(row, rows)))
    found.told = {(row.kind, row.raw) for row, _ in held if row.how == How.TAG}
    lots = [(row, first) for row, first in held if row.kind == Kind.LOT]
    found.boxed = {_inside(first) for row, first in lots if row.how == How.BOX}
    if by_tag:
        tags = {each.raw: each for each in reads if each.meaning.kind == "lot" and each.meaning.lot_id}
        there = [
            first
            for row, first in lots
            if (row.how == How.TAG and row.raw in tags) or (row.how == How.BOX and _inside(first) in boxed)
        ]
        found.room = _room(boxed.values(), tags.values(), there)
    return found


def _wanted(count: Count, reads: Sequence[Said], boxed: Mapping[str, Pieces], *, by_tag: bool) -> Q:
    """Rows under the same keys; of boxes those of the same label, and of the lots in them; of tags those of the same memory."""
    wanted = Q(key__in={each.key for each in reads})
    if labels := {each.raw for each in reads if each.meaning.box}:
        lots = {each.lot_id for each in boxed.values()}
        wanted |= Q(how=How.BOX) & (Q(raw__in=labels) | Q(round=count.round, lot_id__in=lots))
    if by_tag:
        raws = {each.raw for each in reads}
        wanted |= Q(how=How.TAG, round=count.round, raw__in=raws, kind__in=(Kind.LOT, Kind.UNKNOWN))
    return wanted


def _first(row: CountScan, rows: dict[int, CountScan]) -> CountScan:
    """The scan itself, where somebody has said another quantity of it since: what was said then is theirs."""
    while row.replaces_id in rows:
        row = rows[row.replaces_id]
    return row


def _inside(row: CountScan) -> str:
    return row.key.rpartition("/")[2]


def _room(boxes: Iterable[Pieces], tags: Iterable[Said], there: Iterable[CountScan]) -> dict[int, int]:
    """Of a lot as many as its boxes hold or as tags of it were read, whichever is more: a piece has no name, and one that was
    read with a box that holds its lot lies in it. Less what stands. Pure."""
    in_boxes, read = Counter[int](), Counter[int]()
    for box in boxes:
        in_boxes[box.lot_id] += box.quantity
    for tag in tags:
        read[tag.meaning.lot_id or 0] += tag.quantity
    most = in_boxes | read  # of each the greater
    for row in there:
        most[row.lot_id or 0] -= row.quantity
    return {lot_id: max(0, quantity) for lot_id, quantity in most.items()}
