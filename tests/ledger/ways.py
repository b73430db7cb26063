"""How a unit comes to where each step can be taken: the steps that lead there, in order."""

from typing import Any

from django.db import connection

from tests.makers import Hospital
from yanji.ledger.api import LIFECYCLE, Status, Step

IN_STOCK = (Step.RECEIVE, Step.ACCEPT)

# The steps before each step, from a thing nobody has seen.
BEFORE: dict[Step, tuple[Step, ...]] = {
    Step.ANNOUNCE: (),
    Step.RECEIVE: (),
    Step.ACCEPT: (Step.RECEIVE,),
    Step.REJECT: (Step.RECEIVE,),
    Step.PUT_AWAY: IN_STOCK,
    Step.RESERVE: IN_STOCK,
    Step.UNRESERVE: (*IN_STOCK, Step.RESERVE),
    Step.PICK: IN_STOCK,
    Step.UNPICK: (*IN_STOCK, Step.PICK),
    Step.ISSUE: (*IN_STOCK, Step.PICK),
    Step.TAKE_IN: (*IN_STOCK, Step.PICK, Step.ISSUE),
    Step.SET_OUT: IN_STOCK,
    Step.USE: (*IN_STOCK, Step.SET_OUT),
    Step.GIVE_BACK: IN_STOCK,
    Step.RESTOCK: (*IN_STOCK, Step.GIVE_BACK),
    Step.HOLD: IN_STOCK,
    Step.RELEASE: (*IN_STOCK, Step.HOLD),
    Step.RECALL: IN_STOCK,
    Step.END_RECALL: (*IN_STOCK, Step.RECALL),
    Step.EXPIRE: IN_STOCK,
    Step.SEND_BACK: (*IN_STOCK, Step.HOLD),
    Step.SET_BACK: (*IN_STOCK, Step.SET_OUT),
    Step.SHIP: IN_STOCK,
    Step.ARRIVE: (*IN_STOCK, Step.SHIP),
    Step.LOST_ON_WAY: (*IN_STOCK, Step.SHIP),
    Step.LEND: IN_STOCK,
    Step.MOVE: (*IN_STOCK, Step.HOLD),
    Step.TAKE_TITLE: IN_STOCK,
    Step.HAND_BACK: IN_STOCK,
    Step.WASTE: IN_STOCK,
    Step.EXPLANT: (*IN_STOCK, Step.USE),
    Step.HAND_ON: (*IN_STOCK, Step.USE, Step.EXPLANT),
    Step.OPEN: IN_STOCK,
    Step.CONSUME: IN_STOCK,
    Step.LOSE: IN_STOCK,
    Step.FIND: (*IN_STOCK, Step.LOSE),
    Step.SET_ASIDE: IN_STOCK,
    Step.SCRAP: IN_STOCK,
}

# The steps that bring a unit into each status.
INTO: dict[Status, tuple[Step, ...]] = {
    Status.EXPECTED: (Step.ANNOUNCE,),
    Status.INSPECTING: (Step.RECEIVE,),
    Status.AVAILABLE: IN_STOCK,
    Status.RESERVED: (*IN_STOCK, Step.RESERVE),
    Status.PICKED: (*IN_STOCK, Step.PICK),
    Status.IN_TRANSIT: (*IN_STOCK, Step.PICK, Step.ISSUE),
    Status.IN_USE: (*IN_STOCK, Step.SET_OUT),
    Status.OPENED: (*IN_STOCK, Step.OPEN),
    Status.USED: (*IN_STOCK, Step.USE),
    Status.RETURNED: (*IN_STOCK, Step.GIVE_BACK),
    Status.QUARANTINED: (*IN_STOCK, Step.HOLD),
    Status.RECALLED: (*IN_STOCK, Step.RECALL),
    Status.EXPIRED: (*IN_STOCK, Step.EXPIRE),
    Status.SCRAPPED: (*IN_STOCK, Step.SCRAP),
    Status.LOST: (*IN_STOCK, Step.LOSE),
    Status.EXPLANTED: (*IN_STOCK, Step.USE, Step.EXPLANT),
}


def ready(hospital: Hospital, step: Step, count: int = 1, **fields: Any) -> list[Any]:
    """Units from which a step can be taken."""
    owner = hospital.supplier.pk if LIFECYCLE[step].needs_owner else None
    return walk(hospital, BEFORE[step], count, owner_id=owner, **fields)


def walk(hospital: Hospital, steps: tuple[Step, ...], count: int = 1, **fields: Any) -> list[Any]:
    """Units that have taken these steps: their identities, or the new units where there was no step yet."""
    things: list[Any] = [hospital.unit(**fields) for _ in range(count)]
    for step in steps:
        hospital.do(step, *things)
        things = [thing if isinstance(thing, str) else thing.epc for thing in things]
    return things


def written() -> tuple[Any, ...]:
    """A fingerprint of all that the ledger holds: equal before and after a refusal."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (SELECT count(*) FROM ledger_event), (SELECT count(*) FROM ledger_movement),
                      (SELECT count(*) FROM ledger_pending), (SELECT count(*) FROM ledger_use),
                      (SELECT count(*) FROM ledger_lot),
                      (SELECT md5(coalesce(string_agg(u::text, ',' ORDER BY u.id), '')) FROM ledger_unit u),
                      (SELECT md5(coalesce(string_agg(l::text, ',' ORDER BY l.id), '')) FROM ledger_level l)"""
        )
        row: tuple[Any, ...] = cursor.fetchone()
        return row


def levels(hospital: Hospital) -> dict[tuple[int, str], int]:
    """Quantities of this hospital's item by (place, status), without the zeroes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT le.place_id, le.status, sum(le.quantity) FROM ledger_level le
                 JOIN ledger_lot lo ON lo.id = le.lot_id WHERE lo.item_id = %s AND le.quantity > 0 GROUP BY 1, 2""",
            [hospital.item.pk],
        )
        return {(place, status): int(quantity) for place, status, quantity in cursor.fetchall()}
