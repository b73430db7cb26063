"""The states of every document as one table of data: which verb leads from which states to which."""

# data
from django.db import models
from django.utils.translation import gettext_lazy as _

from yanji.ledger.api import Refused


class OrderState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waiting for approval")
    PLACED = "placed", _("Placed")
    PARTLY_RECEIVED = "partly_received", _("Partly received")
    RECEIVED = "received", _("Received")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


class ChangeState(models.TextChoices):
    WAITING = "waiting", _("Waiting for approval")
    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class PurchaseRequestState(models.TextChoices):
    WAITING = "waiting", _("Waiting for approval")
    APPROVED = "approved", _("To be ordered")
    PARTLY_ORDERED = "partly_ordered", _("Partly ordered")
    ORDERED = "ordered", _("Ordered")
    REFUSED = "refused", _("Refused")
    CLOSED = "closed", _("Closed")


class ContractState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waiting for approval")
    ACTIVE = "active", _("In force")
    ENDED = "ended", _("Ended")


class InvoiceState(models.TextChoices):
    DIFFERS = "differs", _("Differs")
    MATCHED = "matched", _("Matched")
    RELEASED = "released", _("Released for payment")
    VOIDED = "voided", _("Voided")


class NoticeState(models.TextChoices):
    ANNOUNCED = "announced", _("Announced")
    PARTLY_ARRIVED = "partly", _("Partly arrived")
    ARRIVED = "arrived", _("Arrived")


class RequisitionState(models.TextChoices):
    AWAITING = "awaiting", _("Awaiting approval")
    REQUESTED = "requested", _("Requested")
    PICKING = "picking", _("Being picked")
    PICKED = "picked", _("Picked")
    ISSUED = "issued", _("Issued")
    CLOSED = "closed", _("Closed")


class IssueState(models.TextChoices):
    UNDERWAY = "underway", _("Under way")
    PARTLY_TAKEN_IN = "partly_taken_in", _("Partly taken in")
    TAKEN_IN = "taken_in", _("Taken in")
    VOIDED = "voided", _("Taken back")


class CaseState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class CountState(models.TextChoices):
    OPEN = "open", _("Being counted")
    COUNTED = "counted", _("Counted")
    RECOUNT = "recount", _("Being recounted")
    AWAITING = "awaiting", _("Awaiting approval")
    POSTED = "posted", _("Posted")
    CANCELLED = "cancelled", _("Cancelled")


class ChargeState(models.TextChoices):
    USED = "used", _("Used, not charged")
    PENDING = "charge_pending", _("To be charged")
    CHARGED = "charged", _("Charged")
    REFUND_PENDING = "refund_pending", _("To be refunded")
    REFUNDED = "refunded", _("Refunded")
    VOIDED = "voided", _("Taken back")


class EmergencyState(models.TextChoices):
    AWAITING = "awaiting", _("Waits for approval")
    APPROVED = "approved", _("Approved afterwards")
    REFUSED = "refused", _("Refused afterwards")


class LoanSetState(models.TextChoices):
    EXPECTED = "expected", _("Expected")
    ARRIVED = "arrived", _("Checked in")
    STERILISED = "sterilised", _("Sterilised")
    IN_THEATRE = "in_theatre", _("In the theatre")
    CLOSED = "closed", _("Closed")


class SettlementState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    CONFIRMED = "confirmed", _("Confirmed")


class TransferState(models.TextChoices):
    AWAITING = "awaiting", _("Awaiting approval")
    REQUESTED = "requested", _("Requested")
    PICKING = "picking", _("Being picked")
    PICKED = "picked", _("Picked")
    UNDERWAY = "underway", _("Under way")
    PARTLY_ARRIVED = "partly_arrived", _("Partly arrived")
    ARRIVED = "arrived", _("Arrived")
    CLOSED = "closed", _("Closed")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


class OpenedState(models.TextChoices):
    OPEN = "open", _("In use")
    USED_UP = "used_up", _("Used up")
    DISCARDED = "discarded", _("Discarded")


class LendingState(models.TextChoices):
    LENT = "lent", _("Lent, to be confirmed")
    OWED = "owed", _("Owed")
    SETTLED = "settled", _("Settled")


class DisposalState(models.TextChoices):
    AWAITING = "awaiting", _("Awaiting approval")
    APPROVED = "approved", _("To be carried out")
    DESTROYED = "destroyed", _("Destroyed")
    WRITTEN_OFF = "written_off", _("Written off")
    COLLECTED = "collected", _("Taken away")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


class SupplierReturnState(models.TextChoices):
    AWAITING = "awaiting", _("Awaiting approval")
    REQUESTED = "requested", _("Waits for the supplier")
    AUTHORISED = "authorised", _("Authorised by the supplier")
    SENT = "sent", _("Sent, credit awaited")
    CLOSED = "closed", _("Closed")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


O, N, R, I, C = OrderState, NoticeState, RequisitionState, IssueState, CaseState  # noqa: E741 - a readable table
K = CountState
U = OpenedState
P, F, V = PurchaseRequestState, ContractState, InvoiceState
# What the supplier still delivers against.
RUNNING = frozenset({O.PLACED, O.PARTLY_RECEIVED})
ARRIVING = frozenset({O.PLACED, O.PARTLY_RECEIVED, O.RECEIVED})
K, H, L, T = CountState, ChargeState, LoanSetState, SettlementState
M, D, B = TransferState, DisposalState, SupplierReturnState
# Approved, and neither closed nor called off.
M_OPEN = frozenset({M.REQUESTED, M.PICKING, M.PICKED, M.UNDERWAY, M.PARTLY_ARRIVED, M.ARRIVED})

# (document, verb) -> states in which the verb may be used, states in which it may leave the document.
DOCUMENT_MOVES: dict[tuple[str, str], tuple[frozenset[str], frozenset[str]]] = {
    ("order", "place"): (frozenset({O.DRAFT}), frozenset({O.PLACED, O.WAITING})),
    ("order", "approve"): (frozenset({O.WAITING}), frozenset({O.PLACED})),
    ("order", "refuse"): (frozenset({O.WAITING}), frozenset({O.DRAFT})),
    ("order", "withdraw"): (frozenset({O.WAITING}), frozenset({O.DRAFT})),
    # A surplus at the dock may need a complete order to be raised.
    ("order", "change"): (ARRIVING | {O.DRAFT}, ARRIVING | {O.DRAFT}),
    ("order", "answer"): (RUNNING, ARRIVING | {O.CLOSED}),
    ("order", "cancel"): (frozenset({O.DRAFT, O.WAITING, O.PLACED}), frozenset({O.CANCELLED})),
    ("order", "announce"): (
        frozenset({O.PLACED, O.PARTLY_RECEIVED}),
        frozenset({O.PLACED, O.PARTLY_RECEIVED}),
    ),
    ("order", "receive"): (
        frozenset({O.PLACED, O.PARTLY_RECEIVED}),
        frozenset({O.PLACED, O.PARTLY_RECEIVED, O.RECEIVED}),
    ),
    ("order", "take_back"): (
        frozenset({O.PLACED, O.PARTLY_RECEIVED, O.RECEIVED, O.CLOSED}),
        frozenset({O.PLACED, O.PARTLY_RECEIVED, O.RECEIVED, O.CLOSED}),
    ),
    ("order", "close"): (
        frozenset({O.DRAFT, O.PLACED, O.PARTLY_RECEIVED, O.RECEIVED}),
        frozenset({O.CLOSED}),
    ),
    ("purchase_request", "approve"): (frozenset({P.WAITING}), frozenset({P.APPROVED})),
    ("purchase_request", "refuse"): (frozenset({P.WAITING}), frozenset({P.REFUSED})),
    ("purchase_request", "order"): (
        frozenset({P.APPROVED, P.PARTLY_ORDERED}),
        frozenset({P.PARTLY_ORDERED, P.ORDERED}),
    ),
    # An order that was cancelled gives back what it had taken over.
    ("purchase_request", "give_back"): (
        frozenset({P.PARTLY_ORDERED, P.ORDERED, P.CLOSED}),
        frozenset({P.APPROVED, P.PARTLY_ORDERED, P.ORDERED, P.CLOSED}),
    ),
    ("purchase_request", "close"): (
        frozenset({P.WAITING, P.APPROVED, P.PARTLY_ORDERED}),
        frozenset({P.CLOSED}),
    ),
    ("contract", "edit"): (frozenset({F.DRAFT}), frozenset({F.DRAFT})),
    ("contract", "activate"): (frozenset({F.DRAFT}), frozenset({F.ACTIVE, F.WAITING})),
    ("contract", "approve"): (frozenset({F.WAITING}), frozenset({F.ACTIVE})),
    ("contract", "refuse"): (frozenset({F.WAITING}), frozenset({F.DRAFT})),
    ("contract", "end"): (frozenset({F.DRAFT, F.WAITING, F.ACTIVE}), frozenset({F.ENDED})),
    ("invoice", "match"): (frozenset({V.DIFFERS, V.MATCHED}), frozenset({V.DIFFERS, V.MATCHED})),
    ("invoice", "accept"): (frozenset({V.DIFFERS}), frozenset({V.DIFFERS, V.MATCHED})),
    ("invoice", "hold"): (
        frozenset({V.DIFFERS, V.MATCHED, V.RELEASED}),
        frozenset({V.DIFFERS, V.MATCHED}),
    ),
    ("invoice", "release"): (frozenset({V.MATCHED}), frozenset({V.RELEASED})),
    ("invoice", "void"): (frozenset({V.DIFFERS, V.MATCHED}), frozenset({V.VOIDED})),
    ("notice", "receive"): (
        frozenset({N.ANNOUNCED, N.PARTLY_ARRIVED}),
        frozenset({N.ANNOUNCED, N.PARTLY_ARRIVED, N.ARRIVED}),
    ),
    # Refused, a requisition is closed: its approval says by whom and why.
    ("requisition", "approve"): (frozenset({R.AWAITING}), frozenset({R.REQUESTED, R.CLOSED})),
    ("requisition", "pick"): (frozenset({R.REQUESTED, R.PICKING}), frozenset({R.PICKING, R.PICKED})),
    ("requisition", "unpick"): (frozenset({R.PICKING, R.PICKED}), frozenset({R.REQUESTED, R.PICKING})),
    ("requisition", "issue"): (
        frozenset({R.PICKING, R.PICKED}),
        frozenset({R.PICKING, R.PICKED, R.ISSUED}),
    ),
    ("requisition", "take_back"): (
        frozenset({R.REQUESTED, R.PICKING, R.PICKED, R.ISSUED, R.CLOSED}),
        frozenset({R.REQUESTED, R.PICKING, R.PICKED, R.ISSUED, R.CLOSED}),
    ),
    ("requisition", "close"): (
        frozenset({R.AWAITING, R.REQUESTED, R.PICKING, R.PICKED, R.ISSUED}),
        frozenset({R.CLOSED}),
    ),
    ("issue", "take_in"): (
        frozenset({I.UNDERWAY, I.PARTLY_TAKEN_IN}),
        frozenset({I.PARTLY_TAKEN_IN, I.TAKEN_IN}),
    ),
    ("issue", "take_over"): (
        frozenset({I.UNDERWAY, I.PARTLY_TAKEN_IN, I.TAKEN_IN}),
        frozenset({I.UNDERWAY, I.PARTLY_TAKEN_IN, I.TAKEN_IN}),
    ),
    ("issue", "take_back"): (
        frozenset({I.UNDERWAY, I.PARTLY_TAKEN_IN, I.TAKEN_IN}),
        frozenset({I.UNDERWAY, I.PARTLY_TAKEN_IN, I.VOIDED}),
    ),
    ("opened", "take"): (frozenset({U.OPEN}), frozenset({U.USED_UP})),
    ("opened", "discard"): (frozenset({U.OPEN}), frozenset({U.DISCARDED})),
    ("case", "use"): (frozenset({C.PLANNED, C.OPEN}), frozenset({C.OPEN})),
    ("case", "set_out"): (frozenset({C.PLANNED, C.OPEN}), frozenset({C.OPEN})),
    ("case", "set_back"): (frozenset({C.OPEN}), frozenset({C.OPEN})),
    ("case", "waste"): (frozenset({C.PLANNED, C.OPEN}), frozenset({C.OPEN})),
    ("case", "plan"): (frozenset({C.PLANNED, C.OPEN}), frozenset({C.PLANNED, C.OPEN})),
    ("case", "close"): (frozenset({C.PLANNED, C.OPEN}), frozenset({C.CLOSED})),
    ("count", "scan"): (frozenset({K.OPEN, K.RECOUNT}), frozenset({K.OPEN, K.RECOUNT})),
    ("count", "close"): (frozenset({K.OPEN, K.RECOUNT}), frozenset({K.COUNTED})),
    ("count", "decide"): (frozenset({K.COUNTED}), frozenset({K.COUNTED})),
    ("count", "recount"): (frozenset({K.COUNTED}), frozenset({K.RECOUNT})),
    ("count", "submit"): (frozenset({K.COUNTED}), frozenset({K.AWAITING, K.POSTED})),
    ("count", "approve"): (frozenset({K.AWAITING}), frozenset({K.POSTED, K.COUNTED})),
    ("count", "cancel"): (frozenset({K.OPEN, K.COUNTED, K.RECOUNT, K.AWAITING}), frozenset({K.CANCELLED})),
    # What is taken back of a closed case opens it: its account is not what it was.
    ("case", "take_back"): (frozenset({C.PLANNED, C.OPEN, C.CLOSED}), frozenset({C.OPEN})),
    ("charge", "request"): (frozenset({H.USED, H.REFUNDED}), frozenset({H.PENDING})),
    ("charge", "withdraw"): (frozenset({H.PENDING}), frozenset({H.USED})),
    ("charge", "confirm"): (frozenset({H.PENDING}), frozenset({H.CHARGED})),
    ("charge", "ask_refund"): (frozenset({H.CHARGED}), frozenset({H.REFUND_PENDING})),
    ("charge", "keep"): (frozenset({H.REFUND_PENDING}), frozenset({H.CHARGED})),
    ("charge", "refund"): (frozenset({H.REFUND_PENDING}), frozenset({H.REFUNDED})),
    ("charge", "take_back"): (frozenset({H.USED, H.PENDING, H.REFUNDED}), frozenset({H.VOIDED})),
    ("emergency_use", "decide"): (
        frozenset({EmergencyState.AWAITING}),
        frozenset({EmergencyState.APPROVED, EmergencyState.REFUSED}),
    ),
    ("loan_set", "arrive"): (frozenset({L.EXPECTED}), frozenset({L.ARRIVED})),
    # A set may be sterilised again: opened by mistake, or sent back from the theatre.
    ("loan_set", "sterilise"): (
        frozenset({L.ARRIVED, L.STERILISED, L.IN_THEATRE}),
        frozenset({L.STERILISED}),
    ),
    ("loan_set", "send"): (frozenset({L.STERILISED}), frozenset({L.IN_THEATRE})),
    ("loan_set", "hand_back"): (
        frozenset({L.ARRIVED, L.STERILISED, L.IN_THEATRE}),
        frozenset({L.ARRIVED, L.STERILISED, L.IN_THEATRE}),
    ),
    ("loan_set", "close"): (
        frozenset({L.EXPECTED, L.ARRIVED, L.STERILISED, L.IN_THEATRE}),
        frozenset({L.CLOSED}),
    ),
    ("settlement", "confirm"): (frozenset({T.DRAFT}), frozenset({T.CONFIRMED})),
    ("settlement", "discard"): (frozenset({T.DRAFT}), frozenset()),
    ("lending", "confirm"): (frozenset({LendingState.LENT}), frozenset({LendingState.OWED})),
    ("lending", "settle"): (
        frozenset({LendingState.OWED}),
        frozenset({LendingState.OWED, LendingState.SETTLED}),
    ),
    ("disposal", "approve"): (frozenset({D.AWAITING}), frozenset({D.APPROVED, D.REFUSED})),
    ("disposal", "destroy"): (frozenset({D.APPROVED}), frozenset({D.DESTROYED})),
    ("disposal", "write_off"): (frozenset({D.APPROVED}), frozenset({D.WRITTEN_OFF})),
    ("disposal", "collect"): (frozenset({D.DESTROYED}), frozenset({D.COLLECTED})),
    ("disposal", "cancel"): (frozenset({D.AWAITING, D.APPROVED}), frozenset({D.CANCELLED})),
    ("disposal", "take_back"): (frozenset({D.DESTROYED}), frozenset({D.APPROVED})),
    ("supplier_return", "approve"): (frozenset({B.AWAITING}), frozenset({B.REQUESTED, B.REFUSED})),
    ("supplier_return", "authorise"): (
        frozenset({B.REQUESTED, B.AUTHORISED}),
        frozenset({B.AUTHORISED}),
    ),
    ("supplier_return", "send"): (frozenset({B.AUTHORISED}), frozenset({B.SENT, B.CLOSED})),
    ("supplier_return", "credit"): (frozenset({B.SENT}), frozenset({B.SENT, B.CLOSED})),
    ("supplier_return", "close"): (frozenset({B.SENT}), frozenset({B.CLOSED})),
    ("supplier_return", "cancel"): (
        frozenset({B.AWAITING, B.REQUESTED, B.AUTHORISED}),
        frozenset({B.CANCELLED}),
    ),
    ("supplier_return", "take_back"): (frozenset({B.SENT, B.CLOSED}), frozenset({B.AUTHORISED})),
    ("transfer", "approve"): (frozenset({M.AWAITING}), frozenset({M.REQUESTED, M.REFUSED})),
    ("transfer", "pick"): (M_OPEN, M_OPEN - {M.REQUESTED}),
    ("transfer", "unpick"): (M_OPEN, M_OPEN),
    ("transfer", "ship"): (M_OPEN - {M.REQUESTED}, frozenset({M.UNDERWAY, M.PARTLY_ARRIVED})),
    ("transfer", "arrive"): (
        frozenset({M.UNDERWAY, M.PARTLY_ARRIVED}),
        frozenset({M.UNDERWAY, M.PARTLY_ARRIVED, M.ARRIVED}),
    ),
    ("transfer", "give_up"): (
        frozenset({M.UNDERWAY, M.PARTLY_ARRIVED}),
        frozenset({M.PARTLY_ARRIVED, M.ARRIVED}),
    ),
    ("transfer", "take_back"): (M_OPEN | {M.CLOSED}, M_OPEN | {M.CLOSED}),
    ("transfer", "close"): (frozenset({M.ARRIVED}), frozenset({M.CLOSED})),
    ("transfer", "cancel"): (
        frozenset({M.AWAITING, M.REQUESTED, M.PICKING, M.PICKED, M.UNDERWAY}),
        frozenset({M.CANCELLED}),
    ),
}

# Ship notices of which something is still to come.
AWAITED = (NoticeState.ANNOUNCED, NoticeState.PARTLY_ARRIVED)
CLOSED_CODES = {"order": "order_closed", "requisition": "requisition_closed", "case": "case_closed"}


def allow(kind: str, verb: str, *, number: str, state: str, label: str) -> None:
    """Raises :class:`Refused` where a document in this state does not allow the verb."""
    if state not in DOCUMENT_MOVES[kind, verb][0]:
        raise Refused(CLOSED_CODES.get(kind, "document_closed"), thing=number, state=label)


def reached(kind: str, verb: str, state: str) -> str:
    """The state that a verb leads to; a state that the table does not name is a bug."""
    assert state in DOCUMENT_MOVES[kind, verb][1], (kind, verb, state)
    return state


def verbs(kind: str, state: str) -> list[str]:
    """The verbs that a document allows now: the buttons of its page."""
    return [
        verb for (of, verb), (sources, _targets) in DOCUMENT_MOVES.items() if of == kind and state in sources
    ]
