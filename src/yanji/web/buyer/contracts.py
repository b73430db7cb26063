"""Framework contracts: what was agreed with a supplier, what is called off, and which end soon."""

from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.catalog.queries import suppliers
from yanji.flows.acts import Done
from yanji.flows.buying.contracts import HOLDS_AT, Agreed, Terms, end_contract, start_contract, write_contract
from yanji.flows.buying.gates import contract_for
from yanji.flows.buying.models import Contract
from yanji.flows.buying.queries import contracts, viewed
from yanji.flows.documents import verbs
from yanji.flows.states import ContractState
from yanji.ledger.api import Refused

from ..asked import percent
from ..flow.done import say
from ..flow.gate import needs
from ..flow.lines import ItemLine, sent_lines
from ..flow.sent import Sent
from ..page import act_key, page, page_of
from .acts import press, reason

SHOWN = {"open": ("draft", "waiting", "active"), "all": ()}
READERS = ("contract", "order", "approve", "invoice", "pay", "see_figures")


@needs(*READERS)
@require_safe
def contract_list(request: HttpRequest) -> HttpResponse:
    """Those in force first, the one that ends first on top."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    state = request.GET.get("state", "open")
    states = SHOWN.get(state, (state,) if state in ContractState.values else ())
    rows = page_of(request, contracts(request.actor, states=states, text=text))
    return page(
        request, "buyer/contracts.html", rows=rows, text=text, state=state, states=ContractState.choices,
        today=timezone.localdate(),
    )  # fmt: skip


@needs(*READERS)
def contract_page(request: HttpRequest, contract_id: int, *, refused: Refused | None = None) -> HttpResponse:
    """One contract: prices, terms, how much is called off."""
    actor: Actor = request.actor
    contract = contract_for(actor, contract_id)
    [view] = viewed([contract])
    keeps = actor.may("contract", contract.place.path)
    return page(
        request,
        "buyer/contract.html",
        status=409 if refused else 200,
        refused=refused,
        contract=contract,
        view=view,
        items=contract.items.select_related("item").order_by("item__code", "valid_from"),
        may={
            verb: keeps and verb in verbs("contract", contract.state) for verb in ("edit", "activate", "end")
        },
        today=timezone.localdate(),
    )


@needs("contract")
def edit_contract(request: HttpRequest, contract_id: int | None = None) -> HttpResponse:
    """A new contract, or a draft rewritten."""
    actor: Actor = request.actor
    contract = contract_for(actor, contract_id, may="contract") if contract_id else None
    if request.method != "POST":
        return _form(request, _lines_of(contract), contract)
    lines = sent_lines(request)
    try:
        done = _write(request, lines, contract)
    except Refused as refused:
        return _form(request, lines, contract, refused)
    say(request, _("Contract %(number)s is written as a draft.") % {"number": done.number})
    return redirect("buyer:contract", done.id)


def _lines_of(contract: Contract | None) -> list[ItemLine]:
    if contract is None:
        return []
    rows = contract.items.select_related("item").order_by("id")
    return [ItemLine(row.item, price=f"{row.price:.2f}") for row in rows]


def _write(request: HttpRequest, lines: list[ItemLine], contract: Contract | None) -> Done:
    sent = Sent(request.POST)
    supplier, place = sent.number("supplier_id", _("Supplier")), sent.number("place_id", _("Holds at"))
    terms = _terms(sent)
    # A contract agrees on prices; how many are bought is each order's affair.
    prices = [
        Agreed(line.item.pk, sent.amount(line.price, f"{line.item.name} · {_('Price')}")) for line in lines
    ]
    sent.check()
    return write_contract(
        actor=request.actor,
        key=act_key(request, "contract"),
        supplier_id=supplier,
        place_id=place,
        terms=terms,
        prices=prices,
        contract_id=contract.pk if contract else None,
    )


def _terms(sent: Sent) -> Terms:
    first, last = sent.day("valid_from", _("Valid from")), sent.day("valid_to", _("Valid to"))
    if first is None:
        sent.complain("field_missing", _("Valid from"))
    if last is None:
        sent.complain("field_missing", _("Valid to"))
    return Terms(
        valid_from=first or date.max,
        valid_to=last or date.max,
        reference=sent.text("reference", _("Contract number")),
        minimum_value=_value(sent, "minimum_value", _("At least")),
        maximum_value=_value(sent, "maximum_value", _("At most")),
        over_delivery_percent=percent(sent.data.get("over_delivery_percent", "")),
        price_tolerance_percent=percent(sent.data.get("price_tolerance_percent", "")),
        consignment="consignment" in sent.data,
        two_invoice={"yes": True, "no": False}.get(sent.data.get("two_invoice", "")),
        note=sent.text("note", _("Note")),
    )


def _value(sent: Sent, name: str, label: str) -> Decimal | None:
    text = sent.data.get(name, "").strip()
    return sent.amount(text, label) if text else None


def _form(
    request: HttpRequest, lines: list[ItemLine], contract: Contract | None, refused: Refused | None = None
) -> HttpResponse:
    return page(
        request,
        "buyer/contract_form.html",
        status=409 if refused else 200,
        refused=refused,
        lines=lines,
        contract=contract,
        sent=request.POST if request.method == "POST" else _shown(contract),
        suppliers=suppliers(),
        places=places_for(request.actor, may="contract", kinds=HOLDS_AT),
    )


def _shown(contract: Contract | None) -> QueryDict | dict[str, str]:
    """A contract's terms as its form shows them; of a new one, a year from today."""
    today = timezone.localdate()
    if contract is None:
        return {"valid_from": today.isoformat(), "valid_to": _year_later(today).isoformat()}
    plain = {name: getattr(contract, name) for name in Terms.__dataclass_fields__}
    found = {name: "" if value is None else str(value) for name, value in plain.items()}
    found["two_invoice"] = {True: "yes", False: "no"}.get(contract.two_invoice, "")
    found["consignment"] = "1" if contract.consignment else ""
    return {**found, "supplier_id": str(contract.supplier_id), "place_id": str(contract.place_id)}


def _year_later(day: date) -> date:
    """The last day of a year that begins on this one."""
    return date.fromordinal(day.replace(year=day.year + 1, day=min(day.day, 28)).toordinal() - 1)


@needs("contract")
@require_POST
def start(request: HttpRequest, contract_id: int) -> HttpResponse:
    said = _("Contract %(number)s was put in force, or to approval where the rules ask for it.")
    return press(
        request, start_contract, "start", contract_page, contract_id, to="buyer:contract", said=said, contract_id=contract_id
    )  # fmt: skip


@needs("contract")
@require_POST
def end(request: HttpRequest, contract_id: int) -> HttpResponse:
    return press(
        request, end_contract, "end", contract_page, contract_id, to="buyer:contract",
        said=_("Contract %(number)s is ended."), contract_id=contract_id, reason=reason(request),
    )  # fmt: skip
