"""Every write to people and their passwords."""

from dataclasses import asdict, dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from yanji.places.actions import holds_everywhere
from yanji.places.models import Kind, Place

from .actor import SYSTEM, Actor, demand_password
from .grants import ADMINISTRATIVE, keeping_an_administrator
from .models import Grant, Person
from .operations import Operation

# Where a person works: a department or a store, or for all of a campus or of the group. Nobody works in a cabinet.
WORKPLACES = frozenset({Kind.GROUP, Kind.CAMPUS, Kind.DEPARTMENT, Kind.STORE})


@dataclass(frozen=True, slots=True)
class PersonFields:
    username: str
    name_zh: str
    name_en: str = ""
    department_id: int | None = None
    language: str = ""
    supplier_id: int | None = None


@transaction.atomic
def create_person(*, actor: Actor, fields: PersonFields, password: str | None = None) -> Person:
    """Somebody new, who can do nothing until a role is granted, nor sign in until a password is set."""
    demand_department(actor, fields.department_id)
    _check_username(fields.username)
    person = Person(**asdict(fields))
    _set(person, password)
    person.save()
    return person


@transaction.atomic
def edit_person(*, actor: Actor, person_id: int, fields: PersonFields) -> Person:
    person = administered(actor, person_id)
    if fields.department_id != person.department_id:
        demand_department(actor, fields.department_id)
    _check_username(fields.username, person)
    for name, value in asdict(fields).items():
        setattr(person, name, value)
    person.save()
    return person


@transaction.atomic
def set_active(*, actor: Actor, person_id: int, active: bool) -> Person:
    """Let a person sign in, or no longer; what they did stays under their name."""
    person = administered(actor, person_id)
    if not active and person_id == actor.person_id:
        raise ValidationError(_("You cannot lock yourself out. Ask another administrator."), "oneself")
    with keeping_an_administrator():
        person.is_active = active
        person.save(update_fields=["is_active"])
    return person


@transaction.atomic
def reset_password(*, actor: Actor, person_id: int, password: str) -> None:
    """Set another person's password; one's own is changed with :func:`change_password`."""
    if person_id == actor.person_id:
        raise ValidationError(_("Change your own password with the old one."), "oneself")
    person = administered(actor, person_id)
    _set(person, password)
    person.save(update_fields=["password"])


@transaction.atomic
def change_password(*, actor: Actor, old: str, new: str) -> Person:
    """Change one's own password, proving that one knows the old one."""
    demand_password(actor)
    person = Person.objects.select_for_update().get(pk=actor.person_id)
    if not person.check_password(old):
        raise ValidationError({"old": ValidationError(_("The old password is wrong."), "wrong_password")})
    _set(person, new, field="new")
    person.save(update_fields=["password"])
    return person


def administered(actor: Actor, person_id: int) -> Person:
    """The person, locked, if the actor administers the department and every place where the person holds something.

    A password set by somebody who reaches less far than the person would be a way up.
    """
    person = (
        Person.objects.select_for_update(of=("self",))
        .select_related("department")
        .filter(pk=person_id)
        .first()
    )
    if person is None or person.username == SYSTEM or not may_administer(actor, person):
        raise PermissionDenied
    return person


def may_administer(actor: Actor, person: Person) -> bool:
    """Whether the actor may change this person: see :func:`administered`. Two queries."""
    if not actor.may(Operation.EDIT_ACCESS):
        return False
    grants = list(Grant.objects.filter(person=person).select_related("place", "role"))
    if person.department is not None and not actor.may(Operation.EDIT_ACCESS, person.department.path):
        return False
    if person.department is None and not grants and not holds_everywhere(actor, Operation.EDIT_ACCESS):
        return False
    return all(
        actor.may(code, held.place.path)
        for held in grants
        for code in {Operation.EDIT_ACCESS.value, *ADMINISTRATIVE.intersection(held.role.operations)}
    )


def demand_department(actor: Actor, department_id: int | None) -> None:
    """People are entered where the actor administers; people of no department by who administers everything."""
    if department_id is None:
        allowed = holds_everywhere(actor, Operation.EDIT_ACCESS)
    else:
        place = Place.objects.filter(pk=department_id).first()
        allowed = (
            place is not None and place.kind in WORKPLACES and actor.may(Operation.EDIT_ACCESS, place.path)
        )
    if not allowed:
        sentence = _("Choose a department that you administer.")
        raise ValidationError({"department": ValidationError(sentence, "not_yours")})


def _set(person: Person, password: str | None, *, field: str = "password") -> None:
    if password is None:
        person.set_unusable_password()
        return
    prove_password(person, password, field=field)


def prove_password(person: Person, password: str, *, field: str = "password") -> None:
    """Set a password that is good enough. Raises ValidationError saying what it lacks."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise ValidationError({field: error}) from error
    person.set_password(password)


def _check_username(username: str, person: Person | None = None) -> None:
    if Person.objects.filter(username__iexact=username).exclude(pk=person.pk if person else 0).exists():
        raise ValidationError({"username": ValidationError(_("Another person has this user name."), "taken")})
