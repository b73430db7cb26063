"""A supplier's orders: what is ordered, and what it says to each line."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.flows.buying.answers import answer_line, asked_for, confirm_lines, to_answer
from yanji.flows.buying.models import LineAnswer
from yanji.flows.documents import RUNNING
from yanji.flows.portal.gates import own_order
from yanji.flows.portal.queries import lines_of, own_notices, own_orders
from yanji.flows.states import AnswerState
from yanji.ledger.api import Refused

from ..flow.done import say
from ..flow.gate import needs
from ..flow.lines import MOST_LINES
from ..flow.promised import promises, with_schedule
from ..flow.sent import Sent, number_in
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
        order.open_lines = sum(to_answer(line) for line in order.lines.all())
    return page(request, "supplier/orders.html", rows=rows, text=text, everything=everything)


@needs("supply")
def order_page(request: HttpRequest, order_id: int, refused: Refused | None = None) -> HttpResponse:
    """One order: each line with what was ordered, has come, and was answered."""
    actor = request.actor
    order = own_order(actor, order_id)
    lines = list(lines_of(order))
    with_schedule(lines, order.deliver_to)
    today = timezone.localdate()
    unanswered = [line for line in lines if to_answer(line)] if order.state in RUNNING else []
    late = [line for line in unanswered if (asked_for(line, order) or today) < today]
    return page(
        request,
        "supplier/order.html",
        status=409 if refused else 200,
        refused=refused,
        order=order,
        lines=lines,
        notices=own_notices(actor, order_id=order.pk),
        running=order.state in RUNNING,
        as_asked=[line for line in unanswered if line not in late],
        late=late,
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


@needs("supply")
@require_POST
def confirm(request: HttpRequest, order_id: int) -> HttpResponse:
    """All that the page showed as unanswered comes as it is asked for."""
    own_order(request.actor, order_id)
    try:
        lines = [number for each in request.POST.getlist("line")[:MOST_LINES] if (number := number_in(each))]
        done = confirm_lines(
            actor=request.actor, key=act_key(request, "confirm"), order_id=order_id, lines=lines
        )
    except Refused as refused:
        return order_page(request, order_id, refused)
    count = done.facts["confirmed"]
    say(
        request,
        ngettext("%(count)s line is confirmed as asked.", "%(count)s lines are confirmed as asked.", count)
        % {"count": count},
    )
    return redirect("supplier:order", order_id)
