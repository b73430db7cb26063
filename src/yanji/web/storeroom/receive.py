"""A delivery at the dock: every scan is judged on the spot, and one button takes all of it over the door."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.adopt import adopt_unknown
from yanji.flows.documents import AWAITED, verbs
from yanji.flows.gates import order_for
from yanji.flows.goods_in import REJECTED_AS
from yanji.flows.inspecting.dock import plans_in_force
from yanji.flows.inspecting.sample import Look
from yanji.flows.labelling import assign_labels, label_data
from yanji.flows.models import PurchaseOrder
from yanji.flows.preview import foretell, interpret, interpret_many
from yanji.flows.queries import notices
from yanji.flows.reasons import reasons_in
from yanji.flows.receive import receive
from yanji.flows.rfid.queries import batch_of, readers_around
from yanji.flows.rfid.readers import reader_for
from yanji.flows.rfid.tags import named_by_tags
from yanji.flows.scanning import Meaning, understand
from yanji.ledger.api import Refused
from yanji.places.models import Kind, Place

from ..flow.basket import Basket, FlowRow, answer, confirmed, counted, is_confirmation, key_of, row_of
from ..flow.done import say, warn
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page
from ..scan import refused_row, scanned
from .samples import (
    OF_SAMPLES,
    LotToLook,
    arrivals_of,
    boxes_of,
    looks_of,
    proposed_for,
    says_looks,
    to_look_at,
)

EXTRA = "storeroom/_verdict.html"
LOOKED_BACK = timedelta(minutes=15)  # a trolley that came through the gate a moment ago
SHOWN_OTHERS = 30
MOST_BACK = timedelta(hours=24)  # a slip in the date lists no week
LISTED_AT_ONCE = 200  # as many rows as one press brings; the next press brings the next ones
TO_LABEL = "needs_label"  # no goods yet, and may become some on the spot
PRESETS = REJECTED_AS


@needs("receive")
def receive_page(request: HttpRequest, order_id: int) -> HttpResponse:
    """Scan the units, look at each verdict, take the delivery in."""
    if request.method != "POST":
        return _form(request, order_for(request.actor, order_id, may="receive"), [])
    basket = Basket(request)
    try:
        done = _receive(request, order_id, basket)
    except Refused as refused:
        order = order_for(request.actor, order_id, may="receive")
        rows = basket.rows(refused, field="verdict", answers=frozenset(PRESETS))
        return _form(request, order, rows, refused, _lots(request, order, basket, refused))
    say(request, _("Receipt %(number)s: the delivery is in.") % {"number": done.number})
    warn(request, done)
    return redirect("storeroom:receipt", done.id)


def _receive(request: HttpRequest, order_id: int, basket: Basket):
    sent = Sent(request.POST)
    dock = sent.number("dock_id", _("Dock"))
    reference, note = sent.text("reference", _("Delivery note")), sent.text("note", _("Note"))
    arrived_at = sent.moment("arrived_at", _("Arrived at"))
    notice = sent.number("notice_id", _("Ship notice")) if request.POST.get("notice_id") else None
    sent.check()
    basket.check()
    return receive(
        actor=request.actor,
        key=act_key(request, "receipt"),
        order_id=order_id,
        dock_id=dock,
        arrivals=arrivals_of(basket),
        boxes=boxes_of(basket),
        looks=_looks(request, order_id, basket),
        notice_id=notice,
        reference=reference,
        note=note,
        blind=is_blind(request),
        arrived_at=arrived_at,
    )


def _looks(request: HttpRequest, order_id: int, basket: Basket) -> list[Look]:
    """What was seen of the samples; what they are is asked only where the form says something of them."""
    return looks_of(request.POST, proposed_for(request, order_id, basket)) if says_looks(request.POST) else []


def _lots(
    request: HttpRequest, order: PurchaseOrder, basket: Basket, refused: Refused
) -> list[LotToLook] | None:
    if not OF_SAMPLES & {offence.code for offence in refused.offences}:
        return None
    return to_look_at(request.POST, proposed_for(request, order.pk, basket))


def _form(
    request: HttpRequest,
    order: PurchaseOrder,
    rows: list[FlowRow],
    refused: Refused | None = None,
    lots: list[LotToLook] | None = None,
) -> HttpResponse:
    actor = request.actor
    open_now = "receive" in verbs("order", order.state)
    docks = places_for(actor, may="receive", kinds=(Kind.DOCK, Kind.STORE))
    return page(
        request,
        "storeroom/receive.html",
        status=409 if refused else 200,
        refused=refused,
        order=order,
        lines=sorted(
            order.lines.select_related("item").order_by("id"), key=lambda line: not line.outstanding
        ),
        notices=notices(actor, order_id=order.pk, states=AWAITED),
        docks=docks,
        dock_id=request.POST.get("dock_id") or str(usual_dock(docks, order.deliver_to)),
        rows=rows,
        **_choices(),
        lots=lots,
        order_id=order.pk,
        ask_samples=reverse("storeroom:receive_samples", args=[order.pk]),
        inspected=bool(plans_in_force()),
        sent=request.POST,
        open_now=open_now,
        blind=is_blind(request),
        row_extra=EXTRA,
        readers=readers_around(actor, campus_path(order.deliver_to)) if open_now else [],
        since=timezone.localtime() - LOOKED_BACK,
    )


def campus_path(place: Place) -> str:
    """The path of the campus on which a place lies, with the slash at its end: without it campus 2 would begin campus 21."""
    return "/".join(place.path.split("/")[:3]).rstrip("/") + "/"


def usual_dock(docks: list[Place], deliver_to: Place) -> int | str:
    """The dock of the place of delivery, else one of its campus, else the place itself."""
    campus = campus_path(deliver_to)
    below = [dock for dock in docks if dock.kind == Kind.DOCK and dock.path.startswith(deliver_to.path)]
    beside = [dock for dock in docks if dock.kind == Kind.DOCK and dock.path.startswith(campus)]
    found = [*below, *(dock for dock in docks if dock.pk == deliver_to.pk), *beside, *docks]
    return found[0].pk if found else ""


def _more(request: HttpRequest, order_id: int) -> dict[str, Any]:
    return {**_choices(), "order_id": order_id}


def _choices() -> dict[str, dict[str, str]]:
    """What may be said of a row: why it is rejected, why it is in doubt."""
    found = reasons_in("reject", "hold")
    return {"reasons": found["reject"], "doubts": found["hold"]}


@needs("receive")
@require_POST
def scan(request: HttpRequest, order_id: int) -> HttpResponse:
    """One scan against this order: what it is, whether it was announced, what speaks against accepting it."""
    if is_confirmation(request):
        return confirmed()
    raw = scanned(request)
    found = interpret(
        raw,
        actor=request.actor,
        flow="receive",
        order_id=order_id,
        place_id=_dock(request),
        counted=counted(request),
        listed=request.POST.getlist("row"),
    )
    found = told(request, found)
    return answer(
        request, "receive", extra=EXTRA, presets=PRESETS, found=found, more=_more(request, order_id)
    )


def is_blind(request: HttpRequest) -> bool:
    """Whether the delivery is counted without a look at what is expected; it is compared when it is in."""
    return bool(request.POST.get("blind") or request.GET.get("blind"))


def told(request: HttpRequest, meaning: Meaning) -> Meaning:
    """A scan with what may be said of it: to who counts blind, nothing of how much is owed."""
    if not is_blind(request):
        return meaning
    shown = tuple(offence for offence in meaning.offences if offence.code != "over_delivered")
    return replace(meaning, offences=shown)


def _dock(request: HttpRequest) -> int | None:
    value = request.POST.get("dock_id", "")
    return number_in(value)


@needs("receive")
@require_POST
def adopt(request: HttpRequest, order_id: int) -> HttpResponse:
    """A readable code that no item has becomes a provisional item; the row then says so, and what it means here."""
    raw = request.POST.get("adopt", "")[:500]
    try:
        adopted = adopt_unknown(actor=request.actor, key=act_key(request, "adopt"), scan=raw)
    except Refused as refused:
        return refused_row(request, raw, refused)
    meaning = interpret(raw, actor=request.actor, flow="receive", order_id=order_id)
    more = {**_more(request, order_id), "adopted": adopted}
    return answer(request, "receive", extra=EXTRA, presets=PRESETS, found=meaning, more=more)


@needs("receive")
@require_POST
def label(request: HttpRequest, order_id: int) -> HttpResponse:
    """Hospital labels for units without a serial number: numbered, listed as scanned, ready to print."""
    raw = request.POST.get("unlabelled", "")[:500]
    actor = request.actor
    sent, key = Sent(request.POST), request.POST.get("label_key", "")[:100]
    try:
        item, dock = sent.number("label_item", _("Item")), sent.number("dock_id", _("Dock"))
        lot, expiry = sent.text("label_lot", _("Lot")), sent.day("label_expiry", _("Expiry date"))
        count = sent.whole(request.POST.get(f"count:{key}", ""), _("Labels"))
        sent.check()
        done = assign_labels(
            actor=actor, key=key, place_id=dock, item_id=item, count=count, lot=lot, expiry=expiry
        )
    except Refused as refused:
        return refused_row(request, raw, refused)
    numbers = [each["number"] for each in done.facts["labels"]]
    scans = [printed.symbol.data for printed in label_data(actor, numbers)]
    meanings = interpret_many(scans, actor=actor, flow="receive", order_id=order_id, counted=counted(request))
    rows = [
        row_of(told(request, meaning), answers=frozenset(PRESETS), presets=PRESETS) for meaning in meanings
    ]
    context = {"rows": rows, "numbers": numbers, "row_extra": EXTRA, **_more(request, order_id)}
    return render(request, "storeroom/_labelled_rows.html", context)


@needs("receive")
@require_POST
def read(request: HttpRequest, order_id: int) -> HttpResponse:
    """What a reader has read since then, as rows like scanned ones: what stands already not once more, what is not of this order
    beside them. Nothing is received until somebody takes the delivery in."""
    actor: Actor = request.actor
    order = order_for(actor, order_id, may="receive")
    sent, name = Sent(request.POST), _("What a reader has read")
    earliest = timezone.now() - MOST_BACK
    try:
        reader_id, since = sent.number("reader_id", _("RFID reader")), sent.moment("since", _("Since"))
        sent.check()
        reader = reader_for(actor, reader_id, may="view")
        start = max(since, earliest) if since else timezone.now() - LOOKED_BACK
        tags = named_by_tags([each.epc for each in batch_of(reader, since=start)])
        once = _once(understand(tags, actor=actor))
    except Refused as refused:
        return refused_row(request, name, refused)
    stand = frozenset(request.POST.getlist("row"))
    fresh = foretell(
        [each for key, each in once.items() if key not in stand], actor=actor, flow="receive", order_id=order_id,
        place_id=_dock(request), counted=counted(request), listed=stand,
    )  # fmt: skip
    rows, others = _told_apart(order, [told(request, each) for each in fresh])
    context = {
        "rows": rows[:LISTED_AT_ONCE], "left": len(rows[LISTED_AT_ONCE:]), "others": others[:SHOWN_OTHERS],
        "more": len(others[SHOWN_OTHERS:]), "read": len(tags), "reader": reader, "before": len(once) - len(fresh),
        "earliest": earliest if since and since < earliest else None, "row_extra": EXTRA, **_more(request, order_id),
    }  # fmt: skip
    return render(request, "storeroom/_read_rows.html", context)


def _once(meanings: list[Meaning]) -> dict[str, Meaning]:
    """Each thing once, by the key of its row: two tags may be of one unit, and a reader reads both."""
    found: dict[str, Meaning] = {}
    for each in meanings:
        found.setdefault(key_of(each) if each.item or each.epc else each.scan, each)
    return found


def _told_apart(order: PurchaseOrder, meanings: list[Meaning]) -> tuple[list[FlowRow], list[FlowRow]]:
    """Rows of the delivery; and what a reader saw beside it, which nobody held in hand to reject. One statement, where something
    without a serial number is among them."""
    unlabelled = any(each.kind == TO_LABEL for each in meanings)
    ordered = set(order.lines.values_list("item_id", flat=True)) if unlabelled else set()
    rows: list[FlowRow] = []
    others: list[FlowRow] = []
    for each in meanings:
        row = row_of(each, answers=frozenset(PRESETS), presets=PRESETS)
        if row.kind == TO_LABEL:
            beside = row.item_id not in ordered
        else:
            beside = row.result == "error" or any(said.code == "not_ordered" for said in each.offences)
        (others if beside else rows).append(row)
    return rows, others
