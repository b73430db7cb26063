"""What was told long ago is removed: messages that went out, and matters that are over."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

BATCH = 2_000

# Messages of what is open stay, however old: they say that it was told. Of an earlier opening they say nothing any more.
FORGET = """
WITH old AS MATERIALIZED (
    SELECT n.id FROM notify_notification n WHERE n.state = 'closed' AND n.closed_at < %(before)s
     ORDER BY n.closed_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED),
messages AS (
    DELETE FROM notify_delivery d WHERE d.id IN (
        SELECT m.id FROM notify_delivery m JOIN old ON old.id = m.notification_id
        UNION ALL
        (SELECT m.id FROM notify_delivery m JOIN notify_notification n ON n.id = m.notification_id AND n.times > m.times
          WHERE m.created_at < %(before)s AND m.state <> 'waiting' LIMIT %(limit)s))
    RETURNING 1),
people AS (DELETE FROM notify_told t USING old WHERE t.notification_id = old.id RETURNING 1),
matters AS (DELETE FROM notify_notification n USING old WHERE n.id = old.id RETURNING 1)
SELECT (SELECT count(*) FROM matters), (SELECT count(*) FROM messages), (SELECT count(*) FROM people)
"""


def forget(now: datetime) -> bool:
    """Remove a batch of what is older than ``YANJI_NOTIFICATION_DAYS``; whether there may be more. One statement."""
    before = now - timedelta(days=settings.YANJI_NOTIFICATION_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"before": before, "limit": BATCH})
        matters, messages, _people = cursor.fetchone()
    return max(matters, messages) >= BATCH
