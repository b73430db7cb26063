"""What the memory of a tag names: a unit that somebody has bound it to, else the identity that is written in it."""

from collections.abc import Sequence
from dataclasses import replace

from yanji.access.actor import Actor
from yanji.identity import Identity
from yanji.identity.epc import read_tag
from yanji.ledger.models import Alias

from ..scanning import Meaning, understand

GS = "\x1d"
SHORTEST, LONGEST = 16, 160  # hexadecimal digits that may be a tag of a standard


def named_by_tags(memories: Sequence[str]) -> list[str]:
    """Memory of tags as identities; what is bound here to a unit is that unit, and what is of no standard stays as it was read.
    One statement."""
    texts = [memory.strip() for memory in memories]
    bound = dict(Alias.objects.filter(code__in=set(texts)).values_list("code", "unit__epc"))
    return [bound.get(text) or _written_in(text) for text in texts]


def understand_tags(memories: Sequence[str], *, actor: Actor) -> list[Meaning]:
    """What each tag means, each under the memory that was read. One statement more than :func:`understand`, and as many tags."""
    # No scanner has sent them, so that what was learnt of one says nothing about them.
    found = understand(named_by_tags(memories), actor=actor.reading_with(None))
    return [replace(meaning, scan=memory) for meaning, memory in zip(found, memories, strict=True)]


def _written_in(text: str) -> str:
    """What is written in a tag, as the label beside it would say it: so goods that nobody knows yet are read alike."""
    reading = read_tag(text) if SHORTEST <= len(text) <= LONGEST else None
    if not isinstance(reading, Identity):
        return text
    said = GS.join(f"{ai}{value}" for ai, value in reading.elements)
    return f"]d2{said}" if said else reading.epc or text
