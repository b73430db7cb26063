"""The ledger's public names."""

from .correct import correct
from .draft import Draft, Line, LotQuantity, NewQuantity, NewUnit, Posted
from .follow import Entry, entries, follow, sequence
from .lifecycle import LIFECYCLE, Status, Step, next_steps
from .places import VirtualPlaces, virtual_places
from .post import end_lapsed_reservations, offence, post, reserve
from .rebuild import Drift, rebuild
from .refused import Offence, Refused
from .wire import durable

__all__ = [
    "LIFECYCLE", "Draft", "Drift", "Entry", "Line", "LotQuantity", "NewQuantity", "NewUnit", "Offence", "Posted",
    "Refused", "Status", "Step", "VirtualPlaces", "correct", "durable", "end_lapsed_reservations", "entries", "follow",
    "next_steps", "offence", "post", "rebuild", "reserve", "sequence", "virtual_places",
]  # fmt: skip
