"""Tokens: how a client signs in, and signs out."""

from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.tokens import create_token, revoke_token, tokens_of
from yanji.flows.witness import person_by_password

from .auth import actor, with_password
from .shapes import Id, Name, Shape, Text, may_fail

router = Router(tags=["tokens"])


class Login(Shape):
    username: Name
    password: Text
    name: Name = "api"
    days: int = Field(default=90, ge=1, le=366)


class Token(Schema):
    token: str
    expires_at: datetime


class TokenOut(Schema):
    id: int
    name: str
    created_at: datetime
    expires_at: datetime | None


class Me(Schema):
    person_id: int
    name: str
    scopes: dict[str, list[str]]


@router.post("/tokens", auth=None, response=may_fail(Token))
def sign_in(request: HttpRequest, payload: Login) -> Token:
    """A new token for a person's name and password. It is shown this once."""
    person = person_by_password(payload.username, payload.password)
    expires_at = timezone.now() + timedelta(days=payload.days)
    who = Actor(person.pk, person.name)
    _kept, secret = create_token(actor=who, name=payload.name, expires_at=expires_at)
    return Token(token=secret, expires_at=expires_at)


@router.get("/tokens", response=may_fail(list[TokenOut]))
def own_tokens(request: HttpRequest) -> object:
    """The person's own tokens, without the tokens themselves."""
    return tokens_of(actor(request).person_id).filter(revoked_at__isnull=True)


@router.delete("/tokens/{token_id}", response=may_fail(dict[str, bool]))
def sign_out(request: HttpRequest, token_id: Id) -> dict[str, bool]:
    """End one of the person's own tokens."""
    who = with_password(request)
    if not tokens_of(who.person_id).filter(pk=token_id, revoked_at__isnull=True).exists():
        raise NotFound("token")
    revoke_token(actor=who, token_id=token_id)
    return {"revoked": True}


@router.get("/me", response=may_fail(Me))
def me(request: HttpRequest) -> Me:
    """Who the token speaks for, and what that person may do where (operation -> path prefixes of places)."""
    who = actor(request)
    return Me(
        person_id=who.person_id, name=who.name, scopes={may: list(at) for may, at in who.scopes.items()}
    )
