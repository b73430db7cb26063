"""Counted pieces that are kept for documents: how many, and what becomes of that when pieces are picked or given free."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from django.db import connection
from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from yanji.ledger.api import LotQuantity, Status
from yanji.ledger.models import Level, Lot

from ..models import Case
from ..things import Known, KnownUnit, Thing
from .models import ReservedLot

RESERVED = Status.RESERVED.value
Spot = tuple[int, int, int | None]  # lot, place, owner

# Of what is written down at a spot, no more than lies there: who reserved first keeps most, and what was reserved by an entry
# that is taken back is the first to go.
CUT = """
WITH spot AS (
    SELECT DISTINCT m.lot_id, m.from_place_id AS place_id, m.from_owner_id AS owner_id FROM ledger_movement m
     WHERE m.event_id = ANY (%s::uuid[]) AND m.unit_id IS NULL AND m.from_status = 'reserved'),
kept AS (
    SELECT r.id, r.quantity, coalesce(le.quantity, 0) + r.quantity - sum(r.quantity) OVER (
               PARTITION BY r.lot_id, r.place_id, r.owner_id
               ORDER BY EXISTS (SELECT FROM ledger_event c WHERE c.corrects_id = r.event_id), r.id) AS lies
      FROM spot s
      JOIN flows_reservedlot r ON r.lot_id = s.lot_id AND r.place_id = s.place_id AND r.owner_id IS NOT DISTINCT FROM s.owner_id
      LEFT JOIN ledger_level le ON le.lot_id = r.lot_id AND le.place_id = r.place_id AND le.status = 'reserved'
                               AND le.owner_id IS NOT DISTINCT FROM r.owner_id),
gone AS (DELETE FROM flows_reservedlot r USING kept k WHERE r.id = k.id AND k.lies <= 0)
UPDATE flows_reservedlot r SET quantity = k.lies FROM kept k WHERE r.id = k.id AND k.lies > 0 AND k.lies < k.quantity
"""


class Numbered(Protocol):
    """A document that something may be kept for."""

    number: str


def numbers_of(document: Numbered) -> tuple[str, ...]:
    """The numbers under which something may be kept for a document: its own, and that of its department's case that it is for.
    What else stands there opens nothing: anybody may write the number of another's case. One statement, none without a case."""
    return all_numbers_of([document])[0]


def all_numbers_of(documents: Sequence[Numbered]) -> list[tuple[str, ...]]:
    """The same of several, in their order, in one statement."""
    named = {number for each in documents if (number := getattr(each, "case_number", ""))}
    cases = (
        set(Case.objects.filter(number__in=named).values_list("number", "department_id")) if named else set()
    )
    return [
        (each.number, number)
        if (number := getattr(each, "case_number", ""))
        and (number, getattr(each, "department_id", 0)) in cases
        else (each.number,)
        for each in documents
    ]


def papers_of(numbers: Sequence[str]) -> dict[str, str]:
    """A requisition's numbers as the papers of an entry: what is kept under one of these, it may take. Pure."""
    return dict(zip(("requisition", "case"), numbers, strict=False))


def with_kept(levels: QuerySet[Level], numbers: Collection[str]) -> QuerySet[Level]:
    """The levels, each with the pieces at it that are kept for one of the numbers (``kept``)."""
    rows = ReservedLot.objects.filter(
        reserved_for__in=numbers, lot=OuterRef("lot"), place=OuterRef("place"),
    )  # fmt: skip
    same_owner = rows.alias(theirs=Coalesce("owner_id", 0)).filter(theirs=Coalesce(OuterRef("owner_id"), 0))
    pieces = same_owner.order_by().values("lot").annotate(pieces=Sum("quantity")).values("pieces")
    return levels.annotate(kept=Coalesce(Subquery(pieces, output_field=DecimalField()), Decimal(0)))


def lock_lots(things: Iterable[Thing]) -> None:
    """Of two who reserve, pick or give free pieces of the same lot, one waits. Lots in order: prevents deadlock. One statement,
    none without counted things."""
    lots = sorted({thing.lot_id for thing in things if not isinstance(thing, str)})
    if lots:
        list(Lot.objects.select_for_update(no_key=True).filter(pk__in=lots).order_by("pk").values_list("pk"))


def rows_of(things: Iterable[Thing], numbers: Collection[str] = ()) -> list[ReservedLot]:
    """What is kept of the lots of some things (for these numbers, or for anybody), the first to end first. One statement, none
    without counted things."""
    lots = {thing.lot_id for thing in things if not isinstance(thing, str)}
    if not lots:
        return []
    found = ReservedLot.objects.filter(lot_id__in=lots)
    return list((found.filter(reserved_for__in=numbers) if numbers else found).order_by("until", "pk"))


def locked_rows_of(things: Collection[Thing]) -> list[ReservedLot]:
    """The same for anybody, once :func:`lock_lots` has locked the lots. Two statements, none without counted things."""
    lock_lots(things)
    return rows_of(things)


def cut_to_what_lies(events: Collection[str]) -> None:
    """Where entries took reserved pieces of lots, nothing is kept that is gone: a hold, a recall or a loss asks nobody whom it
    was kept for. Part of the act. One statement. Of two who meet at the same pieces from both ends, one begins anew
    (:func:`yanji.ledger.api.durable`)."""
    with connection.cursor() as cursor:
        cursor.execute(CUT, (list(events),))


def spot_of(thing: LotQuantity) -> Spot:
    return thing.lot_id, thing.from_place_id, thing.owner_id


@dataclass(slots=True)
class Kept:
    """Rows of what is kept, from which pieces are taken."""

    rows: Sequence[ReservedLot]

    def of(self, spot: Spot) -> int:
        return sum(row.quantity for row in self._at(spot))

    def take(self, spot: Spot, pieces: int) -> int:
        """Take up to so many pieces there; how many there were."""
        taken = 0
        for row in self._at(spot):
            part = min(row.quantity, pieces - taken)
            row.quantity -= part
            taken += part
        return taken

    def save(self) -> None:
        """Write down what is left. Two statements at most."""
        if gone := [row.pk for row in self.rows if not row.quantity]:
            ReservedLot.objects.filter(pk__in=gone).delete()
        if left := [row for row in self.rows if row.quantity]:
            ReservedLot.objects.bulk_update(left, ["quantity"])

    def _at(self, spot: Spot) -> Iterable[ReservedLot]:
        return (row for row in self.rows if (row.lot_id, row.place_id, row.owner_id) == spot)


def taken_from_kept(
    taken: Sequence[tuple[Sequence[Thing], Collection[str]]], kept: Iterable[ReservedLot]
) -> list[list[Thing]]:
    """Things with the numbers under which something may be kept for their document: counted pieces are taken first from what is
    kept so, by name, and the rest from what is free. ``kept``: the rows of their locked lots, see :func:`rows_of`; what is taken
    is kept no more. Three statements at most, however many documents; none where nothing is kept for them.
    """
    every = [thing for things, _numbers in taken for thing in things]
    numbers_of_all = {number for _things, numbers in taken for number in numbers}
    rows = [row for row in kept if row.reserved_for in numbers_of_all]
    if not rows:
        return [list(things) for things, _numbers in taken]
    lying = _reserved_at({spot_of(thing) for thing in every if isinstance(thing, LotQuantity)})
    found = []
    for things, numbers in taken:
        own = Kept([row for row in rows if row.reserved_for in numbers])
        found.append([part for thing in things for part in _parted(thing, own, lying)])
    Kept(rows).save()
    return found


def _parted(thing: Thing, kept: Kept, lying: Counter[Spot]) -> list[Thing]:
    """What is taken of it from what is kept, and from what is free; ``lying``: so much less is left there."""
    if isinstance(thing, str) or thing.status:
        return [thing]
    spot, wanted = spot_of(thing), int(thing.quantity)
    taken = kept.take(spot, min(wanted, lying[spot]))
    lying[spot] -= taken
    parts = ((taken, RESERVED), (wanted - taken, Status.AVAILABLE.value))
    return [replace(thing, quantity=Decimal(pieces), status=status) for pieces, status in parts if pieces]


def _reserved_at(spots: Collection[Spot]) -> Counter[Spot]:
    """Pieces that lie reserved at each spot, whoever for: less than is written down, where some were lost or held since."""
    rows = Level.objects.filter(lot_id__in={lot for lot, *_ in spots}, status=RESERVED, quantity__gt=0)
    return Counter({(row.lot_id, row.place_id, row.owner_id): int(row.quantity) for row in rows})


def not_kept(
    things: Sequence[Thing],
    known: Known,
    numbers: Collection[str],
    at: datetime,
    rows: Iterable[ReservedLot],
) -> list[Thing]:
    """The things without those that are kept under these numbers: these were in turn when they were reserved. ``rows``: what is
    kept of their lots, see :func:`rows_of`. A unit that is kept for another is refused by the ledger, until its time is over:
    then it is as free as any, and waits its turn. Pure."""
    kept = Kept([row for row in rows if row.reserved_for in numbers])

    def stands_apart(unit: KnownUnit) -> bool:
        lapsed = unit.reserved_until is not None and unit.reserved_until <= at
        return unit.status == RESERVED and (unit.reserved_for in numbers or not lapsed)

    return [
        thing
        for thing in things
        if (
            thing not in known.units or not stands_apart(known.units[thing])
            if isinstance(thing, str)
            else kept.of(spot_of(thing)) < thing.quantity
        )
    ]  # fmt: skip
