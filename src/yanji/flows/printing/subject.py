"""What a label is about: the symbol's data, and every text that may stand beside it, by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from yanji.catalog.models import Item
from yanji.identity import Label as Symbol
from yanji.identity import named_label, tag_of
from yanji.ledger.api import unit_views
from yanji.places import queries
from yanji.places.models import Kind, Place
from yanji.places.temperature import CLASSES

from ..labelling import gs1_prefix, numbered_symbol
from ..models import Label
from ..packing.contents import Contents, contents
from ..packing.models import BoxKind
from .template import LabelKind

IN_BOX = 4  # lines of what is in a box
_SAME = {
    "hri": gettext_lazy("Text of the symbol, with its brackets"),
    "hri_key": gettext_lazy("First part of the symbol's text"),
    "hri_rest": gettext_lazy("Rest of the symbol's text"),
    "tag": gettext_lazy("RFID tag in hexadecimal digits"),
}
FIELDS: dict[str, dict[str, str | Promise]] = {
    LabelKind.UNIT: {
        "name": gettext_lazy("Name of the item"),
        "name_zh": gettext_lazy("Chinese name"),
        "name_en": gettext_lazy("English name"),
        "model": gettext_lazy("Model"),
        "code": gettext_lazy("Code of the item"),
        "serial": gettext_lazy("Serial number"),
        "lot": gettext_lazy("Lot"),
        "expiry": gettext_lazy("Expiry date"),
        "storage": gettext_lazy("How it is kept"),
        **_SAME,
    },
    LabelKind.PLACE: {
        "name": gettext_lazy("Name of the place"),
        "name_zh": gettext_lazy("Chinese name"),
        "name_en": gettext_lazy("English name"),
        "code": gettext_lazy("Code of the place"),
        "path": gettext_lazy("Where it belongs"),
        "kind": gettext_lazy("Kind of place"),
        "storage": gettext_lazy("Temperature kept here"),
        **_SAME,
    },
    LabelKind.BOX: {
        "kind": gettext_lazy("Kind of box"),
        "pieces": gettext_lazy("How many pieces"),
        "expiry": gettext_lazy("First expiry"),
        **{f"line{n}": gettext_lazy("A line of what is in it") for n in range(1, IN_BOX + 1)},
        **_SAME,
    },
}
FIELDS[LabelKind.KIT] = {
    "name": gettext_lazy("Name of the kit"),
    "name_zh": gettext_lazy("Chinese name"),
    "name_en": gettext_lazy("English name"),
    "code": gettext_lazy("Code of the item"),
    **FIELDS[LabelKind.BOX],
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to print a label for. ``tag``: what its RFID tag holds, in hexadecimal digits; empty where none can."""

    kind: str
    symbol: Symbol
    fields: dict[str, str]
    tag: str = ""


def _subject(kind: str, symbol: Symbol, fields: dict[str, str]) -> Subject:
    found = tag_of(symbol.epc, company_prefix=gs1_prefix() or "") if symbol.epc else None
    tag = found[1] if found else ""
    bracket = symbol.hri.find("(", 1) if symbol.gs1 else -1
    cut = bracket if bracket > 0 else len(symbol.hri)
    same = {"hri": symbol.hri, "hri_key": symbol.hri[:cut], "hri_rest": symbol.hri[cut:], "tag": tag}
    return Subject(kind, symbol, {**fields, **same}, tag)


def _of_item(item: Item, serial: str, lot: str, expiry: date | None) -> dict[str, str]:
    band = CLASSES.get(item.temperature_class)
    return {
        "name": item.name,
        "name_zh": item.name_zh,
        "name_en": item.name_en,
        "model": item.model,
        "code": item.code,
        "serial": serial,
        "lot": _("Lot %(lot)s") % {"lot": lot} if lot else "",
        "expiry": _("Use by %(day)s") % {"day": expiry.isoformat()} if expiry else "",
        "storage": str(band.name) if band and band.code != "any" else "",
    }


def unit_subjects(epcs: Sequence[str]) -> list[Subject]:
    """Of units that the ledger knows, in the order given; whether they may be seen was asked before. Two statements."""
    views = unit_views(list(epcs))
    items = Item.objects.in_bulk({unit.item_id for unit in views.values()})
    return [
        _subject(
            LabelKind.UNIT,
            named_label(epc, lot=unit.lot, expiry=unit.expiry),
            _of_item(items[unit.item_id], unit.serial, unit.lot, unit.expiry),
        )
        for epc in epcs
        if (unit := views.get(epc))
    ]


def numbered_subject(row: Label) -> Subject:
    """Of a unit that the hospital numbered, before it is received; load the label with its item."""
    return _subject(LabelKind.UNIT, numbered_symbol(row), _of_item(row.item, row.number, row.lot, row.expiry))


def place_symbol(place: Place) -> Symbol:
    """A place's GLN, AI (414), where it has one; else the code by which people know it."""
    if place.gln:
        found = named_label(f"414/{place.gln}")
        if found.gs1:
            return found
    return Symbol(place.code, place.code, "", gs1=False)


def place_subjects(places: Sequence[Place]) -> list[Subject]:
    """Of places, in the order given. One statement."""
    paths = queries.path_names([place.pk for place in places])
    return [_of_place(place, paths[place.pk].names[:-1]) for place in places]


def _of_place(place: Place, above: Sequence[str]) -> Subject:
    band = CLASSES.get(place.temperature_class)
    said = {
        "name": place.name,
        "name_zh": place.name_zh,
        "name_en": place.name_en,
        "code": place.code,
        "path": " / ".join(above),
        "kind": str(Kind(place.kind).label),
        "storage": str(band.name) if band and band.code != "any" else "",
    }
    return _subject(LabelKind.PLACE, place_symbol(place), said)


def box_subjects(codes: Sequence[str]) -> list[Subject]:
    """Of cartons, pallets and kits, in the order given; whether they may be seen was asked before."""
    boxes = contents(codes)
    counted = {code: _counted(box) for code, box in boxes.items()}
    kits = {box.item_id for box in boxes.values() if box.item_id}
    items = Item.objects.in_bulk(kits | {item for each in counted.values() for item in each})
    return [_of_box(boxes[code], counted[code], items) for code in codes if code in boxes]


def _counted(box: Contents) -> dict[int, int]:
    """Item -> pieces in the box, most first."""
    found: dict[int, int] = {}
    for unit in box.units:
        found[unit.item_id] = found.get(unit.item_id, 0) + 1
    for lot in box.lots:
        found[lot.item_id] = found.get(lot.item_id, 0) + lot.quantity
    return dict(sorted(found.items(), key=lambda each: -each[1]))


def _of_box(box: Contents, counted: dict[int, int], items: dict[int, Item]) -> Subject:
    pieces = sum(counted.values())
    expiry = min((each.expiry for each in (*box.units, *box.lots) if each.expiry), default=None)
    lines = [f"{n} × {items[item].name}" for item, n in counted.items()]
    if len(lines) > IN_BOX:
        more = len(lines) - IN_BOX + 1
        said = ngettext("and %(n)s more item", "and %(n)s more items", more) % {"n": more}
        lines = [*lines[: IN_BOX - 1], said]
    kit = items.get(box.item_id or 0)
    is_kit = box.kind == BoxKind.KIT
    named = {
        "name": kit.name if kit else str(BoxKind.KIT.label),
        "name_zh": kit.name_zh if kit else "",
        "name_en": kit.name_en if kit else "",
        "code": kit.code if kit else "",
    }
    said = {
        "kind": str(BoxKind(box.kind).label),
        "pieces": ngettext("%(n)s piece", "%(n)s pieces", pieces) % {"n": pieces},
        "expiry": _("First expiry %(day)s") % {"day": expiry.isoformat()} if expiry else "",
        **{f"line{n}": line for n, line in enumerate([*lines, *[""] * IN_BOX][:IN_BOX], 1)},
        **(named if is_kit else {}),
    }
    return _subject(LabelKind.KIT if is_kit else LabelKind.BOX, named_label(box.code), said)


def sample(kind: str) -> Subject:
    """A subject that exists nowhere, as long as they come: what fits it fits nearly every other one. No statement."""
    name_zh, name_en = _SAMPLE_NAMES[kind]
    said = {field: str(label) for field, label in FIELDS[kind].items()}
    said |= {
        "name_zh": name_zh,
        "name_en": name_en,
        "name": name_zh,
        "code": "A-0123-04",
        "model": "3.0 × 33 mm",
    }
    said |= {
        "serial": "SN0123456789", "lot": _("Lot %(lot)s") % {"lot": "LOT-2027-0456"},
        "expiry": _("Use by %(day)s") % {"day": "2027-01-31"}, "storage": str(CLASSES["refrigerated"].name),
        "path": "滨江院区 / 手术部 / 三号库", "kind": str(_SAMPLE_KINDS.get(kind, "")),
        "pieces": ngettext("%(n)s piece", "%(n)s pieces", 48) % {"n": 48},
    }  # fmt: skip
    if kind in {LabelKind.BOX, LabelKind.KIT}:
        said["expiry"] = _("First expiry %(day)s") % {"day": "2027-01-31"}
    said |= {f"line{n}": f"{13 - n} × {name_zh}" for n in range(1, IN_BOX + 1)}
    symbol = named_label(_SAMPLE_EPCS[kind], lot="LOT-2027-0456", expiry=date(2027, 1, 31))
    return _subject(kind, symbol, {field: said[field] for field in FIELDS[kind]})


_SAMPLE_NAMES = {
    LabelKind.UNIT: ("药物洗脱冠状动脉支架系统", "Drug-eluting coronary stent system"),
    LabelKind.PLACE: ("三号库 · 冷藏柜 · 第二层", "Store 3 · Cold cabinet · Shelf 2"),
    LabelKind.BOX: ("药物洗脱冠状动脉支架系统", "Drug-eluting coronary stent system"),
    LabelKind.KIT: ("膝关节置换手术套件", "Set for a knee replacement"),
}
_SAMPLE_KINDS = {
    LabelKind.PLACE: Kind.CABINET.label,
    LabelKind.BOX: BoxKind.PALLET.label,
    LabelKind.KIT: BoxKind.KIT.label,
}
_SAMPLE_EPCS = {
    LabelKind.UNIT: "01/06901234500011/21/SN0123456789",
    LabelKind.PLACE: "414/6901234567892",
    LabelKind.BOX: "00/106901234000000015",
    LabelKind.KIT: "00/106901234000000022",
}
