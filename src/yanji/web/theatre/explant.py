"""A device comes out of a patient: the wristband, the label, the reason."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from yanji.flows.reasons import reasons
from yanji.flows.theatre.implants import explant
from yanji.ledger.api import Refused, Status, virtual_places

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.departments import chosen, departments
from ..flow.gate import needs
from ..flow.sent import Sent
from ..page import act_key, page


@needs("use")
def explant_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, [])
    basket = Basket(request)
    try:
        sent = Sent(request.POST)
        place = sent.number("department_id", _("Department"))
        patient = sent.text("patient_token", _("Wristband"), required=True)
        case = sent.text("case_number", _("Case number"), required=True)
        reason = sent.text("reason", _("Reason"), required=True)
        sent.check()
        basket.check()
        things = basket.things()
        explant(
            actor=request.actor, key=act_key(request, "explant"), place_id=place, patient_token=patient,
            case_number=case, things=things, reason=reason,
        )  # fmt: skip
    except Refused as refused:
        return _form(request, basket.rows(refused), refused)
    pieces = sum(1 if isinstance(thing, str) else int(thing.quantity) for thing in things)
    said = ngettext("%(n)s explanted piece is recorded.", "%(n)s explanted pieces are recorded.", pieces)
    messages.success(request, said % {"n": pieces})
    return redirect("theatre:explant")


def _form(request: HttpRequest, rows: list[FlowRow], refused: Refused | None = None) -> HttpResponse:
    places = departments(request, "use")
    return page(
        request,
        "theatre/explant.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        departments=places,
        department=chosen(request, places, "department_id"),
        reasons=reasons("explant"),
        sent=request.POST,
    )


@needs("use")
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    if is_confirmation(request):
        return confirmed()
    department = chosen(request, departments(request, "use"), "department_id")
    inside = virtual_places().patient
    return answer(
        request,
        "explant",
        # Pieces of a lot come from where all that was used lies: of whom they were says the wristband.
        path=f"/{inside}/",
        statuses=(Status.USED,),
        place_id=department.pk if department else None,
        from_place_id=inside,
    )
