"""The first person of an empty hospital, who can do the rest on the pages: nobody is there yet to grant it."""

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from yanji.places.actions import PlaceFields, create_place
from yanji.places.models import VIRTUAL, Kind, Place

from .models import Grant, Person, Role
from .operations import STANDARD_ROLES
from .people import PersonFields, prove_password

GROUP = PlaceFields(kind=Kind.GROUP, code="GROUP", name_zh="医院集团", name_en="Hospital group")


class _Founder:
    """Whoever may run commands on the machine may found the hospital, once."""

    person_id = 0

    def may(self, operation: str, path: str | None = None) -> bool:
        return True


@transaction.atomic
def first_administrator(*, fields: PersonFields, password: str) -> Person:
    """Make the standard roles, the top of the place tree, and an administrator of all below it.

    What is there already stays as it is. Raises ValidationError once somebody can sign in: from then on people are
    made by people.
    """
    with connection.cursor() as cursor:
        # Two founders at once would both find nobody.
        cursor.execute("LOCK TABLE access_person IN SHARE ROW EXCLUSIVE MODE")
    if Person.objects.filter(is_active=True).exists():
        sentence = _("Somebody can sign in already. Ask an administrator to add people.")
        raise ValidationError(sentence, "not_the_first")
    roles = standard_roles()
    person = Person(username=fields.username, name_zh=fields.name_zh, name_en=fields.name_en)
    prove_password(person, password)
    person.full_clean(exclude=["password"])
    person.save()
    for root in _roots():
        Grant.objects.create(person=person, role=roles["administrator"], place=root)
    return person


def standard_roles() -> dict[str, Role]:
    """Code -> role, made where the hospital has none of that code; its own changes to one stay."""
    return {
        code: Role.objects.get_or_create(
            code=code, defaults={"name_zh": zh, "name_en": en, "operations": sorted(operations)}
        )[0]
        for code, (zh, en, operations) in STANDARD_ROLES.items()
    }


def _roots() -> list[Place]:
    """The tops of the tree of real places; a group to begin with where there is none."""
    found = list(Place.objects.filter(parent__isnull=True).exclude(kind__in=VIRTUAL))
    return found or [create_place(actor=_Founder(), parent_id=None, fields=GROUP)]
