"""What an RFID reader has read while a count is open goes into it as one batch, when somebody who counts says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound

from ..rfid.models import Passage, Reader
from ..rfid.queries import read_since, stands_around
from ..rfid.readers import reader_for
from ..rfid.tags import understand_tags
from ..scanning import MOST_SCANS
from .gate import count_for
from .models import Count, CountScan
from .scan import MOST_READS, NOTHING, TWICE, Heard, Read, foresee, record


@dataclass(frozen=True, slots=True)
class Batch:
    """What taking it in would mean. ``upto``: the last passage that was looked at, of what went out too; said again when it is
    taken in, nothing is taken that was not shown."""

    reader: Reader
    heard: Sequence[Heard]
    upto: int

    @property
    def new(self) -> list[Heard]:
        return [each for each in self.heard if not each.repeated and each.verdict not in (TWICE, NOTHING)]

    @property
    def aside(self) -> int:
        """How many tags are nothing to count: those of places and papers, and of empty boxes."""
        return sum(each.verdict == NOTHING for each in self.heard)


def began(count: Count) -> datetime:
    """From when on a thing that was seen counts: a recount begins where the count before it was closed."""
    return count.closed_at if count.round > 1 and count.closed_at else count.started_at


def look_at_batch(
    *, actor: Actor, count_id: int, reader_id: int, since: datetime | None = None, place_id: int | None = None
) -> Batch:
    """What a reader has read since then (at the earliest, since the count began), and what of it the count would say. Writes
    nothing; the same statements for one tag and for a thousand."""
    count = count_for(actor, count_id, may="count")
    reader, passages, upto = _read_by(actor, count, reader_id, since, None)
    reads = _reads(count, passages, place_id)
    meanings = [
        meaning
        for start in range(0, len(reads), MOST_SCANS)
        for meaning in understand_tags([each.scan for each in reads[start : start + MOST_SCANS]], actor=actor)
    ]
    heard = foresee(actor=actor, count_id=count.pk, reads=reads, meanings=meanings, how=CountScan.How.TAG)
    return Batch(reader, heard, upto)


def count_batch(
    *,
    actor: Actor,
    count_id: int,
    reader_id: int,
    since: datetime | None = None,
    upto: int | None = None,
    place_id: int | None = None,
) -> list[Heard]:
    """Take it in: each tag once in a round, however often it passes and somebody asks, as of when it was last read."""
    count = count_for(actor, count_id, may="count")
    _reader, passages, _upto = _read_by(actor, count, reader_id, since, upto)
    return record(
        actor=actor, count_id=count.pk, reads=_reads(count, passages, place_id), how=CountScan.How.TAG
    )


def _read_by(
    actor: Actor, count: Count, reader_id: int, since: datetime | None, upto: int | None
) -> tuple[Reader, list[Passage], int]:
    reader = reader_for(actor, reader_id, may="view")
    if not stands_around(reader, count.place.path):
        # What passes it lies elsewhere, and would all count as misplaced.
        raise NotFound("reader")
    start = max(since, began(count)) if since else began(count)
    return reader, *read_since(reader, since=start, upto=upto, most=MOST_READS)


def _reads(count: Count, passages: Sequence[Passage], place_id: int | None) -> list[Read]:
    """A reader's clock may be ahead of ours by more than a count believes of a device."""
    now = timezone.now()
    return [
        Read(
            each.epc, f"rfid:{count.round}:{each.pk}", place_id, seen_at=min(each.last_at, now), steers=False
        )
        for each in passages
    ]
