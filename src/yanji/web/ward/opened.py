"""Opened vials, bottles and test kits: scan a lot to open one, take parts of it, see how long each may be used."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.opened.models import OpenedPiece
from yanji.flows.opened.piece import discard, open_piece, opened_pieces, take
from yanji.flows.queries import cases
from yanji.flows.reasons import reasons
from yanji.flows.scanning import understand
from yanji.ledger.api import Offence, Refused
from yanji.places.models import Kind

from ..asked import written
from ..flow.basket import lot_place, where_it_lies
from ..flow.done import say
from ..flow.gate import needs
from ..flow.sent import Sent
from ..looks import Tone
from ..page import act_key, page
from .cases import OPEN

KEPT_AT = (Kind.DEPARTMENT, Kind.ROOM, Kind.CABINET, Kind.BIN, Kind.STORE)
SOON = timedelta(hours=24)
CLOSED_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """One opened piece with the colour of the time that is left."""

    piece: OpenedPiece
    tone: Tone
    over: bool


@needs("use")
def opened_page(request: HttpRequest) -> HttpResponse:
    """Scanning a lot opens one piece of it, where it lies."""
    if request.method != "POST":
        return _form(request)
    try:
        done = _open(request)
    except Refused as refused:
        return _form(request, refused)
    say(request, _("%(number)s is opened. Write the number on it.") % {"number": done.number})
    return redirect("ward:opened")


def _open(request: HttpRequest) -> Any:
    actor: Actor = request.actor
    sent = Sent(request.POST)
    scan = sent.text("scan", _("Scan or number"), required=True)
    sent.check()
    meaning = understand([scan], actor=actor)[0]
    if meaning.offences:
        raise Refused.of(meaning.offences)
    chosen = request.POST.get("place_id", "")
    places = places_for(actor, may="use", kinds=KEPT_AT)
    place = next((place for place in places if str(place.pk) == chosen), None)
    paths = actor.scopes.get("use", ()) if place is None else (place.path,)
    lies = next(
        filter(None, (where_it_lies(lot_place(meaning, path, ("available",))) for path in paths)), None
    )
    if lies is None and place is not None:
        lies = place.pk, None, ""  # the ledger then says that nothing of it lies there
    if meaning.lot_id is None or lies is None:
        raise Refused.of([Offence("unknown_unit", meaning.lot or scan[:80])])
    shelf, owner, _status = lies
    return open_piece(
        actor=actor, key=act_key(request, "open"), place_id=shelf, lot_id=meaning.lot_id, owner_id=owner
    )


def _form(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    now = timezone.now()
    return page(
        request,
        "ward/opened.html",
        status=409 if refused else 200,
        refused=refused,
        pieces=[_shown(piece, now) for piece in opened_pieces(actor)],
        closed=[
            *opened_pieces(actor, state="used_up").order_by("-opened_at")[:CLOSED_SHOWN],
            *opened_pieces(actor, state="discarded").order_by("-opened_at")[:CLOSED_SHOWN],
            *opened_pieces(actor, state="voided").order_by("-opened_at")[:CLOSED_SHOWN],
        ],
        places=places_for(actor, may="use", kinds=KEPT_AT),
        reasons=reasons("waste"),
        sent=request.POST,
    )


def _shown(piece: OpenedPiece, now: Any) -> Shown:
    left = piece.use_until - now if piece.use_until else None
    over = left is not None and left <= timedelta(0)
    return Shown(piece, "bad" if over else "soon" if left is not None and left < SOON else "ok", over)


@needs("use")
@require_POST
def take_part(request: HttpRequest, piece_id: int) -> HttpResponse:
    """A part of it, in its own measure."""
    try:
        sent = Sent(request.POST)
        amount = _amount(sent)
        case = sent.text("case_number", _("Case"))
        sent.check()
        done = take(
            actor=request.actor,
            key=act_key(request, "take"),
            piece_id=piece_id,
            amount=amount,
            case_number=_case(request.actor, case),
        )
    except Refused as refused:
        return _form(request, refused)
    said = (_("%(number)s: %(left)s left.") if done.state == "open" else _("%(number)s is used up.")) % {
        "number": done.number,
        "left": f"{done.facts['left']} {done.facts['measure']}",
    }
    say(request, said)
    return redirect("ward:opened")


def _case(actor: Actor, typed: str) -> str:
    """The number of the case that a number or a wristband names; what names none goes on as it was typed."""
    found = cases(actor, states=OPEN, text=typed, limit=1) if typed else []
    return found[0].number if found else typed


def _amount(sent: Sent) -> Decimal:
    """A decimal above zero; zero, with a complaint, for anything else."""
    text = sent.text("amount", _("Amount"), required=True).replace(",", ".")
    if not text:
        return Decimal(0)
    found = written(text)
    if not found.is_finite() or found < 0 or len(text) > 13:
        sent.complain("bad_measured", _("Amount"), value=text[:40])
        return Decimal(0)
    return found


@needs("use")
@require_POST
def discard_rest(request: HttpRequest, piece_id: int) -> HttpResponse:
    """What is left is thrown away, for a reason."""
    try:
        done = discard(
            actor=request.actor,
            key=act_key(request, "discard"),
            piece_id=piece_id,
            reason=request.POST.get("reason", ""),
        )
    except Refused as refused:
        return _form(request, refused)
    say(request, _("%(number)s is discarded.") % {"number": done.number})
    return redirect("ward:opened")
