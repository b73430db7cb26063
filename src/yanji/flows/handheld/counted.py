"""Scans for a count: each is kept with what the ledger says of it, on the shelf that was scanned before it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Offence, Refused
from yanji.places.models import Place

from ..counting.gate import count_for
from ..counting.scan import FOREIGN, SHELF, Heard, Read, foresee
from .sights import Handful, Sight, in_role


def counted(found: Handful, actor: Actor) -> Handful:
    """The handful with what a count would say of each scan. No thing stands in its way, whatever it is; a shelf of elsewhere
    does, a paper that is none of it, and half a label. The last shelf, scanned again after things, confirms. A constant number of
    statements."""
    heard, refused = _heard(found, actor)
    blind = bool(heard) and count_for(actor, found.about.count_id or 0, may="count").blind
    named = Place.objects.in_bulk({each.place_id for each in heard.values()}) if heard else {}
    kept: list[Sight] = []
    shelf, things, confirmed_by = None, 0, ""
    for number, sight in enumerate(found.sights):
        said = heard.get(number)
        if said and said.verdict == SHELF:
            again = things > 0 and shelf == said.place_id
            kept.append(in_role(sight, "confirm" if again else "about"))
            shelf, confirmed_by = said.place_id, sight.text if again else ""
        elif sight.role != "thing":
            kept.append(sight)
            confirmed_by = sight.text if sight.role == "confirm" and things else ""
        else:
            kept.append(_seen(sight, said, blind, named))
            things, confirmed_by = things + 1, ""
    return replace(
        found, sights=kept, about=replace(found.about, place_id=shelf), offences=refused,
        confirmed=bool(confirmed_by), confirmed_by=confirmed_by,
    )  # fmt: skip


def _heard(found: Handful, actor: Actor) -> tuple[dict[int, Heard], tuple[Offence, ...]]:
    """What the count says of each thing and shelf, by its number; and why it says nothing."""
    of = [number for number, sight in enumerate(found.sights) if sight.role == "thing"]
    if not of or not found.about.count_id:
        return {}, ()
    sights = [found.sights[number] for number in of]
    reads = [Read(sight.meaning.scan, str(number)) for number, sight in zip(of, sights, strict=True)]
    meanings = [sight.meaning for sight in sights]
    try:
        said: Sequence[Heard] = foresee(
            actor=actor, count_id=found.about.count_id, reads=reads, meanings=meanings
        )
    except Refused as refused:
        return {}, refused.offences
    except NotFound:
        return {}, (Offence("scan_which_count"),)
    return dict(zip(of, said, strict=True)), ()


def _seen(sight: Sight, heard: Heard | None, blind: bool, named: Mapping[int, Place]) -> Sight:
    """One thing as whoever counts is told of it; a blind count tells nobody what the ledger says."""
    meaning = sight.meaning
    offences = meaning.offences if sight.half else ()
    if meaning.kind == "document":
        offences = (Offence("scan_not_for_this", meaning.scan.strip()[:80]),)
    if heard and heard.verdict == FOREIGN:
        offences = heard.meaning.offences
    told = replace(meaning, offences=offences, unit=None if blind else meaning.unit)
    if heard is None:
        return replace(sight, meaning=told)
    return replace(sight, meaning=told, verdict=heard.verdict, place=named[heard.place_id].name)
