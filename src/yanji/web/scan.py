"""The server's half of the scan field: each scan answers with one row, good or refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yanji.ledger.api import Refused

Result = Literal["ok", "warn", "error"]
LONGEST_SCAN = 500


@dataclass(frozen=True, slots=True)
class ScanRow:
    """What one scan turned out to be.

    ``key`` names the thing (an epc, or lot and place): a second row of the same key is a double scan. ``inputs`` are
    the hidden fields (name, value) that the final form posts; a row with result ``error`` posts none. ``quantity``
    set makes the row counted: its number can be typed, a repeated scan adds one, and it posts as ``quantity_name``.
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


def scanned(request: HttpRequest) -> str:
    """The raw text of a scan as it came from the scanner, GS and all; shortened where it cannot be a code."""
    return request.POST.get("scan", "").strip(" \t\r\n")[:LONGEST_SCAN]


def scan_row(request: HttpRequest, row: ScanRow, **more: Any) -> HttpResponse:
    """The row as HTML for the scan field. ``more`` goes to the template, for rows with parts of their own."""
    return render(request, "web/_scan_row.html", {"row": row, **more})


def refused_row(request: HttpRequest, raw: str, refused: Refused) -> HttpResponse:
    """A scan that was refused, with its sentences and ways out."""
    return scan_row(request, ScanRow("error", raw.replace("\x1d", "␝"), refused=refused))
