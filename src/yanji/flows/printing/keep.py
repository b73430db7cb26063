"""Label templates are kept, changed and chosen: by those who may edit rules, for everybody who prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused
from yanji.places.actions import holds_everywhere
from yanji.places.models import Kind, Place

from ..acts import Done, moment, verb
from ..gates import place_at
from .layout import laid_out
from .models import LabelTemplate, LabelTemplateChange
from .shipped import SHIPPED
from .subject import FIELDS, sample
from .template import LabelKind, Template, against, parse

MAY = "edit_rules"


@dataclass(frozen=True, slots=True)
class Choice:
    """A template that may be chosen; ``id`` 0: the one that Yanji ships."""

    id: int
    name: str
    template: Template
    usual: bool = False
    campus_path: str = ""


def shipped(kind: str) -> Template:
    """The label that this kind of thing has from the start."""
    return parse(kind, SHIPPED[kind])


def choices(kind: str, *, path: str = "") -> list[Choice]:
    """What may be chosen for things that lie at a place's path (or anywhere): the usual one first, the shipped one always."""
    rows = LabelTemplate.objects.filter(kind=kind, active=True).select_related("campus")
    found = [
        Choice(row.pk, row.name, parse(kind, row.data), row.usual, row.campus.path if row.campus else "")
        for row in rows
        if not path or row.campus is None or path.startswith(row.campus.path)
    ]
    usual = [each for each in found if each.usual and (path or not each.campus_path)]
    # What is usual at a campus goes before what is usual everywhere.
    first = max(usual, key=lambda each: len(each.campus_path), default=None)
    own = Choice(0, _("As shipped"), shipped(kind))
    rest = [each for each in found if each is not first]
    return [first, *rest, own] if first else [own, *rest]


def chosen(kind: str, template_id: int | None = None, *, path: str = "") -> Template:
    """The template with that id, or the usual one. Raises :class:`NotFound` for one that is not offered."""
    offered = choices(kind, path=path)
    if template_id is None:
        return offered[0].template
    found = next((each for each in offered if each.id == template_id), None)
    if found is None:
        raise NotFound("label template")
    return found.template


def checked(kind: str, data: Mapping[str, Any]) -> Template:
    """The template behind what was typed. Raises :class:`Refused` naming everything that is wrong with it."""
    if kind not in LabelKind.values:
        raise NotFound("kind")
    template = parse(kind, data)
    offences = list(against(template, FIELDS[kind])) or list(laid_out(template, sample(kind)).offences)
    if offences:
        raise Refused.of(offences)
    return template


def templates() -> list[LabelTemplate]:
    """All that are kept, by kind and name. One statement."""
    return list(LabelTemplate.objects.select_related("campus"))


def label_template(actor: Actor, template_id: int) -> LabelTemplate:
    """One that is kept, for who may edit them."""
    found = LabelTemplate.objects.filter(pk=template_id).select_related("campus").first()
    if found is None or not actor.may(MAY):
        raise NotFound("label template")
    return found


def versions(template: LabelTemplate) -> Sequence[LabelTemplateChange]:
    """Who left it how, and when; latest first. One statement."""
    return list(template.changes.select_related("actor").order_by("-version"))


@verb
def save_template(
    *,
    actor: Actor,
    key: str,
    kind: str,
    name: str,
    data: Mapping[str, Any],
    template_id: int | None = None,
    campus_id: int | None = None,
    usual: bool = False,
    active: bool = True,
    happened_at: datetime | None = None,
) -> Done:
    """Keep a template, or change one: every version of it stays. The usual label of a campus, or of all, is one: another one
    that is made so takes its place.

    Raises :class:`Refused` naming everything that is wrong with it: what reaches beyond the label, symbols too small for the
    printer, fields that do not exist.
    """
    row = _row(template_id, kind)
    campus = _campus(actor, campus_id)
    if row.pk and row.campus_id != campus_id:
        _campus(actor, row.campus_id)
    if not name.strip():
        raise Refused("field_missing", field=_("Name"))
    template = checked(kind, data)
    if LabelTemplate.objects.filter(kind=kind, name=name.strip()).exclude(pk=row.pk).exists():
        raise Refused("label_name_taken", thing=name.strip())
    if usual and not active:
        raise Refused("label_retired_usual", thing=name.strip())
    if usual:
        LabelTemplate.objects.filter(kind=kind, campus=campus, usual=True).exclude(pk=row.pk).update(
            usual=False
        )
    row.name, row.campus, row.usual, row.active, row.data = (
        name.strip(),
        campus,
        usual,
        active,
        template.as_data(),
    )
    row.version = row.version + 1 if row.pk else 1
    row.save()
    kept = {"name": row.name, "campus": campus_id, "usual": usual, "active": active, **row.data}
    LabelTemplateChange.objects.create(
        template=row, version=row.version, at=moment(happened_at), actor_id=actor.person_id, data=kept
    )
    return Done(row.name, row.pk, facts={"version": row.version})


def _campus(actor: Actor, campus_id: int | None) -> Place | None:
    """The label of a campus is for who edits rules there; that of all campuses, for who edits them everywhere."""
    if campus_id is not None:
        return place_at(actor, campus_id, may=MAY, kinds=(Kind.CAMPUS,))
    if not actor.may(MAY):
        raise NotFound("label template")
    if not holds_everywhere(actor, MAY):
        raise Refused("label_for_the_whole_house")
    return None


def _row(template_id: int | None, kind: str) -> LabelTemplate:
    if template_id is None:
        return LabelTemplate(kind=kind)
    found = LabelTemplate.objects.select_for_update().filter(Q(pk=template_id, kind=kind)).first()
    if found is None:
        raise NotFound("label template")
    return found
