"""Lending between wards by the scan page: each side by the lending's number, the borrower by its place's code."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.db.models import Q

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused, Step
from yanji.ledger.models import Movement
from yanji.places.spoken import joined

from ..acts import Done
from ..lending.gate import allow_lending, lending_for
from ..lending.lend import DEPARTMENTS, confirm_lending, confirm_settlement, give_back_lent, lend, over_owed
from ..lending.models import Lending, SettleUp
from ..packing.contents import Contents
from ..preview import judge_all
from ..queries import within
from ..scanning import Meaning
from ..things import Thing, item_names, look_up
from .about import About
from .attributed import answered
from .sights import Handful, called
from .sources import SLACK, lender_of, not_later
from .way import Told, Way, moved

SIDE = {"confirm_lending": "borrower", "give_back_lent": "borrower", "confirm_settlement": "lender"}
Names = Counter[str | int]  # units by identity, counted lots by key, with their pieces


def lending_side(actor: Actor, lending_id: int, *, may: str = "view") -> Lending:
    """A lending for who works at the side whose turn an act is. Raises :class:`NotFound` or :class:`Refused` for all others."""
    return lending_for(actor, lending_id, side=SIDE.get(may, ""), may="lend" if may in SIDE else may)


def _lend(told: Told, actor: Actor) -> Done:
    borrower, lender = told.about.place_id, lender_of(told.about, told.things, actor)
    if borrower is None or lender is None:
        raise Refused("scan_which_ward" if borrower is None else "scan_who_lends")
    things = moved(told, actor)
    return lend(
        actor=actor, key=told.key, lender_id=lender, borrower_id=borrower, things=things, happened_at=told.at
    )


def _confirm(told: Told, actor: Actor) -> Done:
    assert told.about.lending_id is not None
    return confirm_lending(actor=actor, key=told.key, lending_id=told.about.lending_id, happened_at=told.at)


def _give_back(told: Told, actor: Actor) -> Done:
    assert told.about.lending_id is not None
    things = moved(told, actor)
    return give_back_lent(
        actor=actor, key=told.key, lending_id=told.about.lending_id, things=things, happened_at=told.at
    )


def _settle(told: Told, actor: Actor) -> Done:
    settled = settled_meant(told.about, told.things, actor)
    if not told.things:
        not_later([settled.at], told.at, settled.lending.number)
    return confirm_settlement(actor=actor, key=told.key, settlement_id=settled.pk, happened_at=told.at)


def _lend_seen(found: Handful, actor: Actor) -> Handful:
    lender = lender_of(found.about, found.things, actor)
    return answered(
        found,
        lambda given: judge_all(
            given,
            actor=actor,
            step=Step.LEND,
            from_place_id=lender,
            to_place_id=found.about.place_id or lender,
        ),
    )


def _given_back_seen(found: Handful, actor: Actor) -> Handful:
    """Things of the borrower's, of items that are owed: under the lending that was named, else under the one that owes them."""
    if found.about.lending_id is None:
        return _with_lending(found, actor)
    lending = lending_side(actor, found.about.lending_id, may="give_back_lent")
    owed = owed_of(lending)

    def against(things: Sequence[Thing], _boxes: Sequence[Contents]) -> Iterator[Offence]:
        pieces = look_up(things).pieces(things)
        yield from over_owed(pieces, owed, item_names([*pieces, *owed]))

    return answered(
        found,
        lambda given: judge_all(
            given,
            actor=actor,
            step=Step.LEND,
            from_place_id=lending.borrower_id,
            to_place_id=lending.lender_id,
            documents={"lending": lending.number},
            against=against,
        ),
    )


def _with_lending(found: Handful, actor: Actor) -> Handful:
    """The lending follows from the things where one alone owes all of them; else the number is asked for. Four statements at
    most beside those of the lending itself, none without things."""
    given = [each for each in found.things if not each.offences]
    wanted: Counter[int] = Counter()
    for item, pieces in (owed for each in given for owed in _items_of(each)):
        wanted[item] += pieces
    if not wanted:
        return found
    said = joined(*dict.fromkeys(called(each) for each in given), by=", ")
    owing = [each for each in _owed_by_then(actor, found.at) if _owes(each, wanted, found.at)]
    if not owing:
        return replace(found, offences=(*found.offences, Offence("no_lending_owes", said)))
    here = [each for each in owing if _lies_with(each, given)] or owing
    if len(here) > 1:
        lent, names = _moved_by_each([str(each.event_id) for each in here]), _named(given)
        here = [each for each in here if names <= lent[str(each.event_id)]] or here
    if len(here) > 1:
        numbers = ", ".join(each.number for each in here)
        return replace(found, offences=(*found.offences, Offence("lendings_owe", said, {"numbers": numbers})))
    return _given_back_seen(replace(found, about=replace(found.about, lending_id=here[0].pk)), actor)


def _items_of(meaning: Meaning) -> list[tuple[int, int]]:
    """Item and pieces of what was scanned, of a box of what lies in it. Pure."""
    if box := meaning.box:
        return [
            *((unit.item_id, 1) for unit in box.units),
            *((lot.item_id, lot.quantity) for lot in box.lots),
        ]
    return [(meaning.item.pk, meaning.quantity if meaning.kind == "lot" else 1)] if meaning.item else []


def _owed_by_then(actor: Actor, at: datetime) -> list[Lending]:
    """What departments of the actor owed, or may have owed, when things were scanned: what happened since makes it no other."""
    open_then = Q(state="owed") | Q(settlements__at__gt=at)
    found = Lending.objects.filter(
        open_then, within("borrower", actor.scopes.get("lend", ())), confirmed_at__lte=at + SLACK
    )
    lendings = found.select_related("borrower").prefetch_related("lines", "settlements")
    return list(lendings.order_by("id").distinct())


def _owes(lending: Lending, wanted: Mapping[int, int], at: datetime) -> bool:
    """Whether it owed all of this then. Pure, where it is read with its lines and settlements."""
    owed = Counter({line.item_id: line.quantity for line in lending.lines.all()})
    for each in lending.settlements.all():
        if each.voided_at is None and each.at <= at:
            owed.subtract({int(item): count for item, count in each.pieces.items()})
    return all(owed[item] >= pieces for item, pieces in wanted.items())


def _lies_with(lending: Lending, given: Sequence[Meaning]) -> bool:
    """Whether every unit lies at the borrower. Pure, where it is read with that."""
    return all(each.unit.place_path.startswith(lending.borrower.path) for each in given if each.unit)


def owed_of(lending: Lending) -> Counter[int]:
    """Item -> pieces that are owed and not on their way back. Two statements, none where they are read."""
    owed = Counter({line.item_id: line.owed for line in lending.lines.all()})
    for each in lending.settlements.all():
        if each.confirmed_at is None and each.voided_at is None:
            owed.subtract({int(item): count for item, count in each.pieces.items()})
    return owed


def waiting_for(actor: Actor, lending: Lending) -> list[SettleUp]:
    """What was given back and waits for the word of somebody else than who gave it."""
    waiting = [
        each for each in lending.settlements.all() if each.confirmed_at is None and each.voided_at is None
    ]
    return [each for each in waiting if each.actor_id != actor.person_id]


def settled_meant(about: About, things: Sequence[Meaning], actor: Actor) -> SettleUp:
    """Of what was given back to a lender, the part that waits; where several do, the one that a thing is of. Raises
    :class:`Refused` where nothing waits, or nobody can tell which."""
    assert about.lending_id is not None
    lending = lending_side(actor, about.lending_id, may="confirm_settlement")
    allow_lending(lending, "settle")
    waiting = waiting_for(actor, lending)
    if not waiting:
        own = any(each.confirmed_at is None and each.voided_at is None for each in lending.settlements.all())
        raise Refused("both_sides" if own else "nothing_given_back", thing=lending.number)
    if len(waiting) > 1:
        said = _named(things)
        back = _moved_by_each([str(each.event_id) for each in waiting])
        waiting = [each for each in waiting if said & back[str(each.event_id)]]
    if len(waiting) != 1:
        raise Refused("several_given_back", thing=lending.number)
    return waiting[0]


def _checked_seen(flow: str, found: Handful, actor: Actor) -> Handful:
    """What the verb would say; and scanned one by one, what was lent or given back is looked through: what is none of it, too
    much of it, or was not found is told."""
    if found.about.lending_id is None:
        return found
    try:
        number, names = _expected(flow, found.about, found.things, actor)
    except Refused as refused:
        return replace(found, offences=(*found.offences, *refused.offences))
    said = _named(found.things)
    found = answered(found, lambda given: [_none_of_it(each, number, said, names) for each in given])
    if not (found.things and names - said):
        return found
    facts = {"found": (said & names).total(), "pieces": names.total()}
    return replace(found, offences=(*found.offences, Offence("not_all_scanned", number, facts)))


def _none_of_it(meaning: Meaning, number: str, said: Names, names: Names) -> Meaning:
    own = _named([meaning])
    if meaning.offences or (own and all(said[each] <= names[each] for each in own)):
        return meaning
    return replace(meaning, offences=(Offence("not_of_this_lending", called(meaning), {"lending": number}),))


def _expected(flow: str, about: About, things: Sequence[Meaning], actor: Actor) -> tuple[str, Names]:
    """The number of the lending, and what was lent, or what of it has come back."""
    if about.lending_id is None:
        raise Refused("scan_which_lending")
    if flow == "confirm_settlement":
        settled = settled_meant(about, things, actor)
        return settled.lending.number, _moved_by(str(settled.event_id))
    lending = lending_side(actor, about.lending_id, may=flow)
    allow_lending(lending, "confirm")
    if lending.actor_id == actor.person_id:
        raise Refused("both_sides", thing=lending.number)
    return lending.number, _moved_by(str(lending.event_id))


def _moved_by(event_id: str) -> Names:
    return _moved_by_each([event_id])[event_id]


def _moved_by_each(event_ids: Sequence[str]) -> dict[str, Names]:
    """Entry -> what it moved. One statement."""
    found: dict[str, Names] = {event_id: Counter() for event_id in event_ids}
    rows = Movement.objects.filter(event_id__in=event_ids)
    for event_id, epc, lot, quantity in rows.values_list("event_id", "unit__epc", "lot_id", "quantity"):
        found[str(event_id)][epc or lot] += int(quantity)
    return found


def _named(meanings: Sequence[Meaning]) -> Names:
    """What was scanned: what lies in a box by its own names. Pure."""
    found: Names = Counter()
    for meaning in meanings:
        for thing in meaning.box.things() if meaning.box else ():
            found[thing if isinstance(thing, str) else thing.lot_id] += (
                1 if isinstance(thing, str) else int(thing.quantity)
            )
        if meaning.kind == "lot" and meaning.lot_id is not None:
            found[meaning.lot_id] += meaning.quantity
        elif meaning.unit and not meaning.box:
            found[meaning.epc] = 1
    return found


LENDING: Mapping[str, Way] = {
    "lend": Way(
        "lend",
        _lend,
        (lend,),
        takes_place=True,
        needs_place=True,
        no_place="scan_which_ward",
        whither=DEPARTMENTS,
        looks_at=_lend_seen,
    ),
    "confirm_lending": Way(
        "lend",
        _confirm,
        (confirm_lending,),
        documents=("lending",),
        takes_all=True,
        may="confirm_lending",
        looks_at=partial(_checked_seen, "confirm_lending"),
    ),
    "give_back_lent": Way(
        "lend",
        _give_back,
        (give_back_lent,),
        documents=("lending",),
        may="give_back_lent",
        looks_at=_given_back_seen,
    ),
    "confirm_settlement": Way(
        "lend",
        _settle,
        (confirm_settlement,),
        documents=("lending",),
        takes_all=True,
        may="confirm_settlement",
        looks_at=partial(_checked_seen, "confirm_settlement"),
    ),
}
