"""The invoice of a settlement of consigned goods, entered by the accountant or written by the supplier itself: what was used
and is not charged stands there already."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.consign.models import Settlement
from yanji.flows.consign.settle import settlement_for
from yanji.flows.invoices.enter import BILLED_TO, billed_by
from yanji.flows.invoices.settled import uncharged_uses
from yanji.flows.portal.queries import own_settlement
from yanji.flows.states import SettlementState
from yanji.ledger.api import Refused
from yanji.places.models import Kind, Place

from ..flow.done import say
from ..flow.gate import needs
from ..page import page
from .billing import Row, enter, settled_options, settled_rows, shown, typed


@needs("invoice")
def of_settlement(request: HttpRequest, settlement_id: int) -> HttpResponse:
    actor: Actor = request.actor
    settlement = settlement_for(actor, settlement_id, may="invoice")
    places = places_for(actor, may="invoice", kinds=BILLED_TO)
    back = reverse("buyer:settlement", args=[settlement.pk])
    if settlement.state != SettlementState.CONFIRMED:
        status = 409 if request.method == "POST" else 200
        return page(request, "buyer/settled_invoice.html", status=status, settlement=settlement, back=back)
    return _entered(request, settlement, places, back=back, to="buyer:invoice")


@needs("supply")
def of_own_settlement(request: HttpRequest, settlement_id: int) -> HttpResponse:
    settlement = own_settlement(request.actor, settlement_id)
    return _entered(
        request,
        settlement,
        billed_by(request.actor),
        back=reverse("supplier:consignment"),
        to="supplier:invoice",
    )


def _entered(
    request: HttpRequest, settlement: Settlement, places: Sequence[Place], *, back: str, to: str
) -> HttpResponse:
    uses = uncharged_uses([settlement.pk])
    choices = settled_options(settlement, uses)
    if request.method != "POST":
        sent = {"invoiced_on": timezone.localdate().isoformat(), "place_id": _payer(settlement, places)}
        return _form(request, settlement, places, choices, settled_rows(uses), back, sent)
    rows = typed(request)
    try:
        done = enter(request, settlement.agreement.supplier_id, choices, rows)
    except Refused as refused:
        return _form(request, settlement, places, choices, rows, back, request.POST, refused)
    say(request, _("Invoice %(number)s is kept and compared.") % {"number": done.number})
    return redirect(to, done.id)


def _payer(settlement: Settlement, places: Sequence[Place]) -> str:
    """The campus of the agreement, else the place nearest to it: it pays."""
    around = [place for place in places if settlement.agreement.place.path.startswith(place.path)]
    campus = [place for place in around if place.kind == Kind.CAMPUS]
    return str((campus or around[-1:])[0].pk) if around else ""


def _form(
    request: HttpRequest,
    settlement: Settlement,
    places: Sequence[Place],
    choices: list,
    rows: list[Row],
    back: str,
    sent: object,
    refused: Refused | None = None,
) -> HttpResponse:
    return page(
        request,
        "buyer/settled_invoice.html",
        status=409 if refused else 200,
        refused=refused,
        settlement=settlement,
        back=back,
        **shown(choices, rows),
        sent=sent,
        places=places,
    )
