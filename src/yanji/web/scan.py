"""The server's half of the scan field: each scan answers with one row, good or refused."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yanji.flows.halves import is_half, whole
from yanji.identity import read
from yanji.ledger.api import Refused

HALF = "half_of_a_label"
PAIR_SECONDS = 20  # two symbols of one label are scanned in one breath
Result = Literal["ok", "warn", "error"]
LONGEST_SCAN = 500


@dataclass(frozen=True, slots=True)
class ScanRow:
    """What one scan turned out to be.

    ``key`` names the thing (an epc, or lot and place): a second row of the same key is a double scan. ``inputs`` are
    the hidden fields (name, value) that the final form posts; a row with result ``error`` posts none. ``quantity``
    set makes the row counted: its number can be typed, a repeated scan adds one, and it posts as ``quantity_name``.
    ``inside``: of a box the pieces of each item in it.
    """

    result: Result
    title: str
    detail: str = ""
    key: str = ""
    inputs: Sequence[tuple[str, str]] = ()
    code: str = ""
    expiry: date | None = None
    note: str = ""
    quantity: Decimal | int | None = None
    quantity_name: str = "quantity"
    refused: Refused | None = None
    inside: Mapping[int, int] = field(default_factory=dict)

    @property
    def inside_values(self) -> str:
        """For the page that counts along."""
        return json.dumps(self.inside) if self.inside else ""


def scanned(request: HttpRequest) -> str:
    """The raw text of a scan as it came from the scanner, GS and all; shortened where it cannot be a code. The second
    symbol of a label, scanned right after the first, gives both."""
    if not hasattr(request, "scan_text"):
        raw = _as_on_the_label(request, request.POST.get("scan", "").strip(" \t\r\n")[:LONGEST_SCAN])
        request.scan_text = _with_first_half(request, raw)
        request.scan_paired = request.scan_text != raw
    return request.scan_text


def _as_on_the_label(request: HttpRequest, raw: str) -> str:
    """Without what the scanner adds around every code: a wristband or a number is compared as text."""
    profile = request.actor.scanner
    return profile.unwrapped(raw) if profile else raw


def _with_first_half(request: HttpRequest, raw: str) -> str:
    """The session keeps a half for a few seconds, for the page on which it was scanned."""
    kept = request.session.pop(HALF, None) if HALF in request.session else None
    profile = request.actor.scanner
    if not raw or not is_half(read(raw, profile=profile)):
        return raw
    text, at, path = kept or ("", 0.0, "")
    both = whole(text, raw, profile) if path == request.path and time.time() - at <= PAIR_SECONDS else None
    if both is None:
        request.session[HALF] = (raw, time.time(), request.path)
    return both or raw


def scan_row(request: HttpRequest, row: ScanRow, **more: Any) -> HttpResponse:
    """The row as HTML for the scan field. ``more`` goes to the template, for rows with parts of their own."""
    half = HALF in request.session and row.result == "error"
    paired = getattr(request, "scan_paired", False)
    return render(request, "web/_scan_row.html", {"row": row, "half": half, "paired": paired, **more})


def refused_row(request: HttpRequest, raw: str, refused: Refused) -> HttpResponse:
    """A scan that was refused, with its sentences and ways out."""
    return scan_row(request, ScanRow("error", raw.replace("\x1d", "␝"), refused=refused))
