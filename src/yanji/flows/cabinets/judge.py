"""What is inside against what should be, and who may have taken or brought it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yanji.access.actor import Actor, actor_for
from yanji.access.models import Person
from yanji.ledger.api import Offence, Status, UnitView, unit_views
from yanji.ledger.models import Unit
from yanji.places.models import Kind, Place
from yanji.places.queries import ids_of

from ..landing import kept_in, shelves_of
from ..scanning import Meaning

# What lies in a cabinet and is gone was taken. What is picked waits for its handing-over and may leave at any time.
INSIDE = (
    Status.AVAILABLE, Status.RESERVED, Status.INSPECTING, Status.RETURNED, Status.QUARANTINED, Status.RECALLED,
    Status.EXPIRED,
)  # fmt: skip
LOT_TAG = "cabinet_lot_tag"
OWNERS_OF_SHELVES = (Kind.STORE, Kind.DEPARTMENT)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the antennas saw against the records: gone, and here although it is recorded elsewhere; tags of no unit, each with
    what it means."""

    gone: list[UnitView]
    brought: list[UnitView]
    unknown: Mapping[str, Meaning]


def compare(cabinet: Place, recorded: Sequence[UnitView], meanings: Iterable[Meaning]) -> Seen:
    """The difference. A tag that is read twice is one; what is picked and lies here still was not brought. Pure."""
    units: dict[str, UnitView] = {}
    unknown: dict[str, Meaning] = {}
    for meaning in meanings:
        if meaning.unit:
            units[meaning.unit.epc] = meaning.unit
        elif meaning.scan.strip():
            unknown[meaning.scan.strip()[:160]] = meaning
    inside = {unit.epc for unit in recorded}
    return Seen(
        gone=[unit for unit in recorded if unit.epc not in units],
        brought=[
            unit for epc, unit in sorted(units.items()) if epc not in inside and not _waits_in(cabinet, unit)
        ],
        unknown=unknown,
    )


def strange(tag: str, meaning: Meaning) -> Offence:
    """Why a tag of no unit cannot be entered: it is of a lot whose pieces are counted, or of nothing known. Pure."""
    if meaning.item and meaning.item.tracking == "lot":
        return Offence(LOT_TAG, tag, {"item": meaning.item.name_zh, "lot": meaning.lot or "–"})
    return Offence("cabinet_unknown_tag", tag)


def _waits_in(cabinet: Place, unit: UnitView) -> bool:
    """Whether a unit is picked and lies in the cabinet until it is handed over. Pure."""
    return unit.status == Status.PICKED and unit.place_path.startswith(cabinet.path)


def recorded_in(cabinet: Place) -> list[UnitView]:
    """Units that should lie in a cabinet. Two statements."""
    found = Unit.objects.filter(place__path__startswith=cabinet.path, status__in=INSIDE).order_by("pk")
    epcs = list(found.values_list("epc", flat=True))
    views = unit_views(epcs)
    return [views[epc] for epc in epcs]


@dataclass(frozen=True, slots=True)
class Taker:
    """Who opened the door: the person, what they may do, and the places of their department to keep things in."""

    person: Person
    actor: Actor
    shelves: Sequence[Place]

    @property
    def department(self) -> Place | None:
        return self.person.department

    def shelf_for(self, temperature_class: str) -> Place | None:
        """Where in the department a thing is kept: the department itself, else the first place that suits."""
        return kept_in(self.shelves, temperature_class)


def taker_of(person: Person, *, today: date, device: str) -> Taker:
    """Two statements."""
    actor = actor_for(person, today=today, device=device)
    return Taker(person, actor, shelves_of(person.department) if person.department else [])


class Areas:
    """Whose shelves places are: the store or the department they belong to. One statement."""

    def __init__(self, paths: Iterable[str]) -> None:
        ids = {key for path in paths for key in ids_of(path)}
        found = Place.objects.filter(pk__in=ids, kind__in=OWNERS_OF_SHELVES)
        self._by_id: Mapping[int, Place] = {each.pk: each for each in found}

    def of(self, path: str) -> Place | None:
        """The nearest store or department above a place."""
        return next((self._by_id[key] for key in reversed(ids_of(path)) if key in self._by_id), None)


def may_take(taker: Taker | None, area: Place | None, unit: UnitView) -> Offence | None:
    """Why a thing that is gone cannot be entered for whoever opened the door; None where it can. Pure."""
    if taker is None:
        return Offence("cabinet_nobody", unit.epc)
    if taker.department is None:
        return Offence("cabinet_no_department", unit.epc, {"person": taker.person.name})
    own = area is not None and area.pk == taker.department.pk
    if not taker.actor.may("use" if own else "take_in", taker.department.path):
        facts = {"person": taker.person.name, "department": taker.department.name}
        return Offence("cabinet_not_allowed", unit.epc, facts)
    if not own and taker.shelf_for(unit.item_temperature_class) is None:
        return Offence("cabinet_no_place", unit.epc, {"department": taker.department.name})
    return None


def way_in(cabinet_area: Place | None, area: Place | None, status: str) -> str:
    """How a thing that lies in the cabinet came to it: ``back`` (it was set out), ``moved``, ``returned``; empty: none of
    these, and nothing is entered. Pure.

    A store takes back what a department has; a department's cabinet takes what is the department's own.
    """
    if cabinet_area is None or area is None:
        return ""
    if area.pk == cabinet_area.pk:
        return {Status.IN_USE: "back", Status.AVAILABLE: "moved"}.get(Status(status), "")
    if cabinet_area.kind == Kind.STORE and area.kind == Kind.DEPARTMENT:
        return "returned" if status in (Status.AVAILABLE, Status.IN_USE) else ""
    return ""
