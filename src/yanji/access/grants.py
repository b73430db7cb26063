"""Who may do what, where: giving and taking roles without anybody rising above themselves."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yanji.places.actions import holds_everywhere
from yanji.places.models import Place
from yanji.sheets.editor import Editor

from .actor import Actor
from .models import Grant, Person, Role
from .operations import Operation

# What changes the system itself: passed on only by somebody who holds it there. The rest - receiving, using, scrapping -
# an administrator gives without doing it, so that who grants and who works can be two people.
ADMINISTRATIVE = frozenset(
    {Operation.EDIT_CATALOG, Operation.EDIT_PLACES, Operation.EDIT_ACCESS, Operation.EDIT_RULES}
)


@dataclass(frozen=True, slots=True)
class RoleFields:
    code: str
    name_zh: str
    name_en: str
    operations: frozenset[str]


def why_not(actor: Editor, *, person_id: int, operations: Iterable[str], path: str) -> ValidationError | None:
    """Why the actor may not give these operations at a path; None when they may.

    To oneself nothing that one does not hold there already; to others no administrative operation that one does not
    hold there.
    """
    if not actor.may(Operation.EDIT_ACCESS, path):
        return ValidationError(_("You may not edit grants at this place."), "not_yours")
    own = person_id == actor.person_id
    missing = [code for code in operations if (own or code in ADMINISTRATIVE) and not actor.may(code, path)]
    if not missing:
        return None
    facts = {
        "operation": ", ".join(
            str(Operation(code).label) for code in sorted(missing) if code in Operation.values
        )
    }
    if own:
        sentence = _(
            "You do not hold “%(operation)s” there yourself. Ask another administrator to give it to you."
        )
        return ValidationError(sentence, "self_escalation", facts)
    sentence = _("You may give “%(operation)s” only where you hold it yourself.")
    return ValidationError(sentence, "above_oneself", facts)


@transaction.atomic
def grant(
    *,
    actor: Actor,
    person_id: int,
    role_id: int,
    place_id: int,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Grant:
    """Give a person a role over a place and all below it. Given again, its days change."""
    person, role, place = _named(person_id, role_id, place_id)
    refusal = why_not(actor, person_id=person_id, operations=role.operations, path=place.path)
    if refusal is not None:
        raise refusal
    if valid_from and valid_to and valid_to < valid_from:
        raise ValidationError(
            {"valid_to": ValidationError(_("The last day lies before the first one."), "days_out_of_order")}
        )
    with keeping_an_administrator():
        days = {"valid_from": valid_from, "valid_to": valid_to}
        made, _new = Grant.objects.update_or_create(person=person, role=role, place=place, defaults=days)
    return made


@transaction.atomic
def revoke(*, actor: Actor, grant_id: int) -> None:
    """Take a role away again."""
    found = Grant.objects.select_related("role", "place").filter(pk=grant_id).first()
    if found is None or not actor.may(Operation.EDIT_ACCESS, found.place.path):
        raise PermissionDenied
    above = [
        code
        for code in found.role.operations
        if code in ADMINISTRATIVE and not actor.may(code, found.place.path)
    ]
    if above:
        facts = {"operation": ", ".join(str(Operation(code).label) for code in sorted(above))}
        raise ValidationError(
            _("You may take “%(operation)s” only where you hold it yourself."), "above_oneself", facts
        )
    with keeping_an_administrator():
        found.delete()


@transaction.atomic
def create_role(*, actor: Actor, fields: RoleFields) -> Role:
    """A new set of operations. It gives nobody anything until it is granted."""
    _demand_holds_everywhere(actor)
    _check_role(fields)
    return Role.objects.create(
        code=fields.code, name_zh=fields.name_zh, name_en=fields.name_en, operations=sorted(fields.operations)
    )


@transaction.atomic
def edit_role(*, actor: Actor, role_id: int, fields: RoleFields) -> Role:
    """Change what a role allows, for everybody who holds it, at once."""
    _demand_holds_everywhere(actor)
    role = Role.objects.select_for_update().filter(pk=role_id).first()
    if role is None:
        raise PermissionDenied
    _check_role(fields, role)
    added = fields.operations - set(role.operations)
    for held in Grant.objects.filter(role=role).select_related("place"):
        refusal = why_not(actor, person_id=held.person_id, operations=added, path=held.place.path)
        if refusal is not None:
            raise refusal
    with keeping_an_administrator():
        role.code, role.name_zh, role.name_en = fields.code, fields.name_zh, fields.name_en
        role.operations = sorted(fields.operations)
        role.save()
    return role


@transaction.atomic
def delete_role(*, actor: Actor, role_id: int) -> None:
    """Remove a role that nobody holds."""
    _demand_holds_everywhere(actor)
    holders = Grant.objects.filter(role_id=role_id).count()
    if holders:
        sentence = _("%(count)s grants use this role. Take them back first.")
        raise ValidationError(sentence, "role_in_use", {"count": holders})
    try:
        removed = Role.objects.filter(pk=role_id).delete()[0]
    except ProtectedError as error:
        # The rules of the flows, which stand above this package, name roles too.
        sentence = _(
            "Approvals, notifications or their rules name this role. It stays, and nobody needs to hold it."
        )
        raise ValidationError(sentence, "role_in_rules") from error
    if not removed:
        raise PermissionDenied


@contextmanager
def keeping_an_administrator() -> Iterator[None]:
    """Refuse a change after which nobody could edit access any more.

    Grants are locked as a table: two administrators who take each other's role at once must not both succeed.
    """
    assert connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE access_grant IN SHARE ROW EXCLUSIVE MODE")
    before = _administrators()
    yield
    if before and not _administrators():
        sentence = _("Nobody could administer people and roles any more. Give somebody else that role first.")
        raise ValidationError(sentence, "last_administrator")


def _administrators() -> int:
    """Active people who may edit access at the top of a tree, without a day on which that ends."""
    return Person.objects.filter(is_active=True, grants__in=_top_grants()).distinct().count()


def _top_grants() -> QuerySet[Grant]:
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=timezone.localdate())
    return Grant.objects.filter(
        begun,
        valid_to__isnull=True,
        place__parent__isnull=True,
        role__operations__contains=Operation.EDIT_ACCESS.value,
    )


def _named(person_id: int, role_id: int, place_id: int) -> tuple[Person, Role, Place]:
    person = Person.objects.filter(pk=person_id).first()
    role = Role.objects.filter(pk=role_id).first()
    place = Place.objects.filter(pk=place_id).first()
    if person is None or role is None or place is None or place.is_virtual:
        raise PermissionDenied
    return person, role, place


def _demand_holds_everywhere(actor: Actor) -> None:
    """Roles are the same everywhere; only who administers every place may change them."""
    if not holds_everywhere(actor, Operation.EDIT_ACCESS):
        raise PermissionDenied


def _check_role(fields: RoleFields, role: Role | None = None) -> None:
    unknown = fields.operations - set(Operation.values)
    if unknown:
        raise ValidationError(
            {"operations": ValidationError(_("Choose operations from the list."), "unknown_operation")}
        )
    if Role.objects.filter(code=fields.code).exclude(pk=role.pk if role else 0).exists():
        raise ValidationError({"code": ValidationError(_("Another role has this code."), "taken")})
