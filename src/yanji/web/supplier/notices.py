"""A supplier's ship notice with its cartons and pallets, and the labels to stick on them."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from yanji.flows.import_papers import shown_with
from yanji.flows.portal.gates import own_notice
from yanji.flows.portal.queries import boxes_of_notice
from yanji.flows.printing.sheets import box_labels

from ..buyer.ship_notice import announced_in
from ..flow.gate import needs
from ..page import page


@needs("supply")
@require_safe
def notice_page(request: HttpRequest, notice_id: int) -> HttpResponse:
    """What was announced, box by box."""
    notice = own_notice(request.actor, notice_id)
    return page(request, "supplier/notice.html", import_papers=shown_with(notice), **announced_in(notice))


@needs("supply")
@require_safe
def labels(request: HttpRequest, notice_id: int) -> HttpResponse:
    """The labels of all its cartons and pallets as one PDF."""
    notice = own_notice(request.actor, notice_id)
    codes = [box.code for box in boxes_of_notice(notice)]
    return HttpResponse(box_labels(codes), content_type="application/pdf")
