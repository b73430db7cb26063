"""What was rejected on receipt and is in a patient all the same is accepted by that: its order counts it as received as long as
it waits for more, its supplier may charge it, and it stands on no return that is still to be sent."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from yanji.ledger.api import Offence, Refused
from yanji.ledger.models import Unit

from ..approval import withdraw
from ..documents import RUNNING, allow, reached
from ..invoices.models import InvoiceLine
from ..models import OrderLine, PurchaseOrder, Receipt
from ..received import order_state, write_received
from ..sendback.models import SupplierReturn, SupplierReturnLine
from ..states import EmergencyState, InvoiceState, OrderState, SupplierReturnState
from .models import EmergencyUse

REJECTED = "rejected_not_used"
NOT_SENT = (SupplierReturnState.AWAITING, SupplierReturnState.REQUESTED, SupplierReturnState.AUTHORISED)


@dataclass(frozen=True, slots=True)
class Accepted:
    """One unit as its paper keeps it. ``counted``: the order waited for a piece, and takes this one for it."""

    thing: str
    receipt: str
    order: str
    order_id: int
    item_id: int
    counted: bool


@dataclass(frozen=True, slots=True)
class Settling:
    """Units that are to be accepted by their use, with their orders and the returns that list them, all locked."""

    units: Sequence[tuple[str, Receipt, int]]  # identity, receipt, item
    orders: dict[int, PurchaseOrder]
    returned: Sequence[SupplierReturnLine]


def settling(against: Iterable[Offence]) -> Settling | None:
    """Lock what a use despite ``against`` will settle; None where it settles nothing. At most five statements."""
    said = list(against)
    rejected = {each.thing: str(each.facts["receipt"]) for each in said if each.code == REJECTED}
    receipts = (
        {each.number: each for each in Receipt.objects.filter(number__in=rejected.values())}
        if rejected
        else {}
    )
    orders = _locked({each.order_id for each in receipts.values()})
    returned = _listed({each.thing for each in said})
    if not receipts and not returned:
        return None
    items = dict(Unit.objects.filter(epc__in=rejected).values_list("epc", "item_id"))
    units = [(epc, receipts[number], items[epc]) for epc, number in rejected.items() if number in receipts]
    return Settling(units, orders, returned)


def _locked(orders: Iterable[int]) -> dict[int, PurchaseOrder]:
    wanted = sorted(orders)
    return {
        each.pk: each
        for each in PurchaseOrder.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    }


def _listed(epcs: Iterable[str]) -> list[SupplierReturnLine]:
    """Lines of returns that are not sent, their papers locked."""
    found = SupplierReturnLine.objects.filter(unit__epc__in=list(epcs), supplier_return__state__in=NOT_SENT)
    ids = list(found.filter(used_despite="").values_list("supplier_return", flat=True))
    if not ids:
        return []
    list(SupplierReturn.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    return list(found.filter(used_despite="").select_related("supplier_return", "unit").order_by("id"))


def accept(paper: EmergencyUse, settled: Settling) -> None:
    """Write down with the paper of a use what became of the order lines, and take the units off their returns."""
    kept = []
    for order in settled.orders.values():
        lines = {line.item_id: line for line in order.lines.all()}
        for epc, receipt, item in settled.units:
            if receipt.order_id == order.pk:
                # Changed, the order may have no line of it any more; closed short, it waits for nothing.
                counted = order.state in RUNNING and item in lines and lines[item].outstanding > 0
                kept.append(Accepted(epc, receipt.number, order.number, order.pk, item, counted))
                if counted:
                    lines[item].received += 1
        _write(order, lines.values(), "accept_used")
    paper.accepted = [asdict(each) for each in kept]
    paper.save(update_fields=["accepted"])
    _off_returns(paper, settled.returned)


def _write(order: PurchaseOrder, lines: Iterable[OrderLine], verb_: str) -> None:
    found = list(lines)
    if order.state != OrderState.CLOSED:
        order.state = reached("order", verb_, order_state(found))
    write_received(order, found)


def _off_returns(paper: EmergencyUse, lines: Sequence[SupplierReturnLine]) -> None:
    for line in lines:
        line.used_despite = paper.number
    SupplierReturnLine.objects.bulk_update(lines, ["used_despite"])
    for back in {line.supplier_return_id: line.supplier_return for line in lines}.values():
        _credit(back, -_worth(lines, back))
        if not back.lines.filter(used_despite="").exists():
            withdraw("supplier_return", back.pk)
            back.state = reached("supplier_return", "cancel", SupplierReturnState.CANCELLED)
            back.save(update_fields=["state"])


def _worth(lines: Iterable[SupplierReturnLine], back: SupplierReturn) -> Decimal:
    own = (line.value for line in lines if line.supplier_return_id == back.pk and line.owner_id is None)
    return sum(own, Decimal(0))


def _credit(back: SupplierReturn, more: Decimal) -> None:
    back.expected += more
    back.save(update_fields=["expected"])


def not_accepted_after_all(paper: EmergencyUse) -> Settling:
    """For a use that is taken back: lock its orders, and the lines of returns that it left; what was called off stays so.

    Raises :class:`Refused` where an invoice that charges such a unit is released for payment.
    """
    epcs = [each["thing"] for each in paper.accepted]
    paid = InvoiceLine.objects.filter(
        receipt__number__in=[each["receipt"] for each in paper.accepted], invoice__state=InvoiceState.RELEASED,
        serial__in=Unit.objects.filter(epc__in=epcs).values("serial"),
    ).select_related("invoice", "receipt").first()  # fmt: skip
    if paid is not None and paid.receipt is not None:
        raise Refused("receipt_paid", thing=paid.receipt.number, invoice=paid.invoice.number)
    left = SupplierReturnLine.objects.filter(used_despite=paper.number, supplier_return__state__in=NOT_SENT)
    ids = left.values_list("supplier_return", flat=True)
    list(SupplierReturn.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk"))
    orders = _locked({each["order_id"] for each in paper.accepted})
    for order in orders.values():
        allow("order", "take_back", number=order.number, state=order.state, label=order.get_state_display())
    return Settling((), orders, list(left.select_related("supplier_return")))


def undo(paper: EmergencyUse, settled: Settling) -> None:
    """The order waits for its pieces again, and what stood on a return that still waits stands there again."""
    for order in settled.orders.values():
        lines = {line.item_id: line for line in order.lines.all()}
        for each in paper.accepted:
            if each["order_id"] == order.pk and each["counted"]:
                lines[each["item_id"]].received -= 1
        _write(order, lines.values(), "take_back")
    for line in settled.returned:
        line.used_despite = ""
    SupplierReturnLine.objects.bulk_update(settled.returned, ["used_despite"])
    for back in {line.supplier_return_id: line.supplier_return for line in settled.returned}.values():
        _credit(back, _worth(settled.returned, back))


def in_words(accepted: Iterable[dict[str, Any]]) -> list[str]:
    """What became of the orders, as sentences in the reader's language. Pure."""
    counted = _("{thing} counts as received in {order}, although it was rejected: no other is owed for it.")
    besides = _(
        "{thing} was accepted by its use; {order} waits for no more pieces, and the supplier may charge it besides."
    )
    return [(counted if each["counted"] else besides).format_map(each) for each in accepted]


def papers_of_used(orders: Iterable[int]) -> dict[tuple[int, int], list[str]]:
    """(order, item) -> numbers of the papers, one a piece, by which what had been rejected of it was used all the same. For
    orders of which something was rejected; one statement, none without any."""
    wanted, asked = set(orders), Q(pk__in=[])
    for order in wanted:
        asked |= Q(accepted__contains=[{"order_id": order}])
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    papers = (
        EmergencyUse.objects.filter(asked).exclude(state=EmergencyState.VOIDED).order_by("pk")
        if wanted
        else ()
    )
    for paper in papers:
        for each in paper.accepted:
            if each["order_id"] in wanted:
                found[each["order_id"], each["item_id"]].append(paper.number)
    return dict(found)
