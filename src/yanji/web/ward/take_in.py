"""What the store sent reaches the department: scan everything, or say that all of it arrived."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.documents import verbs
from yanji.flows.gates import issue_for
from yanji.flows.issue import take_in
from yanji.flows.models import Issue
from yanji.flows.queries import awaiting, under_way
from yanji.flows.scanning import understand
from yanji.ledger.api import Offence, Refused, unit_views, virtual_places
from yanji.places.models import Kind, Place
from yanji.places.temperature import suits

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.done import on_to, say
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page
from ..scan import refused_row, scanned

SHELVES = (Kind.DEPARTMENT, Kind.ROOM, Kind.CABINET, Kind.BIN)


@needs("take_in")
def awaited(request: HttpRequest) -> HttpResponse:
    return page(request, "ward/awaited.html", issues=awaiting(request.actor))  # type: ignore[attr-defined]


@needs("take_in")
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """The number of an issue, or any unit that is under way, opens it."""
    actor, raw = request.actor, scanned(request)  # type: ignore[attr-defined]
    meaning = understand([raw], actor=actor)[0]
    if meaning.document and meaning.document[0] == "issue":
        return _to(meaning.document[1])
    if meaning.epc:
        holder = next((issue for issue in awaiting(actor) if meaning.epc in under_way(issue)), None)
        if holder:
            return _to(holder.pk)
    offences = meaning.offences or (Offence("not_awaited", meaning.epc or raw[:80]),)
    return refused_row(request, raw, Refused.of(offences))


def _to(issue_id: int) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": reverse("ward:take_in_issue", args=[issue_id])})


@needs("take_in")
def take_in_page(request: HttpRequest, issue_id: int) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    issue = issue_for(actor, issue_id, may="take_in")
    if request.method != "POST":
        return _form(request, issue, [])
    basket = Basket(request)
    try:
        sent = Sent(request.POST)
        place = sent.number("to_place_id", _("Place"))
        sent.check()
        basket.check(labels=True)
        things = None if "all" in request.POST else basket.things()
        take_in(
            actor=actor, key=act_key(request, "take_in"), issue_id=issue.pk, to_place_id=place, things=things
        )
    except Refused as refused:
        return _form(request, issue_for(actor, issue_id, may="take_in"), basket.rows(refused), refused)
    said = _("Everything of %(number)s is taken in.") % {"number": issue.number}
    if things is not None:
        text = ngettext(
            "%(n)s thing of %(number)s is taken in.", "%(n)s things of %(number)s are taken in.", len(things)
        )
        said = text % {"n": len(things), "number": issue.number}
    say(request, said, on_to(request, "ward:use"))
    return redirect("ward:take_in")


def _form(
    request: HttpRequest, issue: Issue, rows: list[FlowRow], refused: Refused | None = None
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    waiting = list(unit_views(list(under_way(issue))).values())
    lines = list(issue.lines.select_related("lot__item").order_by("id"))
    pieces = sum(line.quantity - line.taken_in for line in lines)
    places = [
        place
        for place in places_for(actor, may="take_in", kinds=SHELVES)
        if place.path.startswith(issue.department.path)
    ]
    return page(
        request,
        "ward/take_in.html",
        status=409 if refused else 200,
        refused=refused,
        issue=issue,
        waiting=waiting,
        counted=[line for line in lines if line.lot.item.tracking == "lot" and line.quantity > line.taken_in],
        pieces=pieces,
        rows=rows,
        places=places,
        place_id=request.POST.get("to_place_id")
        or str(_usual(places, {unit.item_temperature_class for unit in waiting})),
        open_now="take_in" in verbs("issue", issue.state),
    )


def _usual(places: list[Place], classes: set[str]) -> int | str:
    """The first cabinet that keeps every temperature needed, else the department itself."""
    fitting = [place for place in places if all(suits(place.temperature_class, each) for each in classes)]
    cabinets = [place for place in fitting if place.kind == Kind.CABINET]
    found = [*cabinets, *fitting, *places]
    return found[0].pk if found else ""


@needs("take_in")
@require_POST
def scan(request: HttpRequest, issue_id: int) -> HttpResponse:
    if is_confirmation(request):
        return confirmed()
    value = request.POST.get("to_place_id", "")
    place = number_in(value)
    return answer(
        request,
        "take_in",
        path=f"/{virtual_places().transit}/",
        statuses=("in_transit",),
        issue_id=issue_id,
        place_id=place,
    )
