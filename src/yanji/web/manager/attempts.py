"""What people tried and a rule stopped, for who has to look into it."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from yanji.flows.attempts import attempts
from yanji.flows.called import call_again

from ..flow.gate import needs
from ..page import page, page_of
from ..verb_words import verb_words

# The words for the codes that people look for; the sentence of each attempt says the rest.
KINDS = {
    "already_used": _("Second use of a unit"),
    "not_yours": _("Without the right to it"),
    "expired": _("Expired"),
    "on_hold": _("On hold"),
    "rejected_not_used": _("Rejected on receipt"),
    "recalled": _("Recalled"),
    "reserved": _("Reserved for others"),
    "wrong_temperature": _("Wrong temperature"),
    "other_patient": _("Another patient's case"),
    "other_wristband": _("Another patient's wristband"),
    "approval_by_requester": _("Approved by who asked"),
    "approval_by_participant": _("Approved by who worked on it"),
    "licence_lapsed": _("Licence lapsed"),
    "registration_lapsed": _("Registration lapsed"),
    "no_contract": _("Title without a contract"),
}


@needs("audit")
@require_safe
def attempts_page(request: HttpRequest) -> HttpResponse:
    """Latest first; ``?kind=`` and ``?q=`` (a thing, a name) narrow them down."""
    kind = request.GET.get("kind", "")
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    found = attempts(request.actor, code=kind if kind in KINDS else "", text=text)
    rows = page_of(request, found)
    rows.object_list = list(rows.object_list)
    call_again(rows.object_list, request.actor)
    for attempt in rows.object_list:
        attempt.act = verb_words(attempt.verb)
    return page(
        request,
        "manager/attempts.html",
        rows=rows,
        kinds=[(code, label, code == kind) for code, label in KINDS.items()],
        words=KINDS,
        text=text,
        filtered=bool(kind or text),
    )
