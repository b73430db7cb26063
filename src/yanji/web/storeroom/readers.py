"""RFID readers: which ones hang where and speak, what passed them, and what of that goes on to a flow."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.rfid.models import Reader
from yanji.flows.rfid.queries import explained, readers_near, seen_by
from yanji.flows.rfid.readers import (
    WATCHES,
    change_reader,
    enter_reader,
    look_at_misheard,
    misheard_for,
    reader_for,
    set_reader_active,
)
from yanji.ledger.api import Refused
from yanji.places import queries as place_queries

from ..flow.done import say
from ..flow.gate import needs
from ..flow.sent import Sent, numbers_in
from ..nav import open_address
from ..page import act_key, page

SHOWN, PERIODS = 200, (5, 60, 24 * 60)  # passages on a page; minutes that it looks back
# Where scanned things go on to; each page has a scan field, which takes what is handed over to it.
ONWARD = (
    ("storeroom:put_away", gettext_lazy("Put away")),
    ("ward:take_in", gettext_lazy("Take in")),
    ("ward:give_back", gettext_lazy("Give back")),
    ("storeroom:pack", gettext_lazy("Pack")),
    ("storeroom:receiving", gettext_lazy("Receiving")),
)


@needs("store", "take_in", "edit_places")
@require_safe
def readers_page(request: HttpRequest) -> HttpResponse:
    return _list(request)


def _list(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    """All readers where one sees stock; for who edits places, what could not be taken as well."""
    actor: Actor = request.actor
    now, edits = timezone.now(), actor.may("edit_places")
    found = readers_near(actor, also_ended=edits)
    return page(
        request,
        "storeroom/readers.html",
        status=409 if refused else 200,
        refused=refused,
        rows=[(each, each.silent(now), actor.may("edit_places", each.place.path)) for each in found],
        edits=edits,
        misheard=misheard_for(actor) if edits else [],
    )


@needs("store", "take_in", "edit_places")
@require_safe
def reader_page(request: HttpRequest, reader_id: int) -> HttpResponse:
    """What passed a reader in the last minutes, each tag as what it is; fetched anew while the page stands open."""
    actor: Actor = request.actor
    reader, now = reader_for(actor, reader_id, may="view"), timezone.now()
    [minutes] = numbers_in([request.GET.get("minutes", "")])[:1] or [PERIODS[0]]
    minutes = minutes if minutes in PERIODS else PERIODS[0]
    seen = explained(seen_by(reader, since=now - timedelta(minutes=minutes), limit=SHOWN), actor)
    return page(
        request,
        "storeroom/reader.html",
        partial="passed",
        reader=reader,
        silent=reader.silent(now),
        seen=seen,
        unexplained=sum(each.left_without_paper for each in seen),
        minutes=minutes,
        periods=[(each, _period(each)) for each in PERIODS],
        onward=[(address, label) for name, label in ONWARD if (address := open_address(actor, name))],
    )


def _period(minutes: int) -> str:
    hours = minutes // 60
    if hours:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


@needs("edit_places")
def new_reader(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor
    if request.method != "POST":
        return _form(request)
    sent = Sent(request.POST)
    given = _given(sent)
    given |= {"kind": sent.text("kind"), "protocol": sent.text("protocol")}
    given["place_id"] = sent.number("place", _("What it watches"))
    try:
        sent.check()
        enter_reader(actor=actor, key=act_key(request, "reader"), **given)
    except Refused as refused:
        return _form(request, refused=refused)
    say(request, _("The reader is listened to from now on."))
    return redirect("storeroom:readers")


@needs("edit_places")
def edit_reader(request: HttpRequest, reader_id: int) -> HttpResponse:
    actor: Actor = request.actor
    reader = reader_for(actor, reader_id)
    if request.method != "POST":
        return _form(request, reader)
    sent = Sent(request.POST)
    given = _given(sent)
    try:
        sent.check()
        change_reader(actor=actor, key=act_key(request, "reader"), reader_id=reader_id, **given)
    except Refused as refused:
        return _form(request, reader, refused)
    say(request, _("The reader was changed."))
    return redirect("storeroom:readers")


def _given(sent: Sent) -> dict[str, Any]:
    door = sent.text("door_input", _("Input of the door's contact"))
    return {
        "name": sent.text("name", _("Name of the reader"), required=True),
        "address": sent.text("address", _("Address"), required=True),
        "inside": _antennas(sent, "inside", _("Antennas inside")),
        "outside": _antennas(sent, "outside", _("Antennas outside")),
        "tls": bool(sent.data.get("tls")),
        "door_input": sent.whole(door, _("Input of the door's contact")) if door else None,
        "door_open_high": sent.text("door_open_high") != "low",
    }


def _antennas(sent: Sent, name: str, label: str) -> list[int]:
    words = sent.text(name, label).replace(",", " ").replace("，", " ").split()
    return [sent.whole(word, label) for word in words]


def _form(request: HttpRequest, reader: Reader | None = None, refused: Refused | None = None) -> HttpResponse:
    """The form with what was sent, else with what is on file."""
    shown = request.POST or {
        "name": reader.name if reader else "",
        "address": reader.address if reader else "",
        "inside": ", ".join(map(str, reader.inside)) if reader else "",
        "outside": ", ".join(map(str, reader.outside)) if reader else "",
        "tls": reader.tls if reader else False,
        "door_input": reader.door_input or "" if reader else "",
        "door_open_high": "high" if reader is None or reader.door_open_high else "low",
        "kind": Reader.Kind.GATE,
        "protocol": Reader.Protocol.LLRP,
    }
    return page(
        request,
        "storeroom/reader_form.html",
        status=409 if refused else 200,
        refused=refused,
        reader=reader,
        shown=shown,
        kinds=Reader.Kind.choices,
        protocols=Reader.Protocol.choices,
        over_llrp=reader is None or reader.protocol == Reader.Protocol.LLRP,
        has_door=reader is None
        or (reader.protocol, reader.kind) == (Reader.Protocol.LLRP, Reader.Kind.CABINET),
        places=[] if reader else _places(request.actor),
    )


def _places(actor: Actor) -> list[tuple[int, str]]:
    """What a reader may watch, as the tree stands: number and indented name."""
    kinds = {kind for kinds in WATCHES.values() for kind in kinds}
    nodes = place_queries.tree(paths=actor.scopes.get("edit_places", ()))
    return [
        (node.place.pk, "\u2003" * node.depth + node.place.name) for node in nodes if node.place.kind in kinds
    ]


@needs("edit_places")
@require_POST
def set_active(request: HttpRequest, reader_id: int) -> HttpResponse:
    active = bool(request.POST.get("active"))
    try:
        set_reader_active(
            actor=request.actor,
            key=act_key(request, f"reader{reader_id}"),
            reader_id=reader_id,
            active=active,
        )
    except Refused as refused:
        return _list(request, refused)
    say(request, _("The reader is listened to again.") if active else _("The reader is taken off."))
    return redirect("storeroom:readers")


@needs("edit_places")
@require_POST
def look_at(request: HttpRequest, reader_id: int) -> HttpResponse:
    look_at_misheard(actor=request.actor, key=act_key(request, f"misheard{reader_id}"), reader_id=reader_id)
    say(request, _("The messages stay on file."))
    return redirect("storeroom:readers")
