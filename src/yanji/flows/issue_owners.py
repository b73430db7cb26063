"""Whose the counted pieces of a handing-over are: a supplier's stay a supplier's until they are used."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from yanji.ledger.api import LotQuantity, Offence
from yanji.ledger.models import Movement

from .models import Issue
from .things import Thing, name


def owners_of(issue: Issue) -> dict[int, int | None]:
    """Lot -> owner of its counted pieces, None where it is the hospital. One statement."""
    moved = Movement.objects.filter(event_id=issue.event_id, unit__isnull=True)
    return dict(moved.values_list("lot_id", "to_owner_id"))


def check_one_owner(things: Sequence[Thing]) -> Iterator[Offence]:
    """Of one lot only one owner's pieces go with one handing-over: its slip counts them by lot. Pure."""
    owners: dict[str, set[int | None]] = defaultdict(set)
    for thing in things:
        if isinstance(thing, LotQuantity):
            owners[name(thing)].add(thing.owner_id)
    yield from (Offence("two_owners", lot) for lot, several in owners.items() if len(several) > 1)
