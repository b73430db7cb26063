"""What people could not do by scanning and gave to the store: looked into, and settled in words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from yanji.flows.handheld.handed_on import close_handed_on, handed_on
from yanji.ledger.api import Refused

from .flow.done import say
from .flow.gate import needs
from .flow.sent import Sent
from .handheld import names
from .page import act_key, page


@needs("store")
def handed_on_page(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first. Posted: one of it is settled."""
    if request.method != "POST":
        return _show(request)
    try:
        sent = Sent(request.POST)
        which, note = sent.text("sent", _("Scans"), required=True), sent.text("note", _("What was found"))
        sent.check()
        close_handed_on(actor=request.actor, key=act_key(request, "handed_on"), sent_key=which, note=note)
    except Refused as refused:
        return _show(request, refused)
    say(request, _("It is settled. Thank you."))
    return redirect("web:handed_on")


def _show(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    acts = {**names(), "adopt": _("Kept aside: nobody knows it")}
    found = [
        (each, acts.get(each.act.flow, each.act.flow), [scan.replace("\x1d", " ") for scan in each.scans])
        for each in handed_on(request.actor)
    ]
    return page(
        request, "web/handed_on.html", status=409 if refused else 200, refused=refused, found=found,
        refused_key=request.POST.get("sent", ""), note=request.POST.get("note", ""),
    )  # fmt: skip
