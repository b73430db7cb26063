"""A tag or a second code is put on a unit from its page by a scan, and taken off with a reason."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.flows.codes import MAY, add_code, take_code
from yanji.ledger.api import Refused

from .codes import unit_address
from .flow.done import say
from .flow.gate import needs
from .page import act_key
from .unit import seen_unit, shown_unit


@needs(MAY)
@require_POST
def bind(request: HttpRequest, epc: str) -> HttpResponse:
    """What was scanned means the unit from now on. 404 where labels are not the reader's to assign."""
    seen_unit(request.actor, epc)
    code = request.POST.get("code", "")
    try:
        done = add_code(actor=request.actor, key=act_key(request, "bind-code"), epc=epc, code=code)
    except Refused as refused:
        return shown_unit(request, epc, refused)
    said = (
        _("From now on %(code)s means this unit.")
        if done.facts["new"]
        else _("%(code)s means this unit already.")
    )
    say(request, said % {"code": done.number})
    return redirect(unit_address(epc))


@needs(MAY)
@require_POST
def release(request: HttpRequest, epc: str) -> HttpResponse:
    """The code that the form names means nothing any more."""
    seen_unit(request.actor, epc)
    try:
        done = take_code(
            actor=request.actor, key=act_key(request, "take-code"), code=request.POST.get("code", ""),
            reason=request.POST.get("reason", ""), note=request.POST.get("note", ""), epc=epc,
        )  # fmt: skip
    except Refused as refused:
        return shown_unit(request, epc, refused)
    say(request, _("%(code)s means nothing any more.") % {"code": done.number})
    return redirect(unit_address(epc))
