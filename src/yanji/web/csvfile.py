"""Tables as CSV that spreadsheet programs open as they should, and cannot be tricked by."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse

# A cell that begins so is run as a formula by spreadsheet programs; an apostrophe makes it text again.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A download, UTF-8 with the mark by which Excel knows it."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([str(cell) for cell in head])
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.csv"
    return response


def _safe(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return "" if cell is None else cell
