"""What of all that stands in the way of a scan is said: orders that contradict each other help nobody."""

from collections.abc import Sequence
from dataclasses import replace

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Step
from yanji.places.models import Place

from .alternatives import HELPED, alternatives
from .scanning import Meaning

# Not of what was wanted, or more than that: it goes back, and no other one is needed in its stead.
UNASKED = frozenset({"not_requested", "over_picked"})
# What must not go back to its shelf, whether or not it was asked for.
DANGEROUS = frozenset(
    {
        "expired",
        "recalled",
        "lot_recalled",
        "on_hold",
        "lot_on_hold",
        "rejected_not_used",
        "already_used",
        "label_differs",
    }
)
# Whoever does these takes nothing for a patient: there is no other one to take.
NOTHING_TAKEN = frozenset({"give_back", "restock", "put_away", "hold", "scrap", "waste", "set_back"})


def unasked(meaning: Meaning) -> bool:
    """Whether nobody asked for it, or for so much: more of it is no way out. Pure."""
    return meaning.unwanted or any(offence.code in UNASKED for offence in meaning.offences)


def the_one_that_matters(meaning: Meaning) -> Meaning:
    """Of a thing that was not asked for, what is dangerous about it alone; else that it was not asked for. Pure."""
    if not unasked(meaning):
        return meaning
    told = [each for each in meaning.offences if each.code in DANGEROUS] or [
        each for each in meaning.offences if each.code in UNASKED
    ]
    return replace(meaning, offences=tuple(told), unwanted=True)


def fitting(meaning: Meaning, flow: str) -> Meaning:
    """The meaning in the words of its flow. Pure."""
    if flow in NOTHING_TAKEN:
        said = tuple(_not_taken(each) for each in meaning.offences)
        return meaning if said == meaning.offences else replace(meaning, offences=said)
    return the_one_that_matters(meaning)


def _not_taken(offence: Offence) -> Offence:
    return Offence("used_on_a_patient", offence.thing) if offence.code == "already_used" else offence


def with_ways_out(
    meanings: Sequence[Meaning], actor: Actor, step: Step, from_place_id: int | None
) -> list[Meaning]:
    """Another one of what was asked for; whoever picks takes it from the store that the document names, or not at all."""
    helped = {
        meaning.item.pk
        for meaning in meanings
        if meaning.item
        and any(offence.code in HELPED for offence in meaning.offences)
        and not unasked(meaning)
    }
    paths = actor.scopes.get("view", ())
    if helped and step is Step.PICK and from_place_id:
        paths = tuple(Place.objects.filter(pk=from_place_id).values_list("path", flat=True))
    free = alternatives(helped, paths=paths)
    ways = {item: tuple(found) for item, found in free.items() if item in helped}
    return [
        replace(each, ways_out=ways.get(each.item.pk, ()))
        if each.item and each.offences and not unasked(each)
        else each
        for each in meanings
    ]
