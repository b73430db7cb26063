"""From the dock to the shelf: scan units, scan the shelf; the shelf scanned once more puts them away."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.access.gates import NotFound, place_for
from yanji.flows.heaps import heaps_of
from yanji.flows.preview import interpret, interpret_many
from yanji.flows.putaway import put_away
from yanji.flows.scanning import MOST_SCANS, Meaning
from yanji.flows.shelf_choice import DOCKS, Shelf, ToPut, shelves_for, storage
from yanji.flows.shelves import nearest_first
from yanji.ledger.api import Offence, Refused, Stock, on_hand, unit_views
from yanji.places.models import Place
from yanji.places.queries import labels, path_names

from ..flow.basket import Basket, FlowRow, Source, answer, confirmed, is_confirmation
from ..flow.done import on_to, say
from ..flow.gate import needs
from ..flow.sent import Sent
from ..page import act_key, page
from ..scan import scanned

EXTRA = "storeroom/_shelves.html"
WAITING = 30
NEAR = 50  # so many of the rows say from which dock they come


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
        put_away(actor=request.actor, key=act_key(request, "put_away"), things=things, to_place_id=place_id)
    except Refused as refused:
        return _form(request, _with_source(basket.rows(refused), request), refused)
    name = place_for(request.actor, place_id, may="store").name
    count = basket.pieces()
    said = ngettext("%(n)s thing lies in %(place)s now.", "%(n)s things lie in %(place)s now.", count)
    there = on_to(request, "web:stock", query=f"?place={place_id}&by=all", label=_("What lies there"))
    say(request, said % {"n": count, "place": name}, there)
    return redirect("storeroom:put_away")


def _form(request: HttpRequest, rows: list[FlowRow], refused: Refused | None = None) -> HttpResponse:
    chosen = _place(request.actor, request.POST.get("to_place_id", ""))
    places = storage(request.actor)
    docks = [place for place in places if place.kind in DOCKS or place.quarantine]
    waiting = _waiting(docks)
    return page(
        request,
        "storeroom/put_away.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        chosen=chosen,
        chosen_path=_path(chosen),
        waiting=list(zip(waiting, _proposed(request.actor, waiting, places), strict=True)),
        labels=labels(docks),
    )


def _proposed(actor: Actor, waiting: list[Stock], places: list[Place]) -> list[Shelf | None]:
    """For each of what waits, the shelf where it had best lie."""
    things = [ToPut(row.item_id or 0, row.expiry, int(row.quantity), row.place_path or "") for row in waiting]
    found = shelves_for(actor, things, places=places, most=1)
    return [next(iter(shelves), None) for shelves in found]


def _waiting(docks: list[Place]) -> list[Stock]:
    """What can be used and lies on docks, or was released where it was set aside; first expiry first."""
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
    actor: Actor = request.actor
    raw = scanned(request)
    place = _place(actor, request.POST.get("to_place_id", ""))
    meaning = interpret(raw, actor=actor, flow="put_away", place_id=place.pk if place else None)
    if place and place.pk in {choice.place_id for choice in meaning.choices}:
        # The short name once more: of those that share it, the one that was chosen is meant.
        return _chosen(request, place.pk)
    if meaning.document and meaning.document[0] == "place":
        return _chosen(request, meaning.document[1])
    if meaning.choices:
        meaning = nearest_first(meaning, _lies(request))
    if {reason.code for reason in meaning.warnings} == {"unknown_form"}:
        # What reads as no code at all was meant as a shelf's; one of elsewhere reads like one that is not there.
        meaning = replace(meaning, offences=(Offence("no_shelf_here", raw[:80]),))
    sources = _sources(actor, meaning, place)
    shelves = [] if place else _shelves(actor, meaning, sources)
    if meaning.kind == "lot" and meaning.ok and not sources:
        code = "same_place" if place and meaning.lot_id else "unknown_unit"
        meaning = replace(meaning, offences=(Offence(code, meaning.lot or raw[:80]),))
    return answer(
        request, "put_away", extra=EXTRA, found=meaning, sources=sources,
        more={"shelves": shelves, "choices": meaning.choices},
    )  # fmt: skip


def _lies(request: HttpRequest) -> set[str]:
    """Paths of where the units lie that were scanned before. One statement."""
    return {unit.place_path for unit in unit_views(request.POST.getlist("row")[:NEAR]).values()}


def _sources(actor: Actor, meaning: Meaning, place: Place | None) -> list[Source]:
    """Where pieces of a counted lot lie, but for the place they go to: what waits on docks first, then the fullest shelf."""
    if meaning.kind != "lot" or meaning.lot_id is None:
        return []
    heaps = heaps_of(
        [meaning.lot_id], paths=actor.scopes.get("store", ()), statuses=("available",), but=place.pk if place else None
    ).get(meaning.lot_id, [])  # fmt: skip
    places = {heap.place.pk: heap.place for heap in heaps}
    names = labels(places.values())
    return [
        Source(key, names[key], sum(heap.pieces for heap in heaps if heap.place.pk == key), found.path)
        for key, found in places.items()
    ]


def _with_source(rows: list[FlowRow], request: HttpRequest) -> list[FlowRow]:
    """Refused rows with the place that was chosen for each counted lot."""
    chosen = {
        row.key: _place(request.actor, request.POST.get(f"from:{row.key}", ""))
        for row in rows
        if row.quantity
    }
    kept = []
    for row in rows:
        place = chosen.get(row.key)
        inputs = [(name, value) for name, value in row.inputs if not place or name != f"from:{row.key}"]
        sources = (Source(place.pk, place.name),) if place else ()
        kept.append(replace(row, inputs=inputs, sources=sources))
    return kept


def _shelves(actor: Actor, meaning: Meaning, sources: list[Source]) -> list[Shelf]:
    """Where one scan had better go: a unit from where it lies, a counted lot from the first of its sources."""
    if not meaning.ok:
        return []
    if meaning.unit is not None:
        unit = meaning.unit
        thing = ToPut(unit.item_id, unit.expiry, 1, unit.place_path)
    elif meaning.item and sources:
        thing = ToPut(meaning.item.pk, meaning.expiry, sources[0].quantity or 1, sources[0].path)
    else:
        return []
    return shelves_for(actor, [thing])[0]


def _chosen(request: HttpRequest, place_id: int) -> HttpResponse:
    place = place_for(request.actor, place_id, may="store")
    if request.POST.get("to_place_id") == str(place.pk) and request.POST.getlist("row"):
        return confirmed()
    context = {
        "chosen": place, "chosen_path": _path(place), "oob": True, "unsuited": _unsuited(request, place),
    }  # fmt: skip
    response = render(request, "storeroom/_chosen_place.html", context)
    response["HX-Trigger"] = "yanji:chosen"
    return response


def _unsuited(request: HttpRequest, place: Place) -> list[str]:
    """What speaks against this shelf for what was scanned before it was chosen: said now, not after the button."""
    closed = [Offence("quarantine_place", place.name).sentence()] if place.quarantine else []
    scans = request.POST.getlist("line")[:MOST_SCANS]
    if not scans:
        return closed
    meanings = interpret_many(scans, actor=request.actor, flow="put_away", place_id=place.pk)
    said = (offence.sentence() for meaning in meanings for offence in meaning.offences)
    return list(dict.fromkeys([*closed, *said]))
