"""Bearer tokens of the JSON API: shown once, kept as a digest, revoked at will."""

import hashlib
import secrets
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from yanji.access.actor import Actor, actor_for
from yanji.access.gates import NotFound
from yanji.access.models import ApiToken, Person

PREFIX = "yj_"


def digest(token: str) -> str:
    """A token has 256 random bits, so that a plain digest of it cannot be turned back."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def issue_token(person: Person, *, name: str, expires_at: datetime | None = None) -> str:
    """A new token of a person; only its digest is kept, so this is the one time that it is seen."""
    token = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(person=person, name=name, digest=digest(token), expires_at=expires_at)
    return token


def actor_of(token: str, *, device: str = "") -> Actor | None:
    """Who speaks with this token, with all grants; None where it is unknown, revoked, past its time or inactive."""
    now = timezone.now()
    row = (
        ApiToken.objects.filter(digest=digest(token), revoked_at__isnull=True, person__is_active=True)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
        .select_related("person")
        .first()
    )
    return actor_for(row.person, today=timezone.localdate(), device=device) if row else None


def tokens_of(actor: Actor) -> list[ApiToken]:
    """A person's own tokens that are not revoked, latest first."""
    return list(ApiToken.objects.filter(person_id=actor.person_id, revoked_at__isnull=True).order_by("-id"))


def revoke_token(token_id: int, *, actor: Actor) -> None:
    """End one of the person's own tokens."""
    found = ApiToken.objects.filter(pk=token_id, person_id=actor.person_id, revoked_at__isnull=True)
    if not found.update(revoked_at=timezone.now()):
        raise NotFound("token")
