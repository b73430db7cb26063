"""The look of who has no page of a role: what waits for their approval, and which papers lapse of what they may hold."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.flows.approval import waiting_for
from yanji.flows.buying.due import counted, papers_seen
from yanji.flows.theatre.queries import undecided

from ..manager.approvals import shown as step_shown
from .tiles import LISTED, Tile, papers_tile, tile, when


def nobody(actor: Actor) -> dict[str, Any]:
    """Does anything wait for me, do papers lapse of what I answer for? Nothing is asked for who does neither."""
    shown: dict[str, Any] = {}
    tiles: list[Tile] = []
    if actor.may(Operation.APPROVE):
        steps = waiting_for(actor)
        used = undecided(actor)
        tiles.append(_approvals(len(steps) + len(used)))
        shown["waiting"] = [step_shown(step) for step in steps[:LISTED]]
        shown["undecided"] = used[:LISTED]
    if actor.may(Operation.HOLD):
        papers = papers_seen(actor, today=timezone.localdate())
        tiles.append(papers_tile(counted(papers)))
        shown["papers"] = papers[:LISTED]
    return {"tiles": tiles, **shown} if tiles else {}


def _approvals(waiting: int) -> Tile:
    said = _("Longest waiting first") if waiting else _("Nothing waits")
    return tile(
        _("Waiting for your approval"), waiting, "manager:approvals", note=said, tone=when(waiting, "soon")
    )
