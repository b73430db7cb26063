"""What most buttons of the buyer's pages do: one verb, and back to the page with what was done, or why not."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from yanji.flows.acts import Done
from yanji.ledger.api import Refused

from ..flow.done import say, warn
from ..page import act_key

Shown = Callable[..., HttpResponse]


def press(
    request: HttpRequest,
    verb: Callable[..., Done],
    act: str,
    page_of: Shown,
    document_id: int,
    *,
    to: str,
    said: str = "",
    **fields: Any,
) -> HttpResponse:
    """Do ``verb``; back on the page ``to`` says what was done, refused ``page_of`` shows why not. ``said`` may name
    ``%(number)s``; warnings about papers follow it."""
    try:
        done = verb(actor=request.actor, key=act_key(request, act), **fields)
    except Refused as refused:
        return page_of(request, document_id, refused=refused)
    if said:
        say(request, said % {"number": done.number})
    warn(request, done)
    return redirect(to, document_id)


def reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()
