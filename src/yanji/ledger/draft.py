"""What a caller proposes: a draft of lines under one step. Plain values; nothing here reads or writes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .lifecycle import Step
from .refused import Offence


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A serialised thing that the ledger may not know yet. ``epc`` is its canonical identity.

    Where the ledger already expects it, ``lot``, ``expiry`` and ``made`` are what the label says: they replace what a ship
    notice said, and what the label leaves out (empty) stays as it was announced. Item, supplier, order and cost stay.
    """

    epc: str
    item_id: int
    serial: str
    lot: str = ""
    expiry: date | None = None
    made: date | None = None
    supplier_id: int | None = None
    owner_id: int | None = None
    order_number: str = ""
    cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class LotQuantity:
    """A counted quantity of an existing lot, at the place where the line takes it from.

    ``status`` says in which status it must be, where the step takes from several; else the fullest is taken from: never
    an opened, a reserved or an explanted piece (``BY_NAME``).
    """

    lot_id: int
    quantity: Decimal
    from_place_id: int
    owner_id: int | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class NewQuantity:
    """A counted quantity of a lot that may be new; it comes from the supplier."""

    item_id: int
    quantity: Decimal
    lot: str = ""
    expiry: date | None = None
    made: date | None = None
    supplier_id: int | None = None
    owner_id: int | None = None
    cost: Decimal = Decimal(0)


Thing = str | NewUnit | LotQuantity | NewQuantity


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of a draft: a known unit by its canonical identity, a new one, or a quantity.

    ``to_place_id`` is None where the step leaves the thing where it is. ``from_place_id``, where given, is a claim:
    the thing must be at that place or below it, or the line is refused as ``elsewhere``.
    """

    thing: Thing
    to_place_id: int | None = None
    from_place_id: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One act, not yet done. ``key`` is the client's name for it: posting the same draft again does it once.

    ``documents`` maps a kind of document (order, requisition, case, patient, procedure, operator…) to its number.
    ``until`` is the moment at which a reservation lapses; ``reserved_for`` the document that it serves.
    """

    step: Step
    key: str
    happened_at: datetime
    lines: tuple[Line, ...]
    documents: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    note: str = ""
    witness_id: int | None = None
    read_point_id: int | None = None
    source_party_id: int | None = None
    custodian_id: int | None = None
    sensor: Mapping[str, Any] | None = None
    until: datetime | None = None
    reserved_for: str = ""

    def fingerprint(self) -> str:
        """SHA-256 over the content, in hex: tells a retry from another act under the same key."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Posted:
    """What posting a draft led to; ``repeated`` where the act had already been done; ``passed_over``: what spoke against it
    when it was decided, and was owned up to."""

    event_id: str
    repeated: bool = False
    passed_over: tuple[Offence, ...] = ()


def to_json(value: Mapping[str, Any]) -> str:
    """JSON as the database takes it; dates, decimals and UUIDs become text."""
    return json.dumps(value, ensure_ascii=False, default=str)
