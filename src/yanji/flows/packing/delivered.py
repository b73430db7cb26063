"""Boxes as suppliers send them: announced with what is in them, and received by one scan of the outside."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db import connection

from yanji.identity import Identity, read
from yanji.ledger.api import Offence, Refused, Status
from yanji.ledger.models import Unit

from ..announced import Announced
from ..models import ShipNoticeLine
from .contents import TREE, is_box
from .models import Box, BoxedUnit, BoxKind
from .pack import next_codes

# Stands for a box that is to be numbered by us; what follows tells several of them apart: "new", "new 2", "new-B".
NEW = re.compile(r"new([ -].{1,20})?", re.IGNORECASE)
ARRIVING = (
    TREE
    + """
SELECT r.code, nl.id, n.order_id, nl.item_id, nl.epc, nl.serial, nl.lot, nl.expiry, nl.quantity
  FROM tree t
  JOIN flows_box r ON r.id = t.root
  JOIN flows_shipnoticeline nl ON nl.box_id = t.id
  JOIN flows_shipnotice n ON n.id = nl.notice_id
  LEFT JOIN ledger_unit u ON u.epc = nl.epc AND nl.epc <> ''
 WHERE nl.arrived_at IS NULL AND coalesce(u.status, 'expected') = 'expected'
 ORDER BY nl.id
"""
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of a box, and so of all that is in it: see :class:`..arrival.Arrival`."""

    rejected: str = ""
    doubtful: str = ""

    def __bool__(self) -> bool:
        return bool(self.rejected or self.doubtful)


@dataclass(frozen=True, slots=True)
class BoxArrival:
    """A box at the dock: all that was announced in it and has not arrived yet. ``rejected`` and ``doubtful`` stand for
    all of it."""

    code: str
    rejected: str = ""
    doubtful: str = ""


@dataclass(frozen=True, slots=True)
class InsideLine:
    """One line of a ship notice in a box that arrives."""

    box: str
    line_id: int
    order_id: int
    item_id: int
    epc: str
    serial: str
    lot: str
    expiry: date | None
    quantity: int


def box_code(text: str) -> str:
    """The canonical code of a box from what was typed or scanned: 18 digits of an SSCC, a whole symbol, or the code
    itself; the text as it is where it is none of these."""
    text = text.strip()
    if is_box(text) or not text:
        return text
    reading = read(f"(00){text}" if text.isascii() and text.isdigit() and len(text) == 18 else text)
    return reading.epc if isinstance(reading, Identity) and reading.epc and is_box(reading.epc) else text


def numbered(lines: Sequence[Announced]) -> list[Announced]:
    """The lines with a number of ours for each carton, and each pallet, that a supplier has no label for: lines that call
    one alike (``new``, ``new 2``) lie in the same one."""
    called = [
        (name, text.lower())
        for line in lines
        for name, text in (("box", line.box), ("pallet", line.pallet))
        if NEW.fullmatch(text)
    ]
    ours = list(dict.fromkeys(called))
    codes = dict(zip(ours, next_codes(len(ours)), strict=True)) if ours else {}
    return [
        replace(
            line,
            box=codes.get(("box", line.box.lower()), line.box),
            pallet=codes.get(("pallet", line.pallet.lower()), line.pallet),
        )
        for line in lines
    ]


def announced_boxes(lines: Sequence[Announced]) -> dict[str, str]:
    """Carton -> pallet ('' where there is none) of all boxes that the lines name; pallets themselves come with ''.

    Raises :class:`Refused` for a code that is none, a carton on two pallets, and a box that holds something already.
    """
    found: dict[str, str] = {}
    offences: dict[str, Offence] = {}
    for line in lines:
        for code in filter(None, (line.box, line.pallet)):
            if not is_box(code):
                offences[code] = Offence("bad_box_code", code[:80])
        if line.box and found.setdefault(line.box, line.pallet) != line.pallet:
            offences[line.box] = Offence("in_another_box", line.box, {"box": found[line.box]})
    pallets = {pallet for pallet in found.values() if pallet} | {
        line.pallet for line in lines if line.pallet and not line.box
    }
    found |= dict.fromkeys(pallets, "")
    offences |= {code: Offence("box_known", code) for code in _in_use(found)}
    if offences:
        raise Refused.of(offences.values())
    return found


def _in_use(codes: Mapping[str, str]) -> Iterator[str]:
    """Codes under which something is packed or announced already. One statement; none where there is no box."""
    if codes:
        yield from Box.objects.filter(code__in=list(codes)).values_list("code", flat=True)


def make_boxes(
    tree: Mapping[str, str], lines: Sequence[Announced], *, notice_id: int, actor_id: int
) -> dict[str, Box]:
    """The announced boxes, pallets first; a pallet is what a line calls so, with cartons on it or without. Two statements."""
    pallets = {line.pallet for line in lines if line.pallet}
    made = {
        code: Box(
            code=code,
            kind=BoxKind.PALLET if code in pallets else BoxKind.BOX,
            notice_id=notice_id,
            actor_id=actor_id,
        )
        for code in sorted(tree)
    }
    outer = [box for code, box in made.items() if not tree[code]]
    Box.objects.bulk_create(outer)
    inner = [box for code, box in made.items() if tree[code]]
    for box in inner:
        box.parent = made[tree[box.code]]
    Box.objects.bulk_create(inner)
    return made


def put_units_in(boxes: Mapping[str, Box], lines: Sequence[Announced]) -> None:
    """The announced units are in their boxes from now on. Two statements."""
    box_of = {
        line.epc: boxes[line.box or line.pallet] for line in lines if line.epc and (line.box or line.pallet)
    }
    ids = Unit.objects.filter(epc__in=list(box_of)).values_list("epc", "id")
    BoxedUnit.objects.bulk_create(BoxedUnit(unit_id=unit, box=box_of[epc]) for epc, unit in ids)


def unannounce_boxes(notice_id: int) -> None:
    """What has not come of a notice's boxes lies in none any more; those in which nothing is left are forgotten, so that
    the same carton can be announced again. Five statements."""
    BoxedUnit.objects.filter(box__notice_id=notice_id, unit__status=Status.EXPECTED).delete()
    ShipNoticeLine.objects.filter(notice_id=notice_id, arrived_at=None).update(box=None)
    empty = Box.objects.filter(notice_id=notice_id, lines=None, units=None, lots=None, acts=None, boxes=None)
    # Cartons first: a pallet is empty once they are gone.
    for _layer in ("cartons", "pallets"):
        Box.objects.filter(pk__in=list(empty.values_list("pk", flat=True))).delete()


def arriving(boxes: Sequence[str]) -> list[InsideLine]:
    """What was announced in the boxes, and in the boxes inside them, and has not arrived. One statement."""
    if not boxes:
        return []
    with connection.cursor() as cursor:
        cursor.execute(ARRIVING, (sorted(set(boxes)),))
        return [InsideLine(*row) for row in cursor.fetchall()]


def arriving_beside(
    listed: Collection[str], boxes: Sequence[str]
) -> tuple[list[InsideLine], frozenset[str | int]]:
    """What was announced in the boxes but for what is ``listed`` (identities and codes of boxes) by itself; and what comes in a
    listed box: units by their identity, other lines by their number. One statement, none where there is no box."""
    before = set(filter(is_box, listed))
    found = arriving([*boxes, *before])
    with_box = frozenset(line.epc or line.line_id for line in found if line.box in before)
    return [line for line in found if not line.epc or line.epc not in listed], with_box


def arriving_for(
    order_id: int, order_number: str, boxes: Sequence[BoxArrival]
) -> list[tuple[InsideLine, Verdict]]:
    """The lines of boxes that arrive against an order, each with its verdict.

    Raises :class:`Refused` for a box of another order, and one in which nothing is on its way.
    """
    verdicts = {box_code(box.code): Verdict(box.rejected, box.doubtful) for box in boxes}
    lines = arriving(list(verdicts))
    offences = [
        Offence("box_is_empty", code) for code in verdicts if code not in {line.box for line in lines}
    ]
    offences += [
        Offence("box_of_other_order", code, {"order": order_number})
        for code in sorted({line.box for line in lines if line.order_id != order_id})
    ]
    if offences:
        raise Refused.of(offences)
    # A carton scanned beside its pallet is counted once; what was said of the carton itself goes before.
    found: dict[int, tuple[InsideLine, Verdict]] = {}
    for line in lines:
        if line.line_id not in found or verdicts[line.box]:
            found[line.line_id] = (line, verdicts[line.box])
    return list(found.values())
