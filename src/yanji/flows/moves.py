"""How a row of the table of documents is written, and read: one verb, the states before it, those after it."""

from typing import NamedTuple

from django.db import models


class Move(NamedTuple):
    """A verb of a document: the states in which it may be used, and those in which it may leave the document."""

    sources: frozenset[str]
    targets: frozenset[str]


def moves(kind: str, states: type[models.TextChoices], **rows: str) -> dict[tuple[str, str], Move]:
    """Rows as they are read aloud: verb, states before, ``->``, states after.

    ``same`` after the arrow: it stays among the states before it; ``gone``: there is no document any more. A word that
    names no state of the document is a bug, and raises KeyError when the table is read.
    """

    def named(words: str) -> frozenset[str]:
        return frozenset(states[word.upper()] for word in words.split())

    table = {}
    for verb, row in rows.items():
        before, after = (side.strip() for side in row.split("->"))
        sources = named(before)
        targets = sources if after == "same" else frozenset() if after == "gone" else named(after)
        table[kind, verb] = Move(sources, targets)
    return table
