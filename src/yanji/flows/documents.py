"""The states of every document as one table of data: which verb leads from which states to which."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from yanji.ledger.api import Refused


class OrderState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PLACED = "placed", _("Placed")
    PARTLY_RECEIVED = "partly_received", _("Partly received")
    RECEIVED = "received", _("Received")
    CLOSED = "closed", _("Closed")


class NoticeState(models.TextChoices):
    ANNOUNCED = "announced", _("Announced")
    ARRIVED = "arrived", _("Arrived")


class RequisitionState(models.TextChoices):
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


O, N, R, I, C = OrderState, NoticeState, RequisitionState, IssueState, CaseState  # noqa: E741 - a readable table
K = CountState

# (document, verb) -> states in which the verb may be used, states in which it may leave the document.
DOCUMENT_MOVES: dict[tuple[str, str], tuple[frozenset[str], frozenset[str]]] = {
    ("order", "place"): (frozenset({O.DRAFT}), frozenset({O.PLACED})),
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
    ("notice", "receive"): (frozenset({N.ANNOUNCED}), frozenset({N.ARRIVED})),
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
        frozenset({R.REQUESTED, R.PICKING, R.PICKED, R.ISSUED}),
        frozenset({R.CLOSED}),
    ),
    ("issue", "take_in"): (
        frozenset({I.UNDERWAY, I.PARTLY_TAKEN_IN}),
        frozenset({I.PARTLY_TAKEN_IN, I.TAKEN_IN}),
    ),
    ("issue", "take_back"): (
        frozenset({I.UNDERWAY, I.PARTLY_TAKEN_IN, I.TAKEN_IN}),
        frozenset({I.UNDERWAY, I.PARTLY_TAKEN_IN, I.VOIDED}),
    ),
    ("case", "use"): (frozenset({C.PLANNED, C.OPEN}), frozenset({C.OPEN})),
    ("case", "close"): (frozenset({C.PLANNED, C.OPEN}), frozenset({C.CLOSED})),
    ("count", "scan"): (frozenset({K.OPEN, K.RECOUNT}), frozenset({K.OPEN, K.RECOUNT})),
    ("count", "close"): (frozenset({K.OPEN, K.RECOUNT}), frozenset({K.COUNTED})),
    ("count", "decide"): (frozenset({K.COUNTED}), frozenset({K.COUNTED})),
    ("count", "recount"): (frozenset({K.COUNTED}), frozenset({K.RECOUNT})),
    ("count", "submit"): (frozenset({K.COUNTED}), frozenset({K.AWAITING, K.POSTED})),
    ("count", "approve"): (frozenset({K.AWAITING}), frozenset({K.POSTED, K.COUNTED})),
    ("count", "cancel"): (frozenset({K.OPEN, K.COUNTED, K.RECOUNT, K.AWAITING}), frozenset({K.CANCELLED})),
}

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
