"""Which store suits which item: temperature classes compared by their range, in degrees Celsius.

Ranges follow the storage terms of the Chinese Pharmacopoeia, General Notices (cool: at most 20, cold: 2 to 10,
room: 10 to 30); the medical "refrigerated" band is the narrower 2 to 8 that device labels print.
"""

from dataclasses import dataclass
from math import inf

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

COLD = 8  # °C


@dataclass(frozen=True, slots=True)
class TemperatureClass:
    """One storage band; ``celsius_min`` and ``celsius_max`` are inclusive."""

    code: str
    name: Promise | str
    celsius_min: float
    celsius_max: float

    @property
    def cold(self) -> bool:
        """Whether a machine must keep it, so that a way without a record proves nothing: 8 °C or less (GSP of the
        People's Republic of China, annex on cold-chain goods)."""
        return self.celsius_max <= COLD

    def suits(self, needed: "TemperatureClass") -> bool:
        """Whether a place that keeps this band is safe for a thing that needs the other one."""
        return needed.celsius_min <= self.celsius_min and self.celsius_max <= needed.celsius_max


CLASSES = {
    band.code: band
    for band in (
        TemperatureClass("any", _("No requirement"), -inf, inf),
        TemperatureClass("room", _("Room, 10–30 °C"), 10, 30),
        TemperatureClass("cool", _("Cool, up to 20 °C"), 0, 20),
        TemperatureClass("refrigerated", _("Refrigerated, 2–8 °C"), 2, 8),
        TemperatureClass("frozen", _("Frozen, −25 to −15 °C"), -25, -15),
        TemperatureClass("deep", _("Deep-frozen, −80 to −60 °C"), -80, -60),
    )
}
CHOICES = [(band.code, band.name) for band in CLASSES.values()]


def suits(place_class: str, item_class: str) -> bool:
    """Whether a place of one class may keep an item of another; unknown codes never suit."""
    place, item = CLASSES.get(place_class), CLASSES.get(item_class)
    return place is not None and item is not None and place.suits(item)
