"""The life of a thing as one table of data: which step leads from which status to which, between what kinds of place.

Validation, documentation, the API's enumerations and the buttons on the pages all read this table.
"""

from dataclasses import dataclass
from typing import Literal

from django.db import models
from django.utils.translation import gettext_lazy as _

from yanji.access.operations import Operation
from yanji.places.models import Kind


class Status(models.TextChoices):
    """What can be said of a thing at one moment."""

    EXPECTED = "expected", _("Expected")
    INSPECTING = "inspecting", _("In inspection")
    AVAILABLE = "available", _("Available")
    RESERVED = "reserved", _("Reserved")
    PICKED = "picked", _("Picked")
    IN_TRANSIT = "in_transit", _("In transit")
    IN_USE = "in_use", _("Set out for a case")
    USED = "used", _("Used")
    RETURNED = "returned", _("Returned")
    QUARANTINED = "quarantined", _("On hold")
    RECALLED = "recalled", _("Recalled")
    EXPIRED = "expired", _("Expired")
    SCRAPPED = "scrapped", _("Scrapped")
    LOST = "lost", _("Lost")


class Step(models.TextChoices):
    """A step of the process: why something moved or changed."""

    ANNOUNCE = "announce", _("Ship notice")
    RECEIVE = "receive", _("Receipt")
    ACCEPT = "accept", _("Inspection passed")
    REJECT = "reject", _("Inspection failed")
    PUT_AWAY = "put_away", _("Put away")
    RESERVE = "reserve", _("Reservation")
    UNRESERVE = "unreserve", _("Reservation ended")
    PICK = "pick", _("Picking")
    UNPICK = "unpick", _("Put back")
    ISSUE = "issue", _("Issue")
    TAKE_IN = "take_in", _("Receipt at department")
    SET_OUT = "set_out", _("Set out for a case")
    USE = "use", _("Use on a patient")
    GIVE_BACK = "give_back", _("Return to store")
    RESTOCK = "restock", _("Return inspected")
    HOLD = "hold", _("Hold")
    RELEASE = "release", _("Release")
    RECALL = "recall", _("Recall")
    EXPIRE = "expire", _("Expiry")
    SEND_BACK = "send_back", _("Return to supplier")
    LOSE = "lose", _("Missing")
    FIND = "find", _("Found")
    SCRAP = "scrap", _("Scrap")
    CORRECT = "correct", _("Correction")


STORAGE = frozenset({Kind.STORE, Kind.DOCK, Kind.DEPARTMENT, Kind.ROOM, Kind.CABINET, Kind.BIN})
SUPPLIER, PATIENT, TRANSIT = frozenset({Kind.SUPPLIER}), frozenset({Kind.PATIENT}), frozenset({Kind.TRANSIT})
SCRAPPED, LOST = frozenset({Kind.SCRAP}), frozenset({Kind.LOST})
HELD_FROM = frozenset(
    {Status.INSPECTING, Status.AVAILABLE, Status.RESERVED, Status.PICKED, Status.IN_USE, Status.RETURNED}
)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    ``sources`` may hold ``None``: the thing is new to the ledger. ``to_kinds`` is None where the thing stays put.
    ``scope`` says at which end the actor needs ``operation``: the place left, the place reached, or anywhere.
    """

    sources: frozenset[Status | None]
    target: Status
    from_kinds: frozenset[Kind]
    to_kinds: frozenset[Kind] | None
    operation: Operation
    scope: Literal["from", "to", "any"] = "from"
    in_date: bool = False  # refuses what is past its expiry on the day it happens
    keeps_cold: bool = False  # the place reached must suit the item's temperature class
    licensed: bool = False  # the supplier's licences must hold on the day
    needs_reason: bool = False
    needs_witness: bool = False
    needs_patient: bool = False


def _from(*statuses: Status | None) -> frozenset[Status | None]:
    return frozenset(statuses)


S, K, O = Status, Kind, Operation  # noqa: E741 - short names keep the table readable as a table

LIFECYCLE: dict[Step, Transition] = {
    Step.ANNOUNCE: Transition(_from(None), S.EXPECTED, SUPPLIER, None, O.ANNOUNCE, "any"),
    Step.RECEIVE: Transition(
        _from(None, S.EXPECTED), S.INSPECTING, SUPPLIER, STORAGE, O.RECEIVE, "to", licensed=True
    ),
    Step.ACCEPT: Transition(_from(S.INSPECTING), S.AVAILABLE, STORAGE, None, O.RECEIVE, in_date=True),
    Step.REJECT: Transition(_from(S.INSPECTING), S.QUARANTINED, STORAGE, None, O.RECEIVE, needs_reason=True),
    Step.PUT_AWAY: Transition(_from(S.AVAILABLE), S.AVAILABLE, STORAGE, STORAGE, O.STORE, keeps_cold=True),
    Step.RESERVE: Transition(_from(S.AVAILABLE), S.RESERVED, STORAGE, None, O.PICK, in_date=True),
    Step.UNRESERVE: Transition(_from(S.RESERVED), S.AVAILABLE, STORAGE, None, O.PICK),
    Step.PICK: Transition(_from(S.AVAILABLE, S.RESERVED), S.PICKED, STORAGE, None, O.PICK, in_date=True),
    Step.UNPICK: Transition(_from(S.PICKED), S.AVAILABLE, STORAGE, None, O.PICK),
    Step.ISSUE: Transition(_from(S.PICKED), S.IN_TRANSIT, STORAGE, TRANSIT, O.ISSUE, in_date=True),
    Step.TAKE_IN: Transition(_from(S.IN_TRANSIT), S.AVAILABLE, TRANSIT, STORAGE, O.TAKE_IN, "to", keeps_cold=True),
    Step.SET_OUT: Transition(_from(S.AVAILABLE), S.IN_USE, STORAGE, None, O.USE, in_date=True),
    Step.USE: Transition(
        _from(S.AVAILABLE, S.IN_USE), S.USED, STORAGE, PATIENT, O.USE, in_date=True, needs_patient=True
    ),
    Step.GIVE_BACK: Transition(
        _from(S.AVAILABLE, S.IN_USE), S.RETURNED, STORAGE, STORAGE, O.GIVE_BACK, keeps_cold=True
    ),
    Step.RESTOCK: Transition(_from(S.RETURNED), S.AVAILABLE, STORAGE, None, O.INSPECT_RETURN, in_date=True),
    Step.HOLD: Transition(HELD_FROM, S.QUARANTINED, STORAGE, None, O.HOLD, needs_reason=True),
    Step.RELEASE: Transition(_from(S.QUARANTINED), S.AVAILABLE, STORAGE, None, O.HOLD, in_date=True, needs_reason=True),
    Step.RECALL: Transition(
        HELD_FROM | {S.QUARANTINED, S.EXPIRED}, S.RECALLED, STORAGE, None, O.HOLD, needs_reason=True
    ),
    Step.EXPIRE: Transition(HELD_FROM | {S.QUARANTINED}, S.EXPIRED, STORAGE, None, O.HOLD),
    Step.SEND_BACK: Transition(
        _from(S.QUARANTINED, S.RECALLED, S.EXPIRED), S.RETURNED, STORAGE, SUPPLIER, O.ISSUE, needs_reason=True
    ),
    Step.LOSE: Transition(HELD_FROM | {S.QUARANTINED}, S.LOST, STORAGE, LOST, O.HOLD, needs_reason=True),
    Step.FIND: Transition(_from(S.LOST), S.QUARANTINED, LOST, STORAGE, O.HOLD, "to", needs_reason=True),
    Step.SCRAP: Transition(
        _from(S.AVAILABLE, S.INSPECTING, S.IN_USE, S.RETURNED, S.QUARANTINED, S.RECALLED, S.EXPIRED),
        S.SCRAPPED, STORAGE, SCRAPPED, O.SCRAP, needs_reason=True, needs_witness=True,
    ),
}  # fmt: skip


def next_steps(status: Status | None, kind: Kind) -> list[Step]:
    """The steps that a thing of this status at this kind of place can take next, in the table's order."""
    return [step for step, row in LIFECYCLE.items() if status in row.sources and kind in row.from_kinds]
