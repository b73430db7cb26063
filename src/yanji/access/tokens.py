"""Tokens with which programs act as a person: shown once, kept only as a digest."""

import hashlib
import secrets
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from .actor import Actor, actor_for, demand_password
from .models import ApiToken
from .people import administered

_PREFIX = "yj_"


@transaction.atomic
def create_token(*, actor: Actor, name: str, expires_at: datetime | None = None) -> tuple[ApiToken, str]:
    """A token of one's own, and its secret, which nobody can see again."""
    demand_password(actor)
    secret = _PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person_id=actor.person_id, name=name, digest=digest(secret), expires_at=expires_at
    )
    return token, secret


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int) -> None:
    """End a token: one's own, or that of a person whom one administers."""
    demand_password(actor)
    token = ApiToken.objects.select_for_update().filter(pk=token_id).first()
    if token is None:
        raise PermissionDenied
    if token.person_id != actor.person_id:
        administered(actor, token.person_id)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])


def actor_of(secret: str, *, device: str = "") -> Actor | None:
    """Who speaks with this token, with all grants; None where it is unknown, revoked, past its time or inactive."""
    now = timezone.now()
    row = (
        ApiToken.objects.filter(digest=digest(secret), revoked_at__isnull=True, person__is_active=True)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
        .select_related("person")
        .first()
    )
    return actor_for(row.person, today=timezone.localdate(now), device=device) if row else None


def tokens_of(person_id: int) -> QuerySet[ApiToken]:
    """A person's tokens, the revoked ones too, latest first."""
    return ApiToken.objects.filter(person_id=person_id).order_by("-created_at", "-pk")


def digest(secret: str) -> str:
    """What is kept of a token: 256 random bits need no slow hash, and a plain digest cannot be turned back."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
