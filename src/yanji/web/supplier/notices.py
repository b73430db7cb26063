"""A supplier's ship notice with its cartons and pallets, and the labels to stick on them."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from yanji.flows.packing.label import box_labels, printed
from yanji.flows.packing.models import BoxKind
from yanji.flows.portal.gates import own_notice
from yanji.flows.portal.queries import boxes_of_notice

from ..flow.gate import needs
from ..page import page


@needs("supply")
@require_safe
def notice_page(request: HttpRequest, notice_id: int) -> HttpResponse:
    """What was announced, box by box."""
    notice = own_notice(request.actor, notice_id)
    lines = list(notice.lines.select_related("item", "box").order_by("box__code", "pk"))
    for line in lines:
        line.in_box = printed(line.box.code) if line.box else ""
    return page(
        request,
        "supplier/notice.html",
        notice=notice,
        lines=lines,
        pieces=sum(line.quantity for line in lines),
        boxes=[
            (BoxKind(box.kind).label, printed(box.code), printed(box.parent.code) if box.parent else "")
            for box in boxes_of_notice(notice)
        ],
    )


@needs("supply")
@require_safe
def labels(request: HttpRequest, notice_id: int) -> HttpResponse:
    """The labels of all its cartons and pallets as one PDF."""
    notice = own_notice(request.actor, notice_id)
    codes = [box.code for box in boxes_of_notice(notice)]
    return HttpResponse(box_labels(codes), content_type="application/pdf")
