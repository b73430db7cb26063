"""Pieces of counted lots that are lost: where, since when, and how many of them may be written off.

A piece has no serial, so nobody can say which of two losses was found: what turns up was the longest lost that is on no
paper, and only then one that was written off.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import LotQuantity, Offence, Status, virtual_places
from yanji.ledger.models import Level
from yanji.places.models import Place

from ..listed import CENT, Listed
from ..states import DisposalState
from .models import Disposal, DisposalLine

LOST_FOR = timedelta(days=30)  # whoever loses a thing is given time to find it
# What was lost and found, by the store or department that keeps the place; on its way, by the end that sent it.
MOVES = """
SELECT m.lot_id, CASE WHEN m.to_place_id = %(lost)s THEN m.to_owner_id ELSE m.from_owner_id END,
       coalesce(keeper.id, own.id), CASE WHEN m.to_place_id = %(lost)s THEN m.quantity ELSE -m.quantity END::int, e.happened_at
  FROM ledger_movement m
  JOIN ledger_event e ON e.id = m.event_id
  JOIN places_place p ON p.id = CASE WHEN m.to_place_id = %(lost)s THEN m.from_place_id ELSE m.to_place_id END
  JOIN places_place own ON own.id = CASE WHEN p.kind <> 'transit' THEN p.id ELSE coalesce(
       (SELECT t.source_id FROM flows_transfer t WHERE t.number = e.documents->>'transfer'),
       (SELECT r.store_id FROM flows_requisition r WHERE r.number = e.documents->>'requisition'), p.id) END
  LEFT JOIN LATERAL (
       SELECT k.id FROM places_place k
        WHERE k.id = ANY (string_to_array(trim(BOTH '/' FROM own.path), '/')::bigint[])
          AND k.kind IN ('store', 'dock', 'department') ORDER BY k.path LIMIT 1) keeper ON true
 WHERE m.lot_id = ANY (%(lots)s) AND m.unit_id IS NULL AND %(lost)s IN (m.from_place_id, m.to_place_id)
   AND m.from_place_id <> m.to_place_id
 ORDER BY e.happened_at, e.id
"""


class Key(NamedTuple):
    """Whose pieces of which lot, lost by which store or department."""

    lot_id: int
    owner_id: int | None
    place_id: int


@dataclass(frozen=True, slots=True)
class Told:
    """Pieces lost (above zero) or found (below), or written off (``written``, above zero)."""

    key: Key
    pieces: int
    at: datetime
    written: bool = False


@dataclass(slots=True)
class Losses:
    """What is lost still and not written off: since when and how many, the longest lost first; and what was written off."""

    open: list[tuple[datetime, int]] = field(default_factory=list)
    written: int = 0

    @property
    def pieces(self) -> int:
        return sum(pieces for _since, pieces in self.open)

    def take(self, pieces: int) -> int:
        """The longest lost first; gives how many pieces there were too few."""
        left = []
        for since, there in self.open:
            taken = min(there, pieces)
            pieces -= taken
            left += [(since, there - taken)] if there > taken else []
        self.open = left
        return pieces

    def ripe(self, at: datetime) -> int:
        """How many have been lost for a month."""
        return sum(pieces for since, pieces in self.open if at - since >= LOST_FOR)


def losses_of(history: Iterable[Told]) -> dict[Key, Losses]:
    """What each keeper has lost still. Pure.

    What was lost on its way turns up at either end: what one finds more than it lost, another of the lot had lost.
    """
    found: dict[Key, Losses] = defaultdict(Losses)
    surplus: Counter[tuple[int, int | None]] = Counter()
    for told in sorted(history, key=lambda each: each.at):
        losses = found[told.key]
        if told.written:
            losses.written += told.pieces - losses.take(told.pieces)
        elif told.pieces > 0:
            losses.open.append((told.at, told.pieces))
        else:
            left = losses.take(-told.pieces)
            again = min(left, losses.written)
            losses.written -= again
            surplus[told.key[:2]] += left - again
    for key in sorted(found, key=lambda key: key.place_id):
        surplus[key[:2]] = found[key].take(surplus[key[:2]])
    return dict(found)


def _history(lots: Collection[int]) -> list[Told]:
    """Two statements."""
    with connection.cursor() as cursor:
        cursor.execute(MOVES, {"lots": sorted(lots), "lost": virtual_places().lost})
        told = [
            Told(Key(lot, owner, place), pieces, at) for lot, owner, place, pieces, at in cursor.fetchall()
        ]
    ended = _lines(lots).filter(disposal__state=DisposalState.WRITTEN_OFF)
    for line in ended.select_related("disposal"):
        paper = line.disposal
        at = max(paper.created_at, paper.done_at or paper.created_at)
        told.append(Told(_key(line), line.quantity, at, written=True))
    return told


def _lines(lots: Collection[int]) -> QuerySet[DisposalLine]:
    return DisposalLine.objects.filter(
        disposal__kind=Disposal.Kind.WRITE_OFF, unit__isnull=True, lot_id__in=lots
    )


def _key(line: DisposalLine) -> Key:
    return Key(line.lot_id, line.owner_id, line.place_id)


def _asked(lots: Collection[int]) -> dict[Key, dict[str, int]]:
    """Pieces on papers that are not ended, by the paper's number. One statement."""
    found: dict[Key, dict[str, int]] = defaultdict(dict)
    waiting = _lines(lots).filter(disposal__state__in=(DisposalState.AWAITING, DisposalState.APPROVED))
    for line in waiting.select_related("disposal").order_by("id"):
        here = found[_key(line)]
        here[line.disposal.number] = here.get(line.disposal.number, 0) + line.quantity
    return found


@dataclass(frozen=True, slots=True)
class LostLot:
    """Pieces of a lot that a store or department has lost and not written off: how many, since when the longest, what they
    cost. ``ripe``: how many may be written off now. ``papers``: write-offs that are not ended."""

    lot_id: int
    lot: str
    item: tuple[str, str]
    owner_id: int | None
    place_id: int
    place: tuple[str, str]
    pieces: int
    ripe: int
    since: datetime
    cost: Decimal
    papers: tuple[str, ...]

    @property
    def code(self) -> str:
        """How a form names it."""
        return f"{self.lot_id}.{self.owner_id or 0}.{self.place_id}"


def _levels() -> QuerySet[Level]:
    return Level.objects.filter(
        place_id=virtual_places().lost, status=Status.LOST, quantity__gt=0, lot__item__tracking="lot"
    )


def lost_lots(actor: Actor) -> list[LostLot]:
    """What is lost of counted lots from the places where the actor counts, the longest lost first. At most five statements."""
    if not actor.may("count"):
        return []
    levels = {(each.lot_id, each.owner_id): each for each in _levels().select_related("lot__item")}
    lots = {lot for lot, _owner in levels}
    if not lots:
        return []
    losses, asked, now = losses_of(_history(lots)), _asked(lots), timezone.now()
    places = Place.objects.in_bulk({key.place_id for key in losses})
    rows = [
        _row(key, found, levels[key[:2]], places[key.place_id], asked.get(key, {}), now)
        for key, found in losses.items()
        if found.open and key[:2] in levels and actor.may("count", places[key.place_id].path)
    ]
    return sorted(rows, key=lambda row: (row.since, row.code))


def _row(
    key: Key, losses: Losses, level: Level, place: Place, asked: Mapping[str, int], now: datetime
) -> LostLot:
    pieces, since, item = losses.pieces, losses.open[0][0], level.lot.item
    losses.take(sum(asked.values()))
    return LostLot(
        key.lot_id, level.lot.number, (item.name_zh, item.name_en), key.owner_id, place.pk, (place.name_zh, place.name_en),
        pieces, losses.ripe(now), since, _worth(level, pieces), tuple(asked),
    )  # fmt: skip


def _worth(level: Level, pieces: int) -> Decimal:
    return (level.value * pieces / level.quantity).quantize(CENT)


def lost_goods(
    wanted: Sequence[LotQuantity], place: Place, at: datetime
) -> tuple[list[Listed], list[Offence]]:
    """Lost pieces as a write-off lists them, and what speaks against it; a quantity names the store or department that lost
    it. Part of a verb: locks the lots' lost pieces, so that of two who ask at once the second finds the first one's paper."""
    goods: list[Listed] = []
    offences: list[Offence] = []
    if not wanted:
        return goods, offences
    lots = {each.lot_id for each in wanted}
    levels = _locked(lots)
    losses, asked = losses_of(_history(lots)), _asked(lots)
    places = Place.objects.in_bulk({each.from_place_id for each in wanted})
    for key, pieces in _summed(wanted).items():
        here, found, level = places.get(key.place_id), losses.get(key), levels.get(key[:2])
        if not (here and here.path.startswith(place.path) and found and found.open and level):
            offences.append(Offence("not_lost_here", f"lot {key.lot_id}", {"place": place.name}))
            continue
        lost, waiting = found.pieces, sum(asked.get(key, {}).values())
        found.take(waiting)
        if pieces > found.ripe(at):
            facts = {"lost": lost, "waiting": waiting, "ripe": found.ripe(at), "wanted": pieces}
            facts |= {"place": here.name, "days": LOST_FOR.days}
            offences.append(Offence("lost_pieces_fewer", f"lot {key.lot_id}", facts))
        goods.append(_listed(key, pieces, level, here))
    return goods, offences


def _summed(wanted: Sequence[LotQuantity]) -> dict[Key, int]:
    """Pieces of each, what stands twice taken together. Pure."""
    found: dict[Key, int] = {}
    for each in wanted:
        key = Key(each.lot_id, each.owner_id, each.from_place_id)
        found[key] = found.get(key, 0) + int(each.quantity)
    return found


def _locked(lots: Collection[int]) -> dict[tuple[int, int | None], Level]:
    rows = _levels().filter(lot_id__in=lots).select_related("lot").select_for_update(of=("self",))
    return {(each.lot_id, each.owner_id): each for each in rows.order_by("lot_id", "owner_id")}


def _listed(key: Key, pieces: int, level: Level, place: Place) -> Listed:
    thing = LotQuantity(key.lot_id, Decimal(pieces), key.place_id, key.owner_id, Status.LOST.value)
    return Listed(
        thing, level.lot.item_id, key.lot_id, None, place.pk, place.path, Status.LOST.value, key.owner_id, key.owner_id,
        pieces, _worth(level, min(pieces, int(level.quantity))),
    )  # fmt: skip


def found_since(lines: Sequence[DisposalLine]) -> list[str]:
    """Numbers of the lots among a paper's lines of which fewer pieces are lost now than it lists. Part of a verb: locks."""
    return _fewer_than_listed(lines, lambda loss: loss.pieces)


def written_and_found(lines: Sequence[DisposalLine]) -> list[str]:
    """Numbers of the lots among a written-off paper's lines of which pieces turned up since. Part of a verb: locks."""
    return _fewer_than_listed(lines, lambda loss: loss.written)


def _fewer_than_listed(lines: Sequence[DisposalLine], pieces: Callable[[Losses], int]) -> list[str]:
    counted = [line for line in lines if line.unit_id is None]
    if not counted:
        return []
    lots = {line.lot_id for line in counted}
    _locked(lots)
    losses = losses_of(_history(lots))
    return [
        line.lot.number
        for line in counted
        if _key(line) not in losses or pieces(losses[_key(line)]) < line.quantity
    ]
