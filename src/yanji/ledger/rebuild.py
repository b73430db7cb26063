"""Replays all movements and compares with the current state: any difference is an alert."""

from dataclasses import dataclass

from .lifecycle import SAID
from .wire import fetch

# Each query gives what differs: the thing, and what is recorded beside what the movements say.
CHECKS: dict[str, str] = {
    # The last link of each chain is the unit's state.
    "unit_state": """
        WITH last AS (SELECT DISTINCT ON (m.unit_id) m.* FROM ledger_movement m WHERE m.unit_id IS NOT NULL
                       ORDER BY m.unit_id, m.seq DESC)
        SELECT u.epc, jsonb_build_array(u.status, u.place_id, u.owner_id, u.custodian_id, u.seq, u.lot_id)::text,
               jsonb_build_array(l.to_status, l.to_place_id, l.to_owner_id, l.custodian_id, l.seq, l.lot_id)::text
          FROM ledger_unit u LEFT JOIN last l ON l.unit_id = u.id
         WHERE (u.status, u.place_id, u.owner_id, u.custodian_id, u.seq, u.lot_id)
               IS DISTINCT FROM (l.to_status, l.to_place_id, l.to_owner_id, l.custodian_id, l.seq, l.lot_id)""",
    # Every link begins where the one before it ended, and none is missing.
    "unit_chain": """
        SELECT u.epc, jsonb_build_array(m.seq, m.from_status, m.from_place_id, m.from_lot)::text,
               jsonb_build_array(m.prior_seq + 1, m.prior_status, m.prior_place, m.prior_lot)::text
          FROM (SELECT unit_id, seq, from_status, from_place_id, coalesce(from_lot_id, lot_id) AS from_lot,
                       coalesce(lag(seq) OVER chain, 0) AS prior_seq, lag(to_status) OVER chain AS prior_status,
                       coalesce(lag(to_place_id) OVER chain, from_place_id) AS prior_place,
                       coalesce(lag(lot_id) OVER chain, from_lot_id, lot_id) AS prior_lot
                  FROM ledger_movement WHERE unit_id IS NOT NULL
                WINDOW chain AS (PARTITION BY unit_id ORDER BY seq)) m
          JOIN ledger_unit u ON u.id = m.unit_id
         WHERE m.seq <> m.prior_seq + 1 OR m.from_status IS DISTINCT FROM m.prior_status
            OR m.from_place_id <> m.prior_place OR m.from_lot <> m.prior_lot""",
    # What is only said of a unit leaves it with whoever had it, and what is taken back goes to whoever had it before. Entries
    # older than this rule (ledger_since) name who made them, and stand as they were written: no other name has ever been right.
    "custody": f"""
        SELECT u.epc, jsonb_build_array(m.seq, m.custodian_id)::text, jsonb_build_array(m.seq, had.custodian_id)::text
          FROM ledger_event e
          JOIN ledger_movement m ON m.event_id = e.id
          JOIN ledger_unit u ON u.id = m.unit_id
          LEFT JOIN ledger_movement undone ON undone.event_id = e.corrects_id AND undone.unit_id = m.unit_id
          LEFT JOIN ledger_movement had ON had.unit_id = m.unit_id AND had.seq = coalesce(undone.seq, m.seq) - 1
         WHERE (e.corrects_id IS NOT NULL
                OR (e.step IN ({", ".join(f"'{step}'" for step in sorted(SAID))}) AND m.from_place_id = m.to_place_id))
           AND m.custodian_id IS DISTINCT FROM had.custodian_id
           AND NOT (m.custodian_id IS NOT DISTINCT FROM e.actor_id
                    AND EXISTS (SELECT 1 FROM ledger_log l JOIN ledger_since s ON s.rule = 'custody' AND l.position <= s.position
                                 WHERE l.event_id = e.id))""",
    # Levels are the sum of what came minus the sum of what went.
    "level": """
        WITH ends AS (
            SELECT to_place_id AS place_id, lot_id, to_status AS status, to_owner_id AS owner_id, quantity, value
              FROM ledger_movement
            UNION ALL
            SELECT from_place_id, coalesce(from_lot_id, lot_id), from_status, from_owner_id, -quantity, -value
              FROM ledger_movement WHERE from_status IS NOT NULL),
        replayed AS (SELECT place_id, lot_id, status, owner_id, sum(quantity) AS quantity, sum(value) AS value
                       FROM ends GROUP BY 1, 2, 3, 4)
        SELECT jsonb_build_array(coalesce(l.place_id, r.place_id), coalesce(l.lot_id, r.lot_id),
                                 coalesce(l.status, r.status))::text,
               jsonb_build_array(l.quantity, l.value)::text, jsonb_build_array(r.quantity, r.value)::text
          FROM ledger_level l
          FULL JOIN replayed r ON r.place_id = l.place_id AND r.lot_id = l.lot_id AND r.status = l.status
                              AND coalesce(r.owner_id, 0) = coalesce(l.owner_id, 0)
         WHERE coalesce(l.quantity, 0) <> coalesce(r.quantity, 0) OR coalesce(l.value, 0) <> coalesce(r.value, 0)""",
    # Units and levels count the same things.
    "count": """
        WITH units AS (SELECT place_id, lot_id, status, owner_id, count(*) AS quantity FROM ledger_unit GROUP BY 1, 2, 3, 4)
        SELECT jsonb_build_array(coalesce(l.place_id, u.place_id), coalesce(l.lot_id, u.lot_id),
                                 coalesce(l.status, u.status))::text,
               coalesce(l.quantity, 0)::text, coalesce(u.quantity, 0)::text
          FROM (SELECT le.* FROM ledger_level le JOIN ledger_lot lo ON lo.id = le.lot_id
                  JOIN catalog_item it ON it.id = lo.item_id WHERE it.tracking = 'unit') l
          FULL JOIN units u ON u.place_id = l.place_id AND u.lot_id = l.lot_id AND u.status = l.status
                           AND coalesce(u.owner_id, 0) = coalesce(l.owner_id, 0)
         WHERE coalesce(l.quantity, 0) <> coalesce(u.quantity, 0)""",
    # A unit in a patient has one active use, one that was taken out keeps it, and no other has one.
    "use": """
        SELECT u.epc, u.status, coalesce(s.case_number, '-')
          FROM ledger_unit u FULL JOIN ledger_use s ON s.unit_id = u.id
          LEFT JOIN places_place p ON p.id = u.place_id
         WHERE (p.kind = 'patient' OR (s.unit_id IS NOT NULL AND EXISTS (
                    SELECT 1 FROM ledger_movement m JOIN ledger_event e ON e.id = m.event_id
                     WHERE m.unit_id = u.id AND e.step = 'explant'
                       AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id))))
               IS DISTINCT FROM (s.unit_id IS NOT NULL)""",
    # No event without movements.
    "event": """
        SELECT e.id::text, e.step, 'no movements' FROM ledger_event e
         WHERE NOT EXISTS (SELECT 1 FROM ledger_movement m WHERE m.event_id = e.id)""",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference between the current state and the replay."""

    check: str
    thing: str
    recorded: str
    replayed: str


def rebuild() -> list[Drift]:
    """Everything in which the current state differs from its history; an empty list is good news."""
    return [
        Drift(check, *row)
        for check, sql in CHECKS.items()
        for row in fetch(f"SELECT * FROM ({sql}) AS differing LIMIT 1000")
    ]
