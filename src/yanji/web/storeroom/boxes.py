"""Things are packed into a carton, on a pallet or as a kit, and unpacked; all boxes, and the page of one."""

from collections import Counter
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.gates import places_for
from yanji.catalog.models import Item
from yanji.flows.packing.bill import kits
from yanji.flows.packing.contents import Contents
from yanji.flows.packing.delivered import box_code
from yanji.flows.packing.history import history
from yanji.flows.packing.label import printed
from yanji.flows.packing.models import BoxKind
from yanji.flows.packing.pack import box_for, pack, unpack
from yanji.flows.packing.queries import Branch, Seal, boxes, code_of, tree
from yanji.flows.packing.sheet import rows
from yanji.flows.printing.sheets import box_labels
from yanji.ledger.api import Refused, unit_views
from yanji.places.models import Kind, Place

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.done import say
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page, page_of

PACKED_AT = (Kind.STORE, Kind.DOCK, Kind.DEPARTMENT)
LIES_AT = (*PACKED_AT, Kind.CAMPUS)
SHOWN_UNITS = 200
SHOWN_ACTS = 60
SHOWN_LATELY = 20


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
        boxes=boxes(actor, seals=(Seal.SEALED, Seal.BROKEN))[:SHOWN_LATELY],
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


@needs("view")
@require_safe
def boxes_page(request: HttpRequest) -> HttpResponse:
    """All boxes, pallets and kits that lie where the reader sees stock, by what they are, how they are and where."""
    actor = request.actor
    places = places_for(actor, may="view", kinds=LIES_AT)
    asked = {name: request.GET.get(name, "").strip()[:160] for name in ("q", "kind", "seal", "place", "kit")}
    within = next((place.path for place in places if str(place.pk) == asked["place"]), "")
    kit = number_in(asked["kit"])
    found = boxes(
        actor,
        kind=asked["kind"] if asked["kind"] in BoxKind.values else "",
        seals=[asked["seal"]] if asked["seal"] in Seal.values else (),
        within=within,
        item_ids=[kit] if kit else (),
        text=box_code(asked["q"]),
    )
    return page(
        request,
        "storeroom/boxes.html",
        rows=page_of(request, found),
        asked=asked,
        kinds=BoxKind.choices,
        seals=Seal.choices,
        places=places,
        kits=kits(),
        may_pack=actor.may("pack"),
    )


@require_safe
def box_page(request: HttpRequest, box: str) -> HttpResponse:
    """What is in the box and in which of the boxes inside it, where it is, what was taken out, and what happened to it."""
    actor = request.actor
    found = box_for(actor, box)
    place = Place.objects.filter(pk=found.place_id).first()
    shown = [unit.epc for unit in (*found.taken_out, *found.together)[:SHOWN_UNITS]]
    views = unit_views(shown)
    happened = history(actor, found.id)
    return page(
        request,
        "storeroom/box.html",
        box=found,
        printed=printed(box),
        kind=BoxKind(found.kind).label,
        kit=Item.objects.filter(pk=found.item_id).first() if found.item_id else None,
        place=place,
        outer=code_of(found.parent_id),
        branches=_branches(found),
        rows=rows(found),
        pieces=found.pieces,
        units=[(views[epc], views[epc].place_id != found.place_id) for epc in shown if epc in views],
        more=max(0, len(found.units) - SHOWN_UNITS),
        happened=happened[:SHOWN_ACTS],
        earlier=max(0, len(happened) - SHOWN_ACTS),
        may_unpack=found.packed and actor.may("pack", found.place_path or None),
    )


@dataclass(frozen=True, slots=True)
class Twig:
    """One box of the tree as the page shows it: pieces directly in it, and how many of those went their own way."""

    branch: Branch
    label: str
    pieces: int
    taken_out: int


def _branches(box: Contents) -> list[Twig]:
    """The tree of boxes; empty where nothing but things is in the box. One statement at most."""
    if not box.inner:
        return []
    units, out = Counter(unit.box for unit in box.units), Counter(unit.box for unit in box.taken_out)
    lots = Counter[str]()
    for lot in box.lots:
        lots[lot.box] += lot.quantity
        out[lot.box] += lot.quantity if lot.place_id != box.place_id else 0
    return [
        Twig(each, str(BoxKind(each.kind).label), units[each.code] + lots[each.code], out[each.code])
        for each in tree(box.id)
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
    content = box_labels([box_for(request.actor, box).code])
    return HttpResponse(content, content_type="application/pdf")
