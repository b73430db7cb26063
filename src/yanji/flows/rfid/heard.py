"""What readers say is written down at once: passages that are open grow, those that are over are closed."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from .models import Misheard, Passage, Reader
from .sightings import GONE_AFTER, Read, Side, Sighting, rounds, sightings

# What an open passage was before these reads is over where they begin too late to belong to it.
CLOSE_EARLIER = """
UPDATE flows_passage p SET closed_at = now() FROM unnest(%s::text[], %s::timestamptz[]) s (epc, first_at)
 WHERE p.reader_id = %s AND p.epc = s.epc AND p.closed_at IS NULL AND p.last_at < s.first_at - %s::interval
"""
GROW = """
INSERT INTO flows_passage AS p (reader_id, epc, first_at, last_at, count, rssi, inside_count, inside_at, outside_count,
                                outside_at, recorded_at, heard_at)
SELECT %s, s.*, now(), now() FROM unnest(%s::text[], %s::timestamptz[], %s::timestamptz[], %s::int[], %s::smallint[],
                                  %s::int[], %s::timestamptz[], %s::int[], %s::timestamptz[]) s
    ON CONFLICT (reader_id, epc) WHERE closed_at IS NULL DO UPDATE SET
       first_at = least(p.first_at, excluded.first_at), last_at = greatest(p.last_at, excluded.last_at),
       count = least(p.count::bigint + excluded.count, 2147483647), heard_at = excluded.heard_at,
       rssi = greatest(p.rssi, excluded.rssi),
       inside_count = least(p.inside_count::bigint + excluded.inside_count, 2147483647),
       inside_at = CASE WHEN p.inside_at IS NULL THEN excluded.inside_at WHEN excluded.inside_at IS NULL THEN p.inside_at
           ELSE p.inside_at + (excluded.inside_at - p.inside_at)
                * (excluded.inside_count::float / (p.inside_count::float + excluded.inside_count)) END,
       outside_count = least(p.outside_count::bigint + excluded.outside_count, 2147483647),
       outside_at = CASE WHEN p.outside_at IS NULL THEN excluded.outside_at WHEN excluded.outside_at IS NULL THEN p.outside_at
           ELSE p.outside_at + (excluded.outside_at - p.outside_at)
                * (excluded.outside_count::float / (p.outside_count::float + excluded.outside_count)) END
"""
MOST_READS = 2**31 - 1  # what the columns hold
SIDES: tuple[Side, Side] = ("inside", "outside")


@transaction.atomic
def hear(
    reader_id: int, reads: Sequence[Read], *, message: int = 0, said_at: datetime | None = None
) -> int | None:
    """Write down what a reader read; returns how many passages it belongs to. The same two statements for one read and for a
    thousand, where no tag came twice.

    ``message``: the number that the reader gave its message, rising; ``said_at``: when it was sent, by the reader's clock
    where it tells one. A message that was heard before changes nothing, and is None. A lower number that was said later is of a
    reader that counts anew: after a power cut, or because another hangs there now.
    """
    reader = Reader.objects.select_for_update(no_key=True).get(pk=reader_id)
    if message and message <= reader.last_message and not _counts_anew(reader, said_at):
        return None
    reader.heard_at, reader.lost_because = timezone.now(), ""
    reader.last_message = message or reader.last_message
    reader.last_said_at = said_at or reader.last_said_at
    reader.save(update_fields=["heard_at", "lost_because", "last_message", "last_said_at"])
    side_of: dict[int, Side] = dict.fromkeys(reader.inside, "inside")
    side_of |= dict.fromkeys(reader.outside, "outside")
    found = sightings(reads, side_of)
    for each in rounds(found):
        _grow(reader_id, each)
    return len(found)


def _counts_anew(reader: Reader, said_at: datetime | None) -> bool:
    return bool(said_at and reader.last_said_at and said_at > reader.last_said_at)


def _grow(reader_id: int, found: Sequence[Sighting]) -> None:
    epcs, firsts = [each.epc for each in found], [each.first for each in found]
    columns = [
        epcs, firsts, [each.last for each in found], [min(each.count, MOST_READS) for each in found],
        [each.rssi for each in found],
    ]  # fmt: skip
    for side in SIDES:
        centres = [each.sides.get(side) for each in found]
        columns += [
            [min(centre.count, MOST_READS) if centre else 0 for centre in centres],
            [centre.at if centre else None for centre in centres],
        ]
    with connection.cursor() as cursor:
        cursor.execute(CLOSE_EARLIER, [epcs, firsts, reader_id, GONE_AFTER])
        cursor.execute(GROW, [reader_id, *columns])


def close_what_is_gone(now: datetime) -> int:
    """Close the passages whose tags were not heard of for a while; how many. One statement. By our clock: the reader's may be
    slow by more than a passage takes."""
    return Passage.objects.filter(closed_at=None, heard_at__lt=now - GONE_AFTER).update(closed_at=now)


def alive(reader_id: int) -> None:
    """The reader gave a sign of life."""
    Reader.objects.filter(pk=reader_id).update(heard_at=timezone.now(), lost_because="")


def lost(reader_id: int, because: str) -> None:
    """The connection to it broke; it is told as silent when it stays away."""
    Reader.objects.filter(pk=reader_id).update(lost_because=because[:200])


MOST_KEPT = 4_000  # characters of a message that nobody could take


def mishear(reader_id: int, payload: str, why: str) -> None:
    """Keep what could not be taken, for somebody to look at."""
    readable = payload.replace("\0", "\ufffd")[:MOST_KEPT]
    Misheard.objects.create(reader_id=reader_id, payload=readable, why=why[:200])
