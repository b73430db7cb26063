"""What happens to an order after it was written: changed, withdrawn, cancelled, answered by its supplier, owed."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.buying.answers import answer_line, settle_answer
from yanji.flows.buying.changing import change_order, drop_change
from yanji.flows.buying.gates import answer_for
from yanji.flows.buying.models import LineAnswer
from yanji.flows.buying.owed import back_orders
from yanji.flows.gates import order_for
from yanji.flows.models import OrderLine, PurchaseOrder
from yanji.flows.purchase import cancel_order, withdraw_order
from yanji.ledger.api import Refused

from ..flow.done import say
from ..flow.gate import needs
from ..flow.lines import ItemLine, TypedPart
from ..flow.promised import promises
from ..flow.sent import Sent
from ..page import act_key, page, page_of
from .acts import press, reason
from .lines import money_text, ordered, part_places, typed_lines
from .orders import order_page


@needs("order")
def change(request: HttpRequest, order_id: int) -> HttpResponse:
    """The order's lines as they shall be; sent off, they wait for whom the rules name."""
    order = order_for(request.actor, order_id, may="order")
    if request.method != "POST":
        return _form(request, order, _lines_of(order))
    lines = typed_lines(request)
    try:
        sent = Sent(request.POST)
        why, expected_on = sent.text("reason", _("Reason")), sent.day("expected_on", _("Expected on"))
        read = ordered(sent, lines)
        sent.check()
        done = change_order(
            actor=request.actor,
            key=act_key(request, "change"),
            order_id=order_id,
            lines=read,
            reason=why,
            expected_on=expected_on,
        )
    except Refused as refused:
        return _form(request, order, lines, refused)
    said = (
        _("The change of %(number)s waits for approval.")
        if done.facts["waits"]
        else _("%(number)s is changed.")
    )
    say(request, said % {"number": done.number})
    return redirect("buyer:order", order_id)


def _lines_of(order: PurchaseOrder) -> list[ItemLine]:
    rows = (
        order.lines.select_related("item__maker", "contract_item__contract")
        .prefetch_related("parts")
        .order_by("id")
    )
    return [
        ItemLine(
            row.item,
            quantity=str(row.quantity),
            price=money_text(row.price),
            reason=row.price_reason,
            parts=[
                TypedPart(str(part.due_on), str(part.quantity), str(part.place_id or ""))
                for part in sorted(row.parts.all(), key=lambda part: (part.due_on, part.pk))
            ],
            contract=row.contract_item.contract.number if row.contract_item else "",
        )
        for row in rows
    ]


def _form(
    request: HttpRequest, order: PurchaseOrder, lines: list[ItemLine], refused: Refused | None = None
) -> HttpResponse:
    return page(
        request, "buyer/change.html", status=409 if refused else 200, refused=refused, order=order, lines=lines,
        part_places=part_places(request.actor, lines), sent=request.POST,
    )  # fmt: skip


@needs("order")
@require_POST
def drop(request: HttpRequest, order_id: int) -> HttpResponse:
    return press(
        request, drop_change, "drop", order_page, order_id, to="buyer:order",
        said=_("The change of %(number)s is withdrawn."), order_id=order_id,
    )  # fmt: skip


@needs("order")
@require_POST
def withdraw(request: HttpRequest, order_id: int) -> HttpResponse:
    return press(
        request, withdraw_order, "withdraw", order_page, order_id, to="buyer:order",
        said=_("Order %(number)s is a draft again."), order_id=order_id,
    )  # fmt: skip


@needs("order")
@require_POST
def cancel(request: HttpRequest, order_id: int) -> HttpResponse:
    return press(
        request, cancel_order, "cancel", order_page, order_id, to="buyer:order",
        said=_("Order %(number)s is cancelled."), order_id=order_id, reason=reason(request),
    )  # fmt: skip


@needs("order")
@require_POST
def answer(request: HttpRequest, order_id: int) -> HttpResponse:
    """What the supplier said on the telephone about one line of this order."""
    order = order_for(request.actor, order_id, may="order")
    sent = Sent(request.POST)
    try:
        fields = _answer(order, sent)
    except Refused as refused:
        return order_page(request, order_id, refused=refused)
    return press(
        request, answer_line, "answer", order_page, order_id, to="buyer:order",
        said=_("The supplier's answer is kept."), **fields,
    )  # fmt: skip


def _answer(order: PurchaseOrder, sent: Sent) -> dict[str, Any]:
    line_id = sent.number("line_id", _("Line"))
    if not OrderLine.objects.filter(pk=line_id, order=order).exists():
        sent.complain("choose_again", _("Line"))
    pieces = sent.data.get("pieces", "").strip()
    fields = {
        "line_id": line_id,
        "verdict": sent.data.get("verdict", ""),
        "pieces": sent.whole(pieces, _("Pieces that will come")) if pieces else None,
        "promised_on": sent.day("promised_on", _("Promised for")),
        "promises": promises(sent),
        "note": sent.text("note", _("Note"))[:400],
    }
    sent.check()
    return fields


@needs("order")
@require_POST
def settle(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Take what the supplier offers, or insist."""
    with transaction.atomic():  # the gate locks what the verb will lock again
        found: LineAnswer = answer_for(request.actor, answer_id)
    if request.POST.get("accept") not in ("yes", "no"):
        sent = Sent(request.POST)
        sent.complain("choose_again", _("The supplier's answer"))
        return order_page(request, found.line.order_id, refused=Refused.of(sent.offences))
    return press(
        request, settle_answer, "settle", order_page, found.line.order_id, to="buyer:order",
        said=_("The answer is settled."), answer_id=answer_id, accept=request.POST.get("accept") == "yes",
    )  # fmt: skip


@needs("order", "announce", "receive")
@require_safe
def owed(request: HttpRequest) -> HttpResponse:
    """What suppliers still owe: the longest owed first."""
    actor: Actor = request.actor
    late_only = request.GET.get("late", "") == "1"
    found = back_orders(actor, today=timezone.localdate(), late_only=late_only)
    return page(
        request,
        "buyer/back_orders.html",
        rows=page_of(request, found),
        late_only=late_only,
        late=sum(due.pieces for due in found if due.days_late),
        pieces=sum(due.pieces for due in found),
        value=sum(due.value for due in found),
        unpromised=sum(due.promised_on is None for due in found),
    )
