"""The committed log and its readers: gapless positions in commit order, durable cursors, at least once.

An act takes its place in the queue (``Pending``) after it has its locks; a reader gives positions to what it can see
committed. An act that depends on another is queued after it and seen no earlier, so the order of positions never
contradicts the order of commits - and posting waits in no common line.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .wire import durable, fetch

# One sequencer at a time: positions are gapless only if nobody else counts.
SEQUENCER_LOCK = 0x59616E6A69

SEQUENCE = """
WITH taken AS (DELETE FROM ledger_pending RETURNING ordinal, event_id)
INSERT INTO ledger_log (position, event_id)
SELECT (SELECT coalesce(max(position), 0) FROM ledger_log) + row_number() OVER (ORDER BY ordinal), event_id FROM taken
RETURNING position
"""
END = """
SELECT EXISTS (SELECT 1 FROM ledger_pending), coalesce((SELECT max(position) FROM ledger_log), 0)
"""
ENTRIES = """
SELECT l.position, e.id, e.step, e.happened_at, e.recorded_at, e.actor_id, e.documents
  FROM ledger_log l JOIN ledger_event e ON e.id = l.event_id
 WHERE l.position > %s ORDER BY l.position LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event at its position in the log."""

    position: int
    event_id: str
    step: str
    happened_at: datetime
    recorded_at: datetime
    actor_id: int
    documents: dict[str, Any]


@durable
def sequence() -> int:
    """Give positions to all events committed so far; how many got one."""
    fetch("SELECT pg_advisory_xact_lock(%s)", (SEQUENCER_LOCK,))
    return len(fetch(SEQUENCE))


def log_position() -> int:
    """The last position given so far: whoever reads now and follows the log from there misses nothing. One statement."""
    [(_, last)] = fetch(END)
    return int(last)


def log_end() -> int:
    """The last position of the log, once all that is committed has one. One statement, without locks, where all has."""
    [(waiting, last)] = fetch(END)
    if waiting:
        sequence()
        [(_, last)] = fetch(END)
    return int(last)


def entries(after: int = 0, limit: int = 500) -> list[Entry]:
    """The log after a position, oldest first: what a stream resumes from."""
    return [Entry(position, str(event), *rest) for position, event, *rest in fetch(ENTRIES, (after, limit))]


@durable
def follow(name: str, handle: Callable[[Sequence[Entry]], None], *, limit: int = 500) -> int:
    """Hand the next entries to a named reader and move its cursor, in one transaction; how many there were.

    What ``handle`` writes to the database happens exactly once; what it does outside, at least once: it must be
    idempotent. A handler that raises leaves the cursor where it was. Two processes with one name take turns.
    """
    sequence()
    fetch(
        "INSERT INTO ledger_reader (name, position) VALUES (%s, 0) ON CONFLICT DO NOTHING RETURNING 1",
        (name,),
    )
    [(position,)] = fetch("SELECT position FROM ledger_reader WHERE name = %s FOR UPDATE", (name,))
    found = entries(position, limit)
    if found:
        handle(found)
        fetch(
            "UPDATE ledger_reader SET position = %s WHERE name = %s RETURNING 1", (found[-1].position, name)
        )
    return len(found)
