"""What to take for a requisition, line by line and in turn, and why the rest is skipped."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from yanji.ledger.api import Candidate, candidates_of

from .reserving.kept import numbers_of
from .turn import Asking, Barred, LotLeft, Policy, lots_seen


@dataclass(frozen=True, slots=True)
class PickLine:
    """One line of a pick list: what to take, in turn, and why the others are skipped."""

    line: Any
    candidates: list[Candidate]
    lots: list[LotLeft]
    skipped_lots: list[LotLeft]

    @property
    def proposed(self) -> list[Candidate]:
        """The units to take: as many as are open, in turn."""
        return [candidate for candidate in self.candidates if candidate.ok][: self.line.open_to_pick]


def pick_list(
    requisition: Asking, *, policy: Policy = "fefo", now: datetime | None = None, barred: Barred = ()
) -> list[PickLine]:
    """What to take for a requisition or a transfer. At most five statements, however many lines it has.

    ``barred``: what may not go where it is wanted, see :func:`.consign.coverage.barred`.
    """
    at, numbers = now or timezone.now(), numbers_of(requisition)
    today = timezone.localdate(at)
    lines = list(requisition.lines.select_related("item").order_by("id"))
    counted = {line.item_id for line in lines if line.item.tracking == "lot"}
    by_unit = {line.item_id for line in lines} - counted
    path = requisition.store.path
    fixed = {line.item_id: line.lot for line in lines if line.lot}
    units = candidates_of(
        by_unit,
        within_path=path,
        today=today,
        now=at,
        policy=policy,
        reserved_for=numbers,
        fixed=fixed,
        barred=barred,
    )
    lots = {
        item: [left for left in found if left.lot == fixed.get(item, left.lot)]
        for item, found in lots_seen(
            counted,
            path=path,
            today=today,
            policy=policy,
            barred=barred,
            reserved_for=numbers,
        ).items()
    }
    return [
        PickLine(
            line,
            units.get(line.item_id, []),
            [lot for lot in lots.get(line.item_id, []) if not lot.reason],
            [lot for lot in lots.get(line.item_id, []) if lot.reason],
        )
        for line in lines
    ]
