"""An empty hospital gets its first administrator once, who can then do the rest."""

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.utils import timezone

from yanji.access.actions import PersonFields, create_person, grant
from yanji.access.actor import actor_for
from yanji.access.first import first_administrator
from yanji.access.models import Grant, Person, Role
from yanji.access.operations import STANDARD_ROLES, Operation
from yanji.places.actions import PlaceFields, create_place
from yanji.places.models import VIRTUAL, Kind, Place

pytestmark = pytest.mark.django_db
PASSWORD = "Wild-geese-7"


def _found() -> Person:
    return first_administrator(fields=PersonFields("founder", "创建人"), password=PASSWORD)


def _real_places() -> list[Place]:
    return list(Place.objects.exclude(kind__in=VIRTUAL))


def test_from_nothing_to_a_storekeeper_at_work() -> None:
    founder = authenticate(username=_found().username, password=PASSWORD)
    assert isinstance(founder, Person)
    actor = actor_for(founder, today=timezone.localdate())
    (group,) = _real_places()
    assert group.kind == Kind.GROUP
    campus = create_place(actor=actor, parent_id=group.pk, fields=PlaceFields(Kind.CAMPUS, "MAIN", "主院区"))
    keeper = create_person(actor=actor, fields=PersonFields("keeper", "李文"))
    role = Role.objects.get(code="storekeeper")
    grant(actor=actor, person_id=keeper.pk, role_id=role.pk, place_id=campus.pk)
    assert actor_for(keeper, today=timezone.localdate()).may(Operation.RECEIVE, campus.path)
    assert set(Role.objects.values_list("code", flat=True)) == set(STANDARD_ROLES)


def test_once_somebody_can_sign_in_nobody_is_founded() -> None:
    _found()
    before = (Person.objects.count(), Grant.objects.count(), len(_real_places()))
    with pytest.raises(ValidationError) as refused:
        first_administrator(fields=PersonFields("second", "第二人"), password=PASSWORD)
    assert refused.value.code == "not_the_first"
    assert (Person.objects.count(), Grant.objects.count(), len(_real_places())) == before


def test_what_is_there_already_stays() -> None:
    campus = Place.objects.create(kind=Kind.CAMPUS, code="EAST", name_zh="东院区")
    Place.objects.filter(pk=campus.pk).update(path=f"/{campus.pk}/")
    Role.objects.create(code="nurse", name_zh="护士", name_en="Nurse", operations=["view"])
    founder = _found()
    assert [held.place_id for held in founder.grants.all()] == [campus.pk]
    assert Role.objects.get(code="nurse").operations == ["view"]


@pytest.mark.parametrize(("username", "password"), [("founder", "12345"), ("x" * 81, PASSWORD)])
def test_a_weak_password_or_a_name_too_long_founds_nothing(username: str, password: str) -> None:
    with pytest.raises(ValidationError):
        first_administrator(fields=PersonFields(username, "创建人"), password=password)
    assert not Person.objects.filter(is_active=True).exists()
