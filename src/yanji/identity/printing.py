"""From the name of a thing to what is printed on its label and written to its tag: only what reads back as the same name."""

from __future__ import annotations

from datetime import date
from urllib.parse import unquote

from yanji.identity.checks import hibc_mod43
from yanji.identity.epc import CannotEncodeError, read_tag, to_hex
from yanji.identity.gs1_ai import APPLICATIONS
from yanji.identity.labels import LOCAL, LOCAL_PREFIX, BadLabelError, Label, element_string, hri
from yanji.identity.model import Identity
from yanji.identity.reader import read

HIBC, MA = "hibc:", "ma:"
# By the key of a name: encodings of its tag, the shortest and most widely read first (GS1 EPC TDS 2.3, section 14).
ENCODINGS = {
    "01": ("sgtin-96", "sgtin-198", "sgtin+"),
    "00": ("sscc-96", "sscc+"),
    "414": ("sgln-96", "sgln-195", "sgln+"),
    "8003": ("grai-96", "grai-170", "grai+"),
    "8004": ("giai-96", "giai-202", "giai+"),
}


def named_label(epc: str, *, lot: str = "", expiry: date | None = None) -> Label:
    """The label of a thing that has a canonical name, with its lot and expiry where that issuer's label can say them.

    A name that no symbol of its issuer can carry is printed as it stands, without the GS1 mark: it is read as a text.
    """
    wanted = (_gs1(epc, lot, expiry), _gs1(epc, "", None), _hibc(epc, expiry), _ma(epc), _local(epc))
    return next((label for label in wanted if label and _reads_back(label)), Label(epc, epc, epc, gs1=False))


def _reads_back(label: Label) -> bool:
    found = read(f"]d2{label.data}" if label.gs1 else label.data)
    return isinstance(found, Identity) and found.epc == label.epc


def elements_of(epc: str) -> list[tuple[str, str]]:
    """The elements of a GS1 name in label order; none for a name of another issuer."""
    parts = epc.split("/")
    pairs = [(ai, unquote(value)) for ai, value in zip(parts[::2], parts[1::2], strict=False)]
    return pairs if len(parts) % 2 == 0 and all(ai in APPLICATIONS for ai, _ in pairs) else []


def _gs1(epc: str, lot: str, expiry: date | None) -> Label | None:
    elements = elements_of(epc)
    if not elements:
        return None
    key, *others = elements
    said = {ai for ai, _ in elements}
    extra = [("17", f"{expiry:%y%m%d}")] if expiry and "17" not in said else []
    extra += [("10", lot)] if lot and "10" not in said else []
    # Lot and expiry belong to a product; fields of known length first, so that least can be lost with a separator.
    whole = [key, *(extra if key[0] == "01" else ()), *others]
    try:
        return Label(element_string(whole), hri(whole), epc, gs1=True)
    except BadLabelError:
        return None


def _hibc(epc: str, expiry: date | None) -> Label | None:
    """Primary and secondary data as one symbol (ANSI/HIBC 2.6, 2.3.2): the serial, and the day where it is known."""
    if not epc.startswith(HIBC):
        return None
    di, _slash, serial = epc.removeprefix(HIBC).partition("/")
    flag = f"$$+3{expiry:%y%m%d}" if expiry else "$+"
    body = f"+{di}/{flag}{unquote(serial)}"
    check = hibc_mod43(body)
    return Label(body + check, f"*{body}{check}*", epc, gs1=False) if check else None


def _ma(epc: str) -> Label | None:
    if not epc.startswith(MA):
        return None
    di, _slash, serial = epc.removeprefix(MA).partition("/")
    data = f"{di}.S{unquote(serial)}"
    return Label(data, data, epc, gs1=False)


def _local(epc: str) -> Label | None:
    number = epc.removeprefix(LOCAL)
    return Label(LOCAL_PREFIX + number, number, epc, gs1=False) if epc.startswith(LOCAL) else None


def tag_of(epc: str, *, company_prefix: str = "") -> tuple[str, str] | None:
    """(encoding, hexadecimal digits of the tag's memory) of a thing that has a GS1 name; None where no tag can hold it.

    ``company_prefix``: the hospital's own, which GS1's list of prefix lengths may not know.
    """
    elements = elements_of(epc)
    if not elements:
        return None
    key, value = elements[0]
    start = value[1:] if key in {"00", "01"} else value
    known = len(company_prefix) if company_prefix and start.startswith(company_prefix) else None
    for encoding in ENCODINGS.get(key, ()):
        try:
            digits = to_hex(elements, encoding, company_prefix_length=known)
        except CannotEncodeError:
            continue
        found = read_tag(digits)
        if isinstance(found, Identity) and found.epc == epc:
            return encoding, digits
    return None
