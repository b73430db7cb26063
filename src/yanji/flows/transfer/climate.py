"""What a logger showed of the way, and for which items that was too warm or too cold. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from yanji.ledger.api import Refused
from yanji.places.temperature import CLASSES

# What a logger can show: below the air of liquid nitrogen, above a sealed van in summer.
COLDEST, WARMEST = Decimal(-200), Decimal(100)
CENTI = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a logger."""

    at: datetime
    celsius: Decimal


@dataclass(frozen=True, slots=True)
class Climate:
    """The way in degrees Celsius: lowest and highest, and of how many readings by which logger, first to last."""

    celsius_min: Decimal
    celsius_max: Decimal
    logger: str = ""
    readings: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    def fits(self, temperature_class: str) -> bool:
        """Whether a thing of this class was kept as its label asks, all the way."""
        band = CLASSES[temperature_class]
        return band.celsius_min <= float(self.celsius_min) and float(self.celsius_max) <= band.celsius_max

    def sensor(self) -> dict[str, Any]:
        """As the ledger's entry keeps it."""
        kept: dict[str, Any] = {
            "celsius_min": f"{self.celsius_min:f}",
            "celsius_max": f"{self.celsius_max:f}",
        }
        kept |= {"logger": self.logger} if self.logger else {}
        if self.readings:
            assert self.first_at is not None
            assert self.last_at is not None
            kept |= {
                "readings": self.readings,
                "from": self.first_at.isoformat(timespec="seconds"),
                "to": self.last_at.isoformat(timespec="seconds"),
            }
        return kept


def climate_of(
    celsius_min: Decimal | None,
    celsius_max: Decimal | None,
    readings: Sequence[Reading] = (),
    logger: str = "",
) -> Climate | None:
    """The way from readings, or else from the lowest and highest value read off; None where neither was given.

    Raises :class:`Refused`: one end missing, ends the wrong way round, a value that no logger shows.
    """
    if readings:
        values = [_sound(reading.celsius) for reading in readings]
        times = sorted(reading.at for reading in readings)
        return Climate(min(values), max(values), logger, len(readings), times[0], times[-1])
    if celsius_min is None and celsius_max is None:
        return None
    if celsius_min is None or celsius_max is None or _sound(celsius_min) > _sound(celsius_max):
        raise Refused("bad_way_temperature")
    return Climate(_sound(celsius_min), _sound(celsius_max), logger)


def _sound(celsius: Decimal) -> Decimal:
    if not (celsius.is_finite() and COLDEST <= celsius <= WARMEST):
        raise Refused("bad_way_temperature")
    return celsius.quantize(CENTI)
