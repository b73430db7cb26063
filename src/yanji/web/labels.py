"""Labels to print: of a unit, a place and what lies in it, a box, all units of a delivery; by a template, as a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from yanji.access.gates import place_for
from yanji.flows.gates import receipt_for
from yanji.flows.packing.label import printed as box_text
from yanji.flows.packing.models import BoxKind
from yanji.flows.packing.pack import box_for
from yanji.flows.printing import sheets
from yanji.flows.printing.keep import choices
from yanji.flows.printing.subject import Subject, box_subjects, place_subjects, unit_subjects
from yanji.flows.printing.svg import label_svg
from yanji.flows.printing.template import LabelKind
from yanji.ledger.api import Refused
from yanji.places.models import Place

from .codes import unit_address
from .flow.gate import needs
from .flow.sent import number_in
from .nav import address_of
from .page import page
from .pdf import plain_name
from .unit import seen_unit

MANY = 100  # labels whose file takes more than a moment to draw


@dataclass(frozen=True, slots=True)
class Asked:
    """What labels are wanted of: ``things`` that may be seen, where they lie, and what the page says of them.

    ``of``: what stands on their labels, which is read and drawn of all of them only for the file.
    """

    things: Sequence[Any]
    of: Callable[[Sequence[Any]], list[Subject]]
    path: str
    title: str
    back: str
    file: str
    kind: str  # of the labels, also where there are none
    items: Mapping[Any, int] = field(default_factory=dict)  # thing -> item, where there are several

    def few(self) -> list[Subject]:
        """The first, and of each item the thing whose name is longest: what does not fit is seen in one of these."""
        longest: dict[int | None, Any] = {}
        for thing in sorted(self.things, key=lambda each: len(str(each)), reverse=True):
            longest.setdefault(self.items.get(thing), thing)
        return self.of(list(dict.fromkeys([self.things[0], *longest.values()])))


@needs("view")
@require_safe
def unit_label(request: HttpRequest, epc: str) -> HttpResponse:
    """Of one unit, for who may see it."""
    unit, _passages = seen_unit(request.actor, epc)
    title = unit.serial or unit.epc
    return labels_answer(
        request,
        Asked(
            [epc], unit_subjects, unit.place_path, title, unit_address(epc), f"unit-{title}", LabelKind.UNIT
        ),
    )


@needs("view")
@require_safe
def place_label(request: HttpRequest, place_id: int) -> HttpResponse:
    """Of a place, or with ``?below=1`` of it and every place in use below it."""
    place = place_for(request.actor, place_id)
    found = [place]
    if request.GET.get("below"):
        found = list(
            Place.objects.filter(path__startswith=place.path, active=True)[: sheets.MOST_AT_ONCE + 1]
        )
    back = address_of("masterdata:place", place.pk)
    asked = Asked(found, place_subjects, place.path, place.name, back, f"place-{place.code}", LabelKind.PLACE)
    return labels_answer(request, asked, below=len(found) > 1)


@needs("view")
@require_safe
def box_label(request: HttpRequest, box: str) -> HttpResponse:
    """Of a carton, a pallet or a kit."""
    found = box_for(request.actor, box)
    kind = LabelKind.KIT if found.kind == BoxKind.KIT else LabelKind.BOX
    back = address_of("storeroom:box", found.code)
    asked = Asked(
        [found.code], box_subjects, found.place_path, box_text(found.code), back, f"box-{found.code}", kind
    )
    return labels_answer(request, asked)


@needs("view")
@require_safe
def receipt_labels(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """Of every unit that a delivery brought."""
    receipt = receipt_for(request.actor, receipt_id)
    items = sheets.brought(receipt.received_event)
    back = address_of("storeroom:receipt", receipt.pk)
    return labels_answer(
        request,
        Asked(
            list(items),
            unit_subjects,
            receipt.dock.path,
            receipt.number,
            back,
            f"receipt-{receipt.number}",
            LabelKind.UNIT,
            items,
        ),
    )


def labels_answer(request: HttpRequest, asked: Asked, **context: Any) -> HttpResponse:
    """The page with the first label drawn, or (``?form=``) the file of all."""
    offered = choices(asked.kind, path=asked.path)
    sent, said = number_in(request.GET.get("template", "")), request.GET.get("copies", "").strip() or "1"
    copies = number_in(said, 3) or 0
    chosen = next((each for each in offered if each.id == sent), offered[0])
    form, trouble = request.GET.get("form", ""), []
    labels: list[sheets.Laid] = []
    count, tag = len(asked.things), ""
    try:
        if not 1 <= copies <= sheets.MOST_COPIES:
            raise Refused("label_copies", thing=said[:20], most=sheets.MOST_COPIES)
        if count:
            sheets.demand_printable(count)
            subjects = asked.of(asked.things) if form in sheets.TYPES else asked.few()
            labels, tag = sheets.laid(subjects, chosen.template), subjects[0].tag
            if form in sheets.TYPES:
                return file_answer(sheets.printed(labels, form, copies=copies), form, asked.file)
    except Refused as refused:
        trouble = refused.sentences()
    return page(
        request,
        "web/labels.html",
        partial="label_shown",
        status=409 if trouble else 200,
        trouble=trouble,
        asked=asked,
        offered=offered,
        chosen=chosen,
        copies=copies or 1,
        many=count * (copies or 1) > MANY,
        said=ngettext("%(n)s label", "%(n)s labels", count) % {"n": count},
        drawn=picture(labels[0]) if labels else "",
        tag=tag if count == 1 else "",
        once=copies > 1 and any(label.tag for label in labels),
        **context,
    )


def picture(laid: sheets.Laid) -> str:
    """A label to stand in a page."""
    return mark_safe(label_svg(laid, title=_("Label")))  # noqa: S308 - every text in it is escaped where it is drawn


def file_answer(content: bytes, form: str, name: str) -> HttpResponse:
    """Labels as a file; a browser shows what it can."""
    how = "attachment" if form == "zpl" else "inline"
    headers = {"Content-Disposition": f'{how}; filename="{plain_name(name)}.{form}"'}
    return HttpResponse(content, content_type=sheets.TYPES[form], headers=headers)
