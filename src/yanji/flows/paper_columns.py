"""How the text of a paper falls into lines and columns: by the widths of the PDF's font, each line ending where a word does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .letters import width as width_of
from .papers import Cell, Section, is_code, is_number, shown

PADDING = 4.0  # points, on either side of a table's cell
SIZES = (
    8.5,
    8.0,
    7.5,
    7.0,
    6.5,
)  # of a table's letters, in points: the first in which every serial stays whole
WIDEST = 0.4  # of the page: no column asks for more than that, however much it has to say
# These signs stand in gaps between letters, or are not in every font: what says the same.
CLOSE = {
    "☐": "□",
    " · ": "·",
    " °C": "℃",
    "°C": "℃",
    "–": "-",
    "—": "-",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
}
# Where a line may end: after a space, and beside every ideograph, but not before the stop that follows it.
PIECE = re.compile(r" +|[⺀-〿㐀-鿿豈-﫿！-￯][、。，：；！？）》”]*|[^ ⺀-〿㐀-鿿豈-﫿！-￯]+")
JOINT = re.compile("[:_/-]")


@lru_cache(maxsize=32_768)  # the names and lots of a long list are few
def across(text: str) -> float:
    """Width of a line whose letters are one point high, in points."""
    return width_of(text, 1)


def close(text: str) -> str:
    """The text as the font sets it well."""
    for wide, narrow in CLOSE.items():
        text = text.replace(wide, narrow)
    return text


def lines(text: str, width: float, size: float) -> list[str]:
    """The text in lines no wider than so many points: the library would end them between any two letters, or, told of words,
    anywhere but between two ideographs."""
    return [line for given in close(text).split("\n") for line in _lines(given, width / size)]


def _lines(text: str, width: float) -> list[str]:
    if across(text) <= width:
        return [text.strip()]
    found = [""]
    for piece in PIECE.findall(text):
        if across(found[-1] + piece.rstrip()) > width:
            found.append("")
        left = piece
        # A word that no line can hold, as a long identity, is broken where it must, behind a sign of its own if it has one.
        while across(left.rstrip()) > width:
            most = next(n for n in range(len(left), 0, -1) if n == 1 or across(left[:n]) <= width)
            most = max((at.end() for at in JOINT.finditer(left, 0, most)), default=most)
            found[-1:] = [left[:most], ""]
            left = left[most:]
        found[-1] += left
    return [line.strip() for line in found if line.strip()] or [""]


@dataclass(frozen=True, slots=True)
class Laid:
    """A section as it is drawn: rows of cells, each in its lines; the heading is the first row. ``numbers``: columns that stand
    to the right."""

    rows: list[list[str]]
    widths: list[float]
    size: float
    numbers: list[int]


def laid(section: Section, width: float) -> Laid:
    """The section in so many points: letters as large as they may be with every serial, lot and number in one piece."""
    rows = [*section.rows, *([section.total] if section.total else [])]
    least, wish = _needs(section.columns, rows)
    room = width - 2 * PADDING * len(section.columns)
    size = next((each for each in SIZES if sum(least) * each <= room), SIZES[-1])
    widths = _shared(least, wish, room / size)
    inner = [each * size for each in widths]

    def cell(said: str, column: int) -> str:
        return "\n".join(lines(said, inner[column] + 0.01, size))

    said = [[cell(title, column) for column, title in enumerate(section.columns)]]
    said += [[cell(shown(value), column) for column, value in enumerate(row)] for row in section.rows]
    if section.total:
        said.append(
            [cell("" if each == "" else shown(each), column) for column, each in enumerate(section.total)]
        )
    columns = range(len(section.columns))
    numbers = [column for column in columns if _of_numbers([row[column] for row in section.rows])]
    return Laid(said, [each + 2 * PADDING for each in inner], size, numbers)


def _of_numbers(cells: Sequence[Cell]) -> bool:
    told = [each for each in cells if each not in (None, "")]
    return bool(told) and all(is_number(each) for each in told)


def _needs(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> tuple[list[float], list[float]]:
    """Of each column, how wide it must be to break no word and no code, and how wide it would be in one line."""
    least = [max(map(across, PIECE.findall(close(title))), default=0.0) for title in columns]
    wish = [across(close(title)) for title in columns]
    for row in rows:
        for column, value in enumerate(row):
            for line in close(shown(value)).split("\n"):
                whole = across(line)
                wish[column] = max(wish[column], whole)
                if whole > least[column]:
                    pieces = [line] if is_code(value) or is_number(value) else PIECE.findall(line)
                    least[column] = max(least[column], *map(across, pieces))
    return least, wish


def _shared(least: Sequence[float], wish: Sequence[float], room: float) -> list[float]:
    """The room shared out: what each must have, then by what each would have. Where even the least is too much, all give."""
    if sum(least) > room:
        return [each * room / sum(least) for each in least]
    asked = [max(must, min(would, WIDEST * room)) for must, would in zip(least, wish, strict=True)]
    spare = room - sum(least)
    more = [would - must for must, would in zip(least, asked, strict=True)]
    if sum(more) >= spare:
        return [must + each * spare / sum(more) for must, each in zip(least, more, strict=True)]
    return [each * room / sum(asked) for each in asked]
