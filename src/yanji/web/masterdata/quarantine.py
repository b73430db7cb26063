"""Rows that no import could place: looked at one by one until each has been dealt with."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yanji.catalog import actions, queries
from yanji.catalog.models import Quarantined
from yanji.flows.adopt import SOURCE
from yanji.flows.scanning import said
from yanji.flows.unknown import bind_unknown, reject_unknown
from yanji.identity import REASONS, Reason
from yanji.ledger.api import Refused
from yanji.sheets.batches import reasons

from ..handheld import names
from ..page import act_key, page, page_of
from ..templatetags.yanji import named, step_name
from .gate import actor_of, needs, number, tried
from .imports import NAMES, SHEETS

# What tells most about a row, in turn. A table's columns have titles of their own; these are of registries and of scans.
FACTS = (
    "code", "name_zh", "brandName", "versionModelNumber", "companyName", "brand_name", "version_or_model_number",
    "company_name", "username", "name", "ids", "identifiers",
)  # fmt: skip
WORDS = {
    "brandName": gettext_lazy("Brand"), "brand_name": gettext_lazy("Brand"),
    "versionModelNumber": gettext_lazy("Model"), "version_or_model_number": gettext_lazy("Model"),
    "catalogNumber": gettext_lazy("Catalogue number"), "catalog_number": gettext_lazy("Catalogue number"),
    "companyName": gettext_lazy("Maker"), "company_name": gettext_lazy("Maker"),
    "gmdnPTName": gettext_lazy("Kind of device"), "deviceClass": gettext_lazy("Risk class"),
    "ids": gettext_lazy("Device identifiers"), "identifiers": gettext_lazy("Device identifiers"),
    "scan": gettext_lazy("As scanned"), "flow": gettext_lazy("Scanned for"),
    "issuer": gettext_lazy("Issuer"), "di": gettext_lazy("Code (DI)"), "serial": gettext_lazy("Serial number"),
    "lot": gettext_lazy("Lot"), "place": gettext_lazy("Lies at"), "person": gettext_lazy("Scanned by"),
}  # fmt: skip
# An identifier as the registry writes it, and as openFDA does.
IDENTIFIER = ("agency", "di", "issuing_agency", "id")
MOST_FACTS = 5


@needs("edit_catalog")
@require_safe
def quarantine_page(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:80] for name in ("source", "resolved")}
    found = queries.quarantined(source=asked["source"], with_resolved=bool(asked["resolved"]))
    rows = page_of(request, found)
    return page(
        request,
        "masterdata/quarantine.html",
        partial="quarantined",
        rows=rows,
        shown=[
            (
                row,
                origin(row.source),
                facts(row.content, _sheet_of(row.source)),
                sentences(row),
                _provisional(row),
            )
            for row in rows
        ],
        sources=[(source, origin(source), count) for source, count in queries.quarantine_sources()],
        asked=asked,
    )


def _provisional(row: Quarantined) -> bool:
    """Whether an item was entered from the scan, which may turn out to be another."""
    return any(each.code == "unknown_product" for each in reasons(row.reasons))


def sentences(row: Quarantined) -> list[str]:
    """What is wrong with a row: of a scan in the words of its reading, of a table in those of its sheet."""
    read = REASONS if row.source == SOURCE else ()
    return [
        said(Reason(each.code, each.detail)) if each.code in read else each.sentence()
        for each in reasons(row.reasons)
    ]


def _sheet_of(source: str) -> str:
    """The kind of table that a source names; empty for a registry and for scans."""
    kind = source.partition(":")[0]
    return kind if kind in SHEETS else ""


def origin(source: str) -> str:
    """Where a row came from, in the reader's words: a scan, a table with its file, or a registry's file as it is called."""
    if source == SOURCE:
        return _("Scan")
    kind = _sheet_of(source)
    return f"{NAMES[kind][0]} · {source.partition(':')[2].strip()}" if kind else source


def facts(content: object, kind: str) -> list[tuple[str, str]]:
    """What a row says of itself, the telling fields first, each by what the reader calls it: a field for which there is no word
    tells nobody anything, and stays in the row. A line that is no record is shown as it came."""
    if not isinstance(content, dict):
        return [("", str(content)[:300])]
    titles = (
        {column.name: named((column.zh, column.en)) for column in SHEETS[kind].columns} if kind else WORDS
    )
    names = [name for name in FACTS if name in content] + [name for name in content if name not in FACTS]
    return [
        (str(titles[name]), _shown(content[name], name))
        for name in names
        if name in titles and content[name] not in (None, "", [])
    ][: len(names) if "place" in content else MOST_FACTS]


def _shown(value: object, name: str) -> str:
    if name == "flow":
        return names().get(str(value)) or step_name(str(value))
    if isinstance(value, list):
        parts = [
            " ".join(str(row[name]) for name in IDENTIFIER if name in row)
            if isinstance(row, dict)
            else str(row)
            for row in value
        ]
        return ", ".join(parts)[:200]
    return str(value)[:120]


@require_POST
@needs("edit_catalog")
def resolve(request: HttpRequest) -> HttpResponse:
    for name, act in (("bind", _bound), ("reject", _rejected)):
        if (row_id := number(request.POST.get(name))) is not None:
            return _cleared(request, row_id, act)
    ids = [row_id for row_id in map(number, request.POST.getlist("row")) if row_id is not None]
    tried(
        request,
        lambda: actions.resolve_quarantined(actor=actor_of(request), row_ids=ids),
        _("Marked as dealt with."),
    )
    return _back(request)


def _bound(request: HttpRequest, row_id: int) -> str:
    done = bind_unknown(
        actor=actor_of(request), key=f"{act_key(request, 'unknown')}:{row_id}", row_id=row_id,
        item_code=request.POST.get(f"item:{row_id}", ""),
    )  # fmt: skip
    return _("It is %(item)s now. What lies on hold is released by whoever may do that.") % {
        "item": done.number
    }


def _rejected(request: HttpRequest, row_id: int) -> str:
    reject_unknown(
        actor=actor_of(request), key=f"{act_key(request, 'unknown')}:{row_id}", row_id=row_id,
        note=request.POST.get(f"note:{row_id}", ""),
    )  # fmt: skip
    return _("Rejected: its entries are taken back.")


def _cleared(request: HttpRequest, row_id: int, act: Callable[[HttpRequest, int], str]) -> HttpResponse:
    """What a scan brought is said to be an item, or nothing."""
    try:
        messages.success(request, act(request, row_id))
    except Refused as refused:
        for offence in refused.offences:
            messages.error(request, offence.sentence())
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    source = request.POST.get("source", "")
    response = redirect("masterdata:quarantine")
    if source in {name for name, _rows in queries.quarantine_sources()}:
        response["Location"] += "?" + urlencode({"source": source})
    return response
