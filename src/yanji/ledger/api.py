"""The ledger's public names."""

from .aliases import bind as bind_code
from .aliases import release as release_code
from .checks import CLOCK_SLACK, MAX_LINES, storable
from .correct import correct
from .draft import Draft, Line, LotQuantity, NewQuantity, NewUnit, Posted
from .fold import STOPPED
from .follow import Entry, entries, follow, log_end, log_position, sequence
from .lifecycle import BY_NAME, LIFECYCLE, Status, Step, next_steps
from .places import VirtualPlaces, virtual_places
from .post import end_lapsed_reservations, offence, passed_over, post, preview, reserve
from .queries.candidates import Candidate, candidates, candidates_of, first_received
from .queries.life import (
    LAST_LETTER,
    Name,
    Passage,
    UnitAt,
    UnitView,
    find_units,
    life_line,
    places_of_use,
    unit_at,
    unit_view,
    unit_views,
    units_beginning,
    units_of_cases,
    units_where,
)
from .queries.lying import Lies, Lying, lies, lying
from .queries.moment import IN_FORCE, IN_HAND, Moment
from .queries.stock import IN_STOCK, Kin, Stock, expiring, kin, on_hand, stock_at
from .queries.trace import LotTrace, been_at, lot_at, trace_lot
from .rebuild import Drift, rebuild
from .recalls import lock_lots, say_recalled
from .refused import Offence, Refused, clock
from .replays import Replayed, last_replay, replay
from .together import post_together
from .wire import Raced, constraint_of, durable, is_race

__all__ = [
    "BY_NAME", "CLOCK_SLACK", "IN_FORCE", "IN_HAND", "IN_STOCK", "LAST_LETTER", "LIFECYCLE", "MAX_LINES", "STOPPED",
    "Candidate", "Draft", "Drift", "Entry", "Kin", "Lies", "Line", "LotQuantity", "LotTrace", "Lying", "Moment", "Name",
    "NewQuantity", "NewUnit", "Offence", "Passage", "Posted", "Raced", "Refused", "Replayed", "Status", "Step", "Stock",
    "UnitAt", "UnitView", "VirtualPlaces", "been_at", "bind_code", "candidates", "candidates_of", "clock", "constraint_of",
    "correct", "durable", "end_lapsed_reservations", "entries", "expiring", "find_units", "first_received", "follow",
    "is_race", "kin", "last_replay", "lies", "life_line", "lock_lots", "log_end", "log_position", "lot_at", "lying",
    "next_steps", "offence", "on_hand", "passed_over", "places_of_use", "post", "post_together", "preview", "rebuild",
    "release_code", "replay", "reserve", "say_recalled", "sequence", "stock_at", "storable", "trace_lot", "unit_at",
    "unit_view", "unit_views", "units_beginning", "units_of_cases", "units_where", "virtual_places",
]  # fmt: skip
