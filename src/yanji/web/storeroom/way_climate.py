"""What a logger showed of the way of a load: the curve with the limits of what was in it, and the same in words."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.flows.transfer.climate import Reading
from yanji.flows.transfer.curve import Judged, judged, thinned, unpacked
from yanji.flows.transfer.models import TransferArrival
from yanji.places.temperature import TemperatureClass

DRAWN, LISTED = 400, 48


@dataclass(frozen=True, slots=True)
class Curve:
    """One arrival's readings: the picture, and its words for who cannot see it."""

    arrival: TransferArrival
    count: int
    chart: dict[str, Any]
    judged: Sequence[Judged]
    listed: Sequence[Reading]


def curves(arrivals: Iterable[TransferArrival], classes: Mapping[datetime, Collection[str]]) -> list[Curve]:
    """Of each arrival whose readings were kept its curve, judged by the temperature classes of what arrived then: what went
    another way says nothing of this one. Pure."""
    found = []
    for arrival in arrivals:
        if readings := unpacked(arrival.record):
            came = classes.get(arrival.at, ())
            against = judged(readings, came)
            chart = curve_of(readings, [each.band for each in against])
            found.append(Curve(arrival, len(readings), chart, against, thinned(readings, LISTED)))
    return found


def curve_of(readings: Sequence[Reading], bands: Sequence[TemperatureClass]) -> dict[str, Any]:
    """Chart data: moments of the site's own clock, degrees, and the limits of each class; one class alone colours what was
    outside it."""
    ends = {end for band in bands for end in (band.celsius_min, band.celsius_max) if isfinite(end)}
    return {
        "kind": "curve",
        "label": _("Temperature on the way, °C"),
        "points": [
            [timezone.localtime(each.at).replace(tzinfo=None).isoformat(), float(each.celsius)]
            for each in thinned(readings, DRAWN)
        ],
        "limits": sorted(ends),
        "judged": len(bands) == 1,
    }
