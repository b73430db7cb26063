"""The name of one unit from its product's code and its serial number: the same that a scan of its label gives."""

from __future__ import annotations

from yanji.identity.gs1 import escaped, path, problems

_SCHEMES = {"HIBCC": "hibc", "MA": "ma", "AHM": "ahm", "IFA": "ifa"}
# Issuers whose products' units are told apart by a serial number alone.
BY_SERIAL = frozenset({"GS1", *_SCHEMES})


def unit_name(issuer: str, di: str, serial: str) -> str | None:
    """Canonical name of the unit, or None where no label of that issuer could carry this serial number.

    ``di`` in the form that a reading has (a GTIN as 14 digits). ISBT 128 names a unit by its donation and a hospital by
    its own labels: neither follows from product and serial.
    """
    if not serial:
        return None
    if issuer == "GS1":
        elements = [("01", di), ("21", serial)]
        wrong, _waiting = problems(elements)
        return None if wrong else path(dict(elements))
    scheme = _SCHEMES.get(issuer)
    return f"{scheme}:{di}/{escaped(serial)}" if scheme and serial.isprintable() else None
