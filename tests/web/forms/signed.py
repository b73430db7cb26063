"""The decisions of who must sign: one of every kind of document that may wait for it."""

from collections.abc import Callable

from tests.flows.approving import rule
from tests.flows.buying import contract
from tests.flows.transferring import way
from tests.makers import unique
from yanji.flows.buying.requests import Needed, ask_for_purchase
from yanji.flows.counting.count import submit_count
from yanji.flows.disposal.ask import ask_scrap
from yanji.flows.models_approval import Approval
from yanji.flows.sendback.ask import ask_supplier_return

from .desk import Desk, Form, key
from .seen import counted_and_decided
from .treated import emergency


def _return_asked(d: Desk) -> None:
    h = d.here.h
    ask_supplier_return(
        actor=d.here.keeper, key=unique("k"), place_id=h.store.pk, supplier_id=h.supplier.pk,
        things=d.here.stocked(d.count), reason="quality",
    )  # fmt: skip


def _purchase_asked(d: Desk) -> None:
    ask_for_purchase(
        actor=d.here.ward, key=unique("k"), place_id=d.here.h.department.pk, reason="More",
        lines=[Needed(item.pk, 2) for item in d.items],
    )  # fmt: skip


def _count_submitted(d: Desk) -> None:
    submit_count(actor=d.here.actor(d.here.second), key=unique("k"), count_id=counted_and_decided(d))


def _scrap_asked(d: Desk) -> None:
    ask_scrap(actor=d.here.keeper, key=unique("k"), things=d.here.stocked(d.count), reason="damaged")


# Every kind of document that may wait for somebody's signature, with so many rows.
WAITING: dict[str, Callable[[Desk], object]] = {
    "order": lambda d: d.ordered(),
    "purchase_request": _purchase_asked,
    "contract": lambda d: contract(d.here, *((item, "90") for item in d.items)),
    "requisition": lambda d: d.here.requisition(*((item, 1) for item in d.items)),
    "transfer": lambda d: way(d.here).asked(*((item, 1) for item in d.items)),
    "count": _count_submitted,
    "scrap": _scrap_asked,
    "emergency_use": emergency,
    "supplier_return": _return_asked,
}


def _signed(kind: str, **form: str) -> Callable[[Desk], Form]:
    """The one who must sign such a document does."""

    def sent(d: Desk) -> Form:
        rule(d.here.h.campus, d.sender.grants.get().role, kind=kind)
        WAITING[kind](d)
        step = Approval.objects.get(kind=kind, state="waiting").pk
        return f"/manager/approvals/{step}/decide", {"key": key(f"decide{step}"), **form}

    return sent


MANAGER = {f"manager:decide {kind}": _signed(kind, verdict="approve") for kind in WAITING} | {
    "manager:decide refused": _signed("order", verdict="refuse", comment="Too dear")
}
