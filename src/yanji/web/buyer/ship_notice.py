"""One ship notice as the hospital reads it: what is on its way, box by box, with its remarks and its print."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from yanji.catalog.models import Item
from yanji.flows.documents import verbs
from yanji.flows.gates import notice_for
from yanji.flows.models import ShipNotice, ShipNoticeLine
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
    return {
        "notice": notice, "lines": lines, "groups": gathered(lines), "boxes": boxes,
        "pieces": sum(line.quantity for line in lines),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one item and lot: a delivery of many units is read by what came, and opened to see which."""

    lines: tuple[ShipNoticeLine, ...]

    @property
    def item(self) -> Item:
        return self.lines[0].item

    @property
    def lot(self) -> str:
        return self.lines[0].lot

    @property
    def expiry(self) -> date | None:
        return self.lines[0].expiry

    @property
    def single(self) -> bool:
        return len(self.lines) == 1

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def arrived(self) -> int:
        return sum(line.quantity for line in self.lines if line.arrived_at)


def gathered(lines: Sequence[ShipNoticeLine]) -> list[Group]:
    """By item, lot and expiry, in the order in which they were announced. Pure."""
    found: dict[tuple[int, str, date | None], list[ShipNoticeLine]] = {}
    for line in lines:
        found.setdefault((line.item_id, line.lot, line.expiry), []).append(line)
    return [Group(tuple(each)) for each in found.values()]
