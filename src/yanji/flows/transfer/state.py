"""How far a transfer has come: its lines are counted, its state follows, and the ledger says what lies where."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from yanji.ledger.api import LIFECYCLE, LotQuantity, Status, Step, virtual_places
from yanji.ledger.models import Movement

from ..documents import reached
from ..last_moved import LAST_MOVED
from ..states import TransferState
from ..things import Thing
from .models import Transfer, TransferEvent, TransferLine

STAYS_SO = LIFECYCLE[Step.ARRIVE].keeps
# What is held on its way is on its way all the same.
UNITS = f"""
SELECT u.epc, u.status, u.item_id, u.lot_id, u.place_id = %(transit)s
  FROM {LAST_MOVED}
  JOIN flows_transferevent te ON te.event_id = m.event_id
 WHERE te.transfer_id = %(id)s AND (u.status = 'picked' OR u.place_id = %(transit)s) ORDER BY u.id
"""
# Of counted lots there is no last mover: what came in under a status less what went out, by this transfer's entries.
QUANTITIES = """
SELECT status, lot_id, item_id, place_id, owner_id, sum(pieces) FROM (
    SELECT m.to_status AS status, m.lot_id, lo.item_id, m.to_place_id AS place_id, m.to_owner_id AS owner_id,
           m.quantity AS pieces
      FROM flows_transferevent te JOIN ledger_movement m ON m.event_id = te.event_id
      JOIN ledger_lot lo ON lo.id = m.lot_id WHERE te.transfer_id = %(id)s AND m.unit_id IS NULL
    UNION ALL
    SELECT m.from_status, m.lot_id, lo.item_id, m.from_place_id, m.from_owner_id, -m.quantity
      FROM flows_transferevent te JOIN ledger_movement m ON m.event_id = te.event_id
      JOIN ledger_lot lo ON lo.id = m.lot_id WHERE te.transfer_id = %(id)s AND m.unit_id IS NULL) ends
 WHERE status = 'picked' OR place_id = %(transit)s GROUP BY 1, 2, 3, 4, 5 HAVING sum(pieces) > 0 ORDER BY 2, 4, 5
"""


@dataclass(frozen=True, slots=True)
class Portion:
    """Pieces of a counted lot that lie somewhere for a transfer."""

    lot_id: int
    item_id: int
    place_id: int
    owner_id: int | None
    pieces: int
    status: str

    def quantity(self) -> LotQuantity:
        """The portion as the ledger moves it."""
        return LotQuantity(self.lot_id, Decimal(self.pieces), self.place_id, self.owner_id, self.status)


@dataclass(frozen=True, slots=True)
class Hand:
    """What a transfer has picked, or on its way: units (identity -> (item, lot)) and portions of counted lots; ``doubtful``:
    units of it that were held or recalled meanwhile."""

    units: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    lots: tuple[Portion, ...] = ()
    doubtful: frozenset[str] = frozenset()

    @property
    def things(self) -> list[Thing]:
        return [*self.units, *(portion.quantity() for portion in self.lots)]

    @property
    def pieces(self) -> int:
        return len(self.units) + sum(portion.pieces for portion in self.lots)

    @property
    def items(self) -> set[int]:
        return {item for item, _lot in self.units.values()} | {portion.item_id for portion in self.lots}

    def lacks(self, thing: Thing) -> bool:
        """Whether a thing, as named, is no part of this."""
        if isinstance(thing, str):
            return thing not in self.units
        return not any(
            (each.lot_id, each.place_id, each.owner_id) == (thing.lot_id, thing.from_place_id, thing.owner_id)
            and each.pieces >= thing.quantity
            for each in self.lots
        )

    def as_they_are(self, things: Iterable[Thing], taken: Counter[Portion] | None = None) -> list[Thing]:
        """Things as they lie here: pieces of a lot in the status of the portion that has enough of them, else cut into what each
        portion has; what is sound first. ``taken``: what was taken of the portions before, and is counted on."""
        counted: Counter[Portion] = Counter() if taken is None else taken
        return [part for thing in things for part in self._parts(thing, counted)]

    def _parts(self, thing: Thing, taken: Counter[Portion]) -> Iterator[Thing]:
        if isinstance(thing, str):
            yield thing
            return
        of = (thing.lot_id, thing.from_place_id, thing.owner_id)
        mine = [each for each in self.lots if (each.lot_id, each.place_id, each.owner_id) == of]
        mine.sort(key=lambda each: each.status != Status.IN_TRANSIT)
        left, wanted = {each: each.pieces - taken[each] for each in mine}, int(thing.quantity)
        if sum(left.values()) < wanted:
            yield thing
            return
        for each in [each for each in mine if left[each] >= wanted][:1] or mine:
            if pieces := min(wanted, left[each]):
                taken[each] += pieces
                wanted -= pieces
                yield replace(thing, quantity=Decimal(pieces), status=each.status)

    def in_doubt(self, thing: Thing) -> bool:
        """Whether a thing, as it lies here, was held or recalled on its way."""
        return thing in self.doubtful if isinstance(thing, str) else thing.status in STAYS_SO

    def item_of(self, thing: Thing) -> int | None:
        if isinstance(thing, str):
            return self.units[thing][0] if thing in self.units else None
        return next((each.item_id for each in self.lots if each.lot_id == thing.lot_id), None)

    def by_item(self, things: Iterable[Thing]) -> Counter[int]:
        """Pieces of each item among some of these things."""
        total: Counter[int] = Counter()
        for thing in things:
            item = self.item_of(thing)
            assert item is not None, "only what is in hand is counted"
            total[item] += 1 if isinstance(thing, str) else int(thing.quantity)
        return total


def in_hand(transfer_id: int) -> tuple[Hand, Hand]:
    """What lies picked for a transfer, and what is on its way with it. Two statements."""
    units: tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]] = ({}, {})
    lots: tuple[list[Portion], list[Portion]] = ([], [])
    doubtful = set()
    asked = {"id": transfer_id, "transit": virtual_places().transit}
    with connection.cursor() as cursor:
        cursor.execute(UNITS, asked)
        for epc, status, item, lot, away in cursor.fetchall():
            units[away][epc] = (item, lot)
            doubtful |= {epc} if status in STAYS_SO else set()
        cursor.execute(QUANTITIES, asked)
        for status, lot, item, place, owner, pieces in cursor.fetchall():
            portion = Portion(lot, item, place, owner, int(pieces), status)
            lots[place == asked["transit"]].append(portion)
    return Hand(units[0], tuple(lots[0])), Hand(units[1], tuple(lots[1]), frozenset(doubtful))


def state_of(lines: Iterable[TransferLine]) -> str:
    """The state of an open transfer, from its lines. Pure."""
    found = list(lines)
    shipped = sum(line.shipped for line in found)
    if not shipped:
        if all(line.picked == line.quantity for line in found):
            return TransferState.PICKED
        return TransferState.PICKING if any(line.picked for line in found) else TransferState.REQUESTED
    left = sum(line.on_the_way for line in found)
    if not left:
        return TransferState.ARRIVED
    return TransferState.PARTLY_ARRIVED if left < shipped else TransferState.UNDERWAY


def count(
    transfer: Transfer, lines: Mapping[int, TransferLine], verb: str, **more: Mapping[int, int]
) -> None:
    """Add pieces (item -> pieces, less where negative) to the lines' columns; the state follows. Two statements.

    What was closed is open again where an entry of it is taken back: something lies for it, or is on its way."""
    count_lines(lines, **more)
    if verb == "take_back" or transfer.state not in (TransferState.CLOSED, TransferState.CANCELLED):
        state = state_of(lines.values())
        if (
            verb in ("arrive", "give_up") and state == TransferState.UNDERWAY
        ):  # a part of a kit came, and counts on no line yet
            state = TransferState.PARTLY_ARRIVED
        transfer.state = reached("transfer", verb, state)
        transfer.save(update_fields=["state"])


def count_lines(lines: Mapping[int, TransferLine], **more: Mapping[int, int]) -> None:
    """The lines alone, where who calls says the state. One statement."""
    for column, pieces in more.items():
        for item, number in pieces.items():
            setattr(lines[item], column, getattr(lines[item], column) + number)
    TransferLine.objects.bulk_update(lines.values(), sorted(more))


def lines_of(transfer: Transfer) -> dict[int, TransferLine]:
    """The lines by item."""
    return {line.item_id: line for line in transfer.lines.select_related("item").order_by("id")}


def count_less(transfer: Transfer, less: Mapping[int, int]) -> None:
    """So much less lies picked. What is left of a kit that is not whole counts on no line, and changes none."""
    lines = lines_of(transfer)
    if own := counted_on(lines, less):
        count(transfer, lines, "unpick", picked=own)


def counted_on(lines: Mapping[int, TransferLine], pieces: Mapping[int, int]) -> dict[int, int]:
    """Those of some pieces that count on a line. Pure."""
    return {item: number for item, number in pieces.items() if item in lines and number}


def keep_events(transfer: Transfer, *event_ids: str | UUID) -> None:
    """Write down that entries served a transfer."""
    TransferEvent.objects.bulk_create(TransferEvent(transfer=transfer, event_id=each) for each in event_ids)


def moved_pieces(event_id: str | UUID) -> dict[int, int]:
    """Item -> pieces that an entry moved. One statement."""
    rows = Movement.objects.filter(event_id=event_id).values_list("lot__item_id")
    return {item: int(pieces) for item, pieces in rows.annotate(Sum("quantity")).order_by()}


def less(pieces: Mapping[int, int]) -> dict[int, int]:
    """The same pieces, to be taken off again."""
    return {item: -number for item, number in pieces.items()}
