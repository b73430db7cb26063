"""Messages that go out: taken up, sent at least once, tried again ever later, and kept where they could not be sent."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from .models import Delivery, DeliveryState
from .sending import NotSent, by_email, by_webhook

AT_ONCE = 5  # so few that even slow systems are done with before HELD is over
# Whoever takes a message up has so long; then it is anybody's again.
HELD = timedelta(minutes=5)
MOST_TRIES = 10
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)

# To people only what is still open and still theirs; other systems hear all of it, in the order in which it became known.
TAKE_UP = """
WITH over AS (
    UPDATE notify_delivery d SET state = 'dropped'
      FROM notify_notification n
     WHERE d.notification_id = n.id AND d.state = 'waiting' AND d.person_id IS NOT NULL
       AND (n.state <> 'open' OR n.times <> d.times
            OR NOT EXISTS (SELECT FROM notify_told t WHERE t.notification_id = n.id AND t.person_id = d.person_id))
    RETURNING d.id)
UPDATE notify_delivery d SET tries = d.tries + 1, next_at = %(until)s
 WHERE d.id IN (
       SELECT w.id FROM notify_delivery w
        WHERE w.state = 'waiting' AND w.next_at <= %(now)s AND w.id NOT IN (SELECT id FROM over)
          AND (w.hook_id IS NULL OR EXISTS (SELECT FROM notify_hook h WHERE h.id = w.hook_id AND h.active))
          AND NOT EXISTS (SELECT FROM notify_delivery b
                           WHERE b.hook_id = w.hook_id AND b.notification_id = w.notification_id AND b.state = 'waiting'
                             AND (b.created_at, b.id) < (w.created_at, w.id))
        ORDER BY w.hook_id IS NOT NULL, w.next_at, w.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING d.id
"""


def send_due(now: datetime | None = None) -> int:
    """Send what is due, a few at a time; how many were taken up."""
    at = now or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(TAKE_UP, {"now": at, "until": at + HELD, "limit": AT_ONCE})
        ids = [row[0] for row in cursor.fetchall()]
    for delivery in _whole(ids):
        # Those before it may have taken long: what is signed and when it is tried again goes by its own time.
        _send(delivery, now or timezone.now())
    return len(ids)


def _whole(ids: Iterable[Any]) -> Iterable[Delivery]:
    from django.db.models import OuterRef, Subquery

    from .models import Wish

    wished = Wish.objects.filter(person=OuterRef("person")).values("email")
    found = Delivery.objects.filter(pk__in=list(ids)).annotate(email=Subquery(wished))
    for each in found.select_related("notification__place", "person", "hook").order_by("created_at", "pk"):
        if each.person:
            each.person.wished_email = each.email
        yield each


def _send(delivery: Delivery, now: datetime) -> None:
    try:
        if delivery.hook_id:
            by_webhook(delivery, now)
        else:
            by_email(delivery)
    except Exception as why:  # whatever is wrong with one message, the others go out
        last = delivery.tries >= MOST_TRIES
        said = str(why) if isinstance(why, NotSent) else repr(why)
        Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING).update(
            state=DeliveryState.DEAD if last else DeliveryState.WAITING, last_error=said[:300],
            next_at=now + wait(delivery.tries),
        )  # fmt: skip
        return
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING).update(
        state=DeliveryState.SENT, sent_at=timezone.now(), last_error=""
    )


def wait(tries: int) -> timedelta:
    """How long to wait after so many tries: twice as long each time, an hour at most. Pure."""
    return min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
