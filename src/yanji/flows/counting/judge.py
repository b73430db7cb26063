"""The rules of a count, pure: what was seen beside what the ledger said at that moment.

A store that works while it is counted must not produce differences of its own. Whatever the ledger recorded since the
count began is evidence, and speaks for the thing: only what nothing explains is a variance.
"""

from dataclasses import dataclass
from decimal import Decimal

from yanji.ledger.api import LIFECYCLE, Status, Step
from yanji.places.models import VIRTUAL, Kind

from .models import Variance

V = Variance.Kind
# What can be missing at all: in one of these statuses a thing lies in a place of the hospital.
COUNTABLE = frozenset(status for status in LIFECYCLE[Step.LOSE].sources if status is not None)
# Written down at a desk: such an entry does not show that anybody had the thing in hand.
ON_PAPER = frozenset(
    {
        Step.RESERVE, Step.UNRESERVE, Step.HOLD, Step.RELEASE, Step.RECALL, Step.END_RECALL, Step.EXPIRE,
        Step.SET_ASIDE, Step.TAKE_TITLE, Step.LOSE, Step.FIND, Step.CORRECT,
    }
)  # fmt: skip
NEVER_CAME = frozenset({Status.EXPECTED})
GONE = frozenset({Status.USED, Status.SCRAPPED})
POSTABLE = frozenset({V.MISSING, V.FOUND, V.SHELF, V.ELSEWHERE, V.LOT_SHORT, V.LOT_OVER})


@dataclass(frozen=True, slots=True)
class Sighting:
    """One unit seen, and what the ledger said of it at that moment.

    ``book_path`` is empty where the ledger knew nothing of it then. ``agreed_since``: a later entry put it where it was
    seen - it was already there when somebody came to write it down.
    """

    seen_path: str
    book_path: str
    book_kind: str
    book_status: str
    agreed_since: bool = False


def judge(sighting: Sighting, *, counted_path: str) -> str:
    """The kind of variance, or an empty text where the thing is where the ledger says.

    A sighting at a wider place (the whole store, where no shelf was chosen) agrees with every place inside it.
    """
    if sighting.agreed_since:
        return ""
    if sighting.book_status in GONE:
        return V.GONE
    if sighting.book_status == Status.LOST:
        return V.FOUND
    if not sighting.book_path or sighting.book_status in NEVER_CAME or sighting.book_kind == Kind.SUPPLIER:
        return V.NOT_RECEIVED
    if sighting.book_path.startswith(sighting.seen_path):
        return ""
    if sighting.book_kind not in VIRTUAL and sighting.book_path.startswith(counted_path):
        return V.SHELF
    return V.ELSEWHERE


@dataclass(frozen=True, slots=True)
class LotSeen:
    """Pieces of one lot counted at a place between two moments, and what the ledger had there.

    ``booked`` at the first moment; ``came`` and ``went`` while it was counted: nobody can tell whether those pieces
    were counted or not.
    """

    counted: int
    booked: Decimal
    came: Decimal = Decimal(0)
    went: Decimal = Decimal(0)


def lot_difference(seen: LotSeen) -> int:
    """Pieces short (negative) or over (positive); 0 where the count can be right.

    Right is everything from ``booked - went`` (what left had not been counted yet, or had been) to ``booked + came``.
    """
    least, most = int(seen.booked - seen.went), int(seen.booked + seen.came)
    if seen.counted < least:
        return seen.counted - least
    return max(0, seen.counted - most)


def never_counted(now: Decimal, came: Decimal) -> int:
    """Pieces of a lot that nobody counted: those that lie there still and did not come since the count began."""
    return max(0, int(now - came))
