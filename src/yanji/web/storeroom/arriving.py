"""A load of a transfer is taken in: scan everything, or say that all of it arrived; say what the logger showed."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.documents import verbs
from yanji.flows.preview import judge
from yanji.flows.things import name
from yanji.flows.transfer.arrive import Doubtful, arrive
from yanji.flows.transfer.gate import transfer_for
from yanji.flows.transfer.models import Transfer
from yanji.flows.transfer.queries import missing
from yanji.flows.transfer.state import in_hand
from yanji.ledger.api import Offence, Refused, Step, virtual_places
from yanji.places.models import Kind, Place
from yanji.places.temperature import CLASSES, suits

from ..asked import written
from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.differences import EXTRA, IN_A_PATIENT, Judged, in_hand_reasons, judged, only_named
from ..flow.done import on_to, say
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page
from ..scan import scanned

SHELVES = (Kind.STORE, Kind.DOCK, Kind.ROOM, Kind.CABINET, Kind.BIN)
# A row may stand although it was never sent: it is named as unexpected.
NOT_SENT = frozenset({"not_on_the_way", IN_A_PATIENT})


@needs("transfer")
def arrive_page(request: HttpRequest, transfer_id: int) -> HttpResponse:
    actor: Actor = request.actor
    transfer = transfer_for(actor, transfer_id, may="arrive")
    if request.method != "POST":
        return _form(request, transfer, [])
    basket = Basket(request)
    try:
        done = _arrive(request, transfer, basket)
    except Refused as refused:
        rows = basket.rows(refused, field="verdict", answers=NOT_SENT)
        return _form(request, transfer_for(actor, transfer_id, may="arrive"), rows, refused)
    say(request, _said(done), on_to(request, "storeroom:put_away"))
    return redirect("storeroom:transfer", transfer.pk)


def _said(done) -> str:
    parts = [_("%(number)s is taken in.") % {"number": done.number}]
    if held := done.facts["held"]:
        parts.append(ngettext("%(n)s thing is held.", "%(n)s things are held.", held) % {"n": held})
    if gone := done.facts["missing"]:
        parts.append(
            ngettext("%(n)s piece is missing still.", "%(n)s pieces are missing still.", gone) % {"n": gone}
        )
    return " ".join(parts)


def _arrive(request: HttpRequest, transfer: Transfer, basket: Basket):
    sent = Sent(request.POST)
    place = sent.number("to_place_id", _("Place"))
    low, high = (
        _celsius(sent, "celsius_min", _("Lowest, °C")),
        _celsius(sent, "celsius_max", _("Highest, °C")),
    )
    logger, note = sent.text("logger", _("Logger")), sent.text("note", _("Note"))
    sent.check()
    basket.check()
    everything = "all" in request.POST
    found = _judged(transfer, basket)
    return arrive(
        actor=request.actor,
        key=act_key(request, "arrive"),
        transfer_id=transfer.pk,
        to_place_id=place,
        things=None if everything else found.good,
        held=[Doubtful(*each) for each in found.bad],
        unexpected=[Doubtful(*each) for each in found.unexpected],
        celsius_min=low,
        celsius_max=high,
        logger=logger,
        no_record="no_record" in request.POST,
        seals_sound="seals_broken" not in request.POST,
        note=note,
    )


def _judged(transfer: Transfer, basket: Basket) -> Judged:
    """What was scanned: good, held for the chosen reason, or not sent at all."""
    _picked, hand = in_hand(transfer.pk)
    lots = {portion.lot_id for portion in hand.lots}
    return judged(basket, lambda meaning: meaning.epc in hand.units or meaning.lot_id in lots)


def _celsius(sent: Sent, field: str, label: str) -> Decimal | None:
    text = sent.text(field, label).replace("−", "-").replace(",", ".")
    if not text:
        return None
    found = written(text)
    if not found.is_finite():
        sent.complain("bad_celsius", label, value=text[:40])
        return None
    return found


def _form(
    request: HttpRequest, transfer: Transfer, rows: list[FlowRow], refused: Refused | None = None
) -> HttpResponse:
    actor: Actor = request.actor
    waiting = missing(transfer)
    places = [
        place
        for place in places_for(actor, may="transfer", kinds=SHELVES)
        if place.path.startswith(transfer.destination.path)
    ]
    needed = {each.unit.item_temperature_class for each in waiting if each.unit}
    needed |= {each.lot.item.temperature_class for each in waiting if each.lot}
    return page(
        request,
        "storeroom/transfer_arrive.html",
        status=409 if refused else 200,
        refused=refused,
        transfer=transfer,
        loads=transfer.shipments.filter(called_back=False).order_by("id"),
        waiting=waiting,
        pieces=sum(each.pieces for each in waiting),
        rows=rows,
        places=places,
        place_id=request.POST.get("to_place_id") or str(_usual(places, needed)),
        cold=any(CLASSES[each].cold for each in needed),
        open_now="arrive" in verbs("transfer", transfer.state),
        reasons=in_hand_reasons(),
        row_extra=EXTRA,
        sent=request.POST,
    )


def _usual(places: list[Place], classes: set[str]) -> int | str:
    """The dock, else the first place that keeps every temperature needed."""
    fitting = [place for place in places if all(suits(place.temperature_class, each) for each in classes)]
    docks = [place for place in fitting if place.kind == Kind.DOCK]
    return next((place.pk for place in [*docks, *fitting, *places]), "")


@needs("transfer")
@require_POST
def scan(request: HttpRequest, transfer_id: int) -> HttpResponse:
    if is_confirmation(request):
        return confirmed()
    actor: Actor = request.actor
    transfer = transfer_for(actor, transfer_id, may="arrive")
    value = request.POST.get("to_place_id", "")
    place = number_in(value)
    _picked, hand = in_hand(transfer.pk)
    transit = virtual_places().transit
    facts = {"transfer": transfer.number}
    meaning = judge(
        scanned(request), actor=actor, step=Step.ARRIVE, to_place_id=place, from_place_id=transit,
        against=lambda things, _boxes: [
            Offence("not_on_the_way", name(thing), facts)
            for thing in things
            if isinstance(thing, str) and thing not in hand.units
        ],
    )  # fmt: skip
    return answer(
        request, "take_in", found=only_named(meaning, "not_on_the_way"), extra=EXTRA, answers=NOT_SENT, path=f"/{transit}/",
        statuses=("in_transit",), more={"reasons": in_hand_reasons()},
    )  # fmt: skip
