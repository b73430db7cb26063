"""Clients signed in as the people of the small hospital."""

from collections.abc import Callable

import pytest
from django.test import Client

from .world import World, world


@pytest.fixture
def hospital(db: None) -> World:
    return world()


@pytest.fixture
def signed_in(hospital: World) -> Callable[[str], Client]:
    """``signed_in("nurse")``: a client of that person; answers in English, so that sentences can be compared."""

    def of(role: str) -> Client:
        person = hospital.people[role]
        person.language = "en"
        person.save(update_fields=["language"])
        client = Client()
        client.force_login(person)
        return client

    return of
