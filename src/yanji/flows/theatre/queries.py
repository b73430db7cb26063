"""What the theatre's pages and interfaces ask: what to lay out and where it lies, what is open, charged, implanted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, Sum
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.ledger.models import Level
from yanji.places.models import Kind
from yanji.places.queries import tree

from ..models import Case
from ..models_approval import Approval
from ..queries import within
from ..states import EmergencyState
from .account import Account
from .models import (
    CaseDifference,
    CaseNeed,
    ChargeLine,
    EmergencyUse,
    Implant,
    PreferenceCard,
    PreferenceLine,
)

Name = tuple[str, str]
# A case has its last scan within so many hours of its end; what is open then has been forgotten.
SETTLED_AFTER = timedelta(hours=4)
DIFFERENCE_DAYS = 30


@dataclass(frozen=True, slots=True)
class OnShelf:
    """A unit (``epc``), or the pieces of a lot on one shelf, that could be laid out."""

    item_id: int
    epc: str
    serial: str
    lot_id: int
    lot: str
    expiry: date | None
    place_id: int
    place_name: Name
    pieces: int
    consigned: bool


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One need of a case: what is laid out or used already (``done``), what to take in turn, what the stores have."""

    need: CaseNeed
    items: tuple[Item, ...]
    done: int
    take: tuple[OnShelf, ...]
    in_stores: int

    @property
    def missing(self) -> int:
        return max(0, self.need.quantity - self.done)

    @property
    def short(self) -> int:
        """Pieces that the theatre itself does not have."""
        return max(0, self.missing - sum(each.pieces for each in self.take))


# Units and lots of many items, each below a place of its own, first expiry first, of each at most as many as are asked for and
# some more. Levels say where to look.
SHELVES = """
SELECT item, path, epc, serial, lot, number, expiry, place, name, pieces, consigned FROM (
    SELECT i AS item, a.path, a.most, x.*,
           row_number() OVER (PARTITION BY i, a.path ORDER BY x.expiry NULLS LAST, x.received, x.ident) AS turn
      FROM unnest(%(items)s::bigint[], %(paths)s::text[], %(most)s::int[]) AS a(i, path, most)
     CROSS JOIN LATERAL (
        SELECT u.epc, u.serial, lo.id AS lot, lo.number, lo.expiry, p.id AS place, ARRAY[p.name_zh, p.name_en] AS name,
               1 AS pieces, u.owner_id IS NOT NULL AS consigned, u.received_at AS received, u.id AS ident
          FROM ledger_level le
          JOIN ledger_lot lo ON lo.id = le.lot_id AND lo.item_id = i
          JOIN places_place p ON p.id = le.place_id AND starts_with(p.path, a.path)
          JOIN ledger_unit u ON u.lot_id = lo.id AND u.place_id = le.place_id AND u.status = 'available'
                            AND u.owner_id IS NOT DISTINCT FROM le.owner_id
         WHERE le.status = 'available' AND le.quantity > 0 AND lo.recall = ''
           AND (lo.expiry IS NULL OR lo.expiry >= %(day)s)
        UNION ALL
        SELECT '', '', lo.id, lo.number, lo.expiry, p.id, ARRAY[p.name_zh, p.name_en], le.quantity::int,
               le.owner_id IS NOT NULL, NULL, le.id
          FROM ledger_level le
          JOIN ledger_lot lo ON lo.id = le.lot_id AND lo.item_id = i
          JOIN catalog_item it ON it.id = lo.item_id AND it.tracking = 'lot'
          JOIN places_place p ON p.id = le.place_id AND starts_with(p.path, a.path)
         WHERE le.status = 'available' AND le.quantity > 0 AND lo.recall = ''
           AND (lo.expiry IS NULL OR lo.expiry >= %(day)s)) AS x) AS found
 WHERE turn <= most ORDER BY item, path, turn
"""
MORE_OF_AN_ITEM = 20  # than is asked for, to choose from


def shelves(wanted: Mapping[tuple[int, str], int], *, day: date) -> dict[tuple[int, str], list[OnShelf]]:
    """Of each item below a place, by its path, what could be laid out of the pieces wanted, in turn. One statement for any number
    of them."""
    found: dict[tuple[int, str], list[OnShelf]] = {each: [] for each in sorted(wanted)}
    if found:
        items, paths = [item for item, _path in found], [path for _item, path in found]
        most = [wanted[each] + MORE_OF_AN_ITEM for each in found]
        with connection.cursor() as cursor:
            cursor.execute(SHELVES, {"items": items, "paths": paths, "day": day, "most": most})
            for item, path, epc, serial, lot, number, expiry, place, name, pieces, own in cursor.fetchall():
                found[item, path].append(
                    OnShelf(item, epc, serial, lot, number, expiry, place, tuple(name), pieces, own)
                )
    return found


def needs_of(case: Case, account: Account, *, day: date | None = None) -> list[NeedLine]:
    """What a case still needs, and where to take it. Four statements, whatever it needs."""
    return needs_of_each([case], {case.pk: account}, day=day)[case.pk]


def needs_of_each(
    cases: Sequence[Case], accounts: Mapping[int, Account], *, day: date | None = None
) -> dict[int, list[NeedLine]]:
    """The same of several cases, in their order: what one of them is told to take is proposed to no other. As many statements
    as for one."""
    own = CaseNeed.objects.select_related("item").prefetch_related("alternatives").order_by("id")
    needs: dict[int, list[CaseNeed]] = {case.pk: [] for case in cases}
    for need in own.filter(case__in=list(needs)):
        needs[need.case_id].append(need)
    fits = {n.pk: (n.item, *n.alternatives.all()) for several in needs.values() for n in several}
    below: Counter[tuple[int, str]] = Counter()
    for case in cases:
        for need in needs[case.pk]:
            below.update({(item.pk, case.department.path): need.quantity for item in fits[need.pk]})
    there = shelves(below, day=day or timezone.localdate())
    stores = in_stores({item for item, _path in below})
    taken: Counter[tuple[str, int, int]] = Counter()
    found = {}
    for case in cases:
        wanted = {item.pk for need in needs[case.pk] for item in fits[need.pk]}
        here = {item: there[item, case.department.path] for item in wanted}
        had = accounts[case.pk].by_item()
        found[case.pk] = propose(needs[case.pk], fits, here, stores, had, taken)
    return found


def propose(
    needs: Sequence[CaseNeed],
    fits: dict[int, tuple[Item, ...]],
    there: dict[int, list[OnShelf]],
    stores: dict[int, int],
    had: Counter[int],
    taken: Counter[tuple[str, int, int]],
) -> list[NeedLine]:
    """Share out what is there: the item asked for before its alternatives, first expiry first, no unit twice. ``taken``: what
    was proposed already; what is proposed here is added."""
    left, lines = Counter(had), []
    for need in needs:
        done = _counted(need, fits[need.pk], left)
        take = _taken(need.quantity - done, fits[need.pk], there, taken)
        store = sum(stores.get(item.pk, 0) for item in fits[need.pk])
        lines.append(NeedLine(need, fits[need.pk], done, tuple(take), store))
    return lines


def _counted(need: CaseNeed, items: Sequence[Item], left: Counter[int]) -> int:
    done = 0
    for item in items:
        pieces = min(left[item.pk], need.quantity - done)
        left[item.pk] -= pieces
        done += pieces
    return done


def _taken(
    wanted: int, items: Sequence[Item], there: dict[int, list[OnShelf]], taken: Counter[tuple[str, int, int]]
) -> list[OnShelf]:
    found: list[OnShelf] = []
    for shelf in (shelf for item in items for shelf in there.get(item.pk, [])):
        key = (shelf.epc, shelf.lot_id, shelf.place_id)
        pieces = min(wanted, shelf.pieces - taken[key])
        if pieces <= 0:
            continue
        taken[key] += pieces
        wanted -= pieces
        found.append(replace(shelf, pieces=pieces))
    return found


def in_stores(items: Iterable[int]) -> dict[int, int]:
    """Pieces of each item that lie available and in date in the stores of the hospital. One statement."""
    return {item: sum(stores.values()) for item, stores in in_each_store(items).items()}


def in_each_store(items: Iterable[int]) -> dict[int, dict[int, int]]:
    """Item -> store -> pieces of it that lie there available and in date. One statement."""
    stores = {node.place.path: node.place.pk for node in tree() if node.place.kind == Kind.STORE}
    paths = list(stores)
    rows = Level.objects.filter(
        within("place", paths),
        lot__item_id__in=set(items),
        lot__recall="",
        status="available",
        quantity__gt=0,
    ).filter(Q(lot__expiry__isnull=True) | Q(lot__expiry__gte=timezone.localdate()))
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for item, path, pieces in (
        rows.values_list("lot__item_id", "place__path").annotate(Sum("quantity")).order_by()
    ):
        store = next(each for each in stores if path.startswith(each))
        found[item][stores[store]] += int(pieces)
    return {item: dict(counts) for item, counts in found.items()}


def cards(actor: Actor, *, department_id: int | None = None) -> list[PreferenceCard]:
    """The cards of the departments that the actor sees, with lines and items. Three statements."""
    found = PreferenceCard.objects.filter(within("department", actor.scopes.get("use", ())), active=True)
    found = found.filter(department_id=department_id) if department_id else found
    lines = Prefetch(
        "lines", PreferenceLine.objects.select_related("item").prefetch_related("alternatives").order_by("id")
    )
    return list(
        found.select_related("department", "actor").prefetch_related(lines).order_by("procedure", "surgeon")
    )


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case whose account has been open for too long, or was closed without balancing (``reason``)."""

    case_id: int
    number: str
    procedure: str
    department: Name
    pieces: int
    since: datetime
    reason: str = ""


# What a case took, judged as its account does: a unit by the last entry over it, unless another case had it since; pieces
# by what was laid out and not accounted for, and no more of them than lie laid out at all.
FORGOTTEN = """
SELECT c.id, c.number, c.procedure, ARRAY[d.name_zh, d.name_en], sum(y.open), max(x.last)
  FROM flows_case c
  JOIN places_place d ON d.id = c.department_id
  JOIN LATERAL (
        SELECT m.lot_id, m.unit_id, CASE WHEN m.unit_id IS NULL THEN m.from_owner_id END AS owner_id,
               max(e.happened_at) AS last, max(m.seq) AS seq, (array_agg(e.step ORDER BY m.seq DESC))[1] AS step,
               sum(CASE WHEN e.step = 'set_out' THEN m.quantity
                        WHEN m.from_status = 'in_use' THEN -m.quantity ELSE 0 END) AS pieces
          FROM flows_caseevent ce
          JOIN ledger_event e ON e.id = ce.event_id
          JOIN ledger_movement m ON m.event_id = e.id
         WHERE ce.case_id = c.id AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)
         GROUP BY 1, 2, 3) AS x ON true
  JOIN LATERAL (
        SELECT count(*) AS open FROM ledger_unit u
         WHERE u.id = x.unit_id AND u.status = 'in_use' AND x.step = 'set_out' AND NOT EXISTS (
               SELECT 1 FROM ledger_movement n
                 JOIN flows_caseevent o ON o.event_id = n.event_id AND o.case_id <> c.id
                WHERE n.unit_id = u.id AND n.seq > x.seq
                  AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = n.event_id))
        HAVING x.unit_id IS NOT NULL
        UNION ALL
        SELECT least(greatest(x.pieces, 0), coalesce(sum(l.quantity), 0)) FROM ledger_level l
         WHERE l.lot_id = x.lot_id AND l.status = 'in_use' AND l.owner_id IS NOT DISTINCT FROM x.owner_id
        HAVING x.unit_id IS NULL) AS y ON true
 WHERE c.state = 'open' AND d.path LIKE ANY (%(paths)s)
 GROUP BY 1, 2, 3, 4 HAVING sum(y.open) > 0 AND max(x.last) < %(before)s
 ORDER BY 6 LIMIT %(limit)s
"""


def open_differences(paths: Sequence[str], *, now: datetime | None = None, limit: int = 50) -> list[OpenCase]:
    """Cases that took things of which nobody has said anything for hours, oldest first; then those closed with a
    difference lately. Two statements."""
    at = now or timezone.now()
    if not paths:
        return []
    asked = {"paths": [f"{path}%" for path in paths], "before": at - SETTLED_AFTER, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(FORGOTTEN, asked)
        found = [
            OpenCase(key, number, procedure, tuple(name), int(pieces), last)
            for key, number, procedure, name, pieces, last in cursor.fetchall()
        ]
    closed = CaseDifference.objects.filter(
        within("case__department", paths), at__gte=at - timedelta(days=DIFFERENCE_DAYS)
    ).select_related("case__department")
    return found + [
        OpenCase(
            each.case_id, each.case.number, each.case.procedure,
            (each.case.department.name_zh, each.case.department.name_en), sum(n for _thing, n in each.things), each.at,
            each.reason,
        )
        for each in closed.order_by("-at")[:limit]
    ]  # fmt: skip


def charges_of(case: Case) -> list[ChargeLine]:
    """The charge lines of a case that stand, in the order of use. One statement."""
    found = case.charges.exclude(state="voided").select_related("item", "unit", "lot")
    return list(found.order_by("id"))


def implants_of(
    actor: Actor, *, case_id: int | None = None, unit_id: int | None = None, patient_token: str = ""
) -> list[Implant]:
    """Implant records that stand, where the actor may see patients, oldest first. One statement."""
    found = Implant.objects.filter(
        within("case__department", actor.scopes.get("view_patient", ())), voided_at__isnull=True
    )
    found = found.filter(case_id=case_id) if case_id else found
    found = found.filter(unit_id=unit_id) if unit_id else found
    found = found.filter(patient_token=patient_token) if patient_token else found
    return list(
        found.select_related("unit", "lot__item__maker", "case__department", "explant_event").order_by("id")
    )


def emergencies(
    actor: Actor, *, states: Sequence[str] = (), case_id: int | None = None, limit: int = 200
) -> list[EmergencyUse]:
    """Emergency uses that the actor sees, latest first. One statement."""
    found = EmergencyUse.objects.filter(within("case__department", actor.scopes.get("view", ())))
    found = found.filter(state__in=states) if states else found
    found = found.filter(case_id=case_id) if case_id else found
    return list(
        found.select_related("case__department", "order__supplier", "receipt", "actor").order_by("-id")[
            :limit
        ]
    )


def undecided(actor: Actor, *, limit: int = 50) -> list[EmergencyUse]:
    """Emergency uses that wait for this person where no rule names who approves them, oldest first. One statement."""
    steps = Approval.objects.filter(kind="emergency_use", document_id=OuterRef("pk"))
    found = EmergencyUse.objects.filter(
        ~Exists(steps),
        within("case__department", actor.scopes.get("approve", ())),
        state=EmergencyState.AWAITING,
    ).exclude(actor_id=actor.person_id)
    return list(found.select_related("case__department", "order__supplier", "actor").order_by("id")[:limit])
