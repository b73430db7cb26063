"""The charges of a case: asked for, made, refunded, one button a step."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.flows.acts import Done
from yanji.flows.gates import case_for
from yanji.flows.theatre import charge
from yanji.ledger.api import Refused

from ..flow.gate import needs
from ..flow.sent import numbers_in
from ..page import act_key
from .cases import shown

ACTS: dict[str, tuple[Callable[..., Done], Any]] = {
    "request": (
        charge.request_charges,
        ngettext_lazy("%(n)s line is to be charged.", "%(n)s lines are to be charged.", "n"),
    ),
    "withdraw": (
        charge.withdraw_charges,
        ngettext_lazy(
            "%(n)s line is not to be charged for now.", "%(n)s lines are not to be charged for now.", "n"
        ),
    ),
    "confirm": (
        charge.confirm_charges,
        ngettext_lazy("%(n)s line is charged.", "%(n)s lines are charged.", "n"),
    ),
    "ask_refund": (
        charge.ask_refund,
        ngettext_lazy(
            "The refund of %(n)s line was asked for.", "The refund of %(n)s lines was asked for.", "n"
        ),
    ),
    "keep": (
        charge.keep_charge,
        ngettext_lazy("The charge of %(n)s line stands.", "The charge of %(n)s lines stands.", "n"),
    ),
    "refund": (
        charge.refund,
        ngettext_lazy(
            "%(n)s line is refunded. The unit stays where it is.",
            "%(n)s lines are refunded. The units stay where they are.",
            "n",
        ),
    ),
}


@needs("use", "correct")
@require_POST
def act(request: HttpRequest, case_id: int) -> HttpResponse:
    """One step for the lines that were ticked, or for all that are ready."""
    actor: Actor = request.actor
    name = request.POST.get("act", "")
    ticked = numbers_in(request.POST.getlist("line"))
    more: dict[str, Any] = {"line_ids": ticked or None}
    if name == "ask_refund":
        more = {"line_ids": ticked, "reason": request.POST.get("reason", "")[:120]}
    if name == "keep":
        more = {"line_ids": ticked}
    case = case_for(actor, case_id)
    if name not in ACTS:
        return redirect("theatre:case", case_id)
    step, words = ACTS[name]
    try:
        done = step(actor=actor, key=act_key(request, "charge"), case_id=case_id, **more)
    except Refused as refused:
        return shown(request, case, refused)
    messages.success(request, words % {"n": len(done.facts["lines"])})
    return redirect("theatre:case", case_id)
