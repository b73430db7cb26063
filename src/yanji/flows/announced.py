"""What a supplier says of each thing on its way, completed: which item it is, and what the unit is called."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q

from yanji.catalog.codes import guess_issuer, normal_code
from yanji.catalog.models import Item, ItemCode
from yanji.identity.naming import BY_SERIAL, unit_name
from yanji.ledger.api import Offence, Refused


@dataclass(frozen=True, slots=True)
class Announced:
    """One unit on its way (``serial`` given), or a quantity of a lot.

    The item is named by ``item_id`` or by ``di``, its device identifier. ``epc`` follows from code and serial and need
    not be given; where it is, it must agree. ``box`` and ``pallet`` are the codes of the carton it is in and of the
    pallet that this stands on, as ``00/<sscc>``.
    """

    item_id: int | None = None
    serial: str = ""
    lot: str = ""
    expiry: date | None = None
    quantity: int = 1
    epc: str = ""
    made: date | None = None
    di: str = ""
    box: str = ""
    pallet: str = ""


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes that lines may mean: each by its text, and those of single units by their item."""

    by_text: Mapping[str, ItemCode]
    of_units: Mapping[int, Sequence[ItemCode]]
    items: Mapping[int, Item]


def complete(lines: Sequence[Announced]) -> tuple[list[Announced], Mapping[int, Item]]:
    """The lines with ``item_id``, and with ``epc`` where the line names a unit; and their items. Two statements.

    Raises :class:`Refused`, one offence a line, for products that nobody knows and units that cannot be told from
    others.
    """
    codes = _codes(lines)
    outcomes = [_completed(number, line, codes) for number, line in enumerate(lines, start=1)]
    offences = [outcome for outcome in outcomes if isinstance(outcome, Offence)]
    if offences:
        raise Refused.of(offences)
    return [outcome for outcome in outcomes if isinstance(outcome, Announced)], codes.items


def _codes(lines: Sequence[Announced]) -> Codes:
    texts = {form for line in lines if line.di for form in forms(line.di)}
    named = {line.item_id for line in lines if line.item_id}
    rows = list(ItemCode.objects.filter(Q(code__in=texts) | Q(item__in=named)).order_by("id"))
    items = Item.objects.in_bulk({*named, *(row.item_id for row in rows)})
    of_units: dict[int, list[ItemCode]] = {}
    for row in rows:
        if row.quantity == 1:
            of_units.setdefault(row.item_id, []).append(row)
    return Codes({row.code: row for row in rows}, of_units, items)


def forms(di: str) -> Iterator[str]:
    """A device identifier as it was written, and as it is stored."""
    yield di.strip()
    stored = normal_code(guess_issuer(di), di)
    if isinstance(stored, str):
        yield stored


def _completed(number: int, line: Announced, codes: Codes) -> Announced | Offence:
    code = (
        next((codes.by_text[form] for form in forms(line.di) if form in codes.by_text), None)
        if line.di
        else None
    )
    if line.di and code is None:
        return Offence("unknown_di", line.di[:80])
    item = codes.items.get(code.item_id if code else line.item_id or 0)
    if item is None:
        name = f"item {line.item_id}" if line.item_id else ""
        return Offence("unknown_item", name) if name else Offence("no_item", facts={"row": number})
    if code and line.item_id not in (None, code.item_id):
        return Offence("di_of_other_item", line.di[:80], {"item": item.name})
    line = replace(line, item_id=item.pk)
    if item.tracking != Item.Tracking.UNIT:
        return line
    if code and code.quantity > 1 and line.serial:
        return Offence("package_scanned", line.di[:80], {"quantity": code.quantity})
    return _unit(line, item, [code] if code else codes.of_units.get(item.pk, ()))


def _unit(line: Announced, item: Item, codes: Iterable[ItemCode]) -> Announced | Offence:
    """The line with its unit's name, where it says which unit it is."""
    if line.epc and not line.serial:
        return Offence("serial_missing", line.epc)
    known = [code for code in codes if code.issuer in BY_SERIAL]
    if not line.serial or not known:
        # Nothing to derive a name from: without a code of its own such an item gets hospital labels at the dock.
        return line
    names = {name: code for code in known if (name := unit_name(code.issuer, code.code, line.serial))}
    if line.epc:
        expected = next(iter(names), "–")
        facts = {"serial": line.serial, "item": item.name, "expected": expected}
        return line if line.epc in names else Offence("epc_differs", line.epc, facts)
    if not names:
        return Offence("bad_serial", line.serial, {"item": item.name})
    if len(names) > 1:
        said = ", ".join(code.code for code in names.values())
        return Offence("which_code", line.serial, {"item": item.name, "codes": said})
    return replace(line, epc=next(iter(names)))
