"""The current state that rules look at, as ``ledger_read`` returns it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .lifecycle import Status


@dataclass(frozen=True, slots=True)
class UnitState:
    """One unit as it is now."""

    epc: str
    id: int
    item_id: int
    lot_id: int
    status: Status
    place_id: int
    seq: int
    owner_id: int | None
    cost: Decimal
    supplier_id: int | None
    reserved_for: str
    reserved_until: datetime | None
    lot: str
    expiry: date | None
    recall: str
    recalled_at: datetime | None
    received_at: datetime | None
    custodian_id: int | None
    place_path: str
    place_kind: str
    temperature_class: str


@dataclass(frozen=True, slots=True)
class HoldingState:
    """How much of a lot lies somewhere, locked."""

    lot_id: int
    place_id: int
    status: Status
    owner_id: int | None
    quantity: Decimal
    value: Decimal
    item_id: int
    lot: str
    expiry: date | None
    recall: str
    recalled_at: datetime | None
    place_path: str
    place_kind: str
    temperature_class: str


@dataclass(frozen=True, slots=True)
class PlaceState:
    """A place that a line names."""

    id: int
    path: str
    kind: str
    temperature_class: str
    active: bool


@dataclass(frozen=True, slots=True)
class ItemState:
    """An item that a new thing belongs to."""

    id: int
    temperature_class: str
    tracking: str


@dataclass(frozen=True, slots=True)
class State:
    """All that one draft touches, or several; ``priors``: which of their keys have been used, key -> event, fingerprint."""

    units: Mapping[str, UnitState]
    holdings: Mapping[tuple[int, int, str, int | None], HoldingState]
    places: Mapping[int, PlaceState]
    items: Mapping[int, ItemState]
    lapsed: Mapping[int, str]
    priors: Mapping[str, tuple[str, str]] = field(default_factory=dict)


STATUSES = {status.value: status for status in Status}  # three times as quick as Status(value)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _unit(row: list[Any]) -> UnitState:
    (
        epc,
        key,
        item,
        lot,
        status,
        place,
        seq,
        owner,
        cost,
        supplier,
        held_for,
        until,
        number,
        expiry,
        recall,
        recalled_at,
        received_at,
        custodian,
        *where,
    ) = row
    return UnitState(
        epc, key, item, lot, STATUSES[status], place, seq, owner, Decimal(cost), supplier, held_for,
        _moment(until), number, _date(expiry), recall, _moment(recalled_at), _moment(received_at), custodian,
        *where,
    )  # fmt: skip


def _holding(row: list[Any]) -> HoldingState:
    lot, place, status, owner, quantity, value, item, number, expiry, recall, recalled_at, *where = row
    return HoldingState(
        lot, place, STATUSES[status], owner, Decimal(quantity), Decimal(value), item, number, _date(expiry), recall,
        _moment(recalled_at), *where,
    )  # fmt: skip


def parse(found: Mapping[str, Any]) -> State:
    """The state from the JSON of ``ledger_read``."""
    units = [_unit(row) for row in found["units"] or ()]
    holdings = [_holding(row) for row in found["levels"] or ()]
    return State(
        units={unit.epc: unit for unit in units},
        holdings={(h.lot_id, h.place_id, h.status.value, h.owner_id): h for h in holdings},
        places={row[0]: PlaceState(*row) for row in found["places"] or ()},
        items={row[0]: ItemState(*row) for row in found["items"] or ()},
        lapsed=dict(found["lapsed"] or ()),
        priors={key: (event, first) for key, (event, first) in (found["priors"] or {}).items()},
    )
