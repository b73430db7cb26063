"""What the pages and the interfaces ask of the flows: what is open, what lies picked, what is under way,
what is to do."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Sum,
    When,
    Window,
)
from django.db.models import Case as Switch
from django.db.models.functions import RowNumber
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import UnitView, unit_views, virtual_places
from yanji.ledger.models import Level

from .buying.models import DeliveryPart
from .documents import AWAITED, RUNNING
from .last_moved import LAST_MOVED
from .models import (
    Case,
    Issue,
    OrderLine,
    PurchaseOrder,
    Receipt,
    ReceiptLine,
    Requisition,
    RequisitionLine,
    ShipNotice,
)
from .opened.models import Taken
from .states import CaseState
from .theatre.models import CaseEvent

OPEN_ORDERS = ("placed", "partly_received")
OPEN_REQUISITIONS = ("requested", "picking", "picked")
# To who asks, what still waits for approval is open as well; a store sees it once it is approved.
ASKED_REQUISITIONS = ("awaiting", *OPEN_REQUISITIONS)
OPEN_ISSUES = ("underway", "partly_taken_in")


def within(field: str, paths: Collection[str]) -> Q:
    """Rows whose place lies below any of the paths; none without a path."""
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(**{f"{field}__path__startswith": path})
    return found


def _seen(actor: Actor, *fields: str, may: str = "view") -> Q:
    found = Q(pk__in=[])
    for field in fields:
        found |= within(field, actor.scopes.get(may, ()))
    return found


def orders(
    actor: Actor,
    *,
    states: Sequence[str] = (),
    supplier_id: int | None = None,
    text: str = "",
    may: str = "view",
    due_first: bool = False,
    limit: int = 200,
) -> list[PurchaseOrder]:
    """Orders of which a place of delivery the actor sees, or may do something at, latest first (``due_first``: what is expected
    first); ``lines`` with their items. Two statements."""
    parts = DeliveryPart.objects.filter(_seen(actor, "place", may=may), line__order=OuterRef("pk"))
    found = PurchaseOrder.objects.filter(_seen(actor, "deliver_to", may=may) | Exists(parts)).select_related(
        "supplier", "deliver_to", "actor"
    )
    found = found.filter(state__in=states) if states else found
    found = found.filter(supplier_id=supplier_id) if supplier_id else found
    if text:
        found = found.filter(
            Q(number__icontains=text)
            | Q(supplier__name_zh__icontains=text)
            | Q(supplier__pinyin__icontains=text)
        )
    lines = Prefetch("lines", OrderLine.objects.select_related("item").order_by("id"))
    turn = (F("expected_on").asc(nulls_last=True),) if due_first else ()
    return list(found.order_by(*turn, "-id").prefetch_related(lines)[:limit])


def notices(
    actor: Actor,
    *,
    order_id: int | None = None,
    states: Collection[str] = (),
    running: bool = False,
    limit: int = 200,
) -> list[ShipNotice]:
    """Ship notices that the actor sees, latest first, with order, supplier and number of pieces
    (``pieces``)."""
    found = ShipNotice.objects.filter(_seen(actor, "order__deliver_to"))
    found = found.filter(order_id=order_id) if order_id else found
    found = found.filter(state__in=states) if states else found
    found = found.filter(order__state__in=RUNNING) if running else found
    found = found.select_related("order__supplier", "order__deliver_to").annotate(
        pieces=Sum("lines__quantity")
    )
    return list(found.order_by("-id")[:limit])


def arriving(actor: Actor, *, limit: int = 200) -> list[ShipNotice]:
    """Ship notices of which something is to come: what was announced for an order that has ended comes for an open one."""
    return notices(actor, states=AWAITED, running=True, limit=limit)


def receipts(actor: Actor, *, order_id: int | None = None, limit: int = 200) -> list[Receipt]:
    """Deliveries that the actor sees, latest first, with their lines and items."""
    found = Receipt.objects.filter(_seen(actor, "dock")).select_related("order__supplier", "dock", "actor")
    found = found.filter(order_id=order_id) if order_id else found
    lines = Prefetch("lines", ReceiptLine.objects.select_related("item").order_by("id"))
    return list(found.order_by("-arrived_at", "-id").prefetch_related(lines)[:limit])


def requisitions(
    actor: Actor,
    *,
    states: Sequence[str] = (),
    store_id: int | None = None,
    department_id: int | None = None,
    asking: bool = False,
    may: str = "",
    latest: bool = False,
    apart: Sequence[str] = (),
    limit: int = 200,
) -> list[Requisition]:
    """Requisitions that the actor sees from either end, most urgent first (``latest``: the latest first); ``lines`` with their
    items. ``asking``: only of the departments for which the actor asks; ``may``: only of the stores where the actor may do
    this; ``apart``: so many of those in these states and as many of all others, for who needs both in one statement."""
    seen = _seen(actor, "department", may="request") if asking else _seen(actor, "store", "department")
    found = Requisition.objects.filter(seen, _seen(actor, "store", may=may) if may else Q())
    found = found.filter(state__in=states) if states else found
    found = found.filter(store_id=store_id) if store_id else found
    found = found.filter(department_id=department_id) if department_id else found
    lines = Prefetch("lines", RequisitionLine.objects.select_related("item").order_by("id"))
    found = found.select_related("store", "department", "actor").prefetch_related(lines)
    urgency = (*(() if latest else (F("needed_by").asc(nulls_last=True),)), F("id").desc())
    if apart:
        half = Switch(When(state__in=apart, then=1), default=0)
        rank = Window(RowNumber(), partition_by=[half], order_by=urgency)
        return list(found.annotate(rank=rank).filter(rank__lte=limit).order_by(*urgency))
    return list(found.order_by(*urgency)[:limit])


def issues(
    actor: Actor,
    *,
    states: Sequence[str] = (),
    department_id: int | None = None,
    requisition_id: int | None = None,
    may: str = "",
    limit: int = 200,
) -> list[Issue]:
    """Issues that the actor sees from either end (of one requisition, where one is named), latest first, with pieces
    (``pieces``, ``arrived``). ``may``: only to the departments where the actor may do this."""
    at = _seen(actor, "department", may=may) if may else Q()
    found = Issue.objects.filter(_seen(actor, "store", "department"), at)
    found = found.filter(state__in=states) if states else found
    found = found.filter(department_id=department_id) if department_id else found
    found = found.filter(requisition_id=requisition_id) if requisition_id else found
    found = found.select_related("store", "department", "requisition", "actor", "taken_over_by")
    found = found.annotate(pieces=Sum("lines__quantity"), arrived=Sum("lines__taken_in"))
    return list(found.order_by("-issued_at", "-id")[:limit])


def awaiting(actor: Actor, *, department_id: int | None = None, limit: int = 200) -> list[Issue]:
    """What is on its way to the departments where the actor takes things in."""
    return issues(actor, states=OPEN_ISSUES, department_id=department_id, may="take_in", limit=limit)


def cases(
    actor: Actor,
    *,
    states: Sequence[str] = (),
    text: str = "",
    numbers: Collection[str] = (),
    may: str = "",
    limit: int = 200,
) -> list[Case]:
    """Cases of the departments where the actor may see patients' tokens, and do what ``may`` says.

    What is only planned or open comes in its turn: what is under way and nobody had planned, an emergency, as long as something
    was entered within a day (``urgent``); today's and later ones, the next first; those without a time; those of days gone by.
    Where closed ones are asked for too, the latest first.
    """
    found = Case.objects.filter(_seen(actor, "department", may="view_patient")).select_related("department")
    found = found.filter(state__in=states) if states else found
    found = found.filter(Q(number=text) | Q(patient_token=text)) if text else found
    found = found.filter(number__in=numbers) if numbers else found
    found = found.filter(_seen(actor, "department", may=may)) if may else found
    latest = (F("planned_at").desc(nulls_last=True), "-id")
    if states and CaseState.CLOSED not in states:
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        to_come = Q(planned_at__gte=midnight)
        unplanned, alive = Q(planned_at__isnull=True, state=CaseState.OPEN), _alive()
        forgotten = unplanned & ~alive
        gone = ExpressionWrapper(Q(planned_at__isnull=False) & ~to_come | forgotten, BooleanField())
        urgent = ExpressionWrapper(unplanned & alive, BooleanField())
        next_first = Switch(When(to_come, then="planned_at")).asc(nulls_last=True)
        return list(found.annotate(urgent=urgent).order_by("-urgent", gone, next_first, *latest)[:limit])
    return list(found.order_by(*latest)[:limit])


def _alive() -> Q:
    """Cases for which something was entered within a day."""
    since, of_it = timezone.now() - timedelta(days=1), {"case": OuterRef("pk")}
    entered = Exists(CaseEvent.objects.filter(event__happened_at__gte=since, **of_it))
    return Q(entered) | Q(Exists(Taken.objects.filter(at__gte=since, **of_it)))


PICKED_UNITS = f"""
SELECT u.epc
  FROM {LAST_MOVED}
  JOIN flows_requisitionevent re ON re.event_id = m.event_id
 WHERE re.requisition_id = %s AND u.status = 'picked' ORDER BY u.id
"""
PICKED_QUANTITIES = """
SELECT lot_id, place, owner, sum(pieces) FROM (
    SELECT m.lot_id, m.to_place_id AS place, m.to_owner_id AS owner, m.quantity AS pieces
      FROM flows_requisitionevent re JOIN ledger_movement m ON m.event_id = re.event_id
     WHERE re.requisition_id = %(id)s AND m.unit_id IS NULL AND m.to_status = 'picked'
    UNION ALL
    SELECT m.lot_id, m.from_place_id, m.from_owner_id, -m.quantity
      FROM flows_requisitionevent re JOIN ledger_movement m ON m.event_id = re.event_id
     WHERE re.requisition_id = %(id)s AND m.unit_id IS NULL AND m.from_status = 'picked') ends
 GROUP BY 1, 2, 3 HAVING sum(pieces) > 0 ORDER BY 1, 2, 3
"""
Spot = tuple[int, int, int | None]  # lot, place, owner (None: the hospital)


def picked_for(requisition_id: int) -> tuple[list[str], dict[Spot, int]]:
    """What lies picked for a requisition: units, and pieces by lot, place and owner. Two statements."""
    with connection.cursor() as cursor:
        cursor.execute(PICKED_UNITS, (requisition_id,))
        units = [epc for (epc,) in cursor.fetchall()]
        cursor.execute(PICKED_QUANTITIES, {"id": requisition_id})
        return units, {(lot, place, owner): int(pieces) for lot, place, owner, pieces in cursor.fetchall()}


# What is held on its way is on its way all the same. A unit that came back and was issued anew belongs to the later issue.
UNDER_WAY = """
SELECT u.epc, u.lot_id
  FROM ledger_movement m
  JOIN ledger_unit u ON u.id = m.unit_id
 WHERE m.event_id = %s AND u.place_id = %s
   AND NOT EXISTS (SELECT 1 FROM ledger_movement later
                    WHERE later.unit_id = m.unit_id AND later.seq > m.seq AND later.from_status = 'picked'
                      AND later.to_status = 'in_transit')
 ORDER BY u.id
"""


def under_way(issue: Issue) -> dict[str, int]:
    """Units of an issue that the department has not taken in: identity -> lot. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(UNDER_WAY, (issue.event_id, virtual_places().transit))
        return dict(cursor.fetchall())


# What sent it last; that may have been a transfer, which is no issue.
ISSUE_OF = """
SELECT i.id
  FROM ledger_unit u
  JOIN ledger_movement m ON m.unit_id = u.id AND m.from_status = 'picked' AND m.to_status = 'in_transit'
  LEFT JOIN flows_issue i ON i.event_id = m.event_id
 WHERE u.epc = %s AND u.place_id = %s ORDER BY m.seq DESC LIMIT 1
"""


def issue_of(epc: str) -> int | None:
    """The issue that a unit is on its way with, if any. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(ISSUE_OF, (epc, virtual_places().transit))
        found = cursor.fetchone()
    return found[0] if found else None


UNITS_IN = """
SELECT u.epc FROM ledger_unit u JOIN places_place p ON p.id = u.place_id
 WHERE u.lot_id IN (SELECT le.lot_id FROM ledger_level le JOIN places_place p2 ON p2.id = le.place_id
                     WHERE le.status = ANY (%(statuses)s) AND le.quantity > 0 AND p2.path LIKE ANY
                     (%(paths)s))
   AND u.status = ANY (%(statuses)s) AND p.path LIKE ANY (%(paths)s)
 ORDER BY u.id LIMIT %(limit)s
"""


def units_in(paths: Collection[str], statuses: Sequence[str], limit: int = 500) -> list[UnitView]:
    """Units of some statuses below some places, oldest first: what waits for put-away, inspection, a
    decision."""
    if not paths:
        return []
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {
            "statuses": list(statuses),
            "paths": [f"{path}%" for path in paths],
            "limit": limit,
        }
        cursor.execute(UNITS_IN, asked)
        epcs = [epc for (epc,) in cursor.fetchall()]
    found = unit_views(epcs)
    return [found[epc] for epc in epcs]


@dataclass(frozen=True, slots=True)
class Work:
    """How much waits for a person, by kind of work; None where the person has no part in it."""

    orders_open: int | None
    notices_announced: int | None
    to_put_away: int | None
    to_pick: int | None
    to_issue: int | None
    to_inspect: int | None
    on_hold: int | None


def work(actor: Actor) -> Work:
    """The numbers on a home page. One statement a number, each over open documents or levels."""
    scopes = actor.scopes

    def count(found: QuerySet, *parts: tuple[str, str]) -> int | None:
        """Rows at a place where the actor holds the operation."""
        held = [within(field, scopes[may]) for field, may in parts if scopes.get(may)]
        return found.filter(held[0]).count() if held else None

    def pieces(may: str, **fields: object) -> int | None:
        if not scopes.get(may):
            return None
        found = Level.objects.filter(within("place", scopes[may]), quantity__gt=0, **fields)
        return int(found.aggregate(all=Sum("quantity"))["all"] or 0)

    picked = Requisition.objects.filter(
        state__in=("picking", "picked"), lines__picked__gt=F("lines__issued")
    ).distinct()
    return Work(
        orders_open=count(PurchaseOrder.objects.filter(state__in=OPEN_ORDERS), ("deliver_to", "receive"))
        if scopes.get("receive")
        else count(PurchaseOrder.objects.filter(state__in=OPEN_ORDERS), ("deliver_to", "order")),
        notices_announced=count(
            ShipNotice.objects.filter(state__in=AWAITED, order__state__in=RUNNING),
            ("order__deliver_to", "receive"),
        ),
        to_put_away=pieces("store", status="available", place__kind__in=("dock", "store")),
        to_pick=count(Requisition.objects.filter(state__in=("requested", "picking")), ("store", "pick")),
        to_issue=count(picked, ("store", "issue")),
        to_inspect=pieces("inspect_return", status="returned"),
        on_hold=pieces("hold", status="quarantined"),
    )
