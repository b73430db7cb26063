"""Looks what is open, tells whom the rules name, and escalates what nobody acknowledged: a fixed number of statements,
whatever the size of the house and the number of people."""

import json
import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import Error, connection

from yanji.access.actor import SYSTEM

from .kinds import KINDS, Kind
from .matters import asked
from .quiet import CLOCK, UNTIL

LOG = logging.getLogger("yanji.notify")
MAILED_WITHIN = 120  # minutes after it came up, or was escalated

# A hospital that has changed nothing: each role hears what its first page shows. Given once: what was ended stays ended.
DEFAULTS = """
INSERT INTO notify_rule (kind, role_id, channels, escalate_after, escalate_to_id, shipped, active, edited_by_id, edited_at)
SELECT g.kind, r.id, g.channels, CASE WHEN e.id IS NULL THEN NULL ELSE g.escalate_after END, e.id, g.shipped, true, s.id, %(now)s
  FROM jsonb_to_recordset(%(given)s::jsonb)
       AS g (kind text, role text, channels jsonb, escalate_after int, escalate_to text, shipped text)
  JOIN access_person s ON s.username = %(system)s
  LEFT JOIN access_role r ON r.code = g.role
  LEFT JOIN access_role e ON e.code = g.escalate_to
 WHERE (g.role IS NULL OR r.id IS NOT NULL) AND NOT EXISTS (SELECT FROM notify_rule k WHERE k.shipped = g.shipped)
ON CONFLICT DO NOTHING
"""

# What is found is opened, or kept; what is acknowledged is opened again where it grew; what is found no more is over.
RECONCILE = """
WITH found (matter, place_id, count, facts, role_id, not_for_id) AS MATERIALIZED ({found}),
put AS (
    INSERT INTO notify_notification AS n (kind, matter, place_id, count, facts, role_id, not_for_id, severity, state, times,
                                          opened_at, acknowledged_count, note)
    SELECT %(kind)s, f.matter, f.place_id, f.count, f.facts, f.role_id, f.not_for_id, %(severity)s, 'open', 1, %(now)s, 0, ''
      FROM found f ORDER BY f.matter
    ON CONFLICT (kind, matter) DO UPDATE
       SET place_id = excluded.place_id, count = excluded.count, facts = excluded.facts, role_id = excluded.role_id,
           not_for_id = excluded.not_for_id, severity = excluded.severity, state = {state}, times = n.times + {anew}::int,
           opened_at = CASE WHEN {anew} THEN excluded.opened_at ELSE n.opened_at END, closed_at = NULL,
           back_at = CASE WHEN {anew} THEN NULL WHEN n.state = 'closed' THEN %(now)s ELSE n.back_at END,
           acknowledged_by_id = CASE WHEN {anew} THEN NULL ELSE n.acknowledged_by_id END,
           acknowledged_at = CASE WHEN {anew} THEN NULL ELSE n.acknowledged_at END,
           note = CASE WHEN {anew} THEN '' ELSE n.note END,
           escalated_to_id = CASE WHEN {anew} THEN NULL ELSE n.escalated_to_id END,
           escalated_at = CASE WHEN {anew} THEN NULL ELSE n.escalated_at END
     WHERE n.state = 'closed' OR {stayed} OR (n.place_id, n.count, n.facts, n.role_id, n.not_for_id)
           IS DISTINCT FROM (excluded.place_id, excluded.count, excluded.facts, excluded.role_id, excluded.not_for_id)
    RETURNING n.opened_at = %(now)s AS opened),
over AS (
    UPDATE notify_notification n SET state = 'closed', closed_at = %(now)s
     WHERE n.kind = %(kind)s AND n.state <> 'closed' AND NOT EXISTS (SELECT FROM found f WHERE f.matter = n.matter)
    RETURNING n.id)
SELECT (SELECT count(*) FROM put WHERE opened), (SELECT count(*) FROM over)
"""
# What comes back soon after it was over, of a kind that flickers, is the same opening: as it was, told to nobody anew. But
# who acknowledged a flicker has not seen to what came back later and then stayed.
_SOON = "n.closed_at > %(now)s - make_interval(mins => %(joins)s)"
_STAYED = (
    "(n.state = 'acknowledged' AND n.back_at IS NOT NULL AND n.back_at > n.acknowledged_at"
    " AND n.back_at <= %(now)s - make_interval(mins => %(stays)s))"
)
_ANEW = (
    f"(n.state = 'closed' AND NOT {_SOON} OR {_STAYED}"
    " OR %(grows)s AND n.acknowledged_at IS NOT NULL AND excluded.count > n.acknowledged_count)"
)
_STATE = f"CASE WHEN {_ANEW} OR n.acknowledged_at IS NULL THEN 'open' ELSE 'acknowledged' END"

# The rules of the deepest place that has any for the kind hold alone (as those of approval do).
_RULED = """
live AS MATERIALIZED (
    SELECT n.id, n.kind, n.state, n.severity, n.times, n.opened_at, n.back_at, n.role_id, n.not_for_id, n.escalated_to_id,
           n.escalated_at, p.path
      FROM notify_notification n LEFT JOIN places_place p ON p.id = n.place_id WHERE n.state <> 'closed'),
ruled AS MATERIALIZED (
    SELECT l.id AS live_id, l.opened_at AS at, r.role_id, r.person_id, r.channels, r.escalate_after, r.escalate_to_id,
           rank() OVER (PARTITION BY l.id ORDER BY length(rp.path) DESC NULLS LAST) AS nth
      FROM live l
      JOIN notify_rule r ON r.kind = l.kind AND r.active
      LEFT JOIN places_place rp ON rp.id = r.place_id
     WHERE r.place_id IS NULL OR starts_with(l.path, rp.path))"""

ESCALATE = f"""
WITH {_RULED}, late AS (
    SELECT DISTINCT ON (l.id) l.id, r.escalate_to_id
      FROM live l JOIN ruled r ON r.live_id = l.id AND r.nth = 1
     WHERE l.state = 'open' AND l.escalated_to_id IS NULL
       AND greatest(l.opened_at, l.back_at) + make_interval(mins => r.escalate_after) <= %(now)s
     ORDER BY l.id, r.escalate_after, r.escalate_to_id)
UPDATE notify_notification n SET escalated_at = %(now)s, escalated_to_id = late.escalate_to_id
  FROM late WHERE n.id = late.id AND n.state = 'open'
"""

# Whom a rule names, and whom it was escalated to, as far as they may see the matter: they hold one of the operations of its
# kind there (of what concerns the whole house: anywhere), and the role whose turn it is. Nobody who acts for a supplier.
_AUDIENCE = f"""
{_RULED},
held AS MATERIALIZED (
    SELECT g.person_id, g.role_id, p.path, ro.operations
      FROM access_grant g
      JOIN access_person a ON a.id = g.person_id AND a.is_active AND a.supplier_id IS NULL
      JOIN access_role ro ON ro.id = g.role_id
      JOIN places_place p ON p.id = g.place_id
     WHERE coalesce(g.valid_from, '-infinity') <= %(today)s AND coalesce(g.valid_to, 'infinity') >= %(today)s),
named AS (
    SELECT r.live_id, r.at, r.role_id, r.person_id, r.channels FROM ruled r WHERE r.nth = 1
    UNION ALL
    SELECT l.id, l.escalated_at, l.escalated_to_id, NULL, '["email", "push"]'::jsonb
      FROM live l WHERE l.escalated_to_id IS NOT NULL),
audience AS MATERIALIZED (
    SELECT DISTINCT l.id AS live_id, m.at, h.person_id, m.channels
      FROM named m
      JOIN live l ON l.id = m.live_id
      JOIN held h ON (m.person_id IS NULL OR h.person_id = m.person_id) AND (m.role_id IS NULL OR h.role_id = m.role_id)
                 AND (l.path IS NULL OR starts_with(l.path, h.path))
     WHERE l.not_for_id IS DISTINCT FROM h.person_id
       AND EXISTS (SELECT FROM held o WHERE o.person_id = h.person_id
                    AND jsonb_exists_any(o.operations, ARRAY(SELECT jsonb_array_elements_text(%(needs)s::jsonb -> l.kind)))
                    AND (l.path IS NULL OR starts_with(l.path, o.path)))
       AND (l.role_id IS NULL OR EXISTS (
            SELECT FROM held o WHERE o.person_id = h.person_id AND o.role_id = l.role_id AND starts_with(l.path, o.path))))"""

# To whom messages go out besides, and when: who gave an address, or let a browser be notified; in quiet hours what is not
# urgent waits for their end. What came up before somebody did so, or long before they were to be told, stands in their list
# alone: nobody wants a hundred mails of what lapsed last year. What was dropped (no more theirs, or over for a moment) and is
# theirs again is sent after all.
TELL = f"""
WITH {_AUDIENCE},
posted AS (
    INSERT INTO notify_delivery AS d (id, notification_id, times, about, person_id, channel, state, tries, why, last_error,
                                      created_at, next_at)
    SELECT gen_random_uuid(), l.id, l.times, 'open', a.person_id, a.channel, 'waiting', 0, '', '', %(now)s,
           coalesce({UNTIL}, %(now)s)
      FROM (SELECT DISTINCT live_id, at, person_id, jsonb_array_elements_text(channels) AS channel FROM audience) a
      JOIN live l ON l.id = a.live_id AND l.state = 'open'
      LEFT JOIN notify_wish w ON w.person_id = a.person_id
     CROSS JOIN {CLOCK} c
     WHERE a.channel = ANY (%(channels)s)
       AND CASE a.channel WHEN 'email' THEN w.email <> '' AND w.since <= a.at
                ELSE EXISTS (SELECT FROM notify_pushsubscription s WHERE s.person_id = a.person_id AND s.since <= a.at) END
       AND (a.at > %(now)s - make_interval(mins => %(mailed_within)s) OR EXISTS (
            SELECT FROM notify_delivery b WHERE b.notification_id = l.id AND b.times = l.times AND b.person_id = a.person_id
               AND b.channel = a.channel AND b.state = 'dropped'))
     GROUP BY l.id, l.times, l.severity, a.person_id, a.channel, w.quiet_from, w.quiet_to, c.day, c.clock
    ON CONFLICT (notification_id, times, about, channel, person_id, hook_id) DO UPDATE
       SET state = 'waiting', tries = 0, why = '', last_error = '', next_at = excluded.next_at
     WHERE d.state = 'dropped'
    RETURNING 1),
no_more AS (
    DELETE FROM notify_told t USING live l
     WHERE t.notification_id = l.id
       AND NOT EXISTS (SELECT FROM audience a WHERE a.live_id = t.notification_id AND a.person_id = t.person_id)),
fresh AS (
    INSERT INTO notify_told (notification_id, person_id, told_at)
    SELECT DISTINCT live_id, person_id, %(now)s FROM audience ORDER BY person_id, live_id ON CONFLICT DO NOTHING RETURNING 1)
SELECT count(*) FROM fresh
"""

# Other systems hear of what opens, and of what became of that. What flickers is over for them when it stays away.
HOOKS = """
INSERT INTO notify_delivery (id, notification_id, times, about, hook_id, channel, state, tries, why, last_error, created_at,
                             next_at)
SELECT gen_random_uuid(), n.id, n.times, n.state, h.id, 'webhook', 'waiting', 0, '', '', %(now)s, %(now)s
  FROM notify_hook h
  LEFT JOIN places_place hp ON hp.id = h.place_id
  JOIN notify_notification n ON n.state <> 'closed' OR n.closed_at > %(now)s - interval '1 day'
       AND n.closed_at <= %(now)s - make_interval(mins => coalesce((%(joins)s::jsonb ->> n.kind)::int, 0))
  LEFT JOIN places_place p ON p.id = n.place_id
 WHERE h.active AND (h.place_id IS NULL OR starts_with(p.path, hp.path))
   AND (h.kinds = '[]'::jsonb OR jsonb_exists(h.kinds, n.kind))
   AND (n.state = 'open' OR EXISTS (
        SELECT FROM notify_delivery d WHERE d.notification_id = n.id AND d.times = n.times AND d.hook_id = h.id
           AND d.about = 'open' AND d.state <> 'dropped'))
ON CONFLICT DO NOTHING
"""


def look(now: datetime, kinds: Collection[str] = tuple(KINDS)) -> None:
    """Look at these kinds of matters, then tell and escalate. One statement a kind, and four."""
    common = asked(now)
    _run(DEFAULTS, now=now, given=json.dumps(list(_given())), system=SYSTEM)
    for code in kinds:
        try:
            reconcile(code, KINDS[code], common)
        except Error:
            # A kind that cannot be looked at must not silence the others: nobody would hear of a recall.
            LOG.exception("matters of the kind %s cannot be looked at", code)
    _run(ESCALATE, now=now)
    _run(
        TELL, now=now, today=common["today"], zone=common["zone"], needs=needs(), mailed_within=MAILED_WITHIN,
        channels=["email", "push"] if settings.EMAIL_HOST else ["push"],
    )  # fmt: skip
    _run(HOOKS, now=now, joins=json.dumps({code: kind.joins for code, kind in KINDS.items() if kind.joins}))


def reconcile(code: str, kind: Kind, common: dict[str, Any]) -> None:
    """Bring the notifications of one kind up to date with what is open. One statement."""
    sql = RECONCILE.format(found=kind.sql, anew=_ANEW, stayed=_STAYED, state=_STATE)
    _run(
        sql, **common, kind=code, severity=kind.severity.value, grows=kind.grows, joins=kind.joins, stays=kind.stays
    )  # fmt: skip


def needs() -> str:
    """Kind -> the operations of which one lets a person hear of it; a kind that is no more is heard of by nobody."""
    return json.dumps({code: list(kind.needs) for code, kind in KINDS.items()})


def _given() -> Any:
    for code, kind in KINDS.items():
        after, to = kind.escalates or (None, None)
        for role in kind.tells or (None,):
            yield {
                "kind": code, "role": role, "channels": kind.channels, "escalate_after": after, "escalate_to": to,
                "shipped": f"{code}:{role or 'all'}",
            }  # fmt: skip


def _run(sql: str, **params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


__all__ = ["look", "needs", "reconcile"]
