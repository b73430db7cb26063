"""The live stream as browsers hear it: who may, in which words, and until when."""

import json
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.views.decorators.http import require_GET

from yanji.access.actor import Actor
from yanji.access.gates import NotFound, place_for
from yanji.access.models import Person
from yanji.access.operations import Operation
from yanji.access.queries import scopes_by_person
from yanji.catalog.models import Item, Supplier
from yanji.insight import open_to
from yanji.insight.board import Cut
from yanji.ledger.api import log_end, storable, unit_view
from yanji.watch.happenings import Entered, Happening, entered
from yanji.watch.stream import Listener, Stream, Told

from .asked import plain, whole_number
from .board import numbers
from .templatetags.happenings import what_moved
from .templatetags.yanji import moment, named


class LedgerLog:
    """The ledger's log as the stream reads it, in threads that serve no request: each gives its connection back."""

    def end(self) -> int:
        try:
            return log_end()
        finally:
            connection.close()

    def after(self, position: int, limit: int) -> Sequence[Told]:
        try:
            return [told(entry) for entry in entered(position, limit)]
        finally:
            connection.close()

    def leaving(self, listeners: Collection[Listener]) -> Collection[Listener]:
        """Who signed out, has another password, or may see more or less than when they came. Three statements for any
        number of them."""
        keys = {listener.session for listener in listeners}
        try:
            open_sessions = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
            present = set(open_sessions.values_list("session_key", flat=True))
            people = Person.objects.in_bulk({each.person_id for each in listeners})
            scopes = scopes_by_person(people, today=timezone.localdate())
        finally:
            connection.close()
        proofs = {key: person.get_session_auth_hash() for key, person in people.items()}
        return [
            each
            for each in listeners
            if each.session not in present
            or proofs.get(each.person_id) != each.proof
            or scopes.get(each.person_id, {}).get(each.may, ()) != each.scope
        ]

    def numbers(self, shown: Hashable) -> Mapping[str, bytes]:
        assert isinstance(shown, Cut)
        try:
            return in_each_language(numbers(shown))
        finally:
            connection.close()


STREAM = Stream(LedgerLog())


def told(entry: Entered) -> Told:
    """An entry in the words of each language, ready to be sent."""
    words = in_each_language(lambda: row(entry.happening))
    parts = {kind: in_each_language(partial(row, part)) for kind, part in entry.parts.items()}
    return Told(
        entry.position,
        entry.recorded_at.timestamp(),
        entry.touched,
        entry.units,
        words,
        entry.under_way,
        parts,
    )


def in_each_language(say: Callable[[], Any]) -> dict[str, bytes]:
    words = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words[language] = json.dumps(say(), ensure_ascii=False).encode()
    return words


def row(happening: Happening) -> dict[str, str]:
    """What a page's ticker shows of one event."""
    return {
        "id": happening.event_id,
        "step": happening.step,
        "at": happening.happened_at.isoformat(),
        "when": moment(happening.happened_at),
        "what": what_moved(happening),
        "where": named(happening.place),
    }


@require_GET
def live(request: HttpRequest) -> HttpResponseBase:
    """Server-sent events of what the reader may see, of one place (``?place=``) or one unit (``?unit=``), with
    things of one family or usual supplier (``?family=``, ``?supplier=``), from ``Last-Event-ID`` on or from now.
    To the board (``?figures=1``) of the places whose figures the reader sees, with its numbers (``?numbers=1``)."""
    actor: Actor = request.actor
    may = Operation.SEE_FIGURES if request.GET.get("figures") == "1" else Operation.VIEW
    if not actor.may(may):
        raise NotFound("stream")
    within = _within(actor, request.GET.get("place", ""), may)
    family, supplier = _kind(request)
    counts = may == Operation.SEE_FIGURES and request.GET.get("numbers") == "1"
    listener = Listener(
        person_id=actor.person_id,
        session=request.session.session_key or "",
        proof=request.user.get_session_auth_hash(),
        scope=actor.scopes[may],
        may=may,
        language=request.LANGUAGE_CODE,
        unit=_unit(actor, request.GET.get("unit", "")),
        within=within,
        family=family,
        supplier=supplier,
        shows=Cut((within,) if within else actor.scopes[may], family, supplier) if counts else None,
    )
    if not isinstance(request, ASGIRequest):
        # A server that cannot stream would hold a thread for each reader: they hear that there is nothing to hear.
        return HttpResponse(status=204)
    after = _position(request.headers.get("Last-Event-ID") or request.GET.get("after", ""))
    # Proxies are asked to pass on each event as it comes.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(
        STREAM.listen(listener, after), content_type="text/event-stream", headers=headers
    )


def _kind(request: HttpRequest) -> tuple[str, int | None]:
    """The family and the usual supplier asked for; raises NotFound for what is none: each that is asked for is read by itself."""
    family, supplier = plain(request.GET.get("family"), 80), whole_number(request.GET.get("supplier"))
    if family and not Item.objects.filter(family=family).exists():
        raise NotFound("family")
    if supplier is not None and not Supplier.objects.filter(pk=supplier).exists():
        raise NotFound("supplier")
    return family, supplier


def _unit(actor: Actor, epc: str) -> int | None:
    """The id of the unit asked for; raises NotFound where its reader may not see its life line."""
    if not epc:
        return None
    unit = unit_view(epc) if storable(epc) and open_to.units(actor, [epc]) else None
    if unit is None:
        raise NotFound("unit")
    return unit.id


def _within(actor: Actor, place: str, may: Operation) -> str:
    """The path of the place asked for; raises NotFound where its reader may not see it."""
    if not place:
        return ""
    if (key := whole_number(place)) is None:
        raise NotFound("place")
    return place_for(actor, key, may=may).path


def _position(text: str) -> int | None:
    """Nonsense is no position: such a client hears what happens from now on."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
