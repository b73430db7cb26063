"""The flow of a lot, or of an item with all its lots: as a picture, day by day, as a table, as a file."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.catalog.models import Item
from yanji.flows.papers import Section, Sheet
from yanji.insight import open_to, sight
from yanji.insight.flowing import Leg, Moved, legs, moves
from yanji.insight.lots import Passed, lot_head
from yanji.ledger.api import log_position
from yanji.places.models import VIRTUAL, Kind, Place

from .charts import sankey
from .csvfile import csv_file
from .network import voyage
from .page import page
from .pdf import traced_pdf
from .templatetags.yanji import named

# More patients than these would not be read in the pictures: they stand together there, and one by one in the files.
MOST_PATIENTS = 24
# Movements in a file; of a paper so many are read, and the first of those in sight printed.
MOST_MOVES, MOST_READ, MOST_PRINTED = 50_000, 2_000, 400
# Keys of patients in the pictures: below zero, beyond those of the others of a column.
FIRST_PATIENT = -1000
Way = TypeVar("Way", Leg, Moved)


@dataclass(frozen=True, slots=True)
class Subject:
    """What flowed: the lot or item that ``of`` names, its number, its name, and the page that it belongs to."""

    of: dict[str, int]
    number: str
    name: str
    back: str
    position: int  # of the log, before anything was read


@require_safe
def lot_flow(request: HttpRequest, lot_id: int) -> HttpResponse:
    """404 where the lot's page would be."""
    lot = lot_head(lot_id)
    if lot is None or lot_id not in open_to.lots(request.actor, [lot_id]):
        raise NotFound("lot")
    back = reverse("web:lot", args=(lot_id,))
    return _shown(
        request, Subject({"lot_id": lot_id}, lot.number, named(lot.item_name), back, log_position())
    )


@require_safe
def item_flow(request: HttpRequest, item_id: int) -> HttpResponse:
    """All lots of an item; the catalogue is for everybody who may look anywhere."""
    item = Item.objects.filter(pk=item_id).first()
    if item is None or not request.actor.may(Operation.VIEW):
        raise NotFound("item")
    back = f"{reverse('web:stock')}?item={item_id}&by=lot"
    return _shown(request, Subject({"item_id": item_id}, item.code, item.name, back, log_position()))


def _shown(request: HttpRequest, subject: Subject) -> HttpResponse:
    form = request.GET.get("format")
    if form == "csv" and request.GET.get("level") == "unit":
        return _unit_csv(request.actor, subject)
    found = legs(**subject.of, zone=timezone.get_current_timezone_name())
    places = _places(found)
    seen = _seen(request.actor, found, places)
    if form == "csv":
        return _csv(subject, seen, places)
    if form == "pdf":
        return _pdf(request, subject, seen, places)
    drawn, ends = _apart(seen, places)
    hidden = {(leg.from_id, leg.to_id) for leg in found} - {(leg.from_id, leg.to_id) for leg in seen}
    return page(
        request,
        "web/flowing.html",
        subject=subject,
        sankey=sankey(_passed(drawn, ends)),
        voyage=voyage(ends, drawn, at=lambda keys: "", partly={key for pair in hidden for key in pair}),
        rows=_rows(seen, places),
        hidden=bool(hidden),
    )


def _places(found: Sequence[Leg] | Sequence[Moved]) -> dict[int, Place]:
    return Place.objects.in_bulk({key for leg in found for key in (leg.from_id, leg.to_id)})


def _seen(actor: Actor, found: Sequence[Way], places: Mapping[int, Place]) -> list[Way]:
    """The ways in sight, patients only where the reader may see them."""

    @cache
    def judged(start: str, end: str) -> tuple[bool, bool]:
        return sight.may_see_passing(actor, start, end), actor.may(Operation.VIEW_PATIENT, start)

    kept = []
    for way in found:
        visible, clear = judged(places[way.from_id].path, places[way.to_id].path)
        if visible:
            kept.append(way if clear or not way.patient else replace(way, patient=""))
    return kept


def _apart(seen: Sequence[Leg], places: Mapping[int, Place]) -> tuple[list[Leg], dict[int, Place]]:
    """The legs and their places, with each patient whose token is shown as an end of its own; as they are where these are more
    than ``MOST_PATIENTS``: pictures of thousands of ends would be drawn for ever."""
    patients = {leg.patient for leg in seen if leg.patient}
    if len(patients) > MOST_PATIENTS:
        return list(seen), dict(places)
    tokens = {token: FIRST_PATIENT - number for number, token in enumerate(sorted(patients))}
    ends = {
        key: Place(pk=key, name_zh=token, name_en=token, kind=Kind.PATIENT) for token, key in tokens.items()
    }
    return [replace(leg, to_id=tokens.get(leg.patient, leg.to_id)) for leg in seen], {**places, **ends}


def _passed(seen: Sequence[Leg], places: Mapping[int, Place]) -> list[Passed]:
    """As the Sankey wants it: what passed between two ends on all days."""
    sums: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for leg in seen:
        sums[leg.from_id, leg.to_id] += leg.quantity
    return [
        Passed(*_end(places[start]), *_end(places[end]), quantity)
        for (start, end), quantity in sorted(sums.items(), key=lambda each: -each[1])
    ]


def _end(place: Place) -> tuple[int, tuple[str, str], str, str]:
    return place.pk, (place.name_zh, place.name_en), place.kind, place.path


@dataclass(frozen=True, slots=True)
class Row:
    """One way of the table: pieces, and on which days the first and the last of them went."""

    start: Place
    end: Place
    quantity: Decimal
    first: date
    last: date
    inside: bool


def _rows(seen: Sequence[Leg], places: Mapping[int, Place]) -> list[Row]:
    groups: dict[tuple[int, int], list[Leg]] = defaultdict(list)
    for leg in seen:
        groups[leg.from_id, leg.to_id].append(leg)
    found = [
        Row(
            places[start], places[end], sum((leg.quantity for leg in group), Decimal(0)), group[0].day, group[-1].day,
            places[end].kind not in VIRTUAL,
        )
        for (start, end), group in groups.items()
    ]  # fmt: skip
    return sorted(found, key=lambda row: (-row.quantity, row.first))


def _csv(subject: Subject, seen: Sequence[Leg], places: Mapping[int, Place]) -> HttpResponse:
    head = [_("Day"), _("From"), _("To"), _("Patient"), _("Quantity")]
    body = (
        [
            leg.day,
            places[leg.from_id].name,
            places[leg.to_id].name,
            leg.patient,
            leg.quantity.normalize().__format__("f"),
        ]
        for leg in seen
    )
    return csv_file(f"flow-{subject.number}", head, body)


def _unit_csv(actor: Actor, subject: Subject) -> HttpResponse:
    """One row a movement: which unit, when, by whom, from where, to where."""
    found = moves(**subject.of, most=MOST_MOVES + 1)
    places = _places(found)
    head = [_("Serial number"), _("Identity"), _("Lot"), _("Time"), _("Person"), _("From"), _("To")]
    body = [
        [
            each.serial, each.epc, each.lot, f"{timezone.localtime(each.at):%Y-%m-%d %H:%M:%S}", named(each.person),
            places[each.from_id].name, places[each.to_id].name, each.patient, each.quantity.normalize().__format__("f"),
        ]
        for each in _seen(actor, found[:MOST_MOVES], places)
    ]  # fmt: skip
    if len(found) > MOST_MOVES:
        body.append([_cut(MOST_MOVES)])
    return csv_file(f"flow-{subject.number}-units", [*head, _("Patient"), _("Quantity")], body)


def _cut(most: int) -> str:
    return _("Only the first %(n)s movements are listed.") % {"n": most}


def _pdf(
    request: HttpRequest, subject: Subject, seen: Sequence[Leg], places: Mapping[int, Place]
) -> HttpResponse:
    ways = [(row.start.name, row.end.name, row.quantity, row.first, row.last) for row in _rows(seen, places)]
    patients = [(leg.day, places[leg.from_id].name, leg.patient, leg.quantity) for leg in seen if leg.patient]
    read = moves(**subject.of, most=MOST_READ + 1)
    stops = {**places, **_places([each for each in read if {each.from_id, each.to_id} - places.keys()])}
    one_by_one = _seen(request.actor, read[:MOST_READ], stops)
    sections = [
        Section(
            _("Which ways it went"), (_("From"), _("To"), _("Quantity"), _("First day"), _("Last day")), ways
        ),
        Section(_("On whom it was used"), (_("Day"), _("From"), _("Patient"), _("Quantity")), patients),
        Section(
            _("Unit by unit"),
            (_("Time"), _("Serial number"), _("Lot"), _("From"), _("To"), _("Person")),
            [
                (
                    f"{timezone.localtime(each.at):%Y-%m-%d %H:%M}", each.serial or f"× {each.quantity.normalize():f}", each.lot,
                    stops[each.from_id].name, stops[each.to_id].name, named(each.person),
                )
                for each in one_by_one[:MOST_PRINTED]
            ],
        ),
    ]  # fmt: skip
    cut = ""
    if len(one_by_one) > MOST_PRINTED:
        cut = _cut(MOST_PRINTED)
    elif len(read) > MOST_READ:
        cut = _("Only the first %(n)s movements were looked through.") % {"n": f"{MOST_READ:,}"}
    note = f"{cut} {_('The file CSV by unit lists more.')}" if cut else ""
    sheet = Sheet(
        title=_("Where it went"), number=subject.number, state=subject.name, sections=sections,
        note=note,
    )  # fmt: skip
    name = f"flow-{subject.number}"
    return traced_pdf(request, sheet, name=name, address=request.path, position=subject.position)
