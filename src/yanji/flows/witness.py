"""The second person, verified: who confirms does so with a password of their own."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.utils import timezone

from yanji.access.actor import Actor, actor_for
from yanji.access.models import Person
from yanji.ledger.api import Refused

from .acts import check_input
from .models import WrongPassword

TRIES, WINDOW = 5, timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Witness:
    """A person who was there and has said so. ``actor`` tells where that person may be one."""

    person_id: int
    name: str
    actor: Actor = field(repr=False, compare=False)  # grants may change between a first try and its retry


def witness_of(person: Person) -> Witness:
    """A witness whose presence is proven by other means than a password (a badge reader, an import)."""
    return Witness(person.pk, person.name, actor_for(person, today=timezone.localdate()))


def witness_by_password(username: str, password: str, *, actor: Actor) -> Witness:
    """The person who typed this name and password. Raises :class:`Refused`: see there, or the actor's own."""
    person = person_by_password(username, password)
    if person.pk == actor.person_id:
        raise Refused("witness_is_actor")
    return witness_of(person)


def person_by_password(username: str, password: str) -> Person:
    """Who this is. Not inside a transaction that a refusal undoes: a wrong try is to be remembered.

    Raises :class:`Refused`: wrong (whichever of the two it was), or too many wrong tries of late.
    """
    check_input({"username": username, "password": password})
    now = timezone.now()
    wrong = WrongPassword.objects.filter(username=username, at__gt=now - WINDOW).count()
    if wrong >= TRIES:
        raise Refused("too_many_passwords", minutes=int(WINDOW.total_seconds() // 60))
    person = Person.objects.filter(username=username, is_active=True).first()
    # An unknown name costs as much time as a wrong password, or names could be found by the clock.
    right = check_password(password, person.password) if person else bool(make_password(password)) and False
    if person is None or not right:
        WrongPassword.objects.filter(at__lt=now - WINDOW).delete()
        WrongPassword.objects.create(username=username)
        raise Refused("wrong_password")
    return person
