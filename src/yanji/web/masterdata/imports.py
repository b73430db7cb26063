"""Tables of items, suppliers, places, people and preference cards: upload, look at every bad row, import the good ones."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.sheet import SHEET as PEOPLE
from yanji.catalog.actions import quarantine
from yanji.catalog.imports.items import SHEET as ITEMS
from yanji.catalog.imports.suppliers import SHEET as SUPPLIERS
from yanji.flows.theatre.card_table import SHEET as CARDS
from yanji.places.sheet import SHEET as PLACES
from yanji.sheets import batches
from yanji.sheets.models import ImportBatch
from yanji.sheets.problems import BadFile, Problem
from yanji.sheets.read import MAX_BYTES, MAX_ROWS
from yanji.sheets.template import template

from ..csvfile import csv_file
from ..page import page, page_of
from .gate import actor_of, needs, tried

SHEETS = {sheet.kind: sheet for sheet in (ITEMS, SUPPLIERS, PLACES, PEOPLE, CARDS)}
IMPORTING = ("edit_catalog", "edit_places", "edit_access", "use")
NAMES = {
    "items": (gettext_lazy("Items"), "category"),
    "suppliers": (gettext_lazy("Suppliers and licences"), "building-factory-2"),
    "places": (gettext_lazy("Places"), "map-pin"),
    "people": (gettext_lazy("People"), "users"),
    "cards": (gettext_lazy("Preference cards"), "list-check"),
}
SHOWN_GOOD = 20


def _left(_source: str, _rows: Sequence[dict[str, Any]]) -> None:
    """Who writes cards mends the table and uploads it again: whoever clears up the catalogue cannot do it for them."""


KEEPERS: dict[str, batches.KeepBad] = {CARDS.kind: _left}


@needs(*IMPORTING)
def imports_page(request: HttpRequest, problem: Problem | None = None, kind: str = "") -> HttpResponse:
    actor = actor_of(request)
    return page(
        request,
        "masterdata/imports.html",
        status=422 if problem else 200,
        kinds=[(name, *NAMES[name]) for name in _open_to(actor)],
        chosen=kind or request.GET.get("kind", ""),
        recent=[(batch, *NAMES[batch.kind]) for batch in batches.recent(actor)[:10] if batch.kind in NAMES],
        problem=problem,
        most_rows=MAX_ROWS,
        most_megabytes=MAX_BYTES // 1024 // 1024,
    )


@require_POST
@needs(*IMPORTING)
def upload(request: HttpRequest) -> HttpResponse:
    """Read and check the file; what was found is kept and shown, nothing is imported yet."""
    kind, file = request.POST.get("kind", ""), request.FILES.get("file")
    if kind not in _open_to(actor_of(request)):
        raise PermissionDenied
    if file is None:
        return imports_page(request, Problem("file_missing"), kind)
    if (file.size or 0) > MAX_BYTES:
        return imports_page(request, Problem("file_too_large", detail=str(MAX_BYTES // 1024 // 1024)), kind)
    try:
        batch = batches.preview(
            SHEETS[kind], actor=actor_of(request), file_name=file.name or "", data=file.read()
        )
    except BadFile as bad:
        return imports_page(request, bad.problem, kind)
    return redirect("masterdata:batch", batch.pk)


@needs(*IMPORTING)
@require_safe
def batch_page(request: HttpRequest, batch_id: int) -> HttpResponse:
    batch = _batch(request, batch_id)
    sheet = SHEETS[batch.kind]
    titles = {column.name: (column.zh, column.en) for column in sheet.columns}
    if request.GET.get("format") == "csv":
        return _bad_rows_csv(batch, titles)
    rows = page_of(request, batch.bad)
    return page(
        request,
        "masterdata/batch.html",
        partial="bad_rows",
        batch=batch,
        name=NAMES[batch.kind][0],
        rows=rows,
        bad=[_shown(row, titles, batch.columns) for row in rows],
        columns=[titles[name] for name in batch.columns],
        bad_are_kept=batch.kind not in KEEPERS,
        good=[
            (row["number"], [row["values"].get(name) for name in batch.columns])
            for row in batch.good[:SHOWN_GOOD]
        ],
        more_good=max(0, len(batch.good) - SHOWN_GOOD),
    )


@require_POST
@needs(*IMPORTING)
def decide(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Import what was shown, or throw it away."""
    batch = _batch(request, batch_id)
    sheet, actor = SHEETS[batch.kind], actor_of(request)
    if request.POST.get("drop"):
        tried(
            request,
            lambda: batches.drop(sheet, actor=actor, batch_id=batch_id),
            _("The preview was dropped."),
        )
        return redirect("masterdata:imports")
    count = len(batch.good)
    tried(
        request,
        lambda: batches.confirm(
            sheet, actor=actor, batch_id=batch_id, keep_bad=KEEPERS.get(batch.kind, quarantine)
        ),
        ngettext("%(count)s row was imported.", "%(count)s rows were imported.", count) % {"count": count},
    )
    return redirect("masterdata:batch", batch_id)


@needs(*IMPORTING)
@require_safe
def download_template(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in _open_to(actor_of(request)):
        raise NotFound("template")
    response = HttpResponse(
        template(SHEETS[kind]),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response["Content-Disposition"] = f'attachment; filename="yanji-{kind}.xlsx"'
    return response


def _open_to(actor: Actor) -> list[str]:
    return [kind for kind, sheet in SHEETS.items() if actor.may(sheet.operation)]


def _batch(request: HttpRequest, batch_id: int) -> ImportBatch:
    batch = batches.batch_of(actor_of(request), batch_id)
    if batch is None or batch.kind not in _open_to(actor_of(request)):
        raise NotFound("import")
    return batch


def _shown(row: dict[str, Any], titles: dict[str, tuple[str, str]], columns: list[str]) -> dict[str, Any]:
    """A bad row as its page draws it: number, what was typed, and a sentence a reason beside its column."""
    typed = row["typed"]
    problems = []
    for each in batches.reasons(row["problems"]):
        sentence, found = each.sentence(), typed.get(each.column, "")
        # A sentence that quotes the cell needs no second quotation.
        problems.append((titles.get(each.column), sentence, "" if found in sentence else found))
    return {
        "number": row["number"],
        "typed": [typed[name] for name in columns if typed.get(name)],
        "problems": problems,
    }


def _bad_rows_csv(batch: ImportBatch, titles: dict[str, tuple[str, str]]) -> HttpResponse:
    """The bad rows with their reasons, to be mended and uploaded again."""
    head = [*(titles[name][0] for name in batch.columns), _("Row"), _("Reasons")]
    rows = [
        [
            *(row["typed"].get(name, "") for name in batch.columns),
            row["number"],
            "; ".join(
                f"{titles[each.column][0]} {each.sentence()}" if each.column in titles else each.sentence()
                for each in batches.reasons(row["problems"])
            ),
        ]
        for row in batch.bad
    ]
    return csv_file(f"bad-rows-{batch.pk}", head, rows)
