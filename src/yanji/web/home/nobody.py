"""The look of who has no page of a role: what waits for their approval."""

from typing import Any

from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.flows.approval import waiting_for
from yanji.flows.theatre.queries import undecided

from ..manager.approvals import shown as step_shown
from .tiles import LISTED, Tile, tile, when


def nobody(actor: Actor) -> dict[str, Any]:
    """Does anything wait for me? Nothing is asked for who approves nothing."""
    tiles, shown = approvals(actor)
    return {"tiles": tiles, **shown} if tiles else {}


def approvals(actor: Actor) -> tuple[list[Tile], dict[str, Any]]:
    """What waits for somebody who approves, as a tile and as a list; nothing for who does not."""
    if not actor.may(Operation.APPROVE):
        return [], {}
    steps, used = waiting_for(actor), undecided(actor)
    waiting = len(steps) + len(used)
    said = _("Longest waiting first") if waiting else _("Nothing waits")
    shown = tile(
        _("Waiting for your approval"), waiting, "manager:approvals", note=said, tone=when(waiting, "soon")
    )
    return [shown], {"waiting": [step_shown(step) for step in steps[:LISTED]], "undecided": used[:LISTED]}
