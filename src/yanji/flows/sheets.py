"""The documents of supply and care on paper: what a supplier, a dock, a picker and a ward need to read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yanji.catalog.models import Item
from yanji.catalog.packages import measured, packages_for
from yanji.ledger.api import CLOCK_SLACK
from yanji.ledger.models import Movement
from yanji.places.models import Place
from yanji.places.queries import labels

from .alternatives import localised
from .buying.owed import schedule
from .gates import issue_for, receipt_for, requisition_for
from .import_papers import in_print
from .landed.sheet import costs_beside, first_invoices
from .models import Issue, OrderLine, PurchaseOrder, Receipt, Requisition, ShipNotice
from .out_of_turn import of_issue, of_requisition, section
from .papers import Cell, Paper, Section, Sheet, letterhead, register
from .pick_list import PickLine, Proposal, pick_list
from .portal.gates import notice_to_read, order_to_read
from .reasons import Labels, reason_words
from .states import RequisitionState
from .supply.why import told_of
from .turn import Policy
from .waves.models import InTurn


def order_sheet(order: PurchaseOrder) -> Sheet:
    """For the supplier: what to deliver, where to, at which price."""
    found = order.lines.select_related("item").prefetch_related("parts__place")
    lines = list(found.order_by("id"))
    packages = packages_for(line.item for line in lines)
    rows = [
        (
            number, line.item.code, line.item.name, line.item.model, line.quantity,
            measured(line.item, line.quantity, packages.get(line.item_id, ())),
            line.price, line.quantity * line.price,
        )
        for number, line in enumerate(lines, 1)
    ]  # fmt: skip
    total = sum((line.quantity * line.price for line in lines), Decimal(0))
    columns = (
        _("No."), _("Code"), _("Item"), _("Model"), _("Quantity"), _("Unit of measure"), _("Price (CNY)"),
        _("Amount (CNY)"),
    )  # fmt: skip
    return Sheet(
        title=_("Purchase order"),
        number=order.number,
        state=order.get_state_display(),
        head=letterhead(order.deliver_to.path),
        facts=(
            (_("Supplier"), order.supplier.name),
            (_("Contact"), order.supplier.contact),
            (_("Deliver to"), order.deliver_to.name),
            (_("Expected on"), order.expected_on),
            (_("Placed at"), order.placed_at),
            (_("Written by"), order.actor.name),
        ),
        sections=(
            Section(
                _("Lines"),
                columns,
                rows,
                ("", "", _("Total"), "", sum(line.quantity for line in lines), "", "", total),
            ),
            *_schedule(order, lines),
        ),
        signatures=(_("For the hospital"), _("For the supplier")),
        note=order.note,
    )


def _schedule(order: PurchaseOrder, lines: Sequence[OrderLine]) -> list[Section]:
    """When and where the parts of the lines are due; nothing where none was divided."""
    rows = [
        (number, line.item.code, line.item.name, each.due_on, each.place_name, each.pieces, each.came)
        for number, line in enumerate(lines, 1)
        for each in schedule(line, order.deliver_to)
    ]
    columns = (
        _("No."), _("Code"), _("Item"), _("Due on"), _("Deliver to"), _("Quantity"), _("Received"),
    )  # fmt: skip
    return [Section(_("Delivery schedule"), columns, rows)] if rows else []


def notice_sheet(notice: ShipNotice) -> Sheet:
    """What the supplier says is on its way, thing by thing."""
    lines = notice.lines.select_related("item").order_by("id")
    rows = [
        (line.item.code, line.item.name, line.item.model, line.serial, line.lot, line.expiry, line.quantity)
        for line in lines
    ]
    return Sheet(
        title=_("Ship notice"),
        number=notice.number,
        state=notice.get_state_display(),
        head=letterhead(notice.order.deliver_to.path),
        facts=(
            (_("Order"), notice.order.number),
            (_("Supplier"), notice.order.supplier.name),
            (_("Delivery note"), notice.reference),
            (_("Carrier"), notice.carrier),
            (_("Expected on"), notice.expected_on),
            (_("Withdrawn because"), notice.withdrawn_because),
            (_("Deliver to"), notice.order.deliver_to.name),
        ),
        sections=(Section(_("On its way"), THING_COLUMNS(), rows),),
        signatures=(_("Sent by"), _("Received by")),
    )


def receipt_sheet(receipt: Receipt) -> Sheet:
    """What was owed, what came, what was wrong with it; and every unit that was taken over the door."""
    lines = list(receipt.lines.select_related("item").order_by("id"))
    words = reason_words() if any(line.reasons or line.doubts for line in lines) else Labels({})
    rows = [
        (line.item.code, line.item.name, line.outstanding, line.announced, line.accepted, line.rejected, line.short,
         ", ".join(filter(None, (_why(line.reasons, words), _why(line.doubts, words, group="hold")))))
        for line in lines
    ]  # fmt: skip
    columns = (
        _("Code"), _("Item"), _("Outstanding"), _("Announced"), _("Accepted"), _("Rejected"), _("Short"),
        _("Differences"),
    )  # fmt: skip
    return Sheet(
        title=_("Receipt note"),
        number=receipt.number,
        state=_("Taken back") if receipt.voided_at else "",
        head=letterhead(receipt.dock.path),
        facts=(
            (_("Supplier"), receipt.order.supplier.name),
            (_("Order"), receipt.order.number),
            (_("Delivery note"), receipt.reference),
            (_("Arrived at"), receipt.arrived_at),
            (_("Dock"), receipt.dock.name),
            (_("Received by"), receipt.actor.name),
            (
                _("How it was counted"),
                _("Counted blind") if receipt.blind else _("Against what was expected"),
            ),
        ),
        sections=(
            Section(_("Expected and arrived"), columns, rows),
            Section(_("What came"), THING_COLUMNS(), [row.cells for row in moved([receipt.received_event])]),
            *first_invoices(receipt),
            *in_print(receipt),
        ),
        signatures=(_("Delivered by"), _("Inspected by")),
    )


def _why(reasons: Mapping[str, int], words: Labels, *, group: str = "reject") -> str:
    return ", ".join(f"{words.of(code, group=group)} {pieces}" for code, pieces in reasons.items())


def requisition_sheet(requisition: Requisition, policy: Policy | None = "fefo") -> Sheet:
    """The pick list: what is asked for, and in which order of places to take what is still open, as the page proposes it by the
    same ``policy``. Without one it is what the ward wrote: shelves, lots and serials of the store are for who picks there."""
    lines = list(requisition.lines.select_related("item").order_by("id"))
    packages = packages_for(line.item for line in lines)
    over = requisition.state == RequisitionState.CLOSED
    rows = [
        (
            line.item.code, line.item.name, line.item.model, line.quantity,
            measured(line.item, line.quantity, packages.get(line.item_id, ())), line.picked,
            0 if over else line.open_to_pick,
            told_of(line.why, line.quantity),
        )
        for line in lines
    ]  # fmt: skip
    left = [line for line in lines if line.open_to_pick and not over]
    taken = pick_list(requisition, policy=policy, lines=left) if policy and left else []
    columns = (
        _("Code"), _("Item"), _("Model"), _("Wanted"), _("Unit of measure"), _("Picked"), _("To take"), _("Why asked for"),
    )  # fmt: skip
    return Sheet(
        title=_("Pick list") if policy else _("Requisition"),
        number=requisition.number,
        state=requisition.get_state_display(),
        head=letterhead(requisition.store.path),
        facts=(
            (_("Department"), requisition.department.name),
            (_("Store"), requisition.store.name),
            *([(_("Order of picking"), str(InTurn(policy).label))] if policy else []),
            (_("Needed by"), requisition.needed_by),
            (_("Case"), requisition.case_number),
            (_("Written"), requisition.created_at),
            (_("Written by"), requisition.actor.name),
        ),
        sections=(
            Section(_("Lines"), columns, rows),
            *([walk(taken)] if policy else []),
            *(section(of_requisition(requisition)) if policy else []),
        ),
        signatures=(_("Picked by"), _("Checked by")) if policy else (_("Written by"), _("Received by")),
        note=requisition.note,
    )


def walk(taken: Iterable[PickLine]) -> Section:
    """The walk through the store, by place; what is proposed for the same reason from one place is one row, and its number says
    whose turn it is of its item, where that has several. At most two statements."""
    rows: list[tuple[int, Item, int, Proposal, int, str, str]] = []
    for line in taken:
        turns = line.turns
        rows += [
            (
                each.thing.place_id, line.line.item, turn, each, pieces, ", ".join(line.serials_of(each)),
                f"{turn}. {each.said}" if len(turns) > 1 else each.said,
            )
            for turn, each, pieces in turns
        ]  # fmt: skip
    places = {place.pk: place for place in Place.objects.filter(pk__in={place for place, *_ in rows})}
    rows.sort(key=lambda row: (places[row[0]].path, row[1].code, row[2]))
    # Two shelves of a store may share a name: on paper nobody can ask which one is meant.
    called = labels(places.values())
    shown: list[Sequence[Cell]] = [
        (
            called[place], item.code, item.name, serials or "–", each.thing.lot, each.thing.expiry, pieces, why, "☐",
        )
        for place, item, _turn, each, pieces, serials, why in rows
    ]  # fmt: skip
    columns = (
        _("Place"), _("Code"), _("Item"), _("Serial"), _("Lot"), _("Expiry date"), _("To take"), _("Turn, and why"),
        _("Done"),
    )  # fmt: skip
    return Section(_("Where to take it"), columns, shown)


# Who took in something that an issue moved: units by their own chain, counted pieces by their lot. An entry's id begins with its
# time: what a lot did before it was issued is not looked at.
TAKEN_IN = """
WITH sent AS (SELECT unit_id, lot_id FROM ledger_movement WHERE event_id = %(event)s),
came AS (
    SELECT m.event_id FROM sent s JOIN ledger_movement m ON m.unit_id = s.unit_id AND m.event_id > %(since)s
    UNION
    SELECT m.event_id FROM sent s JOIN ledger_movement m ON m.lot_id = s.lot_id AND m.unit_id IS NULL AND m.event_id > %(since)s
     WHERE s.unit_id IS NULL)
SELECT ARRAY[a.name_zh, a.name_en], max(e.happened_at)
  FROM came JOIN ledger_event e ON e.id = came.event_id AND e.step = 'take_in' AND e.documents->>'issue' = %(number)s
  JOIN access_person a ON a.id = e.actor_id
 WHERE NOT EXISTS (SELECT FROM ledger_event k WHERE k.corrects_id = e.id)
 GROUP BY a.id ORDER BY 2
"""


def _taken_in_by(issue: Issue) -> tuple[str, datetime | None]:
    """Who took it in at the department, each once, and when the last of it. One statement."""
    with connection.cursor() as cursor:
        # Clocks of two machines differ by less than that.
        since = UUID(int=issue.event_id.int - (int(CLOCK_SLACK.total_seconds() * 1000) << 80))
        cursor.execute(TAKEN_IN, {"event": issue.event_id, "since": since, "number": issue.number})
        rows = cursor.fetchall()
    return " · ".join(localised(name) for name, _at in rows), rows[-1][1] if rows else None


def issue_sheet(issue: Issue) -> Sheet:
    """The hand-over note: who gave what to whom, signed at both ends; and who took it in, where nobody signed for it."""
    things = moved([issue.event_id])
    who, at = ("", None) if issue.taken_over_by else _taken_in_by(issue)
    return Sheet(
        title=_("Hand-over note"),
        number=issue.number,
        state=issue.get_state_display(),
        head=letterhead(issue.store.path),
        facts=(
            (_("From"), issue.store.name),
            (_("To"), issue.department.name),
            (_("Requisition"), issue.requisition.number),
            (_("Issued at"), issue.issued_at),
            (_("Issued by"), issue.actor.name),
            (_("Handed to"), issue.handed_to),
            (_("Taken over by"), issue.taken_over_by.name if issue.taken_over_by else ""),
            (_("Taken over at"), issue.taken_over_at or ""),
            (_("Taken in by"), who),
            (_("Arrived at"), at),
        ),
        sections=(
            Section(_("Handed over"), THING_COLUMNS(), [row.cells for row in things], in_all(things)),
            *section(of_issue(issue)),
        ),
        signatures=(_("Handed over by (store)"), _("Taken over by (department)")),
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that an event moved: a unit by its serial, or pieces of a lot."""

    code: str
    name: str
    model: str
    serial: str
    lot: str
    expiry: date | None
    pieces: int | Decimal
    at: datetime

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (self.code, self.name, self.model, self.serial, self.lot, self.expiry, self.pieces)


def THING_COLUMNS() -> tuple[str, ...]:  # noqa: N802 - a constant, but for the reader's language
    return (_("Code"), _("Item"), _("Model"), _("Serial"), _("Lot"), _("Expiry date"), _("Quantity"))


def moved(event_ids: Iterable[str | UUID], *, to_status: str = "") -> list[Moved]:
    """What some events moved, by item and expiry. One statement."""
    found = Movement.objects.filter(event_id__in=list(event_ids))
    found = found.filter(to_status=to_status) if to_status else found
    found = found.select_related("lot__item", "unit", "event")
    return [
        Moved(
            move.lot.item.code, move.lot.item.name, move.lot.item.model, move.unit.serial if move.unit else "",
            move.lot.number, move.lot.expiry, _pieces(move.quantity), move.event.happened_at,
        )
        for move in found.order_by("lot__item__code", "lot__expiry", "unit__serial", "event_id", "line")
    ]  # fmt: skip


def _pieces(quantity: Decimal) -> int | Decimal:
    return int(quantity) if quantity == int(quantity) else quantity.normalize()


def in_all(things: Sequence[Moved]) -> tuple[Cell, ...]:
    return ("", _("Total"), "", "", "", "", sum(thing.pieces for thing in things))


PAPERS = (
    Paper(
        kind="order",
        label=gettext_lazy("Purchase order"),
        model=PurchaseOrder,
        gate=order_to_read,
        page=lambda order: ("buyer:order", (order.pk,)),
        sheet=order_sheet,
        supplier_page=lambda order: ("supplier:order", (order.pk,)),
    ),
    Paper(
        kind="notice",
        label=gettext_lazy("Ship notice"),
        model=ShipNotice,
        gate=notice_to_read,
        page=lambda notice: ("buyer:notice", (notice.pk,)),
        sheet=notice_sheet,
        supplier_page=lambda notice: ("supplier:notice", (notice.pk,)),
    ),
    Paper(
        kind="receipt",
        label=gettext_lazy("Receipt note"),
        model=Receipt,
        gate=receipt_for,
        page=lambda receipt: ("storeroom:receipt", (receipt.pk,)),
        sheet=receipt_sheet,
        also=costs_beside,
    ),
    Paper(
        kind="requisition",
        label=gettext_lazy("Requisition"),
        model=Requisition,
        gate=requisition_for,
        page=lambda requisition: ("ward:requisition", (requisition.pk,)),
        sheet=requisition_sheet,
        in_turn=True,
        picked_at=lambda requisition: requisition.store.path,
    ),
    Paper(
        kind="issue",
        label=gettext_lazy("Hand-over note"),
        model=Issue,
        gate=issue_for,
        page=lambda issue: ("storeroom:issue", (issue.pk,)),
        sheet=issue_sheet,
    ),
)
for paper in PAPERS:
    register(paper)
