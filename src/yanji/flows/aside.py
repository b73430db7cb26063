"""For which requisitions and transfers things lie picked, and what these lose when the things are held or are not there."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import connection

from yanji.ledger.api import LotQuantity

from .last_moved import CLAIM, DOCUMENT, LAST_MOVED
from .models import Requisition, RequisitionEvent
from .packing.lying import serves
from .packing.picked import pieces_with, torn_by
from .pick import count_less
from .things import Thing, look_up
from .transfer import state as transfers
from .transfer.models import Transfer

PICKED = "picked"


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """A document that things lie picked for: ``requisition`` or ``transfer``."""

    kind: str
    id: int


Document = Requisition | Transfer
UNITS_FOR = f"""
SELECT u.epc, {CLAIM}
  FROM {LAST_MOVED} {DOCUMENT}
 WHERE u.epc = ANY (%s) AND u.status = 'picked'
"""
# Of counted lots: what a document's entries set aside somewhere, less what they took away.
PIECES_FOR = f"""
SELECT m.lot_id, m.place_id, {CLAIM}, sum(m.pieces)
  FROM (SELECT event_id, lot_id, to_place_id AS place_id, quantity AS pieces FROM ledger_movement
         WHERE lot_id = ANY (%(lots)s) AND unit_id IS NULL AND to_status = 'picked'
        UNION ALL
        SELECT event_id, lot_id, from_place_id, -quantity FROM ledger_movement
         WHERE lot_id = ANY (%(lots)s) AND unit_id IS NULL AND from_status = 'picked') m {DOCUMENT}
 WHERE re.id IS NOT NULL OR te.id IS NOT NULL
 GROUP BY 1, 2, 3, 4 HAVING sum(m.pieces) > 0 ORDER BY 1, 2, 3, 4
"""


class SetAside:
    """Who has what set aside. ``units``: those that lie picked, and for which document; None where no document has one.

    Each piece of a counted lot is given out once: see :meth:`parts`.
    """

    def __init__(
        self, units: Mapping[str, Claim | None], shares: Iterable[tuple[int, int, Claim, Decimal]]
    ) -> None:
        self.units = units
        self.shares: dict[tuple[int, int], Counter[Claim]] = defaultdict(Counter)
        for lot, place, claim, pieces in shares:
            self.shares[lot, place][claim] = int(pieces)

    @property
    def claims(self) -> set[Claim]:
        """Every document that has something of it."""
        found = {claim for claim in self.units.values() if claim}
        return found.union(*self.shares.values())

    def parts(self, thing: Thing) -> Iterator[tuple[Claim | None, Thing]]:
        """A thing, cut into what each document has of it and what none has."""
        if isinstance(thing, str):
            yield self.units.get(thing), thing
            return
        left = int(thing.quantity)
        shares = self.shares[thing.lot_id, thing.from_place_id] if thing.status == PICKED else Counter()
        for claim in sorted(shares):
            part = min(left, shares[claim])
            if part > 0:
                left -= part
                shares[claim] -= part
                yield claim, replace(thing, quantity=Decimal(part))
        if left > 0:
            yield None, replace(thing, quantity=Decimal(left))

    def by_claim(self, things: Iterable[Thing]) -> dict[Claim | None, list[Thing]]:
        """Things by the document that has them; first, under None, what none has."""
        groups: dict[Claim | None, list[Thing]] = defaultdict(list)
        for thing in things:
            for claim, part in self.parts(thing):
                groups[claim].append(part)
        return dict(sorted(groups.items(), key=lambda group: (group[0] is not None, group[0])))


def set_aside(epcs: Sequence[str], lots: Collection[int]) -> SetAside:
    """For whom some units lie picked, and pieces of some lots. At most two statements."""
    units: dict[str, Claim | None] = {}
    shares = []
    with connection.cursor() as cursor:
        if epcs:
            cursor.execute(UNITS_FOR, (list(epcs),))
            units = {epc: Claim(kind, key) if key else None for epc, kind, key in cursor.fetchall()}
        if lots:
            cursor.execute(PIECES_FOR, {"lots": sorted(lots)})
            shares = [(lot, place, Claim(kind, key), pieces) for lot, place, kind, key, pieces in cursor]
    return SetAside(units, shares)


def set_aside_of(things: Iterable[Thing]) -> SetAside:
    """The same of things as they are named. At most two statements, one where no counted lot is said to lie picked."""
    found = list(things)
    lots = {each.lot_id for each in found if isinstance(each, LotQuantity) and each.status == PICKED}
    return set_aside([each for each in found if isinstance(each, str)], lots)


def locked(claims: Iterable[Claim]) -> dict[Claim, Document]:
    """The documents, locked. Sorted: prevents deadlock between two that take from the same documents."""
    wanted = sorted(claims)
    requisitions = [each.id for each in wanted if each.kind == "requisition"]
    sent = [each.id for each in wanted if each.kind == "transfer"]
    found: dict[Claim, Document] = {}
    if requisitions:
        rows = Requisition.objects.select_for_update().filter(pk__in=requisitions).order_by("pk")
        found |= {Claim("requisition", row.pk): row for row in rows}
    if sent:
        loads = Transfer.objects.select_for_update().filter(pk__in=sent).order_by("pk")
        found |= {Claim("transfer", row.pk): row for row in loads}
    return found


def documents_of(claim: Claim | None, document: Document | None) -> dict[str, str]:
    """What an entry says of the document that it takes from."""
    return {claim.kind: document.number} if claim and document else {}


def serve(document: Document, event_id: str) -> None:
    """Write down that an entry moved what lies picked for a document."""
    if isinstance(document, Transfer):
        transfers.keep_events(document, event_id)
    else:
        RequisitionEvent.objects.create(requisition=document, event_id=event_id)


def give_up(document: Document, event_id: str, things: Sequence[Thing]) -> None:
    """An entry took things away that lay picked for a document: it has picked so much less; a kit that lost something is torn."""
    serve(document, event_id)
    torn = torn_by(serves(document), things, event_id)
    less = transfers.less(pieces_with(look_up(things), things, torn))
    if isinstance(document, Transfer):
        transfers.count_less(document, less)
    else:
        count_less(document, {line.item_id: line for line in document.lines.all()}, less)
