"""What an RFID reader has read goes into a count: shown first, then taken in by who counts."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.counting.by_reader import count_batch, look_at_batch
from yanji.flows.counting.gate import count_for
from yanji.flows.counting.scan import NOTHING
from yanji.ledger.api import Refused

from ...flow.gate import needs
from ...flow.sent import Sent, number_in
from .scanning import CountRow, count_again, say_kept

SHOWN = 50  # rows that want a look; the others are told by their number


@needs("count")
@require_safe
def look(request: HttpRequest, count_id: int) -> HttpResponse:
    """What the chosen reader has read since then, and what the count would say of it. Nothing is kept yet."""
    actor: Actor = request.actor
    count = count_for(actor, count_id, may="count")
    shelf = number_in(request.GET.get("shelf_id", ""))
    try:
        reader_id, since = _asked(Sent(request.GET))
        batch = look_at_batch(
            actor=actor, count_id=count.pk, reader_id=reader_id, since=since, place_id=shelf
        )
    except Refused as refused:
        return render(request, "storeroom/_count_batch.html", {"count": count, "refused": refused})
    rows = [CountRow.heard(each) for each in batch.new]
    odd = [row for row in rows if row.result != "ok"]
    context = {
        "count": count, "reader": batch.reader, "since": request.GET.get("since", ""), "shelf_id": shelf or "",
        "upto": batch.upto, "rows": odd[:SHOWN], "more": len(odd) - len(odd[:SHOWN]), "new": len(rows),
        "fine": len(rows) - len(odd), "aside": batch.aside,
        "before": len(batch.heard) - len(rows) - batch.aside,
    }  # fmt: skip
    return render(request, "storeroom/_count_batch.html", context)


def _asked(sent: Sent) -> tuple[int, datetime | None]:
    reader_id, since = sent.number("reader_id", _("RFID reader")), sent.moment("since", _("Since"))
    sent.check()
    return reader_id, since


@needs("count")
@require_POST
def take(request: HttpRequest, count_id: int) -> HttpResponse:
    """Take in what was shown; each tag counts once, however often the button is pressed."""
    actor: Actor = request.actor
    count = count_for(actor, count_id, may="count")
    try:
        reader_id, since = _asked(Sent(request.POST))
        heard = count_batch(
            actor=actor, count_id=count.pk, reader_id=reader_id, since=since,
            upto=number_in(request.POST.get("upto", "")), place_id=number_in(request.POST.get("shelf_id", "")),
        )  # fmt: skip
    except Refused as refused:
        return count_again(request, count, refused)
    # Tags of places and papers were said to be left out, and want no look.
    new = [each for each in heard if not each.repeated and each.verdict != NOTHING]
    say_kept(request, new, blind=count.blind)
    return redirect("storeroom:count", count.pk)
