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
from ..states import CaseState
from ..supply.propose import coming_to
from .account import account_of
from .models import CaseNeed
from .queries import NeedLine, in_each_store, needs_of


@dataclass(frozen=True, slots=True)
class Offer:
    """An item that would do, and how many pieces of it lie in each store."""

    item: Item
    stores: Mapping[int, int]

    @property
    def in_stores(self) -> int:
        return sum(self.stores.values())


@dataclass(frozen=True, slots=True)
class Short:
    """One need of which the theatre has too little: ``pieces`` to ask for now, beside what is ``coming`` for the case already.

    ``offers``: the item that the card names, then its alternatives.
    """

    need: CaseNeed
    pieces: int
    coming: int
    offers: tuple[Offer, ...]

    def in_store(self, store_id: int | None) -> int:
        """Pieces of what is to be asked for that lie in one store, alternatives included; in all where none is named."""
        return min(self.pieces, sum(_lying(offer, store_id) for offer in self.offers))

    def proposed(self, store_id: int | None = None) -> dict[int, int]:
        """Item -> pieces to ask for: the item itself as far as it lies in the store, then its alternatives. What lies nowhere
        is asked of the item itself, for the store to buy."""
        left, found = self.pieces, {}
        for offer in self.offers:
            found[offer.item.pk] = min(left, _lying(offer, store_id))
            left -= found[offer.item.pk]
        found[self.need.item_id] += left
        return {item: pieces for item, pieces in found.items() if pieces}


def _lying(offer: Offer, store_id: int | None) -> int:
    return offer.in_stores if store_id is None else offer.stores.get(store_id, 0)


def lacking(case: Case, lines: Sequence[NeedLine]) -> list[Short]:
    """What is short for a case and was not asked for yet. Two statements and one; none where nothing is short."""
    short = [line for line in lines if line.short]
    if not short:
        return []
    coming = coming_to(case.department, case_number=case.number)
    stores = in_each_store({item.pk for line in short for item in line.items})
    return still_to_ask(short, coming, stores)


def still_to_ask(
    lines: Sequence[NeedLine], coming: Mapping[int, int], stores: Mapping[int, Mapping[int, int]]
) -> list[Short]:
    """The same, from what is known: pieces that are coming serve one need only, the item itself before its alternatives. Pure."""
    left, found = Counter(coming), []
    for line in lines:
        served = 0
        for item in line.items:
            pieces = min(left[item.pk], line.short - served)
            left[item.pk] -= pieces
            served += pieces
        offers = tuple(Offer(item, stores.get(item.pk, {})) for item in line.items)
        found.append(Short(line.need, line.short - served, served, offers))
    return found


def draft_lines(shorts: Sequence[Short], shares: Mapping[int, Mapping[int, int]]) -> list[Wanted]:
    """The lines to ask for. ``shares``: item that a need names -> what to ask for it, in pieces of it and of its alternatives;
    a need that is not named is asked for as it stands. Pure.

    Raises :class:`Refused` for an item that is no alternative of the need, and for more than is short.
    """
    wanted: Counter[int] = Counter()
    offences = []
    for short in shorts:
        asked = shares.get(short.need.item_id, {short.need.item_id: short.pieces})
        pieces, facts = sum(asked.values()), {"short": short.pieces}
        if not set(asked) <= {offer.item.pk for offer in short.offers}:
            offences.append(Offence("not_an_alternative", short.need.item.name))
        elif pieces > short.pieces:
            offences.append(Offence("asked_above_short", short.need.item.name, {"pieces": pieces, **facts}))
        else:
            wanted.update(asked)
    if offences:
        raise Refused.of(offences)
    return [Wanted(item, pieces) for item, pieces in wanted.items() if pieces > 0]


@verb
def ask_for_case(
    *,
    actor: Actor,
    key: str,
    case_id: int,
    store_id: int,
    shares: Mapping[int, Mapping[int, int]] | None = None,
) -> Done:
    """Ask a store for what the theatre lacks for a case, and what is not coming for it already. ``shares``: item that the case
    needs -> pieces of it and of its alternatives to ask for. The requisition bears the case's number and is needed when the
    case is planned, at once for one that is under way and was not planned. ``facts``: the ``pieces`` asked for, and how many of
    them do ``not_there`` lie in that store now.

    Raises :class:`Refused` where nothing is left to ask for, an item is no alternative, or more is asked for than is short.
    """
    case = case_for(actor, case_id, may="use", lock=True)
    allow("case", "plan", number=case.number, state=case.state, label=case.get_state_display())
    shorts = lacking(case, needs_of(case, account_of(case.pk)))
    lines = draft_lines(shorts, shares or {})
    if not lines:
        raise Refused("nothing_short", thing=case.number)
    at = moment(None)
    under_way = at if case.state == CaseState.OPEN else None
    made = ask_store(
        actor=actor, department_id=case.department_id, store_id=store_id, lines=lines,
        needed_by=max(case.planned_at, at) if case.planned_at else under_way, case_number=case.number, at=at,
    )  # fmt: skip
    lying = {offer.item.pk: _lying(offer, store_id) for short in shorts for offer in short.offers}
    facts = {
        "pieces": sum(line.quantity for line in lines),
        "not_there": sum(max(0, line.quantity - lying[line.item_id]) for line in lines),
    }
    return Done(made.number, made.pk, made.state, facts=facts)
