"""What somebody scans who may not look at it: where it is recorded, so that they know whom to call."""

from collections.abc import Sequence
from dataclasses import replace

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, unit_views
from yanji.places.models import Kind, Place

from .scanning import Meaning

ANSWERS = (Kind.STORE, Kind.DEPARTMENT)  # who can be called


def told_where(meanings: Sequence[Meaning], here_id: int | None, actor: Actor) -> list[Meaning]:
    """The meanings; a unit that is hidden, although it is recorded in the same campus as the place where it was scanned, is said
    to be at its store or department, and no more. Where it was scanned is what the sender says: it counts where the actor may
    look, for whoever names any place would learn where everything lies. Of another campus nobody learns anything, and a supplier
    of none. Two statements where something is hidden, else none."""
    hidden = [each.epc for each in meanings if _hidden(each)]
    if not hidden or here_id is None or actor.supplier_id is not None:
        return [*meanings]
    paths = {epc: _ids(unit.place_path) for epc, unit in unit_views(hidden).items()}
    known = Place.objects.in_bulk({here_id, *(each for path in paths.values() for each in path)})
    path_here = known[here_id].path if here_id in known else ""
    here = set(_ids(path_here)) if actor.may("view", path_here) else set()
    found = {
        epc: places[-1]
        for epc, path in paths.items()
        if any(known[each].kind == Kind.CAMPUS and each in here for each in path)
        and (places := [known[each] for each in path if known[each].kind in ANSWERS])
    }
    return [_told(each, found.get(each.epc)) if _hidden(each) else each for each in meanings]


def _hidden(meaning: Meaning) -> bool:
    """Of what is hidden a scan tells the code alone."""
    codes = [offence.code for offence in meaning.offences]
    return meaning.kind == "unit" and meaning.unit is None and codes == ["not_yours"]


def _told(meaning: Meaning, place: Place | None) -> Meaning:
    if place is None:
        return meaning
    return replace(meaning, offences=(Offence("recorded_elsewhere", meaning.epc, {"place": place.name}),))


def _ids(path: str) -> list[int]:
    return [int(each) for each in path.split("/") if each]
