"""Codes as the label shows them: element by element, with the spaces that eyes need."""

from datetime import date
from urllib.parse import unquote

from django.urls import reverse

# Of these issuers a name is the product and the serial, after a word that no label carries.
OTHER_ISSUERS = frozenset({"hibc", "ma", "ahm", "ifa"})


def elements(epc: str, lot: str = "", expiry: date | None = None) -> list[tuple[str, str]]:
    """A unit's identity as (application identifier, text) pairs in label order; ("", text) where it is not GS1."""
    parts = epc.split("/")
    if not parts[0].isdigit() or len(parts) < 2:
        scheme, _colon, named = epc.partition(":")
        if scheme in OTHER_ISSUERS and named:
            return [("", unquote(part)) for part in named.split("/") if part]
        return [("", epc)]
    pairs = [(ai, spaced(ai, unquote(text))) for ai, text in zip(parts[::2], parts[1::2], strict=False)]
    shown = {ai for ai, _ in pairs}
    if lot and "10" not in shown:
        pairs.append(("10", lot))
    if expiry and "17" not in shown:
        pairs.append(("17", expiry.isoformat()))
    return pairs


def spaced(ai: str, text: str) -> str:
    """A GTIN in the groups printed under its bars (indicator, two halves, check digit); all else as it is."""
    if ai == "01" and len(text) == 14 and text.isdigit():
        return f"{text[0]} {text[1:8]} {text[8:13]} {text[13]}"
    return text


def unit_address(epc: str) -> str:
    """The address of a unit's page."""
    return reverse("web:unit", args=[epc])
