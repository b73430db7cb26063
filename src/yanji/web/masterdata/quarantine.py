"""Rows that no import could place: looked at one by one until each has been dealt with."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.catalog import actions, queries
from yanji.catalog.models import Quarantined
from yanji.flows.adopt import SOURCE
from yanji.flows.scanning import said
from yanji.identity import REASONS, Reason
from yanji.sheets.batches import reasons

from ..page import page, page_of
from .gate import actor_of, needs, number, tried

FACTS = (
    "code", "name_zh", "brandName", "versionModelNumber", "companyName", "brand_name", "version_or_model_number",
    "company_name", "username", "name", "ids", "identifiers",
)  # fmt: skip
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
        shown=[(row, facts(row.content), sentences(row)) for row in rows],
        sources=queries.quarantine_sources(),
        scans=SOURCE,
        asked=asked,
    )


def sentences(row: Quarantined) -> list[str]:
    """What is wrong with a row: of a scan in the words of its reading, of a table in those of its sheet."""
    read = REASONS if row.source == SOURCE else ()
    return [
        said(Reason(each.code, each.detail)) if each.code in read else each.sentence()
        for each in reasons(row.reasons)
    ]


def facts(content: object) -> list[tuple[str, str]]:
    """What a row says of itself, the telling fields first; a line that is no record is shown as it came."""
    if not isinstance(content, dict):
        return [("", str(content)[:300])]
    names = [name for name in FACTS if name in content] + [name for name in content if name not in FACTS]
    return [(name, _shown(content[name])) for name in names if content[name] not in (None, "", [])][
        :MOST_FACTS
    ]


def _shown(value: object) -> str:
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
    ids = [row_id for row_id in map(number, request.POST.getlist("row")) if row_id is not None]
    tried(
        request,
        lambda: actions.resolve_quarantined(actor=actor_of(request), row_ids=ids),
        _("Marked as dealt with."),
    )
    source = request.POST.get("source", "")
    response = redirect("masterdata:quarantine")
    if source in {name for name, _rows in queries.quarantine_sources()}:
        response["Location"] += "?" + urlencode({"source": source})
    return response
