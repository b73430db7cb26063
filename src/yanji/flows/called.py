"""What things are called in refusals: items, lots and units by the names that people know, as the row above the sentence has
them. Only a refusal pays for a look-up."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.ledger.api import Offence, Refused, unit_views
from yanji.ledger.models import Lot
from yanji.places.spoken import joined

from .alternatives import localised
from .attempts import Attempt
from .scanning import Meaning, may_see
from .things import NAMED

UNIT_CODE = re.compile(r"\S+[/:]\S+")  # every identity has one of the two, see identity.naming
# These tell one code from another: a name would hide the difference.
OF_LABELS = frozenset({"epc_differs", "unknown_unit"})
OF_CODES = OF_LABELS | {"not_yours", "others"}


@dataclass(frozen=True, slots=True)
class Called:
    """A unit as people know it."""

    item: str
    number: str  # serial, or lot where it has none

    @property
    def full(self) -> str:
        return joined(self.item, self.number)

    def beside(self, offence: Offence) -> str:
        """How the sentence calls it: by its number alone where it names the item itself."""
        named = "item" in offence.facts or not self.item
        return self.number if named and self.number else self.full


def worded(refused: Refused, actor: Actor) -> Refused:
    """The refusal with items, lots and units called as people call them: their own numbers are of no use to anybody.

    ``thing`` stays what it was, for programs; the sentence says the name. A unit that the actor may not see keeps its code. Three
    statements at most, none where nothing has a name.
    """
    told = numbers_worded(refused)
    units = units_called((each.thing for each in told.offences if each.code not in OF_CODES), actor)
    return Refused.of(unit_worded(each, units) for each in told.offences) if units else told


def call_again(kept: Sequence[Attempt], actor: Actor) -> None:
    """Kept offences as their reader calls things: in the reader's language, and what was hidden from who was refused, too. What
    the reader may not see stays as it was kept. Three statements at most."""
    units = units_called((each.thing for each in kept if each.code not in OF_LABELS), actor)
    plain = {each.pk: Offence(each.code, each.thing) for each in kept if NAMED.fullmatch(each.thing)}
    named = (
        dict(zip(plain, numbers_worded(Refused.of(plain.values())).offences, strict=True)) if plain else {}
    )
    for each in kept:
        if called := units.get(each.thing):
            each.facts = {**each.facts, "thing": called.beside(Offence(each.code, each.thing, each.facts))}
        elif each.pk in named:
            each.facts = {**each.facts, **named[each.pk].facts}


def unit_worded(offence: Offence, units: Mapping[str, Called]) -> Offence:
    """The offence with a unit of ``units`` called as they say. Pure."""
    called = units.get(offence.thing)
    if (
        called is None
        or offence.code in OF_CODES
        or offence.facts.get("thing", offence.thing) != offence.thing
    ):
        return offence
    return replace(offence, facts={**offence.facts, "thing": called.beside(offence)})


def units_called(things: Iterable[str], actor: Actor) -> dict[str, Called]:
    """What the actor may know of the units among the things. One statement; none where nothing can be one."""
    codes = sorted({thing for thing in things if UNIT_CODE.fullmatch(thing)})
    views = unit_views(codes) if codes and actor.supplier_id is None else {}
    return {
        epc: Called(localised(unit.item_name), unit.serial or unit.lot)
        for epc, unit in views.items()
        if may_see(actor, unit.place_kind, unit.place_path)
    }


def meanings_worded(meanings: Sequence[Meaning], actor: Actor) -> list[Meaning]:
    """The meanings, their offences in the words of :func:`worded`. No statement, but for what is said of units in boxes: one."""
    units = {each.epc: called for each in meanings if (called := of_scan(each))}
    said = (offence.thing for each in meanings for offence in each.offences if each.box)
    units |= units_called(said, actor)
    return [
        replace(each, offences=tuple(unit_worded(offence, units) for offence in each.offences))
        if each.offences
        else each
        for each in meanings
    ]


def of_scan(meaning: Meaning) -> Called | None:
    """What a scanned unit is called; nothing where it is hidden, or of no item that is known here. Pure."""
    known = meaning.epc and meaning.item
    return Called(meaning.item.name, meaning.serial or meaning.lot) if known and meaning.item else None


def numbers_worded(refused: Refused) -> Refused:
    """The refusal with lots and items called by their names. Two statements at most."""
    found = {
        offence.thing: match for offence in refused.offences if (match := NAMED.fullmatch(offence.thing))
    }
    if not found:
        return refused
    ids: dict[str, set[int]] = {"lot": set(), "item": set()}
    for match in found.values():
        ids[match[1]].add(int(match[2]))
    lots = Lot.objects.select_related("item").in_bulk(sorted(ids["lot"])) if ids["lot"] else {}
    items = Item.objects.in_bulk(sorted(ids["item"])) if ids["item"] else {}
    return Refused.of(
        replace(offence, facts={"thing": _called(found[offence.thing], lots, items), **offence.facts})
        if offence.thing in found
        else offence
        for offence in refused.offences
    )


def _called(match: re.Match[str], lots: Mapping[int, Lot], items: Mapping[int, Item]) -> str:
    kind, key, number = match[1], int(match[2]), match[3] or ""
    if kind == "lot" and key in lots:
        return joined(lots[key].item.name, lots[key].number)
    if kind == "item" and key in items:
        return joined(items[key].name, number)
    return _("Item no. %(number)s") % {"number": key} if kind == "item" else match[0]
