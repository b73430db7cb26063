"""What a reader may see of a thing, judged once for pages and programs. Hidden and absent answer alike: NotFound."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.ledger.api import LotTrace, Passage, Step, UnitView, been_at, places_of_use, virtual_places

# Stands where a token or a case is, for who may not see it.
HIDDEN = "••••••"
# The documents of an act that point to a patient.
OF_A_PATIENT = frozenset({"case", "patient", "procedure", "operator"})


def check_seen(actor: Actor, paths: Iterable[str]) -> None:
    """Let through who may see any of the places a thing has been to; raises NotFound for all others.

    What has touched no place of the house yet (announced, not received) is seen by whoever may see anything.
    """
    inside = [path for path in paths if not is_virtual(path)]
    if not (any(actor.may(Operation.VIEW, path) for path in inside) if inside else actor.may(Operation.VIEW)):
        raise NotFound("thing")


def is_virtual(path: str) -> bool:
    """Whether a path is one of the places beyond the door (supplier, patient, transit, scrap, lost, used up)."""
    found = virtual_places()
    ids = (found.supplier, found.patient, found.transit, found.scrap, found.lost, found.consumed)
    return path in {f"/{key}/" for key in ids}


def may_see_place(actor: Actor, path: str) -> bool:
    """What lies there, or passed there. Beyond the door: whoever may look anywhere."""
    return actor.may(Operation.VIEW) if is_virtual(path) else actor.may(Operation.VIEW, path)


def may_see_passing(actor: Actor, from_path: str, to_path: str) -> bool:
    """What passed between two places is known at both ends; the places beyond the door know nothing."""
    inside = [path for path in (from_path, to_path) if not is_virtual(path)]
    return any(actor.may(Operation.VIEW, path) for path in inside)


def may_see_patient(actor: Actor, paths: Iterable[str]) -> bool:
    """Whether tokens and cases are shown in clear: the operation is held where the thing was handled."""
    return any(actor.may(Operation.VIEW_PATIENT, path) for path in paths)


def paths_of(passages: Sequence[Passage]) -> list[str]:
    return [passage.to_place_path for passage in passages]


def patients_along(actor: Actor, passages: Sequence[Passage]) -> list[bool]:
    """For each passage of a life line, in order, whether the reader may see patients where it happened."""
    seen, path = [], ""
    for passage in passages:
        # A step out of the house happened at the place that it left.
        path = path if is_virtual(passage.to_place_path) else passage.to_place_path
        seen.append(actor.may(Operation.VIEW_PATIENT, path))
    return seen


def sees_use(actor: Actor, passages: Sequence[Passage]) -> bool:
    """Whether the reader may see on whom a unit was used: judged by where the last use happened."""
    seen = zip(passages, patients_along(actor, passages), strict=True)
    return next((sees for passage, sees in reversed(list(seen)) if passage.step == Step.USE), False)


def with_patients(actor: Actor, units: Sequence[UnitView], *, instead: str = "") -> list[UnitView]:
    """The units as the reader may know them: the patient only to who may see patients where the unit was used, else
    ``instead``. One statement, and none where nobody can see any."""
    used = [unit.epc for unit in units if unit.patient_token]
    places = places_of_use(used) if used and actor.may(Operation.VIEW_PATIENT) else {}
    clear = {epc for epc, path in places.items() if actor.may(Operation.VIEW_PATIENT, path)}
    return [
        unit
        if not unit.patient_token or unit.epc in clear
        else replace(unit, patient_token=instead, case_number=instead)
        for unit in units
    ]


def _in_sight(actor: Actor, units: Sequence[UnitView]) -> list[UnitView]:
    """The units whose pages the reader may open: those that lie in sight, and what went beyond the door from there."""
    beyond = [unit.id for unit in units if is_virtual(unit.place_path)]
    known = been_at(beyond, actor.scopes.get(Operation.VIEW, ())) if beyond else set()
    return [unit for unit in units if unit.id in known or actor.may(Operation.VIEW, unit.place_path)]


def traced(actor: Actor, trace: LotTrace) -> LotTrace:
    """The part of a lot's way that the reader may see: what lies or passed at places in sight, and the patients of the
    places that look after them. Which suppliers delivered the lot is known to everybody who may see any of it.

    Raises NotFound for who sees none of the places where it lies or was used; a lot that has left the house altogether
    is traced by whoever may look anywhere.
    """
    touched = {each.place_path for each in (*trace.holdings, *trace.departments)}
    gone = all(is_virtual(holding.place_path) for holding in trace.holdings)
    if not (gone and actor.may(Operation.VIEW)):
        check_seen(actor, touched)
    return replace(
        trace,
        units=_in_sight(actor, trace.units),
        holdings=[each for each in trace.holdings if may_see_place(actor, each.place_path)],
        departments=[each for each in trace.departments if may_see_place(actor, each.place_path)],
        flows=[flow for flow in trace.flows if may_see_passing(actor, flow.from_path, flow.to_path)],
        patients=[each for each in trace.patients if actor.may(Operation.VIEW_PATIENT, each.used_at)],
    )
