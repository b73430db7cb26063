"""What one act writes: the changes that the rules make of a draft, before anything of it is in the database."""

from dataclasses import dataclass, field
from decimal import Decimal

from .draft import NewQuantity, NewUnit
from .lifecycle import Status
from .refused import Offence


@dataclass(frozen=True, slots=True)
class Change:
    """One thing's movement. ``unit_id`` and ``seq`` are None for quantities, ``lot_id`` where the lot may be new."""

    line: int
    from_place_id: int
    to_place_id: int
    from_status: Status | None
    to_status: Status
    from_owner_id: int | None
    to_owner_id: int | None
    custodian_id: int | None  # who has it in hand afterwards
    value: Decimal
    unit_id: int | None = None
    seq: int | None = None
    lot_id: int | None = None
    quantity: Decimal = Decimal(1)
    new: NewUnit | NewQuantity | None = None
    from_lot_id: int | None = None  # where the lot itself changes: the one recorded before
    passed_over: tuple[Offence, ...] = ()


@dataclass(slots=True)
class Plan:
    """What to write for one draft: changes of known units, of units whose label says another lot than was recorded, of
    new units, of quantities; and what spoke against it and was owned up to."""

    units: list[Change] = field(default_factory=list)
    relabelled: list[Change] = field(default_factory=list)
    new_units: list[Change] = field(default_factory=list)
    quantities: list[Change] = field(default_factory=list)
    passed_over: list[Offence] = field(default_factory=list)

    def add(self, change: Change) -> None:
        self.passed_over.extend(change.passed_over)
        if change.from_lot_id is not None:
            self.relabelled.append(change)
        elif change.unit_id is not None:
            self.units.append(change)
        elif isinstance(change.new, NewUnit):
            self.new_units.append(change)
        else:
            self.quantities.append(change)
