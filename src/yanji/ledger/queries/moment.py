"""Two times in one question: as of a moment in the world, as the log knew it at a moment of its own."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """What had happened by ``as_of``, as known at ``as_known`` (None: as known now)."""

    as_of: datetime
    as_known: datetime | None = None

    def has(self, happened_at: datetime, recorded_at: datetime) -> bool:
        """Whether what happened and was recorded then belongs to this moment."""
        return happened_at <= self.as_of and (self.as_known is None or recorded_at <= self.as_known)


# On an event `e`, with `as_of` and `known` as parameters. What was known to be taken back by then never happened in the
# world, nor did the taking back.
IN_FORCE = """
e.happened_at <= %(as_of)s AND e.recorded_at <= coalesce(%(known)s::timestamptz, 'infinity') AND e.corrects_id IS NULL
AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id
                   AND k.recorded_at <= coalesce(%(known)s::timestamptz, 'infinity'))
"""
