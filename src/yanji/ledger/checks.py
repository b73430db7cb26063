"""What can be said against a draft before anything is read: times, texts, quantities, persons, repeated things."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from django.utils import timezone

from yanji.access.actor import Actor

from .draft import Draft, Line, LotQuantity, NewQuantity, NewUnit, to_json
from .lifecycle import Transition
from .refused import Offence, clock

MAX_LINES = 5_000
CLOCK_SLACK = timedelta(minutes=5)  # devices' clocks differ a little; anything more is a mistake
# Longest texts, in characters, as the columns hold them.
MAX_TEXT = {
    "key": 120,
    "reason": 120,
    "note": 4_000,
    "device": 80,
    "document": 160,
    "case": 40,
    "patient": 80,
    "operator": 80,
    "order": 40,
    "identity": 160,
    "serial": 80,
    "lot": 80,
    "sensor": 4_000,
}
MAX_QUANTITY = Decimal(10) ** 9
MAX_COST = Decimal(10) ** 9


def check_draft(draft: Draft, row: Transition, actor: Actor, *, now: datetime) -> Iterator[Offence]:
    """What stands against a draft as a whole."""
    if not draft.key:
        yield Offence("key_missing")
    if not draft.lines:
        yield Offence("empty")
    if draft.happened_at > now + CLOCK_SLACK:
        yield Offence("in_future", facts={"at": clock(draft.happened_at)})
    if row.needs_reason and not draft.reason:
        yield Offence("reason_needed")
    if row.needs_witness and draft.witness_id is None:
        yield Offence("witness_needed")
    if draft.witness_id is not None and draft.witness_id == actor.person_id:
        yield Offence("witness_is_actor")
    if row.needs_patient and not (draft.documents.get("case") and draft.documents.get("patient")):
        yield Offence("patient_needed")
    if row.scope == "any" and not actor.may(row.operation):
        yield Offence("not_yours", thing=str(draft.step.label))
    yield from bad_texts(draft, actor)


def bad_texts(draft: Draft, actor: Actor) -> Iterator[Offence]:
    """The texts that no column could hold, by the name of their field."""
    for name, text in _texts(draft, actor):
        if len(text) > MAX_TEXT.get(name, MAX_TEXT["document"]) or not storable(text):
            yield Offence("bad_text", facts={"field": name if name in MAX_TEXT else "document"})
    if draft.sensor and not storable_json(draft.sensor):
        yield Offence("bad_text", facts={"field": "sensor"})


def _texts(draft: Draft, actor: Actor) -> Iterator[tuple[str, str]]:
    """Every text that would be stored, with the name of its limit."""
    yield from (("key", draft.key), ("reason", draft.reason), ("note", draft.note), ("device", actor.device))
    yield "case", draft.reserved_for
    for kind, number in draft.documents.items():
        yield "document", kind
        yield kind, str(number)
    if draft.sensor:
        yield "sensor", to_json(draft.sensor)
    for line in draft.lines:
        match line.thing:
            case str() as epc:
                yield "identity", epc
            case NewUnit() as new:
                yield from (("identity", new.epc), ("serial", new.serial), ("lot", new.lot))
                yield "order", new.order_number
            case NewQuantity() as new:
                yield "lot", new.lot
            case LotQuantity():
                pass


def storable(text: str) -> bool:
    """Whether the database can hold the text: no NUL, no lone surrogate (what broken UTF-8 leaves behind)."""
    return "\x00" not in text and (
        text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
    )


def storable_json(value: Any) -> bool:
    """Whether the database can hold a value as JSON: every text storable, every number finite."""
    match value:
        case str():
            return storable(value)
        case float():
            return isfinite(value)
        case Mapping():
            return all(storable(str(name)) and storable_json(inner) for name, inner in value.items())
        case list() | tuple():
            return all(map(storable_json, value))
    return True


def day_of(moment: datetime) -> date:
    """The calendar day of a moment where the hospital is; at the ends of time the moment's own day."""
    try:
        return timezone.localdate(moment)
    except OverflowError:
        return moment.date()


def good_quantity(quantity: Decimal) -> bool:
    """Above zero, below a thousand million, at most three decimals: what a level can hold without rounding."""
    if not quantity.is_finite() or not 0 < quantity < MAX_QUANTITY:
        return False
    return quantity == round(quantity, 3)


def good_cost(cost: Decimal) -> bool:
    """Not negative, finite, in cents."""
    return Decimal(cost).is_finite() and 0 <= cost < MAX_COST and cost == round(cost, 2)


def name_of(line: Line) -> str:
    """How a line's thing is called in a refusal."""
    thing = line.thing
    match thing:
        case str():
            return thing
        case NewUnit():
            return thing.epc
        case LotQuantity():
            return f"lot {thing.lot_id}"
        case NewQuantity():
            return f"item {thing.item_id} {thing.lot}".strip()


def repeated_things(draft: Draft) -> Iterator[Offence]:
    """Units named by two lines: one thing cannot move twice in one act."""
    seen: set[str] = set()
    for line in draft.lines:
        if isinstance(line.thing, (str, NewUnit)):
            name = name_of(line)
            if name in seen:
                yield Offence("scanned_twice", name)
            seen.add(name)
