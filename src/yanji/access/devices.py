"""Shared devices: registered browsers at which people take turns, each by badge or PIN, for a short while.

A device is known by a secret that its browser keeps (:func:`claim_device`); only a digest is kept here. Whoever may use it
holds a role at its place, above it or below it: above, because a role holds for everything below its place; below, because a
device of a whole campus is carried between the wards of those who work there. The place says whose device it is.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from yanji.places.models import Place

from .actor import Actor, demand_password, valid_on
from .models import DeviceSession, Grant, Person, SharedDevice
from .operations import Operation
from .tokens import digest

CODE_DIGITS = 8
CODE_MINUTES = 15
LONGEST_IDLE = 15  # minutes


@dataclass(frozen=True, slots=True)
class DeviceFields:
    name: str
    place_id: int | None
    idle_minutes: int = 3
    rule: str = SharedDevice.Rule.BADGE


@transaction.atomic
def register_device(*, actor: Actor, fields: DeviceFields) -> tuple[SharedDevice, str]:
    """A device that several people use, and the code that its browser is to be given within :data:`CODE_MINUTES`."""
    demand_password(actor)
    _check(actor, fields)
    device = SharedDevice.objects.create(**asdict(fields), registered_by_id=actor.person_id)
    return device, _give_code(device)


@transaction.atomic
def edit_device(*, actor: Actor, device_id: int, fields: DeviceFields) -> SharedDevice:
    """Change what is known of a device. Who is signed in there stays so, by the rules of when they came."""
    device = _administered(actor, device_id)
    _check(actor, fields, device)
    for name, value in asdict(fields).items():
        setattr(device, name, value)
    device.save()
    return device


@transaction.atomic
def new_code(*, actor: Actor, device_id: int) -> str:
    """Another code: the browser lost what it kept, or another browser is the device from now on."""
    return _give_code(_administered(actor, device_id))


@transaction.atomic
def end_device(*, actor: Actor, device_id: int) -> None:
    """It is no shared device any more, and who is signed in there is signed out, at once."""
    device = _administered(actor, device_id)
    device.ended_at, device.digest, device.code_digest = timezone.now(), None, None
    device.save()
    _end_sessions(DeviceSession.objects.filter(device=device))


@transaction.atomic
def claim_device(code: str) -> tuple[SharedDevice, str] | None:
    """The device that a code is for, and the secret that its browser keeps from now on; None where the code is none, is
    used up or has lapsed. What another browser kept of this device means nothing any more."""
    found = SharedDevice.objects.select_for_update(of=("self",)).filter(
        code_digest=_code_digest(code), code_until__gt=timezone.now(), ended_at__isnull=True
    )
    device = found.first()
    if device is None:
        return None
    secret = secrets.token_urlsafe(32)
    device.digest, device.code_digest, device.code_until = digest(secret), None, None
    device.save()
    _end_sessions(DeviceSession.objects.filter(device=device))
    return device, secret


def device_by(secret: str) -> SharedDevice | None:
    """The device whose browser keeps this secret. One statement."""
    if not secret:
        return None
    return SharedDevice.objects.filter(digest=digest(secret)).select_related("place").first()


def may_use(person: Person, device: SharedDevice, *, today: date) -> bool:
    """Whether a person holds a role, on the day, at the device's place, above it or below it. One statement."""
    if not person.is_active or person.supplier_id is not None:
        return False
    grants = valid_on(Grant.objects.filter(person=person), today)
    paths = grants.values_list("place__path", flat=True)
    here = device.place.path
    return any(here.startswith(path) or path.startswith(here) for path in paths)


@transaction.atomic
def take_over(device: SharedDevice, *, person_id: int, session_key: str) -> bool:
    """From now on this session is the one of the device; whoever's it was before is signed out.

    False where the device was ended, or given to another browser, in this very moment. Of two who come at once the later
    one stays: a device has one session.
    """
    held = SharedDevice.objects.select_for_update().filter(pk=device.pk, digest=device.digest).first()
    if held is None:
        return False
    now = timezone.now()
    _end_sessions(DeviceSession.objects.filter(device=held).exclude(session_key=session_key))
    SharedDevice.objects.filter(pk=held.pk).update(last_used_at=now)
    DeviceSession.objects.update_or_create(
        device=held, defaults={"person_id": person_id, "session_key": session_key, "opened_at": now}
    )
    return True


@transaction.atomic
def go_on_as(before: str, now: str) -> bool:
    """The session of a device has another key, as after its person changed the password: it stays the one of the device. False
    where it was ended in this very moment."""
    held = DeviceSession.objects.filter(session_key=before)
    # Whoever ends a device holds it: it is ended by the old key or by the new one.
    SharedDevice.objects.select_for_update().filter(pk__in=held.values("device")).first()
    return bool(held.update(session_key=now))


def end_sessions_of(person_id: int, *, but: str = "") -> None:
    """Whatever a person has open on shared devices ends: what they came in by means nothing any more. ``but``: the key of the
    session in which they proved with the password that it is they."""
    _end_sessions(DeviceSession.objects.filter(person_id=person_id).exclude(session_key=but))


def _end_sessions(found: QuerySet[DeviceSession]) -> None:
    if keys := list(found.values_list("session_key", flat=True)):
        Session.objects.filter(session_key__in=keys).delete()
        found.delete()


def devices_for(actor: Actor) -> QuerySet[SharedDevice]:
    """The devices where the actor administers people, the ended ones last."""
    mine = Q(pk__in=[])
    for path in actor.scopes.get(Operation.EDIT_ACCESS, ()):
        mine |= Q(place__path__startswith=path)
    found = SharedDevice.objects.filter(mine).select_related("place", "session__person")
    return found.order_by(F("ended_at").desc(nulls_first=True), "name", "pk")


def code_lapses_at(device: SharedDevice) -> datetime | None:
    """Until when a code waits for the device's browser; None where none does."""
    return device.code_until if device.code_until and device.code_until > timezone.now() else None


def _administered(actor: Actor, device_id: int) -> SharedDevice:
    """The device, locked; raises PermissionDenied where it is ended, or stands where the actor does not administer."""
    demand_password(actor)
    found = SharedDevice.objects.select_for_update(of=("self",)).select_related("place")
    device = found.filter(pk=device_id, ended_at__isnull=True).first()
    if device is None or not actor.may(Operation.EDIT_ACCESS, device.place.path):
        raise PermissionDenied
    return device


def _check(actor: Actor, fields: DeviceFields, device: SharedDevice | None = None) -> None:
    place = Place.objects.filter(pk=fields.place_id or 0).first()
    if place is None or place.is_virtual or not actor.may(Operation.EDIT_ACCESS, place.path):
        sentence = _("Choose a place where you administer people.")
        raise ValidationError({"place_id": ValidationError(sentence, "not_yours")})
    if not 1 <= fields.idle_minutes <= LONGEST_IDLE:
        sentence = _("A device signs its user out after 1 to %(most)s idle minutes.")
        raise ValidationError(
            {"idle_minutes": ValidationError(sentence, "idle_minutes", {"most": LONGEST_IDLE})}
        )
    others = SharedDevice.objects.filter(name=fields.name, ended_at__isnull=True)
    if others.exclude(pk=device.pk if device else 0).exists():
        # The name stands on every entry that is made there: two of one name could not be told apart.
        sentence = _("Another shared device has this name.")
        raise ValidationError({"name": ValidationError(sentence, "taken")})


def _give_code(device: SharedDevice) -> str:
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    device.code_digest = _code_digest(code)
    device.code_until = timezone.now() + timedelta(minutes=CODE_MINUTES)
    device.save(update_fields=["code_digest", "code_until"])
    return code


def _code_digest(code: str) -> str:
    """Keyed: so few digits could be found by trying them all."""
    digits = "".join(character for character in code if character.isdigit())
    return salted_hmac("yanji.device", digits, algorithm="sha256").hexdigest()
