"""What the scan page says that a paper still waits for."""

from dataclasses import dataclass
from datetime import date
from typing import Any

NAMED = 3  # serial numbers of one lot on one shelf: whoever takes more takes any of the lot


@dataclass(frozen=True, slots=True)
class Left:
    """Pieces of an item that are still to come or to go, as far as can be said by lot, serial numbers and shelf; of a count a
    shelf. ``lacking``: to be taken, and lies nowhere; ``laid_out``: lies ready for the case."""

    pieces: int
    item_id: int | None = None
    item: str = ""
    lot: str = ""
    expiry: date | None = None
    serials: tuple[str, ...] = ()
    place: str = ""
    lacking: bool = False
    laid_out: bool = False


@dataclass(frozen=True, slots=True)
class Todo:
    """One paper for one act: of ``asked`` pieces (of a count: shelves) ``done`` are, and what is ``left``, in the order of the
    work."""

    flow: str
    kind: str
    id: int
    number: str
    asked: int
    done: int
    left: tuple[Left, ...]


def todo_with(flow: str, kind: str, paper: Any, asked: int, left: tuple[Left, ...]) -> Todo:
    """So much was asked for in all, and so much of it is left. Pure."""
    done = asked - sum(each.pieces for each in left)
    return Todo(flow, kind, paper.pk, paper.number, asked, max(0, done), left)
