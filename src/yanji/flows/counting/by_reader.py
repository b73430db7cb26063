"""What an RFID reader has read while a count is open goes into it as one batch, when somebody who counts says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from yanji.access.actor import Actor

from ..rfid.models import Passage, Reader
from ..rfid.queries import batch_of
from ..rfid.readers import reader_for
from ..rfid.tags import understand_tags
from ..scanning import MOST_SCANS
from .gate import count_for
from .models import Count, CountScan
from .scan import MOST_READS, TWICE, Heard, Read, foresee, record


@dataclass(frozen=True, slots=True)
class Batch:
    """What taking it in would mean. ``upto``: the last passage among it; said again when it is taken in, nothing is taken that
    was not shown."""

    reader: Reader
    heard: Sequence[Heard]
    upto: int

    @property
    def new(self) -> list[Heard]:
        return [each for each in self.heard if not each.repeated and each.verdict != TWICE]


def began(count: Count) -> datetime:
    """From when on a thing that was seen counts: a recount begins where the count before it was closed."""
    return count.closed_at if count.round > 1 and count.closed_at else count.started_at


def look_at_batch(
    *, actor: Actor, count_id: int, reader_id: int, since: datetime | None = None, place_id: int | None = None
) -> Batch:
    """What a reader has read since then (at the earliest, since the count began), and what of it the count would say. Writes
    nothing; the same statements for one tag and for a thousand."""
    count = count_for(actor, count_id, may="count")
    reader, passages = _read_by(actor, count, reader_id, since, None)
    reads = _reads(count, passages, place_id)
    meanings = [
        meaning
        for start in range(0, len(reads), MOST_SCANS)
        for meaning in understand_tags([each.scan for each in reads[start : start + MOST_SCANS]], actor=actor)
    ]
    heard = foresee(actor=actor, count_id=count.pk, reads=reads, meanings=meanings)
    return Batch(reader, heard, max((each.pk for each in passages), default=0))


def count_batch(
    *,
    actor: Actor,
    count_id: int,
    reader_id: int,
    since: datetime | None = None,
    upto: int | None = None,
    place_id: int | None = None,
) -> list[Heard]:
    """Take it in: each passage once in a round, however often somebody asks, at the moment at which its tag was last read."""
    count = count_for(actor, count_id, may="count")
    _reader, passages = _read_by(actor, count, reader_id, since, upto)
    return record(
        actor=actor, count_id=count.pk, reads=_reads(count, passages, place_id), how=CountScan.How.TAG
    )


def _read_by(
    actor: Actor, count: Count, reader_id: int, since: datetime | None, upto: int | None
) -> tuple[Reader, list[Passage]]:
    reader = reader_for(actor, reader_id, may="view")
    start = max(since, began(count)) if since else began(count)
    return reader, batch_of(reader, since=start, upto=upto, most=MOST_READS)


def _reads(count: Count, passages: Sequence[Passage], place_id: int | None) -> list[Read]:
    """A reader's clock may be ahead of ours by more than a count believes of a device."""
    now = timezone.now()
    return [
        Read(each.epc, f"rfid:{count.round}:{each.pk}", place_id, seen_at=min(each.last_at, now))
        for each in passages
    ]
