"""What belongs in a kit: read and changed at the item's page, with every change of it below."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from yanji.flows.packing.bill import InKit, bill, changes, kits_with, set_bill
from yanji.ledger.api import Refused

from ..flow.lines import ItemLine, found, line, pieces, sent_lines
from ..flow.sent import Sent
from ..page import act_key, page
from .gate import actor_of, needs
from .items import sheet_of, tabs_for


@needs("edit_catalog")
def items(request: HttpRequest) -> HttpResponse:
    """Items that a text or a scan may mean."""
    return found(request, line_url=reverse("masterdata:kit_line"))


@needs("edit_catalog")
def item_line(request: HttpRequest) -> HttpResponse:
    """One new line for the bill."""
    return line(request)


@needs("edit_catalog", "view")
def kit_page(request: HttpRequest, item_id: int) -> HttpResponse:
    """The bill; sent, it is changed as the form says."""
    if request.method != "POST":
        rows = [ItemLine(row.item, str(row.quantity)) for row in bill(item_id)]
        return _show(request, item_id, rows)
    rows = sent_lines(request)
    try:
        sent = Sent(request.POST)
        lines = [InKit(each.item.pk, count) for each, count in zip(rows, pieces(sent, rows), strict=True)]
        note = sent.text("note", _("Note"))
        sent.check()
        done = set_bill(
            actor=actor_of(request), key=act_key(request, "bill"), kit_id=item_id, lines=lines, note=note
        )
    except Refused as refused:
        return _show(request, item_id, rows, refused)
    said = _("The contents of the kit were changed.") if lines else _("The item is a kit no more.")
    messages.success(request, said if done.facts["changed"] else _("Nothing was changed."))
    return redirect("masterdata:kit", item_id)


def _show(
    request: HttpRequest, item_id: int, lines: Sequence[ItemLine], refused: Refused | None = None
) -> HttpResponse:
    sheet, actor = sheet_of(item_id), actor_of(request)
    return page(
        request,
        "masterdata/kit.html",
        status=409 if refused else 200,
        refused=refused,
        sheet=sheet,
        item=sheet.item,
        tabs=tabs_for(actor, sheet.item),
        tab="kit",
        may_edit=actor.may("edit_catalog"),
        lines=lines,
        note=request.POST.get("note", ""),
        changes=changes(item_id),
        outer=kits_with(item_id),
    )
