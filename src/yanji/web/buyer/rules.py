"""The rules of buying: how much may differ, what papers lead to that lapsed or were never shown, which goods need two
invoices."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.catalog.queries import families
from yanji.flows.buying.models import PaperRule
from yanji.flows.buying.pricing import rules
from yanji.flows.buying.rules import FIXED, drop_two_invoice, set_rules, set_two_invoice, two_invoice_rules
from yanji.flows.validity import answers
from yanji.ledger.api import Refused
from yanji.places.models import Kind, Place

from ..asked import percent, whole_number
from ..flow.done import say
from ..flow.gate import needs
from ..page import act_key, page

EDITORS = ("contract", "edit_rules")


@needs(*EDITORS)
def rules_page(request: HttpRequest, *, refused: Refused | None = None) -> HttpResponse:
    """Rules as they are; sent, they hold from now on."""
    if request.method == "POST" and refused is None:
        return _save(request)
    said = answers()
    return page(
        request,
        "buyer/rules.html",
        status=409 if refused else 200,
        refused=refused,
        rules=rules(),
        stages=PaperRule.Stage.choices,
        papers=[
            (
                label,
                [
                    (f"{stage}:{paper}", said[stage, paper], (stage, paper) in FIXED, stage_label)
                    for stage, stage_label in PaperRule.Stage.choices
                ],
            )
            for paper, label in PaperRule.Paper.choices
        ],
        choices=PaperRule.Answer.choices,
        two_invoice=two_invoice_rules(),
        families=families(),
        campuses=Place.objects.filter(kind=Kind.CAMPUS, active=True).order_by("path"),
    )


def _save(request: HttpRequest) -> HttpResponse:
    try:
        set_rules(
            actor=request.actor,
            key=act_key(request, "rules"),
            over_delivery_percent=percent(request.POST.get("over_delivery_percent", "")),
            price_tolerance_percent=percent(request.POST.get("price_tolerance_percent", "")),
            made_decides="made_decides" in request.POST,
            answers=_said(request, "paper-"),
            missing=_said(request, "missing-"),
        )
    except Refused as refused:
        return rules_page(request, refused=refused)
    say(request, _("The rules hold from now on."))
    return redirect("buyer:rules")


def _said(request: HttpRequest, prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value for name, value in request.POST.items() if name.startswith(prefix)
    }


@needs(*EDITORS)
@require_POST
def two_invoice(request: HttpRequest) -> HttpResponse:
    """A family's rule is set, or taken away, for a campus or for all."""
    campus = request.POST.get("campus", "")
    where = whole_number(campus)
    family = request.POST.get("family", "").replace("\0", "").strip()[:80]
    what = request.POST.get("needed", "")
    try:
        if what not in ("yes", "no", "drop"):
            raise Refused("choose_again", field=_("Two invoices"))
        if campus and where is None:
            raise Refused("choose_again", field=_("Campus"))
        asked = {"actor": request.actor, "key": act_key(request, "two"), "family": family, "campus_id": where}
        if what == "drop":
            drop_two_invoice(**asked)
        else:
            set_two_invoice(**asked, needed=what == "yes")
    except Refused as refused:
        return rules_page(request, refused=refused)
    of = family or _("All others")
    say(request, _("The rule for %(family)s holds from now on.") % {"family": of})
    return redirect("buyer:rules")
