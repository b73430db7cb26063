"""Label templates: what labels look like, edited beside a picture that the server draws while one types."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound, places_for
from yanji.flows.printing.keep import label_template, save_template, shipped, templates, versions
from yanji.flows.printing.layout import laid_out
from yanji.flows.printing.models import LabelTemplate
from yanji.flows.printing.subject import FIELDS, Subject, box_subjects, place_subjects, sample, unit_subjects
from yanji.flows.printing.template import (
    ALIGNS,
    DOTS,
    Element,
    ElementType,
    LabelKind,
    Template,
    against,
    parse,
)
from yanji.flows.scanning import understand
from yanji.ledger.api import Refused
from yanji.places.models import Kind, Place

from ..asked import written
from ..flow.done import say
from ..flow.sent import number_in
from ..labels import picture
from ..page import act_key, page
from .gate import actor_of, needs

NUMBERS = ("x", "y", "w", "h", "size")
COLUMNS = ("type", "field", "zh", "en", *NUMBERS, "lines", "align", "bold")
NEW = Element("", 2, 2, 20, 5, size=2.5)


@needs("edit_rules")
@require_safe
def templates_page(request: HttpRequest) -> HttpResponse:
    """What there is, by kind; the shipped one of each kind drawn."""
    kept = templates()
    kinds = [
        (kind, picture(laid_out(shipped(kind), sample(kind))), [each for each in kept if each.kind == kind])
        for kind in LabelKind
    ]
    return page(request, "masterdata/label_templates.html", kinds=kinds)


@needs("edit_rules")
def new_template(request: HttpRequest, label_kind: str) -> HttpResponse:
    """A template that begins as the shipped one of its kind."""
    kind = _kind(label_kind)
    return _edited(request, kind, LabelTemplate(kind=kind, data=shipped(kind).as_data()))


@needs("edit_rules")
def edit_template(request: HttpRequest, template_id: int) -> HttpResponse:
    found = label_template(actor_of(request), template_id)
    return _edited(request, found.kind, found)


@needs("edit_rules")
@require_POST
def preview(request: HttpRequest, label_kind: str) -> HttpResponse:
    """What the form makes now: its picture, or (``add``, ``drop``) its rows with one more or less."""
    kind = _kind(label_kind)
    if "add" in request.POST or "drop" in request.POST:
        rows = _rows(request.POST)
        drop = number_in(request.POST.get("drop", ""), 3)
        rows = [row for number, row in enumerate(rows, 1) if number != drop]
        if "add" in request.POST:
            rows.append(_row(NEW))
        answer = page(request, "masterdata/_label_elements.html", rows=rows, **_choices(kind))
        answer["HX-Trigger-After-Settle"] = "label-rows"  # the picture follows
        return answer
    return page(request, "masterdata/_label_preview.html", **_drawn(request, kind, _data(request.POST)))


def _kind(code: str) -> str:
    if code not in LabelKind.values:
        raise NotFound("kind")
    return code


def _edited(request: HttpRequest, kind: str, row: LabelTemplate) -> HttpResponse:
    refused = None
    if request.method == "POST":
        try:
            return _saved(request, kind, row)
        except Refused as problem:
            refused = problem
    sent = request.method == "POST"
    data = _data(request.POST) if sent else row.data
    rows = _rows(request.POST) if sent else [_row(each) for each in parse(kind, row.data).elements]
    kept = {name: getattr(row, name) for name in ("name", "usual", "active", "campus_id")}
    said = _said(request.POST) if sent else kept
    return page(
        request,
        "masterdata/label_template.html",
        status=409 if refused else 200,
        refused=refused,
        row=row,
        kind_label=LabelKind(kind).label,
        said=said,
        data=data,
        sizes={name: _typed(data[name]) for name in ("width", "height")},
        rows=rows,
        versions=versions(row)[:20] if row.pk else [],
        campuses=places_for(actor_of(request), may="edit_rules", kinds=(Kind.CAMPUS,)),
        resolutions=list(DOTS),
        **_choices(kind),
        **_drawn(request, kind, data),
    )


def _saved(request: HttpRequest, kind: str, row: LabelTemplate) -> HttpResponse:
    done = save_template(
        actor=actor_of(request),
        key=act_key(request, "label_template"),
        kind=kind,
        data=_data(request.POST),
        template_id=row.pk,
        **_said(request.POST),
    )
    say(request, _("%(name)s is kept as version %(n)s.") % {"name": done.number, "n": done.facts["version"]})
    return redirect("masterdata:label_template", done.id)


def _said(sent: QueryDict) -> dict[str, Any]:
    return {
        "name": sent.get("name", "").strip()[:60],
        "usual": bool(sent.get("usual")),
        "active": bool(sent.get("active")),
        "campus_id": number_in(sent.get("campus_id", "")),
    }


def _choices(kind: str) -> dict[str, Any]:
    names = {"left": _("left"), "center": _("centred"), "right": _("right")}
    return {
        "kind": kind,
        "types": ElementType.choices,
        "fields": FIELDS[kind].items(),
        "aligns": [(align, names[align]) for align in ALIGNS],
    }


def _row(each: Element) -> dict[str, Any]:
    """An element as the form shows it."""
    shown = {name: getattr(each, name) for name in COLUMNS}
    return shown | {name: f"{shown[name]:g}" for name in NUMBERS} | {"bold": "1" if each.bold else ""}


def _rows(sent: QueryDict) -> list[dict[str, Any]]:
    """The elements as they were typed, right or wrong."""
    columns = [sent.getlist(name) for name in COLUMNS]
    most = max(map(len, columns))
    return [
        {name: column[n] if n < len(column) else "" for name, column in zip(COLUMNS, columns, strict=True)}
        for n in range(most)
    ]


def _data(sent: QueryDict) -> dict[str, Any]:
    """What was typed as a template's data; what is no number stays as it is, to be named."""
    elements = [
        {name: value for name, value in row.items() if name not in {*NUMBERS, "lines", "bold"} and value}
        | {name: _number(row[name]) for name in NUMBERS if row[name] != ""}
        | {"lines": number_in(row["lines"], 2) or 0, "bold": bool(row["bold"])}
        for row in _rows(sent)
        if row["type"]
    ]
    return {
        "width": _number(sent.get("width", "")),
        "height": _number(sent.get("height", "")),
        "dpi": number_in(sent.get("dpi", ""), 4) or 0,
        "rfid": bool(sent.get("rfid")),
        "elements": elements,
    }


def _typed(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _number(text: str) -> float | str:
    found = written(text.strip())
    return float(found) if found.is_finite() and text.strip() else text[:20]


def _drawn(request: HttpRequest, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """The picture, with everything that is wrong beside it; ``of``: of which thing, where one is named and seen."""
    asked = request.POST.get("of", "").strip()[:160]
    subject = _of(actor_of(request), kind, asked) if asked else None
    shown = subject or sample(kind)
    try:
        template: Template | None = parse(kind, data)
        wrong = [each.sentence() for each in against(template, FIELDS[kind])] if template else []
    except Refused as refused:
        template, wrong = None, refused.sentences()
    laid = laid_out(template, shown) if template and template.width > 0 and template.height > 0 else None
    if laid:
        wrong += [each.sentence() for each in laid.offences]
    return {
        "drawn": picture(laid) if laid else "",
        "wrong": wrong,
        "of": asked,
        "is_sample": subject is None,
        "tag": shown.tag if template and template.rfid else "",
    }


def _of(actor: Actor, kind: str, text: str) -> Subject | None:
    """The thing of that kind that a code names, for who may see it."""
    [meaning] = understand([text], actor=actor)
    found: list[Subject] = []
    if meaning.unit and kind == LabelKind.UNIT and not meaning.offences:
        found = unit_subjects([meaning.epc])
    elif meaning.box and not meaning.offences:
        found = box_subjects([meaning.box.code])
    elif meaning.kind == "place" and meaning.document and kind == LabelKind.PLACE:
        place = Place.objects.filter(pk=meaning.document[1]).first()
        found = place_subjects([place]) if place and actor.may("view", place.path) else []
    return next((each for each in found if each.kind == kind), None)
