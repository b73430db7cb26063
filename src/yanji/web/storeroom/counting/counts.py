"""Which counts run and ran, how to begin one, what to count next, and how right the ledger was."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.catalog.queries import families
from yanji.flows.counting.abc import classify
from yanji.flows.counting.accuracy import accuracy, together
from yanji.flows.counting.count import start_count
from yanji.flows.counting.models import AbcClass, Count
from yanji.flows.counting.plan import plan
from yanji.flows.counting.queries import counts
from yanji.ledger.api import Refused
from yanji.ledger.lifecycle import STORAGE
from yanji.places.models import Kind, Place

from ...flow.departments import chosen
from ...flow.gate import needs
from ...flow.sent import Sent, numbers_in
from ...page import act_key, page, page_of
from .chart import accuracy_lines

DAYS = (30, 60, 90, 180)
PLAN_ROWS = 40
WIDE = (Kind.STORE, Kind.DEPARTMENT)
YEAR = timedelta(days=365)


@needs("count")
def counts_page(request: HttpRequest) -> HttpResponse:
    """Counts, the running ones first, and the form that begins one."""
    if request.method != "POST":
        return _list(request)
    try:
        done = _start(request)
    except Refused as refused:
        return _list(request, refused)
    messages.success(request, _("Count %(number)s has begun.") % {"number": done.number})
    return redirect("storeroom:count", done.id)


def _start(request: HttpRequest):
    sent = Sent(request.POST)
    place_id = sent.number("place_id", _("Place"))
    days = sent.text("expiring_days")
    within = sent.whole(days, _("Expired, or expires within")) if days else None
    items = numbers_in(request.POST.getlist("item"))
    sent.check()
    return start_count(
        actor=request.actor,
        key=act_key(request, "count"),
        place_id=place_id,
        mode=sent.text("mode") or Count.Mode.FULL,
        family=sent.text("family"),
        abc=sent.text("abc"),
        item_ids=items,
        expiring_days=within,
        note=sent.text("note"),
    )


def _list(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    found = counts(actor)
    places = _places(actor)
    running = [each for each in found if each.state not in ("posted", "cancelled")]
    return page(
        request,
        "storeroom/counts.html",
        status=409 if refused else 200,
        refused=refused,
        running=running,
        done=[each for each in found if each not in running][:20],
        places=places,
        chosen=chosen(request, places, "place_id"),
        modes=Count.Mode.choices,
        classes=AbcClass.choices,
        families=families(),
        day_choices=DAYS,
        sent=request.POST,
    )


def _places(actor: Actor) -> list[Place]:
    """Where somebody may count: whole stores and departments first, then the shelves inside."""
    found = places_for(actor, may="count", kinds=tuple(sorted(STORAGE)))
    order = {kind: number for number, kind in enumerate(WIDE)}
    return sorted(found, key=lambda place: (order.get(place.kind, len(WIDE)), place.path))


@needs("count")
@require_safe
def plan_page(request: HttpRequest) -> HttpResponse:
    """What to count next in a store, and why; what is chosen becomes a cycle count."""
    actor: Actor = request.actor
    places = [place for place in _places(actor) if place.kind in WIDE]
    place = chosen(request, places, "place_id")
    proposals = plan(actor, place.pk) if place else []
    campus = _campus(place)
    return page(
        request,
        "storeroom/count_plan.html",
        places=places,
        place=place,
        campus=campus if campus and actor.may("count", campus.path) else None,
        due=sum(each.due for each in proposals),
        rows=page_of(request, proposals, per_page=PLAN_ROWS),
    )


def _campus(place: Place | None) -> Place | None:
    ids = [int(part) for part in place.path.split("/") if part] if place else []
    return Place.objects.filter(pk__in=ids, kind=Kind.CAMPUS).first() if ids else None


@needs("count")
@require_POST
def classes(request: HttpRequest) -> HttpResponse:
    """Compute the ABC classes anew from what was used."""
    sent = Sent(request.POST)
    campus_id = sent.number("campus_id", _("Campus"))
    sent.check()
    done = classify(actor=request.actor, key=act_key(request, "classes"), campus_id=campus_id)
    said = _("Classes computed: %(a)s in A, %(b)s in B, %(c)s in C; what was never used is C.")
    messages.success(request, said % {"a": done.facts["A"], "b": done.facts["B"], "c": done.facts["C"]})
    return redirect(f"{reverse('storeroom:count_plan')}?place_id={request.POST.get('place_id', '')[:18]}")


@needs("count", "see_figures")
@require_safe
def accuracy_page(request: HttpRequest) -> HttpResponse:
    """How right the ledger was, by month, store and class."""
    actor: Actor = request.actor
    rows = accuracy(actor, since=timezone.now() - YEAR)
    stores = {row.place_id: row.place_name for row in rows}
    by_store = [
        (name, together([row for row in rows if row.place_id == key])) for key, name in stores.items()
    ]
    by_class = [(abc, together([row for row in rows if row.abc == abc])) for abc in "ABC"]
    return page(
        request,
        "storeroom/count_accuracy.html",
        total=together(rows),
        counted=ngettext("%(n)s posted count", "%(n)s posted counts", _number(rows)) % {"n": _number(rows)},
        by_store=sorted(by_store, key=lambda pair: pair[1].share or 0),
        by_class=[(abc, found) for abc, found in by_class if found.checked],
        chart=accuracy_lines(rows),
        sees_value=actor.may("see_figures"),
        may_count=actor.may("count"),
    )


def _number(rows: list) -> int:
    """Counts are listed once a class: the largest class of each month and place names them all."""
    most: dict[tuple, int] = {}
    for row in rows:
        most[row.month, row.place_id] = max(most.get((row.month, row.place_id), 0), row.counts)
    return sum(most.values())
