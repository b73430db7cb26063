"""What the readers saw, for whoever stands beside them; and which of them are silent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import BooleanField, ExpressionWrapper, Q

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.ledger.api import Refused, Status

from ..queries import within
from ..scanning import MOST_SCANS, Meaning
from .models import SILENT_AFTER, Passage, Reader
from .tags import understand_tags

STOCKED = (Status.AVAILABLE, Status.RESERVED)


@dataclass(frozen=True, slots=True)
class Seen:
    """A passage, and what its tag is."""

    passage: Passage
    meaning: Meaning

    @property
    def text(self) -> str:
        """What a flow is handed of it: a scan knows identities, and no tag's memory that nobody bound."""
        return self.meaning.epc or self.passage.epc

    @property
    def left_without_paper(self) -> bool:
        """Whether it went out and is still recorded as stock of what the gate watches: nobody issued it."""
        unit = self.meaning.unit
        return bool(
            self.passage.direction == "out"
            and unit
            and unit.status in STOCKED
            and unit.place_path.startswith(self.passage.reader.place.path)
        )


def readers_near(actor: Actor, *, also_ended: bool = False) -> list[Reader]:
    """The readers where the actor sees stock, those at work first; the others only where asked for. One statement."""
    found = Reader.objects.filter(within("place", actor.scopes.get(Operation.VIEW, ())))
    found = found if also_ended else found.filter(active=True)
    return list(found.select_related("place").order_by("-active", "place__path", "name", "pk"))


def readers_around(actor: Actor, path: str) -> list[Reader]:
    """The readers at work that the actor sees and that stand around a place. One statement."""
    return [each for each in readers_near(actor) if stands_around(each, path)]


def stands_around(reader: Reader, path: str) -> bool:
    """Whether it watches something inside a place, or a place that this one lies in. Pure."""
    return reader.place.path.startswith(path) or path.startswith(reader.place.path)


def silent_readers(paths: Collection[str], now: datetime) -> list[Reader]:
    """Readers below these paths that should speak and do not. One statement."""
    quiet = Q(heard_at=None) | Q(heard_at__lt=now - SILENT_AFTER)
    found = Reader.objects.filter(quiet, within("place", paths), active=True)
    return list(found.select_related("place").order_by("heard_at", "pk"))


def seen_by(reader: Reader, *, since: datetime, limit: int = MOST_SCANS) -> list[Passage]:
    """What passed a reader since then, the latest first. One statement."""
    found = Passage.objects.filter(reader=reader, last_at__gte=since).select_related("reader__place")
    return list(found.order_by("-last_at", "-pk")[:limit])


def batch_of(reader: Reader, *, since: datetime, most: int = MOST_SCANS) -> list[Passage]:
    """What a reader has read since then and did not go out, see :func:`read_since`."""
    return read_since(reader, since=since, most=most)[0]


def read_since(
    reader: Reader, *, since: datetime, upto: int | None = None, most: int = MOST_SCANS
) -> tuple[list[Passage], int]:
    """What a reader has read since then, each tag once as it was seen last, in the order of time; without what went out through
    a gate. With it the last passage that was looked at, of what went out too. ``upto``: nothing that began after this passage, so
    that what was shown is what is taken; what went out after it is left out as well. One statement. Raises :class:`Refused` for
    more than ``most``."""
    shown = Q(pk__lte=upto) if upto is not None else Q(pk__isnull=False)
    found = Passage.objects.filter(reader=reader, last_at__gte=since)
    found = found.annotate(shown=ExpressionWrapper(shown, BooleanField()))
    # Of each tag the latest of what was shown and the latest since: two rows at most.
    rows = list(found.order_by("epc", "shown", "-last_at", "-pk").distinct("epc", "shown")[: 2 * (most + 1)])
    latest = {each.epc: each for each in sorted(rows, key=lambda each: (each.last_at, each.pk))}
    if len(latest) > most:
        raise Refused("too_many_tags", thing=reader.name, limit=most)
    here = [each for each in rows if each.shown and "out" not in (each.direction, latest[each.epc].direction)]
    last = max((each.pk for each in rows if each.shown), default=0)
    return sorted(here, key=lambda each: (each.last_at, each.pk)), last


def explained(passages: Sequence[Passage], actor: Actor) -> list[Seen]:
    """What each tag is, in the eyes of the actor. The same statements for one passage and for a thousand."""
    meanings = understand_tags([passage.epc for passage in passages], actor=actor)
    return [Seen(passage, meaning) for passage, meaning in zip(passages, meanings, strict=True)]


def tags_in_field(reader: Reader, *, now: datetime, within_last: timedelta) -> list[str]:
    """Tags that a reader saw within the last while, each once, in the order in which they came. One statement."""
    passages = seen_by(reader, since=now - within_last)
    return list(dict.fromkeys(passage.epc for passage in reversed(passages)))
