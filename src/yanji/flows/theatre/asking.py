"""What a theatre lacks for a case is asked of a store, and never twice: what is coming for the case already counts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.ledger.api import Offence, Refused

from ..acts import Done, moment, verb
from ..documents import allow
from ..gates import case_for
from ..models import Case
from ..requisition import Wanted, ask_store
from ..supply.propose import coming_to
from .account import account_of
from .models import CaseNeed
from .queries import NeedLine, in_stores, needs_of


@dataclass(frozen=True, slots=True)
class Offer:
    """An item that would do, and how many pieces of it lie in the stores."""

    item: Item
    in_stores: int


@dataclass(frozen=True, slots=True)
class Short:
    """One need of which the theatre has too little: ``pieces`` to ask for now, beside what is ``coming`` for the case already.

    ``offers``: the item that the card names, then its alternatives; ``proposed``: the first of them of which the stores have
    enough, else the one that the card names.
    """

    need: CaseNeed
    pieces: int
    coming: int
    offers: tuple[Offer, ...]

    @property
    def proposed(self) -> Item:
        enough = (offer.item for offer in self.offers if offer.in_stores >= self.pieces)
        return next(enough, self.offers[0].item)


def lacking(case: Case, lines: Sequence[NeedLine]) -> list[Short]:
    """What is short for a case and was not asked for yet. Two statements and one; none where nothing is short."""
    short = [line for line in lines if line.short]
    if not short:
        return []
    coming = coming_to(case.department, case_number=case.number)
    stores = in_stores({item.pk for line in short for item in line.items})
    return still_to_ask(short, coming, stores)


def still_to_ask(
    lines: Sequence[NeedLine], coming: Mapping[int, int], stores: Mapping[int, int]
) -> list[Short]:
    """The same, from what is known: pieces that are coming serve one need only, the item itself before its alternatives. Pure."""
    left, found = Counter(coming), []
    for line in lines:
        served = 0
        for item in line.items:
            pieces = min(left[item.pk], line.short - served)
            left[item.pk] -= pieces
            served += pieces
        offers = tuple(Offer(item, stores.get(item.pk, 0)) for item in line.items)
        found.append(Short(line.need, line.short - served, served, offers))
    return found


def draft_lines(shorts: Sequence[Short], instead: Mapping[int, int]) -> list[Wanted]:
    """The lines to ask for. ``instead``: item that a need names -> the alternative that is chosen for it. Pure.

    Raises :class:`Refused` for an item that is no alternative of the need.
    """
    wanted: Counter[int] = Counter()
    offences = []
    for short in shorts:
        chosen = instead.get(short.need.item_id, short.need.item_id)
        item = next((offer.item for offer in short.offers if offer.item.pk == chosen), None)
        if item is None:
            offences.append(Offence("not_an_alternative", short.need.item.name))
        elif short.pieces:
            wanted[item.pk] += short.pieces
    if offences:
        raise Refused.of(offences)
    return [Wanted(item, pieces) for item, pieces in wanted.items()]


@verb
def ask_for_case(
    *, actor: Actor, key: str, case_id: int, store_id: int, instead: Mapping[int, int] | None = None
) -> Done:
    """Ask a store for what the theatre lacks for a case, and what is not coming for it already. ``instead``: item that the case
    needs -> the alternative of it to ask for. The requisition bears the case's number and is needed when the case is planned.

    Raises :class:`Refused` where nothing is left to ask for, or an item is no alternative.
    """
    case = case_for(actor, case_id, may="use", lock=True)
    allow("case", "plan", number=case.number, state=case.state, label=case.get_state_display())
    shorts = lacking(case, needs_of(case, account_of(case.pk)))
    lines = draft_lines(shorts, instead or {})
    if not lines:
        raise Refused("nothing_short", thing=case.number)
    at = moment(None)
    made = ask_store(
        actor=actor, department_id=case.department_id, store_id=store_id, lines=lines,
        needed_by=max(case.planned_at, at) if case.planned_at else None, case_number=case.number, at=at,
    )  # fmt: skip
    return Done(made.number, made.pk, made.state)
