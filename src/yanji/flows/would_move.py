"""What a scan would move, and what of all that was said is about it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from yanji.ledger.api import BY_NAME, LIFECYCLE, STOPPED, LotQuantity, Offence, Step
from yanji.ledger.models import Level

from .scanning import Meaning
from .things import Thing, name
from .validity import papers_of_each

# Where things leave their store or go to a patient, their papers are looked at; a pick says what the issue will say.
PAPERS_ASKED = frozenset({Step.ISSUE, Step.SHIP, Step.SET_OUT, Step.USE, Step.LEND})
PAPERS_TOLD = frozenset({Step.PICK})


def lots_at(
    meanings: Sequence[Meaning], step: Step, from_place_id: int | None
) -> dict[int, tuple[int, int | None]]:
    """Counted lot -> where at the place, or below it, it lies as the step needs it, and whose it is: the fullest
    shelf. What lies nowhere so is looked for, when used, where it is stopped: to say what stops it."""
    lots = {each.lot_id for each in meanings if each.kind == "lot" and each.lot_id and not each.offences}
    if not lots or from_place_id is None:
        return {}
    sources = [status for status in LIFECYCLE[step].sources if status and status not in BY_NAME]
    statuses = [*sources, *(STOPPED if step is Step.USE else ())]
    rows = Level.objects.filter(
        lot__in=lots, quantity__gt=0, status__in=statuses, place__path__contains=f"/{from_place_id}/"
    )
    best_last = sorted(rows, key=lambda level: (level.status in sources, level.quantity))
    # What lies nowhere there is looked for at the place itself, and found to be too little.
    found = {level.lot_id: (level.place_id, level.owner_id) for level in best_last}
    return dict.fromkeys(lots, (from_place_id, None)) | found


def things_of(meaning: Meaning, lots_at: Mapping[int, tuple[int, int | None]]) -> list[Thing]:
    """What a scan would move: nothing where it cannot move anything, everything inside where it is a box."""
    if meaning.offences:
        return []
    if meaning.box:
        return meaning.box.things()
    if meaning.kind == "lot" and meaning.lot_id in lots_at:
        place, owner = lots_at[meaning.lot_id]
        return [LotQuantity(meaning.lot_id, Decimal(meaning.quantity), place, owner)]
    return [meaning.epc] if meaning.kind in ("unit", "new_unit") and meaning.epc else []


def own_offences(meaning: Meaning, things: Sequence[Thing], found: Sequence[Offence]) -> tuple[Offence, ...]:
    if things:
        names = {"", meaning.item.name if meaning.item else meaning.epc, *map(name, things)}
        return tuple(each for each in found if each.thing in names)
    if meaning.offences or meaning.kind in ("place", "document", "lot"):
        return ()
    if meaning.kind == "package":
        return (Offence("package_scanned", meaning.di, {"quantity": meaning.quantity}),)
    if meaning.box:
        return (Offence("box_is_empty", meaning.box.code),)
    return (Offence("unknown_unit", meaning.epc or meaning.di or meaning.scan[:80]),)


def with_papers(
    meanings: Sequence[Meaning], things: Sequence[Sequence[Thing]], step: Step, at: datetime
) -> list[Meaning]:
    """The meanings, each with what the papers of its things lead to at this step. Two statements at most, none for steps that
    ask for no papers."""
    if step not in PAPERS_ASKED | PAPERS_TOLD or not any(things):
        return [*meanings]
    found = papers_of_each(things, at)
    if step in PAPERS_TOLD:
        found = [each.ahead() for each in found]
    return [
        replace(meaning, offences=(*meaning.offences, *each.offences), lapsed=each.warnings)
        for meaning, each in zip(meanings, found, strict=True)
    ]
