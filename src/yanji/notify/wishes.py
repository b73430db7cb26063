"""How a person wants to be told: their own choice, on “My account”."""

from datetime import time
from typing import Any

from django.db import connection
from django.utils import timezone

from yanji.access.actor import Actor, demand_password
from yanji.ledger.api import Refused

from .models import Wish

KEEP = """
INSERT INTO notify_wish AS w (person_id, email, quiet_from, quiet_to, since) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (person_id) DO UPDATE
   SET email = excluded.email, quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to,
       since = CASE WHEN w.email = excluded.email THEN w.since ELSE excluded.since END
"""


def wish_of(person_id: int) -> Wish:
    """What the person chose; nothing chosen yet is a wish like any other. One statement."""
    return Wish.objects.filter(pk=person_id).first() or Wish(person_id=person_id)


def keep_wish(*, actor: Actor, email: str, quiet_from: time | None, quiet_to: time | None) -> None:
    """Keep where e-mail goes (empty: none is sent) and the quiet hours. What came up before an address was entered is
    not mailed to it. Raises :class:`Refused` for half of the hours, ValidationError for who came in
    by badge or PIN and enters another address: messages must not follow a lent badge. One statement, for who came in so two."""
    if (quiet_from is None) != (quiet_to is None) or (quiet_from is not None and quiet_from == quiet_to):
        raise Refused("quiet_hours_half")
    if actor.by_badge and email != wish_of(actor.person_id).email:
        demand_password(actor)
    said: list[Any] = [actor.person_id, email, quiet_from, quiet_to, timezone.now()]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, said)
