"""What to look at of a delivery that is being scanned, and what was seen of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from yanji.flows.inspecting.queries import Proposed, samples
from yanji.flows.inspecting.sample import Look
from yanji.flows.packing.delivered import BoxArrival
from yanji.flows.reasons import reasons
from yanji.flows.receive import Arrival
from yanji.ledger.api import Refused

from ..flow.basket import Basket, key_of
from ..flow.gate import needs
from ..flow.sent import number_in
from ..page import act_key

DOUBT = "hold:"


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a plan at one thing; ``failed``: whether it was ticked."""

    code: str
    label: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """One unit of a sample with the points to tick; of a counted lot all pieces of its sample together."""

    name: str
    label: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class LotToLook:
    """One lot with what of it to look at, and what was said of it so far."""

    proposed: Proposed
    key: str
    looked: bool
    faulty: str
    seen: Sequence[Seen] = field(default_factory=tuple)


# Where this was said, the page shows what to look at, with what was ticked so far.
OF_SAMPLES = frozenset({"sample_not_looked_at", "bad_faulty_count", "unknown_check_point", "look_elsewhere"})


def verdict_of(post: QueryDict, key: str) -> dict[str, str]:
    """What was chosen on a row: why it is rejected, or why it is in doubt; nothing where it is accepted."""
    chosen = post.get(f"verdict:{key}", "")
    if chosen.startswith(DOUBT):
        return {"doubtful": chosen.removeprefix(DOUBT)}
    return {"rejected": chosen}


def arrivals_of(basket: Basket) -> list[Arrival]:
    """The units and lots that were scanned, each with its verdict."""
    return [
        Arrival(
            item_id=meaning.item.pk,
            epc=meaning.epc,
            serial=meaning.serial,
            lot=meaning.lot,
            expiry=meaning.expiry,
            made=meaning.made,
            quantity=basket.quantity(meaning) if meaning.kind == "lot" else 1,
            **verdict_of(basket.post, key_of(meaning)),
        )
        for meaning in basket.meanings
        if meaning.item
    ]


def boxes_of(basket: Basket) -> list[BoxArrival]:
    """The boxes that were scanned, each with its verdict."""
    return [
        BoxArrival(meaning.box.code, **verdict_of(basket.post, key_of(meaning)))
        for meaning in basket.meanings
        if meaning.box
    ]


def proposed_for(request: HttpRequest, order_id: int, basket: Basket) -> list[Proposed]:
    """What to look at of what was scanned, under the key that the form is going to be sent with."""
    return samples(
        actor=request.actor,
        key=act_key(request, "receipt"),
        order_id=order_id,
        arrivals=arrivals_of(basket),
        boxes=boxes_of(basket),
    )


def key_of_lot(proposed: Proposed) -> str:
    of = proposed.sampled
    return f"{of.item_id}:{of.lot}:{of.expiry or ''}"


def says_looks(post: QueryDict) -> bool:
    """Whether a form says that anything was looked at, or what was seen: what :func:`looks_of` reads."""
    return any(name.startswith(("looked:", "fault:")) for name in post)


def looks_of(post: QueryDict, proposed: Sequence[Proposed]) -> list[Look]:
    """What the form says was seen: of a lot that was looked at, every piece that has no fault is in order."""
    found: list[Look] = []
    for each in proposed:
        of, key = each.sampled, key_of_lot(each)
        looked = bool(post.get(f"looked:{key}"))
        if of.units:
            faults = {epc: tuple(post.getlist(f"fault:{epc}")) for epc in of.units}
            found += [Look(epc=epc, faults=faults[epc]) for epc in of.units if looked or faults[epc]]
        elif looked:
            faulty = number_in(post.get(f"faulty:{key}", "").strip() or "0", 8)
            points = tuple(post.getlist(f"fault:{key}"))
            # What is no number is more than any sample, and so refused with the sentence about it.
            found.append(Look("", of.item_id, of.lot, of.expiry, -1 if faulty is None else faulty, points))
    return found


def to_look_at(post: QueryDict, proposed: Sequence[Proposed]) -> list[LotToLook]:
    """The lots as the page shows them, with what was said before."""
    words = reasons("check_point") if proposed else {}
    return [_lot(post, each, words) for each in proposed]


def _lot(post: QueryDict, proposed: Proposed, words: Mapping[str, str]) -> LotToLook:
    of, key = proposed.sampled, key_of_lot(proposed)
    seen = []
    for name in of.units or (key,):
        ticked = post.getlist(f"fault:{name}")
        points = [Point(code, words.get(code, code), code in ticked) for code in of.plan.points]
        seen.append(Seen(name, name.rpartition("/")[2], points))
    return LotToLook(proposed, key, bool(post.get(f"looked:{key}")), post.get(f"faulty:{key}", ""), seen)


@needs("receive")
@require_POST
def samples_part(request: HttpRequest, order_id: int) -> HttpResponse:
    """The card that says which pieces of the list to look at."""
    basket = Basket(request)
    ask = reverse("storeroom:receive_samples", args=[order_id])
    return samples_card(request, basket, ask=ask, propose=lambda: proposed_for(request, order_id, basket))


def samples_card(
    request: HttpRequest, basket: Basket, *, ask: str, propose: Callable[[], list[Proposed]]
) -> HttpResponse:
    """What to look at of the list, or why that cannot be said. ``ask``: the address that draws again."""
    context: dict[str, object] = {"asked": True, "ask_samples": ask}
    try:
        basket.check()
        context["lots"] = to_look_at(request.POST, propose())
    except Refused as refused:
        context["said"] = [offence.sentence() for offence in refused.offences][:5]
    return render(request, "storeroom/_samples.html", context)
