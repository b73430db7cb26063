"""What scans turned out to be: each by itself, and all of an act together."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Offence
from yanji.places.spoken import joined

from ..models import Case
from ..scanning import Meaning
from .about import MOST_PIECES, About, Scanned
from .lots import Taken

CONFIRM = "YANJI:OK"  # the code that stands for the one big button
# The code that stands for a reason that is chosen: its group, and which one.
REASON = re.compile(r"YANJI:REASON:([a-z_]{1,40}):([a-z][a-z0-9_]{0,39})", re.IGNORECASE)

# The code that stands for an amount of an opened piece, in its own measure.
AMOUNT = re.compile(r"YANJI:AMOUNT:([0-9]{1,9}(?:[.,][0-9]{1,3})?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sight:
    """What one scan was, or the two symbols of one label (``of``: which scans). ``role``: a thing, what the act is about,
    the second scan that confirms it; ``half``: the other symbol of its label is still to come; ``verdict``: what a count says of
    it, see :class:`..counting.scan.Heard`; ``place``: where it is counted; ``times``: see :class:`.about.Scanned`; ``reason``:
    what was said of the thing after it was scanned, group and code; ``text``: the scan as it is compared with what is no
    label, see :meth:`.Actor.text_of`."""

    meaning: Meaning
    of: tuple[int, ...]
    role: str = "thing"
    half: bool = False
    at: datetime | None = None
    camera: bool = False
    verdict: str = ""
    place: str = ""
    times: int = 1
    reason: str = ""
    text: str = ""

    @property
    def counted(self) -> bool:
        """Whether it is so many pieces of something: what is scanned again is one more."""
        return self.meaning.kind == "lot" or (self.meaning.kind == "item" and not self.meaning.epc)


@dataclass(frozen=True, slots=True)
class Handful:
    """All of it. ``offences``: what speaks against the act as a whole, or is still to be said; ``confirmed``: a second scan
    said that this is all; ``confirmed_by``: the text of it."""

    sights: list[Sight]
    about: About
    offences: tuple[Offence, ...] = ()
    confirmed: bool = False
    confirmed_by: str = ""
    case: Case | None = field(default=None, compare=False)
    together: bool = False  # parted, what was left of it would be another act
    looks: bool = False  # only looks: whatever can be named is right
    sellers: tuple[
        tuple[int, str], ...
    ] = ()  # of whom the things can be bought, where no order says it, the likeliest first
    taken: Taken = field(default_factory=Taken, compare=False)  # where counted lots come from
    at: datetime = field(default_factory=timezone.now, compare=False)  # when it happens, or happened

    @property
    def seen(self) -> list[Sight]:
        """The things, once each: a second scan of a unit says nothing new, one of a counted lot says one more."""
        found: dict[str, Sight] = {}
        for number, sight in enumerate(self.sights):
            if sight.role == "thing":
                counted = sight.counted
                found[f"{number}" if counted else sight.meaning.epc or f"scan {number}"] = sight
        return list(found.values())

    @property
    def things(self) -> list[Meaning]:
        return [sight.meaning for sight in self.seen]

    @property
    def in_order(self) -> list[Scanned]:
        """All that was scanned but the code that confirms, the two symbols of one label as one."""
        return [
            Scanned(each.meaning.scan, each.camera, each.at, each.times, _pieces(each.meaning))
            for each in self.sights
            if each.text != CONFIRM
        ]

    def all_offences(self) -> list[Offence]:
        own = [offence for sight in self.sights for offence in sight.meaning.offences]
        return [*own, *self.offences]


def _pieces(meaning: Meaning) -> int | None:
    return meaning.quantity if meaning.kind == "lot" else None


def weighed(meaning: Meaning, pieces: int) -> Meaning:
    """So many pieces of it, where that can be meant. Pure."""
    if pieces <= MOST_PIECES:
        return replace(meaning, quantity=pieces)
    thing = meaning.lot or (meaning.item.name if meaning.item else meaning.di)
    offence = Offence("too_many_pieces", thing, {"pieces": pieces, "most": MOST_PIECES})
    return replace(meaning, offences=(*meaning.offences, offence))


def called(meaning: Meaning) -> str:
    """A thing as a sentence names it: item, and serial or lot number. Pure."""
    said = joined(meaning.item.name if meaning.item else "", meaning.serial or meaning.lot)
    return said or meaning.epc or meaning.scan.strip()[:80]


def reader_of(actor: Actor, *, camera: bool) -> Actor:
    """A camera sends what is on the label; only the scanner has a profile."""
    return actor.reading_with(None) if camera else actor


def in_role(sight: Sight, role: str) -> Sight:
    """What is no thing is not told how things read."""
    return replace(sight, role=role, half=False, meaning=replace(sight.meaning, offences=(), warnings=()))
