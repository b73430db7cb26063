"""Which lots are recalled, and what becomes of their pieces that come after the notice did."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.ledger.api import Draft, LotQuantity, Offence, Step, lock_lots, post, say_recalled
from yanji.ledger.models import Event, Movement
from yanji.places.models import Place

from .differing.report import also
from .models_recall import LotRecall
from .things import Known, Thing, lines, name

REASON = "recalled"  # also why what arrives of a recalled lot is put on hold at the dock
# What entries made available of recalled lots and still lies so, with the latest notice. A unit is where its last movement
# put it; of counted pieces what the entries brought, less what they took away again.
LANDED = """
WITH moved AS (
    SELECT m.* FROM ledger_movement m
     WHERE m.event_id = ANY (%(events)s::uuid[]) AND 'available' IN (m.to_status, m.from_status)
       AND m.lot_id IN (SELECT lot_id FROM flows_lotrecall))
SELECT m.lot_id, u.epc, 1, u.place_id, NULL::bigint FROM moved m
  JOIN ledger_unit u ON u.id = m.unit_id AND u.seq = m.seq AND u.status = 'available'
UNION ALL
SELECT lot_id, NULL, sum(pieces), place_id, owner_id FROM (
    SELECT lot_id, to_place_id AS place_id, to_owner_id AS owner_id, quantity AS pieces FROM moved
     WHERE unit_id IS NULL AND to_status = 'available'
    UNION ALL
    SELECT lot_id, from_place_id, from_owner_id, -quantity FROM moved
     WHERE unit_id IS NULL AND from_status = 'available') ends
 GROUP BY lot_id, place_id, owner_id HAVING sum(pieces) > 0
 ORDER BY 1, 2, 4, 5
"""


TAKEN_BACK = Exists(Event.objects.filter(corrects_id=OuterRef("event_id")))


def in_force() -> QuerySet[LotRecall]:
    """The recalls that hold, the latest last: those that nobody ended, and whose entry was not taken back."""
    return LotRecall.objects.filter(ended_at__isnull=True).exclude(TAKEN_BACK).order_by("at", "pk")


def recalls_said(lot_id: int) -> list[LotRecall]:
    """Every recall that there was of a lot, the latest first; ``taken_back``: with its entry. One statement."""
    found = LotRecall.objects.filter(lot_id=lot_id).annotate(taken_back=TAKEN_BACK)
    return list(found.select_related("actor", "ended_by").order_by("-at", "-pk"))


def lots_recalled(*, limit: int = 200) -> list[LotRecall]:
    """The recalled lots, each with the latest of its recalls in force, that one's lot and item; the latest first. One
    statement."""
    latest = in_force().select_related("lot__item", "actor").order_by("lot", "-at", "-pk").distinct("lot")
    return sorted(latest, key=lambda recall: (recall.at, recall.pk), reverse=True)[:limit]


def tell_the_ledger(lots: Collection[int]) -> None:
    """What is in force of these lots now: the latest notice, and since when the lot has been recalled at all. Three
    statements, none without lots."""
    lock_lots(lots)  # first: beside us another recall of a lot may begin or end
    said: dict[int, tuple[str, datetime]] = {}
    rows = in_force().filter(lot_id__in=sorted(lots)).values_list("lot_id", "notice", "at") if lots else ()
    for lot, notice, at in rows:  # the latest last
        said[lot] = (notice, said[lot][1] if lot in said else at)
    say_recalled(lots, said)


def recalls_of(lots: Collection[int]) -> dict[int, str]:
    """Recalled lots among some -> number of the latest notice. One statement, none without lots."""
    return dict(in_force().filter(lot_id__in=sorted(lots)).values_list("lot_id", "notice")) if lots else {}


def recalled(things: Sequence[Thing], known: Known) -> list[Offence]:
    """What is of a recalled lot, wherever it lies. One statement."""
    lots = {epc: (unit.lot_id, unit.lot) for epc, unit in known.units.items()}
    for thing in things:
        if not isinstance(thing, str) and thing.lot_id in known.lots:
            lots[name(thing)] = (thing.lot_id, known.lots[thing.lot_id].number)
    named = {name(thing) for thing in things}
    notices = recalls_of({lot for thing, (lot, _number) in lots.items() if thing in named})
    return [
        Offence("lot_recalled", thing, {"lot": number, "notice": notices[lot]})
        for thing, (lot, number) in lots.items()
        if thing in named and lot in notices
    ]


def keep_recalls(
    lots: Collection[int], events: Collection[str], notice: str, *, actor: Actor, at: datetime
) -> None:
    """Write down that lots are recalled: those that the entries marked, and ``lots`` of which nothing was there to mark.
    Five statements at most."""
    marked = (
        Movement.objects.filter(event_id__in=events).values_list("lot_id", "event_id").distinct().order_by()
    )
    rows: list[tuple[int, Any]] = list(marked)
    absent = set(lots) - {lot for lot, _event in rows}
    absent -= (
        set(in_force().filter(lot_id__in=absent, notice=notice).values_list("lot_id", flat=True))
        if absent
        else set()
    )
    rows += [(lot, None) for lot in sorted(absent)]
    LotRecall.objects.bulk_create(
        LotRecall(lot_id=lot, event_id=event, notice=notice, at=at, actor_id=actor.person_id)
        for lot, event in rows
    )
    tell_the_ledger({lot for lot, _event in rows})


def may_doubt_recalled(actor: Actor, place: Place) -> Actor:
    """Whoever receives, with the right to hold at the dock: that what comes is recalled is not theirs to decide."""
    return also(actor, Operation.HOLD, place.path)


def recall_landed(events: Collection[str], *, actor: Actor, key: str, at: datetime) -> list[str]:
    """What some entries made available of recalled lots is recalled where it lies, in the name of whoever took it in; the
    entries, one a notice. One statement where nothing of it is recalled."""
    with connection.cursor() as cursor:
        cursor.execute(LANDED, {"events": list(events)})
        rows = cursor.fetchall()
    notices = recalls_of({row[0] for row in rows})
    groups: dict[str, list[Thing]] = defaultdict(list)
    for lot, epc, pieces, place, owner in rows:
        if lot in notices:
            groups[notices[lot]].append(epc or LotQuantity(lot, pieces, place, owner, "available"))
    if not groups:
        return []
    paths = Place.objects.filter(pk__in={row[3] for row in rows}).values_list("path", flat=True)
    allowed = also(actor, Operation.HOLD, *paths)
    drafts = [
        Draft(
            step=Step.RECALL, key=f"{key}:recall:{number}"[:120], happened_at=at, lines=lines(things), reason=REASON,
            documents={"recall": notice},
        )
        for number, (notice, things) in enumerate(sorted(groups.items()))
    ]  # fmt: skip
    return [post(draft, actor=allowed).event_id for draft in drafts]
