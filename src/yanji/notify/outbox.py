"""Messages that go out: taken up, sent at least once, tried again ever later, and kept where they could not be sent."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, When
from django.db.models.functions import Greatest
from django.utils import timezone

from .models import Delivery, DeliveryState, Severity, Wish
from .pushing import by_push
from .quiet import CLOCK, UNTIL
from .sending import NotSent, by_email, by_webhook

AT_ONCE = 5  # so few that even slow systems are done with before HELD is over
# Whoever takes a message up has so long; then it is anybody's again.
HELD = timedelta(minutes=5)
MOST_TRIES = 10
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)

# To people only what is still open and still theirs, at an address or in a browser that they still have, outside of their quiet
# hours; other systems that are still told hear all of it, in the order in which it became known. People first, and the urgent.
TAKE_UP = f"""
WITH over AS (
    UPDATE notify_delivery d SET state = 'dropped'
      FROM notify_notification n
     WHERE d.notification_id = n.id AND d.state = 'waiting'
       AND CASE WHEN d.hook_id IS NOT NULL
                THEN NOT EXISTS (SELECT FROM notify_hook h WHERE h.id = d.hook_id AND h.active)
                ELSE n.state <> 'open' OR n.times <> d.times
                  OR NOT EXISTS (SELECT FROM notify_told t WHERE t.notification_id = n.id AND t.person_id = d.person_id)
                  OR CASE d.channel
                     WHEN 'push' THEN NOT EXISTS (SELECT FROM notify_pushsubscription s WHERE s.person_id = d.person_id)
                     ELSE NOT EXISTS (SELECT FROM notify_wish w WHERE w.person_id = d.person_id AND w.email <> '') END END
    RETURNING d.id),
quiet AS (
    UPDATE notify_delivery d SET next_at = q.until
      FROM (SELECT k.id, {UNTIL} AS until
              FROM notify_delivery k
              JOIN notify_notification l ON l.id = k.notification_id
              JOIN notify_wish w ON w.person_id = k.person_id
             CROSS JOIN {CLOCK} c
             WHERE k.state = 'waiting' AND k.next_at <= %(now)s) q
     WHERE d.id = q.id AND q.until IS NOT NULL AND d.state = 'waiting' AND d.id NOT IN (SELECT id FROM over)
    RETURNING d.id)
UPDATE notify_delivery d SET tries = d.tries + 1, next_at = %(until)s
 WHERE d.id IN (
       SELECT w.id FROM notify_delivery w JOIN notify_notification n ON n.id = w.notification_id
        WHERE w.state = 'waiting' AND w.next_at <= %(now)s
          AND w.id NOT IN (SELECT id FROM over UNION ALL SELECT id FROM quiet)
          AND NOT EXISTS (SELECT FROM notify_delivery b
                           WHERE b.hook_id = w.hook_id AND b.notification_id = w.notification_id AND b.state = 'waiting'
                             AND (b.created_at, b.id) < (w.created_at, w.id))
        ORDER BY w.hook_id IS NOT NULL, n.severity <> 'urgent', w.channel = 'push', w.next_at, w.id LIMIT %(limit)s
          FOR UPDATE OF w SKIP LOCKED)
RETURNING d.id
"""


def send_due(now: datetime | None = None) -> int:
    """Send what is due, a few at a time; how many were taken up."""
    at = now or timezone.now()
    asked: dict[str, Any] = {
        "now": at,
        "until": at + HELD,
        "limit": AT_ONCE,
        "zone": timezone.get_current_timezone_name(),
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE_UP, asked)
        ids = [row[0] for row in cursor.fetchall()]
    found = list(_whole(ids))
    while found:
        delivery = found.pop(0)
        # Those before it may have taken long: what is signed and when it is tried again goes by its own time.
        moment = now or timezone.now()
        if not _send(delivery, moment) and delivery.hook_id:
            untried = [each.pk for each in found if each.hook_id == delivery.hook_id]
            found = [each for each in found if each.hook_id != delivery.hook_id]
            _put_off(delivery.hook_id, untried, moment + wait(delivery.tries))
    return len(ids)


def _whole(ids: Iterable[Any]) -> Iterable[Delivery]:
    """With all that a message is made of, in the order in which they are to go."""
    wished = Wish.objects.filter(person=OuterRef("person")).values("email")
    found = Delivery.objects.filter(pk__in=list(ids)).annotate(email=Subquery(wished))
    people = Case(When(hook=None, then=0), default=1)
    urgent = Case(When(notification__severity=Severity.URGENT, then=0), default=1)
    return found.select_related("notification__place", "person", "hook").order_by(
        people, urgent, "channel", "created_at", "pk"
    )


def _send(delivery: Delivery, now: datetime) -> bool:
    """Send one, and keep what became of it; whether anybody answered at the other end."""
    kept = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING)
    to: str = getattr(delivery, "email", None) or ""
    try:
        reached = True
        if delivery.hook_id:
            by_webhook(delivery, now)
        elif delivery.channel == "push":
            reached = by_push(delivery)
        elif to:
            by_email(delivery, to)
        else:
            reached = False
    except Exception as error:  # whatever is wrong with one message, the others go out
        why = error if isinstance(error, NotSent) else NotSent("broken", repr(error))
        last = delivery.tries >= MOST_TRIES
        kept.update(
            state=DeliveryState.DEAD if last else DeliveryState.WAITING, why=why.code, last_error=why.said,
            next_at=now + wait(delivery.tries),
        )  # fmt: skip
        return why.code not in {"no_answer", "slow"}
    if not reached:  # the address, or the browsers, were taken away since it was taken up
        kept.update(state=DeliveryState.DROPPED)
        return True
    kept.update(state=DeliveryState.SENT, sent_at=timezone.now(), why="", last_error="")
    return True


def _put_off(hook_id: int, untried: Collection[UUID], until: datetime) -> None:
    """A system that does not answer is not asked again for each of its messages: they wait as long as the one that failed. One
    statement; ``untried`` were taken up together with it."""
    others = Delivery.objects.filter(hook_id=hook_id, state=DeliveryState.WAITING)
    # Never below none: "Send again" may have set them back meanwhile.
    one_less = Greatest(F("tries") - 1, 0)
    given_back = Case(When(pk__in=untried, then=one_less), default=F("tries"), output_field=IntegerField())
    others.filter(Q(pk__in=untried) | Q(next_at__lt=until)).update(next_at=until, tries=given_back)


def wait(tries: int) -> timedelta:
    """How long to wait after so many tries: twice as long each time, an hour at most. Pure."""
    return min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
