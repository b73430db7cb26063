"""What the simulated life leaves behind: acts for the ledger, and the documents beside them. Plain values."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from yanji.ledger.api import Step

if TYPE_CHECKING:
    from .stage import Stage


@dataclass(frozen=True, slots=True)
class Batch:
    """One lot of an item, by the item's position in the catalogue."""

    item: int
    number: str
    expiry: date
    made: date


@dataclass(slots=True, eq=False)
class Piece:
    """One serialised unit and where it is in the simulation."""

    epc: str
    serial: str
    batch: Batch
    supplier: int
    cost: Decimal
    order: str = ""
    place: str = ""

    @property
    def item(self) -> int:
        return self.batch.item


@dataclass(slots=True, eq=False)
class Bulk:
    """A counted quantity of a lot. ``place`` is where a known one lies; empty while it is still the supplier's."""

    batch: Batch
    quantity: int
    supplier: int
    cost: Decimal
    place: str = ""

    @property
    def item(self) -> int:
        return self.batch.item


Thing = Piece | Bulk


@dataclass(frozen=True, slots=True)
class Move:
    """One line of an act. ``new`` where the ledger is to learn of the thing; ``from_place`` for quantities."""

    thing: Thing
    to: str = ""
    new: bool = False
    from_place: str = ""
    quantity: int = 1


@dataclass(slots=True)
class Act:
    """One act to post. ``order`` breaks ties of time: acts of one moment happen as they were thought of."""

    at: datetime
    order: int
    step: Step
    key: str
    actor: str
    moves: list[Move]
    documents: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    note: str = ""
    witness: str = ""
    read_point: str = ""
    supplier: int | None = None
    until: datetime | None = None
    reserved_for: str = ""
    corrects: str = ""  # the key of the act to take back
    recorded: datetime | None = None  # where it was written down later than it happened

    @property
    def known(self) -> datetime:
        """When the ledger heard of it."""
        return self.recorded or self.at


@dataclass(slots=True)
class Scene:
    """One moment at which people press the very buttons of the pages: ``play`` calls the flows' own verbs."""

    at: datetime
    order: int
    play: Callable[["Stage"], object]

    @property
    def known(self) -> datetime:
        return self.at


@dataclass(slots=True)
class OrderDoc:
    """A purchase order; ``lines``: item -> [ordered, received, rejected]."""

    number: str
    supplier: int
    store: str
    actor: str
    created: datetime
    placed: datetime | None
    expected: date
    lines: dict[int, list[int]]

    @property
    def owed(self) -> dict[int, int]:
        return {item: line[0] - line[1] for item, line in self.lines.items() if line[0] > line[1]}


@dataclass(slots=True)
class NoticeDoc:
    """A ship notice: units by name, the rest by lot. ``act`` is the key of the ledger's entry, where units are named."""

    number: str
    order: OrderDoc
    reference: str
    carrier: str
    expected: date
    actor: str
    created: datetime
    named: list[Piece]
    unnamed: Counter[Batch]
    act: str = ""
    arrived: bool = False


@dataclass(slots=True)
class ReceiptDoc:
    """One delivery over the door; ``lines``: item -> [outstanding, announced, accepted, rejected, reasons]."""

    number: str
    order: OrderDoc
    notice: NoticeDoc | None
    dock: str
    reference: str
    actor: str
    arrived: datetime
    received: str
    accepted: str
    rejected: list[str]
    lines: dict[int, tuple[int, int, int, int, dict[str, int]]]


@dataclass(slots=True)
class RequestDoc:
    """A requisition; ``lines``: item -> [asked, picked, issued]; ``acts`` are the keys of its entries."""

    number: str
    department: str
    store: str
    actor: str
    created: datetime
    needed: datetime
    lines: dict[int, list[int]]
    case: str = ""
    note: str = ""
    acts: list[str] = field(default_factory=list)
    closed: bool = False


@dataclass(slots=True)
class IssueDoc:
    """One handing-over; ``taken_in`` is False while it is under way."""

    number: str
    request: RequestDoc
    issued: datetime
    actor: str
    handed_to: str
    act: str
    things: list[Thing]
    counts: Counter[Batch]
    taken_in: bool = False


@dataclass(slots=True)
class CaseDoc:
    """One procedure on one patient; ``wants``: the items that were planned for it."""

    number: str
    patient: str
    procedure: str
    zh: str
    operator: str
    department: str
    planned: datetime
    wants: list[int]
    state: str = "planned"


@dataclass(slots=True)
class Papers:
    """Every document of the hospital."""

    orders: list[OrderDoc] = field(default_factory=list)
    notices: list[NoticeDoc] = field(default_factory=list)
    receipts: list[ReceiptDoc] = field(default_factory=list)
    requests: list[RequestDoc] = field(default_factory=list)
    issues: list[IssueDoc] = field(default_factory=list)
    cases: list[CaseDoc] = field(default_factory=list)
