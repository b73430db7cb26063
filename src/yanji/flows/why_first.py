"""Why something is proposed before the others, and why another that would come before it is left behind: what decided is a code
with its facts, told in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from .turn import Policy


@dataclass(frozen=True, slots=True)
class Offer:
    """What decides whose turn it is of something that can be taken. ``came``: the hospital's day, where it is known; ``counted``:
    pieces of a lot, not a unit; ``kept``: reserved for whom it is proposed."""

    lot_id: int
    lot: str
    expiry: date | None
    came: date | None = None
    counted: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """What decided: one of the codes of ``SENTENCES``, and what its sentence names."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def said(self) -> str:
        return SENTENCES[self.code]() % self.facts


def why_first(
    chosen: Offer, left: Sequence[Offer], policy: Policy, *, asked_for: bool = False, alone: bool = False
) -> Why:
    """Why ``chosen`` goes before what is ``left``, in turn: nothing where all is taken. What stands the same as it says nothing
    of why, so the next that does not is named. Pure.

    ``asked_for``: this lot alone is wanted; ``alone``: nothing else could be taken at all.
    """
    if chosen.kept:
        return Why("kept")
    if asked_for:
        return Why("lot_asked_for")
    other = next((each for each in left if not _alike(chosen, each, policy)), left[0] if left else None)
    if other is None:
        only = "only_lot" if chosen.counted else "only_one"
        return Why(only if alone else "all_needed")
    return (_first_in if policy == "fifo" else _first_expiry)(chosen, other)


def _alike(chosen: Offer, other: Offer, policy: Policy) -> bool:
    """Whether it does not matter which of the two is taken: of one lot, and by FIFO of one day."""
    return chosen.lot_id == other.lot_id and (policy == "fefo" or chosen.came == other.came)


def _first_expiry(chosen: Offer, other: Offer) -> Why:
    """By first expiry; of equal expiry, the day on which each came, where it is known."""
    if chosen.expiry is not None and other.expiry is None:
        return Why("expires_at_all", {"lot": other.lot})
    if _before(chosen.expiry, other.expiry):
        return Why("expires_first", {"lot": other.lot, "day": other.expiry})
    if _before(chosen.came, other.came):
        return Why("same_expiry_came_first", {"came": chosen.came, "day": other.came})
    return Why("same_lot" if chosen.lot_id == other.lot_id else "same_expiry", {"lot": other.lot})


def _first_in(chosen: Offer, other: Offer) -> Why:
    """By the day on which each came; of one day, by first expiry."""
    if chosen.came is not None and other.came is None:
        return Why("day_known", {"lot": other.lot, "came": chosen.came})
    if _before(chosen.came, other.came):
        return Why("came_first", {"lot": other.lot, "came": chosen.came, "day": other.came})
    if _before(chosen.expiry, other.expiry):
        return Why("same_day_expires_first", {"lot": other.lot, "day": other.expiry})
    return Why("same_lot_and_day" if chosen.lot_id == other.lot_id else "same_day", {"lot": other.lot})


def _before(day: date | None, other: date | None) -> bool:
    return day is not None and other is not None and day < other


SENTENCES: Mapping[str, Callable[[], str]] = {
    "kept": lambda: _("Kept for this, so it goes first"),
    "lot_asked_for": lambda: _("This lot was asked for"),
    "only_one": lambda: _("The only one here that can be taken"),
    "only_lot": lambda: _("The only lot here that can be taken"),
    "all_needed": lambda: _("All that can be taken here is needed"),
    "expires_first": lambda: _("Expires first: the next, lot %(lot)s, is valid to %(day)s"),
    "expires_at_all": lambda: _("Expires first: the next, lot %(lot)s, has no expiry date"),
    "same_expiry_came_first": lambda: _("Same expiry as the next, but came first: %(came)s, not %(day)s"),
    "same_lot": lambda: _("Same lot as the next: either is in turn"),
    "same_expiry": lambda: _("Same expiry as the next, lot %(lot)s: either is in turn"),
    "came_first": lambda: _("Came first, on %(came)s: the next, lot %(lot)s, came on %(day)s"),
    "day_known": lambda: _("Came on %(came)s: of the next, lot %(lot)s, the day is not known"),
    "same_day_expires_first": lambda: _("Came the same day as the next, lot %(lot)s, which expires later: %(day)s"),
    "same_lot_and_day": lambda: _("Same lot and day as the next: either is in turn"),
    "same_day": lambda: _("Came the same day as the next, lot %(lot)s: either is in turn"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What would come first and is skipped: the first of it (a unit by its serial, or a lot), why, and whether others are too."""

    serial: str
    lot: str
    reason: str
    others: bool = False

    @property
    def said(self) -> str:
        thing = self.serial or _("Lot %(lot)s") % {"lot": self.lot}
        facts = {"thing": thing, "why": skipped_because(self.reason)}
        if self.others:
            return _("Left behind before it: %(thing)s (%(why)s) and others") % facts
        return _("Left behind before it: %(thing)s (%(why)s)") % facts


def skipped_because(reason: str) -> str:
    """Why a unit or a lot is passed over, in a few words: the whole sentence comes when it is scanned all the same."""
    words = {
        "expired": _("Expired"),
        "on_hold": _("On hold"),
        "recalled": _("Recalled"),
        "lot_recalled": _("Of a recalled lot"),
        "consigned_not_there": _("A supplier's, without an agreement for where it would go"),
        "reserved": _("Reserved for another document"),
        "wrong_status": _("Picked, or not yet inspected"),
    }
    return words.get(reason, reason)
