"""When: an event's id begins with its time, so what was recorded since a moment is one index range."""

from datetime import datetime
from uuid import UUID

from yanji.ledger.api import CLOCK_SLACK


def first_id_at(moment: datetime) -> UUID:
    """The smallest event id of a moment: RFC 9562, section 5.7, 48 bits of milliseconds in front."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def first_id_since(moment: datetime) -> UUID:
    """From which id on to look for what happened since a moment: nothing is recorded before it happened, but for the slack
    that devices' clocks are given."""
    return first_id_at(moment - CLOCK_SLACK)
