"""Lending between wards by the scan page: each side by the lending's number, the borrower by its place's code."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused, Step
from yanji.ledger.models import Movement

from ..acts import Done
from ..lending.gate import allow_lending, lending_for
from ..lending.lend import DEPARTMENTS, confirm_lending, confirm_settlement, give_back_lent, lend, over_owed
from ..lending.models import Lending, SettleUp
from ..packing.contents import Contents
from ..preview import judge_all
from ..scanning import Meaning
from ..things import Thing, item_names, look_up
from .about import About
from .attributed import answered
from .sights import Handful, called
from .sources import lender_of, not_later
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
    """Things of the borrower's, of items that are owed."""
    if found.about.lending_id is None:
        return found
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
        waiting = [each for each in waiting if said & _moved_by(str(each.event_id))]
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
        raise Refused("scan_which_document")
    if flow == "confirm_settlement":
        settled = settled_meant(about, things, actor)
        return settled.lending.number, _moved_by(str(settled.event_id))
    lending = lending_side(actor, about.lending_id, may=flow)
    allow_lending(lending, "confirm")
    if lending.actor_id == actor.person_id:
        raise Refused("both_sides", thing=lending.number)
    return lending.number, _moved_by(str(lending.event_id))


def _moved_by(event_id: str) -> Names:
    rows = Movement.objects.filter(event_id=event_id).values_list("unit__epc", "lot_id", "quantity")
    found: Names = Counter()
    for epc, lot, quantity in rows:
        found[epc or lot] += int(quantity)
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
