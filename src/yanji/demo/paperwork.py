"""Files the documents beside the ledger's entries, as time goes by: orders, notices, receipts, requisitions, issues, cases."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from yanji.flows.models import (
    Case,
    Issue,
    IssueLine,
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
from yanji.flows.models_recall import LotRecall
from yanji.flows.recalled import tell_the_ledger
from yanji.flows.states import CaseState, IssueState, NoticeState, OrderState, RequisitionState
from yanji.ledger.api import Step
from yanji.ledger.models import Movement

from .master import Rows
from .posting import Poster
from .record import CaseDoc, IssueDoc, NoticeDoc, OrderDoc, ReceiptDoc, RequestDoc
from .world import World

Doc = TypeVar("Doc")
BATCH = 2_000
BEFOREHAND = timedelta(days=1)  # cases are entered on the day before
SERIES = ("PO-", "SN-", "GR-", "RQ-", "IS-", "RT-", "SC-")
GIVEN_UP_AFTER = timedelta(days=12)  # an order that still owes something so long after its day is closed


class _Pile(Generic[Doc]):
    """Documents of one kind that are still to be filed, in the order of time."""

    def __init__(
        self, papers: Sequence[Doc], when: Callable[[Doc], datetime], write: Callable[[Sequence[Doc]], None]
    ) -> None:
        self._left, self._when, self._write = deque(sorted(papers, key=when)), when, write

    def file(self, moment: datetime) -> None:
        """Write those from before a moment."""
        due: list[Doc] = []
        while self._left and self._when(self._left[0]) < moment:
            due.append(self._left.popleft())
        if due:
            self._write(due)


class Filing:
    """The documents of the daily work, filed in bulk as the ledger's time passes: their ids then follow their time, among
    those that the tales make, and a tale may refer to any of them."""

    def __init__(self, world: World, rows: Rows, poster: Poster) -> None:
        self.world, self.rows, self.poster = world, rows, poster
        self.orders: dict[str, PurchaseOrder] = {}
        self.notices: dict[str, ShipNotice] = {}
        self.receipts: dict[str, Receipt] = {}
        self.requests: dict[str, Requisition] = {}
        papers = world.papers
        self._piles: list[_Pile[Any]] = [
            _Pile(papers.orders, lambda order: order.created, self._orders),
            _Pile(papers.notices, lambda notice: notice.created, self._notices),
            _Pile(papers.receipts, lambda receipt: receipt.arrived, self._receipts),
            _Pile(papers.requests, lambda request: request.created, self._requests),
            _Pile(papers.issues, lambda issue: issue.issued, self._issues),
            _Pile(papers.cases, lambda case: case.planned - BEFOREHAND, self._cases),
        ]

    def begin(self) -> None:
        """Tales' documents are numbered after those of the daily work."""
        Series.objects.bulk_create(
            Series(prefix=prefix, last=last)
            for prefix, last in self.world.numbers.items()
            if prefix.startswith(SERIES)
        )

    def until(self, moment: datetime) -> None:
        """File what was written before a moment; the ledger has heard of everything up to it."""
        for pile in self._piles:
            pile.file(moment)

    def finish(self) -> None:
        """File the rest."""
        self.until(datetime.max.replace(tzinfo=UTC))
        RequisitionEvent.objects.bulk_create(
            (
                RequisitionEvent(requisition=self.requests[request.number], event_id=self.poster.events[act])
                for request in self.world.papers.requests
                for act in request.acts
            ),
            batch_size=BATCH,
        )
        # Those that a tale said by the verb are kept already.
        kept = LotRecall.objects.filter(event__isnull=False).values("event_id")
        marked = Movement.objects.filter(event__step=Step.RECALL).exclude(event_id__in=kept)
        marked = marked.order_by("lot_id", "event_id").distinct()
        recalls = LotRecall.objects.bulk_create(
            LotRecall(lot_id=lot, event_id=event, actor_id=actor, at=at, notice=notice)
            for lot, event, actor, at, notice in marked.values_list(
                "lot_id", "event_id", "event__actor_id", "event__happened_at", "event__documents__recall"
            )
        )
        tell_the_ledger({recall.lot_id for recall in recalls})

    def _orders(self, papers: Sequence[OrderDoc]) -> None:
        rows, clock = self.rows, self.poster.clock
        made = PurchaseOrder.objects.bulk_create(
            PurchaseOrder(
                number=order.number, supplier_id=rows.suppliers[order.supplier], deliver_to_id=rows.places[order.store],
                state=_order_state(order, self.world), expected_on=order.expected,
                actor_id=rows.people[order.actor], created_at=clock(order.created),
                placed_at=clock(order.placed) if order.placed else None,
            )
            for order in papers
        )  # fmt: skip
        OrderLine.objects.bulk_create(
            (
                OrderLine(
                    order=row, item_id=rows.items[item], quantity=asked, received=received, rejected=rejected,
                    price=self.world.item(item).price,
                )
                for row, order in zip(made, papers, strict=True)
                for item, (asked, received, rejected) in order.lines.items()
            ),
            batch_size=BATCH,
        )  # fmt: skip
        self.orders.update((row.number, row) for row in made)

    def _notices(self, papers: Sequence[NoticeDoc]) -> None:
        rows = self.rows
        made = ShipNotice.objects.bulk_create(
            ShipNotice(
                number=notice.number, order=self.orders[notice.order.number], reference=notice.reference,
                carrier=notice.carrier, expected_on=notice.expected,
                state=NoticeState.ARRIVED if notice.arrived else NoticeState.ANNOUNCED,
                event_id=self.poster.events.get(notice.act), actor_id=rows.people[notice.actor],
                created_at=self.poster.clock(notice.created),
            )
            for notice in papers
        )  # fmt: skip
        lines: list[ShipNoticeLine] = []
        for row, notice in zip(made, papers, strict=True):
            lines += [
                ShipNoticeLine(
                    notice=row, item_id=rows.items[thing.item], epc=thing.epc, serial=thing.serial,
                    lot=thing.batch.number, expiry=thing.batch.expiry,
                )
                for thing in notice.named
            ]  # fmt: skip
            lines += [
                ShipNoticeLine(
                    notice=row,
                    item_id=rows.items[lot.item],
                    lot=lot.number,
                    expiry=lot.expiry,
                    quantity=count,
                )
                for lot, count in notice.unnamed.items()
            ]
        ShipNoticeLine.objects.bulk_create(lines, batch_size=BATCH)
        self.notices.update((row.number, row) for row in made)

    def _receipts(self, papers: Sequence[ReceiptDoc]) -> None:
        rows, events = self.rows, self.poster.events
        made = Receipt.objects.bulk_create(
            Receipt(
                number=receipt.number, order=self.orders[receipt.order.number],
                notice=self.notices[receipt.notice.number] if receipt.notice else None, dock_id=rows.places[receipt.dock],
                reference=receipt.reference, arrived_at=self.poster.clock(receipt.arrived),
                received_event=events[receipt.received], accepted_event=events.get(receipt.accepted),
                rejected_events=[events[key] for key in receipt.rejected], actor_id=rows.people[receipt.actor],
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
        self.receipts.update((row.number, row) for row in made)

    def _requests(self, papers: Sequence[RequestDoc]) -> None:
        rows = self.rows
        made = Requisition.objects.bulk_create(
            Requisition(
                number=request.number, department_id=rows.places[request.department],
                store_id=rows.places[request.store], needed_by=request.needed, case_number=request.case, note=request.note,
                state=_request_state(request), actor_id=rows.people[request.actor],
                created_at=self.poster.clock(request.created),
            )
            for request in papers
        )  # fmt: skip
        RequisitionLine.objects.bulk_create(
            (
                RequisitionLine(
                    requisition=row, item_id=rows.items[item], quantity=asked, picked=picked, issued=issued
                )
                for row, request in zip(made, papers, strict=True)
                for item, (asked, picked, issued) in request.lines.items()
            ),
            batch_size=BATCH,
        )
        self.requests.update((row.number, row) for row in made)

    def _issues(self, papers: Sequence[IssueDoc]) -> None:
        rows, poster = self.rows, self.poster
        made = Issue.objects.bulk_create(
            Issue(
                number=issue.number, requisition=self.requests[issue.request.number],
                store_id=rows.places[issue.request.store], department_id=rows.places[issue.request.department],
                issued_at=poster.clock(issue.issued),
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

    def _cases(self, papers: Sequence[CaseDoc]) -> None:
        states = {"planned": CaseState.PLANNED, "open": CaseState.OPEN, "closed": CaseState.CLOSED}
        Case.objects.bulk_create(
            Case(
                number=case.number, patient_token=case.patient, procedure=case.zh, operator=case.operator,
                department_id=self.rows.places[case.department], planned_at=case.planned, state=states[case.state],
            )
            for case in papers
        )  # fmt: skip


def _order_state(order: OrderDoc, world: World) -> str:
    if order.placed is None:
        return OrderState.DRAFT
    if not order.owed:
        return OrderState.RECEIVED
    if order.expected + GIVEN_UP_AFTER < world.today:
        return OrderState.CLOSED
    return OrderState.PARTLY_RECEIVED if any(line[1] for line in order.lines.values()) else OrderState.PLACED


def _request_state(request: RequestDoc) -> str:
    lines = request.lines.values()
    if all(issued == asked for asked, _, issued in lines):
        return RequisitionState.ISSUED
    if request.closed:
        return RequisitionState.CLOSED
    if all(picked == asked for asked, picked, _ in lines):
        return RequisitionState.PICKED
    return RequisitionState.PICKING if any(picked for _, picked, _ in lines) else RequisitionState.REQUESTED


def _by_lot(issue: IssueDoc, poster: Poster) -> Counter[int]:
    return Counter({poster.lot(batch): count for batch, count in issue.counts.items()})
