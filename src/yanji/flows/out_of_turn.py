"""What was taken out of turn, as people read it: which thing, what stood before it, why, who took it and when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .models import Issue, Requisition
from .papers import Section, shown
from .transfer.models import Transfer


@dataclass(frozen=True, slots=True)
class OutOfTurn:
    """One thing taken before its turn. ``thing`` and ``instead_of`` are as the ledger names them, an identity or ``lot N``, and
    where one lot alone was asked for its number; ``serial`` is empty of a counted lot. ``undone``: its entry was taken back."""

    event_id: str
    thing: str
    serial: str
    lot: str
    expiry: date | None
    item: str
    instead_of: str
    instead_serial: str
    instead_lot: str
    instead_expiry: date | None
    reason: str
    why: str
    at: datetime
    by: str
    undone: bool

    @property
    def taken(self) -> str:
        return _called(self.serial, self.lot, self.thing)

    @property
    def before(self) -> str:
        """What should have gone first."""
        return _called(self.instead_serial, self.instead_lot, self.instead_of)


# Units and lots by their names in the row; a lot that alone was asked for is named by its number. The words of a reason that
# is offered no more go on being read.
ROWS = """
SELECT o.event_id::text, o.epc, coalesce(u.serial, ''), coalesce(l.number, ''), l.expiry, i.name_zh, i.name_en, o.instead_of,
       coalesce(bu.serial, ''), coalesce(bl.number, ''), bl.expiry, o.reason, r.name_zh, r.name_en, e.happened_at,
       a.name_zh, a.name_en, EXISTS (SELECT FROM ledger_event k WHERE k.corrects_id = e.id)
  FROM (SELECT id, event_id, epc, instead_of, reason, requisition_id, NULL::bigint AS transfer_id FROM flows_override
        UNION ALL
        SELECT id, event_id, epc, instead_of, reason, NULL, transfer_id FROM flows_transferoverride) o
  JOIN ledger_event e ON e.id = o.event_id
  JOIN access_person a ON a.id = e.actor_id
  LEFT JOIN ledger_unit u ON u.epc = o.epc
  LEFT JOIN ledger_lot l ON l.id = coalesce(u.lot_id, substring(o.epc FROM '^lot ([0-9]{{1,18}})$')::bigint)
  LEFT JOIN catalog_item i ON i.id = l.item_id
  LEFT JOIN ledger_unit bu ON bu.epc = o.instead_of
  LEFT JOIN ledger_lot bl ON bl.id = coalesce(bu.lot_id, substring(o.instead_of FROM '^lot ([0-9]{{1,18}})$')::bigint)
  LEFT JOIN flows_reasoncode r ON r."group" = 'override' AND r.code = o.reason
 WHERE {where}
 ORDER BY e.happened_at, o.id
"""
MOVED_BY = """o.requisition_id = %s AND EXISTS (SELECT FROM ledger_movement m WHERE m.event_id = %s
   AND CASE WHEN u.id IS NULL THEN m.unit_id IS NULL AND m.lot_id = l.id ELSE m.unit_id = u.id END)"""


def of_requisition(requisition: Requisition) -> list[OutOfTurn]:
    """What was taken out of turn for it, the first first. One statement."""
    return _read("o.requisition_id = %s", requisition.pk)


def of_transfer(transfer: Transfer) -> list[OutOfTurn]:
    """The same for a transfer. One statement."""
    return _read("o.transfer_id = %s", transfer.pk)


def of_issue(issue: Issue) -> list[OutOfTurn]:
    """Of what one handing-over took along, what had been picked out of turn. One statement."""
    found = _read(MOVED_BY, issue.requisition_id, issue.event_id)
    # Put back and picked again: what holds is how it was picked last.
    return list({each.thing: each for each in found if not each.undone}.values())


def of_events(event_ids: Iterable[str | UUID], *, thing: str = "") -> list[OutOfTurn]:
    """What entries took out of turn; of one ``thing`` alone where it is named. One statement, none without entries."""
    wanted = [UUID(str(each)) for each in event_ids]
    if not wanted:
        return []
    return _read("o.event_id = ANY (%s) AND %s IN ('', o.epc)", wanted, thing)


def shared_reason(things: Iterable[str], late: Iterable[str], given: Mapping[str, str]) -> str:
    """The reason an entry gives: that for which every thing of it was taken out of turn. Where they differ, or one was in turn,
    each tells its own. Pure."""
    taken = set(late)
    said = {given[thing] for thing in taken}
    return said.pop() if len(said) == 1 and set(things) == taken else ""


def section(found: Sequence[OutOfTurn]) -> list[Section]:
    """On paper; nothing where all was in turn."""
    columns = (_("Item"), _("Taken"), _("Stood before it"), _("Reason"), _("By"), _("At"))
    rows = [
        (each.item, _with_expiry(each.taken, each.expiry), _with_expiry(each.before, each.instead_expiry),
         f"{each.why} · {_('Taken back')}" if each.undone else each.why, each.by, each.at)
        for each in found
    ]  # fmt: skip
    return [Section(_("Taken out of turn"), columns, rows)] if rows else []


def _read(where: str, *given: Any) -> list[OutOfTurn]:
    english = (get_language() or "").startswith("en")
    with connection.cursor() as cursor:
        cursor.execute(ROWS.format(where=where), given)
        rows = cursor.fetchall()

    return [_row(row, english=english) for row in rows]


def _row(row: Sequence[Any], *, english: bool) -> OutOfTurn:
    def named(at: int) -> str:
        """Of a pair of names, zh and en, the reader's."""
        return (row[at + 1] if english and row[at + 1] else row[at]) or ""

    return OutOfTurn(
        *row[:5], item=named(5), instead_of=row[7], instead_serial=row[8], instead_lot=row[9], instead_expiry=row[10],
        reason=row[11], why=named(12) or row[11], at=row[14], by=named(15), undone=row[17],
    )  # fmt: skip


def _called(serial: str, lot: str, otherwise: str) -> str:
    return serial or (_("Lot %(lot)s") % {"lot": lot or otherwise})


def _with_expiry(name: str, expiry: date | None) -> str:
    return f"{name} · {_('valid to %(day)s') % {'day': shown(expiry)}}" if expiry else name
