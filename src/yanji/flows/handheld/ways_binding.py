"""A tag is put on a unit by two scans: the label of the unit, then the tag as its reader types it."""

from collections.abc import Mapping
from dataclasses import replace

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Offence, Refused

from ..acts import Done
from ..codes import add_code, check_code
from ..scanning import Meaning
from .sights import Handful, Sight, called
from .way import Told, Way

TAG = "tag"  # what a scan is that is put on a unit


def _bind(told: Told, actor: Actor) -> Done:
    unit, tag = told.things
    return add_code(actor=actor, key=told.key, epc=unit.epc, code=tag.scan)


def binding_seen(found: Handful, actor: Actor) -> Handful:
    """The first thing is the unit, the second its tag, whatever that means otherwise; there is no third."""
    things = [number for number, sight in enumerate(found.sights) if sight.role == "thing"]
    sights = list(found.sights)
    if not things:
        return found
    unit = sights[things[0]].meaning
    sights[things[0]] = replace(sights[things[0]], meaning=_unit(unit))
    for place, number in enumerate(things[1:]):
        sights[number] = _tag(sights[number], unit, actor, first=place == 0)
    said = () if len(things) > 1 else (Offence("scan_tag"),)
    return replace(found, sights=sights, offences=(*found.offences, *said))


def _unit(meaning: Meaning) -> Meaning:
    if meaning.offences or meaning.unit:
        return meaning
    return replace(meaning, offences=(Offence("unknown_unit", called(meaning)),))


def _tag(sight: Sight, unit: Meaning, actor: Actor, *, first: bool) -> Sight:
    """The scan as a code and nothing else. One statement or two."""
    code = sight.text.strip()
    said: tuple[Offence, ...] = ()
    if not first:
        said = (Offence("one_tag", code[:80]),)
    elif unit.unit:
        try:
            check_code(actor, unit.epc, code)
        except NotFound:
            said = (Offence("not_yours", called(unit)),)
        except Refused as refused:
            said = refused.offences
    return replace(sight, half=False, meaning=Meaning(code, TAG, offences=said))


BINDING: Mapping[str, Way] = {"bind": Way("label", _bind, (add_code,), looks_at=binding_seen)}
