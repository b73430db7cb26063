"""What a kind of table looks like, and how its rows become values or problems. Knows no database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from . import cells
from .problems import BadFile, Problem
from .read import Cell, Table

Value = str | int | bool | date | Decimal | None
Reader = Callable[[Cell | None], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field's name, its titles in both languages, how a cell is read, and an example for the template."""

    name: str
    zh: str
    en: str
    read: Reader
    required: bool = False
    example: str = ""
    choices: Sequence[str] = ()

    def titled(self) -> tuple[str, str, str]:
        return (_plain(self.zh), _plain(self.en), _plain(self.name))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file: values by column name, as typed, and what is wrong with it."""

    number: int
    values: dict[str, Any]
    typed: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def wrong(self, *found: Problem) -> "Row":
        """The same row with more problems."""
        return Row(self.number, self.values, self.typed, (*self.problems, *found))


@dataclass(frozen=True, slots=True)
class Parsed:
    """All rows, which columns the file had, and titles that mean nothing here."""

    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    unknown: tuple[str, ...]


def parse(table: Table, columns: Sequence[Column]) -> Parsed:
    """Match the titles, read every cell. Raises BadFile when the titles do not fit; never because of a row."""
    places, unknown = _match(table.titles, columns)
    rows = tuple(_row(number, cells_, places) for number, cells_ in table.rows)
    return Parsed(rows, tuple(column.name for column in places), unknown)


def _match(titles: Sequence[str], columns: Sequence[Column]) -> tuple[dict[Column, int], tuple[str, ...]]:
    by_title = {title: column for column in columns for title in column.titled()}
    places: dict[str, int] = {}
    unknown = []
    for index, title in enumerate(titles):
        column = by_title.get(_plain(title))
        if column is None:
            unknown.append(title[:40])
        elif column.name in places:
            raise BadFile("header_twice", title[:40])
        else:
            places[column.name] = index
    missing = [column for column in columns if column.required and column.name not in places]
    if missing:
        raise BadFile("header_missing", ", ".join(f"{column.zh} / {column.en}" for column in missing))
    found = {column: places[column.name] for column in columns if column.name in places}
    return found, tuple(title for title in unknown if title)


def _plain(title: str) -> str:
    """Titles match without their case, spaces, stars and bracketed remarks."""
    bare = title.split("(", maxsplit=1)[0].split("（", maxsplit=1)[0]
    return "".join(character for character in bare.lower() if character.isalnum())


def _row(number: int, given: Sequence[Cell], places: Mapping[Column, int]) -> Row:
    values: dict[str, Any] = {}
    typed: dict[str, str] = {}
    problems = []
    for column, index in places.items():
        cell = given[index]
        # Kept to be shown: what cannot be stored is made visible, and a novel is cut.
        typed[column.name] = cells.as_typed(cell).replace("\0", "␀").encode("utf-8", "replace").decode()[:200]
        value = column.read(cell)
        if isinstance(value, Problem):
            problems.append(Problem(value.code, column.name, value.detail))
        elif column.required and value in ("", None):
            problems.append(Problem("required", column.name))
        else:
            values[column.name] = value
    return Row(number, values, typed, tuple(problems))


def refuse_repeats(rows: Iterable[Row], key: Callable[[Row], object]) -> list[Row]:
    """A later row with the key of an earlier one is wrong; ``key`` answers None where it cannot tell."""
    first: dict[object, int] = {}
    kept = []
    for row in rows:
        mark = None if row.problems else key(row)
        if mark is None:
            kept.append(row)
        elif mark in first:
            kept.append(row.wrong(Problem("duplicate_row", detail=str(first[mark]))))
        else:
            first[mark] = row.number
            kept.append(row)
    return kept
