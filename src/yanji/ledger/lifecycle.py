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
    OPENED = "opened", _("Open, used in parts")
    USED = "used", _("Used")
    RETURNED = "returned", _("Returned")
    QUARANTINED = "quarantined", _("On hold")
    RECALLED = "recalled", _("Recalled")
    EXPIRED = "expired", _("Expired")
    SCRAPPED = "scrapped", _("Scrapped")
    LOST = "lost", _("Lost")
    EXPLANTED = "explanted", _("Explanted")


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
    SET_BACK = "set_back", _("Back from a case")
    USE = "use", _("Use on a patient")
    GIVE_BACK = "give_back", _("Return to store")
    RESTOCK = "restock", _("Return inspected")
    HOLD = "hold", _("Hold")
    RELEASE = "release", _("Release")
    RECALL = "recall", _("Recall")
    END_RECALL = "end_recall", _("End of a recall")
    EXPIRE = "expire", _("Expiry")
    SEND_BACK = "send_back", _("Return to supplier")
    LOSE = "lose", _("Missing")
    FIND = "find", _("Found")
    SET_ASIDE = "set_aside", _("Set aside for scrap")
    SCRAP = "scrap", _("Scrap")
    SHIP = "ship", _("Transfer sent")
    ARRIVE = "arrive", _("Transfer received")
    LOST_ON_WAY = "lost_on_way", _("Lost on the way")
    LEND = "lend", _("Lent to a department")
    MOVE = "move", _("Moved")
    TAKE_TITLE = "take_title", _("Title taken")
    HAND_BACK = "hand_back", _("Handed back to its owner")
    WASTE = "waste", _("Opened and not used")
    EXPLANT = "explant", _("Explant")
    HAND_ON = "hand_on", _("Explanted device handed on")
    OPEN = "open", _("Opened")
    CONSUME = "consume", _("Used up")
    CORRECT = "correct", _("Correction")


# What has a paper of its own in a flow, is kept for somebody or came out of somebody is taken only by a line that names this
# status: no act finds it by chance.
BY_NAME = frozenset({Status.OPENED, Status.RESERVED, Status.EXPLANTED})
STORAGE = frozenset({Kind.STORE, Kind.DOCK, Kind.DEPARTMENT, Kind.ROOM, Kind.CABINET, Kind.BIN})
SUPPLIER, PATIENT, TRANSIT = frozenset({Kind.SUPPLIER}), frozenset({Kind.PATIENT}), frozenset({Kind.TRANSIT})
SCRAPPED, LOST, CONSUMED = frozenset({Kind.SCRAP}), frozenset({Kind.LOST}), frozenset({Kind.CONSUMED})
HELD_FROM = frozenset(
    {Status.INSPECTING, Status.AVAILABLE, Status.RESERVED, Status.PICKED, Status.IN_USE, Status.RETURNED}
)

# What is in doubt must not wait until it has arrived. It stays on its way, and lands as what it has become.
IN_DOUBT_FROM = HELD_FROM | {Status.IN_TRANSIT}
STAYS_SO = frozenset({Status.QUARANTINED, Status.RECALLED})

SENT_BACK_FROM = frozenset(
    {
        Status.INSPECTING,
        Status.AVAILABLE,
        Status.RETURNED,
        Status.QUARANTINED,
        Status.RECALLED,
        Status.EXPIRED,
    }
)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    ``sources`` may hold ``None``: the thing is new to the ledger. ``target`` is None where the status is kept, ``to_kinds``
    where the thing stays put; with ``may_stay`` it may move or stay.
    What a ``keeps`` status says of a thing that the step takes from where it takes things goes on being said of it afterwards.
    ``scope`` says at which end the actor needs ``operation``: the place left, the place reached, or anywhere.
    """

    sources: frozenset[Status | None]
    target: Status | None
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
    may_stay: bool = False
    keeps: frozenset[Status] = frozenset()
    takes_title: bool = False  # whoever owned the thing, the hospital does afterwards
    needs_owner: bool = False  # only what belongs to a supplier
    said: bool = (
        False  # said of a thing, perhaps from a desk: where it stays put, whoever had it in hand has it still
    )


def _from(*statuses: Status | None) -> frozenset[Status | None]:
    return frozenset(statuses)


S, K, O = Status, Kind, Operation  # noqa: E741 - short names keep the table readable as a table

LIFECYCLE: dict[Step, Transition] = {
    Step.ANNOUNCE: Transition(_from(None), S.EXPECTED, SUPPLIER, None, O.ANNOUNCE, "any", said=True),
    Step.RECEIVE: Transition(
        # What went back to a supplier may come again: a loan set does so every month.
        _from(None, S.EXPECTED, S.RETURNED), S.INSPECTING, SUPPLIER, STORAGE, O.RECEIVE, "to", licensed=True
    ),
    Step.ACCEPT: Transition(_from(S.INSPECTING), S.AVAILABLE, STORAGE, None, O.RECEIVE, in_date=True),
    Step.REJECT: Transition(
        _from(S.INSPECTING), S.QUARANTINED, STORAGE, STORAGE, O.RECEIVE, needs_reason=True, may_stay=True
    ),
    Step.PUT_AWAY: Transition(_from(S.AVAILABLE), S.AVAILABLE, STORAGE, STORAGE, O.STORE, keeps_cold=True),
    Step.RESERVE: Transition(_from(S.AVAILABLE), S.RESERVED, STORAGE, None, O.PICK, in_date=True, said=True),
    Step.UNRESERVE: Transition(_from(S.RESERVED), S.AVAILABLE, STORAGE, None, O.PICK, said=True),
    Step.PICK: Transition(_from(S.AVAILABLE, S.RESERVED), S.PICKED, STORAGE, None, O.PICK, in_date=True),
    Step.UNPICK: Transition(_from(S.PICKED), S.AVAILABLE, STORAGE, None, O.PICK),
    Step.ISSUE: Transition(_from(S.PICKED), S.IN_TRANSIT, STORAGE, TRANSIT, O.ISSUE, in_date=True),
    Step.TAKE_IN: Transition(
        _from(S.IN_TRANSIT), S.AVAILABLE, TRANSIT, STORAGE, O.TAKE_IN, "to", keeps_cold=True, keeps=STAYS_SO
    ),
    Step.SET_OUT: Transition(_from(S.AVAILABLE), S.IN_USE, STORAGE, STORAGE, O.USE, in_date=True, may_stay=True),
    Step.SET_BACK: Transition(_from(S.IN_USE), S.AVAILABLE, STORAGE, STORAGE, O.USE, keeps_cold=True, may_stay=True),
    Step.USE: Transition(
        _from(S.AVAILABLE, S.IN_USE), S.USED, STORAGE, PATIENT, O.USE, in_date=True, needs_patient=True,
        takes_title=True,
    ),
    Step.GIVE_BACK: Transition(
        _from(S.AVAILABLE, S.IN_USE), S.RETURNED, STORAGE, STORAGE, O.GIVE_BACK, keeps_cold=True
    ),
    Step.RESTOCK: Transition(_from(S.RETURNED), S.AVAILABLE, STORAGE, None, O.INSPECT_RETURN, in_date=True),
    Step.HOLD: Transition(
        IN_DOUBT_FROM, S.QUARANTINED, STORAGE | TRANSIT, STORAGE, O.HOLD, needs_reason=True, may_stay=True,
        said=True,
    ),
    Step.RELEASE: Transition(
        _from(S.QUARANTINED), S.AVAILABLE, STORAGE, None, O.HOLD, in_date=True, needs_reason=True, said=True
    ),
    Step.RECALL: Transition(
        IN_DOUBT_FROM | {S.QUARANTINED, S.EXPIRED}, S.RECALLED, STORAGE | TRANSIT, None, O.HOLD, needs_reason=True,
        said=True,
    ),
    # A recall that is over says nothing yet of the thing itself: whoever may release looks at it first.
    Step.END_RECALL: Transition(
        _from(S.RECALLED), S.QUARANTINED, STORAGE | TRANSIT, None, O.HOLD, needs_reason=True, said=True
    ),
    Step.EXPIRE: Transition(HELD_FROM | {S.QUARANTINED}, S.EXPIRED, STORAGE, None, O.HOLD, said=True),
    Step.SEND_BACK: Transition(
        SENT_BACK_FROM | {S.EXPLANTED}, S.RETURNED, STORAGE, SUPPLIER, O.RETURN_GOODS, needs_reason=True
    ),
    Step.LOSE: Transition(
        HELD_FROM | {S.QUARANTINED, S.RECALLED, S.EXPIRED, S.EXPLANTED}, S.LOST, STORAGE, LOST, O.COUNT,
        needs_reason=True, said=True,
    ),
    Step.FIND: Transition(_from(S.LOST), S.QUARANTINED, LOST, STORAGE, O.COUNT, "to", needs_reason=True),
    # Whoever asks for destruction takes the thing out of use at once; whoever may release decides if it comes back.
    Step.SET_ASIDE: Transition(
        _from(S.AVAILABLE), S.QUARANTINED, STORAGE, None, O.SCRAP, needs_reason=True, said=True
    ),
    Step.SCRAP: Transition(
        SENT_BACK_FROM | {S.IN_USE, S.EXPLANTED}, S.SCRAPPED, STORAGE, SCRAPPED, O.SCRAP, needs_reason=True,
        needs_witness=True,
    ),
    Step.SHIP: Transition(_from(S.AVAILABLE, S.PICKED), S.IN_TRANSIT, STORAGE, TRANSIT, O.TRANSFER, in_date=True),
    Step.ARRIVE: Transition(
        _from(S.IN_TRANSIT), S.AVAILABLE, TRANSIT, STORAGE, O.TRANSFER, "to", keeps_cold=True, keeps=STAYS_SO
    ),
    # What is on its way lies in no subtree of the hospital: the flow's own gate says whose loss it is to report. What a
    # supplier owned is the hospital's loss.
    Step.LOST_ON_WAY: Transition(
        _from(S.IN_TRANSIT, *STAYS_SO), S.LOST, TRANSIT, LOST, O.TRANSFER, "any", needs_reason=True, takes_title=True,
        said=True,
    ),
    Step.LEND: Transition(
        _from(S.AVAILABLE), S.AVAILABLE, STORAGE, STORAGE, O.LEND, in_date=True, keeps_cold=True
    ),
    Step.MOVE: Transition(
        _from(S.INSPECTING, S.IN_USE, S.RETURNED, S.QUARANTINED, S.RECALLED, S.EXPIRED, S.EXPLANTED), None, STORAGE,
        STORAGE, O.STORE,
    ),
    Step.TAKE_TITLE: Transition(
        HELD_FROM | {S.QUARANTINED, S.RECALLED, S.EXPIRED}, None, STORAGE, None, O.CONSIGN, takes_title=True,
        needs_owner=True, said=True,
    ),
    Step.HAND_BACK: Transition(
        SENT_BACK_FROM | {S.IN_USE}, S.RETURNED, STORAGE, SUPPLIER, O.RETURN_GOODS, needs_owner=True
    ),
    Step.WASTE: Transition(
        _from(S.AVAILABLE, S.IN_USE, S.OPENED), S.SCRAPPED, STORAGE, SCRAPPED, O.USE, needs_reason=True,
        takes_title=True,
    ),
    # An explanted thing has a status of its own, from which no step leads back to stock.
    Step.EXPLANT: Transition(
        _from(S.USED), S.EXPLANTED, PATIENT, STORAGE, O.USE, "to", needs_reason=True, needs_patient=True
    ),
    # To who examines it, or to the patient whose it was.
    Step.HAND_ON: Transition(_from(S.EXPLANTED), None, STORAGE, STORAGE | PATIENT, O.USE),
    # An open piece has a status of its own: it is used up or discarded, never whole again and never taken for a whole one.
    Step.OPEN: Transition(_from(S.AVAILABLE), S.OPENED, STORAGE, None, O.USE, in_date=True),
    Step.CONSUME: Transition(
        _from(S.AVAILABLE, S.IN_USE, S.OPENED), S.USED, STORAGE, CONSUMED, O.USE, in_date=True, takes_title=True
    ),
}  # fmt: skip

SAID = frozenset(step for step, row in LIFECYCLE.items() if row.said)


def takes(row: Transition, status: Status, kind: str) -> bool:
    """Whether a step takes a thing of this status that lies at this kind of place."""
    return status in row.sources or (status in row.keeps and kind in row.from_kinds)


def status_after(row: Transition, status: Status) -> Status:
    """What a step makes of a thing that had this status."""
    return status if row.target is None or status in row.keeps else row.target


def next_steps(status: Status | None, kind: Kind) -> list[Step]:
    """The steps that a thing of this status at this kind of place can take next, in the table's order."""
    return [
        step
        for step, row in LIFECYCLE.items()
        if kind in row.from_kinds and (status in row.sources or (status is not None and status in row.keeps))
    ]
