"""What the store sent reaches the department: scan everything, or say that all of it arrived."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.acts import Done
from yanji.flows.differing.queries import differences_of
from yanji.flows.differing.report import Doubtful
from yanji.flows.documents import verbs
from yanji.flows.gates import issue_for
from yanji.flows.issue import take_in
from yanji.flows.models import Issue
from yanji.flows.preview import interpret
from yanji.flows.queries import awaiting, issue_of, under_way
from yanji.flows.scanning import Meaning, understand
from yanji.flows.states import DifferenceState
from yanji.ledger.api import Offence, Refused, unit_views, virtual_places
from yanji.places.models import Kind, Place
from yanji.places.temperature import suits

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.differences import EXTRA, IN_A_PATIENT, Judged, in_hand_reasons, judged, only_named
from ..flow.done import on_to, say
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page
from ..scan import refused_row, scanned

# A row may stand although it was not handed over: it is named as unexpected.
NOT_SENT = frozenset({"not_under_way", IN_A_PATIENT})
# Of what belongs elsewhere a department learns no more than the label says, and can name it all the same.
STRANGE = frozenset({"not_yours", "unknown_unit"})
SHELVES = (Kind.DEPARTMENT, Kind.ROOM, Kind.CABINET, Kind.BIN)


@needs("take_in")
@require_safe
def awaited(request: HttpRequest) -> HttpResponse:
    return page(request, "ward/awaited.html", issues=awaiting(request.actor))


@needs("take_in")
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """The number of an issue, or any unit that is under way, opens it."""
    actor, raw = request.actor, scanned(request)
    meaning = _told(understand([raw], actor=actor)[0])
    if meaning.document and meaning.document[0] == "issue":
        return _to(meaning.document[1])
    if meaning.epc:
        carrying = issue_of(meaning.epc)
        if carrying in {issue.pk for issue in awaiting(actor)}:
            return _to(carrying)
    offences = _complaints(meaning) or (Offence("not_awaited", meaning.epc or raw[:80]),)
    return refused_row(request, raw, Refused.of(offences))


def _told(meaning: Meaning) -> Meaning:
    """What is hidden reads like what is recorded nowhere: by its code alone, so that neither tells of the other."""
    if meaning.kind != "new_unit" and not _hidden(meaning):
        return meaning
    return Meaning(meaning.scan, "unit", epc=meaning.epc, offences=meaning.offences)


def _hidden(meaning: Meaning) -> bool:
    return any(offence.code in STRANGE for offence in meaning.offences)


def _complaints(meaning: Meaning) -> tuple[Offence, ...]:
    """What is wrong with a scan in itself; that it is strange here is said in the words of the page."""
    return tuple(offence for offence in meaning.offences if offence.code not in STRANGE)


def _to(issue_id: int) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": reverse("ward:take_in_issue", args=[issue_id])})


@needs("take_in")
def take_in_page(request: HttpRequest, issue_id: int) -> HttpResponse:
    actor: Actor = request.actor
    issue = issue_for(actor, issue_id, may="take_in")
    if request.method != "POST":
        return _form(request, issue, [])
    basket = Basket(request)
    basket.meanings = [_told(meaning) for meaning in basket.meanings]
    try:
        sent = Sent(request.POST)
        place = sent.number("to_place_id", _("Place"))
        sent.check()
        basket.check(labels=True, besides=STRANGE)
        found = _judged(issue, basket)
        done = take_in(
            actor=actor,
            key=act_key(request, "take_in"),
            issue_id=issue.pk,
            to_place_id=place,
            things=None if "all" in request.POST else found.good,
            damaged=[Doubtful(*each) for each in found.bad],
            unexpected=[Doubtful(*each) for each in found.unexpected],
            rest_is_missing="missing" in request.POST,
        )
    except Refused as refused:
        rows = basket.rows(refused, field="verdict", answers=NOT_SENT)
        return _form(request, issue_for(actor, issue_id, may="take_in"), rows, refused)
    say(request, _said(done, everything="all" in request.POST), on_to(request, "ward:use"))
    return redirect("ward:take_in")


def _judged(issue: Issue, basket: Basket) -> Judged:
    units = under_way(issue)
    lots = {line.lot_id for line in issue.lines.all()}
    return judged(basket, lambda meaning: meaning.epc in units or meaning.lot_id in lots)


def _said(done: Done, *, everything: bool) -> str:
    differences, count = done.facts["differences"], done.facts["taken_in"]
    if everything and not differences:
        return _("Everything of %(number)s is taken in.") % {"number": done.number}
    text = ngettext(
        "%(n)s thing of %(number)s is taken in.", "%(n)s things of %(number)s are taken in.", count
    )
    said = text % {"n": count, "number": done.number}
    if not differences:
        return said
    told = ngettext(
        "%(n)s difference is reported to the store.",
        "%(n)s differences are reported to the store.",
        differences,
    )
    return f"{said} {told % {'n': differences}}"


def _form(
    request: HttpRequest, issue: Issue, rows: list[FlowRow], refused: Refused | None = None
) -> HttpResponse:
    actor: Actor = request.actor
    waiting = list(unit_views(list(under_way(issue))).values())
    lines = list(issue.lines.select_related("lot__item").order_by("id"))
    pieces = sum(line.under_way for line in lines)
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
        counted=[line for line in lines if line.lot.item.tracking == "lot" and line.under_way],
        pieces=pieces,
        rows=rows,
        places=places,
        place_id=request.POST.get("to_place_id")
        or str(_usual(places, {unit.item_temperature_class for unit in waiting})),
        open_now="take_in" in verbs("issue", issue.state),
        reported={each.thing for each in differences_of([issue.pk]) if each.state == DifferenceState.OPEN},
        reasons=in_hand_reasons(),
        row_extra=EXTRA,
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
    meaning = interpret(
        scanned(request), actor=request.actor, flow="take_in", issue_id=issue_id,
        place_id=number_in(request.POST.get("to_place_id", "")),
    )  # fmt: skip
    if meaning.epc and _hidden(meaning):
        number = issue_for(request.actor, issue_id, may="take_in").number
        meaning = replace(meaning, offences=(Offence("not_under_way", meaning.epc, {"issue": number}),))
    return answer(
        request, "take_in", found=_told(only_named(meaning, "not_under_way")), extra=EXTRA, answers=NOT_SENT,
        path=f"/{virtual_places().transit}/", statuses=("in_transit",),
        more={"reasons": in_hand_reasons()},
    )  # fmt: skip
