"""What every verb of the flows shares: the client's key is claimed first, its input is looked at, its
answer is kept."""

import dataclasses
import hashlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec

from django.db import IntegrityError, connection
from django.utils import timezone

from yanji.access.gates import NotFound
from yanji.ledger.api import CLOCK_SLACK, MAX_LINES, Offence, Refused, clock, durable, is_race, storable

from . import attempts
from .called import worded
from .constraints import refusal
from .models import Act
from .packing.carried import carry
from .packing.contents import Contents, opened_among, unpacked
from .reserving.kept import cut_to_what_lies
from .reserving.queries import unnamed

P = ParamSpec("P")
THINGS = ("things", "restock", "hold")  # the arguments of verbs that name what is moved
OPENED = "opened"  # the argument of verbs that want to know which boxes were among the things; never given by callers
KEEP_ANSWER = """
UPDATE flows_act SET answer = %s WHERE key = %s
RETURNING EXISTS (SELECT 1 FROM ledger_movement m JOIN flows_boxedlot bl ON bl.lot_id = m.lot_id
                   WHERE m.event_id = ANY (%s::uuid[]) AND m.unit_id IS NULL),
          EXISTS (SELECT 1 FROM ledger_movement m
                   WHERE m.event_id = ANY (%s::uuid[]) AND m.unit_id IS NULL AND m.from_status = 'reserved')
"""
MAX_PIECES = 1_000_000
MAX_ID = 2**63 - 1
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
EARLIEST_DAY = date(1950, 1, 1)  # older than anything that can still be delivered, or anybody's papers
# Longest text of each argument, in characters: what the column behind it holds.
MAX_TEXT = {
    "key": 100,
    "serial": 80,
    "lot": 80,
    "epc": 160,
    "di": 80,
    "code": 160,
    "note": 400,
    "comment": 400,
    "name_zh": 80,
    "name_en": 80,
    "reference": 80,
    "carrier": 120,
    "handed_to": 80,
    "case_number": 40,
    "number": 40,
    "list_name": 80,
    "patient_token": 80,
    "procedure": 160,
    "operator": 80,
    "reason": 120,
    "hold_reason": 120,
    "rejected": 40,
    "doubtful": 40,
    "family": 80,
    "measure": 20,
    "username": 80,
    "badge": 80,
    "overrides": 160,
    "text": 2000,
    "scan": 4096,
    "file_name": 255,
}


@dataclass(frozen=True, slots=True)
class Done:
    """What a verb led to: the document, its state then, the events, and what more there is to say
    (``facts``)."""

    number: str = ""
    id: int = 0
    state: str = ""
    events: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    repeated: bool = False


def verb(act: Callable[P, Done]) -> Callable[P, Done]:
    """Make a function of ``actor``, ``key`` and keyword arguments a durable act that happens once a key.

    The key is claimed before anything is read: a retry that overlaps its first try waits for it, and then
    gets its answer. Raises :class:`Refused` where the key named something else, or the input cannot be
    stored.
    """
    name, signature = act.__qualname__, inspect.signature(act)

    @wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> Done:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        content = {name: value for name, value in given.arguments.items() if name != OPENED}
        actor, key = content.pop("actor"), content.pop("key")
        if not key:
            raise Refused("key_missing")
        check_input({"key": key, **content})
        told = sorted((each, _told(value)) for each, value in content.items())
        fingerprint = hashlib.sha256(repr((name, actor.person_id, told)).encode()).hexdigest()
        try:
            return _once(act, key, name, fingerprint, args, kwargs)
        except Refused as refused:
            attempts.keep(refused, actor=actor, verb=name)
            raise unnamed(worded(refused, actor), actor) from refused
        except attempts.Others as others:
            attempts.keep_others(others, actor=actor, verb=name)
            raise

    return run


@durable
def _once(act: Callable[..., Done], key: str, name: str, fingerprint: str, args: Any, kwargs: Any) -> Done:
    prior = _claim(key, name, fingerprint)
    if prior is not None:
        return prior
    boxes = _boxes_among(kwargs)
    try:
        done = act(*args, **_opened(kwargs, boxes), **_told_of(act, boxes))
        boxed, kept = _keep_answer(key, done)
        if boxed:
            carry(boxes.values(), done.events)
        if kept:
            cut_to_what_lies(done.events)
    except IntegrityError as error:
        refused = None if is_race(error) else refusal(error)
        if refused is None:
            raise
        raise refused from error
    return done


def _keep_answer(key: str, done: Done) -> tuple[bool, bool]:
    """Whether it moved pieces of lots that boxes hold, and pieces that were kept for somebody, is told in the same statement:
    few acts do, and all others pay nothing."""
    events = list(done.events)
    with connection.cursor() as cursor:
        cursor.execute(KEEP_ANSWER, (json.dumps(dataclasses.asdict(done)), key, events, events))
        boxed, kept = cursor.fetchone()
        return bool(boxed), bool(kept)


def _boxes_among(kwargs: Mapping[str, Any]) -> dict[str, Contents]:
    """The boxes among the things, by code. No statement where there is none."""
    several = [kwargs[name] for name in THINGS if kwargs.get(name)]
    lists = [
        things for value in several for things in (value.values() if isinstance(value, Mapping) else [value])
    ]
    return opened_among([thing for things in lists for thing in things])


def _opened(kwargs: Mapping[str, Any], boxes: Mapping[str, Contents]) -> dict[str, Any]:
    """The arguments with every box among the things replaced by what is in it: who moves a box moves its contents."""

    def opened(value: Any) -> Any:
        if isinstance(value, Mapping):  # things by what is said of them
            return {said: unpacked(things, boxes) for said, things in value.items()}
        return unpacked(value, boxes)

    return {
        name: opened(value) if name in THINGS and value is not None else value
        for name, value in kwargs.items()
    }


def _told_of(act: Callable[..., Done], boxes: Mapping[str, Contents]) -> dict[str, Any]:
    return {OPENED: list(boxes.values())} if OPENED in inspect.signature(act).parameters else {}


def _told(value: Any) -> Any:
    """A file stands in the fingerprint by its digest: written out, ten megabytes would become forty."""
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value


def _claim(key: str, name: str, fingerprint: str) -> Done | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO flows_act (key, verb, fingerprint, done_at) VALUES (%s, %s, %s, now())"
            " ON CONFLICT (key) DO NOTHING RETURNING 1",
            (key, name, fingerprint),
        )
        if cursor.fetchone():
            return None
    first = Act.objects.get(key=key)
    if first.fingerprint != fingerprint:
        raise Refused("key_reused")
    assert first.answer is not None, "an act is committed together with its answer"
    answer = {**first.answer, "events": tuple(first.answer["events"]), "repeated": True}
    return Done(**answer)


def spend(key: str, name: str) -> bool:
    """Use a key up without doing anything: from then on nothing is done under it. Whoever is doing something under it is
    waited for. Part of a transaction. Whether the key was still free."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO flows_act (key, verb, fingerprint, answer, done_at) VALUES (%s, %s, '', %s, now())"
            " ON CONFLICT (key) DO NOTHING",
            (key, name, json.dumps(dataclasses.asdict(Done()))),
        )
        return bool(cursor.rowcount)


def moment(happened_at: datetime | None) -> datetime:
    """When it happened: now, unless somebody says. Raises :class:`Refused` for what is still to come: documents that put
    nothing into the ledger would otherwise be the only ones that may lie ahead of their time."""
    now = timezone.now()
    if happened_at is not None and happened_at > now + CLOCK_SLACK:
        raise Refused("in_future", at=clock(happened_at))
    return happened_at or now


def check_needed(needed_by: datetime | None, at: datetime) -> None:
    """Raises :class:`Refused` for goods that are needed before they are asked for, by more than clocks differ."""
    if needed_by is not None and needed_by < at - CLOCK_SLACK:
        raise Refused("needed_past", thing=clock(needed_by), now=clock(at))


def check_needed_on(day: date | None, today: date) -> None:
    """The same of a day."""
    if day is not None and day < today:
        raise Refused("needed_past", thing=f"{day:%Y-%m-%d}", now=f"{today:%Y-%m-%d}")


def check_dated(paper: str, day: date | None) -> None:
    """Raises :class:`Refused` for a paper of somebody else's that bears a day still to come."""
    if day is not None and day > timezone.localdate():
        raise Refused("dated_ahead", thing=paper, day=day.isoformat())


def check_input(content: Mapping[str, Any]) -> None:
    """Raises :class:`Refused` for what no table can hold: stray characters, over-long texts, absurd
    numbers."""
    offences = list(_offences(content, 0))
    if offences:
        raise Refused.of(offences[:50])


def _offences(content: Mapping[str, Any], depth: int) -> Iterator[Offence]:
    assert depth < 5, "arguments nest a few levels at most"
    for name, value in content.items():
        yield from _offence(name, value, depth)


def _offence(name: str, value: Any, depth: int) -> Iterator[Offence]:
    match value:
        case str():
            if len(value) > MAX_TEXT.get(name, 160) or not storable(value):
                yield Offence("bad_text", facts={"field": name})
        case bool() | None | bytes():
            pass
        case int() | Decimal():
            yield from _number(name, value)
        case date():
            if not _can_be_meant(value):
                yield Offence("bad_time", facts={"field": name})
        case Mapping() | Sequence():
            yield from _several(name, value, depth)
        case _ if dataclasses.is_dataclass(value):
            members = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
            yield from _offences(members, depth + 1)


def _can_be_meant(value: date) -> bool:
    """Whether a day or a moment lies in times that a hospital's papers can speak of; a moment needs its offset."""
    if isinstance(value, datetime):
        return value.tzinfo is not None and EARLIEST < value < LATEST
    return EARLIEST_DAY < value < LATEST.date()


def _several(name: str, value: Mapping[Any, Any] | Sequence[Any], depth: int) -> Iterator[Offence]:
    if len(value) > MAX_LINES:
        raise Refused("too_many_lines", count=len(value), limit=MAX_LINES)
    members = [each for pair in value.items() for each in pair] if isinstance(value, Mapping) else value
    for inner in members:
        yield from _offence(name, inner, depth)


def _number(name: str, value: int | Decimal) -> Iterator[Offence]:
    if name.endswith("_id"):
        if not 0 < value <= MAX_ID:
            raise NotFound(name)
    elif name in ("quantity", "count"):
        # Whole pieces; NaN and infinity are decimals too.
        whole = Decimal(value).is_finite() and value == int(value)
        if not whole or not 0 < value <= MAX_PIECES:
            yield Offence("bad_pieces", facts={"most": f"{MAX_PIECES:,}"})
    elif name == "price" and not (Decimal(value).is_finite() and 0 <= value < 10**10):
        yield Offence("bad_price", name)
