"""What is scanned in earnest and must be kept nowhere: somebody's badge, taken for goods by a page that did not know."""

from collections.abc import Iterable

from yanji.access.actor import Actor
from yanji.access.badges import badges_among
from yanji.ledger.api import Offence, Refused


def refuse_badges(scans: Iterable[str], *, actor: Actor) -> None:
    """Raises :class:`Refused` for each scan that is somebody's badge, named by its last two characters alone: enough to find it
    among the others. One statement, none but at a shared device."""
    if badges := badges_among(scans, actor=actor):
        raise Refused.of(tuple(Offence("scan_badge", f"…{each.strip()[-2:]}") for each in sorted(badges)))
