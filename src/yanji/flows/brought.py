"""What scans at the dock bring: each piece once, whatever tag it was read by and whatever box it lies in."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from yanji.ledger.api import Offence, Status

from .arrival import Arrival, announced
from .packing.delivered import InsideLine, arriving_beside
from .scanning import Meaning

# What two scans of one piece share: a unit's identity, a line of a ship notice. Pieces of a lot that lie in no box share nothing.
Known = str | int | None


class Brought:
    """Of a batch of scans, beside what the page has ``listed`` already: what each one brings, each piece once. Units that lie in
    a box of the batch come with it; so do the cartons of a pallet. One statement, and none where there is no box."""

    def __init__(
        self,
        meanings: Sequence[Meaning],
        *,
        order_id: int,
        listed: Collection[str],
        rejected: Mapping[int, str] = MappingProxyType({}),
    ) -> None:
        """``rejected``: number of a scan -> why what it brings is not accepted."""
        inside, stands = arriving_beside(listed, [each.box.code for each in meanings if each.box])
        self._rejected = rejected
        self._of = [
            _brings(each, inside, order_id, rejected.get(number, "")) for number, each in enumerate(meanings)
        ]
        self.pieces: list[Counter[int]] = [Counter() for _each in meanings]
        # The largest boxes first, then what was announced: what nobody expected is the surplus.
        self._turns = sorted(
            range(len(meanings)),
            key=lambda each: (meanings[each].box is None, -len(self._of[each]), meanings[each].unit is None),
        )
        self._count(stands)
        self._things: dict[str | int | tuple[int], Arrival] = {}
        # The label on a thing counts, not what was announced of it: what was scanned itself goes first.
        for number in sorted(range(len(meanings)), key=lambda each: meanings[each].box is not None):
            for known, arrival in self._of[number]:
                self._things.setdefault(known or (number,), arrival)
        self.again: Counter[int] = Counter()  # pieces that come in a box which is listed
        for thing, arrival in self._things.items():
            self.again[arrival.item_id] += int(arrival.quantity) if thing in stands else 0

    def _count(self, stands: Collection[Known]) -> None:
        """Pieces are counted with the largest box that holds them."""
        counted = set(stands)
        for number in self._turns:
            for known, arrival in self._of[number]:
                new = known is None or known not in counted
                self.pieces[number][arrival.item_id] += int(arrival.quantity) if new else 0
            counted.update(known for known, _arrival in self._of[number] if known is not None)

    @property
    def everything(self) -> tuple[Arrival, ...]:
        return tuple(self._things.values())

    def of(self, number: int) -> list[Arrival]:
        """What a scan stands for, whether or not another one counts it."""
        return [arrival for _known, arrival in self._of[number]]

    def inside(self, number: int, *, box: bool) -> dict[int, int]:
        """Item -> pieces for which a box counts; nothing of a unit that counts for itself, none of one that comes in a box."""
        pieces = self.pieces[number]
        return dict(pieces) if box or (pieces and not any(pieces.values())) else {}

    def surplus(self, owed: Mapping[int, int], fine: Sequence[bool]) -> list[dict[int, int]]:
        """Of each scan: item -> pieces that would be accepted with it, where that is more than is ``owed``. What goes before it
        counts where it is ``fine`` and no surplus itself; what is rejected does not."""
        taken: Counter[int] = Counter()
        found: list[dict[int, int]] = [{} for _each in self.pieces]
        for number in self._turns:
            if number in self._rejected:
                continue
            pieces = self.pieces[number]
            more = {item: taken[item] + n for item, n in pieces.items() if n and item in owed}
            found[number] = {item: n for item, n in more.items() if n > owed[item]}
            if fine[number] and not found[number]:
                taken.update(pieces)
        return found


def arrives(meaning: Meaning) -> bool:
    expected = meaning.unit is not None and meaning.unit.status == "expected"
    return meaning.item is not None and (meaning.kind in ("new_unit", "lot") or expected)


def _brings(
    meaning: Meaning, inside: Sequence[InsideLine], order_id: int, rejected: str
) -> list[tuple[Known, Arrival]]:
    """What a scan brings: one unit or lot, all that was announced in a box for this order, or nothing."""
    if meaning.box:
        return [
            (line.epc or line.line_id, announced(line, rejected=rejected))
            for line in inside
            if line.box == meaning.box.code and line.order_id == order_id
        ]
    if not arrives(meaning):
        return []
    assert meaning.item is not None
    said = (meaning.epc, meaning.serial, meaning.lot, meaning.expiry, meaning.made, meaning.quantity)
    return [(meaning.epc or None, Arrival(meaning.item.pk, *said, rejected))]


def not_arriving(meaning: Meaning) -> tuple[Offence, ...]:
    """Why a scan is nothing that can be received as it is."""
    match meaning.kind:
        case "unit" if meaning.unit:
            return (Offence("already_here", meaning.epc, {"status": Status(meaning.unit.status).label}),)
        case "item" if meaning.item and meaning.item.maker_serial:
            return (Offence("other_half", meaning.item.name),)
        case "needs_label" | "item":
            return (Offence("needs_label", meaning.lot or meaning.di),)
        case "package":
            return (Offence("package_scanned", meaning.di, {"quantity": meaning.quantity}),)
        case "box":
            return (Offence("box_is_empty", meaning.epc),)
        case "place" | "document":
            return (Offence("unreadable", meaning.scan, {"detail": ""}),)
    return ()
