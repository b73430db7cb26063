"""What pages and interfaces ask of transfers: what is open, what is on its way since when, what differed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import BigIntegerField, Case, F, OuterRef, Prefetch, Q, Subquery, When
from django.db.models.functions import Cast, Coalesce, JSONObject, Substr

from yanji.access.actor import Actor
from yanji.ledger.api import Step, UnitView, unit_views, virtual_places
from yanji.ledger.models import Lot, Unit

from ..alternatives import localised
from ..documents import GOING
from ..last_moved import LAST_MOVED
from ..queries import within
from ..states import TransferState as T
from ..things import lot_numbers
from .kits import kits_going
from .models import Shipment, Transfer, TransferDifference, TransferEvent, TransferLine
from .state import in_hand

OPEN_TRANSFERS = tuple(sorted(GOING | {T.AWAITING}))
ON_THE_WAY = (T.UNDERWAY, T.PARTLY_ARRIVED)


def transfers(
    actor: Actor,
    *,
    states: Sequence[str] = (),
    source_id: int | None = None,
    destination_id: int | None = None,
    limit: int = 200,
) -> list[Transfer]:
    """Transfers that the actor sees from either end, most urgent first, with lines, items and loads. Three statements."""
    paths = actor.scopes.get("view", ())
    found = Transfer.objects.filter(within("source", paths) | within("destination", paths))
    found = found.filter(state__in=states) if states else found
    found = found.filter(source_id=source_id) if source_id else found
    found = found.filter(destination_id=destination_id) if destination_id else found
    lines = Prefetch("lines", TransferLine.objects.select_related("item").order_by("id"))
    loads = Prefetch("shipments", Shipment.objects.order_by("id"))
    found = found.select_related("source", "destination", "actor").prefetch_related(lines, loads)
    return list(found.order_by(F("needed_by").asc(nulls_last=True), "-id")[:limit])


def way_cost(loads: Sequence[Shipment]) -> Decimal:
    """What the ways of a transfer cost in all: a load that was called back had been paid for."""
    return sum((load.cost for load in loads), Decimal(0))


def carriers(actor: Actor, limit: int = 8) -> list[str]:
    """Who took loads along lately from where the actor sends, the last first. One statement."""
    sent = Shipment.objects.filter(within("transfer__source", actor.scopes.get("transfer", ())))
    latest = sent.order_by("-pk").values_list("handed_to", flat=True)[:100]
    return list(dict.fromkeys(latest))[:limit]


@dataclass(frozen=True, slots=True)
class Missing:
    """What was sent and has not arrived: a unit (``unit``), or pieces of a lot."""

    thing: str
    pieces: int
    unit: UnitView | None = None
    lot: Lot | None = None
    owner_id: int | None = None
    doubtful: bool = False  # held, or recalled, on its way
    kit: str = ""  # code of the kit that a unit goes in


def missing(transfer: Transfer) -> list[Missing]:
    """All that is on its way with a transfer, thing by thing. At most six statements."""
    _picked, hand = in_hand(transfer.pk)
    views = unit_views(list(hand.units))
    lots = (
        Lot.objects.select_related("item").in_bulk([portion.lot_id for portion in hand.lots])
        if hand.lots
        else {}
    )
    kits = {epc: going.kit.box.code for going in kits_going(transfer) for epc in going.units}
    units = [
        Missing(epc, 1, unit=views[epc], doubtful=hand.in_doubt(epc), kit=kits.get(epc, ""))
        for epc in hand.units
        if epc in views
    ]
    counted = [
        Missing(
            f"lot {each.lot_id}",
            each.pieces,
            lot=lots[each.lot_id],
            owner_id=each.owner_id,
            doubtful=hand.in_doubt(each.quantity()),
        )
        for each in hand.lots
    ]
    return [*units, *counted]


CARRIER = f"""
SELECT te.transfer_id FROM {LAST_MOVED}
  JOIN flows_transferevent te ON te.event_id = m.event_id
 WHERE u.epc = %s AND u.place_id = %s
"""


def carrier_of(epc: str) -> int | None:
    """The transfer that a unit is on its way with, if any. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(CARRIER, (epc, virtual_places().transit))
        found = cursor.fetchone()
    return found[0] if found else None


LOT_OF_THING = Case(
    When(thing__regex=r"^lot [0-9]{1,18}$", then=Cast(Substr("thing", 5), BigIntegerField())),
    output_field=BigIntegerField(null=True),
)
CALLED = JSONObject(zh="item__name_zh", en="item__name_en")


def differences(transfer: Transfer) -> list[TransferDifference]:
    """What did not arrive as it was sent, without what was taken back; of each the ``code`` that people know it by. One
    statement, one more where pieces of lots differ."""
    kept = TransferDifference.objects.filter(transfer=transfer, event__corrected_by__isnull=True)
    unit = Unit.objects.filter(epc=OuterRef("thing")).values(called=CALLED)
    lot = Lot.objects.filter(pk=OuterRef("lot")).values(called=CALLED)
    rows = kept.annotate(lot=LOT_OF_THING).annotate(called=Coalesce(Subquery(unit), Subquery(lot)))
    found = list(rows.order_by("at", "pk"))
    lots = lot_numbers(each.thing for each in found)
    for each in found:
        each.code = lots.get(each.thing, each.thing)
        # As it is called for the reader; what was written down is in the language of whoever took it in.
        each.name = localised((each.called["zh"], each.called["en"])) if each.called else each.name
    return found


def classes_arrived(transfer: Transfer) -> dict[datetime, set[str]]:
    """When something of the transfer arrived -> the temperature classes of what arrived then: that alone was on the way that
    a logger of that arrival tells of. One statement."""
    rows = TransferEvent.objects.filter(transfer=transfer, event__step=Step.ARRIVE).values_list(
        "event__happened_at", "event__movements__lot__item__temperature_class"
    )
    found: dict[datetime, set[str]] = {}
    for at, band in rows.distinct():
        found.setdefault(at, set()).add(band)
    return found


def overdue(actor: Actor, *, before: datetime, limit: int = 200) -> list[Transfer]:
    """Transfers of which something has been on its way since before a moment, the oldest first."""
    paths = actor.scopes.get("view", ())
    seen = within("source", paths) | within("destination", paths)
    late = Q(shipments__shipped_at__lt=before, shipments__called_back=False, state__in=ON_THE_WAY)
    found = Transfer.objects.filter(seen).filter(late).select_related("source", "destination").distinct()
    return list(found.order_by("id")[:limit])
