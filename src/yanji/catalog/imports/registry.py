"""Takes a whole registry file into the catalogue: in parts, set-based, and with the same result when run again."""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from yanji.sheets.editor import Editor
from yanji.sheets.problems import BadFile, Problem

from ..actions import makers_named
from ..models import Item, ItemCode, Quarantined
from ..pinyin import initials
from .gudid import Device, device
from .openfda import registered

PART = 2_000
_LONGEST_LINE = 1_000_000
_UPDATED = (
    "name_zh", "name_en", "pinyin", "model", "family", "maker", "maker_serial", "implant", "sterile", "risk_class",
    "temperature_class", "active",
)  # fmt: skip

Line = tuple[int, dict[str, Any] | Problem, str]


@dataclass(slots=True)
class Counts:
    """What became of the lines: devices in the catalogue, their codes, and open rows by reason."""

    read: int = 0
    imported: int = 0
    codes: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    # Item code -> line that described it: a second description in one file is a question, not an answer.
    seen: dict[str, int] = field(default_factory=dict, repr=False, compare=False)


def import_gudid(
    path: Path, *, actor: Editor, progress: Callable[[Counts], None] = lambda counts: None
) -> Counts:
    """Read devices from a .jsonl or .jsonl.gz file. Raises BadFile when it cannot be opened; never because of a line.

    Running it again changes nothing: devices are found by their codes, quarantined rows by their line.
    """
    if not actor.may("edit_catalog"):
        raise PermissionDenied
    counts, source = Counts(), f"gudid: {path.name}"[:80]
    part: list[Line] = []
    for line in _lines(path):
        part.append(line)
        if len(part) == PART:
            _take(part, source, counts)
            progress(counts)
            part = []
    if part:
        _take(part, source, counts)
        progress(counts)
    if not counts.read:
        raise BadFile("file_empty")
    return counts


def _lines(path: Path) -> Iterator[Line]:
    """(line number, record or problem, the line as text where it is no record)."""
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            for number, raw in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), 1):
                if raw.strip():
                    yield _line(number, raw)
    # A compressed file that is none is an OSError as well; it never reached the operating system.
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadFile("file_damaged", path.name) from error
    except FileNotFoundError as error:
        raise BadFile("file_not_there", path) from error
    except OSError as error:
        raise BadFile("file_unreadable", error.strerror or path.name) from error


def _line(number: int, raw: bytes) -> Line:
    shown = raw.decode("utf-8", "replace").replace("\0", "␀").strip()
    try:
        found = json.loads(shown)
    except (ValueError, RecursionError):
        return number, Problem("not_json"), shown[:2_000]
    if not isinstance(found, dict) or not isinstance(registered(found).get("ids"), list):
        return number, Problem("not_a_device"), shown[:2_000]
    return number, found, ""


@transaction.atomic
def _take(part: list[Line], source: str, counts: Counts) -> None:
    """One part of the file: makers, items, codes and what is wrong, one statement a table."""
    bad: list[tuple[int, Any, tuple[Problem, ...]]] = []
    devices: list[tuple[int, dict[str, Any], Device]] = []
    for number, found, shown in part:
        if isinstance(found, Problem):
            bad.append((number, shown, (found,)))
            continue
        read = device(found)
        devices.append((number, found, read))
    taken = _keep(devices, counts)
    for number, record, read in devices:
        problems = (*read.problems, *taken.get(number, ()))
        if problems:
            bad.append((number, _storable(record), problems))
    _quarantine(bad, source)
    counts.read += len(part)
    counts.quarantined.update(
        code for _number, _content, problems in bad for code in {p.code for p in problems}
    )


def _keep(
    devices: list[tuple[int, dict[str, Any], Device]], counts: Counts
) -> dict[int, tuple[Problem, ...]]:
    """Write devices that have a sound code; answers line number -> codes that another device holds already."""
    holders = _holders(code.code for _number, _record, read in devices for code in read.codes)
    makers = makers_named({read.maker for _number, _record, read in devices if read.maker and read.codes})
    items: dict[str, Item] = {}
    wanted: list[tuple[str, ItemCode]] = []
    taken: dict[int, tuple[Problem, ...]] = {}
    for number, _record, read in devices:
        if not read.codes:
            continue
        name = _item_code(read, holders)
        if counts.seen.setdefault(name, number) != number:
            taken[number] = (Problem("device_twice", detail=str(counts.seen[name])),)
            continue
        clash = [code for code in read.codes if holders.setdefault((code.issuer, code.code), name) != name]
        if clash:
            taken[number] = tuple(
                Problem("code_taken", "di", holders[code.issuer, code.code]) for code in clash
            )
        if len(clash) == len(read.codes):
            continue
        items[name] = _item(name, read, makers)
        wanted += [
            (name, ItemCode(issuer=code.issuer, code=code.code, level=code.level, quantity=code.quantity))
            for code in read.codes
            if code not in clash
        ]
    _write(items, wanted)
    counts.imported += len(items)
    counts.codes += len(wanted)
    return taken


def _write(items: dict[str, Item], wanted: list[tuple[str, ItemCode]]) -> None:
    Item.objects.bulk_create(
        items.values(), update_conflicts=True, unique_fields=["code"], update_fields=_UPDATED
    )
    ids = dict(Item.objects.filter(code__in=items).values_list("code", "pk"))
    for name, code in wanted:
        code.item_id = ids[name]
    ItemCode.objects.bulk_create(
        [code for _name, code in wanted],
        update_conflicts=True,
        unique_fields=["issuer", "code"],
        update_fields=["level", "quantity"],
    )


def _item_code(read: Device, holders: dict[tuple[str, str], str]) -> str:
    """The item that already has the device's first code, else the code itself as a new item's name."""
    first = read.codes[0]
    return holders.get((first.issuer, first.code)) or first.code[:40]


def _item(name: str, read: Device, makers: dict[str, int]) -> Item:
    return Item(
        code=name, maker_id=makers.get(read.maker), pinyin=initials(read.columns["name_zh"]), **read.columns
    )


def _holders(codes: Iterable[str]) -> dict[tuple[str, str], str]:
    rows = ItemCode.objects.filter(code__in=set(codes)).values_list("issuer", "code", "item__code")
    return {(issuer, code): item for issuer, code, item in rows}


def _quarantine(bad: list[tuple[int, Any, tuple[Problem, ...]]], source: str) -> None:
    """Keep the lines that need somebody; a line that was kept before, open or dealt with, is not kept twice."""
    numbers = [number for number, _content, _problems in bad]
    kept = set(Quarantined.objects.filter(source=source, row__in=numbers).values_list("row", flat=True))
    Quarantined.objects.bulk_create(
        Quarantined(
            source=source, row=number, content=content, reasons=[problem.stored() for problem in problems]
        )
        for number, content, problems in bad
        if number not in kept
    )


def _storable(record: dict[str, Any]) -> Any:
    """The record as PostgreSQL can store it: no NUL, no lone surrogates, no NaN."""
    shown = json.dumps(record, ensure_ascii=True)
    if (
        "\\u0000" not in shown
        and "\\ud" not in shown.lower()
        and "NaN" not in shown
        and "Infinity" not in shown
    ):
        return record
    return shown.replace("\\u0000", "␀")[:20_000]
