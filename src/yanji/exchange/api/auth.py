"""Who speaks: the person of the bearer token or of the page's session, with all grants, as ``request.auth``."""

from copy import copy

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from yanji.access.actor import Actor
from yanji.access.tokens import actor_of
from yanji.ledger.api import Refused


class Bearer(HttpBearer):
    """The device may name itself in ``X-Device``; it stands on every entry."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        device = request.headers.get("X-Device", "")
        return actor_of(token, device=device[:80] if device.isprintable() else "")


class Session(APIKeyCookie):
    """A page of ours, by the session of who is signed in at this browser. A device that keeps acts for later says in
    ``X-Person`` whose they are: nothing is done in the name of who came after."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Actor | None:
        if "Authorization" in request.headers or self.param_name not in request.COOKIES:
            return None
        return self.authenticate(request, request.COOKIES[self.param_name])

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        found = request.actor
        if not found:
            return None
        if check_csrf(request) is not None:
            raise Refused("stale_session")
        if request.headers.get("X-Person", str(found.person_id)) != str(found.person_id):
            raise Refused("other_person")
        return copy(found)  # itself, and not the promise of it


def actor(request: HttpRequest) -> Actor:
    """The actor of a request that came through :class:`Bearer` or :class:`Session`."""
    found = request.auth
    assert isinstance(found, Actor)
    return found


def with_password(request: HttpRequest) -> Actor:
    """The actor of a request, for acts about who somebody is. Raises :class:`Refused` for who came in by badge or PIN."""
    found = actor(request)
    if found.by_badge:
        raise Refused("needs_password")
    return found
