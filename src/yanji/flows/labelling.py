"""Units whose maker gives no serial number get the hospital's own label: numbered here, printed
(see :mod:`yanji.flows.printing`) with a DataMatrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item
from yanji.identity import Label as Symbol
from yanji.identity import hospital_label
from yanji.ledger.api import Refused

from .acts import Done, moment, verb
from .gates import place_at
from .models import Label
from .numbers import next_block

MOST_LABELS = 500


def gs1_prefix() -> str | None:
    """The hospital's GS1 Company Prefix, where it has one (setting YANJI_GS1_PREFIX)."""
    return getattr(settings, "YANJI_GS1_PREFIX", "") or None


@verb
def assign_labels(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    item_id: int,
    count: int,
    lot: str = "",
    expiry: date | None = None,
    made: date | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Number ``count`` units of an item. The numbers run through the whole hospital and are never given
    twice.

    ``facts["labels"]``: number, epc and printed text of each; the units enter the ledger when they are
    received.
    """
    place = place_at(actor, place_id, may="label")
    item = Item.objects.filter(pk=item_id).first()
    if item is None:
        raise NotFound("item")
    if item.tracking != Item.Tracking.UNIT:
        raise Refused("wrong_tracking", thing=item.name)
    if count > MOST_LABELS:
        raise Refused("too_many_lines", count=count, limit=MOST_LABELS)
    prefix = gs1_prefix()
    numbers = [f"{number:09d}" for number in next_block("LABEL", count)]
    symbols = [hospital_label(prefix, number) for number in numbers]
    Label.objects.bulk_create(
        Label(
            number=number,
            epc=symbol.epc,
            giai=f"{prefix}{number}" if prefix else "",
            item=item,
            lot=lot,
            expiry=expiry,
            made=made,
            place=place,
            actor_id=actor.person_id,
            assigned_at=moment(happened_at),
        )
        for number, symbol in zip(numbers, symbols, strict=True)
    )
    labels = [
        {"number": number, "epc": symbol.epc, "text": symbol.hri}
        for number, symbol in zip(numbers, symbols, strict=True)
    ]
    return Done(numbers[0], facts={"labels": labels})


@dataclass(frozen=True, slots=True)
class Printed:
    """What one label shows: the symbol's data, the text below it, and what a person reads."""

    number: str
    symbol: Symbol
    item: str
    model: str
    lot: str
    expiry: date | None


def numbered(actor: Actor, numbers: Sequence[str]) -> list[Label]:
    """The labels with those numbers, with item and place, in their order. Raises :class:`NotFound` where the actor may see
    none."""
    if not numbers or len(numbers) > MOST_LABELS:
        raise Refused("too_many_lines" if numbers else "empty", count=len(numbers), limit=MOST_LABELS)
    rows = Label.objects.filter(number__in=numbers).select_related("item", "place").order_by("number")
    seen = [row for row in rows if actor.may("label", row.place.path) or actor.may("view", row.place.path)]
    if not seen:
        raise NotFound("label")
    return seen


def label_data(actor: Actor, numbers: Sequence[str]) -> list[Printed]:
    """What stands on the labels with those numbers; see :func:`numbered`."""
    return printed_of(numbered(actor, numbers))


def printed_of(rows: Sequence[Label]) -> list[Printed]:
    """What stands on labels; load them with their items."""
    return [
        Printed(row.number, numbered_symbol(row), row.item.name, row.item.model, row.lot, row.expiry)
        for row in rows
    ]


def numbered_symbol(row: Label) -> Symbol:
    """As it was assigned: a prefix configured since does not rename what is stuck on a box."""
    return hospital_label(row.giai.removesuffix(row.number) or None, row.number)
