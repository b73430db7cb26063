"""What a department and its cabinets keep of each item, what lies there, and what to ask for now."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.catalog.models import Item
from yanji.flows.supply.levels import KEPT_AT, Kept, drop_level, set_levels
from yanji.flows.supply.propose import proposals
from yanji.flows.supply.why import told, why_of
from yanji.ledger.api import Refused
from yanji.places.models import Place

from ..flow.departments import chosen, departments
from ..flow.done import say
from ..flow.gate import needs
from ..flow.lines import found, item_named, sent_lines
from ..flow.sent import Sent, number_in
from ..page import act_key, page


@dataclass(frozen=True, slots=True)
class LevelLine:
    """One line of the form: the texts are what was typed."""

    item: Item
    minimum: str = "0"
    maximum: str = "1"


@needs("request")
def levels_page(request: HttpRequest) -> HttpResponse:
    """Sent lines are kept for the place chosen; what it keeps of other items stays."""
    if request.method != "POST":
        return _form(request, [])
    lines = [
        LevelLine(
            each.item,
            request.POST.get(f"minimum:{each.item.pk}", "")[:20],
            request.POST.get(f"maximum:{each.item.pk}", "")[:20],
        )
        for each in sent_lines(request)
    ]
    try:
        sent = Sent(request.POST)
        place, kept = sent.number("place_id", _("Place")), [_kept(sent, line) for line in lines]
        sent.check()
        done = set_levels(
            actor=request.actor,
            key=act_key(request, "levels"),
            place_id=place,
            levels=kept,
        )
    except Refused as refused:
        return _form(request, lines, refused)
    said = ngettext(
        "%(place)s keeps %(n)s item so from now on.", "%(place)s keeps %(n)s items so from now on.", len(kept)
    )
    say(request, said % {"place": done.number, "n": len(kept)})
    return _back(request)


def _kept(sent: Sent, line: LevelLine) -> Kept:
    label = line.item.name
    nothing = line.minimum.strip() == "0"
    minimum = 0 if nothing else sent.whole(line.minimum, f"{label} · {_('Keep at least')}")
    return Kept(line.item.pk, minimum, sent.whole(line.maximum, f"{label} · {_('Up to')}"))


def _back(request: HttpRequest) -> HttpResponse:
    shown = number_in(request.POST.get("department_id", ""))
    response = redirect("ward:levels")
    if shown is not None:
        response["Location"] += f"?department_id={shown}"
    return response


def _form(request: HttpRequest, lines: list[LevelLine], refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    offered = departments(request, "request")
    department = chosen(request, offered, "department_id")
    rows = proposals(actor, department.pk) if department else []
    places = _places(actor, department)
    return page(
        request,
        "ward/levels.html",
        status=409 if refused else 200,
        refused=refused,
        lines=lines,
        departments=offered,
        department=department,
        places=places,
        place_id=request.POST.get("place_id", ""),
        rows=[(row, told(why_of(row)) if row.quantity else "") for row in rows],
        wanted=sum(1 for row in rows if row.quantity),
    )


def _places(actor: Actor, department: Place | None) -> list[Place]:
    """The department and what lies in it."""
    if department is None:
        return []
    found_ = places_for(actor, may="request", kinds=KEPT_AT)
    return [place for place in found_ if place.path.startswith(department.path)]


@needs("request")
def items(request: HttpRequest) -> HttpResponse:
    """Items that a text or a scan may mean."""
    return found(request, line_url=reverse("ward:level_line"))


@needs("request")
@require_safe
def line(request: HttpRequest) -> HttpResponse:
    """One new line for the form."""
    item = item_named(request.GET.get("item", ""))
    if item is None:
        return HttpResponse(status=204)
    return render(request, "ward/_level_line.html", {"line": LevelLine(item)})


@needs("request")
@require_POST
def drop(request: HttpRequest, level_id: int) -> HttpResponse:
    """The item need not be held there any more."""
    try:
        done = drop_level(actor=request.actor, key=act_key(request, "drop"), level_id=level_id)
    except Refused as refused:
        return _form(request, [], refused)
    say(request, _("%(item)s is not kept there any more.") % {"item": done.number})
    return _back(request)
