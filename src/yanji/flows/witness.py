"""The second person, verified: who confirms does so with a password or a badge of their own."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.utils import timezone

from yanji.access.actor import Actor, actor_for
from yanji.access.badges import person_by_badge
from yanji.access.models import Person
from yanji.ledger.api import Refused

from .acts import check_input
from .attempts import keep
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
    return _another(person_by_password(username, password), actor)


def witness_by_badge(badge: str, *, actor: Actor) -> Witness:
    """The person whose badge was scanned. Raises :class:`Refused`: nobody's, the actor's own, or too many wrong ones.

    Wrong badges are counted against who asks: unlike a wrong password they name nobody. Not inside a transaction that a
    refusal undoes.
    """
    check_input({"badge": badge})
    name = f" badge {actor.person_id}"  # a name for signing in does not begin with a space
    _still_open(name)
    person = person_by_badge(badge)
    if person is None:
        _remember(name)
        raise Refused("unknown_badge")
    return _another(person, actor)


def witness_given(username: str, password: str, badge: str, *, actor: Actor) -> Witness | None:
    """The person who signed, by badge or by password; None where nobody did. Raises :class:`Refused`: see these."""
    if badge:
        return witness_by_badge(badge, actor=actor)
    return witness_by_password(username, password, actor=actor) if username else None


def _another(person: Person, actor: Actor) -> Witness:
    if person.pk == actor.person_id:
        refused = Refused("witness_is_actor")
        keep(refused, actor=actor, verb="witness")
        raise refused
    return witness_of(person)


def person_by_password(username: str, password: str) -> Person:
    """Who this is. Not inside a transaction that a refusal undoes: a wrong try is to be remembered.

    Raises :class:`Refused`: wrong (whichever of the two it was), or too many wrong tries of late.
    """
    check_input({"username": username, "password": password})
    _still_open(username)
    person = Person.objects.filter(username=username, is_active=True).first()
    # An unknown name costs as much time as a wrong password, or names could be found by the clock.
    right = check_password(password, person.password) if person else bool(make_password(password)) and False
    if person is None or not right:
        _remember(username)
        raise Refused("wrong_password")
    return person


def _still_open(name: str) -> None:
    """Raises :class:`Refused` after too many wrong tries under a name."""
    if WrongPassword.objects.filter(username=name, at__gt=timezone.now() - WINDOW).count() >= TRIES:
        raise Refused("too_many_passwords", minutes=int(WINDOW.total_seconds() // 60))


def _remember(name: str) -> None:
    WrongPassword.objects.filter(at__lt=timezone.now() - WINDOW).delete()
    WrongPassword.objects.create(username=name)
