"""What came with a delivery beside the goods: the maker's invoice, import papers, and the costs that its units bear."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.gates import receipt_for
from yanji.flows.import_papers import imported_in, keep_import_paper, void_import_paper
from yanji.flows.invoices.first import (
    enter_first_invoice,
    first_needed,
    paid_without,
    verify_first_invoice,
    void_first_invoice,
)
from yanji.flows.invoices.models import FirstInvoice
from yanji.flows.landed.gate import landed_cost_for
from yanji.flows.landed.models import LandedCost
from yanji.flows.landed.spread import add_cost, borne_of, by_thing, costs_of, void_cost
from yanji.flows.models_import import ImportPaper
from yanji.ledger.api import Refused

from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import page
from .acts import press, reason

MOST_SHOWN = 200


@needs("receive", "invoice", "pay", "see_figures")
def delivery_page(request: HttpRequest, receipt_id: int, *, refused: Refused | None = None) -> HttpResponse:
    """One delivery: makers' invoices with their verification, costs, and each unit's share."""
    actor: Actor = request.actor
    receipt = receipt_for(actor, receipt_id)
    figures = actor.may("see_figures", receipt.dock.path)
    things = by_thing(receipt.pk) if figures else []
    costs = costs_of(receipt.pk) if figures else []
    first = FirstInvoice.objects.filter(receipt=receipt).select_related(
        "entered_by", "verified_by", "voided_by"
    )
    needed = first_needed([receipt])[receipt.pk]
    return page(
        request,
        "buyer/delivery.html",
        status=409 if refused else 200,
        refused=refused,
        receipt=receipt,
        first=first.order_by("pk"),
        paid=paid_without(receipt) if needed else [],
        import_papers=receipt.import_papers.select_related("entered_by", "voided_by").order_by("pk"),
        imported=imported_in(receipt),
        paper_kinds=ImportPaper.Kind.choices,
        me=actor.person_id,
        first_needed=needed,
        figures=figures,
        costs=costs,
        total=sum(cost.amount for cost in costs if cost.voided_at is None),
        things=things[:MOST_SHOWN],
        more=max(0, len(things) - MOST_SHOWN),
        kinds=LandedCost.Kind.choices,
        bases=LandedCost.Basis.choices,
        may_first=actor.may("receive", receipt.dock.path) or actor.may("invoice", receipt.dock.path),
        may_cost=receipt.voided_at is None and actor.may("invoice", receipt.dock.path),
        sent=request.POST,
    )


@needs("receive", "invoice", "pay", "see_figures")
@require_safe
def cost_page(request: HttpRequest, cost_id: int) -> HttpResponse:
    """One cost of a delivery: what it is for, and what each unit bears of it."""
    actor: Actor = request.actor
    cost = landed_cost_for(actor, cost_id)
    things = borne_of(cost.pk)
    return page(
        request,
        "buyer/cost.html",
        cost=cost,
        things=things[:MOST_SHOWN],
        more=max(0, len(things) - MOST_SHOWN),
    )


@needs("receive", "invoice")
@require_POST
def enter(request: HttpRequest, receipt_id: int) -> HttpResponse:
    sent = Sent(request.POST)
    try:
        fields = {
            "seller": sent.text("seller", _("Maker or importer"), required=True),
            "number": sent.text("number", _("Number"), required=True),
            "issued_on": sent.day("issued_on", _("Invoice date")),
        }
        if fields["issued_on"] is None:
            sent.complain("field_missing", _("Invoice date"))
        sent.check()
    except Refused as refused:
        return delivery_page(request, receipt_id, refused=refused)
    return press(
        request, enter_first_invoice, "first", delivery_page, receipt_id, to="buyer:delivery",
        said=_("The maker's invoice is kept. Compare it with the goods now."), receipt_id=receipt_id, **fields,
    )  # fmt: skip


@needs("receive", "invoice")
@require_POST
def verify(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """The maker's invoice named in the form was compared with the goods of this delivery."""
    try:
        first = _first(request, receipt_id)
    except Refused as refused:
        return delivery_page(request, receipt_id, refused=refused)
    return press(
        request, verify_first_invoice, "verify", delivery_page, receipt_id, to="buyer:delivery",
        said=_("The maker's invoice is verified."), first_invoice_id=first,
    )  # fmt: skip


@needs("receive", "invoice")
@require_POST
def void(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """The maker's invoice named in the form was kept wrongly; the page says what was paid by it."""
    try:
        first = _first(request, receipt_id)
    except Refused as refused:
        return delivery_page(request, receipt_id, refused=refused)
    return press(
        request, void_first_invoice, "void-first", delivery_page, receipt_id, to="buyer:delivery",
        said=_("The maker's invoice is voided. Enter the right one."), first_invoice_id=first, reason=reason(request),
    )  # fmt: skip


def _first(request: HttpRequest, receipt_id: int) -> int:
    """The maker's invoice of this delivery that the form names. Raises :class:`Refused` for any other."""
    first = _of(request, "first_invoice_id")
    if not FirstInvoice.objects.filter(pk=first, receipt_id=receipt_id).exists():
        sent = Sent(request.POST)
        sent.complain("choose_again", _("Maker's invoice"))
        raise Refused.of(sent.offences)
    return first


@needs("receive", "invoice")
@require_POST
def keep_import(request: HttpRequest, receipt_id: int) -> HttpResponse:
    sent = Sent(request.POST)
    try:
        fields = {
            "kind": request.POST.get("kind", ""),
            "number": sent.text("number", _("Number"), required=True),
            "issued_on": sent.day("issued_on", _("Issued on")),
        }
        if fields["issued_on"] is None:
            sent.complain("field_missing", _("Issued on"))
        sent.check()
    except Refused as refused:
        return delivery_page(request, receipt_id, refused=refused)
    return press(
        request, keep_import_paper, "import", delivery_page, receipt_id, to="buyer:delivery",
        said=_("The import paper is kept. Attach its picture below."), receipt_id=receipt_id, **fields,
    )  # fmt: skip


@needs("receive", "invoice")
@require_POST
def void_import(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """The import paper named in the form was kept wrongly."""
    paper = _of(request, "paper_id")
    if not ImportPaper.objects.filter(pk=paper, receipt_id=receipt_id).exists():
        sent = Sent(request.POST)
        sent.complain("choose_again", _("Import paper"))
        return delivery_page(request, receipt_id, refused=Refused.of(sent.offences))
    return press(
        request, void_import_paper, "void-import", delivery_page, receipt_id, to="buyer:delivery",
        said=_("The import paper is voided. Enter the right one."), paper_id=paper, reason=reason(request),
    )  # fmt: skip


def _of(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return number_in(text) or 0


@needs("invoice")
@require_POST
def spread(request: HttpRequest, receipt_id: int) -> HttpResponse:
    sent = Sent(request.POST)
    try:
        fields = {
            "kind": request.POST.get("kind", ""),
            "basis": request.POST.get("basis", ""),
            "amount": sent.amount(request.POST.get("amount", ""), _("Amount (CNY)")),
            "reference": sent.text("reference", _("Document"))[:80],
        }
        sent.check()
    except Refused as refused:
        return delivery_page(request, receipt_id, refused=refused)
    return press(
        request, add_cost, "cost", delivery_page, receipt_id, to="buyer:delivery",
        said=_("%(number)s is spread over what this delivery brought."), receipt_id=receipt_id, **fields,
    )  # fmt: skip


@needs("invoice")
@require_POST
def take_back(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """A cost of this delivery that was wrong."""
    cost = _of(request, "cost_id")
    if not LandedCost.objects.filter(pk=cost, receipt_id=receipt_id).exists():
        sent = Sent(request.POST)
        sent.complain("choose_again", _("Cost"))
        return delivery_page(request, receipt_id, refused=Refused.of(sent.offences))
    return press(
        request, void_cost, "void", delivery_page, receipt_id, to="buyer:delivery",
        said=_("The cost is taken back."), cost_id=cost, reason=reason(request),
    )  # fmt: skip
