"""From the dock to the shelf: scan units, scan the shelf; the shelf scanned once more puts them away."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.access.gates import NotFound, place_for, places_for
from yanji.flows.preview import interpret
from yanji.flows.putaway import put_away
from yanji.flows.scanning import Meaning
from yanji.ledger.api import Refused, Stock, on_hand
from yanji.places.models import Kind, Place
from yanji.places.queries import labels, path_names

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.done import on_to, say
from ..flow.gate import needs
from ..flow.sent import Sent
from ..flow.shelves import shelves_for
from ..page import act_key, page
from ..scan import scanned

EXTRA = "storeroom/_shelves.html"
WAITING = 30


@needs("store")
def put_away_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, [])
    basket = Basket(request)
    try:
        sent = Sent(request.POST)
        place_id = sent.number("to_place_id", _("Place"))
        sent.check()
        basket.check()
        things = basket.things()
        put_away(actor=request.actor, key=act_key(request, "put_away"), things=things, to_place_id=place_id)  # type: ignore[attr-defined]
    except Refused as refused:
        return _form(request, basket.rows(refused), refused)
    name = place_for(request.actor, place_id, may="store").name  # type: ignore[attr-defined]
    said = ngettext("%(n)s thing lies in %(place)s now.", "%(n)s things lie in %(place)s now.", len(things))
    there = on_to(request, "web:stock", query=f"?place={place_id}&by=all", label=_("What lies there"))
    say(request, said % {"n": len(things), "place": name}, there)
    return redirect("storeroom:put_away")


def _form(request: HttpRequest, rows: list[FlowRow], refused: Refused | None = None) -> HttpResponse:
    chosen = _place(request.actor, request.POST.get("to_place_id", ""))  # type: ignore[attr-defined]
    docks = places_for(request.actor, may="store", kinds=(Kind.DOCK, Kind.STORE))  # type: ignore[attr-defined]
    return page(
        request,
        "storeroom/put_away.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        chosen=chosen,
        chosen_path=_path(chosen),
        waiting=_waiting(docks),
        labels=labels(docks),
    )


def _waiting(docks: list[Place]) -> list[Stock]:
    """What passed inspection and lies on docks, first expiry first."""
    keys = {dock.pk for dock in docks}
    paths = sorted(dock.path for dock in docks)
    rows = on_hand(paths=paths, by=("item", "lot", "place"), statuses=("available",))
    return [row for row in rows if row.place_id in keys][:WAITING]


def _place(actor: Actor, value: str) -> Place | None:
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        return None
    try:
        return place_for(actor, int(value), may="store")
    except NotFound:
        return None


def _path(place: Place | None) -> str:
    return str(path_names([place.pk]).get(place.pk, "")) if place else ""


@needs("store")
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """A unit is listed with the shelves that suit it; a shelf is chosen, and chosen twice it is confirmed."""
    if is_confirmation(request):
        return confirmed()
    actor: Actor = request.actor  # type: ignore[attr-defined]
    raw = scanned(request)
    place = _place(actor, request.POST.get("to_place_id", ""))
    meaning = interpret(raw, actor=actor, flow="put_away", place_id=place.pk if place else None)
    if place and place.pk in {choice.place_id for choice in meaning.choices}:
        # The short name once more: of those that share it, the one that was chosen is meant.
        return _chosen(request, place.pk)
    if meaning.document and meaning.document[0] == "place":
        return _chosen(request, meaning.document[1])
    shelves = [] if place else _shelves(actor, meaning)
    path = place.path if place else ""
    return answer(
        request, "put_away", extra=EXTRA, found=meaning, path=path or _scope(actor), statuses=("available",),
        more={"shelves": shelves, "choices": meaning.choices},
    )  # fmt: skip


def _scope(actor: Actor) -> str:
    return next(iter(actor.scopes.get("store", ())), "")


def _shelves(actor: Actor, meaning: Meaning) -> list:
    if not meaning.ok or meaning.unit is None:
        return []
    unit = meaning.unit
    return shelves_for(actor, unit.item_id, unit.item_temperature_class, unit.place_path)


def _chosen(request: HttpRequest, place_id: int) -> HttpResponse:
    place = place_for(request.actor, place_id, may="store")  # type: ignore[attr-defined]
    if request.POST.get("to_place_id") == str(place.pk) and request.POST.getlist("row"):
        return confirmed()
    context = {"chosen": place, "chosen_path": _path(place), "oob": True}
    response = render(request, "storeroom/_chosen_place.html", context)
    response["HX-Trigger"] = "yanji:chosen"
    return response
