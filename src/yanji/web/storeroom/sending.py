"""What a transfer asks for is picked and leaves the store."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.flows.documents import verbs
from yanji.flows.out_of_turn import of_transfer
from yanji.flows.packing.lying import serves
from yanji.flows.packing.picked import asked_as_kits, picked_kits, units_of
from yanji.flows.pick_list import pick_list
from yanji.flows.preview import as_one, judge
from yanji.flows.reasons import reasons
from yanji.flows.transfer.gate import transfer_for
from yanji.flows.transfer.kits import lines_now
from yanji.flows.transfer.models import Transfer
from yanji.flows.transfer.pick import barred_here, pick_transfer, picking_offences, unpick_transfer
from yanji.flows.transfer.ship import ship
from yanji.flows.transfer.state import in_hand
from yanji.flows.turn import Policy
from yanji.ledger.api import Refused, Step, unit_views

from ..flow.basket import Basket, FlowRow, answer, confirmed, counted, is_confirmation
from ..flow.done import say, warn
from ..flow.gate import needs
from ..flow.sent import Sent
from ..page import act_key, page
from ..scan import scanned
from .picked_lots import picked_lots, pieces_of, sent_back
from .picking import (
    ASKS,
    EXTRA,
    Turn,
    chosen_overrides,
    chosen_policy,
    open_kits,
    place_names,
    ready_kits,
    turn_of,
    with_bills,
)


@needs("pick")
def pick_page(request: HttpRequest, transfer_id: int) -> HttpResponse:
    actor: Actor = request.actor
    transfer = transfer_for(actor, transfer_id, may="pick")
    if request.method != "POST":
        return form(request, transfer, [])
    basket = Basket(request)
    try:
        basket.check()
        things = basket.things()
        done = pick_transfer(
            actor=actor, key=act_key(request, "pick"), transfer_id=transfer.pk, things=things,
            overrides=chosen_overrides(basket), policy=chosen_policy(request),
        )  # fmt: skip
    except Refused as refused:
        return form(request, transfer, basket.rows(refused, field="override", answers=ASKS), refused)
    count = basket.pieces(kits_as_one=True)
    said = ngettext("%(n)s thing is picked.", "%(n)s things are picked.", count)
    say(request, said % {"n": count})
    warn(request, done)
    return redirect("storeroom:transfer_pick", transfer.pk)


def form(
    request: HttpRequest, transfer: Transfer, rows: list[FlowRow], refused: Refused | None = None
) -> HttpResponse:
    """The pick list with what was scanned, and what lies ready to go."""
    actor: Actor = request.actor
    allowed = verbs("transfer", transfer.state)
    may_pick = "pick" in allowed
    turns = _turns(transfer, chosen_policy(request)) if may_pick else []
    picked, _on_the_way = in_hand(transfer.pk)
    kits = picked_kits(serves(transfer))
    inside = {unit for kit in kits for unit in units_of(kit)}
    views = unit_views([epc for epc in picked.units if epc not in inside])
    loose_lots = picked_lots(picked.things, kits)
    lines = list(with_bills(transfer))
    return page(
        request,
        "storeroom/transfer_pick.html",
        status=409 if refused else 200,
        refused=refused,
        transfer=transfer,
        ready=ready_kits(actor, transfer.source.path, open_kits(lines)) if may_pick else (),
        bills={line.item_id for line in lines if line.bill},
        turns=turns,
        labels=place_names(turns),
        rows=rows,
        picked=list(views.values()),
        picked_lots=loose_lots,
        picked_kits=kits,
        late=of_transfer(transfer),
        picked_count=len(views) + len(kits) + sum(lot.pieces for lot in loose_lots),
        may_pick=may_pick,
        may_ship="ship" in allowed and actor.may("transfer", transfer.source.path),
        policy=chosen_policy(request),
        reasons=reasons("override"),
        row_extra=EXTRA,
        sent=request.POST,
    )


def _turns(transfer: Transfer, policy: Policy) -> list[Turn]:
    """What to take; a supplier's goods that may not lie at the other end are skipped."""
    barred = barred_here(transfer, timezone.localdate())
    return [turn_of(line) for line in pick_list(transfer, policy=policy, barred=barred)]


@needs("pick")
@require_POST
def scan(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """One scan against the transfer; a thing out of turn asks for a reason on its own row."""
    if is_confirmation(request):
        return confirmed()
    actor: Actor = request.actor
    transfer = transfer_for(actor, transfer_id, may="pick")
    wanted, policy, now = lines_now(transfer), chosen_policy(request), timezone.now()
    meaning = judge(
        scanned(request), actor=actor, step=Step.PICK, from_place_id=transfer.source_id,
        documents={"transfer": transfer.number},
        against=lambda things, boxes: picking_offences(
            transfer, wanted, things, {}, boxes=boxes, counted=counted(request), policy=policy, at=now
        )[1],
    )  # fmt: skip
    meaning = as_one(meaning, asked_as_kits([meaning.box] if meaning.box else [], wanted))
    return answer(
        request, "pick", found=meaning, extra=EXTRA, answers=ASKS, path=transfer.source.path, statuses=("available",),
        more={"reasons": reasons("override")},
    )  # fmt: skip


@needs("pick")
@require_POST
def put_back(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """One picked unit, or pieces of a lot, goes back to its shelf."""
    actor = request.actor
    try:
        things = sent_back(request)
        unpick_transfer(actor=actor, key=act_key(request, "unpick"), transfer_id=transfer_id, things=things)
    except Refused as refused:
        return form(request, transfer_for(actor, transfer_id), [], refused)
    count = pieces_of(things)
    say(request, ngettext("%(n)s thing is put back.", "%(n)s things are put back.", count) % {"n": count})
    return redirect("storeroom:transfer_pick", transfer_id)


@needs("transfer")
@require_POST
def send(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """Everything that lies picked leaves, with whoever takes it along."""
    actor = request.actor
    sent = Sent(request.POST)
    try:
        handed_to = sent.text("handed_to", _("Handed to"), required=True)
        seals, cost = (
            sent.text("seals", _("Seals")),
            sent.amount(request.POST.get("cost", ""), _("Cost of the way")),
        )
        sent.check()
        done = ship(
            actor=actor, key=act_key(request, "ship"), transfer_id=transfer_id, handed_to=handed_to, seals=seals, cost=cost
        )  # fmt: skip
    except Refused as refused:
        return form(request, transfer_for(actor, transfer_id), [], refused)
    said = _("A load of transfer %(number)s is on its way.") % {"number": done.number}
    say(request, said)
    warn(request, done)
    return redirect("storeroom:transfer", transfer_id)
