"""Labels are printed: chosen template, subjects, and one of the forms that printers and pages take."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused
from yanji.ledger.models import Movement

from ..labelling import numbered
from .keep import chosen
from .layout import Laid, laid_out, small_symbols
from .pdf import labels_pdf
from .subject import Subject, box_subjects, numbered_subject
from .svg import label_svg
from .template import Template
from .zpl import labels_zpl

TYPES: dict[str, str] = {
    "pdf": "application/pdf",
    "zpl": "application/zpl; charset=utf-8",
    "svg": "image/svg+xml",
}
MOST_COPIES = 50
MOST_AT_ONCE = 2_000  # a delivery of a pallet, or a notice with its cartons


def laid(subjects: Sequence[Subject], template: Template | None = None, *, path: str = "") -> list[Laid]:
    """Each by the template, or by the usual one of its kind. Raises :class:`Refused` where one has a symbol that does not fit,
    or where there are none or too many."""
    demand_printable(len(subjects))
    usual = {kind: chosen(kind, path=path) for kind in {each.kind for each in subjects} if template is None}
    found = [laid_out(template or usual[each.kind], each) for each in subjects]
    offences = small_symbols(found)
    if offences:
        raise Refused.of(offences)
    return found


def demand_printable(count: int) -> None:
    """Raises :class:`Refused` where there are none, or too many to print at once."""
    if not 0 < count <= MOST_AT_ONCE:
        raise Refused("too_many_lines" if count else "label_none_here", count=count, limit=MOST_AT_ONCE)


def printed(labels: Sequence[Laid], form: str, *, copies: int = 1) -> bytes:
    """Labels in the form asked for, each ``copies`` times; as a picture only the first. Raises :class:`Refused` for too many, and
    for copies of a label that writes a tag: two tags of one thing are read as two."""
    if not 1 <= copies <= MOST_COPIES or len(labels) * copies > MOST_AT_ONCE:
        raise Refused("too_many_lines", count=len(labels) * copies, limit=MOST_AT_ONCE)
    if form == "zpl" and copies > 1 and any(label.tag for label in labels):
        raise Refused("label_tag_once")
    if form == "zpl":
        return labels_zpl(labels, copies=copies).encode()
    if form == "svg":
        return label_svg(labels[0], title=_("Label")).encode()
    if form != "pdf":
        raise NotFound("form")
    return labels_pdf([label for label in labels for _copy in range(copies)], title=_("Labels"))


def label_sheet(
    actor: Actor,
    numbers: Sequence[str],
    form: str = "pdf",
    *,
    template_id: int | None = None,
    copies: int = 1,
) -> bytes:
    """The labels of units that the hospital numbered, in the order of their numbers."""
    rows = numbered(actor, numbers)
    path = rows[0].place.path
    subjects = [numbered_subject(row) for row in rows]
    template = chosen(subjects[0].kind, template_id, path=path)
    return printed(laid(subjects, template), form, copies=copies)


def box_labels(codes: Sequence[str], form: str = "pdf") -> bytes:
    """One label a box, in the order of the codes; whether they may be seen was asked before."""
    subjects = box_subjects(codes)
    return printed(laid(subjects) if subjects else [], form)


def brought(event_id: UUID) -> dict[str, int]:
    """The units that an entry of the ledger moved, in its order, each with its item; at most one more than may be printed at
    once. One statement."""
    rows = Movement.objects.filter(event_id=event_id, unit__isnull=False).order_by("line")
    return dict(rows.values_list("unit__epc", "unit__item_id")[: MOST_AT_ONCE + 1])
