"""Labels for programs: of a unit, a place or a box, as a file for a printer, and what an RFID tag of it holds."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from yanji.access.gates import NotFound, place_for
from yanji.flows.packing.delivered import box_code
from yanji.flows.packing.pack import box_for
from yanji.flows.printing import sheets
from yanji.flows.printing.keep import choices, chosen
from yanji.flows.printing.subject import Subject, box_subjects, place_subjects, unit_subjects
from yanji.flows.printing.template import LabelKind
from yanji.insight.sight import check_seen, paths_of
from yanji.ledger.api import life_line, storable, unit_view

from .auth import actor
from .shapes import ERRORS, Code, ErrorOut, Id, Text, may_fail

router = Router(tags=["labels"])
FILES = {
    "responses": {
        200: {
            "description": "The label",
            "content": {"application/pdf": {}, "application/zpl": {}, "image/svg+xml": {}},
        }
    }
}


class TemplateOut(Schema):
    """``id`` 0: as shipped. The first of a list is the usual one."""

    id: int
    name: str
    width: float
    height: float
    dpi: int
    rfid: bool


class TagOut(Schema):
    """What the tag's memory holds, in hexadecimal digits; empty where none can hold the name. ``text``: what its symbol says."""

    epc: str
    tag: str
    text: str


def _subject(request: HttpRequest, epc: str, place_id: int | None, box: str) -> tuple[Subject, str]:
    """What the label is of, and where that lies; raises NotFound for what may not be seen, and where nothing is named."""
    who = actor(request)
    if epc:
        unit = unit_view(epc) if storable(epc) else None
        if unit is None:
            raise NotFound("unit")
        check_seen(who, [unit.place_path, *paths_of(life_line(epc))])
        return unit_subjects([epc])[0], unit.place_path
    if place_id is not None:
        place = place_for(who, place_id)
        return place_subjects([place])[0], place.path
    found = box_for(who, box_code(box))
    return box_subjects([found.code])[0], found.place_path


@router.get("/labels/templates", response=may_fail(list[TemplateOut]))
def templates(request: HttpRequest, kind: Code) -> list[TemplateOut]:
    """The templates to choose from for units, places, boxes (`box`) or kits."""
    if kind not in LabelKind.values or not actor(request).may("view"):
        raise NotFound("kind")
    return [
        TemplateOut(
            id=each.id, name=each.name, width=each.template.width, height=each.template.height, dpi=each.template.dpi,
            rfid=each.template.rfid,
        )
        for each in choices(kind)
    ]  # fmt: skip


@router.get("/labels/file", response={ERRORS: ErrorOut}, openapi_extra=FILES)
def label_file(
    request: HttpRequest,
    form: Code,
    epc: Text = "",
    place_id: Id | None = None,
    box: Text = "",
    template_id: Annotated[int | None, Field(ge=0, le=10**9)] = None,
    copies: Annotated[int, Field(ge=1, le=sheets.MOST_COPIES)] = 1,
) -> HttpResponse:
    """The label of a unit, a place or a box as ``pdf``, ``zpl`` or ``svg``; without ``template_id`` the usual one."""
    subject, path = _subject(request, epc, place_id, box)
    if form not in sheets.TYPES:
        raise NotFound("form")
    labels = sheets.laid([subject], chosen(subject.kind, template_id, path=path))
    return HttpResponse(sheets.printed(labels, form, copies=copies), content_type=sheets.TYPES[form])


@router.get("/labels/tag", response=may_fail(TagOut))
def tag(request: HttpRequest, epc: Text = "", place_id: Id | None = None, box: Text = "") -> TagOut:
    """What to write to the RFID tag of a unit, a place or a box."""
    subject, _path = _subject(request, epc, place_id, box)
    return TagOut(epc=subject.symbol.epc, tag=subject.tag, text=subject.symbol.hri)
