"""The hours in which a person is sent nothing that is not urgent, by the hospital's clock: judged when a message is written, and
again when it is about to go.

Parts of statements. ``l``: the notification, ``w``: the wish, ``c``: :data:`CLOCK`; parameters ``now`` and ``zone``.
"""

CLOCK = (
    "(SELECT (%(now)s AT TIME ZONE %(zone)s)::date AS day, (%(now)s AT TIME ZONE %(zone)s)::time AS clock)"
)

# When the quiet hours end in which it would be sent; NULL where it may go at once.
UNTIL = """
    CASE WHEN l.severity <> 'urgent' AND w.quiet_from IS NOT NULL AND (
              CASE WHEN w.quiet_from < w.quiet_to THEN c.clock >= w.quiet_from AND c.clock < w.quiet_to
                   ELSE c.clock >= w.quiet_from OR c.clock < w.quiet_to END)
         THEN (c.day + w.quiet_to + CASE WHEN c.clock >= w.quiet_to THEN interval '1 day' ELSE interval '0' END)
              AT TIME ZONE %(zone)s END"""
