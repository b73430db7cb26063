"""One record of the FDA's device registry (GUDID, in its own words or openFDA's) to an item with its codes. Pure.

Every identifier is judged; a bad one is told apart with its reason and the device keeps its good ones.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from yanji.identity import hibc_mod43
from yanji.places.temperature import CLASSES, TemperatureClass
from yanji.sheets.problems import SENTENCES, Problem

from ..codes import normal_code
from ..models import Issuer, ItemCode
from ..problems import REGISTRY_SENTENCES
from .openfda import registered

SENTENCES.update(REGISTRY_SENTENCES)

_LEVELS = (ItemCode.Level.UNIT, ItemCode.Level.INNER, ItemCode.Level.CASE, ItemCode.Level.PALLET)
_MOST_INSIDE = 1_000_000
# The registry has no implant flag. Its generic terms say what stays in a body; trials and tools do not.
_STAYS = re.compile(
    r"\b(prosthesis|prostheses|implant|stent|graft|bone[- ](?:screw|pin|plate|nail|anchor|staple)"
    r"|(?:fixation|cranioplasty) (?:plate|screw|rod|system)|(?:femur|tibia|humerus|arthrodesis) nail"
    r"|fusion cage|acetabular|(?:femoral|humeral) (?:head|stem)|knee stem|tibial (?:insert|tray)|tissue reconstructive"
    r"|intraocular lens|embolization coil|soft-tissue anchor|remodelling bar|tympanostomy tube|vascular port"
    r"|pacemaker|defibrillator|heart valve|mesh|occluder)",
    re.IGNORECASE,
)
_TOOL = re.compile(
    r"\b(trial|instrument|driver|drill|guide|applicator|inserter|extractor|template|tubing|tester|external|nonimplantable)",
    re.IGNORECASE,
)
_CLASSES = {"1": "I", "2": "II", "3": "III", "I": "I", "II": "II", "III": "III"}


@dataclass(frozen=True, slots=True)
class Code:
    """A sound DI of a device: ``quantity`` pieces are inside."""

    issuer: str
    code: str
    level: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Device:
    """What is taken from a record. ``codes`` begins with the code that names the item; ``problems`` name what was not taken."""

    maker: str
    columns: dict[str, Any]
    codes: tuple[Code, ...]
    problems: tuple[Problem, ...] = field(default=())


def device(record: Mapping[str, Any]) -> Device:
    """Read one record; a device without any sound code has no ``codes``. Never raises on what a registry may hold."""
    record = registered(record)
    codes, problems = _codes(record)
    temperature, unmatched = _temperature(record)
    if not codes:
        problems.append(Problem("no_good_code"))
    return Device(
        _text(record, "companyName", 240),
        _columns(record) | {"temperature_class": temperature},
        codes,
        (*problems, *unmatched),
    )


def _columns(record: Mapping[str, Any]) -> dict[str, Any]:
    brand, term = _text(record, "brandName", 120), _text(record, "gmdnPTName", 118)
    model = _text(record, "versionModelNumber", 240) or _text(record, "catalogNumber", 240)
    name = f"{brand}, {term}" if brand and term else brand or term or model or "?"
    return {
        "name_zh": name,
        "name_en": name,
        "model": model,
        "family": term[:80],
        "maker_serial": _yes(record, "serialNumber"),
        "implant": bool(_STAYS.search(term)) and not _TOOL.search(term),
        "sterile": _sterile(record, term),
        "risk_class": _CLASSES.get(str(record.get("deviceClass") or "").strip().upper(), "III"),
        "active": record.get("deviceCommDistributionStatus") != "Not in Commercial Distribution",
    }


def _sterile(record: Mapping[str, Any], term: str) -> bool:
    """The record's own flag where it has one; else what the generic term says, and no claim where it says nothing."""
    if record.get("deviceSterile") is not None:
        return _yes(record, "deviceSterile")
    return "sterile" in term.lower() and "non-sterile" not in term.lower()


def _codes(record: Mapping[str, Any]) -> tuple[tuple[Code, ...], list[Problem]]:
    """The sound DIs, the naming one first, and what is wrong with the others."""
    problems: list[Problem] = []
    sound: list[tuple[Mapping[str, Any], str, str]] = []
    for row in _identifiers(record):
        issuer = str(row.get("agency") or "").strip()
        written = str(row.get("di") or "").strip()
        if issuer not in (Issuer.GS1, Issuer.HIBCC, Issuer.ICCBBA):
            problems.append(Problem("issuer_unknown", "di", issuer[:40]))
            continue
        normal = normal_code(issuer, _without_check(written, record) if issuer == Issuer.HIBCC else written)
        if isinstance(normal, Problem):
            problems.append(Problem(normal.code, "di", f"{issuer} {written}"[:120]))
        else:
            sound.append((row, issuer, normal))
    if not any(row.get("type") == "Primary" for row in _identifiers(record)):
        problems.append(Problem("no_primary", "di"))
    return _levels(record, sound, problems), problems


def _without_check(di: str, record: Mapping[str, Any]) -> str:
    """A HIBC DI without the check character that some makers report along with it.

    A DI ends in its unit of measure, a digit. A right check character in another place of the alphabet is told by that;
    one that is a digit itself only by the model number, which then ends two characters earlier.
    """
    if len(di) < 7 or hibc_mod43(f"+{di[:-1].upper()}") != di[-1].upper() or not di[-2].isdigit():
        return di
    model = "".join(
        character for character in _text(record, "versionModelNumber", 240) if character.isalnum()
    )
    return di if di[-1].isdigit() and di[4:-2] != model else di[:-1]


def _identifiers(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = record.get("ids")
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def _levels(
    record: Mapping[str, Any], sound: list[tuple[Mapping[str, Any], str, str]], problems: list[Problem]
) -> tuple[Code, ...]:
    """Put every sound DI on its packaging level: a package's quantity multiplies along the chain of what it contains."""
    inside = _whole(record.get("deviceCount")) or 1
    base = [(row, issuer, di) for row, issuer, di in sound if row.get("type") != "Package"]
    # Alone: what a label of the device itself carries. Where several lie in the base package, one has a "unit of use" DI.
    base.sort(
        key=lambda each: (
            ("Primary", "Secondary", "Unit of Use").index(kind)
            if (kind := each[0].get("type")) in ("Primary", "Secondary", "Unit of Use")
            else 3
        )
    )
    found: dict[tuple[str, str], Code] = {}
    for row, issuer, di in base:
        quantity = 1 if row.get("type") == "Unit of Use" else inside
        found.setdefault((issuer, di), Code(issuer, di, _LEVELS[1] if quantity > 1 else _LEVELS[0], quantity))
    packages = {di: (row, issuer) for row, issuer, di in sound if row.get("type") == "Package"}
    depth = {code.code: _LEVELS.index(code.level) for code in found.values()}
    pieces = {code.code: code.quantity for code in found.values()}
    while True:
        ready = [
            di
            for di, (row, _issuer) in packages.items()
            if _contained(row, _issuer) in pieces and di not in pieces
        ]
        if not ready:
            break
        for di in ready:
            row, issuer = packages[di]
            inner, count = _contained(row, issuer), _whole(row.get("pkgQuantity"))
            pieces[di], depth[di] = (count or 0) * pieces[inner], min(depth[inner] + 1, 3)
            if 0 < pieces[di] <= _MOST_INSIDE:
                found[issuer, di] = Code(issuer, di, _LEVELS[depth[di]], pieces[di])
            else:
                problems.append(Problem("package_quantity", "di", di))
    problems.extend(Problem("package_loose", "di", di) for di in packages if di not in pieces)
    return tuple(found.values())


def _contained(row: Mapping[str, Any], issuer: str) -> str:
    normal = normal_code(issuer, str(row.get("containsDINumber") or ""))
    return normal if isinstance(normal, str) else ""


def _temperature(record: Mapping[str, Any]) -> tuple[str, list[Problem]]:
    """The widest class that stays inside the storage range given; the nearest and a reason where none does."""
    for low, high in _storage_ranges(record):
        wanted = TemperatureClass("", "", low, high)
        real = [band for band in CLASSES.values() if band.code != "any"]
        fitting = [band for band in real if band.suits(wanted)]
        if fitting:
            return max(fitting, key=lambda band: band.celsius_max - band.celsius_min).code, []
        middle = (max(low, -90) + min(high, 60)) / 2
        nearest = min(real, key=lambda band: abs((band.celsius_min + band.celsius_max) / 2 - middle))
        return nearest.code, [Problem("storage_unmatched", "storage", f"{low:g} … {high:g} °C")]
    return "any", []


def _storage_ranges(record: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    rows = record.get("storage")
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, Mapping) or "storage" not in str(row.get("type", "")).lower():
            continue
        low, high = _celsius(row.get("low")), _celsius(row.get("high"))
        if low is not None or high is not None:
            yield (float("-inf") if low is None else low), (float("inf") if high is None else high)


def _celsius(limit: Any) -> float | None:
    if not isinstance(limit, Mapping):
        return None
    try:
        value = float(str(limit.get("value")))
    except ValueError:
        return None
    if "fahrenheit" in str(limit.get("unit", "")).lower():
        value = (value - 32) / 1.8
    return value if abs(value) < 1000 and "degrees" in str(limit.get("unit", "")).lower() else None


def _text(record: Mapping[str, Any], name: str, most: int) -> str:
    value = record.get(name)
    # The registry's own export leaves HTML entities in its texts.
    shown = " ".join(unescape(str(value)).split()) if isinstance(value, str | int | float) else ""
    return "".join(character for character in shown if character.isprintable())[:most].strip()


def _yes(record: Mapping[str, Any], name: str) -> bool:
    return str(record.get(name)).lower() in ("true", "y", "yes", "1")


def _whole(value: Any) -> int:
    shown = str(value or "").strip()
    return int(shown) if shown.isascii() and shown.isdigit() and len(shown) <= 9 else 0
