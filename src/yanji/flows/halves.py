"""Two symbols of one label: the product in one, lot and serial number in the other. Scanned one after the other, they are
one scan."""

from collections.abc import Iterator

from yanji.identity import Identity, Reading, ScannerProfile, read
from yanji.identity.pairing import pair

GS = "\x1d"
CODE_128 = "]C0"
# AIs whose data end by themselves (GS1 General Specifications, table "element strings with predefined length").
PREDEFINED = ("01", "11", "12", "13", "15", "16", "17")


def is_half(reading: Reading) -> bool:
    """Whether a symbol says only which product it is, or only which lot or unit."""
    return (
        isinstance(reading, Identity)
        and reading.issuer != "LOCAL"
        and bool(reading.di) is not reading.has_production
    )


def whole(first: str, second: str, profile: ScannerProfile | None = None) -> str | None:
    """One text that reads as both symbols together, or None where they are not two halves of one label. Pure.

    ``profile``: what the scanner does to a scan; the text is to be read by it as well.
    """
    if profile:
        first, second = profile.unwrapped(first), profile.unwrapped(second)
    halves = read(first, profile=profile), read(second, profile=profile)
    if not all(map(is_half, halves)):
        return None
    both = pair(*halves)
    if not isinstance(both, Identity) or not (both.di and both.has_production):
        return None
    return next((text for text in _texts(first, second, both) if _says(text, both, profile)), None)


def _texts(first: str, second: str, both: Identity) -> Iterator[str]:
    if both.issuer == "GS1":
        ended = [f"{ai}{value}" for ai, value in both.elements if ai in PREDEFINED]
        yield (
            "]d2"
            + "".join(ended)
            + GS.join(f"{ai}{value}" for ai, value in both.elements if ai not in PREDEFINED)
        )
    yield "|".join(text if text.startswith("]") else CODE_128 + text for text in (first, second))


def _says(text: str, both: Identity, profile: ScannerProfile | None) -> bool:
    found = read(text, profile=profile)
    return isinstance(found, Identity) and (found.di, found.lot, found.serial, found.expiry, found.epc) == (
        both.di,
        both.lot,
        both.serial,
        both.expiry,
        both.epc,
    )
