"""A logger's readings of one way as they are kept, drawn and judged: all of them, in one array beside the arrival. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from yanji.places.temperature import CLASSES, TemperatureClass

from .climate import CENTI, Reading


@dataclass(frozen=True, slots=True)
class Outside:
    """A stretch of readings that a temperature class does not allow, first to last, with the one farthest off."""

    first_at: datetime
    last_at: datetime
    worst: Decimal

    @property
    def said(self) -> str:
        return f"{self.worst} °C"


@dataclass(frozen=True, slots=True)
class Judged:
    """One temperature class and where the way was outside it."""

    band: TemperatureClass
    stretches: Sequence[Outside]


def judged(readings: Sequence[Reading], classes: Collection[str]) -> list[Judged]:
    """Readings against each temperature class of what was on the way, in the order of classes; one that asks for nothing is
    none."""
    bands = [band for code, band in CLASSES.items() if code in classes and code != "any"]
    return [Judged(band, list(outside(readings, band))) for band in bands]


def packed(readings: Sequence[Reading]) -> dict[str, Any] | None:
    """Readings as a row keeps them, in the order of time: the first moment, then whole seconds after it and hundredths of
    a degree. 4,000 of them take some 40 kB before the database packs them. None where there are none."""
    ordered = sorted(readings, key=lambda each: each.at)
    if not ordered:
        return None
    first = ordered[0].at
    return {
        "from": first.isoformat(),
        "seconds": [int((each.at - first).total_seconds()) for each in ordered],
        "centi": [int(each.celsius.scaleb(2).to_integral_value()) for each in ordered],
    }


def unpacked(record: Mapping[str, Any] | None) -> list[Reading]:
    """What :func:`packed` kept."""
    if not record:
        return []
    first = datetime.fromisoformat(record["from"])
    pairs = zip(record["seconds"], record["centi"], strict=True)
    return [
        Reading(first + timedelta(seconds=after), (value * CENTI).quantize(CENTI)) for after, value in pairs
    ]


def thinned(readings: Sequence[Reading], most: int) -> list[Reading]:
    """At most ``most`` readings that draw the same curve: the lowest and the highest of each stretch, in order of time."""
    if len(readings) <= most:
        return list(readings)
    stretch = -(-len(readings) // (most // 2))
    kept: list[Reading] = []
    for start in range(0, len(readings), stretch):
        part = readings[start : start + stretch]
        ends = {min(part, key=_celsius), max(part, key=_celsius)}
        kept += sorted(ends, key=lambda each: each.at)
    return kept


def outside(readings: Sequence[Reading], band: TemperatureClass) -> Iterator[Outside]:
    """Each stretch of readings below or above a temperature class; one that crosses it is two."""
    run: list[Reading] = []
    for each in readings:
        side = _side(each, band)
        if run and side != _side(run[-1], band):
            yield _stretch(run, band)
            run = []
        if side:
            run.append(each)
    if run:
        yield _stretch(run, band)


def _stretch(run: Sequence[Reading], band: TemperatureClass) -> Outside:
    worst = min(run, key=_celsius) if _side(run[0], band) < 0 else max(run, key=_celsius)
    return Outside(run[0].at, run[-1].at, worst.celsius)


def _side(reading: Reading, band: TemperatureClass) -> int:
    return (reading.celsius > band.celsius_max) - (reading.celsius < band.celsius_min)


def _celsius(reading: Reading) -> Decimal:
    return reading.celsius
