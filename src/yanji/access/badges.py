"""A person's badge: scanned in place of a password where a second person signs, and read by a cabinet's door.

Only a digest of its code is kept, keyed with the installation's secret: the codes of badges are short, and a plain digest
of one could be found by trying them all. Where the secret is changed, badges are given out anew.
"""

from collections.abc import Iterable

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from yanji.identity.scanner import bare

from .actor import Actor, demand_password
from .devices import end_sessions_of
from .models import Badge, Person
from .people import administered

SHORTEST, LONGEST = 6, 80


def digest(code: str) -> str:
    """What is kept of a badge's code; a reader's stray spaces mean nothing."""
    return salted_hmac("yanji.badge", code.strip(), algorithm="sha256").hexdigest()


@transaction.atomic
def give_badge(*, actor: Actor, person_id: int, code: str) -> None:
    """Let a badge stand for another person from now on, in place of the one before.

    Raises PermissionDenied where the actor does not administer the person, ValidationError for a code that is too short or
    somebody else's. One's own badge is set with :func:`set_own_badge`.
    """
    if person_id == actor.person_id:
        raise ValidationError(_("Set your own badge with your password, under “My account”."), "oneself")
    _keep(administered(actor, person_id), code, actor)


@transaction.atomic
def set_own_badge(*, actor: Actor, password: str, code: str) -> None:
    """Let a badge stand for oneself, proving that it is oneself who asks: an open screen alone must not be enough."""
    demand_password(actor)
    person = Person.objects.select_for_update().get(pk=actor.person_id)
    if not check_password(password, person.password):
        raise ValidationError({"password": ValidationError(_("The password is wrong."), "wrong_password")})
    _keep(person, code, actor)


@transaction.atomic
def take_badge(*, actor: Actor, person_id: int) -> None:
    """The person's badge means nothing any more: lost, or given back. One's own, or that of who one administers.

    What is open on shared devices ends: whoever found the badge may have opened it.
    """
    demand_password(actor)
    if person_id != actor.person_id:
        administered(actor, person_id)
    end_sessions_of(person_id)
    Badge.objects.filter(person_id=person_id).delete()


def _keep(person: Person, code: str, actor: Actor) -> None:
    if not SHORTEST <= len(code.strip()) <= LONGEST:
        sentence = _("A badge's code has %(low)s to %(high)s characters. Scan it again.")
        raise ValidationError(
            {"code": ValidationError(sentence, "bad_badge", {"low": SHORTEST, "high": LONGEST})}
        )
    Badge.objects.filter(person=person).delete()
    end_sessions_of(person.pk)
    try:
        with transaction.atomic():
            Badge.objects.create(person=person, digest=digest(code), given_by_id=actor.person_id)
    except IntegrityError as error:
        sentence = _("This badge is somebody else's. Scan another one, or take it from them first.")
        raise ValidationError({"code": ValidationError(sentence, "badge_taken")}) from error


def person_by_badge(code: str) -> Person | None:
    """The active person whose badge this is. One statement."""
    found = Badge.objects.filter(digest=digest(code), person__is_active=True).select_related("person").first()
    return found.person if found else None


def badges_among(scans: Iterable[str], *, actor: Actor) -> set[str]:
    """Of what was scanned, the texts that are somebody's badge and must not be kept. One statement, none but at a shared device.

    Asked only for who takes turns at a device, where a badge is scanned in place of goods: answered to any account, or to
    programs, it would tell which codes are badges, thousands at a time.
    """
    if not actor.takes_turns:
        return set()
    of: dict[str, set[str]] = {}
    for scan in scans:
        for text in {scan, actor.scanner.unwrapped(scan)} if actor.scanner else {scan}:
            code = bare(text).strip()
            if SHORTEST <= len(code) <= LONGEST:
                of.setdefault(digest(code), set()).add(scan)
    found = Badge.objects.filter(digest__in=list(of)).values_list("digest", flat=True) if of else ()
    return {scan for each in found for scan in of[each]}


def badge_of(person_id: int) -> Badge | None:
    """The badge that a person holds, without its code, which nobody can see again."""
    return Badge.objects.filter(person_id=person_id).select_related("given_by").first()
