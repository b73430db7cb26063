"""In which order open papers stand on the scan page: what somebody waits for most urgently, first."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

# A patient before a ward, a ward before a store, a store before the books; what goes back can wait; what a supplier brings waits
# at the dock, and the number on its papers opens it; to keep something for a paper is nobody's hurry. Whoever has only some of
# these acts has them in the same order.
TURNS = (
    ("case",),
    ("take_in", "issue", "confirm_lending", "arrive_set"),
    ("take", "discard"),
    ("ship", "arrive"),
    ("pick",),
    ("count",),
    ("give_back_lent", "confirm_settlement", "send_set", "hand_back_set", "send_back"),
    ("receive",),
    ("reserve", "unreserve"),
)
TURN = {name: turn for turn, names in enumerate(TURNS) for name in names}


def in_turn(papers: Mapping[tuple[str, str], Sequence[Any]]) -> list[tuple[str, str, Any]]:
    """Act, kind and paper of all of them: by turn, then by when they are due, what has no time last; the rest stays as it was
    read. An act that has no turn comes last. No statement."""
    found = [(flow, kind, paper) for (flow, kind), some in papers.items() for paper in some]
    return sorted(found, key=_urgency)


def _urgency(task: tuple[str, str, Any]) -> tuple[int, float]:
    flow, kind, paper = task
    due = _due(paper)
    return TURN.get(kind, TURN.get(flow, len(TURNS))), due.timestamp() if due else math.inf


def _due(paper: Any) -> datetime | None:
    """When a requisition or a transfer is needed, or what a supplier brings expected. Cases come in their turn already."""
    needed: datetime | None = getattr(paper, "needed_by", None)
    expected: date | None = getattr(paper, "expected_on", None)
    return timezone.make_aware(datetime.combine(expected, time.min)) if expected else needed
