"""What is on its way between two places of the hospital may be in doubt as well: of which lots it is, and for whom."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.ledger.api import LotQuantity, Offence, Refused, Status, virtual_places
from yanji.ledger.models import Event
from yanji.places.models import Place

from .aside import Claim
from .differing.report import also
from .last_moved import CLAIM, DOCUMENT, LAST_MOVED
from .models import Issue, IssueLine
from .things import Thing, name

UNITS = f"""
SELECT u.epc, u.lot_id, {CLAIM}, array_agg(DISTINCT p.path)
  FROM {LAST_MOVED} {DOCUMENT}
  LEFT JOIN flows_transfer t ON t.id = te.transfer_id
  LEFT JOIN flows_requisition r ON r.id = re.requisition_id
  JOIN places_place p ON p.id IN (t.source_id, t.destination_id, r.store_id, r.department_id)
 WHERE u.status = ANY (%(statuses)s) AND u.place_id = %(transit)s
   AND (u.epc = ANY (%(epcs)s) OR u.lot_id = ANY (%(lots)s))
 GROUP BY u.id, re.id, te.id ORDER BY u.id
"""
# Of counted lots, what a transfer sent less what arrived.
PIECES = """
SELECT ends.lot_id, ends.owner_id, ends.status, sum(ends.pieces), t.id,
       (SELECT array_agg(p.path) FROM places_place p WHERE p.id IN (t.source_id, t.destination_id))
  FROM (SELECT event_id, lot_id, to_owner_id AS owner_id, to_status AS status, quantity AS pieces FROM ledger_movement
         WHERE lot_id = ANY (%(lots)s) AND unit_id IS NULL AND to_place_id = %(transit)s
        UNION ALL
        SELECT event_id, lot_id, from_owner_id, from_status, -quantity FROM ledger_movement
         WHERE lot_id = ANY (%(lots)s) AND unit_id IS NULL AND from_place_id = %(transit)s) ends
  JOIN flows_transferevent te ON te.event_id = ends.event_id
  JOIN flows_transfer t ON t.id = te.transfer_id
 WHERE ends.status = ANY (%(statuses)s)
 GROUP BY ends.lot_id, ends.owner_id, ends.status, t.id HAVING sum(ends.pieces) > 0
 ORDER BY ends.lot_id, t.id, ends.owner_id, ends.status
"""


# Of counted lots what a store handed over and a department has not taken in, all of it: each handing-over counts its own.
HANDED = """
SELECT il.lot_id, sum(il.quantity - il.taken_in - il.gone), handed.owner_id, r.id,
       (SELECT array_agg(p.path) FROM places_place p WHERE p.id IN (r.store_id, r.department_id))
  FROM flows_issueline il
  JOIN flows_issue i ON i.id = il.issue_id AND i.state IN ('underway', 'partly_taken_in')
  JOIN flows_requisition r ON r.id = i.requisition_id
  CROSS JOIN LATERAL (SELECT m.to_owner_id AS owner_id FROM ledger_movement m
                       WHERE m.event_id = i.event_id AND m.lot_id = il.lot_id AND m.unit_id IS NULL LIMIT 1) handed
  JOIN ledger_lot lo ON lo.id = il.lot_id
  JOIN catalog_item item ON item.id = lo.item_id AND item.tracking = 'lot'
 WHERE il.lot_id = ANY (%(lots)s) AND il.doubt = '' AND 'in_transit' = ANY (%(statuses)s)
 GROUP BY il.lot_id, handed.owner_id, r.id HAVING sum(il.quantity - il.taken_in - il.gone) > 0
 ORDER BY il.lot_id, r.id, handed.owner_id
"""


@dataclass(frozen=True, slots=True)
class Going:
    """A thing on its way for a document; ``paths``: the places at its two ends."""

    thing: Thing
    lot_id: int
    claim: Claim
    paths: tuple[str, ...]

    @property
    def pieces(self) -> int:
        return 1 if isinstance(self.thing, str) else int(self.thing.quantity)


def going(
    epcs: Sequence[str],
    lots: Collection[tuple[int, str]] = (),
    *,
    statuses: Collection[str] = ("in_transit",),
) -> list[Going]:
    """Of some units those on their way, and what is on its way to or from a place of each lot (lot, path). Three statements,
    one without lots."""
    asked: dict[str, Any] = {
        "epcs": list(epcs), "lots": sorted({lot for lot, _path in lots}), "statuses": list(statuses),
        "transit": virtual_places().transit,
    }  # fmt: skip
    named = set(epcs)
    with connection.cursor() as cursor:
        cursor.execute(UNITS, asked)
        found = [
            Going(epc, lot, Claim(kind, key), tuple(paths))
            for epc, lot, kind, key, paths in cursor.fetchall()
        ]
        if lots:
            cursor.execute(PIECES, asked)
            found += [
                Going(
                    LotQuantity(lot, pieces, asked["transit"], owner, status), lot, Claim("transfer", key), tuple(paths)
                )
                for lot, owner, status, pieces, key, paths in cursor.fetchall()
            ]  # fmt: skip
            cursor.execute(HANDED, asked)
            found += [
                Going(
                    LotQuantity(lot, Decimal(pieces), asked["transit"], owner, Status.IN_TRANSIT.value), lot,
                    Claim("requisition", key), tuple(paths),
                )
                for lot, pieces, owner, key, paths in cursor.fetchall()
            ]  # fmt: skip
    return [each for each in found if each.thing in named or _ends_at(each, lots)]


def _ends_at(one: Going, lots: Iterable[tuple[int, str]]) -> bool:
    return any(lot == one.lot_id and path.startswith(at) for lot, at in lots for path in one.paths)


def by_claim(found: Iterable[Going]) -> Mapping[Claim, list[Thing]]:
    """Things by the document that they are on their way for, in a fixed order. Pure."""
    groups: dict[Claim, list[Thing]] = defaultdict(list)
    for each in found:
        groups[each.claim].append(each.thing)
    return dict(sorted(groups.items()))


def lock_handed(claims: Iterable[Claim]) -> None:
    """Lock what was handed over for these documents, so that nobody takes it in beside us. One statement, none without
    requisitions."""
    wanted = sorted(claim.id for claim in claims if claim.kind == "requisition")
    if wanted:
        list(Issue.objects.select_for_update().filter(requisition__in=wanted).order_by("pk"))


def mark_handed(claim: Claim, things: Iterable[Thing], status: str) -> None:
    """Pieces of counted lots that were put in doubt on their way to a department: all that is left of them arrives so. One
    statement, none without any."""
    lots = {thing.lot_id for thing in things if not isinstance(thing, str)}
    if claim.kind == "requisition" and lots:
        IssueLine.objects.filter(issue__requisition=claim.id, lot__in=lots, doubt="").filter(
            quantity__gt=F("taken_in") + F("gone")
        ).update(doubt=status)


def unmark_handed(requisition_id: int, event: Event) -> None:
    """The entry that had put them in doubt is taken back. Two statements."""
    pieces = event.movements.filter(unit=None, from_status=Status.IN_TRANSIT)
    for lot, status in pieces.values_list("lot_id", "to_status"):
        IssueLine.objects.filter(issue__requisition=requisition_id, lot=lot, doubt=status).update(doubt="")


def may_doubt(actor: Actor, one: Going) -> bool:
    """Whether it is the actor's to hold: whoever may do so at either end of the way."""
    return any(actor.may(Operation.HOLD, path) for path in one.paths)


def check_doubt(actor: Actor, found: Iterable[Going]) -> None:
    """Raises :class:`Refused` naming what is not the actor's to hold."""
    if offences := [Offence("not_yours", name(each.thing)) for each in found if not may_doubt(actor, each)]:
        raise Refused.of(offences)


def on_its_way(actor: Actor) -> Actor:
    """The actor with the right to hold what is on its way, which lies in nobody's subtree: :func:`check_doubt` has decided."""
    return also(actor, Operation.HOLD, Place.objects.get(pk=virtual_places().transit).path)


def holdable_after_all(offences: Sequence[Offence], actor: Actor) -> list[Offence]:
    """Without those of units on their way that the actor may hold there. One statement, none without offences."""
    if not offences:
        return []
    ours = {each.thing for each in going([one.thing for one in offences]) if may_doubt(actor, each)}
    return [each for each in offences if each.thing not in ours]


def lands_first(offences: Iterable[Offence], flow: str = "release") -> list[Offence]:
    """What is held on its way is released where it arrives: said so of a release. Pure."""
    found = list(offences)
    if flow != "release":
        return found
    away = {each.thing for each in found if each.code == "wrong_place"}
    return [
        *(Offence("lands_first", thing) for thing in sorted(away)),
        *(each for each in found if each.thing not in away),
    ]
