"""Nobody rises above themselves, and somebody can always administer."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tests.makers import person, place, unique
from yanji.access import actions, queries, tokens
from yanji.access.actor import Actor, actor_for
from yanji.access.models import Grant, Person, Role
from yanji.access.operations import STANDARD_ROLES, Operation
from yanji.places.models import Kind, Place

pytestmark = pytest.mark.django_db


def role(*operations: str, code: str = "") -> Role:
    name = code or unique("R")
    return Role.objects.create(code=name, name_zh=name, name_en=name, operations=sorted(operations))


def acting(who: Person) -> Actor:
    return actor_for(who, today=timezone.localdate())


@pytest.fixture
def campus() -> Place:
    return place(Kind.CAMPUS)


@pytest.fixture
def admin_role() -> Role:
    return role(*STANDARD_ROLES["administrator"][2])


@pytest.fixture
def admin(campus, admin_role) -> Person:
    who = person()
    Grant.objects.create(person=who, role=admin_role, place=campus)
    return who


def test_an_administrator_gives_work_that_they_do_not_do(campus, admin):
    nurse = role(*STANDARD_ROLES["nurse"][2])
    ward, who = place(Kind.DEPARTMENT, campus), person()
    actions.grant(actor=acting(admin), person_id=who.pk, role_id=nurse.pk, place_id=ward.pk)
    assert acting(who).may("use", ward.path)
    assert not acting(who).may("use", campus.path)


def test_not_to_themselves(campus, admin):
    nurse = role(*STANDARD_ROLES["nurse"][2])
    with pytest.raises(ValidationError) as refused:
        actions.grant(actor=acting(admin), person_id=admin.pk, role_id=nurse.pk, place_id=campus.pk)
    assert refused.value.code == "self_escalation"
    assert not acting(admin).may("use")


def test_not_where_they_do_not_administer(campus, admin, admin_role):
    elsewhere = place(Kind.CAMPUS)
    for who in (admin, person()):
        with pytest.raises(ValidationError):
            actions.grant(actor=acting(admin), person_id=who.pk, role_id=admin_role.pk, place_id=elsewhere.pk)
    assert not Grant.objects.filter(place=elsewhere).exists()


def test_administrative_operations_only_by_who_holds_them(campus):
    clerk = person()
    Grant.objects.create(person=clerk, role=role(Operation.EDIT_ACCESS), place=campus)
    editor = role(Operation.EDIT_PLACES)
    with pytest.raises(ValidationError) as refused:
        actions.grant(actor=acting(clerk), person_id=person().pk, role_id=editor.pk, place_id=campus.pk)
    assert refused.value.code == "above_oneself"


def test_a_role_that_one_holds_cannot_be_widened_by_oneself(campus, admin, admin_role):
    wider = actions.RoleFields(admin_role.code, "x", "x", frozenset({*admin_role.operations, "use"}))
    with pytest.raises(ValidationError):
        actions.edit_role(actor=acting(admin), role_id=admin_role.pk, fields=wider)
    admin_role.refresh_from_db()
    assert "use" not in admin_role.operations


def test_a_campus_administrator_does_not_change_roles_for_all(campus, admin, admin_role):
    place(Kind.CAMPUS)
    with pytest.raises(PermissionDenied):
        actions.create_role(
            actor=acting(admin), fields=actions.RoleFields("new", "x", "x", frozenset({"view"}))
        )


def _top_administrator(place_: Place, role_: Role) -> Person:
    who = person()
    Grant.objects.create(person=who, role=role_, place=place_)
    return who


def test_the_last_administrator_stays(campus, admin, admin_role):
    held = Grant.objects.get(person=admin)
    with pytest.raises(ValidationError) as refused:
        actions.revoke(actor=acting(admin), grant_id=held.pk)
    assert refused.value.code == "last_administrator"
    with pytest.raises(ValidationError):
        actions.grant(
            actor=acting(admin), person_id=admin.pk, role_id=admin_role.pk, place_id=campus.pk,
            valid_to=timezone.localdate() + timedelta(days=1),
        )  # fmt: skip
    narrower = actions.RoleFields(admin_role.code, "x", "x", frozenset({"view"}))
    with pytest.raises(ValidationError):
        actions.edit_role(actor=acting(admin), role_id=admin_role.pk, fields=narrower)
    held.refresh_from_db()
    assert held.valid_to is None
    second = _top_administrator(campus, admin_role)
    actions.revoke(actor=acting(second), grant_id=held.pk)
    assert not acting(admin).may("edit_access")


def test_the_last_administrator_is_not_locked(campus, admin, admin_role):
    second = person(department=campus)
    Grant.objects.create(person=second, role=admin_role, place=campus, valid_to=date(2099, 1, 1))
    with pytest.raises(ValidationError):
        actions.set_active(actor=acting(second), person_id=admin.pk, active=False)
    assert Person.objects.get(pk=admin.pk).is_active


def test_a_password_is_no_way_up(campus, admin, admin_role):
    ward = place(Kind.DEPARTMENT, campus)
    small = person(department=ward)
    Grant.objects.create(person=small, role=admin_role, place=ward)
    big = person(department=ward)
    Grant.objects.create(person=big, role=admin_role, place=campus)
    with pytest.raises(PermissionDenied):
        actions.reset_password(actor=acting(small), person_id=big.pk, password="Quite-a-long-one-1")
    actions.reset_password(actor=acting(admin), person_id=big.pk, password="Quite-a-long-one-1")
    assert Person.objects.get(pk=big.pk).check_password("Quite-a-long-one-1")


def test_passwords_are_checked_and_changed_with_the_old_one(campus, admin):
    actor = acting(admin)
    made = actions.create_person(
        actor=actor,
        fields=actions.PersonFields(unique("u"), "新人", department_id=campus.pk),
        password="Quite-a-long-one-1",
    )
    own = acting(made)
    with pytest.raises(ValidationError) as refused:
        actions.change_password(actor=own, old="wrong", new="Another-long-one-2")
    assert "old" in refused.value.message_dict
    with pytest.raises(ValidationError) as refused:
        actions.change_password(actor=own, old="Quite-a-long-one-1", new="123")
    assert "new" in refused.value.message_dict
    actions.change_password(actor=own, old="Quite-a-long-one-1", new="Another-long-one-2")
    assert Person.objects.get(pk=made.pk).check_password("Another-long-one-2")


def test_user_names_are_taken_whatever_their_case(campus, admin):
    actions.create_person(
        actor=acting(admin), fields=actions.PersonFields("Wang.Li", "王", department_id=campus.pk)
    )
    with pytest.raises(ValidationError):
        actions.create_person(
            actor=acting(admin), fields=actions.PersonFields("wang.li", "王", department_id=campus.pk)
        )


def test_a_token_is_shown_once_and_ended_by_its_owner(campus, admin):
    token, secret = actions.create_token(actor=acting(admin), name="interface")
    assert secret not in str(token.__dict__)
    with pytest.raises(PermissionDenied):
        actions.revoke_token(actor=acting(person()), token_id=token.pk)
    assert tokens.tokens_of(admin.pk).get().revoked_at is None
    actions.revoke_token(actor=acting(admin), token_id=token.pk)
    assert tokens.tokens_of(admin.pk).get().revoked_at


def test_people_are_seen_where_one_administers(campus, admin, django_assert_num_queries):
    ward = place(Kind.DEPARTMENT, campus)
    near = [person(department=ward) for _ in range(5)]
    place(Kind.CAMPUS)
    far = person(department=place(Kind.DEPARTMENT, place(Kind.CAMPUS)))
    actor = acting(admin)
    with django_assert_num_queries(3):
        seen = list(queries.people_for(actor))
    assert set(near) <= set(seen)
    assert far not in seen
    assert queries.person_for(actor, far.pk) is None
