"""The illustrated life line: from a unit's passages to the stops that are behind it, where it is now, and what is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from yanji.flows.models import PurchaseOrder
from yanji.ledger.api import Name, Passage, Status, Step, UnitView
from yanji.places import temperature
from yanji.places.models import VIRTUAL, Kind

from . import looks
from .templatetags.yanji import document, named

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
    kept: Any = ""  # at which temperature the place reached keeps things
    entry: Passage | None = None  # which entry of the log brought it there
    people: str = ""
    papers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Milestone:
    label: Any
    icon: str
    steps: frozenset[str]


# The straight way from the supplier to the patient.
WAY: tuple[_Milestone, ...] = (
    _Milestone(_("Supplier"), "building-factory-2", frozenset()),
    _Milestone(_("On the road"), "truck-delivery", frozenset({Step.ANNOUNCE})),
    _Milestone(_("Receipt and inspection"), "package-import", frozenset({Step.RECEIVE, Step.ACCEPT})),
    _Milestone(
        _("Store"),
        "building-warehouse",
        frozenset({Step.PUT_AWAY, Step.RESTOCK, Step.GIVE_BACK, Step.UNPICK, Step.ARRIVE}),
    ),
    _Milestone(_("Department"), "stethoscope", frozenset({Step.ISSUE, Step.TAKE_IN, Step.LEND})),
    _Milestone(_("Set out for a case"), "bed", frozenset({Step.SET_OUT})),
    _Milestone(_("Use on a patient"), "heartbeat", frozenset({Step.USE})),
)
ROAD, DOCK, STORE, DEPARTMENT, SET_OUT, PATIENT = range(1, 7)
_STAGE = {
    Status.EXPECTED: ROAD,
    Status.INSPECTING: DOCK,
    Status.RESERVED: STORE,
    Status.PICKED: STORE,
    Status.IN_TRANSIT: DEPARTMENT,
    Status.IN_USE: SET_OUT,
    Status.OPENED: SET_OUT,
    Status.USED: PATIENT,
}
# What a store does with a thing that lies on its shelf, and where such a shelf is.
AT_ITS_SHELF = frozenset({Step.RESERVE, Step.UNRESERVE, Step.PICK})
SHELVES = frozenset({Kind.BIN, Kind.CABINET})
# Papers that a dot does not name: the patient and what was done stand in the list below.
UNTOLD = frozenset({"corrects", "patient", "procedure", "operator"})
# Where the straight way ends early, the line ends with what happened instead.
OFF_THE_WAY = frozenset(
    {Status.RETURNED, Status.QUARANTINED, Status.RECALLED, Status.EXPIRED, Status.SCRAPPED, Status.LOST}
)


def in_force(passages: Sequence[Passage]) -> list[Passage]:
    """The passages that stand: neither taken back nor the taking back."""
    return [passage for passage in passages if passage.corrects is None and passage.corrected_by is None]


def stops(
    passages: Sequence[Passage], *, status: str, in_department: bool, supplier: Name | None = None
) -> list[Stop]:
    """The dots of the line for a unit of this status, lying in a department or not, from its supplier on."""
    first, *others = _from_the_supplier_on(passages, status, in_department=in_department)
    return [replace(first, where=supplier), *others]


def _from_the_supplier_on(passages: Sequence[Passage], status: str, *, in_department: bool) -> list[Stop]:
    standing = in_force(passages)
    latest: dict[str, Passage] = {passage.step: passage for passage in standing}
    reached = [_latest(latest, milestone) for milestone in WAY]
    reached[STORE] = reached[STORE] or _lay_in_store(standing, in_department=in_department)
    if status in OFF_THE_WAY:
        return _left_the_way(passages, status, reached)
    stage = _STAGE.get(Status(status), DEPARTMENT if in_department else STORE)
    if stage == STORE and reached[STORE] is None:
        # Accepted at the dock and not yet put away: inspection is where it stands.
        stage = DOCK
    return [
        _stop(milestone, passage, "done" if number < stage else "now" if number == stage else "todo")
        for number, (milestone, passage) in enumerate(zip(WAY, reached, strict=True))
        # Not every unit is announced, lay in a store or is set out before it is used: what never happened is not behind it.
        if not (0 < number < stage and passage is None)
    ]


def _lay_in_store(standing: Sequence[Passage], *, in_department: bool) -> Passage | None:
    """What was received at its very shelf is never put away: the entry since which it lay where the store took it from, or
    where it lies on a shelf now."""
    taken = [number for number, passage in enumerate(standing) if passage.step in AT_ITS_SHELF]
    if not taken and standing and standing[-1].to_place_kind in SHELVES and not in_department:
        taken = [len(standing) - 1]
    if not taken:
        return None
    since = taken[-1]
    place = standing[since].to_place_id
    while since and standing[since - 1].to_place_id == place and standing[since - 1].step != Step.RECEIVE:
        since -= 1
    return standing[since]


def _latest(latest: dict[str, Passage], milestone: _Milestone) -> Passage | None:
    return max(
        (latest[step] for step in milestone.steps if step in latest),
        key=lambda found: found.seq,
        default=None,
    )


def _stop(milestone: _Milestone, passage: Passage | None, state: State) -> Stop:
    if state == "todo" or passage is None:
        return Stop(milestone.label, milestone.icon, state)
    where = _where(passage)
    kept = (
        temperature.CLASSES[passage.temperature_class].name
        if where and passage.temperature_class != "any"
        else ""
    )
    return Stop(
        milestone.label, milestone.icon, state, at=passage.happened_at, where=where, kept=kept, entry=passage
    )


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
        at=last.happened_at if last else None, where=_where(last) if last else None, entry=last,
    )  # fmt: skip
    return [*passed, end]


def ordered(order: PurchaseOrder | None) -> list[Stop]:
    """The dot before all others: when it was ordered, by whom, on which paper. Nothing where no order of ours is known."""
    if order is None:
        return []
    who, papers = order.actor.name, [order.number]
    return [Stop(_("Ordered"), "clipboard-list", "done", at=order.placed_at, people=who, papers=papers)]


def signed(stop: Stop, sees: Mapping[str, bool]) -> Stop:
    """A dot with who did it, by which device, and on which papers; ``sees``: entry -> whether patients are shown there."""
    entry = stop.entry
    if entry is None:
        return stop
    people = " → ".join(named(each) for each in (entry.actor, entry.taken_by) if each)
    papers = [
        document(kind, number, sees[entry.event_id])
        for kind, number in entry.documents.items()
        if kind not in UNTOLD
    ]
    return replace(stop, people=" · ".join(filter(None, (people, entry.device))), papers=papers)


@dataclass(frozen=True, slots=True)
class Kept:
    """At which temperature a thing must be kept, and at which its place keeps things; ``suits``: whether that is right."""

    item: Any
    place: Any = ""
    suits: bool = True


def kept_at(unit: UnitView) -> Kept:
    """Of a thing that lies in no place of the house, only what it needs."""
    needs, has = temperature.CLASSES[unit.item_temperature_class], temperature.CLASSES[unit.temperature_class]
    return Kept(needs.name) if unit.place_kind in VIRTUAL else Kept(needs.name, has.name, has.suits(needs))


def owners(passages: Sequence[Passage]) -> list[tuple[Name | None, datetime]]:
    """Whose it was one after another, and since when; None: the hospital's. What was only announced is not the hospital's
    yet, and what went back to its supplier no more."""
    found: list[tuple[Name | None, datetime]] = []
    for passage in in_force(passages):
        owner = passage.to_owner
        if owner is None and passage.to_place_kind == Kind.SUPPLIER:
            if not found:
                continue
            owner = passage.to_place
        if not found or found[-1][0] != owner:
            found.append((owner, passage.happened_at))
    return found


def measured(passage: Passage) -> str:
    """The lowest and highest temperature that the entry gives, in degrees Celsius; nothing where it gives none."""
    kept = passage.sensor or {}
    if "celsius_min" not in kept:
        return ""
    low, high = (Decimal(kept[end]).normalize().__format__("f") for end in ("celsius_min", "celsius_max"))
    return _now("%(low)s to %(high)s °C measured") % {"low": low, "high": high}


def owned(passage: Passage) -> str:
    """Whose it was and whose it is, where that changed; what a new thing came as is no change."""
    if passage.from_status is None or passage.from_owner == passage.to_owner:
        return ""
    before, after = (named(owner) or _now("The hospital") for owner in (passage.from_owner, passage.to_owner))
    return _now("Owner: %(before)s → %(after)s") % {"before": before, "after": after}


def facts(passage: Passage) -> list[str]:
    """What the entry says besides who, where and why."""
    return [fact for fact in (measured(passage), owned(passage)) if fact]
