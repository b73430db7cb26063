"""`yanji identify`: one scan a line in, one JSON object a line out; the same reading the product uses."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from yanji.identity import (
    Identity,
    Reading,
    Reason,
    Unreadable,
    read,
    read_tag,
    to_digital_link,
    to_pure_identity,
)
from yanji.identity.model import unreadable

_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[nrtae0\\])")
_NAMED = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "a": "\a",
    "e": "\x1b",
    "0": "\0",
    "\\": "\\",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.description = __doc__
    parser.add_argument(
        "--hex",
        action="store_true",
        help="lines are tag memory: hexadecimal, binary or urn:epc:",
    )
    parser.add_argument("--escaped", action="store_true", help=r"control characters are written as \x1d")
    parser.add_argument("--known", metavar="FILE", help="product numbers of the catalogue, one a line")


def run(args: argparse.Namespace) -> int:
    """Read standard input to its end. Returns 0; a scan that means nothing is an answer, not a failure."""
    known: frozenset[str] | None = None
    if args.known:
        try:
            with open(args.known, encoding="utf-8") as file:
                known = frozenset(line.strip() for line in file)
        except (OSError, UnicodeDecodeError) as problem:
            sys.stderr.write(f"yanji identify: {args.known}: {problem}\n")
            return 2
    knows_di = known.__contains__ if known is not None else None
    for scan in _scans(sys.stdin.buffer, escaped=args.escaped):
        try:
            reading = read_tag(scan) if args.hex else read(scan, knows_di=knows_di)
            answer = as_json(reading)
        except Exception as problem:  # one line out for each line in, whatever a line holds
            answer = as_json(unreadable("internal", repr(problem), text=scan))
        sys.stdout.write(json.dumps(answer, ensure_ascii=True) + "\n")
        sys.stdout.flush()
    return 0


def _scans(lines: BinaryIO, *, escaped: bool) -> Iterator[str]:
    for line in lines:
        raw = line.removesuffix(b"\n").removesuffix(b"\r")
        try:
            scan = raw.decode()
        except UnicodeDecodeError:
            scan = raw.decode("latin-1")
        yield _ESCAPE.sub(_unescaped, scan) if escaped else scan


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    return _NAMED[code] if len(code) == 1 else chr(int(code[1:], 16))


def as_json(reading: Reading) -> dict[str, Any]:
    """One reading as a JSON object; an unreadable scan keeps the fields that could be told apart."""
    if isinstance(reading, Identity):
        return {"ok": True, **_fields(reading), "reasons": []}
    fields = _fields(reading.partial or Identity("LOCAL", "", text=reading.text))
    # What must not be booked has no address that anybody could follow, and nothing to be confident of.
    fields |= {"epc": None, "epc_uri": None, "tag_uri": None, "digital_link": None, "confidence": None}
    if reading.partial is None:
        fields |= {
            "issuer": None,
            "scheme": None,
            "complete": False,
        }
    return {
        "ok": False,
        **fields,
        "reasons": [_note(r) for r in reading.reasons],
        "candidates": _candidates(reading),
    }


def _candidates(reading: Unreadable) -> list[dict[str, Any]]:
    return [_fields(candidate) for candidate in reading.candidates]


def _fields(found: Identity) -> dict[str, Any]:
    domain = f"https://{found.domain}" if found.domain else None
    gs1 = found.issuer == "GS1" and found.scheme not in _NO_KEYS
    return {
        "issuer": found.issuer,
        "scheme": found.scheme,
        "di": found.di,
        "lot": found.lot,
        "serial": found.serial,
        "expiry": found.expiry.isoformat() if found.expiry else None,
        "made": found.made.isoformat() if found.made else None,
        "quantity": found.quantity,
        "epc": found.epc,
        "epc_uri": found.epc_uri or _address(found),
        "tag_uri": found.tag_uri,
        "digital_link": _link(found, domain) if gs1 else None,
        "elements": [list(element) for element in found.elements],
        "confidence": found.confidence,
        "complete": found.complete,
        "warnings": [_note(warning) for warning in found.warnings],
    }


_NO_KEYS = frozenset(("gid", "gid-96", "usdod", "usdod-96", "adi", "adi-var", "bic", "imovn"))


def _address(found: Identity) -> str | None:
    # Asked of addresses and tags only: it takes a look into GS1's list, which a line of a symbol need not pay for.
    if found.scheme == "gs1-digital-link":
        return to_pure_identity(found) or to_pure_identity(found, whole_class=True)
    return to_pure_identity(found) if found.scheme.endswith("+") else None


def _link(found: Identity, domain: str | None) -> str | None:
    return to_digital_link(found.elements, domain) if domain else to_digital_link(found.elements)


def _note(reason: Reason) -> dict[str, str]:
    return {"code": reason.code, "detail": reason.detail, "message": reason.message}
