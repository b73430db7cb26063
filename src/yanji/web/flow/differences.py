"""What arrived, row by row: good, not good for a reason, or never sent."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from yanji.flows.reasons import reasons
from yanji.flows.scanning import Meaning
from yanji.flows.things import Thing

from .basket import Basket, key_of

EXTRA = "storeroom/_difference.html"
# What a thing that was never sent is told of all the same: somebody has the label of what is in a patient.
IN_A_PATIENT = "already_used"

# What is said of things that never came; nobody holds such a thing in the hand.
ABSENT = frozenset({"not_loaded", "lost_on_way"})


def in_hand_reasons() -> dict[str, str]:
    """Code -> words of why a thing in the hand did not arrive as it should have. One statement."""
    found = reasons("transfer_difference")
    return {code: said for code, said in found.items() if code not in ABSENT}


@dataclass(slots=True)
class Judged:
    """The rows of an arrival: what is good, what is not and why, what was not sent and what is said of it."""

    good: list[Thing] = field(default_factory=list)
    bad: list[tuple[Thing, str]] = field(default_factory=list)
    unexpected: list[tuple[Thing, str]] = field(default_factory=list)


def judged(basket: Basket, sent: Callable[[Meaning], bool]) -> Judged:
    """Each row by the verdict chosen on it. ``sent``: whether a thing is part of what was sent; a box is opened by the verb."""
    found = Judged()
    for meaning in basket.meanings:
        reason = basket.post.get(f"verdict:{key_of(meaning)}", "")
        if not meaning.box and not sent(meaning):
            found.unexpected.append((meaning.epc or meaning.scan[:160], reason or "surplus"))
            continue
        things = basket.things(lambda other, own=meaning: other is own)
        if reason:
            inside: list[Thing] = meaning.box.things() if meaning.box else things
            found.bad += [(thing, reason) for thing in inside]
        else:
            found.good += things
    return found


def only_named(meaning: Meaning, code: str) -> Meaning:
    """What was never sent is named and stays where the ledger has it: that it cannot arrive from there is no complaint."""
    if code not in {offence.code for offence in meaning.offences}:
        return meaning
    said = sorted(
        (each for each in meaning.offences if each.code in (code, IN_A_PATIENT)),
        key=lambda each: each.code != code,
    )
    return replace(meaning, offences=tuple(said), ways_out=())
