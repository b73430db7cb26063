"""The look of who has no page of a role: whether something waits for their approval."""

from typing import Any

from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.flows.approval import waiting_for
from yanji.flows.theatre.queries import undecided

from .tiles import tile, when


def nobody(actor: Actor) -> dict[str, Any]:
    """Does anything wait for me? Nothing is asked for who approves nothing."""
    if not actor.may(Operation.APPROVE):
        return {}
    waiting = len(waiting_for(actor)) + len(undecided(actor))
    said = _("Longest waiting first") if waiting else _("Nothing waits")
    return {
        "tiles": [
            tile(
                _("Waiting for your approval"),
                waiting,
                "manager:approvals",
                note=said,
                tone=when(waiting, "soon"),
            )
        ]
    }
