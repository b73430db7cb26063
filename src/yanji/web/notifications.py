"""What the reader is told: the bell of every page, and the list behind it, where it is acknowledged."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused
from yanji.notify.inbox import acknowledge, listed, waiting
from yanji.notify.kinds import KINDS, sentence
from yanji.notify.models import Notification, Severity, State

from . import nav
from .asked import whole_number
from .pace import Pace
from .page import act_key, page

# Seconds after which a page asks again how many wait, while somebody looks at it: what a colleague sees to is gone from the
# bell of the others within that, and in a large house, where thousands of pages stand open, within half a minute.
AGAIN_SECONDS = 3
PACE = Pace(most=15, latest=30)
TONES = {Severity.URGENT: "bad", Severity.SOON: "soon", Severity.INFO: "info"}


@dataclass(frozen=True, slots=True)
class Row:
    """One notification as the page shows it; ``href`` is empty where its reader may not open the page it leads to."""

    found: Notification
    title: Any
    says: str
    icon: str
    tone: str
    href: str


def row(actor: Actor, found: Notification) -> Row:
    kind = KINDS[found.kind]
    address = nav.open_address(actor, kind.page, *([found.facts[kind.arg]] if kind.arg else []))
    query = kind.query.format(place=found.place_id, level=found.facts.get("level", ""))
    return Row(
        found,
        kind.title,
        sentence(found.kind, found.count, found.facts),
        kind.icon,
        TONES[Severity(found.severity)],
        f"{address}{query}" if address else "",
    )


@require_safe
def notifications_page(request: HttpRequest) -> HttpResponse:
    """The open ones first; ``?state=`` shows those that somebody acknowledged, or that are over."""
    return _notifications_page(request)


def _notifications_page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    asked = request.GET.get("state", "")
    state = State(asked) if asked in State.values else State.OPEN
    rows = [row(request.actor, found) for found in listed(request.actor, states=(state,))]
    return page(
        request,
        "web/notifications.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        state=state.value,
        tabs=State.choices,
        all_ids=",".join(str(each.found.pk) for each in rows),
    )


@require_safe
@never_cache
def bell(request: HttpRequest) -> JsonResponse:
    """How many wait, and after how many seconds to ask again."""
    found = waiting(request.actor)
    again = PACE.again(time.monotonic(), soonest=AGAIN_SECONDS)
    return JsonResponse({"open": found.open, "urgent": found.urgent, "again": again})


@require_POST
def acknowledge_page(request: HttpRequest) -> HttpResponse:
    """Acknowledge those that the form names (``ids``, separated by commas)."""
    ids = list(_ids(request.POST.get("ids", "").split(",")[:500]))
    if not ids:
        raise NotFound("notification")
    note = request.POST.get("note", "").replace("\0", "")[:400]
    try:
        done = acknowledge(
            actor=request.actor, key=act_key(request, "acknowledge"), notification_ids=ids, note=note
        )
    except Refused as refused:
        return _notifications_page(request, refused)
    count = done.facts["notifications"]
    said = ngettext("%(n)s acknowledged.", "%(n)s acknowledged.", count) % {"n": count}
    messages.success(request, said + " " + _("They stay listed under “Seen to” until they are over."))
    return redirect("web:notifications")


def _ids(texts: Iterable[str]) -> Iterable[int]:
    return (key for text in texts if (key := whole_number(text)))
