"""A wrong entry is taken back by a new one that names it; nothing is edited."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.operations import Operation

from .checks import bad_texts
from .draft import Draft, Posted
from .lifecycle import Status, Step
from .plan import Change, Plan
from .post import repeated, write
from .refused import Offence, Refused
from .wire import durable, fetch

EVENT = """
SELECT e.step, (SELECT c.id FROM ledger_event c WHERE c.corrects_id = e.id),
       (SELECT ARRAY[k.id::text, k.fingerprint] FROM ledger_event k WHERE k.key = %s)
  FROM ledger_event e WHERE e.id = %s
"""
# The units are locked in sorted order, as post() does; quantities are guarded by their level's check.
MOVEMENTS = """
SELECT m.line, m.unit_id, m.seq, u.seq, m.lot_id, m.from_lot_id, m.quantity, m.value, m.from_place_id, m.to_place_id,
       m.from_status, m.to_status, m.from_owner_id, m.to_owner_id, coalesce(u.epc, lo.number), source.path, target.path,
       -- What came later and was itself taken back left the unit where this entry had put it.
       EXISTS (SELECT 1 FROM ledger_movement later JOIN ledger_event le ON le.id = later.event_id
                WHERE later.unit_id = m.unit_id AND later.seq > m.seq AND le.corrects_id IS NULL
                  AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = le.id)),
       (SELECT prior.custodian_id FROM ledger_movement prior WHERE prior.unit_id = m.unit_id AND prior.seq = m.seq - 1)
  FROM ledger_movement m
  JOIN ledger_lot lo ON lo.id = m.lot_id
  JOIN places_place source ON source.id = m.from_place_id
  JOIN places_place target ON target.id = m.to_place_id
  LEFT JOIN ledger_unit u ON u.id = m.unit_id
 WHERE m.event_id = %s
 ORDER BY m.unit_id, m.line
"""
LOCK = """
SELECT 1 FROM ledger_unit WHERE id IN (SELECT unit_id FROM ledger_movement WHERE event_id = %s) ORDER BY id FOR UPDATE
"""


@dataclass(frozen=True, slots=True)
class _Moved:
    """One movement of the entry to take back, beside where its unit stands now."""

    line: int
    unit_id: int | None
    seq: int | None
    current_seq: int | None
    lot_id: int
    from_lot_id: int | None
    quantity: Decimal
    value: Decimal
    from_place_id: int
    to_place_id: int
    from_status: str | None
    to_status: str
    from_owner_id: int | None
    to_owner_id: int | None
    name: str
    from_path: str
    to_path: str
    moved_on: bool
    prior_custodian_id: int | None

    def taken_back(self) -> Change:
        """The movement reversed, into the hands of who had it before. What was new goes back to the supplier, expected again,
        as it had been announced."""
        return Change(
            line=self.line,
            unit_id=self.unit_id,
            seq=None if self.current_seq is None else self.current_seq + 1,
            lot_id=self.from_lot_id or self.lot_id,
            from_lot_id=self.lot_id if self.from_lot_id else None,
            quantity=self.quantity,
            value=self.value,
            from_place_id=self.to_place_id,
            to_place_id=self.from_place_id,
            from_status=Status(self.to_status),
            to_status=Status(self.from_status) if self.from_status else Status.EXPECTED,
            from_owner_id=self.to_owner_id,
            to_owner_id=self.from_owner_id,
            custodian_id=self.prior_custodian_id,
        )


@durable
def correct(
    event_id: str, *, key: str, reason: str, actor: Actor, note: str = "", happened_at: datetime | None = None
) -> Posted:
    """Take an entry back by a compensating one.

    Raises :class:`Refused`: no such entry, already corrected, of a kind that cannot be taken back (a ship notice, a
    correction), no reason, not the actor's, or units that have moved on since, each named.
    """
    draft = Draft(
        step=Step.CORRECT,
        key=key,
        happened_at=happened_at or timezone.now(),
        lines=(),
        documents={"corrects": event_id},
        reason=reason,
        note=note,
        # Whom a unit was reserved for is not in its history: it comes back reserved for nobody, and lapsed.
        until=happened_at or timezone.now(),
    )
    if offences := list(bad_texts(draft, actor)):
        raise Refused.of(offences)
    if not _is_id(event_id):
        raise Refused("unknown_event")
    # Not the time: a retry happens later, and is the same act.
    fingerprint = f"correct:{event_id}"
    fetch(LOCK, (event_id,))
    found = fetch(EVENT, (key, event_id))
    if not found:
        raise Refused("unknown_event")
    step, corrected_by, prior = found[0]
    if prior is not None:
        return repeated((prior[0], prior[1]), fingerprint)
    moved = [_Moved(*row) for row in fetch(MOVEMENTS, (event_id,))]
    offences = _against(Step(step), corrected_by, moved, draft, actor)
    if offences:
        raise Refused.of(offences)
    plan = Plan()
    for movement in moved:
        plan.add(movement.taken_back())
    if step == Step.USE:
        fetch("DELETE FROM ledger_use WHERE event_id = %s RETURNING 1", (event_id,))
    return write(draft, plan, actor=actor, fingerprint=fingerprint, corrects=event_id)


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _against(
    step: Step, corrected_by: str | None, moved: list[_Moved], draft: Draft, actor: Actor
) -> list[Offence]:
    if corrected_by is not None:
        return [Offence("already_corrected")]
    # A recall that ended is said anew.
    if step in (Step.ANNOUNCE, Step.CORRECT, Step.END_RECALL):
        return [Offence("cannot_correct")]
    found = [] if draft.key else [Offence("key_missing")]
    found += [] if draft.reason else [Offence("reason_needed")]
    for movement in moved:
        if movement.moved_on:
            found.append(Offence("moved_on", movement.name))
        # What was given up on its way lies in nobody's subtree: the flow's own gate says at whose ends it is taken back.
        paths: tuple[str | None, ...] = (movement.from_path, movement.to_path)
        if step is Step.LOST_ON_WAY:
            paths = (None,)
        if not any(actor.may(Operation.CORRECT, path) for path in paths):
            found.append(Offence("not_yours", movement.name))
    return found
