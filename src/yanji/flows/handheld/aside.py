"""An unknown code of the scan page goes the way of every act: kept on the device, sent once, settled where it is refused."""

from collections.abc import Mapping

from yanji.access.actor import Actor
from yanji.ledger.api import Refused

from ..acts import Done
from ..unknown import keep_unknown
from .sights import reader_of
from .way import Told, Way
from .ways import WAYS

ADOPT = "adopt"


def _adopt(told: Told, actor: Actor) -> Done:
    """One label, wherever it was scanned. ``about``: the place where it lies, and as ``reason`` the act it was scanned for."""
    if len(told.things) != 1:
        raise Refused("scan_things")
    if told.about.place_id is None:
        raise Refused("scan_where")
    return keep_unknown(
        actor=reader_of(actor, camera=told.scans[0].camera), key=told.key, scan=told.things[0].scan,
        place_id=told.about.place_id, flow=told.about.reason or "look", happened_at=told.at,
    )  # fmt: skip


# It has no tile: whoever may do any of the others may come upon what nobody knows.
ACTS: Mapping[str, Way] = {
    **WAYS,
    ADOPT: Way("view", _adopt, (keep_unknown,), takes_place=True, needs_place=True),
}
