"""From a cell as the spreadsheet gave it to a value, or a :class:`Problem` that names what is wrong. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from .problems import Problem
from .read import Cell

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_MARKUP = re.compile(r"<[a-zA-Z/!?]")
# What spreadsheets run when such a text is opened in them again.
_FORMULA = re.compile(r"^(?:[=@]|[+\-].*[(|!])")
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?[eE]\+?\d+$")
_DAY = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?$")
_DAY_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_GROUPED = re.compile(r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$", re.ASCII)
_YES = frozenset({"1", "y", "yes", "true", "是", "有", "√", "✓", "对"})
_NO = frozenset({"0", "n", "no", "false", "否", "无", "×", "✗", "-", "错"})
_WIDE = {ord("０") + digit: str(digit) for digit in range(10)} | {
    ord("．"): ".",
    ord("，"): ",",
    ord("－"): "-",
}


def text(cell: Cell | None, *, most: int) -> str | Problem:
    """Plain text on one line, trimmed; '' when empty."""
    shown = as_typed(cell)
    if _CONTROL.search(shown):
        return Problem("control_characters")
    shown = " ".join(shown.split())
    if _FORMULA.match(shown):
        return Problem("formula")
    if _MARKUP.search(shown):
        return Problem("markup")
    if len(shown) > most:
        return Problem("too_long", detail=str(most))
    return shown


def code(cell: Cell | None, *, most: int) -> str | Problem:
    """A code: like text, but a number that the spreadsheet has shortened is not taken for one."""
    if isinstance(cell, float) and abs(cell) >= 1e15:
        return Problem("shortened_number", detail=f"{cell:.6g}")
    found = text(cell, most=most)
    if isinstance(found, str) and _SCIENTIFIC.match(found):
        return Problem("shortened_number", detail=found)
    return found


def amount(cell: Cell | None) -> Decimal | Problem | None:
    """Money: zero or more, at most two decimals, below 10^12; None when empty."""
    shown = "?" if isinstance(cell, bool) else money(as_typed(cell))
    if not shown:
        return None
    try:
        number = Decimal(shown)
    except InvalidOperation:
        return Problem("not_a_number", detail=shown[:40])
    if not number.is_finite() or number < 0 or number >= 10**12:
        return Problem("not_an_amount", detail=shown[:40])
    rounded = number.quantize(Decimal("0.01"))
    # A spreadsheet's 12.30 may arrive as 12.300000000000001.
    if abs(number - rounded) > (Decimal("0.000001") if isinstance(cell, float) else 0):
        return Problem("not_an_amount", detail=shown[:40])
    return rounded


def whole(cell: Cell | None) -> int | Problem | None:
    """A whole number from 1 to a million; None when empty."""
    shown = _numeric(cell)
    if not shown:
        return None
    if shown.isascii() and shown.isdigit() and len(shown) <= 7 and 1 <= int(shown) <= 1_000_000:
        return int(shown)
    return Problem("not_whole", detail=shown[:40])


def day(cell: Cell | None) -> date | Problem | None:
    """A day of the calendar from 1990 to 2199; None when empty."""
    if isinstance(cell, datetime):
        found: date | None = cell.date()
    elif isinstance(cell, date):
        found = cell
    else:
        shown = as_typed(cell).strip()
        if not shown:
            return None
        found = _day(shown)
    if found is None or not 1990 <= found.year <= 2199:
        return Problem("not_a_day", detail=as_typed(cell)[:40])
    return found


def flag(cell: Cell | None) -> bool | Problem | None:
    """Yes or no in either language; None when empty."""
    shown = as_typed(cell).strip().lower()
    if not shown:
        return None
    if shown in _YES or shown in _NO:
        return shown in _YES
    return Problem("not_a_flag", detail=shown[:40])


def choice(cell: Cell | None, known: Mapping[str, str]) -> str | Problem:
    """One of a list; ``known`` maps what may be written, in lower case, to what is meant. '' when empty."""
    shown = as_typed(cell).strip()
    if not shown:
        return ""
    return known.get(shown.lower()) or Problem(
        "not_a_choice", detail=", ".join(dict.fromkeys(known.values()))
    )


def as_typed(cell: Cell | None) -> str:
    """A cell as a person would have typed it: whole floats without their point, days as ISO dates."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _numeric(cell: Cell | None) -> str:
    if isinstance(cell, bool):
        return "?"
    return _ungrouped(as_typed(cell).strip().translate(_WIDE))


def money(typed: str) -> str:
    """An amount as pages print it, `¥ 1,280.50`, as a number is written. A comma that parts no thousands stays, so that nothing
    reads it: `1,5` is one and a half to one and fifteen to another."""
    return _ungrouped(typed.strip().translate(_WIDE).removeprefix("¥").removeprefix("￥").strip())


def _ungrouped(shown: str) -> str:
    return shown.replace(",", "") if _GROUPED.match(shown) else shown


def _day(shown: str) -> date | None:
    match = _DAY.match(shown) or _DAY_COMPACT.match(shown)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
