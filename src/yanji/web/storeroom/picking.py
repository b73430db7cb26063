"""What departments asked for: the list, and one pick list that says what to take in turn and why the rest is skipped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.differing.queries import open_differences
from yanji.flows.documents import verbs
from yanji.flows.gates import requisition_for
from yanji.flows.issue import everything_picked
from yanji.flows.models import Requisition, RequisitionLine
from yanji.flows.out_of_turn import of_requisition
from yanji.flows.packing.bill import kit_lines
from yanji.flows.packing.lying import serves
from yanji.flows.packing.models import BoxKind
from yanji.flows.packing.picked import picked_kits, units_of
from yanji.flows.packing.queries import Listed, Seal, boxes, spoilt
from yanji.flows.pick import pick
from yanji.flows.pick_list import PickLine, pick_list
from yanji.flows.queries import OPEN_REQUISITIONS, requisitions
from yanji.flows.reasons import reasons
from yanji.flows.scanning import understand
from yanji.flows.transfer.models import Transfer, TransferLine
from yanji.flows.turn import LotLeft
from yanji.flows.why_first import skipped_because
from yanji.ledger.api import Candidate, Offence, Refused, unit_views
from yanji.places.queries import labels_of

from ..flow.basket import Basket, FlowRow, answer, confirmed, counted, is_confirmation, key_of
from ..flow.done import say, warn
from ..flow.gate import needs
from ..page import act_key, page
from ..scan import refused_row, scanned
from ..templatetags.yanji import named
from .picked_lots import picked_lots

EXTRA = "storeroom/_override.html"
ASKS = frozenset({"override_reason_needed", "other_lot_asked"})
POLICIES = ("fefo", "fifo")
MOST_SKIPPED = 5
MOST_LOTS = 5  # of a line, with those whose turn comes later
MOST_KITS = 20


@needs("pick", "issue")
@require_safe
def picking(request: HttpRequest) -> HttpResponse:
    """Open requisitions of the actor's stores, the most urgent first."""
    actor: Actor = request.actor
    found = [
        with_counts(each)
        for each in requisitions(actor, states=OPEN_REQUISITIONS)
        if actor.may("pick", each.store.path) or actor.may("issue", each.store.path)
    ]
    differing = open_differences(actor).count()
    return page(
        request,
        "storeroom/picking.html",
        requisitions=found,
        differences=differing,
        may_pick=actor.may("pick"),
    )


def with_counts(requisition: Requisition) -> Requisition:
    """Pieces wanted, picked and issued, from the lines at hand."""
    lines = list(requisition.lines.all())
    requisition.pieces = sum(line.quantity for line in lines)
    requisition.picked = sum(line.picked for line in lines)
    requisition.issued = sum(line.issued for line in lines)
    requisition.percent = 100 * requisition.picked // requisition.pieces if requisition.pieces else 0
    return requisition


@needs("pick", "issue")
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """A requisition's number opens its pick list."""
    raw = scanned(request)
    meaning = understand([raw], actor=request.actor)[0]
    if meaning.document and meaning.document[0] == "requisition":
        return HttpResponse(headers={"HX-Redirect": reverse("storeroom:pick", args=[meaning.document[1]])})
    offences = meaning.offences or (Offence("not_a_requisition", raw[:80]),)
    return refused_row(request, raw, Refused.of(offences))


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of the pick list: what to take, and what stands before it in turn but is skipped, and why."""

    pick: PickLine
    skipped: list[tuple[Candidate, str]]
    more: int
    skipped_lots: list[tuple[LotLeft, str]]
    lots_after: list[LotLeft]

    @property
    def shown(self) -> int:
        """How many are named as skipped."""
        return len(self.skipped) + len(self.skipped_lots)


def turn_of(line: PickLine) -> Turn:
    proposed = line.proposed
    last = line.candidates.index(proposed[-1]) if proposed else len(line.candidates)
    passed = [each for each in line.candidates[:last] if not each.ok]
    shown = [(each, skipped_because(each.reason)) for each in passed[:MOST_SKIPPED]]
    # Counted where they lie, not in the list: it may be shorter.
    everything = proposed[-1].passed if proposed else max((each.passed for each in passed), default=0)
    lots = [(each, skipped_because(each.reason)) for each in line.skipped_lots[:MOST_SKIPPED]]
    after = line.lots_after[: max(0, MOST_LOTS - len(line.proposals))]
    return Turn(line, shown, max(0, everything - len(shown)), lots, after)


def place_names(turns: list[Turn]) -> dict[int, str]:
    """What to call the places of a pick list: shelves of one store may share a name."""
    listed = [
        each for turn in turns for each in (*turn.pick.candidates, *turn.pick.lots, *turn.pick.skipped_lots)
    ]
    return labels_of({each.place_id: named(each.place_name) for each in listed})


@needs("pick", "issue")
def pick_page(request: HttpRequest, requisition_id: int) -> HttpResponse:
    requisition = requisition_for(request.actor, requisition_id)
    if request.method != "POST":
        return form(request, requisition, [])
    basket = Basket(request)
    try:
        basket.check(labels=True)
        things = basket.things()
        done = pick(
            actor=request.actor,
            key=act_key(request, "pick"),
            requisition_id=requisition.pk,
            things=things,
            overrides=chosen_overrides(basket),
            policy=chosen_policy(request),
        )
    except Refused as refused:
        rows = basket.rows(refused, field="override", answers=ASKS)
        return form(request, requisition, rows, refused)
    count = basket.pieces(kits_as_one=True)
    said = ngettext("%(n)s thing is picked.", "%(n)s things are picked.", count)
    say(request, said % {"n": count})
    warn(request, done)
    return redirect("storeroom:pick", requisition.pk)


def chosen_overrides(basket: Basket) -> dict[str, str]:
    """Identity, or ``lot N`` -> reason for taking it out of turn."""
    chosen = {
        meaning.epc or f"lot {meaning.lot_id}": basket.post.get(f"override:{key_of(meaning)}", "")
        for meaning in basket.meanings
    }
    return {thing: reason for thing, reason in chosen.items() if reason}


def chosen_policy(request: HttpRequest) -> str:
    asked = request.POST.get("policy") or request.GET.get("policy", "")
    return asked if asked in POLICIES else "fefo"


def form(
    request: HttpRequest, requisition: Requisition, rows: list[FlowRow], refused: Refused | None = None
) -> HttpResponse:
    """The pick list with what was scanned; also the answer where handing over or putting back was refused."""
    actor: Actor = request.actor
    allowed = verbs("requisition", requisition.state)
    may_pick = "pick" in allowed and actor.may("pick", requisition.store.path)
    turns = (
        [turn_of(line) for line in pick_list(requisition, policy=chosen_policy(request))] if may_pick else []
    )
    things = everything_picked(requisition)
    kits = picked_kits(serves(requisition))
    inside = {unit for kit in kits for unit in units_of(kit)}
    units = [thing for thing in things if isinstance(thing, str) and thing not in inside]
    views = unit_views(units)
    lots = picked_lots(things, kits)
    lines = list(with_bills(requisition))
    return page(
        request,
        "storeroom/pick.html",
        status=409 if refused else 200,
        refused=refused,
        requisition=requisition,
        lines=lines,
        ready=ready_kits(actor, requisition.store.path, open_kits(lines)) if may_pick else (),
        bills={line.item_id for line in lines if line.bill},
        turns=turns,
        labels=place_names(turns),
        rows=rows,
        picked=[views[epc] for epc in units if epc in views],
        picked_lots=lots,
        picked_kits=kits,
        late=of_requisition(requisition),
        picked_count=len(units) + len(kits) + sum(lot.pieces for lot in lots),
        may_pick=may_pick,
        may_issue=actor.may("issue", requisition.store.path) and "issue" in allowed,
        may_close="close" in allowed,
        policy=chosen_policy(request),
        reasons=reasons("override"),
        row_extra=EXTRA,
    )


def with_bills(document: Requisition | Transfer) -> QuerySet[RequisitionLine] | QuerySet[TransferLine]:
    """The lines, each with whether its item is a kit (``bill``). One statement."""
    found = document.lines.select_related("item").order_by("id")
    return found.annotate(bill=Exists(kit_lines().filter(kit=OuterRef("item"))))


def open_kits(lines: Sequence[Any]) -> list[int]:
    """The kits among the lines that are still to be picked, by item."""
    return [line.item_id for line in lines if line.bill and line.open_to_pick]


def ready_kits(actor: Actor, path: str, wanted: Sequence[int]) -> list[Listed]:
    """Whole kits in a store of these items of which nothing is expired or of a recalled lot. Three statements; none where no kit
    is asked for."""
    if not wanted:
        return []
    found = boxes(actor, kind=BoxKind.KIT, seals=(Seal.SEALED,), within=path, item_ids=wanted)[:MOST_KITS]
    bad = spoilt([each.code for each in found], timezone.localdate())
    return [each for each in found if each.code not in bad]


@needs("pick")
@require_POST
def scan(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """One scan against the pick list; a unit out of turn asks for a reason on its own row."""
    if is_confirmation(request):
        return confirmed()
    requisition = requisition_for(request.actor, requisition_id)
    return answer(
        request,
        "pick",
        extra=EXTRA,
        answers=ASKS,
        path=requisition.store.path,
        statuses=("available",),
        more={"reasons": reasons("override")},
        requisition_id=requisition.pk,
        from_place_id=requisition.store_id,
        counted=counted(request),
        policy=chosen_policy(request),
    )
