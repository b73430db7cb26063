"""Who speaks: the person of the bearer token, with all grants, as ``request.auth``."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from yanji.access.actor import Actor
from yanji.access.tokens import actor_of


class Bearer(HttpBearer):
    """The device may name itself in ``X-Device``; it stands on every entry."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        device = request.headers.get("X-Device", "")
        return actor_of(token, device=device[:80] if device.isprintable() else "")


def actor(request: HttpRequest) -> Actor:
    """The actor of a request that came through :class:`Bearer`."""
    found = request.auth
    assert isinstance(found, Actor)
    return found
