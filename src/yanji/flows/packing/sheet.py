"""A box as a document: its packing list in print, and the trail of remarks and files that goes with it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item

from ..papers import Paper, Section, Sheet, letterhead, register
from .contents import Contents, contents
from .label import printed
from .models import Box, BoxKind
from .pack import box_for
from .queries import tree


@dataclass(frozen=True, slots=True)
class Row:
    """One item and lot of a box."""

    item: str
    code: str
    lot: str
    expiry: date | None
    pieces: int


def rows(box: Contents) -> list[Row]:
    """What is with a box by item and lot, first expiry first, as a packing list has it. One statement."""
    counted: Counter[tuple[int, str, date | None]] = Counter()
    for unit in box.together:
        counted[unit.item_id, unit.lot, unit.expiry] += 1
    for lot in box.lots_together:
        counted[lot.item_id, lot.lot, lot.expiry] += lot.quantity
    items = Item.objects.in_bulk({key[0] for key in counted})
    return [
        Row(items[item].name, items[item].code, lot, expiry, pieces)
        for (item, lot, expiry), pieces in sorted(
            counted.items(), key=lambda row: (row[0][2] or date.max, row[0][:2])
        )
    ]


def box_document(actor: Actor, box_id: int, *, may: str = "view") -> Box:
    """A box by its number in the database, for who may see it where it is."""
    box = (
        Box.objects.select_related("item", "actor").filter(pk=box_id).first() if 0 < box_id < 2**63 else None
    )
    if box is None:
        raise NotFound("box")
    box_for(actor, box.code, may=may)
    return box


def box_sheet(box: Box) -> Sheet:
    """The packing list that goes with a box."""
    found = contents([box.code])[box.code]
    listed = rows(found)
    goods = [(row.code, row.item, row.lot, row.expiry, row.pieces) for row in listed]
    total = ("", _("Total"), "", "", sum(row.pieces for row in listed))
    columns = (_("Code"), _("Item"), _("Lot"), _("Expiry date"), _("Pieces"))
    inner = [(printed(each.code), str(BoxKind(each.kind).label)) for each in tree(box.pk)[1:]]
    smaller = [Section(_("Boxes inside"), (_("Code"), _("Kind")), inner)] if inner else []
    out = [(unit.epc, unit.lot) for unit in found.taken_out]
    out += [
        (f"{printed(lot.box)} × {lot.quantity}", lot.lot)
        for lot in set(found.lots) - set(found.lots_together)
    ]
    taken = [Section(_("Taken out"), (_("Identity"), _("Lot")), out)] if out else []
    return Sheet(
        title=_("Packing list"),
        number=box.code,
        state="" if found.packed else _("Empty"),
        head=letterhead(found.place_path),
        facts=(
            (_("Packed as"), str(BoxKind(box.kind).label)),
            (_("Kit"), box.item.name if box.item else ""),
            (_("First packed by"), box.actor.name),
            (_("Code"), printed(box.code)),
        ),
        sections=(Section(_("Contents"), columns, goods, total), *smaller, *taken),
        signatures=(_("Packed by"), _("Checked by")),
    )


register(
    Paper(
        kind="box",
        label=gettext_lazy("Box or kit"),
        model=Box,
        gate=box_document,
        page=lambda box: ("storeroom:box", (box.code,)),
        sheet=box_sheet,
        act="pack",
    )
)
