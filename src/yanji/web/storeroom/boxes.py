"""Things are packed into a carton, on a pallet or as a kit, and unpacked; a box's page shows what is in it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.gates import places_for
from yanji.catalog.queries import search
from yanji.flows.packing.bill import kits
from yanji.flows.packing.contents import Contents
from yanji.flows.packing.label import box_label, printed
from yanji.flows.packing.models import BoxKind
from yanji.flows.packing.pack import box_for, pack, unpack
from yanji.flows.packing.queries import acts, boxes
from yanji.ledger.api import Refused, unit_views
from yanji.places.models import Kind, Place

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.done import say
from ..flow.gate import needs
from ..flow.sent import Sent
from ..page import act_key, page

PACKED_AT = (Kind.STORE, Kind.DOCK, Kind.DEPARTMENT)
SHOWN_UNITS = 200


@needs("pack")
def pack_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, [])
    basket = Basket(request)
    try:
        code = _pack(request, basket)
    except Refused as refused:
        return _form(request, basket.rows(refused), refused)
    say(
        request,
        _("%(code)s is packed.") % {"code": printed(code)},
        (reverse("storeroom:box_label", args=[code]), _("Print the label")),
    )
    return redirect("storeroom:box", code)


def _pack(request: HttpRequest, basket: Basket) -> str:
    sent = Sent(request.POST)
    place = sent.number("place_id", _("Place"))
    kind = sent.text("kind", _("Kind"), required=True)
    kit = sent.number("item_id", _("Kit")) if kind == BoxKind.KIT else None
    code, note = sent.text("code", _("Label already on it")), sent.text("note", _("Note"))
    sent.check()
    basket.check()
    smaller = [meaning.box.code for meaning in basket.meanings if meaning.box]
    done = pack(
        actor=request.actor,
        key=act_key(request, "pack"),
        place_id=place,
        kind=kind,
        things=basket.things(lambda meaning: meaning.box is None),
        boxes=smaller,
        code=code,
        item_id=kit,
        note=note,
    )
    return str(done.facts["code"])


def _form(request: HttpRequest, rows: list[FlowRow], refused: Refused | None = None) -> HttpResponse:
    actor = request.actor
    return page(
        request,
        "storeroom/pack.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        places=places_for(actor, may="pack", kinds=PACKED_AT),
        kinds=BoxKind.choices,
        kits=kits(),
        boxes=boxes(actor),
        sent=request.POST,
    )


@needs("pack")
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    if is_confirmation(request):
        return confirmed()
    value = request.POST.get("place_id", "")
    places = places_for(request.actor, may="pack", kinds=PACKED_AT)
    path = next((place.path for place in places if str(place.pk) == value), "")
    return answer(request, "look", path=path, statuses=("available",))


@dataclass(frozen=True, slots=True)
class Row:
    """One item and lot of a box."""

    item: str
    code: str
    lot: str
    expiry: date | None
    pieces: int


@require_safe
def box_page(request: HttpRequest, box: str) -> HttpResponse:
    """What is in the box, where it is, what was taken out of it, and what happened to it."""
    actor = request.actor
    found = box_for(actor, box)
    place = Place.objects.filter(pk=found.place_id).first()
    shown = [unit.epc for unit in (*found.taken_out, *found.together)[:SHOWN_UNITS]]
    views = unit_views(shown)
    return page(
        request,
        "storeroom/box.html",
        box=found,
        printed=printed(box),
        kind=BoxKind(found.kind).label,
        place=place,
        rows=_rows(found),
        pieces=len(found.together) + sum(lot.quantity for lot in found.lots),
        units=[(views[epc], views[epc].place_id != found.place_id) for epc in shown if epc in views],
        more=max(0, len(found.units) - SHOWN_UNITS),
        acts=acts(found.id)[:20],
        may_unpack=found.packed and actor.may("pack", found.place_path or None),
    )


def _rows(box: Contents) -> list[Row]:
    """The contents by item and lot, as a packing list has them. One statement."""
    counted: Counter[tuple[int, str, date | None]] = Counter()
    for unit in box.together:
        counted[unit.item_id, unit.lot, unit.expiry] += 1
    for lot in box.lots:
        counted[lot.item_id, lot.lot, lot.expiry] += lot.quantity
    items = {item.pk: item for item in search(state="all").filter(pk__in={key[0] for key in counted})}
    return [
        Row(items[item].name, items[item].code, lot, expiry, pieces)
        for (item, lot, expiry), pieces in sorted(
            counted.items(), key=lambda row: (row[0][2] or date.max, row[0][:2])
        )
    ]


@needs("pack")
@require_POST
def unpack_box(request: HttpRequest, box: str) -> HttpResponse:
    """Everything out, or the one unit that the form names."""
    units = [epc for epc in request.POST.getlist("epc") if epc]
    try:
        unpack(actor=request.actor, key=act_key(request, "unpack"), code=box, units=units)
    except Refused as refused:
        return page(request, "web/refused.html", status=409, refused=refused)
    said = ngettext("%(n)s piece is taken out.", "%(n)s pieces are taken out.", len(units)) % {
        "n": len(units)
    }
    say(request, said if units else _("%(code)s is unpacked.") % {"code": printed(box)})
    return redirect("storeroom:box", box)


@require_safe
def label(request: HttpRequest, box: str) -> HttpResponse:
    """The label as PDF."""
    content = box_label(request.actor, box)
    return HttpResponse(content, content_type="application/pdf")
