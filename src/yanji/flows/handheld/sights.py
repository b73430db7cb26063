"""What scans turned out to be: each by itself, and all of an act together."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from yanji.ledger.api import Offence

from ..models import Case
from ..scanning import Meaning
from .about import About, Scanned
from .lots import Taken

CONFIRM = "YANJI:OK"  # the code that stands for the one big button


@dataclass(frozen=True, slots=True)
class Sight:
    """What one scan was, or the two symbols of one label (``of``: which scans). ``role``: a thing, what the act is about,
    the second scan that confirms it; ``half``: the other symbol of its label is still to come; ``verdict``: what a count says of
    it, see :class:`..counting.scan.Heard`; ``place``: where it is counted."""

    meaning: Meaning
    of: tuple[int, ...]
    role: str = "thing"
    half: bool = False
    at: datetime | None = None
    camera: bool = False
    verdict: str = ""
    place: str = ""


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
    looks: bool = False  # only looks: whatever can be named is right
    taken: Taken = field(default_factory=Taken, compare=False)  # where counted lots come from

    @property
    def things(self) -> list[Meaning]:
        """Once each: a second scan of a unit says nothing new, one of a counted lot says one more."""
        found: dict[str, Meaning] = {}
        for number, sight in enumerate(self.sights):
            if sight.role == "thing":
                counted = sight.meaning.kind == "lot"
                found[f"{number}" if counted else sight.meaning.epc or f"scan {number}"] = sight.meaning
        return list(found.values())

    @property
    def in_order(self) -> list[Scanned]:
        """All that was scanned but the code that confirms, the two symbols of one label as one."""
        scans = [Scanned(sight.meaning.scan, sight.camera, sight.at) for sight in self.sights]
        return [scan for scan in scans if scan.text.strip() != CONFIRM]

    def all_offences(self) -> list[Offence]:
        own = [offence for sight in self.sights for offence in sight.meaning.offences]
        return [*own, *self.offences]


def in_role(sight: Sight, role: str) -> Sight:
    """What is no thing is not told how things read."""
    return replace(sight, role=role, half=False, meaning=replace(sight.meaning, offences=(), warnings=()))
