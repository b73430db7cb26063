from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.makers import person, place
from yanji.access.actor import Actor, actor_for
from yanji.access.models import Grant, Person, Role
from yanji.access.operations import STANDARD_ROLES
from yanji.places.models import Kind, Place


@pytest.fixture(autouse=True)
def _nothing_collected(settings: Any, tmp_path: Path) -> None:
    """Pages are asked for, not their files: the folder of collected files may be empty, but must exist."""
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def campus(db: None) -> Place:
    return place(Kind.CAMPUS, code="HQ", name_en="Main campus")


@pytest.fixture
def admin(campus: Place) -> Person:
    return holder("administrator", campus)


@pytest.fixture
def client(admin: Person) -> Client:
    return signed_in(admin)


def holder(role: str, at: Place, **fields: Any) -> Person:
    """A person who holds a standard role at a place."""
    zh, en, operations = STANDARD_ROLES[role]
    found, _new = Role.objects.get_or_create(
        code=role, defaults={"name_zh": zh, "name_en": en, "operations": sorted(operations)}
    )
    who: Person = person(language="en", department=at, **fields)
    Grant.objects.create(person=who, role=found, place=at)
    return who


def signed_in(who: Person) -> Client:
    client = Client()
    client.force_login(who)
    return client


def acting(who: Person) -> Actor:
    return actor_for(who, today=timezone.localdate())
