"""The flow of a lot, or of an item with all its lots: as a picture, day by day, as a table, as a file."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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
from yanji.insight.flowing import Leg, legs
from yanji.insight.lots import Passed, lot_head
from yanji.ledger.api import log_position
from yanji.places.models import VIRTUAL, Kind, Place

from .charts import sankey
from .csvfile import csv_file
from .network import voyage
from .page import page
from .pdf import traced_pdf
from .templatetags.yanji import named

# More patients than these would not be read in the picture: they stand together there, and one by one in the files.
MOST_PATIENTS = 24


@dataclass(frozen=True, slots=True)
class Subject:
    """What flowed: its number, its name, and the page that it belongs to."""

    number: str
    name: str
    back: str
    position: int  # of the log, before anything was read
    found: Sequence[Leg]


@require_safe
def lot_flow(request: HttpRequest, lot_id: int) -> HttpResponse:
    """404 where the lot's page would be."""
    lot = lot_head(lot_id)
    if lot is None or lot_id not in open_to.lots(request.actor, [lot_id]):
        raise NotFound("lot")
    position = log_position()
    found = legs(lot_id=lot_id, zone=timezone.get_current_timezone_name())
    back = reverse("web:lot", args=(lot_id,))
    return _shown(request, Subject(lot.number, named(lot.item_name), back, position, found))


@require_safe
def item_flow(request: HttpRequest, item_id: int) -> HttpResponse:
    """All lots of an item; the catalogue is for everybody who may look anywhere."""
    item = Item.objects.filter(pk=item_id).first()
    if item is None or not request.actor.may(Operation.VIEW):
        raise NotFound("item")
    position = log_position()
    found = legs(item_id=item_id, zone=timezone.get_current_timezone_name())
    back = f"{reverse('web:stock')}?item={item_id}&by=lot"
    return _shown(request, Subject(item.code, item.name, back, position, found))


def _shown(request: HttpRequest, subject: Subject) -> HttpResponse:
    actor: Actor = request.actor
    places = Place.objects.in_bulk({key for leg in subject.found for key in (leg.from_id, leg.to_id)})
    seen = _seen(actor, subject.found, places)
    match request.GET.get("format"):
        case "csv":
            return _csv(subject, seen, places)
        case "pdf":
            return _pdf(request, subject, seen, places)
    return page(
        request,
        "web/flowing.html",
        subject=subject,
        sankey=sankey(_passed(seen, places)),
        voyage=voyage(places, seen, at=lambda keys: ""),
        rows=_rows(seen, places),
        hidden=len(seen) < len(subject.found),
    )


def _seen(actor: Actor, found: Sequence[Leg], places: Mapping[int, Place]) -> list[Leg]:
    """The legs in sight, patients only where the reader may see them."""
    kept = []
    for leg in found:
        start, end = places[leg.from_id], places[leg.to_id]
        if sight.may_see_passing(actor, start.path, end.path):
            clear = leg.patient if actor.may(Operation.VIEW_PATIENT, start.path) else ""
            kept.append(Leg(leg.day, leg.from_id, leg.to_id, clear, leg.quantity))
    return kept


def _passed(seen: Sequence[Leg], places: Mapping[int, Place]) -> list[Passed]:
    """As the Sankey wants it: a patient whose token is shown is an end of its own."""
    tokens = sorted({leg.patient for leg in seen if leg.patient})
    apart = (
        {token: -number for number, token in enumerate(tokens, start=1)}
        if len(tokens) <= MOST_PATIENTS
        else {}
    )
    sums: dict[tuple[int, int, str], Decimal] = defaultdict(Decimal)
    for leg in seen:
        token = leg.patient if leg.patient in apart else ""
        sums[leg.from_id, apart.get(token, leg.to_id), token] += leg.quantity
    return [
        Passed(*_end(places[start]), *(_patient(end, token) if token else _end(places[end])), quantity)
        for (start, end, token), quantity in sorted(sums.items(), key=lambda each: -each[1])
    ]


def _end(place: Place) -> tuple[int, tuple[str, str], str, str]:
    return place.pk, (place.name_zh, place.name_en), place.kind, place.path


def _patient(key: int, token: str) -> tuple[int, tuple[str, str], str, str]:
    return key, (token, token), Kind.PATIENT, ""


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


def _pdf(
    request: HttpRequest, subject: Subject, seen: Sequence[Leg], places: Mapping[int, Place]
) -> HttpResponse:
    ways = [(row.start.name, row.end.name, row.quantity, row.first, row.last) for row in _rows(seen, places)]
    patients = [(leg.day, places[leg.from_id].name, leg.patient, leg.quantity) for leg in seen if leg.patient]
    sections = [
        Section(
            _("Which ways it went"), (_("From"), _("To"), _("Quantity"), _("First day"), _("Last day")), ways
        )
    ]
    if patients:
        sections.append(
            Section(_("On whom it was used"), (_("Day"), _("From"), _("Patient"), _("Quantity")), patients)
        )
    sheet = Sheet(title=_("Where it went"), number=subject.number, state=subject.name, sections=sections)
    name = f"flow-{subject.number}"
    return traced_pdf(request, sheet, name=name, address=request.path, position=subject.position)
