"""A person's PIN: a few digits that count at a shared device alone, beside a badge or in place of one."""

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from .actor import Actor, demand_password
from .devices import end_sessions_of
from .models import Person, Pin

SHORTEST, LONGEST = 4, 8
_RUNS = ("01234567890", "09876543210")


@transaction.atomic
def set_own_pin(*, actor: Actor, password: str, pin: str, session_key: str = "") -> None:
    """Set one's own PIN, proving with the password that it is oneself who asks. Nobody sets anybody else's. What the PIN before
    may have opened ends, but for the session in which it is set."""
    demand_password(actor)
    person = Person.objects.select_for_update().get(pk=actor.person_id)
    if not check_password(password, person.password):
        raise ValidationError({"password": ValidationError(_("The password is wrong."), "wrong_password")})
    _check(pin)
    _pin, first = Pin.objects.update_or_create(person=person, defaults={"hashed": make_password(pin)})
    if not first:
        end_sessions_of(person.pk, but=session_key)


@transaction.atomic
def end_own_pin(*, actor: Actor) -> None:
    """The PIN opens nothing any more, and what it opened ends."""
    demand_password(actor)
    Pin.objects.filter(person_id=actor.person_id).delete()
    end_sessions_of(actor.person_id)


def has_pin(person_id: int) -> bool:
    return Pin.objects.filter(person_id=person_id).exists()


def is_pin_of(person: Person | None, pin: str) -> bool:
    """Whether it is this person's PIN. For nobody, or who has none, it takes as long: a clock tells nothing."""
    kept = Pin.objects.filter(person_id=person.pk if person else 0).first()
    if kept is None:
        make_password(pin)
        return False
    return check_password(pin, kept.hashed)


def _check(pin: str) -> None:
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        sentence = _("A PIN has %(low)s to %(high)s digits.")
        raise ValidationError(
            {"pin": ValidationError(sentence, "bad_pin", {"low": SHORTEST, "high": LONGEST})}
        )
    if len(set(pin)) == 1 or any(pin in run for run in _RUNS):
        sentence = _("This PIN is among the first that anybody would try. Choose digits without a pattern.")
        raise ValidationError({"pin": ValidationError(sentence, "easy_pin")})
