"""Several codes of one label: the product number in one, lot and serial number in another."""

from __future__ import annotations

from dataclasses import replace

from yanji.identity.gs1 import escaped, identity, problems
from yanji.identity.isbt128 import read_isbt128
from yanji.identity.model import Identity, Reading, Reason, Unreadable, unreadable

_HALF = frozenset(("only_product_number", "only_production_data", "missing_key", "package_level"))
_FIELDS = ("di", "lot", "serial", "expiry", "made", "quantity")


def pair(*readings: Reading) -> Reading:
    """One reading of several symbols of one label, in the order they were scanned.

    The caller keeps the time window; here only what the symbols say decides. HIBC symbols must carry the link
    character of their primary. Symbols of different products or issuers are refused, but the hospital's own
    unit label may join the maker's.
    """
    broken = [reading for reading in readings if isinstance(reading, Unreadable)]
    if broken:
        reasons = tuple(reason for reading in broken for reason in reading.reasons)
        return Unreadable(reasons, partial=broken[0].partial, text=broken[0].text)
    if not readings:
        return unreadable("empty")
    merged = readings[0]
    for following in readings[1:]:
        if isinstance(merged, Identity) and isinstance(following, Identity):
            merged = _two(merged, following)
    return merged


def _two(first: Identity, second: Identity) -> Reading:
    if first.elements == second.elements and first.issuer == second.issuer:
        return first
    if "LOCAL" in (first.issuer, second.issuer):
        return _with_hospital_label(first, second)
    if first.issuer != second.issuer or (first.di and second.di and first.di != second.di):
        return unreadable("several_items", f"{first.di} {second.di}", text=first.text)
    if any(_differ(getattr(first, name), getattr(second, name)) for name in _FIELDS):
        return unreadable("cannot_pair", text=first.text)
    if first.issuer == "GS1":
        return _gs1(first, second)
    if first.issuer == "HIBCC":
        return _hibc(first, second)
    if first.issuer == "ICCBBA":
        return read_isbt128("".join(i + v for i, v in (*first.elements, *second.elements) if i != "=+"))
    return unreadable("cannot_pair", text=first.text)


def _differ(a: object, b: object) -> bool:
    return a is not None and b is not None and a != b


def _with_hospital_label(first: Identity, second: Identity) -> Reading:
    maker, local = (second, first) if first.issuer == "LOCAL" else (first, second)
    if local.scheme != "local-unit" or maker.issuer == "LOCAL" or maker.epc is not None:
        return unreadable("several_items", text=first.text)
    return replace(maker, epc=local.epc, elements=(*maker.elements, *local.elements))


def _kept(*readings: Identity) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(w for reading in readings for w in reading.warnings if w.code not in _HALF))


def _gs1(first: Identity, second: Identity) -> Reading:
    elements = list(dict.fromkeys((*first.elements, *second.elements)))
    reasons, waiting = problems(elements)
    low = "low" in (first.confidence, second.confidence)
    merged = identity(
        elements,
        first.scheme,
        warnings=_kept(first, second),
        text=first.text,
        low=low,
        waiting=waiting,
    )
    return Unreadable(tuple(reasons), partial=merged, text=first.text) if reasons else merged


def _hibc(first: Identity, second: Identity) -> Reading:
    primary, secondary = (first, second) if first.di else (second, first)
    if primary.di and secondary.di is None and primary.link != secondary.link:
        return unreadable("link_mismatch", f"{secondary.link} {primary.link}", text=first.text)
    merged = replace(
        first,
        di=first.di or second.di,
        lot=first.lot or second.lot,
        serial=first.serial or second.serial,
        expiry=first.expiry or second.expiry,
        made=first.made or second.made,
        quantity=first.quantity if first.quantity is not None else second.quantity,
        elements=(*first.elements, *second.elements),
        warnings=_kept(first, second),
        link=primary.link,
    )
    whole = bool(merged.di and merged.has_production)
    unit = f"hibc:{merged.di}/{escaped(merged.serial)}" if merged.di and merged.serial else None
    notes = merged.warnings if whole else (*merged.warnings, *first.warnings[-1:])
    return replace(merged, complete=whole, epc=unit, warnings=notes)
