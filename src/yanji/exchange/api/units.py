"""How units are shown, and to whom."""

from collections.abc import Sequence
from dataclasses import asdict

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.flows.reserving.queries import told
from yanji.flows.scanning import may_see
from yanji.insight.sight import with_patients
from yanji.ledger.api import UnitView, unit_view

from .shapes import UnitOut


def seen_unit(epc: str, who: Actor) -> UnitView:
    """One unit, if the actor may see it; raises :class:`NotFound` otherwise."""
    unit = unit_view(epc)
    if unit is None or not may_see(who, unit.place_kind, unit.place_path):
        raise NotFound("unit")
    return unit


def unit_out(unit: UnitView, who: Actor) -> UnitOut:
    """A unit as the interface shows it: the patient only to who may see patients where it was used."""
    return units_out([unit], who)[0]


def units_out(units: Sequence[UnitView], who: Actor) -> list[UnitOut]:
    """:func:`unit_out` for many, in two statements at most."""
    kept_for = told(who, [unit.reserved_for for unit in units])
    return [
        UnitOut(
            **{name: value for name, value in asdict(unit).items() if name in UnitOut.model_fields}
            | {"reserved_for": number}
        )
        for unit, number in zip(with_patients(who, units), kept_for, strict=True)
    ]
