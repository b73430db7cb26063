"""The illustrated life line: from a unit's passages to the stops that are behind it, where it is now, and what is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from yanji.ledger.api import Passage, Status, Step

from . import looks

State = Literal["done", "now", "todo"]


@dataclass(frozen=True, slots=True)
class Stop:
    """One dot of the line."""

    label: Any
    icon: str
    state: State
    tone: str = "ok"
    at: datetime | None = None
    where: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Milestone:
    label: Any
    icon: str
    steps: frozenset[str]


# The straight way from the supplier to the patient.
WAY: tuple[_Milestone, ...] = (
    _Milestone(_("Supplier"), "building-factory-2", frozenset({Step.ANNOUNCE})),
    _Milestone(_("Receipt and inspection"), "package-import", frozenset({Step.RECEIVE, Step.ACCEPT})),
    _Milestone(
        _("Store"),
        "building-warehouse",
        frozenset({Step.PUT_AWAY, Step.RESTOCK, Step.GIVE_BACK, Step.UNPICK}),
    ),
    _Milestone(_("Department"), "stethoscope", frozenset({Step.ISSUE, Step.TAKE_IN})),
    _Milestone(_("Set out for a case"), "bed", frozenset({Step.SET_OUT})),
    _Milestone(_("Use on a patient"), "heartbeat", frozenset({Step.USE})),
)
STORE, DEPARTMENT, SET_OUT = 2, 3, 4
_STAGE = {
    Status.EXPECTED: 0,
    Status.INSPECTING: 1,
    Status.RESERVED: STORE,
    Status.PICKED: STORE,
    Status.IN_TRANSIT: DEPARTMENT,
    Status.IN_USE: 4,
    Status.OPENED: 4,
    Status.USED: 5,
}
# Where the straight way ends early, the line ends with what happened instead.
OFF_THE_WAY = frozenset(
    {Status.RETURNED, Status.QUARANTINED, Status.RECALLED, Status.EXPIRED, Status.SCRAPPED, Status.LOST}
)


def in_force(passages: Sequence[Passage]) -> list[Passage]:
    """The passages that stand: neither taken back nor the taking back."""
    return [passage for passage in passages if passage.corrects is None and passage.corrected_by is None]


def stops(passages: Sequence[Passage], *, status: str, in_department: bool) -> list[Stop]:
    """The dots of the line for a unit of this status, lying in a department or not."""
    latest: dict[str, Passage] = {passage.step: passage for passage in in_force(passages)}
    reached = [_latest(latest, milestone) for milestone in WAY]
    if status in OFF_THE_WAY:
        return _left_the_way(passages, status, reached)
    stage = _STAGE.get(Status(status), DEPARTMENT if in_department else STORE)
    if stage == STORE and reached[STORE] is None:
        # Accepted at the dock and not yet put away: inspection is where it stands.
        stage = 1
    return [
        _stop(milestone, passage, "done" if number < stage else "now" if number == stage else "todo")
        for number, (milestone, passage) in enumerate(zip(WAY, reached, strict=True))
        # Not every unit is set out before it is used: what never happened is not behind it.
        if not (number < stage and passage is None and number == SET_OUT)
    ]


def _latest(latest: dict[str, Passage], milestone: _Milestone) -> Passage | None:
    return max(
        (latest[step] for step in milestone.steps if step in latest),
        key=lambda found: found.seq,
        default=None,
    )


def _stop(milestone: _Milestone, passage: Passage | None, state: State) -> Stop:
    if state == "todo" or passage is None:
        return Stop(milestone.label, milestone.icon, state)
    return Stop(milestone.label, milestone.icon, state, at=passage.happened_at, where=_where(passage))


def _where(passage: Passage) -> tuple[str, str] | None:
    """The place reached; virtual ones say no more than the dot's own label."""
    return (
        None
        if passage.to_place_kind in ("supplier", "patient", "transit", "scrap", "lost", "consumed")
        else passage.to_place
    )


def _left_the_way(passages: Sequence[Passage], status: str, reached: Sequence[Passage | None]) -> list[Stop]:
    passed = [
        _stop(milestone, passage, "done")
        for number, (milestone, passage) in enumerate(zip(WAY, reached, strict=True))
        if passage is not None or number == 0
    ]
    last = passages[-1] if passages else None
    look = looks.STATUSES[Status(status)]
    end = Stop(
        Status(status).label, look.icon, "now", look.tone,
        at=last.happened_at if last else None, where=_where(last) if last else None,
    )  # fmt: skip
    return [*passed, end]
