"""Other systems that are told of open matters: for who keeps the rules of the whole house."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from yanji.flows.acts import Done
from yanji.notify.hooks import add_hook, hooks, new_secret, secret_of, set_hook_active

from .auth import actor
from .shapes import ActiveIn, Answer, Code, Id, Key, KeyOnly, Name, Shape, answered, may_fail

router = Router(tags=["notifications"])


class WebhookOut(Schema):
    """A system that is told. Without kinds: of all; without a place: of the whole house."""

    id: int
    name: str
    address: str
    place_id: int | None
    kinds: list[str]
    active: bool


class WebhookIn(Shape):
    key: Key
    name: Name
    address: Annotated[str, StringConstraints(min_length=1, max_length=400)]
    place_id: Id | None = None
    kinds: Annotated[list[Code], Field(max_length=100)] = []


class KeyAnswer(Answer):
    """``secret`` signs what is sent. It is told once: empty where the act is repeated."""

    secret: str


@router.get("/webhooks", response=may_fail(list[WebhookOut]))
def list_webhooks(request: HttpRequest) -> list[WebhookOut]:
    """All of them, ended ones last; none for who does not keep the rules everywhere."""
    return [
        WebhookOut(
            id=each.pk, name=each.name, address=each.url, place_id=each.place_id, kinds=each.kinds, active=each.active
        )
        for each in hooks(actor(request))
    ]  # fmt: skip


@router.post("/webhooks", response=may_fail(KeyAnswer))
def new_webhook(request: HttpRequest, payload: WebhookIn) -> KeyAnswer:
    """From now on this system is told."""
    return _with_key(request, add_hook(actor=actor(request), **payload.model_dump()))


@router.post("/webhooks/{hook_id}/key", response=may_fail(KeyAnswer))
def new_webhook_key(request: HttpRequest, hook_id: Id, payload: KeyOnly) -> KeyAnswer:
    """Sign with another key from the next message on."""
    return _with_key(request, new_secret(actor=actor(request), hook_id=hook_id, **payload.model_dump()))


@router.post("/webhooks/{hook_id}/active", response=may_fail(Answer))
def switch_webhook(request: HttpRequest, hook_id: Id, payload: ActiveIn) -> Answer:
    """Tell a system no more, or again."""
    return answered(set_hook_active(actor=actor(request), hook_id=hook_id, **payload.model_dump()))


def _with_key(request: HttpRequest, done: Done) -> KeyAnswer:
    secret = "" if done.repeated else secret_of(actor(request), done.id)
    return KeyAnswer(secret=secret, **answered(done).model_dump())
