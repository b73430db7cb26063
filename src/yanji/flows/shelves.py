"""A shelf by the name that people see and say: the label carries the whole code, the short name is what is typed."""

from collections.abc import Collection, Mapping, Sequence

from yanji.access.actor import Actor
from yanji.identity.model import Reason
from yanji.ledger.api import LIFECYCLE, Offence, Step, storable
from yanji.places.models import Place
from yanji.places.queries import by_name, labels
from yanji.places.rules import ids_of

from .scanning import Choice, Meaning, unreadable

# What a scan is while nothing here is called so.
NAMES_NOTHING = frozenset({"unreadable", "unknown_product"})
LONGEST_NAME = 120
SAID = 6


def shelves_meant(meanings: Sequence[Meaning], *, actor: Actor, near: Collection[str] = ()) -> list[Meaning]:
    """Scans of places as put away takes them: by code, or by the name that a shelf has where the actor may store.

    A name that several shelves share is refused, naming them; they stand in ``choices`` as well. Where one of them is nearer
    than all others to the paths of ``near``, it is meant. A code of a place
    where the actor may not store is ``not_yours``, and reads as nothing where it is hidden. At most four statements.
    """
    kinds = LIFECYCLE[Step.PUT_AWAY].to_kinds or frozenset()
    names = {actor.text_of(meaning.scan) for meaning in meanings if _may_be_a_name(meaning, actor)}
    named = by_name(names, paths=actor.scopes.get("store", ()), kinds=kinds) if names else {}
    keys = [meaning.document[1] for meaning in meanings if meaning.kind == "place" and meaning.document]
    coded = Place.objects.in_bulk(keys) if keys else {}
    return [_meant(meaning, named, coded, actor, near) for meaning in meanings]


def nearest_first(meaning: Meaning, near: Collection[str]) -> Meaning:
    """The meaning, its choices in another order: what shares most of its way with a path of ``near`` goes first, for the goods
    of a dock go into its own store. Three statements at most, none without choices."""
    if not meaning.choices or not near:
        return meaning
    keys = [choice.place_id for choice in meaning.choices]
    found = Place.objects.in_bulk(keys)
    return _one_of_several(
        meaning, sorted((found[key] for key in keys), key=lambda each: _nearness(each, near), reverse=True)
    )


def _nearness(place: Place, near: Collection[str]) -> int:
    """How much of its way a place shares with the nearest of these paths. Pure."""
    own = set(ids_of(place.path))
    return max((sum(each in own for each in ids_of(path)) for path in near), default=0)


def _may_be_a_name(meaning: Meaning, actor: Actor) -> bool:
    text = actor.text_of(meaning.scan)
    return meaning.kind in NAMES_NOTHING and 0 < len(text) <= LONGEST_NAME and storable(text)


def _meant(
    meaning: Meaning,
    named: Mapping[str, list[Place]],
    coded: Mapping[int, Place],
    actor: Actor,
    near: Collection[str],
) -> Meaning:
    if meaning.kind == "place" and meaning.document:
        return _by_code(meaning, coded[meaning.document[1]], actor)
    places = named.get(actor.text_of(meaning.scan), [])
    most = max((_nearness(place, near) for place in places), default=0)
    nearest = [place for place in places if _nearness(place, near) == most]
    if len(nearest) == 1:
        return Meaning(meaning.scan, "place", document=("place", nearest[0].pk))
    return _one_of_several(meaning, places) if places else meaning


def _by_code(meaning: Meaning, place: Place, actor: Actor) -> Meaning:
    if actor.may("store", place.path):
        return meaning
    if actor.may("view", place.path):
        return Meaning(meaning.scan, "place", offences=(Offence("not_yours", place.name),))
    return unreadable(meaning.scan, (Reason("unknown_form", meaning.scan.strip()[:80]),))


def _one_of_several(meaning: Meaning, places: Sequence[Place]) -> Meaning:
    names = labels(places)
    choices = tuple(Choice(place.pk, place.code, names[place.pk]) for place in places)
    said = [f"{choice.label} ({choice.code})" for choice in choices[:SAID]]
    facts = {
        "count": len(choices),
        "places": "; ".join(said) + (" …" if len(choices) > SAID else ""),
        "code": choices[0].code,
    }
    offence = Offence("several_places", meaning.scan.strip()[:80], facts)
    return Meaning(meaning.scan, "place", offences=(offence,), choices=choices)
