"""Goods arrive against a purchase order and are inspected."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import (
    Draft,
    Line,
    NewQuantity,
    NewUnit,
    Offence,
    Refused,
    Status,
    Step,
    post,
    post_together,
)
from yanji.places.models import Kind, Place

from .acts import Done, moment, verb
from .arrival import Arrival, names_of, with_boxes
from .awaited import awaited, settle
from .documents import RUNNING, allow
from .gates import notice_for, order_for, place_at
from .goods_in import LotIds, doubted, draft_verdicts, lots_in, new_things, papers_at_receipt
from .inspecting.dock import inspected, keep, quarantine_of, told
from .inspecting.sample import Look
from .inspection import Delivery, check_delivery
from .judged import Judged, judged
from .models import OrderLine, PurchaseOrder, Receipt, ShipNotice
from .notice_withdrawn import awaited_now
from .numbers import next_number
from .packing.delivered import BoxArrival, InsideLine, Verdict, arriving_for
from .reasons import known as known_reasons
from .recalled import REASON, may_doubt_recalled
from .received import count_received, differences, mark_arrived
from .things import KnownUnit, known_units

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
    return new_things(
        delivery.arrivals, delivery.items, cost=lambda item: delivery.prices.get(item, Decimal(0)),
        supplier_id=delivery.supplier_id, order_number=delivery.order_number,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coming:
    """A delivery at a dock, with all that was said of it; the order is locked."""

    key: str
    at: datetime
    order: PurchaseOrder
    lines: Sequence[OrderLine]  # of the order; those of one that is born with its delivery may be unwritten
    dock: Place
    arrivals: Sequence[Arrival]
    looks: Sequence[Look] = ()
    inside: Sequence[tuple[InsideLine, Verdict]] = ()
    notice: ShipNotice | None = None
    reference: str = ""
    note: str = ""
    blind: bool = False
    urgent: bool = False  # a patient waits for it, and no plan asks for samples
    number: str = ""  # of the receipt, where it was drawn already
    judged: Judged | None = None  # what is known of the items, where it was read already
    then: Callable[[LotIds], Draft] | None = None  # what is done at once with what came, its lots as entered


@verb
def receive(
    *,
    actor: Actor,
    key: str,
    order_id: int,
    dock_id: int,
    arrivals: Sequence[Arrival] = (),
    boxes: Sequence[BoxArrival] = (),
    looks: Sequence[Look] = (),
    notice_id: int | None = None,
    reference: str = "",
    note: str = "",
    blind: bool = False,
    arrived_at: datetime | None = None,
) -> Done:
    """Take a delivery over the door with its inspection: all of it, or nothing. A box stands for all that was announced
    in it; what was scanned by itself as well has the verdict of its own scan. ``looks``: what was seen of the samples
    that :func:`.inspecting.queries.samples` proposes under the same key. ``blind``: kept with the receipt, that it was
    counted without a look at what was expected.

    What is short stays outstanding and is reported in ``facts["differences"]``, with the units whose label says another
    lot or expiry than was announced: the label is what counts, and the earlier expiry. Raises :class:`Refused` for a
    closed order, accepted goods that are expired, not ordered, more than outstanding or without a valid registration,
    a sample that was not looked at, a supplier without a valid licence, and whatever the ledger refuses.
    """
    at = moment(arrived_at)
    order = order_for(actor, order_id, may="receive", lock=True)
    allow("order", "receive", number=order.number, state=order.state, label=order.get_state_display())
    dock = place_at(actor, dock_id, may="receive", kinds=DOCKS)
    notice = _notice(actor, notice_id, order)
    inside = arriving_for(order.pk, order.number, boxes) if boxes else []
    scanned = with_boxes(arrivals, inside)
    return over_the_door(
        Coming(
            key,
            at,
            order,
            list(order.lines.all()),
            dock,
            scanned,
            looks,
            inside,
            notice,
            reference,
            note,
            blind,
        ),
        actor=actor,
    )


def over_the_door(coming: Coming, *, actor: Actor) -> Done:
    """What :func:`receive` does once it is known what came, where and against which order."""
    order, dock = coming.order, coming.dock
    order_lines = {line.item_id: line for line in coming.lines}
    delivery = delivery_of(
        order, order_lines, coming.arrivals, timezone.localdate(coming.at), of=coming.judged
    )
    delivery, outcomes, unseen = inspected(delivery, coming.looks, key=coming.key, planned=not coming.urgent)
    papers = papers_at_receipt(delivery)
    papers = papers.urgent() if coming.urgent else papers
    offences = [] if coming.arrivals else [Offence("empty")]
    offences += [*unseen, *check_delivery(delivery), *papers.offences]
    if offences:
        raise Refused.of(offences)
    delivery = replace(delivery, arrivals=doubted(delivery))
    to_come = awaited(order.pk).get(coming.notice.pk, {}) if coming.notice else {}
    number = coming.number or next_number("GR", path=dock.path, at=coming.at)
    draft = draft_receipt(
        delivery, key=coming.key, dock_id=dock.pk, number=number, at=coming.at, reference=coming.reference,
        note=coming.note,
    )  # fmt: skip
    aside = quarantine_of(dock) if any(each.rejected or each.doubtful for each in delivery.arrivals) else None
    received = post(draft, actor=actor).event_id
    lots = lots_in(received) if any(delivery.by_lot(each.item_id) for each in delivery.arrivals) else {}
    verdicts = draft_verdicts(
        delivery.arrivals, delivery.items, draft, dock_id=dock.pk, lots=lots,
        set_aside_at=aside.pk if aside else None,
    )  # fmt: skip
    allowed = may_doubt_recalled(actor, dock)
    acts = [(each, allowed if each.reason == REASON else actor) for each in verdicts]
    acts += [(coming.then(lots), actor)] if coming.then else []
    posted = [each.event_id for each in post_together(acts)]
    events = [(each.step, event) for (each, _actor), event in zip(acts, posted, strict=True)]
    receipt = Receipt.objects.create(
        number=number, order=order, notice=coming.notice, dock=dock, reference=coming.reference,
        arrived_at=coming.at, received_event=received, actor_id=actor.person_id, blind=coming.blind,
        accepted_event=next((event for step, event in events if step is Step.ACCEPT), None),
        rejected_events=[event for step, event in events if step is Step.REJECT],
        held_events=[event for step, event in events if step is Step.HOLD],
    )  # fmt: skip
    keep(receipt, delivery, outcomes, aside.pk if aside else dock.pk)
    marked = mark_arrived(receipt, delivery, coming.inside)
    found = differences(receipt, delivery, to_come)
    if marked or coming.notice:
        settle(order.pk)
    count_received(order, order_lines, delivery)
    facts = {"differences": found, "inspections": [told(each) for each in outcomes], **papers.facts()}
    return Done(number, receipt.pk, order.state, (received, *(event for _step, event in events)), facts)


def _notice(actor: Actor, notice_id: int | None, order: PurchaseOrder) -> ShipNotice | None:
    if notice_id is None:
        return None
    notice = notice_for(actor, notice_id, lock=True)
    if notice.order_id != order.pk:
        raise Refused("notice_of_other_order", thing=notice.number, order=notice.order.number)
    allow("notice", "receive", number=notice.number, state=notice.state, label=notice.get_state_display())
    return notice


def delivery_of(
    order: PurchaseOrder,
    order_lines: Mapping[int, OrderLine],
    arrivals: Sequence[Arrival],
    day: date,
    *,
    of: Judged | None = None,
) -> Delivery:
    """What arrived for an order, with all that its inspection looks at. ``of``: what is known of its items already."""
    of = of or judged({arrival.item_id for arrival in arrivals}, order.supplier_id)
    known = awaited_now(order, known_units([arrival.epc for arrival in arrivals if arrival.epc]))
    return Delivery(
        order_number=order.number,
        supplier_id=order.supplier_id,
        day=day,
        arrivals=tuple(arrivals),
        outstanding={item: line.outstanding for item, line in order_lines.items()},
        prices={item: line.price for item, line in order_lines.items()},
        items=of.items,
        recalled=of.recalled,
        held=of.held,
        surplus={item: line.surplus_left for item, line in order_lines.items()},
        lapsed=of.held.over(day),
        verdicts=known_reasons("reject") if any(arrival.rejected for arrival in arrivals) else frozenset(),
        doubts=known_reasons("hold") if any(arrival.doubtful for arrival in arrivals) else frozenset(),
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
