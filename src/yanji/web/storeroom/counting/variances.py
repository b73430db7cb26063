"""What differs, thing by thing: what the ledger says, what was seen, and what is decided about it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.counting.count import decide_variances, recount, submit_count
from yanji.flows.counting.gate import count_for
from yanji.flows.counting.judge import POSTABLE
from yanji.flows.counting.models import Count, Variance
from yanji.flows.counting.queries import (
    LastMove,
    last_moves,
    missing_of_suppliers,
    summaries,
    variances_of,
)
from yanji.flows.documents import verbs
from yanji.flows.reasons import reasons
from yanji.ledger.api import Refused
from yanji.places.models import Kind
from yanji.places.queries import PathName, path_names

from ...flow.gate import needs
from ...flow.sent import numbers_in
from ...page import act_key, page, page_of

MOST_CHOSEN = 5_000
ABOVE = frozenset({Kind.GROUP, Kind.CAMPUS, Kind.BUILDING})


@dataclass(frozen=True, slots=True)
class Row:
    """One variance with its evidence. ``book`` is empty where the reader may not see that place."""

    variance: Variance
    book: str
    seen: str
    last: LastMove | None
    postable: bool


@needs("count", "approve", "see_figures")
@require_safe
def variances_page(request: HttpRequest, count_id: int) -> HttpResponse:
    """The variances of a closed count, by kind, with what may be done about them."""
    actor: Actor = request.actor
    return _page(request, count_for(actor, count_id))


def _page(request: HttpRequest, count: Count, refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    kind = request.GET.get("kind", "")
    found = variances_of(count)
    found = found.filter(kind=kind) if kind in Variance.Kind.values else found
    shown = page_of(request, found)
    may_count = actor.may("count", count.place.path)
    shown.object_list = _rows(actor, list(shown.object_list))
    kinds = summaries(count)
    return page(
        request,
        "storeroom/count_variances.html",
        status=409 if refused else 200,
        refused=refused,
        count=count,
        kind=kind,
        kinds=kinds,
        undecided=sum(each.undecided for each in kinds),
        total=sum(each.count for each in kinds),
        rows=shown,
        undone=sum(each.undone for each in kinds),
        owners=missing_of_suppliers(count),
        reasons=reasons("count_variance"),
        verbs=verbs("count", count.state) if may_count else [],
        sees_value=actor.may("see_figures", count.place.path) or actor.may("approve", count.place.path),
    )


def _rows(actor: Actor, variances: list[Variance]) -> list[Row]:
    places = {each.book_place_id for each in variances} | {each.seen_place_id for each in variances}
    names = {key: _short(found) for key, found in path_names(places - {None}).items()}
    last = last_moves([each.unit_id for each in variances if each.unit_id])
    return [
        Row(
            each,
            names.get(each.book_place_id, "") if _may_see(actor, each) else _("A place that you may not see"),
            names.get(each.seen_place_id, ""),
            last.get(each.unit_id) if each.unit_id and _may_see(actor, each) else None,
            each.kind in POSTABLE,
        )
        for each in variances
    ]


def _short(way: PathName) -> str:
    """The way to a place from its store or department on: which campus it is, everybody knows."""
    inside = [name for name, kind in zip(way.names, way.kinds, strict=True) if kind not in ABOVE]
    return " / ".join(inside or way.names[-1:])


def _may_see(actor: Actor, variance: Variance) -> bool:
    place = variance.book_place
    return place is None or place.is_virtual or actor.may("view", place.path)


@needs("count")
@require_POST
def decide(request: HttpRequest, count_id: int) -> HttpResponse:
    actor: Actor = request.actor
    count = count_for(actor, count_id, may="count")
    try:
        ids = _chosen(request, count)
        done = decide_variances(
            actor=actor,
            key=act_key(request, "decide"),
            count_id=count.pk,
            variance_ids=ids,
            decision=request.POST.get("decision", ""),
            reason=request.POST.get("reason", "")[:120],
            note=request.POST.get("note", "")[:400],
            takes_title=request.POST.get("takes_title") == "1",
        )
    except Refused as refused:
        return _page(request, count, refused)
    number = int(str(done.facts["decided"]))
    said = ngettext("%(n)s variance is decided.", "%(n)s variances are decided.", number)
    messages.success(request, said % {"n": number})
    return redirect(f"{request.path.rpartition('/')[0]}/variances?{request.GET.urlencode()}")


def _chosen(request: HttpRequest, count: Count) -> list[int]:
    """The rows that were ticked, or all of the kind that is shown."""
    kind = request.POST.get("all_of", "")
    if kind in Variance.Kind.values:
        open_ones = variances_of(count).filter(kind=kind, decision__in=("", "recount"))
        return list(open_ones.values_list("pk", flat=True)[:MOST_CHOSEN])
    ids = numbers_in(request.POST.getlist("variance"))
    if not ids:
        raise Refused("empty_choice")
    return ids


@needs("count")
@require_POST
def again(request: HttpRequest, count_id: int) -> HttpResponse:
    """Have it counted by somebody else."""
    actor: Actor = request.actor
    try:
        done = recount(actor=actor, key=act_key(request, "recount"), count_id=count_id)
    except Refused as refused:
        return _page(request, count_for(actor, count_id, may="count"), refused)
    said = _("%(number)s is open for the recount. Somebody who has not counted must do it.")
    messages.success(request, said % {"number": done.number})
    return redirect("storeroom:count_variances", count_id)


@needs("count")
@require_POST
def submit(request: HttpRequest, count_id: int) -> HttpResponse:
    actor: Actor = request.actor
    try:
        done = submit_count(actor=actor, key=act_key(request, "submit"), count_id=count_id)
    except Refused as refused:
        return _page(request, count_for(actor, count_id, may="count"), refused)
    said = _("%(number)s waits for approval.") if done.state == "awaiting" else _("%(number)s is posted.")
    messages.success(request, said % {"number": done.number})
    return redirect("storeroom:count_variances", count_id)
