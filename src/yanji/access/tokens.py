"""Tokens with which programs act as a person: shown once, kept only as a digest."""

import hashlib
import secrets
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from .actor import Actor
from .models import ApiToken
from .people import administered

_PREFIX = "yj_"


@transaction.atomic
def create_token(*, actor: Actor, name: str, expires_at: datetime | None = None) -> tuple[ApiToken, str]:
    """A token of one's own, and its secret, which nobody can see again."""
    # 256 random bits need no slow hash: they cannot be guessed.
    secret = _PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person_id=actor.person_id, name=name, digest=_digest(secret), expires_at=expires_at
    )
    return token, secret


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int) -> None:
    """End a token: one's own, or that of a person whom one administers."""
    token = ApiToken.objects.select_for_update().filter(pk=token_id).first()
    if token is None:
        raise PermissionDenied
    if token.person_id != actor.person_id:
        administered(actor, token.person_id)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])


def tokens_of(person_id: int) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(person_id=person_id).order_by("-created_at")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
