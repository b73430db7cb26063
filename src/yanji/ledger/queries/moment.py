"""Two times in one question: as of a moment in the world, as the log knew it at a moment of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..lifecycle import LIFECYCLE, SAID


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


def _listed(steps: Iterable[str]) -> str:
    return ", ".join(f"'{step}'" for step in sorted(steps))


# On a movement `m` and its event `e`: whoever made it had the thing in hand. Not so who only said something of it - but for who
# carried it elsewhere by that - nor who took an entry back, nor whose entry was taken back.
IN_HAND = f"""
(e.step NOT IN ({_listed(SAID)})
 OR (m.from_place_id <> m.to_place_id AND e.step IN ({_listed(step for step in SAID if LIFECYCLE[step].may_stay)})))
AND e.corrects_id IS NULL AND NOT EXISTS (SELECT 1 FROM ledger_event back WHERE back.corrects_id = e.id)
"""
