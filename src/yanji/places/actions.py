"""Every write to the place tree. The tree changes seldom: one lock keeps its paths true, and posting does not wait for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from yanji.sheets.editor import Editor

from . import rules
from .models import Place


@dataclass(frozen=True, slots=True)
class PlaceFields:
    """What a person decides about a place; where it lies is decided by :func:`move_place`."""

    kind: str
    code: str
    name_zh: str
    name_en: str = ""
    gln: str = ""
    temperature_class: str = "room"
    capacity: int | None = None
    quarantine: bool = False


@transaction.atomic
def create_place(*, actor: Editor, parent_id: int | None, fields: PlaceFields) -> Place:
    """A new place below a parent, or a new root where the actor may edit the whole tree."""
    lock_tree()
    parent = _editable(actor, parent_id) if parent_id is not None else None
    if parent is None:
        _demand_whole_tree(actor)
    elif not parent.active:
        raise ValidationError(
            {
                "parent": ValidationError(
                    _("%(name)s is retired. Choose another place."), "parent_retired", {"name": parent.name}
                )
            }
        )
    _check(fields, parent)
    place = Place.objects.create(parent=parent, **_columns(fields))
    # The path holds the place's own id, which the database gives.
    place.path = f"{parent.path if parent else '/'}{place.pk}/"
    place.save(update_fields=["path"])
    return place


@transaction.atomic
def edit_place(*, actor: Editor, place_id: int, fields: PlaceFields) -> Place:
    """Rename a place, or change its kind, codes and temperature."""
    lock_tree()
    place = _editable(actor, place_id)
    _check(fields, place.parent, place)
    narrow = [
        child.name
        for child in place.children.filter(active=True)
        if not rules.may_lie_below(child.kind, fields.kind)
    ]
    if narrow:
        sentence = _(
            "%(child)s lies below this place and could not lie below one of that kind. Move it first."
        )
        raise ValidationError({"kind": ValidationError(sentence, "kind_too_narrow", {"child": narrow[0]})})
    for name, value in _columns(fields).items():
        setattr(place, name, value)
    place.save()
    return place


@transaction.atomic
def move_place(*, actor: Editor, place_id: int, parent_id: int | None) -> Place:
    """Hang a place with everything below it under another one; the paths of the subtree change in one statement."""
    lock_tree()
    place = _editable(actor, place_id)
    parent = _editable(actor, parent_id) if parent_id is not None else None
    if parent is None:
        _demand_whole_tree(actor)
    elif parent.path.startswith(place.path):
        raise ValidationError(
            {"parent": ValidationError(_("A place cannot lie below itself."), "below_itself")}
        )
    elif not parent.active:
        raise ValidationError(
            {
                "parent": ValidationError(
                    _("%(name)s is retired. Choose another place."), "parent_retired", {"name": parent.name}
                )
            }
        )
    _check_kind(place.kind, parent)
    path = f"{parent.path if parent else '/'}{place.pk}/"
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"id": place.pk, "parent": parent_id, "old": place.path, "new": path})
    place.parent, place.path = parent, path
    return place


# "old" ends in a slash and ids are digits, so the prefix needs no escaping.
_MOVE = """
UPDATE places_place
   SET path = %(new)s || substr(path, length(%(old)s) + 1),
       parent_id = CASE WHEN id = %(id)s THEN %(parent)s ELSE parent_id END
 WHERE path LIKE %(old)s || '%%'
"""


@transaction.atomic
def retire_place(*, actor: Editor, place_id: int, stock_below: Callable[[str], int]) -> int:
    """Close a place and everything below it; returns how many. ``stock_below(path)`` counts what lies there.

    The ledger, which stands above this package, lends the count. A closed place keeps its history and can be reopened.
    """
    lock_tree()
    place = _editable(actor, place_id)
    lying = stock_below(place.path)
    if lying:
        sentence = ngettext(
            "%(name)s still holds %(count)s piece. Move it elsewhere first.",
            "%(name)s still holds %(count)s pieces. Move them elsewhere first.",
            lying,
        )
        raise ValidationError(sentence, "not_empty", {"name": place.name, "count": lying})
    return Place.objects.filter(path__startswith=place.path, active=True).update(active=False)


@transaction.atomic
def reopen_place(*, actor: Editor, place_id: int) -> Place:
    """Open a retired place again; what lies below it stays as it is."""
    lock_tree()
    place = _editable(actor, place_id)
    if place.parent is not None and not place.parent.active:
        sentence = _("%(name)s is retired. Reopen it first.")
        raise ValidationError(sentence, "parent_retired", {"name": place.parent.name})
    place.active = True
    place.save(update_fields=["active"])
    return place


def lock_tree() -> None:
    """One change of the tree at a time: a path is read, then written, in rows that another change may be moving.

    Foreign keys to places are checked under a weaker lock, so posting goes on meanwhile.
    """
    assert connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE places_place IN SHARE ROW EXCLUSIVE MODE")


def _editable(actor: Editor, place_id: int) -> Place:
    """The place, if it exists and the actor may edit there: absent and hidden answer alike."""
    place = Place.objects.select_related("parent").filter(pk=place_id).first()
    if place is None or place.is_virtual or not actor.may("edit_places", place.path):
        raise PermissionDenied
    return place


def holds_everywhere(actor: Editor, operation: str) -> bool:
    """Whether the actor holds an operation at every root of the tree of real places."""
    roots = Place.objects.filter(parent__isnull=True, kind__in=rules.REAL_KINDS).values_list(
        "path", flat=True
    )
    return actor.may(operation) and all(actor.may(operation, path) for path in roots)


def _demand_whole_tree(actor: Editor) -> None:
    """A root is beside everything; only who may edit every root may add one."""
    if not holds_everywhere(actor, "edit_places"):
        raise PermissionDenied


def _check(fields: PlaceFields, parent: Place | None, place: Place | None = None) -> None:
    _check_kind(fields.kind, parent)
    others = Place.objects.exclude(pk=place.pk) if place else Place.objects.all()
    wrong: dict[str, ValidationError] = {}
    if others.filter(code=fields.code).exists():
        wrong["code"] = ValidationError(
            _("The code %(code)s is taken. Choose another one."), "taken", {"code": fields.code}
        )
    if fields.gln and not rules.gln_ok(fields.gln):
        wrong["gln"] = ValidationError(
            _("A GLN has 13 digits, and its last one checks the others. Compare it with its source."),
            "bad_gln",
        )
    elif fields.gln and others.filter(gln=fields.gln).exists():
        wrong["gln"] = ValidationError(_("Another place has this GLN already."), "taken")
    if wrong:
        raise ValidationError(wrong)


def _check_kind(kind: str, parent: Place | None) -> None:
    if rules.may_lie_below(kind, parent.kind if parent else None):
        return
    if parent is None:
        raise ValidationError(
            {
                "kind": ValidationError(
                    _("Only a group or a campus stands at the top. Choose a place above."), "not_a_root"
                )
            }
        )
    sentence = _(
        "A place of this kind cannot lie below %(parent)s. Choose a wider place above, or another kind."
    )
    raise ValidationError({"kind": ValidationError(sentence, "kind_below_kind", {"parent": parent.name})})


def _columns(fields: PlaceFields) -> dict[str, Any]:
    return {name: getattr(fields, name) for name in PlaceFields.__dataclass_fields__}
