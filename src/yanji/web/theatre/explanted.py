"""Devices that came out of patients, and where each goes: to the maker's laboratory, to pathology, or to the patient."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.flows.acts import Done
from yanji.flows.reasons import reasons
from yanji.flows.theatre.explanted import (
    EXAMINED_IN,
    devices_of,
    explanted_lots,
    explanted_units,
    hand_on,
    handover_for,
    handovers,
    return_explanted,
)
from yanji.flows.things import Thing
from yanji.ledger.api import LotQuantity, Refused
from yanji.ledger.models import Level
from yanji.places.models import Kind, Place
from yanji.places.queries import tree

from ..flow.done import say, to_entry
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page
from ..templatetags.yanji import unit_url

OPERATIONS = ("use", "return_goods", "scrap")
Name = tuple[str, str]
PATHOLOGICAL = re.compile("病理|patholog", re.IGNORECASE)
MAKER, PATHOLOGY, PATIENT = "maker", "pathology", "patient"


@needs(*OPERATIONS)
def explanted_page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    """By place: what lies there, and the ways that it can go; then what went lately."""
    actor: Actor = request.actor
    return page(
        request,
        "theatre/explanted.html",
        status=409 if refused else 200,
        refused=refused,
        groups=[
            (place_id, lying, {each: actor.may(each, lying[0].path) for each in OPERATIONS})
            for place_id, lying in _by_place(actor, request.POST)
        ],
        reasons=reasons("supplier_return"),
        examined_in=_examined_in(),
        chosen=request.POST.getlist("thing"),
        sent=request.POST,
        papers=handovers(actor),
    )


def _examined_in() -> list[Place]:
    """Where something may be examined: departments and rooms, those of pathology first, and no shelf room of a store. One
    statement."""
    places = [node.place for node in tree() if node.place.active]
    stores = tuple(place.path for place in places if place.kind == Kind.STORE)
    found = [place for place in places if place.kind in EXAMINED_IN and not place.path.startswith(stores)]
    return sorted(found, key=lambda place: not PATHOLOGICAL.search(f"{place.name_zh} {place.name_en}"))


@dataclass(frozen=True, slots=True)
class Row:
    """One device, or pieces of a lot, that lie there. ``key``: what the form names it by; ``pieces``: None of a unit."""

    key: str
    title: Name
    code: str
    href: str
    place: Name
    place_id: int
    path: str
    pieces: int | None = None
    typed: str = ""


def _by_place(actor: Actor, sent: QueryDict) -> list[tuple[int, list[Row]]]:
    """Place -> what lies there, units before pieces of lots."""
    rows = [
        Row(
            unit.epc, unit.item_name, unit.serial, unit_url(unit.epc), unit.place_name, unit.place_id,
            unit.place_path,
        )
        for unit in explanted_units(actor)
    ]  # fmt: skip
    rows += [_lot_row(level, sent) for level in explanted_lots(actor)]
    rows.sort(key=attrgetter("path"))
    return [(place_id, list(lying)) for place_id, lying in groupby(rows, key=attrgetter("place_id"))]


def _lot_row(level: Level, sent: QueryDict) -> Row:
    item, place, pieces = level.lot.item, level.place, int(level.quantity)
    typed = sent.get(f"quantity:lot {level.lot_id}", "") if sent.get("place_id") == str(place.pk) else ""
    return Row(
        f"lot {level.lot_id}", (item.name_zh, item.name_en), level.lot.number, reverse("web:lot", args=[level.lot_id]),
        (place.name_zh, place.name_en), place.pk, place.path, pieces,
        typed or str(pieces),
    )  # fmt: skip


def _things(post: QueryDict, place_id: int) -> list[Thing]:
    """What is ticked: units by identity, of a lot as many pieces as are typed; a number that is none is refused by the flow."""
    found: list[Thing] = []
    for key in post.getlist("thing"):
        lot_id = number_in(key.removeprefix("lot ")) if key.startswith("lot ") else None
        pieces = number_in(post.get(f"quantity:{key}", ""), 8) or 0
        found.append(key if lot_id is None else LotQuantity(lot_id, Decimal(pieces), place_id))
    return found


@needs(*OPERATIONS)
@require_POST
def hand_on_page(request: HttpRequest) -> HttpResponse:
    """The ticked devices go where the pressed button says."""
    try:
        sent = Sent(request.POST)
        way = WAYS.get(request.POST.get("to", ""))
        if way is None:
            sent.complain("choose_again", _("Where to"))
            sent.check()
            raise AssertionError("what was complained of is refused")
        done, address = way(request, sent)
    except Refused as refused:
        return explanted_page(request, refused)
    asked = _("%(number)s is written. Enter the supplier's authorisation, then send it.") % {
        "number": done.number
    }
    handed = _("%(number)s: handed on. Print it, and let both sign.") % {"number": done.number}
    say(request, handed if done.events else asked, to_entry(done.events[-1]) if done.events else None)
    return redirect(address)


def _to_maker(request: HttpRequest, sent: Sent) -> tuple[Done, str]:
    place_id = sent.number("place_id", _("Place"))
    reason = sent.text("reason", _("Reason"), required=True)
    note = sent.text("note", _("Note"))
    sent.check()
    things = _things(request.POST, place_id)
    done = return_explanted(
        actor=request.actor, key=act_key(request, "explanted"), place_id=place_id, things=things, reason=reason, note=note
    )  # fmt: skip
    return done, reverse("buyer:supplier_return", args=[done.id])


def _to_pathology(request: HttpRequest, sent: Sent) -> tuple[Done, str]:
    place_id, to_place_id = sent.number("place_id", _("Place")), sent.number("to_place_id", _("Examined in"))
    handed_to = sent.text("examiner", _("Taken over by"), required=True)
    sent.check()
    things = _things(request.POST, place_id)
    done = hand_on(
        actor=request.actor, key=act_key(request, "explanted"), place_id=place_id, things=things, handed_to=handed_to,
        to_place_id=to_place_id,
    )  # fmt: skip
    return done, _paper(request.actor, done)


def _to_patient(request: HttpRequest, sent: Sent) -> tuple[Done, str]:
    place_id = sent.number("place_id", _("Place"))
    patient = sent.text("patient_token", _("Wristband"), required=True)
    handed_to = sent.text("receiver", _("Taken over by"), required=True)
    sent.check()
    things = _things(request.POST, place_id)
    done = hand_on(
        actor=request.actor, key=act_key(request, "explanted"), place_id=place_id, things=things, handed_to=handed_to,
        patient_token=patient,
    )  # fmt: skip
    return done, _paper(request.actor, done)


def _paper(actor: Actor, done: Done) -> str:
    """The paper says out of whom the devices came: who may not see patients comes back to the list."""
    try:
        handover_for(actor, done.id)
    except (NotFound, Refused):
        return reverse("theatre:explanted")
    return reverse("theatre:handover", args=[done.id])


WAYS: dict[str, Callable[[HttpRequest, Sent], tuple[Done, str]]] = {
    MAKER: _to_maker,
    PATHOLOGY: _to_pathology,
    PATIENT: _to_patient,
}


@needs("view_patient")
@require_safe
def handover_page(request: HttpRequest, handover_id: int) -> HttpResponse:
    """One paper: which devices, out of whom, to whom."""
    handover = handover_for(request.actor, handover_id)
    return page(request, "theatre/handover.html", handover=handover, lines=devices_of(handover))
