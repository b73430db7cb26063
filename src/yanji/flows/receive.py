"""Goods arrive against a purchase order and are inspected."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.models import Item, Registration
from yanji.ledger.api import (
    Draft,
    Line,
    LotQuantity,
    NewQuantity,
    NewUnit,
    Offence,
    Refused,
    Status,
    Step,
    post,
)
from yanji.ledger.models import Movement
from yanji.places.models import Kind

from .acts import Done, moment, verb
from .arrival import Arrival, names_of, with_boxes
from .awaited import Awaited, awaited, settle
from .buying.pricing import rules
from .documents import RUNNING, OrderState, allow, reached
from .gates import notice_for, order_for, place_at
from .inspection import Delivery, check_delivery, differing_labels
from .models import OrderLine, PurchaseOrder, Receipt, ReceiptLine, ShipNotice, ShipNoticeLine
from .numbers import next_number
from .packing.delivered import BoxArrival, InsideLine, arriving_for
from .reasons import known as known_reasons
from .things import KnownUnit, known_units, lines
from .validity import Findings, Goods, Span, Stage, Subject, check_papers, usable

DOCKS = (Kind.DOCK, Kind.STORE, Kind.ROOM, Kind.CABINET, Kind.BIN, Kind.DEPARTMENT)


def draft_receipt(
    delivery: Delivery,
    *,
    key: str,
    dock_id: int,
    number: str,
    at: datetime,
    reference: str = "",
    note: str = "",
) -> Draft:
    """All that came over the door, whatever its verdict. Pure."""
    documents = {
        "order": delivery.order_number,
        "receipt": number,
        **({"delivery": reference} if reference else {}),
    }
    return Draft(
        step=Step.RECEIVE,
        key=key,
        happened_at=at,
        lines=tuple(Line(thing, dock_id) for thing in _things(delivery)),
        documents=documents,
        note=note,
        read_point_id=dock_id,
        source_party_id=delivery.supplier_id,
    )


def _things(delivery: Delivery) -> Iterator[NewUnit | NewQuantity]:
    counted: dict[tuple[int, str, date | None], NewQuantity] = {}
    for arrival in delivery.arrivals:
        cost = delivery.prices.get(arrival.item_id, Decimal(0))
        if delivery.by_lot(arrival.item_id):
            lot = (arrival.item_id, arrival.lot, arrival.expiry)
            before = counted[lot].quantity if lot in counted else Decimal(0)
            counted[lot] = NewQuantity(
                arrival.item_id,
                before + arrival.quantity,
                arrival.lot,
                arrival.expiry,
                arrival.made,
                supplier_id=delivery.supplier_id,
                cost=cost,
            )
        else:
            yield NewUnit(
                arrival.epc,
                arrival.item_id,
                arrival.serial,
                arrival.lot,
                arrival.expiry,
                arrival.made,
                supplier_id=delivery.supplier_id,
                order_number=delivery.order_number,
                cost=cost,
            )
    yield from counted.values()


LotIds = Mapping[tuple[int, str, date | None], int]


def draft_verdicts(delivery: Delivery, receipt: Draft, *, dock_id: int, lots: LotIds) -> list[Draft]:
    """What inspection found: one acceptance, and one rejection for each reason. Pure."""
    groups: dict[str, list[str]] = defaultdict(list)
    counted: dict[str, Counter[int]] = defaultdict(Counter)
    for arrival in delivery.arrivals:
        if delivery.by_lot(arrival.item_id):
            counted[arrival.rejected][lots[arrival.item_id, arrival.lot, arrival.expiry]] += arrival.quantity
        else:
            groups[arrival.rejected].append(arrival.epc)
    drafts = []
    for reason in sorted({*groups, *counted}):
        quantities = [LotQuantity(lot, Decimal(pieces), dock_id) for lot, pieces in counted[reason].items()]
        drafts.append(
            Draft(
                step=Step.REJECT if reason else Step.ACCEPT,
                key=f"{receipt.key}:{'reject:' + reason if reason else 'accept'}",
                happened_at=receipt.happened_at,
                lines=lines([*groups[reason], *quantities]),
                documents=receipt.documents,
                reason=reason,
                read_point_id=dock_id,
                source_party_id=delivery.supplier_id,
            )
        )
    return drafts


@verb
def receive(
    *,
    actor: Actor,
    key: str,
    order_id: int,
    dock_id: int,
    arrivals: Sequence[Arrival] = (),
    boxes: Sequence[BoxArrival] = (),
    notice_id: int | None = None,
    reference: str = "",
    note: str = "",
    arrived_at: datetime | None = None,
) -> Done:
    """Take a delivery over the door with its inspection: all of it, or nothing. A box stands for all that was announced
    in it; what was scanned by itself as well has the verdict of its own scan.

    What is short stays outstanding and is reported in ``facts["differences"]``, with the units whose label says another
    lot or expiry than was announced: the label is what counts, and the earlier expiry. Raises :class:`Refused` for a
    closed order, accepted goods that are expired, not ordered, more than outstanding or without a valid
    registration, a supplier without a valid licence, and whatever the ledger refuses.
    """
    at = moment(arrived_at)
    order = order_for(actor, order_id, may="receive", lock=True)
    allow("order", "receive", number=order.number, state=order.state, label=order.get_state_display())
    dock = place_at(actor, dock_id, may="receive", kinds=DOCKS)
    notice = _notice(actor, notice_id, order)
    order_lines = {line.item_id: line for line in order.lines.all()}
    inside = arriving_for(order.pk, order.number, boxes) if boxes else []
    arrivals = with_boxes(arrivals, inside)
    delivery = _delivery(order, order_lines, arrivals, timezone.localdate(at))
    offences = [] if arrivals else [Offence("empty")]
    offences += check_delivery(delivery)
    papers = _papers(delivery)
    offences += papers.offences
    if offences:
        raise Refused.of(offences)
    to_come = awaited(order.pk).get(notice.pk, {}) if notice else {}
    number = next_number("GR", path=dock.path, at=at)
    draft = draft_receipt(
        delivery, key=key, dock_id=dock.pk, number=number, at=at, reference=reference, note=note
    )
    received = post(draft, actor=actor).event_id
    lots = _lots(received) if any(delivery.by_lot(arrival.item_id) for arrival in arrivals) else {}
    verdicts = draft_verdicts(delivery, draft, dock_id=dock.pk, lots=lots)
    events = {verdict.reason: post(verdict, actor=actor).event_id for verdict in verdicts}
    rejected = [event for reason, event in events.items() if reason]
    receipt = Receipt.objects.create(
        number=number, order=order, notice=notice, dock=dock, reference=reference, arrived_at=at,
        received_event=received, accepted_event=events.get(""), rejected_events=rejected, actor_id=actor.person_id,
    )  # fmt: skip
    _mark_arrived(receipt, delivery, inside)
    differences = _differences(receipt, delivery, to_come)
    settle(order.pk)
    _count(order, order_lines, delivery)
    facts = {"differences": differences, **papers.facts()}
    return Done(number, receipt.pk, order.state, (received, *events.values()), facts)


def _papers(delivery: Delivery) -> Findings:
    """The makers' authorisations; licences are the ledger's own rule, registrations are looked at thing by thing."""
    accepted = {arrival.item_id for arrival in delivery.arrivals if not arrival.rejected}
    goods = [Goods(item_id, delivery.supplier_id) for item_id in sorted(accepted)]
    return check_papers(Stage.RECEIPT, goods, day=delivery.day, only=Subject.AUTHORISATION)


def _mark_arrived(receipt: Receipt, delivery: Delivery, inside: Sequence[tuple[InsideLine, str]]) -> None:
    """A box arrives once: its lines, and the lines of units that were scanned, are not awaited any more - neither here
    nor for orders that are closed."""
    epcs = [arrival.epc for arrival in delivery.arrivals if arrival.epc]
    lines = Q(pk__in=[line.line_id for line, _rejected in inside]) | Q(epc__in=epcs)
    orders = [delivery.order_number, *delivery.finished]
    waiting = ShipNoticeLine.objects.filter(lines, notice__order__number__in=orders, arrived_at=None)
    waiting.update(arrived_at=receipt.arrived_at, receipt=receipt)


def _notice(actor: Actor, notice_id: int | None, order: PurchaseOrder) -> ShipNotice | None:
    if notice_id is None:
        return None
    notice = notice_for(actor, notice_id, lock=True)
    if notice.order_id != order.pk:
        raise Refused("notice_of_other_order", thing=notice.number, order=notice.order.number)
    allow("notice", "receive", number=notice.number, state=notice.state, label=notice.get_state_display())
    return notice


def _delivery(
    order: PurchaseOrder, order_lines: Mapping[int, OrderLine], arrivals: Sequence[Arrival], day: date
) -> Delivery:
    items = Item.objects.in_bulk({arrival.item_id for arrival in arrivals})
    known = known_units([arrival.epc for arrival in arrivals if arrival.epc])
    return Delivery(
        order_number=order.number,
        supplier_id=order.supplier_id,
        day=day,
        arrivals=tuple(arrivals),
        outstanding={item: line.outstanding for item, line in order_lines.items()},
        prices={item: line.price for item, line in order_lines.items()},
        items=items,
        surplus={item: line.surplus_left for item, line in order_lines.items()},
        lapsed=unregistered(items, day),
        verdicts=known_reasons("reject") if any(arrival.rejected for arrival in arrivals) else frozenset(),
        known=known,
        finished=finished_orders(order.number, known),
        named=names_of(arrivals, known),
    )


def finished_orders(number: str, known: Mapping[str, KnownUnit]) -> frozenset[str]:
    """Other orders for which units of the delivery were announced and that take nothing more: whatever still comes for
    them comes for this one. A statement only where there are such units."""
    others = {unit.order_number for unit in known.values() if unit.status == Status.EXPECTED} - {number, ""}
    if not others:
        return frozenset()
    found = PurchaseOrder.objects.filter(number__in=others).exclude(state__in=RUNNING)
    return frozenset(found.values_list("number", flat=True))


def unregistered(items: Sequence[int] | Mapping[int, Item], day: date) -> dict[int, list[Span]]:
    """Items whose every registration is out of its validity on the day -> when those held: what was made then stays
    usable. One that never had any is not judged. At most two statements."""
    rows = Registration.objects.filter(item_id__in=list(items))
    spans: dict[int, list[Span]] = defaultdict(list)
    for item_id, first, last in rows.values_list("item_id", "valid_from", "valid_to"):
        spans[item_id].append(Span(first, last))
    lapsed = {item: shown for item, shown in spans.items() if not usable(shown, day)}
    return lapsed if not lapsed or rules().made_decides else {item: [] for item in lapsed}


def _lots(event_id: str) -> dict[tuple[int, str, date | None], int]:
    rows = Movement.objects.filter(event_id=event_id, unit__isnull=True)
    return {
        (item, number, expiry): lot
        for lot, item, number, expiry in rows.values_list(
            "lot_id", "lot__item_id", "lot__number", "lot__expiry"
        )
    }


def _differences(
    receipt: Receipt, delivery: Delivery, to_come: Mapping[int, Awaited]
) -> list[dict[str, object]]:
    """Keep, and report, each item of the order or the delivery: expected, accepted, rejected, short."""
    announced = Counter({item: each.left for item, each in to_come.items()})
    accepted, rejected = delivery.pieces(accepted=True), delivery.pieces(accepted=False)
    reasons: dict[int, Counter[str]] = defaultdict(Counter)
    for arrival in delivery.arrivals:
        if arrival.rejected:
            reasons[arrival.item_id][arrival.rejected] += arrival.quantity
    touched = sorted(
        {*delivery.items, *announced, *(i for i, open_ in delivery.outstanding.items() if open_)}
    )
    labels: dict[int, list[dict[str, str]]] = defaultdict(list)
    for item, label in differing_labels(delivery):
        labels[item].append(label)
    lines = ReceiptLine.objects.bulk_create(
        ReceiptLine(
            receipt=receipt,
            item_id=item,
            outstanding=delivery.outstanding.get(item, 0),
            announced=announced[item],
            accepted=accepted[item],
            rejected=rejected[item],
            reasons=dict(reasons[item]),
            labels=labels[item],
        )
        for item in touched
    )
    return [
        {
            "item_id": line.item_id,
            "outstanding": line.outstanding,
            "announced": line.announced,
            "accepted": line.accepted,
            "rejected": line.rejected,
            "short": line.short,
            "reasons": line.reasons,
            "labels": line.labels,
        }
        for line in lines
    ]


def _count(order: PurchaseOrder, order_lines: Mapping[int, OrderLine], delivery: Delivery) -> None:
    accepted, rejected = delivery.pieces(accepted=True), delivery.pieces(accepted=False)
    for item, line in order_lines.items():
        line.received += accepted[item]
        line.rejected += rejected[item]
    OrderLine.objects.bulk_update(order_lines.values(), ["received", "rejected"])
    order.state = reached("order", "receive", order_state(order_lines.values()))
    order.save(update_fields=["state"])


def order_state(lines: Iterable[OrderLine]) -> str:
    """The state of a placed order, from what its lines have received."""
    found = list(lines)
    if all(line.outstanding == 0 for line in found):
        return OrderState.RECEIVED
    return OrderState.PARTLY_RECEIVED if any(line.received for line in found) else OrderState.PLACED
