"""From the lifecycle table to buttons: which steps a thing can take next, and on which page they are taken."""

from dataclasses import dataclass
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yanji.access.actor import Actor
from yanji.ledger.api import LIFECYCLE, Step, next_steps

from . import looks, nav

PAGES: dict[Step, str] = {
    Step.RECEIVE: "storeroom:receiving",
    Step.PUT_AWAY: "storeroom:put_away",
    Step.RESERVE: "storeroom:reserve",
    Step.UNRESERVE: "storeroom:unreserve",
    Step.PICK: "storeroom:picking",
    Step.ISSUE: "storeroom:picking",
    Step.TAKE_IN: "ward:take_in",
    Step.SET_OUT: "ward:use",
    Step.USE: "ward:use",
    Step.GIVE_BACK: "ward:give_back",
    Step.RESTOCK: "storeroom:returns",
    Step.HOLD: "storeroom:hold",
    Step.RELEASE: "storeroom:hold",
    Step.SCRAP: "storeroom:scrap",
    Step.HAND_ON: "theatre:explanted",
}
# What a page is told of the thing: its scan, where the page begins with one.
QUERIES: dict[Step, str] = {
    Step.RELEASE: "?do=release&scan=",
    Step.PICK: "",
    Step.ISSUE: "",
    Step.HAND_ON: "",
}
# A step's name says what happened. Where no act could be called so, this is the name of the act.
ACTS: dict[Step, Promise] = {
    Step.UNRESERVE: _("End the reservation"),
    Step.RESTOCK: _("Inspect what came back"),
    Step.HAND_ON: _("Hand on the explanted device"),
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """One button; ``label``: what pressing it begins."""

    step: str
    label: str | Promise
    icon: str
    href: str


def next_for(actor: Actor, *, epc: str, status: str, place_kind: str, place_path: str) -> list[NextStep]:
    """The steps open to this thing and this person that have a page, each page once, in the table's order."""
    found: dict[str, NextStep] = {}
    for step in next_steps(status, place_kind):
        row = LIFECYCLE[step]
        address = nav.address_of(PAGES.get(step, "-"))
        allowed = actor.may(row.operation, place_path if row.scope == "from" else None)
        if address and allowed and address not in found:
            query = QUERIES.get(step, "?scan=")
            href = f"{address}{query}{quote(epc, safe='')}" if query else address
            found[address] = NextStep(step, ACTS.get(step, step.label), looks.STEPS[step].icon, href)
    return list(found.values())
