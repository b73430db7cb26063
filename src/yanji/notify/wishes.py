"""How a person wants to be told: their own choice, on “My account”."""

from datetime import time

from yanji.access.actor import Actor
from yanji.ledger.api import Refused

from .models import Wish


def wish_of(person_id: int) -> Wish:
    """What the person chose; nothing chosen yet is a wish like any other. One statement."""
    return Wish.objects.filter(pk=person_id).first() or Wish(person_id=person_id)


def keep_wish(*, actor: Actor, email: str, quiet_from: time | None, quiet_to: time | None) -> None:
    """Keep where e-mail goes (empty: none is sent) and the quiet hours. Raises :class:`Refused` for half of them. One
    statement."""
    if (quiet_from is None) != (quiet_to is None) or (quiet_from is not None and quiet_from == quiet_to):
        raise Refused("quiet_hours_half")
    said = {"email": email, "quiet_from": quiet_from, "quiet_to": quiet_to}
    Wish.objects.bulk_create(
        [Wish(person_id=actor.person_id, **said)], update_conflicts=True, unique_fields=["person"],
        update_fields=list(said),
    )  # fmt: skip
