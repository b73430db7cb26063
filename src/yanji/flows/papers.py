"""What every kind of document has in common: a gate, a page, and a sheet that can be printed or sent."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.functional import Promise

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.places.models import Kind, Place

from .turn import Policy

MAX_UPRIGHT = 8  # columns that A4 takes upright

Cell = str | int | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class Section:
    """A table of a sheet: every row has a cell for each column, and so has ``total`` where there is one."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()

    def __post_init__(self) -> None:
        assert all(len(row) == len(self.columns) for row in (*self.rows, self.total) if row), self.title


@dataclass(frozen=True, slots=True)
class Coded:
    """What is scanned off a sheet instead of being touched: the text of its symbol, and what it says in each language."""

    text: str
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class Wall:
    """Symbols of one sort, as they hang beside a bench."""

    title: str
    codes: Sequence[Coded]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document as it is printed, in the reader's language. ``head``: in whose name; ``signatures``: who signs; ``across``: on
    a page that lies across, however few its columns; ``walls``: symbols to scan, below all else."""

    title: str
    number: str
    state: str = ""
    head: str = ""
    facts: Sequence[tuple[str, Cell]] = ()
    sections: Sequence[Section] = ()
    signatures: Sequence[str] = ()
    note: str = ""
    across: bool = False
    walls: Sequence[Wall] = ()

    @property
    def wide(self) -> bool:
        """Whether it needs the page across: upright, so many columns would break their serial numbers."""
        return self.across or any(len(section.columns) > MAX_UPRIGHT for section in self.sections)

    @property
    def told(self) -> list[tuple[str, Cell]]:
        """The facts that say something."""
        return [(label, value) for label, value in self.facts if value]

    @property
    def filled(self) -> list[Section]:
        """The sections that have a row."""
        return [section for section in self.sections if section.rows]


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of document.

    ``gate(actor, id)`` gives the document to who may see it, and with ``may=`` an operation to who may do that as
    well; for all others it raises as the gates do. ``act`` is the operation that lets a person add remarks and files.
    ``also`` gives what only some readers are told beside the sheet. ``page`` names the address of its page: (name of the
    route, arguments); ``supplier_page`` that of its supplier's people, where they have one. ``in_turn``: its sheet proposes
    what to take, and ``sheet`` takes the order of picking as well; with ``picked_at``, the path where it is taken, it takes none
    for who may not pick there, and proposes nothing.
    """

    kind: str
    label: str | Promise
    model: type[Model]
    gate: Callable[..., Any]
    page: Callable[[Any], tuple[str, tuple[Any, ...]]]
    sheet: Callable[..., Sheet]
    act: str = ""
    also: Callable[[Any, Actor], Iterable[Section]] | None = None
    supplier_page: Callable[[Any], tuple[str, tuple[Any, ...]]] | None = None
    in_turn: bool = False
    picked_at: Callable[[Any], str] | None = None

    def seen(self, actor: Actor, document_id: int) -> Any:
        """The document; raises :class:`NotFound` where it is hidden or absent."""
        return self.gate(actor, document_id)

    def acted_on(self, actor: Actor, document_id: int) -> Any:
        """The document for somebody who wants to add to it; refused where seeing is all that is allowed."""
        document = self.gate(actor, document_id)
        return self.gate(actor, document_id, may=self.act) if self.act else document

    def read_by(self, actor: Actor, document: Any, policy: Policy = "fefo") -> Sheet:
        """A document that this reader sees, as it is printed."""
        hidden = self.picked_at is not None and not actor.may("pick", self.picked_at(document))
        sheet = self.sheet(document, None if hidden else policy) if self.in_turn else self.sheet(document)
        if self.also is None:
            return sheet
        return replace(sheet, sections=(*sheet.sections, *self.also(document, actor)))


_PAPERS: dict[str, Paper] = {}


def register(paper: Paper) -> None:
    """Make a kind of document known; each kind once."""
    assert paper.kind not in _PAPERS, paper.kind
    _PAPERS[paper.kind] = paper


def papers() -> list[Paper]:
    """Every kind of document."""
    return list(_PAPERS.values())


def paper_of(kind: str) -> Paper:
    """The kind of that name. Raises :class:`NotFound`."""
    found = _PAPERS.get(kind)
    if found is None:
        raise NotFound("paper")
    return found


def sheet_of(actor: Actor, kind: str, document_id: int, policy: Policy = "fefo") -> Sheet:
    """One document as it is printed; raises :class:`NotFound` where it is hidden or absent. ``policy``: whose turn it is, on a
    sheet that proposes what to take."""
    paper = paper_of(kind)
    return paper.read_by(actor, paper.seen(actor, document_id), policy)


def letterhead(path: str) -> str:
    """In whose name a place writes: its group and its campus. One statement."""
    ids = [int(part) for part in path.split("/") if part]
    found = Place.objects.filter(pk__in=ids, kind__in=(Kind.GROUP, Kind.CAMPUS)).order_by("path")
    return " · ".join(place.name for place in found)


def shown(cell: Cell) -> str:
    """A cell as people read it: dates sort by eye, numbers in groups of three, nothing as a dash."""
    match cell:
        case None | "":
            return "–"
        case datetime():
            return f"{timezone.localtime(cell):%Y-%m-%d %H:%M}"
        case date():
            return cell.isoformat()
        case int() | Decimal():
            return f"{cell:,}"
    return str(cell)


CODE = re.compile(r"(?=.*\d)[A-Za-z0-9./-]{1,24}")


def is_number(cell: Cell) -> bool:
    """Numbers stand to the right, so that digits stand below digits."""
    return not isinstance(cell, str) and hasattr(cell, "real")


def is_code(cell: Cell) -> bool:
    """A serial, lot or document number, a day or a time: in one piece, so that it can be compared and typed."""
    return isinstance(cell, date) or (isinstance(cell, str) and bool(CODE.fullmatch(cell)))
