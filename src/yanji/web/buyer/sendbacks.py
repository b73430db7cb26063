"""Returns to suppliers: the list with what is overdue, a new one by scanning, and one return to its last credit."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.catalog.models import Supplier
from yanji.catalog.queries import suppliers
from yanji.flows.documents import verbs
from yanji.flows.listed import listed
from yanji.flows.preview import judge
from yanji.flows.reasons import reason_words, reasons
from yanji.flows.scanning import Meaning
from yanji.flows.sendback.ask import ask_supplier_return, authorise_return, cancel_return, not_theirs
from yanji.flows.sendback.gate import supplier_return_for
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.sendback.queries import OPEN_RETURNS, credit_awaited, supplier_returns
from yanji.flows.sendback.send import close_return, credit_return, send_return, void_credit
from yanji.ledger.api import Offence, Refused, Step, virtual_places
from yanji.places.models import Kind, Place

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.departments import named_or_only
from ..flow.done import say
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page, page_of
from ..scan import scanned

SHOWN = {"open": OPEN_RETURNS, "all": ()}
PLACES = (Kind.STORE, Kind.DEPARTMENT, Kind.DOCK)


@needs("return_goods", "invoice")
@require_safe
def return_list(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor
    state, today = request.GET.get("state", "open"), timezone.localdate()
    late = state == "overdue"
    found = supplier_returns(actor, states=SHOWN.get(state, OPEN_RETURNS), overdue_on=today if late else None)
    owed, overdue = credit_awaited(actor)
    return page(
        request, "buyer/supplier_returns.html", rows=page_of(request, found), state=state, owed=owed, overdue=overdue,
        today=today, may_ask=actor.may("return_goods"),
    )  # fmt: skip


@needs("return_goods")
def new_return(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, [])
    basket, sent = Basket(request), Sent(request.POST)
    try:
        place, supplier = sent.number("place_id", _("From")), sent.number("supplier_id", _("Supplier"))
        reason, note = sent.text("reason", _("Reason"), required=True), sent.text("note", _("Note"))
        sent.check()
        basket.check()
        done = ask_supplier_return(
            actor=request.actor, key=act_key(request, "send_back"), place_id=place, supplier_id=supplier,
            things=basket.things(), reason=reason, note=note,
        )  # fmt: skip
    except Refused as refused:
        return _form(request, basket.rows(refused), refused)
    say(request, _("Return %(number)s is written.") % {"number": done.number})
    return redirect("buyer:supplier_return", done.id)


def _form(request: HttpRequest, rows: list[FlowRow], refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    places = places_for(actor, may="return_goods", kinds=PLACES)
    return page(
        request,
        "buyer/new_supplier_return.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        places=places,
        place=named_or_only(request, places, "place_id"),
        suppliers=suppliers(),
        reasons=reasons("supplier_return"),
        sent=request.POST,
    )


@needs("return_goods")
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """One thing that is to go back: used things, and those of another supplier, say so at once."""
    if is_confirmation(request):
        return confirmed()
    actor: Actor = request.actor
    places = places_for(actor, may="return_goods", kinds=PLACES)
    place = named_or_only(request, places, "place_id")
    supplier = Supplier.objects.filter(pk=number_in(request.POST.get("supplier_id", ""))).first()

    def against(things, _boxes) -> list[Offence]:
        try:
            return list(not_theirs(listed(things), supplier)) if supplier else []
        except Refused as refused:
            return list(refused.offences)

    meaning = judge(
        scanned(request), actor=actor, step=Step.SEND_BACK, to_place_id=virtual_places().supplier,
        from_place_id=place.pk if place else None, against=against,
    )  # fmt: skip
    statuses = ("available", "quarantined", "expired", "recalled", "returned", "inspecting")
    response = answer(
        request,
        "scrap",
        found=meaning,
        path=place.path if place else "",
        statuses=statuses,
    )
    if said := _says(request, meaning, places):
        response["HX-Trigger"] = json.dumps({"yanji:chosen": {"fields": said}})
    return response


def _says(request: HttpRequest, meaning: Meaning, places: list[Place]) -> dict[str, int]:
    """What a unit says of the fields that are still empty: whose it is or who brought it, and where it lies. Pure."""
    unit = meaning.unit if meaning.ok else None
    if unit is None:
        return {}
    holding = [place for place in places if unit.place_path.startswith(place.path)]
    nearest = max(holding, key=lambda place: len(place.path), default=None)
    known = {"supplier_id": unit.owner_id or unit.supplier_id, "place_id": nearest.pk if nearest else None}
    return {field: key for field, key in known.items() if key and not request.POST.get(field)}


@needs("return_goods", "invoice", "view")
@require_safe
def return_page(request: HttpRequest, return_id: int) -> HttpResponse:
    return _show(request, supplier_return_for(request.actor, return_id))


def _show(request: HttpRequest, back: SupplierReturn, refused: Refused | None = None) -> HttpResponse:
    """One return; also the answer where an act on it was refused."""
    actor: Actor = request.actor
    allowed = verbs("supplier_return", back.state)
    sends = actor.may("return_goods", back.place.path)
    books = sends or actor.may("invoice", back.place.path)
    may = {verb: sends and verb in allowed for verb in ("authorise", "send", "cancel")}
    may |= {verb: books and verb in allowed for verb in ("credit", "close", "void_credit")}
    credited = list(back.credits.select_related("actor", "voided_by").order_by("id"))
    return page(
        request,
        "buyer/supplier_return.html",
        status=409 if refused else 200,
        refused=refused,
        back=back,
        lines=back.lines.select_related("item", "lot", "unit", "place").order_by("id"),
        credits=credited,
        short=max(back.expected - sum(note.amount for note in credited if note.counts), 0),
        late=bool(back.credit_due and back.state == "sent" and back.credit_due < timezone.localdate()),
        reason=reason_words().of(back.reason, group="supplier_return"),
        may=may,
        sent=request.POST,
    )


def _acted(request: HttpRequest, return_id: int, said: str, act) -> HttpResponse:
    """Do one act on a return, and say so on its page; or show it with what was refused."""
    actor = request.actor
    sent = Sent(request.POST)
    try:
        done = act(actor, sent)
    except Refused as refused:
        return _show(request, supplier_return_for(actor, return_id), refused)
    say(request, said % {"number": done.number})
    return redirect("buyer:supplier_return", return_id)


@needs("return_goods")
@require_POST
def authorise(request: HttpRequest, return_id: int) -> HttpResponse:
    """The supplier agreed, under a number of its own."""

    def act(actor: Actor, sent: Sent):
        number = sent.text("authorisation", _("Authorised under"), required=True)
        sent.check()
        key = act_key(request, "authorise")
        return authorise_return(actor=actor, key=key, return_id=return_id, authorisation=number)

    return _acted(request, return_id, _("%(number)s may be sent."), act)


@needs("return_goods")
@require_POST
def send(request: HttpRequest, return_id: int) -> HttpResponse:
    def act(actor: Actor, sent: Sent):
        handed_to = sent.text("handed_to", _("Handed to"), required=True)
        due = sent.day("credit_due", _("Credit due on"))
        sent.check()
        key = act_key(request, "send")
        return send_return(actor=actor, key=key, return_id=return_id, handed_to=handed_to, credit_due=due)

    return _acted(request, return_id, _("%(number)s is on its way to the supplier."), act)


@needs("return_goods", "invoice")
@require_POST
def credit(request: HttpRequest, return_id: int) -> HttpResponse:
    def act(actor: Actor, sent: Sent):
        number = sent.text("number", _("Credit note"), required=True)
        amount = sent.amount(request.POST.get("amount", ""), _("Amount (CNY)"))
        dated = sent.day("dated", _("Date on the credit note"))
        sent.check()
        key = act_key(request, "credit")
        return credit_return(
            actor=actor, key=key, return_id=return_id, number=number, amount=amount, dated=dated
        )

    return _acted(request, return_id, _("The credit note for %(number)s is entered."), act)


@needs("return_goods", "invoice")
@require_POST
def void(request: HttpRequest, return_id: int, credit_id: int) -> HttpResponse:
    """A credit note that was wrong."""

    def act(actor: Actor, sent: Sent):
        why = sent.text("reason", _("Reason"), required=True)
        sent.check()
        key = act_key(request, "void")
        return void_credit(actor=actor, key=key, return_id=return_id, credit_id=credit_id, reason=why)

    return _acted(request, return_id, _("Credit note %(number)s is voided: its amount is due again."), act)


@needs("return_goods", "invoice")
@require_POST
def close(request: HttpRequest, return_id: int) -> HttpResponse:
    def act(actor: Actor, sent: Sent):
        text = sent.text("text", _("Why"), required=True)
        sent.check()
        return close_return(actor=actor, key=act_key(request, "close"), return_id=return_id, text=text)

    return _acted(request, return_id, _("%(number)s is closed short."), act)


@needs("return_goods")
@require_POST
def cancel(request: HttpRequest, return_id: int) -> HttpResponse:
    def act(actor: Actor, sent: Sent):
        return cancel_return(actor=actor, key=act_key(request, "cancel"), return_id=return_id)

    return _acted(request, return_id, _("%(number)s is cancelled; nothing was moved."), act)
