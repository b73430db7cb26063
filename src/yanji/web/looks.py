"""How statuses and steps look everywhere: one tone and one icon each, so that colour always means the same."""

from datetime import date
from typing import Literal, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yanji.flows.told_as import SET_SENT
from yanji.ledger.api import Status, Step
from yanji.places.models import Kind

Tone = Literal["ok", "info", "soon", "bad", "mute"]
SOON_DAYS = 30


class Look(NamedTuple):
    """A tone (a class of yanji.css) and the name of a Tabler icon."""

    tone: Tone
    icon: str


STATUSES: dict[str, Look] = {
    Status.EXPECTED: Look("mute", "truck-delivery"),
    Status.INSPECTING: Look("info", "zoom-check"),
    Status.AVAILABLE: Look("ok", "circle-check"),
    Status.RESERVED: Look("info", "bookmark"),
    Status.PICKED: Look("info", "basket"),
    Status.IN_TRANSIT: Look("info", "truck"),
    Status.IN_USE: Look("info", "bed"),
    Status.OPENED: Look("info", "droplet"),
    Status.USED: Look("mute", "heartbeat"),
    Status.RETURNED: Look("soon", "arrow-back-up"),
    Status.QUARANTINED: Look("bad", "hand-stop"),
    Status.RECALLED: Look("bad", "alert-octagon"),
    Status.EXPIRED: Look("bad", "calendar-x"),
    Status.SCRAPPED: Look("mute", "trash"),
    Status.LOST: Look("bad", "help-circle"),
    Status.EXPLANTED: Look("soon", "heart-off"),
}
USED_UP = frozenset({Status.USED, Status.SCRAPPED, Status.EXPLANTED})
STEPS: dict[str, Look] = {
    Step.ANNOUNCE: Look("mute", "building-factory-2"),
    Step.RECEIVE: Look("info", "package-import"),
    Step.ACCEPT: Look("ok", "clipboard-check"),
    Step.REJECT: Look("bad", "clipboard-x"),
    Step.PUT_AWAY: Look("ok", "building-warehouse"),
    Step.RESERVE: Look("info", "bookmark"),
    Step.UNRESERVE: Look("mute", "bookmark-off"),
    Step.PICK: Look("info", "basket"),
    Step.UNPICK: Look("mute", "basket-off"),
    Step.ISSUE: Look("info", "truck"),
    Step.TAKE_IN: Look("ok", "home-down"),
    Step.SET_OUT: Look("info", "bed"),
    Step.USE: Look("ok", "heartbeat"),
    Step.GIVE_BACK: Look("soon", "arrow-back-up"),
    Step.RESTOCK: Look("ok", "rotate-clockwise"),
    Step.HOLD: Look("bad", "hand-stop"),
    Step.RELEASE: Look("ok", "lock-open"),
    Step.RECALL: Look("bad", "alert-octagon"),
    Step.END_RECALL: Look("soon", "hand-stop"),
    Step.EXPIRE: Look("bad", "calendar-x"),
    Step.SEND_BACK: Look("soon", "truck-return"),
    Step.LOSE: Look("bad", "help-circle"),
    Step.FIND: Look("ok", "search"),
    Step.SET_ASIDE: Look("bad", "hand-stop"),
    Step.SCRAP: Look("mute", "trash"),
    Step.SET_BACK: Look("info", "bed-off"),
    Step.SHIP: Look("info", "truck"),
    Step.ARRIVE: Look("ok", "truck-loading"),
    Step.LOST_ON_WAY: Look("bad", "help-circle"),
    Step.LEND: Look("info", "arrows-exchange"),
    Step.MOVE: Look("info", "arrows-move"),
    Step.TAKE_TITLE: Look("ok", "file-certificate"),
    Step.HAND_BACK: Look("soon", "truck-return"),
    Step.WASTE: Look("bad", "package-off"),
    Step.EXPLANT: Look("soon", "heart-off"),
    Step.HAND_ON: Look("mute", "arrow-right"),
    Step.OPEN: Look("info", "droplet"),
    Step.CONSUME: Look("ok", "flask"),
    Step.CORRECT: Look("soon", "eraser"),
}
# What is told as an act of its own.
ACTS: dict[str, tuple[Look, Promise]] = {
    SET_SENT: (Look("info", "briefcase-2"), _("Loan set to its theatre"))
}
# The states of documents, by tone; what stands in none of them is just under way.
_STATES: dict[Tone, str] = {
    "mute": "discarded draft closed cancelled ended voided withdrawn",
    "ok": """received issued taken_in arrived picked posted ordered active matched released applied approved charged
        used_up confirmed sterilised entered""",
    "soon": """partly_received partly partly_taken_in picking awaiting counted partly_ordered waiting charge_pending
        refund_pending""",
    "bad": "refused differs",
}
STATES: dict[str, Tone] = {state: tone for tone, states in _STATES.items() for state in states.split()}
PLACES: dict[str, str] = {
    Kind.GROUP: "building-community",
    Kind.CAMPUS: "building-hospital",
    Kind.BUILDING: "building",
    Kind.DEPARTMENT: "stethoscope",
    Kind.STORE: "building-warehouse",
    Kind.DOCK: "truck-loading",
    Kind.ROOM: "door",
    Kind.CABINET: "archive",
    Kind.BIN: "box",
    Kind.SUPPLIER: "building-factory-2",
    Kind.PATIENT: "heartbeat",
    Kind.TRANSIT: "truck",
    Kind.SCRAP: "trash",
    Kind.LOST: "help-circle",
    Kind.CONSUMED: "flask",
}


def of_step(step: str) -> Look:
    """How a step looks, or an act that is told as one."""
    return ACTS[step][0] if step in ACTS else STEPS.get(step, Look("mute", "dots"))


def expiry_tone(expiry: date | None, today: date) -> Tone:
    """Red when past, amber within ``SOON_DAYS``, else quiet."""
    if expiry is None:
        return "mute"
    days = (expiry - today).days
    return "bad" if days < 0 else "soon" if days <= SOON_DAYS else "mute"
