"""Hospital labels for units whose maker gives no serial number: numbered here, printed by the template that one chooses."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from yanji.access.gates import places_for
from yanji.flows.labelling import MOST_LABELS, assign_labels, numbered, printed_of
from yanji.flows.models import Label
from yanji.flows.printing.subject import Subject, numbered_subject
from yanji.flows.printing.template import LabelKind
from yanji.ledger.api import Refused
from yanji.places.models import Kind

from ..flow.done import say
from ..flow.gate import needs
from ..flow.lines import ItemLine, quantities, sent_lines
from ..flow.sent import Sent
from ..labels import Asked, labels_answer
from ..nav import address_of
from ..page import act_key, page

MOST_SHOWN = 100  # numbers listed below the picture


@needs("label")
def labels_page(request: HttpRequest) -> HttpResponse:
    """Choose one item, say how many; then they are numbered and the page to print them opens."""
    if request.method != "POST":
        return _form(request, [])
    lines = sent_lines(request)
    try:
        done = _assign(request, lines)
    except Refused as refused:
        return _form(request, lines, refused)
    numbers = [each["number"] for each in done.facts["labels"]]
    said = ngettext(
        "%(n)s label is numbered: %(first)s.", "%(n)s labels are numbered, from %(first)s on.", len(numbers)
    )
    say(request, said % {"n": len(numbers), "first": numbers[0]})
    return redirect("storeroom:label_sheet", numbers[0], len(numbers))


def _assign(request: HttpRequest, lines: list[ItemLine]):
    sent = Sent(request.POST)
    place, lot = sent.number("place_id", _("Place")), sent.text("lot", _("Lot"))
    expiry, made = sent.day("expiry", _("Expiry date")), sent.day("made", _("Made on"))
    read = quantities(sent, lines[:1])
    if len(lines) != 1:
        sent.complain("one_item", _("Item"))
    sent.check()
    item, count, _price = read[0]
    return assign_labels(
        actor=request.actor, key=act_key(request, "labels"), place_id=place, item_id=item, count=count, lot=lot,
        expiry=expiry, made=made,
    )  # fmt: skip


def _form(request: HttpRequest, lines: list[ItemLine], refused: Refused | None = None) -> HttpResponse:
    return page(
        request,
        "storeroom/labels.html",
        status=409 if refused else 200,
        refused=refused,
        lines=lines,
        sent=request.POST,
        places=places_for(request.actor, may="label", kinds=(Kind.DOCK, Kind.STORE)),
    )


@needs("label", "receive")
@require_safe
def sheet(request: HttpRequest, first: str, count: int) -> HttpResponse:
    """The labels from a number on, one a page: the template, how many copies, the first as a picture; see
    :func:`yanji.web.labels.labels_answer`."""
    if not first.isdigit() or not 0 < count <= MOST_LABELS:
        raise Refused("too_many_lines", count=count, limit=MOST_LABELS)
    numbers = [f"{number:0{len(first)}d}" for number in range(int(first), int(first) + count)]
    rows = numbered(request.actor, numbers)
    back = address_of("storeroom:labels")
    asked = Asked(rows, _subjects, rows[0].place.path, first, back, f"labels-{first}", LabelKind.UNIT)
    return labels_answer(request, asked, numbered=printed_of(rows[:MOST_SHOWN]))


def _subjects(rows: Sequence[Label]) -> list[Subject]:
    return [numbered_subject(row) for row in rows]
