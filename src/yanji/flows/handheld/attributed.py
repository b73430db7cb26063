"""What a paper's own rules say of an act, at the things that it is about."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused

from ..called import meanings_worded, numbers_worded
from ..reserving.queries import unnamed
from ..scanning import Meaning
from ..things import name
from ..would_move import own_offences
from .sights import Handful


def answered(found: Handful, ask: Callable[[Sequence[Meaning]], Sequence[Meaning]]) -> Handful:
    """The handful with what is answered to each of its things."""
    given = [sight.meaning for sight in found.sights if sight.role == "thing"]
    asked = iter(ask(given) if given else ())
    sights = [replace(each, meaning=next(asked)) if each.role == "thing" else each for each in found.sights]
    return replace(found, sights=sights)


def attributed(found: Handful, said: Sequence[Offence], actor: Actor) -> Handful:
    """The handful with every offence at its thing, as far as it is of one; the others are of the act. What can be moved by no
    verb says so itself. At most three statements, none where nothing was said."""
    told = unnamed(numbers_worded(Refused.of(said)), actor).offences if said else ()
    placed: set[int] = set()
    sights = list(found.sights)
    for number, sight in enumerate(sights):
        meaning = sight.meaning
        if sight.role != "thing":
            continue
        own = names(meaning)
        mine = [at for at, each in enumerate(told) if each.thing in own]
        placed |= {*mine}
        offences = [told[at] for at in mine] or own_offences(meaning, sorted(own & {meaning.epc}), ())
        if not meaning.offences:
            sights[number] = replace(sight, meaning=replace(meaning, offences=tuple(offences)))
    worded = meanings_worded([sight.meaning for sight in sights], actor)
    sights = [replace(sight, meaning=meaning) for sight, meaning in zip(sights, worded, strict=True)]
    rest = tuple(each for at, each in enumerate(told) if at not in placed)
    return replace(found, sights=sights, offences=(*found.offences, *rest))


def names(meaning: Meaning) -> set[str]:
    """What a refusal may call the thing: a unit or a box by its code, pieces by their lot. Pure."""
    found = {meaning.epc} if meaning.kind in ("unit", "box") else set()
    if meaning.kind == "lot":
        found = {f"lot {meaning.lot_id}"}
    if meaning.box:
        found |= {name(thing) for thing in meaning.box.things() if isinstance(thing, str)}
    return found - {""}
