"""A supplier's own goods in the hospital, what was used of them, and its invoices."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from yanji.flows.invoices.settled import uncharged_uses
from yanji.flows.portal.queries import (
    owed,
    own_goods,
    own_invoices,
    own_settlements,
    used_goods,
)

from ..flow.gate import needs
from ..page import page, page_of

SHOWN = 200


@needs("supply")
@require_safe
def consignment(request: HttpRequest) -> HttpResponse:
    """What lies where and expires when; what was used and is not settled."""
    actor = request.actor
    goods, used = own_goods(actor), used_goods(actor)
    settlements = list(own_settlements(actor)[:24])
    return page(
        request,
        "supplier/consignment.html",
        goods=goods[:SHOWN],
        pieces=sum((row.quantity for row in goods), start=0),
        used=used[:SHOWN],
        used_count=used.count(),
        owed=owed(used),
        settlements=settlements,
        to_charge={each.settlement_id for each in uncharged_uses([one.pk for one in settlements])},
    )


@needs("supply")
@require_safe
def invoices(request: HttpRequest) -> HttpResponse:
    """The invoices that the hospital has, with what came of them."""
    return page(request, "supplier/invoices.html", rows=page_of(request, own_invoices(request.actor)))
