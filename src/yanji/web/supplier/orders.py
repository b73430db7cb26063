"""A supplier's orders: what is ordered, and what it says to each line."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.flows.buying.answers import answer_line
from yanji.flows.buying.models import LineAnswer
from yanji.flows.documents import RUNNING
from yanji.flows.portal.gates import own_order
from yanji.flows.portal.queries import lines_of, own_notices, own_orders
from yanji.flows.states import AnswerState
from yanji.ledger.api import Refused

from ..flow.done import say
from ..flow.gate import needs
from ..flow.promised import promises, with_schedule
from ..flow.sent import Sent
from ..page import act_key, page, page_of

VERDICTS = LineAnswer.Verdict.choices


@needs("supply")
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """Running orders first shown; ``?state=all`` shows all of them."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    everything = request.GET.get("state") == "all"
    rows = page_of(request, own_orders(request.actor, states=() if everything else RUNNING, text=text))
    for order in rows.object_list:
        order.pieces = sum(line.quantity for line in order.lines.all())
        order.open_lines = sum(
            line.outstanding > 0 and not any(answer.stands for answer in line.answers.all())
            for line in order.lines.all()
        )
    return page(request, "supplier/orders.html", rows=rows, text=text, everything=everything)


@needs("supply")
def order_page(request: HttpRequest, order_id: int, refused: Refused | None = None) -> HttpResponse:
    """One order: each line with what was ordered, has come, and was answered."""
    actor = request.actor
    order = own_order(actor, order_id)
    lines = list(lines_of(order))
    with_schedule(lines, order.deliver_to)
    return page(
        request,
        "supplier/order.html",
        status=409 if refused else 200,
        refused=refused,
        order=order,
        lines=lines,
        notices=own_notices(actor, order_id=order.pk),
        running=order.state in RUNNING,
        verdicts=VERDICTS,
    )


@needs("supply")
@require_POST
def answer(request: HttpRequest, order_id: int, line_id: int) -> HttpResponse:
    """What the supplier says to one line."""
    own_order(request.actor, order_id)
    try:
        sent = Sent(request.POST)
        verdict = sent.text("verdict", _("Answer"), required=True)
        pieces = request.POST.get("pieces", "").strip()
        number = sent.whole(pieces, _("Pieces")) if pieces and verdict == "changed" else None
        promised, named = sent.day("promised_on", _("Comes on")), promises(sent)
        note = sent.text("note", _("Note"))
        sent.check()
        done = answer_line(
            actor=request.actor,
            key=act_key(request, "answer"),
            line_id=line_id,
            verdict=verdict,
            pieces=number,
            promised_on=promised,
            promises=named,
            note=note,
        )
    except Refused as refused:
        return order_page(request, order_id, refused)
    open_yet = done.facts["settled"] == AnswerState.OPEN
    say(
        request,
        _("Your answer differs from the order: the hospital's buyer decides.")
        if open_yet
        else _("Your answer is with the hospital."),
    )
    return redirect("supplier:order", order_id)
