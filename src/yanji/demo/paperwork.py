"""Writes the documents beside the ledger's entries: orders, notices, receipts, requisitions, issues, cases, labels."""

from collections import Counter
from datetime import timedelta

from yanji.flows.documents import CaseState, IssueState, NoticeState, OrderState, RequisitionState
from yanji.flows.models import (
    Case,
    Issue,
    IssueLine,
    Label,
    OrderLine,
    PurchaseOrder,
    Receipt,
    ReceiptLine,
    Requisition,
    RequisitionEvent,
    RequisitionLine,
    ShipNotice,
    ShipNoticeLine,
)
from yanji.flows.models import Counter as Series

from .master import Rows
from .posting import Poster
from .record import IssueDoc, OrderDoc, RequestDoc
from .world import World

BATCH = 2_000
SERIES = ("PO-", "SN-", "GR-", "RQ-", "IS-", "RT-", "SC-", "LABEL")
GIVEN_UP_AFTER = timedelta(days=12)  # an order that still owes something so long after its day is closed


def write(world: World, rows: Rows, poster: Poster) -> None:
    """All documents, in bulk, each kind in the order in which it was made."""
    orders = _orders(world, rows, poster)
    notices = _notices(world, rows, poster, orders)
    _receipts(world, rows, poster, orders, notices)
    requests = _requests(world, rows, poster)
    _issues(world, rows, poster, requests)
    _cases_and_labels(world, rows, poster)
    Series.objects.bulk_create(
        Series(prefix=prefix, last=last)
        for prefix, last in world.numbers.items()
        if prefix.startswith(SERIES)
    )


def _order_state(order: OrderDoc, world: World) -> str:
    if order.placed is None:
        return OrderState.DRAFT
    if not order.owed:
        return OrderState.RECEIVED
    if order.expected + GIVEN_UP_AFTER < world.today:
        return OrderState.CLOSED
    return OrderState.PARTLY_RECEIVED if any(line[1] for line in order.lines.values()) else OrderState.PLACED


def _orders(world: World, rows: Rows, poster: Poster) -> dict[str, PurchaseOrder]:
    clock = poster.clock
    made = PurchaseOrder.objects.bulk_create(
        PurchaseOrder(
            number=order.number, supplier_id=rows.suppliers[order.supplier], deliver_to_id=rows.places[order.store],
            state=_order_state(order, world), expected_on=order.expected,
            actor_id=rows.people[order.actor], created_at=clock(order.created),
            placed_at=clock(order.placed) if order.placed else None,
        )
        for order in world.papers.orders
    )  # fmt: skip
    OrderLine.objects.bulk_create(
        (
            OrderLine(
                order=row, item_id=rows.items[item], quantity=asked, received=received, rejected=rejected,
                price=world.item(item).price,
            )
            for row, order in zip(made, world.papers.orders, strict=True)
            for item, (asked, received, rejected) in order.lines.items()
        ),
        batch_size=BATCH,
    )  # fmt: skip
    return {row.number: row for row in made}


def _notices(
    world: World, rows: Rows, poster: Poster, orders: dict[str, PurchaseOrder]
) -> dict[str, ShipNotice]:
    made = ShipNotice.objects.bulk_create(
        ShipNotice(
            number=notice.number, order=orders[notice.order.number], reference=notice.reference, carrier=notice.carrier,
            expected_on=notice.expected, state=NoticeState.ARRIVED if notice.arrived else NoticeState.ANNOUNCED,
            event_id=poster.events.get(notice.act), actor_id=rows.people[notice.actor],
            created_at=poster.clock(notice.created),
        )
        for notice in world.papers.notices
    )  # fmt: skip
    lines: list[ShipNoticeLine] = []
    for row, notice in zip(made, world.papers.notices, strict=True):
        lines += [
            ShipNoticeLine(
                notice=row, item_id=rows.items[thing.item], epc=thing.epc, serial=thing.serial, lot=thing.batch.number,
                expiry=thing.batch.expiry,
            )
            for thing in notice.named
        ]  # fmt: skip
        lines += [
            ShipNoticeLine(
                notice=row, item_id=rows.items[lot.item], lot=lot.number, expiry=lot.expiry, quantity=count
            )
            for lot, count in notice.unnamed.items()
        ]
    ShipNoticeLine.objects.bulk_create(lines, batch_size=BATCH)
    return {row.number: row for row in made}


def _receipts(
    world: World, rows: Rows, poster: Poster, orders: dict[str, PurchaseOrder], notices: dict[str, ShipNotice]
) -> None:
    papers, events = world.papers.receipts, poster.events
    made = Receipt.objects.bulk_create(
        Receipt(
            number=receipt.number, order=orders[receipt.order.number],
            notice=notices[receipt.notice.number] if receipt.notice else None, dock_id=rows.places[receipt.dock],
            reference=receipt.reference, arrived_at=poster.clock(receipt.arrived), received_event=events[receipt.received],
            accepted_event=events.get(receipt.accepted), rejected_events=[events[key] for key in receipt.rejected],
            actor_id=rows.people[receipt.actor],
        )
        for receipt in papers
    )  # fmt: skip
    ReceiptLine.objects.bulk_create(
        (
            ReceiptLine(
                receipt=row, item_id=rows.items[item], outstanding=owed, announced=announced, accepted=accepted,
                rejected=rejected, reasons=reasons,
            )
            for row, receipt in zip(made, papers, strict=True)
            for item, (owed, announced, accepted, rejected, reasons) in receipt.lines.items()
        ),
        batch_size=BATCH,
    )  # fmt: skip


def _request_state(request: RequestDoc) -> str:
    lines = request.lines.values()
    if all(issued == asked for asked, _, issued in lines):
        return RequisitionState.ISSUED
    if request.closed:
        return RequisitionState.CLOSED
    if all(picked == asked for asked, picked, _ in lines):
        return RequisitionState.PICKED
    return RequisitionState.PICKING if any(picked for _, picked, _ in lines) else RequisitionState.REQUESTED


def _requests(world: World, rows: Rows, poster: Poster) -> dict[str, Requisition]:
    papers = world.papers.requests
    made = Requisition.objects.bulk_create(
        Requisition(
            number=request.number, department_id=rows.places[request.department], store_id=rows.places[request.store],
            needed_by=request.needed, case_number=request.case, note=request.note, state=_request_state(request),
            actor_id=rows.people[request.actor], created_at=poster.clock(request.created),
        )
        for request in papers
    )  # fmt: skip
    pairs = list(zip(made, papers, strict=True))
    RequisitionLine.objects.bulk_create(
        (
            RequisitionLine(
                requisition=row, item_id=rows.items[item], quantity=asked, picked=picked, issued=issued
            )
            for row, request in pairs
            for item, (asked, picked, issued) in request.lines.items()
        ),
        batch_size=BATCH,
    )
    RequisitionEvent.objects.bulk_create(
        (
            RequisitionEvent(requisition=row, event_id=poster.events[act])
            for row, request in pairs
            for act in request.acts
        ),
        batch_size=BATCH,
    )
    return {row.number: row for row in made}


def _issues(world: World, rows: Rows, poster: Poster, requests: dict[str, Requisition]) -> None:
    papers = world.papers.issues
    made = Issue.objects.bulk_create(
        Issue(
            number=issue.number, requisition=requests[issue.request.number], store_id=rows.places[issue.request.store],
            department_id=rows.places[issue.request.department], issued_at=poster.clock(issue.issued),
            state=IssueState.TAKEN_IN if issue.taken_in else IssueState.UNDERWAY, handed_to=issue.handed_to,
            event_id=poster.events[issue.act], actor_id=rows.people[issue.actor],
        )
        for issue in papers
    )  # fmt: skip
    IssueLine.objects.bulk_create(
        (
            IssueLine(issue=row, lot_id=lot, quantity=count, taken_in=count if issue.taken_in else 0)
            for row, issue in zip(made, papers, strict=True)
            for lot, count in _by_lot(issue, poster).items()
        ),
        batch_size=BATCH,
    )


def _by_lot(issue: IssueDoc, poster: Poster) -> Counter[int]:
    return Counter({poster.lot(batch): count for batch, count in issue.counts.items()})


def _cases_and_labels(world: World, rows: Rows, poster: Poster) -> None:
    states = {"planned": CaseState.PLANNED, "open": CaseState.OPEN, "closed": CaseState.CLOSED}
    Case.objects.bulk_create(
        (
            Case(
                number=case.number, patient_token=case.patient, procedure=case.zh, operator=case.operator,
                department_id=rows.places[case.department], planned_at=case.planned, state=states[case.state],
            )
            for case in world.papers.cases
        ),
        batch_size=BATCH,
    )  # fmt: skip
    Label.objects.bulk_create(
        (
            Label(
                number=label.number, epc=label.piece.epc, giai=label.piece.epc.removeprefix("8004/")
                if label.piece.epc.startswith("8004/") else "", item_id=rows.items[label.piece.item],
                lot=label.piece.batch.number, expiry=label.piece.batch.expiry, made=label.piece.batch.made,
                place_id=rows.places[label.place], actor_id=rows.people[label.actor], assigned_at=poster.clock(label.at),
            )
            for label in world.papers.labels
        ),
        batch_size=BATCH,
    )  # fmt: skip
