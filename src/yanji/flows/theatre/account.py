"""The account of a case: what it took must have been used, given back or wasted. Read from the ledger, judged purely."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.db import connection

from yanji.ledger.api import Status

Fate = Literal["open", "used", "returned", "wasted", "elsewhere"]
Name = tuple[str, str]

# Each unit by the last entry of this case that stands; what happened to it since shows in its own state, unless it was
# another case that had it since: that one accounts for it.
UNITS = """
SELECT DISTINCT ON (ce.case_id, u.id)
       ce.case_id, u.epc, u.serial, i.id, ARRAY[i.name_zh, i.name_en], lo.id, lo.number, lo.expiry, e.step,
       u.status, m.from_place_id, p.id, ARRAY[p.name_zh, p.name_en], u.owner_id IS NOT NULL,
       EXISTS (SELECT 1 FROM ledger_movement n
                 JOIN flows_caseevent o ON o.event_id = n.event_id AND o.case_id <> ce.case_id
                WHERE n.unit_id = u.id AND n.seq > m.seq
                  AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = n.event_id))
  FROM flows_caseevent ce
  JOIN ledger_event e ON e.id = ce.event_id
  JOIN ledger_movement m ON m.event_id = e.id
  JOIN ledger_unit u ON u.id = m.unit_id
  JOIN ledger_lot lo ON lo.id = u.lot_id
  JOIN catalog_item i ON i.id = u.item_id
  JOIN places_place p ON p.id = u.place_id
 WHERE ce.case_id = ANY(%s) AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)
 ORDER BY ce.case_id, u.id, m.seq DESC
"""
# Pieces do not say who laid them out: no more of them can be open than lie laid out at all.
LOTS = """
SELECT ce.case_id, lo.id, lo.number, lo.expiry, i.id, ARRAY[i.name_zh, i.name_en], e.step, m.from_status, m.from_owner_id,
       CASE WHEN e.step = 'set_out' THEN m.to_place_id ELSE m.from_place_id END,
       min(CASE WHEN e.step = 'set_out' THEN m.from_place_id END), sum(m.quantity),
       coalesce((SELECT sum(l.quantity) FROM ledger_level l WHERE l.lot_id = lo.id AND l.status = 'in_use'
                    AND l.owner_id IS NOT DISTINCT FROM m.from_owner_id), 0)
  FROM flows_caseevent ce
  JOIN ledger_event e ON e.id = ce.event_id
  JOIN ledger_movement m ON m.event_id = e.id AND m.unit_id IS NULL
  JOIN ledger_lot lo ON lo.id = m.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
 WHERE ce.case_id = ANY(%s) AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """One unit, or pieces of one lot of one owner, that a case had in its hands.

    ``home_id``: the shelf that it was taken from; ``pieces`` by fate. A unit has one piece of one fate.
    """

    item_id: int
    item_name: Name
    lot_id: int
    lot: str
    expiry: date | None
    pieces: dict[Fate, int]
    epc: str = ""
    serial: str = ""
    status: str = ""
    place_id: int = 0
    place_name: Name = ("", "")
    home_id: int | None = None
    owner_id: int | None = None
    consigned: bool = False

    @property
    def taken(self) -> int:
        return sum(self.pieces.values())

    @property
    def open(self) -> int:
        return self.pieces.get("open", 0)

    @property
    def fate(self) -> Fate:
        """Of a unit; of pieces, what still has to be said of some of them comes first."""
        return next((fate for fate, count in sorted(self.pieces.items(), key=_openness) if count), "open")

    @property
    def name(self) -> str:
        """How it is called in a refusal."""
        return self.epc or f"lot {self.lot_id}"


def _openness(entry: tuple[Fate, int]) -> bool:
    return entry[0] != "open"


@dataclass(frozen=True, slots=True)
class Account:
    """Everything a case took, with its fate."""

    things: tuple[Taken, ...]

    def pieces(self, *fates: Fate) -> int:
        """Pieces of these fates; of all without any."""
        return sum(
            count for each in self.things for fate, count in each.pieces.items() if not fates or fate in fates
        )

    @property
    def taken(self) -> int:
        return self.pieces()

    @property
    def used(self) -> int:
        return self.pieces("used")

    @property
    def returned(self) -> int:
        return self.pieces("returned")

    @property
    def elsewhere(self) -> int:
        """Neither open nor back: held, reported missing, in the hands of another case."""
        return self.pieces("elsewhere")

    @property
    def wasted(self) -> int:
        return self.pieces("wasted")

    @property
    def open(self) -> tuple[Taken, ...]:
        """What is neither used, returned nor wasted."""
        return tuple(each for each in self.things if each.open)

    @property
    def balances(self) -> bool:
        return not self.open

    def by_item(self) -> Counter[int]:
        """Pieces of each item in hand or used up: what counts against the needs."""
        total: Counter[int] = Counter()
        for each in self.things:
            total[each.item_id] += sum(each.pieces.get(fate, 0) for fate in ("open", "used", "wasted"))
        return total


FATES: dict[str, Fate] = {"use": "used", "waste": "wasted", "set_back": "returned"}
LATER: dict[str, Fate] = {
    Status.IN_USE: "open",
    Status.AVAILABLE: "returned",
    Status.RETURNED: "returned",
    Status.SCRAPPED: "wasted",
}


def fate_of(step: str, status: str) -> Fate:
    """What became of a unit, from the case's last entry over it and from the status that it has now. Pure.

    Set out and no longer in use, it went another way (given back, held, reported missing): that is accounted for there.
    """
    return FATES.get(step) or LATER.get(status, "elsewhere")


def account_of(case_id: int) -> Account:
    """The account of a case. Two statements, whatever it took."""
    return accounts_of([case_id])[case_id]


def accounts_of(case_ids: Sequence[int]) -> dict[int, Account]:
    """The account of each of these cases. Two statements for any number of them, none for none."""
    units: dict[int, list[Taken]] = {case: [] for case in case_ids}
    lots: dict[int, list[Sequence[Any]]] = {case: [] for case in case_ids}
    if units:
        with connection.cursor() as cursor:
            cursor.execute(UNITS, (list(units),))
            for case, *row in cursor.fetchall():
                units[case].append(_unit(row))
            cursor.execute(LOTS, (list(units),))
            for case, *row in cursor.fetchall():
                lots[case].append(row)
    return {case: Account((*units[case], *fold_lots(lots[case]))) for case in units}


def _unit(row: Sequence[Any]) -> Taken:
    epc, serial, item, name, lot, number, expiry, step, status, home, place, place_name, consigned, other = (
        row
    )
    fate: Fate = "elsewhere" if other and step == "set_out" else fate_of(step, status)
    return Taken(
        item_id=item, item_name=tuple(name), lot_id=lot, lot=number, expiry=expiry,
        pieces={fate: 1}, epc=epc, serial=serial, status=status, place_id=place,
        place_name=tuple(place_name), home_id=home, consigned=consigned,
    )  # fmt: skip


def fold_lots(rows: Iterable[Sequence[Any]]) -> list[Taken]:
    """Sums of movements by lot, owner and step as one line a lot and owner, with the pieces that lie laid out. Pure.

    What was used or wasted straight from the shelf, or of what another case had laid out, was taken by that very act.
    What was laid out and is neither there nor accounted for here went another way, and is accounted for there.
    """
    found: dict[tuple[int, int | None], Taken] = {}
    laid_out: dict[tuple[int, int | None], int] = {}
    for lot, number, expiry, item, name, step, from_status, owner, place, home, quantity, lying in rows:
        key = (lot, owner)
        kept = found.setdefault(
            key,
            Taken(item, tuple(name), lot, number, expiry, {}, owner_id=owner, consigned=owner is not None),
        )
        laid_out[key] = int(Decimal(lying))
        pieces = int(Decimal(quantity))
        if step == "set_out":
            _add(kept, "open", pieces)
            found[key] = _lying(kept, place, home)
        elif step in FATES:
            _add(kept, FATES[step], pieces)
            if from_status == Status.IN_USE:
                _add(kept, "open", -pieces)
    for key, kept in found.items():
        taken = max(0, kept.open)
        kept.pieces["open"] = min(taken, laid_out[key])
        _add(kept, "elsewhere", taken - kept.open)
    return list(found.values())


def _add(kept: Taken, fate: Fate, pieces: int) -> None:
    kept.pieces[fate] = kept.pieces.get(fate, 0) + pieces


def _lying(kept: Taken, place: int, home: int | None) -> Taken:
    return replace(kept, place_id=place, home_id=home)
