"""Which other systems are told, and what could not be sent to them. For who keeps the rules of the whole house: what leaves
it is nobody's affair of one place."""

import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.flows.acts import Done, verb
from yanji.flows.gates import place_at
from yanji.ledger.api import Refused
from yanji.places.actions import holds_everywhere
from yanji.places.rules import REAL_KINDS

from .kinds import KINDS
from .models import Delivery, DeliveryState, Hook, State

SHOWN = 100


def may_keep(actor: Actor) -> bool:
    return holds_everywhere(actor, "edit_rules")


def hooks(actor: Actor) -> list[Hook]:
    """All of them, ended ones last; none for who may not keep them."""
    if not may_keep(actor):
        return []
    return list(Hook.objects.select_related("place", "edited_by").order_by("-active", "name", "pk"))


def not_sent(actor: Actor) -> list[Delivery]:
    """What could not be sent, to people and systems, and what is being tried again; the latest first."""
    if not may_keep(actor):
        return []
    stuck = Delivery.objects.filter(state__in=(DeliveryState.WAITING, DeliveryState.DEAD)).exclude(
        last_error=""
    )
    return list(
        stuck.select_related("notification__place", "person", "hook").order_by("-created_at", "pk")[:SHOWN]
    )


@verb
def add_hook(
    *, actor: Actor, key: str, name: str, address: str, place_id: int | None = None, kinds: Sequence[str] = ()
) -> Done:
    """From now on this system is told. What :func:`secret_of` reads signs what is sent; it is shown once."""
    _demand(actor)
    address = address.strip()
    try:
        parts = urlsplit(address)
        # What a line of HTTP can carry, and a name that can be looked up.
        plain = address.isascii() and address.isprintable() and " " not in address
        sound = plain and bool(parts.hostname) and not parts.username and parts.port != 0
        (parts.hostname or "").encode("idna")
    except ValueError:
        sound = False
    schemes = ("https", "http") if settings.YANJI_HOOKS_INSIDE else ("https",)
    if not sound or parts.scheme not in schemes:
        raise Refused("bad_hook_address", thing=address)
    if unknown := [each for each in kinds if each not in KINDS]:
        raise Refused("unknown_notification_kind", thing=", ".join(unknown))
    if place_id is not None:
        place_at(actor, place_id, may="edit_rules", kinds=REAL_KINDS)
    made = Hook.objects.create(
        name=name.strip(), url=address, secret=_key(), place_id=place_id,
        kinds=sorted(set(kinds)), edited_by_id=actor.person_id,
    )  # fmt: skip
    return Done(number=made.name, id=made.pk, state="active")


def secret_of(actor: Actor, hook_id: int) -> str:
    """What signs the messages to a system."""
    _demand(actor)
    return Hook.objects.values_list("secret", flat=True).get(pk=hook_id)


@verb
def new_secret(*, actor: Actor, key: str, hook_id: int) -> Done:
    """Sign what is sent to a system with another key from now on: the old one was lost, or seen by others. Read it with
    :func:`secret_of`; it is shown once."""
    _demand(actor)
    hook = _hook(hook_id)
    hook.secret, hook.edited_by_id, hook.edited_at = _key(), actor.person_id, timezone.now()
    hook.save(update_fields=["secret", "edited_by", "edited_at"])
    return Done(number=hook.name, id=hook.pk, state="active" if hook.active else "ended")


@verb
def set_hook_active(*, actor: Actor, key: str, hook_id: int, active: bool) -> Done:
    """Tell a system no more, or again. What waits for one that has ended is not sent; told again, it hears what is open then or
    was acknowledged, not what came and went meanwhile."""
    _demand(actor)
    hook = _hook(hook_id)
    hook.active, hook.edited_by_id, hook.edited_at = active, actor.person_id, timezone.now()
    hook.save(update_fields=["active", "edited_by", "edited_at"])
    if not active:
        hook.deliveries.filter(state=DeliveryState.WAITING).update(state=DeliveryState.DROPPED)
    else:
        # What it never heard, and is so still: what was dropped stands in the way of a new message.
        still = {"notification__times": F("times"), "notification__state": F("about")}
        dropped = hook.deliveries.filter(state=DeliveryState.DROPPED, **still).exclude(about=State.CLOSED)
        dropped.update(state=DeliveryState.WAITING, tries=0, why="", last_error="", next_at=timezone.now())
    return Done(number=hook.name, id=hook.pk, state="active" if active else "ended")


@verb
def send_again(*, actor: Actor, key: str, delivery_id: str) -> Done:
    """Try a message again at once, as if for the first time."""
    _demand(actor)
    again = Delivery.objects.filter(pk=delivery_id, state__in=(DeliveryState.DEAD, DeliveryState.WAITING))
    told = again.exclude(hook__active=False)
    if not told.update(state=DeliveryState.WAITING, tries=0, next_at=timezone.now()):
        raise Refused("hook_has_ended") if again.exists() else NotFound("delivery")
    return Done(number=delivery_id, state=DeliveryState.WAITING.value)


def _hook(hook_id: int) -> Hook:
    found = Hook.objects.select_for_update().filter(pk=hook_id).first()
    if found is None:
        raise NotFound("webhook")
    return found


def _key() -> str:
    return secrets.token_urlsafe(32)


def _demand(actor: Actor) -> None:
    if not may_keep(actor):
        raise Refused("rule_for_the_whole_house")
