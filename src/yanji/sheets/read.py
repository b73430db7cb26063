"""Opens whatever file was sent and finds the table in it; every failure is a :class:`BadFile` with a way out."""

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook

from .problems import BadFile

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 60

Cell = str | int | float | bool | date | datetime | time | timedelta


@dataclass(frozen=True, slots=True)
class Table:
    """Titles as typed, and rows as (row number in the file, cells): every row has as many cells as there are titles."""

    titles: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def read_table(data: bytes) -> Table:
    """The first sheet of a workbook, or a CSV text. Looks at the content, never at the name. Raises BadFile."""
    if not data.strip(b"\0 \t\r\n"):
        raise BadFile("file_empty")
    if len(data) > MAX_BYTES:
        raise BadFile("file_too_large", MAX_BYTES // 1024 // 1024)
    rows = _workbook(data) if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) else _text(data)
    return _table(rows)


def _workbook(data: bytes) -> list[list[Cell]]:
    if data.startswith(b"PK"):
        _check_archive(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheet = book.get_sheet_by_index(0)
            # A sheet may claim a million empty rows; the limit is read from what it holds.
            if sheet.total_height > MAX_ROWS + 1:
                raise BadFile("too_many_rows", MAX_ROWS)
            if sheet.total_width > MAX_COLUMNS:
                raise BadFile("too_many_columns", MAX_COLUMNS)
            return sheet.to_python(skip_empty_area=False)
    # The reader is native code: its panics reach Python as bare BaseException subclasses.
    except (CalamineError, OSError, ValueError, IndexError, zipfile.BadZipFile) as error:
        raise BadFile("file_damaged") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise BadFile("file_damaged") from error
        raise


def _check_archive(data: bytes) -> None:
    """Refuse a small file that unpacks to something huge, and archives that hold no workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise BadFile("file_damaged") from error
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise BadFile("file_too_large", MAX_UNPACKED_BYTES // 1024 // 1024)
    names = {entry.filename for entry in entries}
    if not names & {"[Content_Types].xml", "content.xml"}:
        raise BadFile("file_type")


def _text(data: bytes) -> list[list[Cell]]:
    text = _decoded(data)
    if "\0" in text or text.startswith(("%PDF", "{\\rtf", "\x89PNG", "<")):
        raise BadFile("file_type")
    sample = text[: text.find("\n") if "\n" in text else None]
    delimiter = max(",;\t，", key=sample.count)
    # A cell may be longer than csv allows by default; our own limit speaks per cell.
    csv.field_size_limit(MAX_BYTES)
    try:
        rows: list[list[Cell]] = []
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(list(row))
            if len(rows) > MAX_ROWS + 1:
                raise BadFile("too_many_rows", MAX_ROWS)
        return rows
    except csv.Error as error:
        raise BadFile("file_damaged") from error


def _decoded(data: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with its mark, or GB 18030: what Chinese spreadsheets write."""
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile("file_encoding")


def _table(rows: list[list[Cell]]) -> Table:
    numbered = [(number, row) for number, row in enumerate(rows, 1) if any(_filled(cell) for cell in row)]
    if not numbered:
        raise BadFile("file_empty")
    _number, head = numbered[0]
    titles = [str(cell).strip() for cell in head]
    while titles and not titles[-1]:
        titles.pop()
    if len(titles) > MAX_COLUMNS:
        raise BadFile("too_many_columns", MAX_COLUMNS)
    width = len(titles)
    body = tuple((number, (*row[:width], *[""] * (width - len(row)))) for number, row in numbered[1:])
    if not body:
        raise BadFile("no_rows")
    return Table(tuple(titles), body)


def _filled(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None
