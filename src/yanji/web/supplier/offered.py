"""A supplier's papers: those that hold, those it sent, and the form that sends a renewal with its scan."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.catalog.models import Licence
from yanji.flows.acts import Done
from yanji.flows.documents import verbs
from yanji.flows.portal.gates import supplier_of
from yanji.flows.portal.papers import KIND, offer_paper, offered_for, offered_papers, withdraw_paper
from yanji.flows.portal.queries import own_licences, own_makers
from yanji.flows.trail import MAX_ATTACHMENT_BYTES
from yanji.ledger.api import Refused

from ..flow.done import say
from ..flow.gate import needs
from ..flow.sent import Sent
from ..page import act_key, page
from ..papers import ACCEPTED

SHOWN = 100


@needs("supply")
@require_safe
def papers(request: HttpRequest) -> HttpResponse:
    """Licences and authorisations, those that end first on top."""
    return _papers(request)


def _papers(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    actor, today = request.actor, timezone.localdate()
    rows = [
        (licence, soon, licence.valid_to is not None and licence.valid_to < today)
        for licence, soon in own_licences(actor, today=today)
    ]
    return page(
        request,
        "supplier/papers.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        offered=offered_papers(actor)[:SHOWN],
        kinds=Licence.Kind.choices,
        makers=own_makers(actor),
        accepted=ACCEPTED,
        sent=request.POST,
    )


@needs("supply")
@require_POST
def offer(request: HttpRequest) -> HttpResponse:
    """Send one paper with its scan."""
    supplier_of(request.actor)
    try:
        done = _offer(request)
    except Refused as refused:
        return _papers(request, refused)
    say(
        request, _("%(number)s is with the hospital, which compares and enters it.") % {"number": done.number}
    )
    return redirect("supplier:offered_paper", done.id)


def _offer(request: HttpRequest) -> Done:
    sent = Sent(request.POST)
    kind = sent.text("kind", _("Kind"), required=True)
    reference = sent.text("reference", _("Number on the paper"), required=True)
    first, last = sent.day("valid_from", _("Valid from")), sent.day("valid_to", _("Valid to"))
    if first is None:
        sent.complain("field_missing", _("Valid from"))
    maker_id = sent.number("maker_id", _("Maker")) if request.POST.get("maker_id") else None
    note = sent.text("note", _("Note"))
    file = request.FILES.get("file")
    if file is None:
        sent.complain("field_missing", _("Scan of the paper"))
    sent.check()
    assert first is not None
    assert file is not None
    return offer_paper(
        actor=request.actor,
        key=act_key(request, "offer"),
        kind=kind,
        reference=reference,
        valid_from=first,
        valid_to=last,
        endless=request.POST.get("endless") == "yes",
        maker_id=maker_id,
        note=note,
        file_name=(file.name or "")[-255:],
        content=file.read(MAX_ATTACHMENT_BYTES + 1),
    )


@needs("supply")
@require_safe
def offered_page(request: HttpRequest, offered_id: int) -> HttpResponse:
    """What was sent, its files, and what came of it."""
    return _offered(request, offered_id)


def _offered(request: HttpRequest, offered_id: int, refused: Refused | None = None) -> HttpResponse:
    supplier_of(request.actor)
    paper = offered_for(request.actor, offered_id)
    return page(
        request,
        "supplier/offered.html",
        status=409 if refused else 200,
        refused=refused,
        paper=paper,
        withdraws="withdraw" in verbs(KIND, paper.state),
    )


@needs("supply")
@require_POST
def withdraw(request: HttpRequest, offered_id: int) -> HttpResponse:
    """Take back what was sent, while nobody has decided it."""
    supplier_of(request.actor)
    try:
        sent = Sent(request.POST)
        reason = sent.text("reason", _("Reason"))
        sent.check()
        done = withdraw_paper(
            actor=request.actor, key=act_key(request, "withdraw"), offered_id=offered_id, reason=reason
        )
    except Refused as refused:
        return _offered(request, offered_id, refused)
    say(request, _("%(number)s is withdrawn.") % {"number": done.number})
    return redirect("supplier:offered_paper", offered_id)
