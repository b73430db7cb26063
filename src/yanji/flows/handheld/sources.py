"""Where the things of an act come from, and where they go where nobody says it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from yanji.access.actor import Actor
from yanji.access.models import Person
from yanji.access.operations import Operation
from yanji.ledger.api import Refused, Step, clock, virtual_places
from yanji.places.models import Kind, Place
from yanji.places.rules import ids_of

from ..gates import issue_for, order_for, requisition_for
from ..landing import STORES
from ..lending.gate import lending_for
from ..models import Case
from ..preview import STEPS
from ..queries import picked_for
from ..scanning import Meaning
from ..transfer.gate import transfer_for
from ..transfer.state import in_hand
from ..waves.walk import wave_for
from .about import About
from .lots import Taken, Wanted, pieces_of, taken

# Acts that take nothing from anywhere.
WITHOUT = frozenset(
    {
        "receive", "count", "request", "look", "unpack", "unreserve", "send_back", "confirm_lending", "confirm_settlement",
        "receive_consigned", "arrive_set", "hand_back_set", "bind", "take", "discard",
        "use_first", "hand_on", "return_explanted",
    }
)  # fmt: skip
# What comes from anywhere that the operation is held: of a counted lot that lies at several places, a person says from which.
ASKS: Mapping[str, Operation] = {
    "put_away": Operation.STORE, "hold": Operation.HOLD, "scrap": Operation.SCRAP, "pack": Operation.PACK,
    "ask_return": Operation.RETURN_GOODS, "open_piece": Operation.USE,
}  # fmt: skip
# A clock is measured to a fraction of a second at best: who scanned and moved a thing at once moved it by this act.
SLACK = timedelta(seconds=2)
# Where it lies that is in nobody's store: on its way, in its patient.
BEYOND: Mapping[str, str] = {"take_in": "transit", "arrive": "transit", "explant": "patient"}
# Packing moves nothing: what may be held may be packed.
STEP_OF: Mapping[str, Step] = {
    **STEPS, "ship": Step.SHIP, "arrive": Step.ARRIVE, "pack": Step.HOLD,
    "ask_return": Step.SEND_BACK, "lend": Step.LEND, "give_back_lent": Step.LEND,
    "open_piece": Step.OPEN,
}  # fmt: skip


def dock_of(about: About, actor: Actor) -> int:
    assert about.order_id is not None
    return about.place_id or order_for(actor, about.order_id, may="receive").deliver_to_id


def door_of(about: About, actor: Actor) -> int:
    assert about.issue_id is not None
    return about.place_id or issue_for(actor, about.issue_id, may="take_in").department_id


def end_of(about: About, actor: Actor) -> int:
    """Where a load of a transfer is put down: where somebody said, else the store that it goes to."""
    assert about.transfer_id is not None
    return about.place_id or transfer_for(actor, about.transfer_id, may="arrive").destination_id


def above(meanings: Sequence[Meaning], kinds: Sequence[str]) -> int | None:
    """The nearest place of a kind above the first unit. One statement, none where there is no unit."""
    unit = next((meaning.unit for meaning in meanings if meaning.unit), None)
    if unit is None:
        return None
    found = Place.objects.filter(pk__in=ids_of(unit.place_path), kind__in=kinds)
    return max(found, key=lambda place: len(place.path)).pk if found else None


def lender_of(about: About, meanings: Sequence[Meaning], actor: Actor) -> int | None:
    """The department that lends, see :func:`ward_of`."""
    return ward_of(about, meanings, actor, may=Operation.LEND)


def ward_of(about: About, meanings: Sequence[Meaning], actor: Actor, *, may: Operation) -> int | None:
    """The department that gives something away: the one in which the things lie, else the person's own, else the only one where
    the actor may do that. Three statements at most."""
    if found := about.from_place_id or above(meanings, (Kind.DEPARTMENT,)):
        return found
    own = Person.objects.filter(pk=actor.person_id).values_list("department_id", flat=True).first()
    wards = Place.objects.filter(kind=Kind.DEPARTMENT, active=True).order_by("path")
    allowed = [ward.pk for ward in wards if actor.may(may, ward.path)]
    return own if own in allowed else allowed[0] if len(allowed) == 1 else None


def store_of(about: About, meanings: Sequence[Meaning], actor: Actor) -> int | None:
    """Whose things are kept: the store that a requisition asks; for a case the one that was said, or around the first thing."""
    if about.requisition_id:
        return requisition_for(actor, about.requisition_id, may="pick").store_id
    if about.place_id:
        found = Place.objects.filter(pk__in=ids_of(_path(about.place_id)), kind=Kind.STORE)
        return max(found, key=lambda place: len(place.path)).pk if found else None
    return above(meanings, (Kind.STORE,))


def not_later(since: Iterable[datetime], at: datetime, thing: str) -> None:
    """Raises :class:`Refused` where something came to "all of it" after a person had said so: nobody has seen that. Pure."""
    later = [each for each in since if each > at + SLACK]
    if later:
        raise Refused("more_since", thing=thing, at=clock(min(later)))


def lots_taken(
    flow: str, about: About, case: Case | None, things: Sequence[Meaning], actor: Actor, *, known: bool = True
) -> Taken:
    """Where the counted lots among the things come from, as far as the act is ``known`` already. No statement without lots."""
    pieces = pieces_of(things)
    if not pieces or flow in WITHOUT or not known:
        return Taken()
    place = _source(flow, about, case, things, actor)
    if place is None and flow not in ASKS:
        return Taken()
    paths = [_path(place)] if place is not None else actor.scopes.get(ASKS[flow], ())
    return taken(
        Wanted(
            pieces, STEP_OF[flow], paths, about.from_place_id, about.place_id if flow == "put_away" else None,
            _own(flow, about), asks=place is None or flow in ("pack", "ask_return"), one_owner=flow == "ask_return",
        )
    )  # fmt: skip


def _own(flow: str, about: About) -> dict[tuple[int, int, int | None], int] | None:
    """Pieces of lots, by where they lie and whose they are, that lie picked for the paper, or are on its way; None where pieces
    of anybody will do."""
    if flow == "issue" and about.requisition_id:
        return dict(picked_for(about.requisition_id)[1])
    if flow in ("ship", "arrive") and about.transfer_id:
        found: Counter[tuple[int, int, int | None]] = Counter()
        for portion in in_hand(about.transfer_id)[flow == "arrive"].lots:
            found[portion.lot_id, portion.place_id, portion.owner_id] += portion.pieces
        return dict(found)
    return None


def _path(place_id: int) -> str:
    return Place.objects.values_list("path", flat=True).get(pk=place_id)


def _source(
    flow: str, about: About, case: Case | None, things: Sequence[Meaning], actor: Actor
) -> int | None:
    """At which place, or below it, the things of an act lie; None where only what was scanned can say it."""
    match flow:
        case "pick" | "ship" | "issue":
            return _store(about, actor)
        case "take_in" | "arrive" | "explant":
            return getattr(virtual_places(), BEYOND[flow])
        case "use" | "set_out" if case:
            return case.department_id
        case "pack" | "ask_return":
            return _store(about, actor) if about.requisition_id else about.place_id
        case "reserve":
            return (
                about.place_id
                if about.place_id and not about.requisition_id
                else store_of(about, things, actor)
            )
        case "restock":
            return about.place_id or above(things, STORES)
        case "give_back":
            return ward_of(about, things, actor, may=Operation.GIVE_BACK)
        case "lend" | "give_back_lent":
            return _of_lending(flow, about, things, actor)
    return None


def _store(about: About, actor: Actor) -> int:
    """Whose goods are set aside, or go, for a paper."""
    if about.transfer_id:
        return transfer_for(actor, about.transfer_id).source_id
    if about.wave_id:
        return wave_for(actor, about.wave_id).store_id
    assert about.requisition_id is not None
    return requisition_for(actor, about.requisition_id).store_id


def _of_lending(flow: str, about: About, things: Sequence[Meaning], actor: Actor) -> int | None:
    if flow == "lend":
        return lender_of(about, things, actor)
    return lending_for(actor, about.lending_id).borrower_id if about.lending_id else None
