"""Named lists that a department asks by: written once, asked for with one press."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.requisition import Wanted
from yanji.flows.supply.lists import drop_list, list_for, lists, save_list
from yanji.flows.supply.models import RequisitionList
from yanji.ledger.api import Refused

from ..flow.departments import chosen, departments
from ..flow.done import say
from ..flow.gate import needs
from ..flow.lines import ItemLine, quantities, sent_lines
from ..flow.sent import Sent
from ..page import act_key, page, page_of


@needs("request")
@require_safe
def list_page(request: HttpRequest) -> HttpResponse:
    """All lists of the departments for which the reader requests."""
    return page(request, "ward/lists.html", rows=page_of(request, lists(request.actor)))


@needs("request")
def new_list(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@needs("request")
def edit_list(request: HttpRequest, list_id: int) -> HttpResponse:
    return _edit(request, list_for(request.actor, list_id))


def _edit(request: HttpRequest, kept: RequisitionList | None) -> HttpResponse:
    if request.method != "POST":
        return _form(request, kept, _lines_of(kept))
    lines = sent_lines(request)
    try:
        sent = Sent(request.POST)
        department, name = (
            sent.number("department_id", _("Department")),
            sent.text("name", _("Name of the list")),
        )
        read = quantities(sent, lines)
        sent.check()
        done = save_list(
            actor=request.actor,
            key=act_key(request, "list"),
            department_id=department,
            list_name=name,
            lines=[Wanted(item, quantity) for item, quantity, _price in read],
            list_id=kept.pk if kept else None,
        )
    except Refused as refused:
        return _form(request, kept, lines, refused)
    say(request, _("List “%(name)s” is kept.") % {"name": done.number})
    return redirect("ward:lists")


def _lines_of(kept: RequisitionList | None) -> list[ItemLine]:
    return [ItemLine(line.item, str(line.quantity)) for line in kept.lines.all()] if kept else []


def _form(
    request: HttpRequest, kept: RequisitionList | None, lines: list[ItemLine], refused: Refused | None = None
) -> HttpResponse:
    places = departments(request, "request")
    own = kept.department if kept and not request.POST else chosen(request, places, "department_id")
    return page(
        request,
        "ward/list.html",
        status=409 if refused else 200,
        refused=refused,
        kept=kept,
        lines=lines,
        departments=places,
        department=own,
        name=request.POST.get("name", kept.name if kept else ""),
    )


@needs("request")
@require_POST
def drop(request: HttpRequest, list_id: int) -> HttpResponse:
    """The list is not used any more."""
    actor: Actor = request.actor
    try:
        done = drop_list(actor=actor, key=act_key(request, "drop"), list_id=list_id)
    except Refused as refused:
        kept = list_for(actor, list_id)
        return _form(request, kept, _lines_of(kept), refused)
    say(request, _("List “%(name)s” is not used any more.") % {"name": done.number})
    return redirect("ward:lists")
