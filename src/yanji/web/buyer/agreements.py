"""Consignment agreements and the monthly statements of what was used under them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.catalog.models import Item, Supplier
from yanji.flows.consign import queries
from yanji.flows.consign.agreements import Kept, agreement_at, save_agreement
from yanji.flows.consign.ending import end_agreement, take_ending_back
from yanji.flows.consign.models import AgreementVersion, ConsignmentAgreement
from yanji.flows.consign.settle import (
    confirm_settlement,
    discard_settlement,
    draft_settlement,
    settlement_for,
)
from yanji.flows.consign.versions import Change, changed, latest_of, versions_of
from yanji.flows.consign.void import void_settlement
from yanji.flows.documents import verbs
from yanji.flows.invoices.queries import invoices_of_settlement
from yanji.flows.invoices.settled import uncharged_uses
from yanji.flows.reasons import reasons
from yanji.flows.states import SettlementState
from yanji.ledger.api import Refused
from yanji.places.models import Kind

from ..flow.gate import needs
from ..flow.lines import found, item_named, sent_lines
from ..flow.sent import Sent
from ..flow.signer import second_person
from ..page import act_key, page, page_of

PLACES = (Kind.GROUP, Kind.CAMPUS, Kind.BUILDING, Kind.STORE, Kind.DEPARTMENT)
MONEY = ("invoice", "pay", "contract", "see_figures", "consign")


@dataclass(frozen=True, slots=True)
class AgreedLine:
    """One item of an agreement as the page shows it; the texts are what was typed."""

    item: Item
    price: str = ""
    keep: str = "0"


@dataclass(frozen=True, slots=True)
class Told:
    """One version of an agreement, and what it changed."""

    version: AgreementVersion
    changes: list[Change]


@needs("contract", "consign", "see_figures")
@require_safe
def agreement_list(request: HttpRequest) -> HttpResponse:
    rows = queries.agreements(request.actor)
    return page(request, "buyer/agreements.html", rows=page_of(request, rows), today=timezone.localdate())


@needs("contract")
def items(request: HttpRequest) -> HttpResponse:
    return found(request, line_url="line")


@needs("contract")
@require_safe
def line(request: HttpRequest) -> HttpResponse:
    known = item_named(request.GET.get("item", ""))
    if known is None:
        return HttpResponse(status=204)
    return render(request, "buyer/_agreed_line.html", {"line": AgreedLine(known)})


@needs("contract")
def new_agreement(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@needs("contract")
def agreement_page(request: HttpRequest, agreement_id: int) -> HttpResponse:
    return _edit(request, agreement_at(request.actor, agreement_id, may="contract"))


def _edit(request: HttpRequest, agreement: ConsignmentAgreement | None) -> HttpResponse:
    if request.method != "POST":
        return _form(request, agreement, _lines_of(agreement))
    lines = [
        AgreedLine(
            each.item,
            request.POST.get(f"price:{each.item.pk}", "")[:20],
            request.POST.get(f"keep:{each.item.pk}", "")[:9],
        )
        for each in sent_lines(request)
    ]
    try:
        done = _save(request, agreement, lines)
    except Refused as refused:
        return _form(request, agreement, lines, refused)
    messages.success(request, _("Agreement %(number)s is kept.") % {"number": done.number})
    return redirect("buyer:agreements")


def _save(request: HttpRequest, agreement: ConsignmentAgreement | None, lines: list[AgreedLine]):
    sent = Sent(request.POST)
    supplier, place = sent.number("supplier_id", _("Supplier")), sent.number("place_id", _("Holds at"))
    first, last = sent.day("valid_from", _("From")), sent.day("valid_to", _("To"))
    if first is None:
        sent.complain("field_missing", _("From"))
    day = sent.whole(request.POST.get("settlement_day", ""), _("Settled on day"))
    note = sent.text("note", _("Note"))
    items_ = [_kept(sent, each) for each in lines]
    sent.check()
    assert first is not None
    return save_agreement(
        actor=request.actor, key=act_key(request, "agreement"), supplier_id=supplier, place_id=place,
        valid_from=first, valid_to=last, all_items="all_items" in request.POST, items=items_, settlement_day=day,
        note=note, agreement_id=agreement.pk if agreement else None,
    )  # fmt: skip


def _kept(sent: Sent, each: AgreedLine) -> Kept:
    """An empty price leaves it to the catalogue; an empty number keeps nothing in particular."""
    price: Decimal | None = (
        sent.amount(each.price, f"{each.item.name} · {_('Price')}") if each.price.strip() else None
    )
    keep = sent.whole(each.keep, f"{each.item.name} · {_('Keep here')}") if each.keep.strip(" 0") else 0
    return Kept(each.item.pk, price or None, keep)


def _lines_of(agreement: ConsignmentAgreement | None) -> list[AgreedLine]:
    if agreement is None:
        return []
    rows = latest_of(agreement).items.select_related("item").order_by("id")
    return [
        AgreedLine(row.item, "" if row.price is None else f"{row.price:.2f}", str(row.keep)) for row in rows
    ]


@needs("contract")
@require_POST
def end(request: HttpRequest, agreement_id: int) -> HttpResponse:
    """Nothing more comes under the agreement after a day, for a reason."""
    agreement = agreement_at(request.actor, agreement_id, may="contract")
    sent = Sent(request.POST)
    last = sent.day("last_day", _("Goods come until"))
    reason = sent.text("reason", _("Reason"))
    if last is None:
        sent.complain("field_missing", _("Goods come until"))
    try:
        sent.check()
        assert last is not None
        done = end_agreement(
            actor=request.actor, key=act_key(request, "end"), agreement_id=agreement_id, last_day=last,
            reason=reason,
        )  # fmt: skip
    except Refused as refused:
        return _form(request, agreement, _lines_of(agreement), refused, _as_sent(agreement))
    said = _("Agreement %(number)s has ended. What lies here is used up or handed back.")
    messages.success(request, said % {"number": done.number})
    return redirect("buyer:agreement", agreement_id)


@needs("contract")
@require_POST
def take_back(request: HttpRequest, agreement_id: int) -> HttpResponse:
    """The agreement was ended by mistake."""
    agreement = agreement_at(request.actor, agreement_id, may="contract")
    try:
        done = take_ending_back(
            actor=request.actor, key=act_key(request, "take-back"), agreement_id=agreement_id,
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except Refused as refused:
        return _form(request, agreement, _lines_of(agreement), refused, _as_sent(agreement))
    messages.success(request, _("Agreement %(number)s goes on.") % {"number": done.number})
    return redirect("buyer:agreement", agreement_id)


def _form(
    request: HttpRequest,
    agreement: ConsignmentAgreement | None,
    lines: list[AgreedLine],
    refused: Refused | None = None,
    sent: Mapping[str, str] | None = None,
) -> HttpResponse:
    acts = verbs("agreement", agreement.state) if agreement else ["change"]
    versions = versions_of(agreement) if agreement else []
    told = changed(versions)
    return page(
        request,
        "buyer/agreement.html",
        status=409 if refused else 200,
        refused=refused,
        agreement=agreement,
        lines=lines,
        suppliers=Supplier.objects.filter(active=True).order_by("code"),
        places=places_for(request.actor, may="contract", kinds=PLACES),
        sent=sent or request.POST or _as_sent(agreement),
        may={each: each in acts for each in ("change", "end", "take_back")},
        versions=[Told(each, told.get(each.number, [])) for each in versions],
        endings=queries.endings_of(agreement) if agreement else [],
        reasons=reasons("correct") if "take_back" in acts else {},
        today=timezone.localdate(),
    )


def _as_sent(agreement: ConsignmentAgreement | None) -> dict[str, str]:
    if agreement is None:
        return {"valid_from": timezone.localdate().isoformat(), "settlement_day": "5", "all_items": "1"}
    last = latest_of(agreement)
    # New terms hold from today on, or from when the last ones begin.
    return {
        "supplier_id": str(agreement.supplier_id), "place_id": str(agreement.place_id),
        "valid_from": max(timezone.localdate(), last.valid_from).isoformat(),
        "valid_to": last.valid_to.isoformat() if last.valid_to else "",
        "settlement_day": str(last.settlement_day), "note": last.note,
        **({"all_items": "1"} if last.all_items else {}),
    }  # fmt: skip


@needs(*MONEY)
def settlement_list(request: HttpRequest) -> HttpResponse:
    """What is owed for use and on no statement yet, and the statements. Posting drafts one."""
    actor: Actor = request.actor
    refused = None
    if request.method == "POST":
        try:
            sent = Sent(request.POST)
            agreement, month = sent.number("agreement_id", _("Agreement")), sent.day("month", _("Month"))
            if month is None:
                sent.complain("field_missing", _("Month"))
            sent.check()
            assert month is not None
            done = draft_settlement(
                actor=actor, key=act_key(request, "settle"), agreement_id=agreement, month=month
            )
        except Refused as said:
            refused = said
        else:
            messages.success(request, _("Statement %(number)s is drafted.") % {"number": done.number})
            return redirect("buyer:settlement", done.id)
    return page(
        request,
        "buyer/settlements.html",
        status=409 if refused else 200,
        refused=refused,
        unsettled=queries.unsettled(actor),
        rows=page_of(request, queries.settlements(actor)),
        this_month=timezone.localdate().replace(day=1),
        may_draft=actor.may("invoice"),
    )


@needs(*MONEY)
@require_safe
def settlement_page(request: HttpRequest, settlement_id: int) -> HttpResponse:
    actor: Actor = request.actor
    return _settlement(request, settlement_for(actor, settlement_id))


def _settlement(request: HttpRequest, settlement, refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    acts = (
        verbs("settlement", settlement.state) if actor.may("invoice", settlement.agreement.place.path) else []
    )
    drew_it_up = settlement.actor_id == actor.person_id
    return page(
        request,
        "buyer/settlement.html",
        status=409 if refused else 200,
        refused=refused,
        settlement=settlement,
        lines=queries.lines_of(settlement),
        may={
            "confirm": "confirm" in acts and not drew_it_up,
            "discard": "discard" in acts,
            "void": "void" in acts,
        },
        reasons=reasons("correct") if "void" in acts else {},
        sent=request.POST,
        invoices=invoices_of_settlement(actor, settlement.pk)
        if settlement.state == SettlementState.CONFIRMED
        else [],
        may_charge=settlement.state == SettlementState.CONFIRMED
        and actor.may("invoice", settlement.agreement.place.path)
        and bool(uncharged_uses([settlement.pk])),
        wait_for_another="confirm" in acts and drew_it_up,
    )


@needs("invoice")
@require_POST
def void(request: HttpRequest, settlement_id: int) -> HttpResponse:
    """A confirmed statement was wrong: two take it back, and its lines are open again."""
    actor: Actor = request.actor
    settlement = settlement_for(actor, settlement_id, may="invoice")
    try:
        done = void_settlement(
            actor=actor, key=act_key(request, "void"), settlement_id=settlement_id, witness=second_person(request),
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except Refused as refused:
        return _settlement(request, settlement, refused)
    said = _("Settlement %(number)s is voided. What it gathered can be settled anew.")
    messages.success(request, said % {"number": done.number})
    return redirect("buyer:settlement", settlement_id)


@needs("invoice")
@require_POST
def settle(request: HttpRequest, settlement_id: int) -> HttpResponse:
    """Confirm a statement, or discard a draft."""
    actor: Actor = request.actor
    discards = request.POST.get("act") == "discard"
    step = discard_settlement if discards else confirm_settlement
    try:
        done = step(actor=actor, key=act_key(request, "settlement"), settlement_id=settlement_id)
    except Refused as refused:
        return _settlement(request, settlement_for(actor, settlement_id), refused)
    said = _("The draft is discarded.") if discards else _("Statement %(number)s is confirmed.")
    messages.success(request, said % {"number": done.number} if not discards else said)
    return redirect("buyer:settlements") if discards else redirect("buyer:settlement", settlement_id)
