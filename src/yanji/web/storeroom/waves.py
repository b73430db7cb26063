"""Several requisitions picked in one walk: which to take together, and one pick list in the order of the shelves."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.documents import verbs
from yanji.flows.models import Requisition
from yanji.flows.preview import interpret
from yanji.flows.reasons import reasons
from yanji.flows.scanning import Meaning, understand
from yanji.flows.waves.models import Wave
from yanji.flows.waves.pick import close_wave, pick_wave, start_wave
from yanji.flows.waves.share import home_of
from yanji.flows.waves.walk import asks_of, members_of, open_waves, pickable, walk_of, wave_for
from yanji.ledger.api import Offence, Refused, Status

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation, key_of
from ..flow.done import on_to, say, warn
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page
from ..scan import scanned
from .picking import ASKS, chosen_overrides, chosen_policy, ready_kits

EXTRA = "storeroom/_wave_row.html"


@needs("pick")
@require_safe
def waves_page(request: HttpRequest) -> HttpResponse:
    """Walks under way, and what could be taken together now."""
    return _waves(request)


def _waves(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    stores: dict[int, list[Requisition]] = {}
    for each in pickable(actor):
        stores.setdefault(each.store_id, []).append(each)
    return page(
        request,
        "storeroom/waves.html",
        status=409 if refused else 200,
        refused=refused,
        waves=open_waves(actor),
        stores=list(stores.values()),
        chosen=request.POST.getlist("requisition"),
    )


@needs("pick")
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin a walk for the requisitions that were ticked."""
    try:
        sent = Sent(request.POST)
        store = sent.number("store_id", _("Store"))
        sent.check()
        done = start_wave(
            actor=request.actor,
            key=act_key(request, "wave"),
            store_id=store,
            requisitions=[
                found for each in request.POST.getlist("requisition") if (found := number_in(each))
            ],
            policy=chosen_policy(request),
        )
    except Refused as refused:
        return _waves(request, refused)
    say(request, _("Walk %(number)s has begun.") % {"number": done.number})
    return redirect("storeroom:wave", done.id)


@needs("pick", "issue")
def wave_page(request: HttpRequest, wave_id: int) -> HttpResponse:
    """The walk; what was scanned is posted for the requisitions that need it."""
    wave = wave_for(request.actor, wave_id)
    if request.method != "POST":
        return _wave(request, wave, [])
    basket = Basket(request)
    try:
        basket.check(labels=True)
        done = pick_wave(
            actor=request.actor,
            key=act_key(request, "wave_pick"),
            wave_id=wave_id,
            things=basket.things(),
            overrides=chosen_overrides(basket),
        )
    except Refused as refused:
        rows = basket.rows(refused, field="override", answers=ASKS)
        return _wave(request, wave, rows, refused, basket.meanings)
    count = sum(done.facts["picked"].values())
    said = ngettext("%(n)s thing is picked.", "%(n)s things are picked.", count) % {"n": count}
    told = " · ".join(f"{number} × {pieces}" for number, pieces in done.facts["picked"].items())
    say(request, f"{said} {told}", on_to(request, "storeroom:picking"))
    warn(request, done)
    return redirect("storeroom:wave", wave_id)


def _wave(
    request: HttpRequest,
    wave: Wave,
    rows: list[FlowRow],
    refused: Refused | None = None,
    meanings: Sequence[Meaning] = (),
) -> HttpResponse:
    actor: Actor = request.actor
    members = members_of(wave)
    may_pick = "pick" in verbs("wave", wave.state) and actor.may("pick", wave.store.path)
    walk = walk_of(wave, members) if may_pick else None
    kits = [leg.item.pk for leg in walk.kits] if walk else []
    return page(
        request,
        "storeroom/wave.html",
        status=409 if refused else 200,
        refused=refused,
        wave=wave,
        members=[(each, _progress(each)) for each in members],
        walk=walk,
        ready=ready_kits(actor, wave.store.path, kits),
        rows=rows,
        homes=_homes(members, meanings),
        may_pick=may_pick,
        reasons=reasons("override"),
        row_extra=EXTRA,
    )


def item_wanted(meaning: Meaning) -> int:
    """The item by which a scan is asked for: a kit's own, where its code was scanned."""
    if meaning.box:
        return meaning.box.item_id or 0
    return meaning.item.pk if meaning.item else 0


def _kept_for(meaning: Meaning) -> str:
    """What a scanned unit is reserved for."""
    unit = meaning.unit
    return unit.reserved_for if unit and unit.status == Status.RESERVED else ""


def _progress(requisition: Requisition) -> tuple[int, int]:
    lines = requisition.lines.all()
    return sum(line.picked for line in lines), sum(line.quantity for line in lines)


def _homes(members: Sequence[Requisition], meanings: Sequence[Meaning]) -> dict[str, Requisition]:
    """Key of a row -> the requisition that it will go to."""
    asks, by_id = asks_of(members), {each.pk: each for each in members}
    held: Counter[tuple[int, int]] = Counter()
    found: dict[str, Requisition] = {}
    for meaning in meanings:
        item = item_wanted(meaning)
        home = home_of(asks, item, meaning.lot, held, _kept_for(meaning)) if item else 0
        if home:
            held[home, item] += 1 if meaning.box else meaning.quantity
            found[key_of(meaning)] = by_id[home]
    return found


@needs("pick")
@require_POST
def scan(request: HttpRequest, wave_id: int) -> HttpResponse:
    """One scan of the walk: for whom it is, and whether it comes in turn."""
    if is_confirmation(request):
        return confirmed()
    actor: Actor = request.actor
    wave = wave_for(actor, wave_id, may="pick")
    members = members_of(wave)
    raw = scanned(request)
    [meaning] = understand([raw], actor=actor)
    held = _held(request)
    item = item_wanted(meaning)
    home = home_of(asks_of(members), item, meaning.lot, held, _kept_for(meaning)) if item else 0
    if home:
        meaning = interpret(
            raw, actor=actor, flow="pick", requisition_id=home, from_place_id=wave.store_id,
            counted={item: held[home, item]}, policy=wave.policy,
        )  # fmt: skip
    elif not meaning.offences:
        facts = {"item": meaning.item.name if meaning.item else "", "requisition": wave.number}
        meaning = replace(
            meaning, offences=(Offence("not_requested", meaning.epc or meaning.lot or raw[:80], facts),)
        )
    homes = {key_of(meaning): each for each in members if each.pk == home}
    return answer(
        request, "pick", found=meaning, extra=EXTRA, answers=ASKS, path=wave.store.path, statuses=("available",),
        more={"reasons": reasons("override"), "homes": homes},
    )  # fmt: skip


def _held(request: HttpRequest) -> Counter[tuple[int, int]]:
    """(requisition, item) -> pieces that the page holds already."""
    found: Counter[tuple[int, int]] = Counter()
    for key, item in zip(request.POST.getlist("row"), request.POST.getlist("of"), strict=False):
        home, number = number_in(request.POST.get(f"home:{key}", "")), number_in(item)
        if home and number:
            found[home, number] += number_in(request.POST.get(f"quantity:{key}", "1"), 8) or 0
    return found


@needs("pick")
@require_POST
def close(request: HttpRequest, wave_id: int) -> HttpResponse:
    """The walk is over."""
    actor: Actor = request.actor
    try:
        done = close_wave(actor=actor, key=act_key(request, "close"), wave_id=wave_id)
    except Refused as refused:
        return _wave(request, wave_for(actor, wave_id), [], refused)
    say(request, _("%(number)s is closed.") % {"number": done.number})
    return redirect("storeroom:waves")
