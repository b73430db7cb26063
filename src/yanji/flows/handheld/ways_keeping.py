"""Things of a store are kept for a requisition or a case, and given free again, by scanning the paper and the things."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from yanji.access.actor import Actor
from yanji.ledger.api import LotQuantity, Offence, Refused
from yanji.places.models import Place
from yanji.places.queries import labels

from ..acts import Done
from ..gates import case_for, requisition_for
from ..models import Case, Requisition
from ..preview import foretell
from ..reserving.queries import Reserved, reserved
from ..reserving.reserve import reserve, reserving_offences, unreserve
from ..scanning import Meaning
from ..states import CaseState
from ..things import known_units
from .about import About
from .attributed import attributed
from .lots import Taken, listed, pieces_of
from .sights import Handful
from .sources import lots_taken, not_later, store_of
from .way import Told, Way, moved

MOST = 10_000  # of what is kept for one paper


def _paper(about: About, actor: Actor) -> Requisition | Case | None:
    if about.requisition_id:
        return requisition_for(actor, about.requisition_id, may="pick")
    return case_for(actor, about.case_id) if about.case_id else None


def _reserve(told: Told, actor: Actor) -> Done:
    store = store_of(told.about, told.things, actor)
    if store is None:
        raise Refused("scan_where")
    paper = _paper(told.about, actor)
    return reserve(
        actor=actor, key=told.key, store_id=store, things=moved(told, actor), happened_at=told.at,
        requisition_id=told.about.requisition_id, case_number=paper.number if isinstance(paper, Case) else "",
    )  # fmt: skip


def reserving_seen(found: Handful, actor: Actor) -> Handful:
    """The things, each with what the ledger says of keeping it, and what the paper says: what it does not ask for, too many."""
    paper, good = _paper(found.about, actor), found.things
    store = store_of(found.about, good, actor) if paper else None
    if paper is None:
        return attributed(found, [], actor)
    asked = iter(foretell(good, actor=actor, flow="reserve", from_place_id=store))
    judged = {sight.of: next(asked) for sight in found.seen}
    sights = [replace(sight, meaning=judged.get(sight.of, sight.meaning)) for sight in found.sights]
    told = replace(found, sights=sights)
    # Of counted pieces it is asked where they come from, see :func:`.reading.read_scans`.
    said = [Offence("scan_where")] if store is None and good and not pieces_of(good) else []
    if isinstance(paper, Case) and paper.state == CaseState.CLOSED:
        said.append(Offence("no_case_to_reserve_for", paper.number))
    if isinstance(paper, Requisition):
        taken = lots_taken("reserve", found.about, None, good, actor)
        units = [meaning.epc for meaning in good if meaning.kind == "unit" and not meaning.offences]
        said += reserving_offences(paper, [*units, *taken.things])
    return attributed(told, said, actor)


def _kept(about: About, actor: Actor) -> list[Reserved]:
    """What is kept where the actor picks: for the paper that was named, else for anybody. Two statements."""
    paper = _paper(about, actor)
    return reserved(list(actor.scopes.get("pick", ())), numbers=[paper.number] if paper else (), limit=MOST)


def _unreserve(told: Told, actor: Actor) -> Done:
    about, paper = told.about, _paper(told.about, actor)
    rows = _kept(about, actor)
    by = {"actor": actor, "key": told.key, "reason": about.reason, "happened_at": told.at}
    number = paper.number if paper else ""
    if not told.things:
        not_later((row.since for row in rows), told.at, number)
        units = [row.epc for row in rows if row.epc]
        return unreserve(
            things=units, reservations=[row.row_id for row in rows if not row.epc], reserved_for=number, **by
        )
    taken = _freed(about, told.things, rows)
    if taken.offences:
        raise Refused.of(taken.offences)
    units = [meaning.epc for meaning in told.things if meaning.kind != "lot"]
    return unreserve(things=[*units, *taken.things], reserved_for=number, **by)


def _freed(about: About, things: Sequence[Meaning], rows: Sequence[Reserved]) -> Taken:
    """Pieces of the scanned lots that are kept at one place; where at several, a person says which. Two statements at most, none
    without lots."""
    spots: dict[int, dict[tuple[int, int | None], int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        if not row.epc:
            spots[row.lot_id][row.place_id, row.owner_id] += row.pieces
    wanted = pieces_of(things)
    lying = {place for lot in wanted for place, _owner in spots[lot]}
    names = labels(list(Place.objects.filter(pk__in=lying))) if lying else {}
    found = Taken()
    sources: dict[int, str] = {}
    offences: list[Offence] = []
    for lot, pieces in wanted.items():
        here = {spot: n for spot, n in spots[lot].items() if about.from_place_id in (None, spot[0])}
        if len(here) > 1:
            places = listed((names[place], pieces) for (place, _owner), pieces in here.items())
            offences.append(Offence("scan_from", f"lot {lot}", {"places": places}))
            found.choices.extend((place, names[place], n) for (place, _owner), n in here.items())
        elif sum(here.values()) < pieces:
            facts = {"wanted": pieces, "reserved": sum(here.values())}
            offences.append(Offence("not_reserved", f"lot {lot}", facts))
        else:
            [(place, owner)] = here
            found.things.append(LotQuantity(lot, Decimal(pieces), place, owner))
            sources[lot] = names[place]
    return Taken(found.things, sources, list(dict.fromkeys(found.choices)), tuple(offences))


def unreserving_seen(found: Handful, actor: Actor) -> Handful:
    """The things, each with whether it is kept, and for the paper that was named; without things, whether anything is."""
    paper, rows, good = _paper(found.about, actor), _kept(found.about, actor), found.things
    if not good:
        said = [Offence("nothing_kept", paper.number)] if paper and not rows else []
        return attributed(found, said, actor)
    asked = iter(foretell(good, actor=actor, flow="unreserve"))
    judged = {sight.of: next(asked) for sight in found.seen}
    sights = [replace(sight, meaning=judged.get(sight.of, sight.meaning)) for sight in found.sights]
    taken = _freed(found.about, good, rows)
    said = list(taken.offences)
    if paper:
        units = known_units([meaning.epc for meaning in good if meaning.kind == "unit"]).values()
        said += [
            Offence(
                "reserved_for_other", unit.epc, {"reserved_for": unit.reserved_for, "wanted": paper.number}
            )
            for unit in units
            if unit.status == "reserved" and unit.reserved_for != paper.number
        ]
    return attributed(replace(found, sights=sights, taken=replace(taken, offences=())), said, actor)


KEEPING: Mapping[str, Way] = {
    "reserve": Way(
        "pick",
        _reserve,
        (reserve,),
        documents=("requisition", "case"),
        may_of={"case": "view_patient"},
        takes_place=True,
        looks_at=reserving_seen,
        beside=True,
    ),
    "unreserve": Way(
        "pick",
        _unreserve,
        (unreserve,),
        documents=("requisition", "case"),
        may_of={"case": "view_patient"},
        needs_paper=False,
        takes_all=True,
        reasons="unreserve",
        looks_at=unreserving_seen,
        beside=True,
    ),
}
