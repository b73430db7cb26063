"""Goods that belong to suppliers: what lies here, what should be brought, and taking them over the door."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.catalog.models import Supplier
from yanji.flows.consign import queries
from yanji.flows.consign.goods import receive_consigned
from yanji.flows.consign.models import AgreementVersion
from yanji.flows.consign.preview import arrival_of, arriving, comes, consigned_samples
from yanji.flows.consign.sheets import receipt_at
from yanji.flows.correction import void_consigned
from yanji.flows.goods_in import REJECTED_FOR
from yanji.flows.inspecting.dock import plans_in_force
from yanji.flows.inspecting.queries import Proposed
from yanji.flows.reasons import reasons
from yanji.flows.receive import Arrival
from yanji.ledger.api import Refused
from yanji.places.models import Kind, Place

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation, key_of
from ..flow.done import say, warn
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page, page_of
from ..scan import scanned
from .receipts import looked_at
from .samples import OF_SAMPLES, LotToLook, looks_of, samples_card, to_look_at

EXTRA = "storeroom/_goods_verdict.html"
PRESETS = {
    "expired_on_arrival": "expired",
    "registration_lapsed": "registration",
    **REJECTED_FOR,
}
SHOWN = ("consign", "contract", "invoice", "see_figures", "use")


@needs(*SHOWN)
@require_safe
def consigned_page(request: HttpRequest) -> HttpResponse:
    """By supplier: what lies where and how long it keeps; what to bring; what came lately."""
    actor: Actor = request.actor
    value = request.GET.get("supplier", "")
    supplier = number_in(value)
    rows = queries.consigned_stock(actor, supplier_id=supplier or None)
    refills = [each for each in queries.refills(actor) if supplier in (None, each.agreement.supplier_id)]
    return page(
        request,
        "storeroom/consigned.html",
        rows=page_of(request, rows),
        pieces=sum((row.quantity for row in rows), start=0),
        refills=refills,
        receipts=queries.consignment_receipts(actor, limit=8),
        suppliers=suppliers_of(queries.agreements(actor)),
        supplier=supplier,
    )


@needs("view")
def receipt_page(request: HttpRequest, consigned_id: int, *, refused: Refused | None = None) -> HttpResponse:
    """One delivery: what came, where its units are now, and taking it back."""
    actor: Actor = request.actor
    receipt = receipt_at(actor, consigned_id)
    may_void = receipt.voided_at is None and actor.may("correct", receipt.dock.path)
    return page(
        request,
        "storeroom/consignment_receipt.html",
        status=409 if refused else 200,
        refused=refused,
        receipt=receipt,
        rows=page_of(request, queries.things_of(receipt)),
        sees_set=receipt.loan_set and actor.may("view", receipt.loan_set.department.path),
        **looked_at(receipt, any_rejected=bool(receipt.rejected_events)),
        may_void=may_void,
        reasons=reasons("correct") if may_void else {},
    )


@needs("correct")
@require_POST
def void(request: HttpRequest, consigned_id: int) -> HttpResponse:
    """Take the whole delivery back: new entries that undo it."""
    actor: Actor = request.actor
    reason = request.POST.get("reason", "")
    try:
        done = void_consigned(
            actor=actor, key=act_key(request, "void"), receipt_id=consigned_id, reason=reason
        )
    except Refused as refused:
        return receipt_page(request, consigned_id, refused=refused)
    say(
        request,
        _("Receipt %(number)s is taken back: its goods are the supplier's to bring again.")
        % {"number": done.number},
    )
    return redirect("storeroom:consignment_receipt", consigned_id)


def suppliers_of(versions: list[AgreementVersion]) -> list[Supplier]:
    found = {each.agreement.supplier_id: each.agreement.supplier for each in versions}
    return sorted(found.values(), key=lambda supplier: supplier.code)


@needs("consign")
def receive_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, [])
    basket = Basket(request)
    try:
        sent = Sent(request.POST)
        supplier, dock = sent.number("supplier_id", _("Supplier")), sent.number("dock_id", _("Dock"))
        reference = sent.text("reference", _("Delivery note"))
        sent.check()
        basket.check()
        done = receive_consigned(
            actor=request.actor, key=act_key(request, "consigned"), supplier_id=supplier, dock_id=dock,
            arrivals=arrivals_in(basket), reference=reference,
            looks=looks_of(request.POST, _proposed(request, basket)),
        )  # fmt: skip
    except Refused as refused:
        rows = basket.rows(refused, field="verdict", answers=frozenset(PRESETS))
        return _form(request, rows, refused, _lots(request, basket, refused))
    pieces = int(str(done.facts["pieces"]))
    said = ngettext(
        "Consignment receipt %(number)s: %(n)s piece is here and stays the supplier's.",
        "Consignment receipt %(number)s: %(n)s pieces are here and stay the supplier's.",
        pieces,
    )
    messages.success(request, said % {"number": done.number, "n": pieces})
    warn(request, done)
    return redirect("storeroom:consignment_receipt", done.id)


def arrivals_in(basket: Basket) -> list[Arrival]:
    """The rows as they arrive, each with its verdict."""
    return [
        arrival_of(
            meaning,
            quantity=basket.quantity(meaning) if meaning.kind == "lot" else None,
            rejected=basket.post.get(f"verdict:{key_of(meaning)}", "")[:40],
        )
        for meaning in basket.meanings
        if comes(meaning)
    ]


def _proposed(request: HttpRequest, basket: Basket) -> list[Proposed]:
    """What to look at of what was scanned, under the key that the form is going to be sent with."""
    sent = Sent(request.POST)
    supplier, dock = sent.number("supplier_id", _("Supplier")), sent.number("dock_id", _("Dock"))
    sent.check()
    return consigned_samples(
        actor=request.actor, key=act_key(request, "consigned"), supplier_id=supplier, dock_id=dock,
        arrivals=arrivals_in(basket),
    )  # fmt: skip


def _lots(request: HttpRequest, basket: Basket, refused: Refused) -> list[LotToLook] | None:
    if not OF_SAMPLES & {offence.code for offence in refused.offences}:
        return None
    return to_look_at(request.POST, _proposed(request, basket))


@needs("consign")
@require_POST
def samples_part(request: HttpRequest) -> HttpResponse:
    """The card that says which pieces of the list to look at."""
    basket = Basket(request)
    ask = reverse("storeroom:consigned_samples")
    return samples_card(request, basket, ask=ask, propose=lambda: _proposed(request, basket))


def docks_of(actor: Actor) -> list[Place]:
    """Where a supplier's goods may come, docks first."""
    found = places_for(actor, may="consign", kinds=(Kind.DOCK, Kind.STORE, Kind.DEPARTMENT))
    return sorted(found, key=lambda place: place.kind != Kind.DOCK)


def _form(
    request: HttpRequest,
    rows: list[FlowRow],
    refused: Refused | None = None,
    lots: list[LotToLook] | None = None,
) -> HttpResponse:
    actor: Actor = request.actor
    return page(
        request,
        "storeroom/receive_consigned.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        row_extra=EXTRA,
        reasons=reasons("reject"),
        suppliers=suppliers_of(queries.agreements(actor)),
        docks=docks_of(actor),
        lots=lots,
        ask_samples=reverse("storeroom:consigned_samples"),
        inspected=bool(plans_in_force()),
        sent=request.POST,
    )


@needs("consign")
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    if is_confirmation(request):
        return confirmed()
    supplier = _number(request, "supplier_id")
    return scanned_goods(request, supplier)


def scanned_goods(request: HttpRequest, supplier_id: int | None) -> HttpResponse:
    """The row for one scan of a supplier's goods, with its verdict."""
    actor: Actor = request.actor
    dock_id = _number(request, "dock_id")
    dock = next((each for each in docks_of(actor) if each.pk == dock_id), None)
    [meaning] = arriving([scanned(request)], actor=actor, dock=dock, supplier_id=supplier_id)
    return answer(
        request, "receive", extra=EXTRA, presets=PRESETS, found=meaning, more={"reasons": reasons("reject")}
    )


def _number(request: HttpRequest, name: str) -> int | None:
    value = request.POST.get(name, "")
    return number_in(value)
