"""What departments gave back is looked at: good again, or held with a reason."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.giveback import inspect_return
from yanji.flows.preview import interpret
from yanji.flows.queries import units_in
from yanji.flows.reasons import reasons
from yanji.flows.returned import returned_lots
from yanji.flows.scanning import Meaning
from yanji.flows.things import Thing
from yanji.ledger.api import Offence, Refused, Status
from yanji.places.models import Kind, Place

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation, key_of
from ..flow.done import on_to, say
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page
from ..scan import scanned

EXTRA = "storeroom/_inspection.html"
WAITING = 100


@needs("inspect_return")
def returns_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, [])
    basket = Basket(request)
    try:
        count = _inspect(request, basket)
    except Refused as refused:
        return _form(request, basket.rows(refused, field="verdict"), refused)
    said = ngettext("%(n)s returned thing is inspected.", "%(n)s returned things are inspected.", count)
    say(request, said % {"n": count}, on_to(request, "storeroom:put_away"))
    return redirect("storeroom:returns")


def _inspect(request: HttpRequest, basket: Basket) -> int:
    sent = Sent(request.POST)
    store = sent.number("store_id", _("Store"))
    sent.check()
    basket.check()

    def found(reason: str) -> list[Thing]:
        return basket.things(lambda meaning: basket.post.get(f"verdict:{key_of(meaning)}", "") == reason)

    verdicts = {value for name, value in request.POST.items() if name.startswith("verdict:") and value}
    good, held = found(""), {reason: found(reason) for reason in verdicts}
    inspect_return(
        actor=request.actor,
        key=act_key(request, "returns"),
        store_id=store,
        restock=good,
        hold=held,
    )
    return len(good) + sum(len(things) for things in held.values())


def _form(request: HttpRequest, rows: list[FlowRow], refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    stores = places_for(actor, may="inspect_return", kinds=(Kind.STORE, Kind.DOCK))
    waiting = units_in(actor.scopes.get("inspect_return", ()), ("returned",), limit=WAITING)
    lots = returned_lots(actor)
    store = _store(
        request, stores, [*(unit.place_path for unit in waiting), *(lot.place.path for lot in lots)]
    )
    waiting = [unit for unit in waiting if store is None or unit.place_path.startswith(store.path)]
    lots = [lot for lot in lots if store is None or lot.place.path.startswith(store.path)]
    return page(
        request,
        "storeroom/returns.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        stores=stores,
        store=store,
        waiting=waiting,
        count=len(waiting) + len(lots),
        lots=lots,
        reasons=reasons("hold"),
        row_extra=EXTRA,
    )


def _store(request: HttpRequest, stores: list[Place], waiting: Sequence[str]) -> Place | None:
    """The store that was chosen, else the first in which something waits."""
    asked = request.POST.get("store_id") or request.GET.get("store_id", "")
    chosen = next((store for store in stores if str(store.pk) == asked), None)
    busy = next((store for path in waiting for store in stores if path.startswith(store.path)), None)
    return chosen or busy or (stores[0] if stores else None)


@needs("inspect_return")
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    if is_confirmation(request):
        return confirmed()
    value = request.POST.get("store_id", "")
    store = number_in(value)
    raw = scanned(request)
    meaning = interpret(raw, actor=request.actor, flow="restock", from_place_id=store)
    other = _other_store(request.actor, meaning)
    if other and not request.POST.getlist("row"):
        there = f"{reverse('storeroom:returns')}?{urlencode({'store_id': other.pk, 'scan': raw})}"
        return HttpResponse(headers={"HX-Redirect": there})
    if other:
        facts = {"place": other.name}
        meaning = replace(meaning, offences=(Offence("waits_elsewhere", meaning.epc, facts),))
    path = Place.objects.filter(pk=store).values_list("path", flat=True).first() or ""
    return answer(
        request, "restock", extra=EXTRA, more={"reasons": reasons("hold")}, found=meaning, path=path,
        statuses=(Status.RETURNED,),
    )  # fmt: skip


def _other_store(actor: Actor, meaning: Meaning) -> Place | None:
    """The store in which a returned unit waits, where that is another than the page is open on."""
    unit = meaning.unit
    if (
        unit is None
        or unit.status != Status.RETURNED
        or "elsewhere" not in {o.code for o in meaning.offences}
    ):
        return None
    stores = places_for(actor, may="inspect_return", kinds=(Kind.STORE, Kind.DOCK))
    return next((store for store in stores if unit.place_path.startswith(store.path)), None)
