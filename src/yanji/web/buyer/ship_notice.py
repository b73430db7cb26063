"""One ship notice as the hospital reads it: what is on its way, box by box, with its remarks and its print."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from yanji.flows.documents import verbs
from yanji.flows.gates import notice_for
from yanji.flows.models import ShipNotice
from yanji.flows.packing.label import printed
from yanji.flows.packing.models import BoxKind
from yanji.flows.portal.queries import boxes_of_notice

from ..flow.gate import needs
from ..page import page


@needs("order", "announce", "receive", "approve", "invoice", "pay", "see_figures")
@require_safe
def notice_page(request: HttpRequest, notice_id: int) -> HttpResponse:
    """For whoever sees its order; who may announce for it may withdraw it."""
    actor = request.actor
    notice = notice_for(actor, notice_id)
    may = actor.may("announce", notice.order.deliver_to.path)
    may_withdraw = may and "withdraw" in verbs("notice", notice.state)
    return page(request, "buyer/ship_notice.html", may_withdraw=may_withdraw, **announced_in(notice))


def announced_in(notice: ShipNotice) -> dict[str, Any]:
    """What the page of a notice shows, for either side. Two statements."""
    lines = list(notice.lines.select_related("item", "box").order_by("box__code", "pk"))
    for line in lines:
        line.in_box = printed(line.box.code) if line.box else ""
    boxes = [
        (BoxKind(box.kind).label, printed(box.code), printed(box.parent.code) if box.parent else "")
        for box in boxes_of_notice(notice)
    ]
    return {"notice": notice, "lines": lines, "pieces": sum(line.quantity for line in lines), "boxes": boxes}
