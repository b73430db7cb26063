"""The look of who has no page of a role: what waits for their approval, and which papers lapse of what they may hold."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.flows.approval import waiting_for
from yanji.flows.buying.due import counted, papers_seen
from yanji.flows.theatre.queries import undecided

from .tiles import Tile, papers_tile, tile, when


def nobody(actor: Actor) -> dict[str, Any]:
    """Does anything wait for me, do papers lapse of what I answer for? Nothing is asked for who does neither."""
    tiles = [_approvals(actor)] if actor.may(Operation.APPROVE) else []
    if actor.may(Operation.HOLD):
        tiles.append(papers_tile(counted(papers_seen(actor, today=timezone.localdate()))))
    return {"tiles": tiles} if tiles else {}


def _approvals(actor: Actor) -> Tile:
    waiting = len(waiting_for(actor)) + len(undecided(actor))
    said = _("Longest waiting first") if waiting else _("Nothing waits")
    return tile(
        _("Waiting for your approval"), waiting, "manager:approvals", note=said, tone=when(waiting, "soon")
    )
