"""Which case: scan its label or the wristband, choose it, or open a new one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.queries import cases
from yanji.flows.scanning import understand
from yanji.flows.use import plan_case
from yanji.ledger.api import Offence, Refused

from ..flow.departments import chosen, departments
from ..flow.done import say
from ..flow.gate import needs
from ..flow.sent import Sent
from ..page import act_key, page
from ..scan import refused_row, scanned

OPEN = ("planned", "open")
SHOWN = 30


@needs("use")
@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    return _form(request)


def _form(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    places = departments(request, "use")
    department = chosen(request, places, "department_id")
    found = cases(actor, states=OPEN, limit=200)
    own = [case for case in found if actor.may("use", case.department.path)]
    own.sort(key=lambda case: case.department_id != (department.pk if department else 0))
    return page(
        request,
        "ward/cases.html",
        status=409 if refused else 200,
        refused=refused,
        cases=own[:SHOWN],
        departments=places,
        department=department,
        sent=request.POST,
    )


@needs("use")
@require_POST
def open_case(request: HttpRequest) -> HttpResponse:
    """A case that nobody planned: its number and the patient's wristband."""
    sent = Sent(request.POST)
    try:
        department = sent.number("department_id", _("Department"))
        number = sent.text("case_number", _("Case number"), required=True)
        token = sent.text("patient_token", _("Wristband"), required=True)
        procedure, operator = sent.text("procedure", _("Procedure")), sent.text("operator", _("Operator"))
        planned_at = sent.moment("planned_at", _("Planned for"))
        sent.check()
        done = plan_case(
            actor=request.actor, key=act_key(request, "case"), number=number, patient_token=token,
            department_id=department, procedure=procedure, operator=operator, planned_at=planned_at,
        )  # fmt: skip
    except Refused as refused:
        return _form(request, refused)
    say(request, _("Case %(number)s is entered. Scan what is used.") % {"number": done.number})
    return redirect("ward:use_case", done.id)


@needs("use")
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """The number of a case or a wristband opens the case."""
    actor, raw = request.actor, scanned(request)
    case_id = case_of(actor, raw)
    if case_id:
        return HttpResponse(headers={"HX-Redirect": reverse("ward:use_case", args=[case_id])})
    meaning = understand([raw], actor=actor)[0]
    code = "case_first" if meaning.epc else "not_a_case"
    return refused_row(request, raw, Refused.of([Offence(code, raw[:80])]))


def case_of(actor: Actor, raw: str) -> int | None:
    """The open case that a scan names, by its number or by its patient."""
    found = cases(actor, states=OPEN, text=raw, limit=1) if raw and "\0" not in raw else []
    return found[0].pk if found else None
