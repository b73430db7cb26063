"""What is reserved: where it lies, for which document, until when, and who said so."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.ledger.api import LotQuantity, Offence, Refused
from yanji.places.models import Place

from ..models import Case
from ..things import Thing

# Levels say in which lots to look, so that a store's used-up history costs nothing. Of a lot no more is kept than lies there, all
# that is written down of it together: who reserved first keeps most.
RESERVED = """
WITH kept AS (
SELECT u.epc, u.serial, 0, i.id, ARRAY[i.name_zh, i.name_en], lo.id, lo.number, lo.expiry, p.id, ARRAY[p.name_zh, p.name_en],
       p.path, u.owner_id, 1, u.reserved_for, u.reserved_until, e.happened_at, ARRAY[pe.name_zh, pe.name_en],
       coalesce(rv.id, 0), coalesce(rv.number, '')
  FROM ledger_unit u
  JOIN ledger_lot lo ON lo.id = u.lot_id
  JOIN catalog_item i ON i.id = u.item_id
  JOIN places_place p ON p.id = u.place_id
  JOIN ledger_movement m ON m.unit_id = u.id AND m.seq = u.seq
  JOIN ledger_event e ON e.id = m.event_id
  JOIN access_person pe ON pe.id = e.actor_id
  LEFT JOIN flows_reservation rv ON rv.event_id = e.id
 WHERE u.lot_id IN (SELECT le.lot_id FROM ledger_level le WHERE le.status = 'reserved' AND le.quantity > 0)
   AND u.status = 'reserved' AND {where_units}
UNION ALL
SELECT '', '', r.id, i.id, ARRAY[i.name_zh, i.name_en], lo.id, lo.number, lo.expiry, p.id, ARRAY[p.name_zh, p.name_en],
       p.path, r.owner_id, least(r.quantity, le.quantity - sooner.pieces)::int, r.reserved_for, r.until, e.happened_at,
       ARRAY[pe.name_zh, pe.name_en], coalesce(rv.id, 0), coalesce(rv.number, '')
  FROM flows_reservedlot r
  JOIN ledger_lot lo ON lo.id = r.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  JOIN places_place p ON p.id = r.place_id
  JOIN ledger_level le ON le.lot_id = r.lot_id AND le.place_id = r.place_id AND le.status = 'reserved' AND le.quantity > 0
                      AND le.owner_id IS NOT DISTINCT FROM r.owner_id
  JOIN ledger_event e ON e.id = r.event_id
  JOIN access_person pe ON pe.id = e.actor_id
  LEFT JOIN flows_reservation rv ON rv.event_id = e.id
  JOIN LATERAL (SELECT coalesce(sum(s.quantity), 0) AS pieces FROM flows_reservedlot s
                 WHERE s.lot_id = r.lot_id AND s.place_id = r.place_id AND s.owner_id IS NOT DISTINCT FROM r.owner_id
                   AND s.id < r.id) sooner ON le.quantity > sooner.pieces
 WHERE {where_lots}
)
SELECT kept.*, coalesce(rq.id, 0), coalesce(ca.id, 0), coalesce(de.path, '')
  FROM kept
  LEFT JOIN flows_requisition rq ON rq.number = kept.reserved_for
  LEFT JOIN flows_case ca ON ca.number = kept.reserved_for
  LEFT JOIN places_place de ON de.id = ca.department_id
 ORDER BY 15, 14, 1, 3
 LIMIT %(limit)s
"""
BELOW = "p.path LIKE ANY (%(paths)s)"
FOR = "{row}.reserved_for = ANY (%(numbers)s)"
NAMING = ("reserved_for", "several")  # the facts of a refusal that name for what something is kept
NAMED = "r.id = ANY (%(rows)s)"


@dataclass(frozen=True, slots=True)
class Reserved:
    """A unit that is kept, or pieces of a lot at one place (``row_id``, ``epc`` empty).

    ``requisition_id``, ``case_id``: the document that ``reserved_for`` is the number of, if it is known.
    """

    epc: str
    serial: str
    row_id: int
    item_id: int
    item_name: tuple[str, str]
    lot_id: int
    lot: str
    expiry: date | None
    place_id: int
    place_name: tuple[str, str]
    place_path: str
    owner_id: int | None
    pieces: int
    reserved_for: str
    until: datetime | None
    since: datetime
    person: tuple[str, str]
    reservation_id: int = 0  # in which act it was kept, where that has a number
    reservation: str = ""
    requisition_id: int = 0
    case_id: int = 0
    case_path: str = ""  # of the department of that case

    @property
    def tick_value(self) -> str:
        """By what a form names it: the unit, or what is written down of the pieces."""
        return self.epc or f"lot:{self.row_id}"

    @property
    def thing(self) -> Thing:
        return self.epc or LotQuantity(self.lot_id, Decimal(self.pieces), self.place_id, self.owner_id)


def reserved(
    paths: Collection[str], *, numbers: Collection[str] = (), rows: Collection[int] = (), limit: int = 500
) -> list[Reserved]:
    """What is kept below some places, for these numbers or for anybody, the first to end first; ``rows``: of lots alone, what is
    written down under these. One statement."""
    if not paths:
        return []
    units, lots = [BELOW], [BELOW]
    if numbers:
        units.append(FOR.format(row="u"))
        lots.append(FOR.format(row="r"))
    if rows:
        units.append("false")
        lots.append(NAMED)
    sql = RESERVED.format(where_units=" AND ".join(units), where_lots=" AND ".join(lots))
    asked: dict[str, Any] = {
        "paths": [f"{path}%" for path in paths],
        "numbers": list(numbers),
        "rows": list(rows),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        found = cursor.fetchall()
    return [Reserved(*[tuple(cell) if isinstance(cell, list) else cell for cell in row]) for row in found]


def reserved_at(
    actor: Actor, *, place: Place | None = None, numbers: Collection[str] = (), limit: int = 500
) -> list[Reserved]:
    """The same where the actor picks and reserves: at one place, or at all of theirs. A case that the actor does not see is not
    named, and not found by its number."""
    paths = [place.path] if place else list(actor.scopes.get("pick", ()))
    found = shown_to(actor, reserved(paths, numbers=numbers, limit=limit))
    return [each for each in found if each.reserved_for] if numbers else found


def shown_to(actor: Actor, found: Iterable[Reserved]) -> list[Reserved]:
    """What is kept, without the number of a case that the actor does not see. Pure."""
    return [
        replace(each, reserved_for="", case_id=0)
        if each.case_path and not actor.may("view_patient", each.case_path)
        else each
        for each in found
    ]


def told(actor: Actor, numbers: Sequence[str]) -> list[str]:
    """Numbers that something is kept for, in their order; that of a case that the actor does not see is empty. One statement,
    none without a number."""
    hidden = _hidden(actor, numbers)
    return ["" if number in hidden else number for number in numbers]


def unnamed(refused: Refused, actor: Actor) -> Refused:
    """The refusal without the number of a case that the actor does not see. One statement, none where it names nothing kept."""
    hidden = _hidden(actor, [number for offence in refused.offences for number in _named(offence)])
    if not hidden:
        return refused

    def said(offence: Offence) -> Offence:
        facts = {
            fact: ", ".join(_("a case") if number in hidden else number for number in str(text).split(", "))
            for fact, text in offence.facts.items()
            if fact in NAMING
        }
        return replace(offence, facts={**offence.facts, **facts})

    return Refused.of(said(offence) for offence in refused.offences)


def _named(offence: Offence) -> list[str]:
    """The numbers that an offence says something is kept for."""
    return [number for fact in NAMING for number in str(offence.facts.get(fact, "")).split(", ")]


def _hidden(actor: Actor, numbers: Iterable[str]) -> set[str]:
    asked = {number for number in numbers if number}
    cases = Case.objects.filter(number__in=asked).values_list("number", "department__path") if asked else []
    return {number for number, path in cases if not actor.may("view_patient", path)}


def reserved_for(numbers: Iterable[str]) -> list[Reserved]:
    """What is kept for documents, wherever it lies: whoever may see the document may know. One statement; none
    without a number."""
    wanted = [number for number in numbers if number]
    return reserved(["/"], numbers=wanted) if wanted else []


def kept_for(number: str) -> dict[int, int]:
    """Item -> pieces that are kept for a document. One statement."""
    found: dict[int, int] = {}
    for each in reserved(["/"], numbers=[number], limit=100_000):
        found[each.item_id] = found.get(each.item_id, 0) + each.pieces
    return found
