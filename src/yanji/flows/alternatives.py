"""The way out of a refusal: where free units of the same item lie."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import ngettext

from yanji.access.actor import Actor
from yanji.ledger.api import Refused
from yanji.places.spoken import Spoken

from .things import known_units

# Another unit helps where this one cannot be taken; it does not where the act itself was wrong, nor where the sentence names
# whose turn it is.
HELPED = frozenset(
    {
        "expired",
        "recalled",
        "on_hold",
        "reserved",
        "already_used",
        "wrong_status",
        "elsewhere",
    }
)
FREE = """
SELECT item_id, name_zh, name_en, place_id, place_zh, place_en, lot, expiry, quantity,
       (SELECT c.id FROM places_place c
         WHERE c.kind = 'cabinet' AND c.id = ANY (way) AND c.path LIKE ANY (%(paths)s) ORDER BY c.path DESC LIMIT 1)
  FROM (
    SELECT lo.item_id, i.name_zh, i.name_en, p.id AS place_id, p.name_zh AS place_zh, p.name_en AS place_en,
           string_to_array(trim(BOTH '/' FROM p.path), '/')::bigint[] AS way, lo.number AS lot, lo.expiry,
           sum(le.quantity) AS quantity,
           row_number() OVER (PARTITION BY lo.item_id ORDER BY lo.expiry NULLS LAST, p.id, lo.id) AS turn
      FROM ledger_level le
      JOIN ledger_lot lo ON lo.id = le.lot_id
      JOIN catalog_item i ON i.id = lo.item_id
      JOIN places_place p ON p.id = le.place_id
     WHERE lo.item_id = ANY (%(items)s) AND le.status = 'available' AND le.quantity > 0
       AND (lo.expiry IS NULL OR lo.expiry >= %(today)s) AND lo.recall = '' AND p.path LIKE ANY (%(paths)s)
     GROUP BY lo.item_id, i.name_zh, i.name_en, p.id, p.name_zh, p.name_en, lo.id, lo.number, lo.expiry) AS
     free
 WHERE turn <= %(each)s ORDER BY item_id, turn
"""


@dataclass(frozen=True, slots=True)
class WayOut:
    """Free pieces of an item in one place, of one lot; names as (zh, en).

    ``cabinet_id``: of the cabinet that the place is, or stands in, where it was looked in.
    """

    item_id: int
    item_name: tuple[str, str]
    place_id: int
    place_name: tuple[str, str]
    lot: str
    expiry: date | None
    quantity: int
    cabinet_id: int | None = None

    @property
    def href(self) -> str:
        """The page that shows them where they lie: the cabinet drawn, otherwise the list of what is free there; nothing where
        this installation has no such pages."""
        asked = {
            "item": self.item_id,
            "place": self.place_id,
            "right_there": 1,
            "status": "available",
            "by": "unit",
        }
        try:
            if self.cabinet_id:
                return reverse("web:cabinet", args=[self.cabinet_id])
            return f"{reverse('web:stock')}?{urlencode(asked)}"
        except NoReverseMatch:
            return ""

    def sentence(self) -> str:
        """As a person reads it, in the current language."""
        said = ngettext(
            "{count} unit of the same item, valid to {expiry}, lies in {place}.",
            "{count} units of the same item, valid to {expiry}, lie in {place}.",
            self.quantity,
        )
        return said.format(count=self.quantity, expiry=self.expiry or "–", place=localised(self.place_name))


def localised(pair: Sequence[str]) -> str:
    """One of the two names, by the current language."""
    return Spoken(*pair)


def alternatives(
    items: Collection[int], *, paths: Collection[str], today: date | None = None, each: int = 2
) -> dict[int, list[WayOut]]:
    """For each item the first few free lots below the paths, first expiry first. One statement."""
    if not items or not paths:
        return {}
    asked: dict[str, Any] = {
        "items": sorted(items),
        "paths": [f"{path}%" for path in paths],
        "today": today or timezone.localdate(),
        "each": each,
    }
    found: dict[int, list[WayOut]] = {}
    with connection.cursor() as cursor:
        cursor.execute(FREE, asked)
        for item, zh, en, place, place_zh, place_en, lot, expiry, quantity, cabinet in cursor.fetchall():
            way = WayOut(item, (zh, en), place, (place_zh, place_en), lot, expiry, int(quantity), cabinet)
            found.setdefault(item, []).append(way)
    return found


def ways_out(refusal: Refused, *, actor: Actor, paths: Collection[str] = ()) -> dict[str, list[WayOut]]:
    """For each refused unit that another one could replace: where others lie. Two statements, none where
    nothing helps.

    ``paths``: where to look, by default wherever the actor sees stock.
    """
    refused = [offence.thing for offence in refusal.offences if offence.code in HELPED and offence.thing][:50]
    return of_units(refused, paths=paths or actor.scopes.get("view", ())) if refused else {}


def of_units(epcs: Iterable[str], *, paths: Collection[str]) -> dict[str, list[WayOut]]:
    """The same for units by identity."""
    units = known_units(list(epcs))
    free = alternatives({unit.item_id for unit in units.values()}, paths=paths)
    return {epc: free[unit.item_id] for epc, unit in units.items() if unit.item_id in free}
