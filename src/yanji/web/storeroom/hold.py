"""Held until somebody has looked at it and released again, or recalled: units by their labels, whole lots by their number."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.acts import Done
from yanji.flows.aside import PICKED
from yanji.flows.held import HOLDABLE, ON_HOLD, LotHere, WholeLot, expired_at, held, lots_here
from yanji.flows.hold import hold, pieces, release
from yanji.flows.preview import interpret
from yanji.flows.reasons import reason_words, reasons
from yanji.flows.recall import RECALLABLE, mark_expired, recall
from yanji.flows.recall_reach import beyond
from yanji.flows.recalled import lots_recalled
from yanji.flows.scanning import Meaning
from yanji.ledger.api import Offence, Refused, Status, storable
from yanji.places.models import Kind, Place

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.done import say, to_entry
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page
from ..scan import refused_row, scanned

# What a person chooses between; also the name of the act and, where one is chosen, the reasons' group.
ACTS: dict[str, Callable[..., Done]] = {
    "hold": hold, "release": release, "recall": recall, "expire": mark_expired,
}  # fmt: skip
REASONED = frozenset({"hold", "release"})
STATUSES: dict[str, Sequence[str]] = {
    "hold": HOLDABLE, "release": ON_HOLD, "recall": RECALLABLE, "expire": (),
}  # fmt: skip
COUNTED: dict[str, Sequence[str]] = {"release": ON_HOLD}
# The shelf that the form names may be chosen after the scan: the row stands, and releasing it decides.
ANSWERED = {"release": frozenset({"kept_wrong"})}
# Where somebody looks for a lot: all that is theirs, one store, one department.
WIDE = (Kind.GROUP, Kind.CAMPUS, Kind.STORE, Kind.DEPARTMENT)
LISTED = 100


@needs("hold")
def hold_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, [])
    basket, lots = Basket(request), sent_lots(request)
    do = _do(request)
    try:
        done = _act(request, do, basket, lots)
    except Refused as refused:
        rows = [*basket.rows(refused), *_lot_rows(request, do, lots, refused)]
        return _form(request, rows, refused)
    count = done.facts["count"]
    said = {
        "recall": ngettext("%(n)s piece is recalled.", "%(n)s pieces are recalled.", count),
        "expire": ngettext("%(n)s piece is marked as expired.", "%(n)s pieces are marked as expired.", count),
        "hold": ngettext("%(n)s piece is on hold.", "%(n)s pieces are on hold.", count),
        "release": ngettext("%(n)s piece is released.", "%(n)s pieces are released.", count),
    }
    said["recall"] = (
        said["recall"] if count else _("The lot is recalled. Nothing of it could be marked here.")
    )
    say(request, said[do] % {"n": count}, to_entry(done.events[0]) if done.events else None)
    return redirect(f"{reverse('storeroom:hold')}?do={do}&place_id={request.POST.get('place_id', '')}")


def _act(request: HttpRequest, do: str, basket: Basket, lots: list[WholeLot]) -> Done:
    sent = Sent(request.POST)
    given: dict[str, object] = {"note": sent.text("note", _("Note"))}
    if do in REASONED:
        given["reason"] = sent.text("reason", _("Reason"), required=True)
    if do == "release" and request.POST.get("to_place_id"):
        given["to_place_id"] = sent.number("to_place_id", _("Put on"))
    if do == "recall":
        given["notice"] = sent.text("notice", _("Notice"), required=True)
    if do == "expire":
        given["place_id"] = sent.number("place_id", _("Place"))
    sent.check()
    basket.check()
    if do != "expire":
        given |= {"things": basket.things(), "lots": lots}
    return ACTS[do](actor=request.actor, key=act_key(request, do), **given)


def _do(request: HttpRequest) -> str:
    asked = request.GET.get("do", "")
    return asked if asked in ACTS else "hold"


def sent_lots(request: HttpRequest) -> list[WholeLot]:
    """The whole lots that the form holds, as ``lot:place`` each; what is no such pair is left out."""
    pairs = [text.partition(":") for text in dict.fromkeys(request.POST.getlist("whole"))]
    named = [(number_in(lot), number_in(place)) for lot, _colon, place in pairs]
    return [WholeLot(lot, place) for lot, place in named if lot and place]


def _form(request: HttpRequest, rows: Iterable[Any], refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    do, places = _do(request), _places(actor)
    place = _place(request, places)
    found = held([place.path] if place else (), limit=LISTED)
    words = reason_words()
    return page(
        request,
        "storeroom/hold.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        do=do,
        reasons=reasons(do) if do in REASONED else {},
        shelves=places_for(actor, may="hold") if do == "release" else (),
        past=pieces(expired_at(place, on=timezone.localdate())) if place and do == "expire" else 0,
        places=places,
        place=place,
        held=[(each, words.of(each.reason, step=each.step)) for each in found],
        recalled=lots_recalled(limit=LISTED) if do == "recall" else (),
        sent=request.POST,
    )


def _places(actor: Actor) -> list[Place]:
    """What is offered as the reach of a whole lot; where somebody answers for a single cabinet, that one."""
    return places_for(actor, may="hold", kinds=WIDE) or places_for(actor, may="hold")


def _place(request: HttpRequest, places: list[Place]) -> Place | None:
    """The one that was chosen, else the widest: a lot that is not to be trusted is so everywhere."""
    asked = request.POST.get("place_id") or request.GET.get("place_id", "")
    chosen = next((place for place in places if str(place.pk) == asked), None)
    return chosen or min(places, key=lambda place: place.path.count("/"), default=None)


@needs("hold")
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """A unit, a counted quantity, or - where a text is neither - all of the lots of that number at the place."""
    if is_confirmation(request):
        return confirmed()
    actor: Actor = request.actor
    do, raw = _do(request), scanned(request)
    place = _place(request, _places(actor))
    meaning = interpret(raw, actor=actor, flow=do)
    number = lot_number(meaning)
    if number and place:
        lots = lots_here(place, STATUSES[do], number=number, may_be_gone=do == "recall")
        if not lots and meaning.kind == "unreadable":
            return refused_row(request, raw, Refused("lot_not_there", thing=number, place=place.name))
        if lots:
            further = beyond(actor, [each.lot.pk for each in lots]) if do == "recall" else set()
            rows = [lot_row(each, do, _reaching(each, further)) for each in lots]
            return HttpResponse(render_to_string("storeroom/_whole_lots.html", {"rows": rows}, request))
    return answer(
        request,
        do,
        path=place.path if place else "",
        statuses=COUNTED.get(do, ("available",)),
        found=meaning,
        answers=ANSWERED.get(do, frozenset()),
    )


def _reaching(here: LotHere, further: Collection[int]) -> tuple[Offence, ...]:
    return (Offence("lot_reaches_further", here.lot.number),) if here.lot.pk in further else ()


def lot_number(meaning: Meaning) -> str:
    """The number of a lot that a scan may name: typed alone, or on a label that names no single unit."""
    if meaning.kind in ("needs_label", "item", "package"):
        return meaning.lot
    text = meaning.scan.strip()
    alone = meaning.kind in ("unreadable", "unknown_product") and len(text) <= 80 and text.isprintable()
    return text if alone and storable(text) else ""


def lot_row(here: LotHere, do: str, offences: tuple[Offence, ...] = ()) -> FlowRow:
    """A whole lot as a row: how much of it lies where, how much was set aside for somebody, and what becomes of it."""
    total, picked, away = here.total, here.pieces.get(PICKED, 0), here.pieces.get(Status.IN_TRANSIT, 0)
    said = ngettext(
        "The whole lot %(lot)s: %(n)s piece in %(place)s", "The whole lot %(lot)s: %(n)s pieces in %(place)s", total
    )  # fmt: skip
    note = ngettext(
        "%(n)s of them lies picked: its requisition is open to pick again.",
        "%(n)s of them lie picked: their requisitions are open to pick again.",
        picked,
    )
    if do == "recall":
        on_its_way = ngettext(
            "%(n)s of them is on its way: it lands as recalled.", "%(n)s of them are on their way: they land as recalled.",
            away,
        )  # fmt: skip
    else:
        on_its_way = ngettext(
            "%(n)s of them is on its way: it lands on hold.", "%(n)s of them are on their way: they land on hold.", away
        )  # fmt: skip
    gone = (
        ""
        if total
        else _("Nothing of it can be marked here: what is on hold stays so, what comes later is held.")
    )
    notes = [said % {"n": count} for said, count in ((note, picked), (on_its_way, away)) if count]
    key = f"whole:{here.lot.pk}:{here.place.pk}"
    whole = f"{here.lot.pk}:{here.place.pk}"
    return FlowRow(
        "warn" if picked or away or offences or gone else "ok",
        here.lot.item.name,
        detail=said % {"lot": here.lot.number, "n": total, "place": here.place.name},
        key=key,
        inputs=(("whole", whole), ("row", key), ("of", str(here.lot.item_id))),
        expiry=here.lot.expiry,
        note=" ".join([*notes, gone] if gone else notes),
        refused=Refused.of(offences) if offences else None,
    )


def _lot_rows(request: HttpRequest, do: str, lots: list[WholeLot], refused: Refused) -> list[FlowRow]:
    """The whole lots as they stood, each with what was said against it."""
    offered = {place.pk: place for place in _places(request.actor)}
    rows = []
    for key in dict.fromkeys(lot.place_id for lot in lots if lot.place_id in offered):
        wanted = [lot.lot_id for lot in lots if lot.place_id == key]
        for here in lots_here(offered[key], STATUSES[do], lot_ids=wanted, may_be_gone=do == "recall"):
            names = {f"lot {here.lot.pk}", here.lot.number}
            rows.append(lot_row(here, do, tuple(each for each in refused.offences if each.thing in names)))
    return rows
