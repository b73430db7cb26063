"""What a department asks of a store: the list, a new one, and how far it has come."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.flows.documents import verbs
from yanji.flows.gates import requisition_for
from yanji.flows.out_of_turn import of_requisition
from yanji.flows.queries import ASKED_REQUISITIONS, issues, requisitions
from yanji.flows.requisition import Wanted
from yanji.flows.requisition import request as ask
from yanji.flows.reserving.kept import numbers_of
from yanji.flows.reserving.queries import reserved_for, shown_to
from yanji.flows.supply.why import told_of
from yanji.ledger.api import Refused

from ..flow.departments import chosen, departments, stores
from ..flow.done import say
from ..flow.gate import needs
from ..flow.lines import ItemLine, quantities, sent_lines
from ..flow.sent import Sent
from ..page import act_key, page, page_of
from ..storeroom.picking import with_counts
from .filling import beginning

SHOWN = {"open": ASKED_REQUISITIONS, "all": ()}


@needs("request")
@require_safe
def requisition_list(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor
    state = request.GET.get("state", "open")
    states = SHOWN.get(state, ASKED_REQUISITIONS)
    asked = requisitions(actor, states=states, asking=True, latest=not states)
    found = [with_counts(each) for each in asked]
    return page(request, "ward/requisitions.html", rows=page_of(request, found), state=state)


@needs("request")
def new_requisition(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request)
    lines = sent_lines(request)
    try:
        done = _ask(request, lines)
    except Refused as refused:
        return _form(request, lines, refused)
    went, waits = _("Requisition %(number)s went to the store."), _("%(number)s waits for approval.")
    say(request, (waits if done.state == "awaiting" else went) % {"number": done.number})
    return redirect("ward:requisition", done.id)


def _ask(request: HttpRequest, lines: list[ItemLine]):
    sent = Sent(request.POST)
    department, store = sent.number("department_id", _("Department")), sent.number("store_id", _("Store"))
    needed_by = sent.moment("needed_by", _("Needed by"))
    case_number, note = sent.text("case_number", _("Case")), sent.text("note", _("Note"))
    read = quantities(sent, lines)
    sent.check()
    return ask(
        actor=request.actor,
        key=act_key(request, "requisition"),
        department_id=department,
        store_id=store,
        lines=[
            Wanted(item, quantity, line.lot)
            for line, (item, quantity, _price) in zip(lines, read, strict=True)
        ],
        needed_by=needed_by,
        case_number=case_number,
        note=note,
        by_levels=request.POST.get("fill") == "levels",
    )


def _form(
    request: HttpRequest, lines: list[ItemLine] | None = None, refused: Refused | None = None
) -> HttpResponse:
    places = departments(request, "request")
    department = chosen(request, places, "department_id")
    if lines is None:
        lines, department = beginning(request, department)
    offered = stores(department)
    return page(
        request,
        "ward/new_requisition.html",
        status=409 if refused else 200,
        refused=refused,
        lines=lines,
        sent=request.POST,
        fill=request.POST.get("fill") or request.GET.get("fill", ""),
        departments=places,
        department=department,
        stores=offered,
        store=chosen(request, offered, "store_id"),
    )


@needs("request", "view")
@require_safe
def requisition_page(request: HttpRequest, requisition_id: int) -> HttpResponse:
    actor: Actor = request.actor
    requisition = requisition_for(actor, requisition_id)
    return page(
        request,
        "ward/requisition.html",
        requisition=requisition,
        lines=[
            (line, told_of(line.why, line.quantity))
            for line in requisition.lines.select_related("item").order_by("id")
        ],
        late=of_requisition(requisition),
        issues=issues(actor, requisition_id=requisition.pk),
        kept=shown_to(actor, reserved_for(numbers_of(requisition))),
        may_close="close" in verbs("requisition", requisition.state)
        and actor.may("request", requisition.department.path),
        may_pick=actor.may("pick", requisition.store.path),
    )
