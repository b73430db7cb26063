"""Devices that came out of patients, and where each goes: to the maker's laboratory, to pathology, or to the patient."""

from collections.abc import Callable
from itertools import groupby
from operator import attrgetter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.flows.acts import Done
from yanji.flows.reasons import reasons
from yanji.flows.theatre.explanted import (
    EXAMINED_IN,
    explanted_units,
    hand_on,
    handover_for,
    handovers,
    records_of,
    return_explanted,
)
from yanji.ledger.api import Refused
from yanji.places.queries import tree

from ..flow.done import say, to_entry
from ..flow.gate import needs
from ..flow.sent import Sent
from ..page import act_key, page

OPERATIONS = ("use", "return_goods", "scrap")
MAKER, PATHOLOGY, PATIENT = "maker", "pathology", "patient"


@needs(*OPERATIONS)
def explanted_page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    """By place: what lies there, and the ways that it can go; then what went lately."""
    actor: Actor = request.actor
    units = sorted(explanted_units(actor), key=attrgetter("place_path"))
    groups = [(place_id, list(lying)) for place_id, lying in groupby(units, key=attrgetter("place_id"))]
    return page(
        request,
        "theatre/explanted.html",
        status=409 if refused else 200,
        refused=refused,
        groups=[
            (place_id, lying, {each: actor.may(each, lying[0].place_path) for each in OPERATIONS})
            for place_id, lying in groups
        ],
        reasons=reasons("supplier_return"),
        examined_in=[node.place for node in tree() if node.place.kind in EXAMINED_IN and node.place.active],
        chosen=request.POST.getlist("epc"),
        sent=request.POST,
        papers=handovers(actor),
    )


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
        done, address = way(request, sent, request.POST.getlist("epc"))
    except Refused as refused:
        return explanted_page(request, refused)
    asked = _("%(number)s is written. Enter the supplier's authorisation, then send it.") % {
        "number": done.number
    }
    handed = _("%(number)s: handed on. Print it, and let both sign.") % {"number": done.number}
    say(request, handed if done.events else asked, to_entry(done.events[-1]) if done.events else None)
    return redirect(address)


def _to_maker(request: HttpRequest, sent: Sent, epcs: list[str]) -> tuple[Done, str]:
    place_id = sent.number("place_id", _("Place"))
    reason = sent.text("reason", _("Reason"), required=True)
    note = sent.text("note", _("Note"))
    sent.check()
    done = return_explanted(
        actor=request.actor, key=act_key(request, "explanted"), place_id=place_id, epcs=epcs, reason=reason, note=note
    )  # fmt: skip
    return done, reverse("buyer:supplier_return", args=[done.id])


def _to_pathology(request: HttpRequest, sent: Sent, epcs: list[str]) -> tuple[Done, str]:
    place_id, to_place_id = sent.number("place_id", _("Place")), sent.number("to_place_id", _("Examined in"))
    handed_to = sent.text("examiner", _("Taken over by"), required=True)
    sent.check()
    done = hand_on(
        actor=request.actor, key=act_key(request, "explanted"), place_id=place_id, epcs=epcs, handed_to=handed_to,
        to_place_id=to_place_id,
    )  # fmt: skip
    return done, _paper(request.actor, done)


def _to_patient(request: HttpRequest, sent: Sent, epcs: list[str]) -> tuple[Done, str]:
    place_id = sent.number("place_id", _("Place"))
    patient = sent.text("patient_token", _("Wristband"), required=True)
    handed_to = sent.text("receiver", _("Taken over by"), required=True)
    sent.check()
    done = hand_on(
        actor=request.actor, key=act_key(request, "explanted"), place_id=place_id, epcs=epcs, handed_to=handed_to,
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


WAYS: dict[str, Callable[[HttpRequest, Sent, list[str]], tuple[Done, str]]] = {
    MAKER: _to_maker,
    PATHOLOGY: _to_pathology,
    PATIENT: _to_patient,
}


@needs("view_patient")
def handover_page(request: HttpRequest, handover_id: int) -> HttpResponse:
    """One paper: which devices, out of whom, to whom."""
    handover = handover_for(request.actor, handover_id)
    return page(request, "theatre/handover.html", handover=handover, records=records_of(handover))
