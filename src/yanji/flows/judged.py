"""Items with what a delivery of them is judged by: their registrations, and which of their lots are recalled.

Every delivery asks for all of it, so it is read with the items themselves.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from yanji.catalog.models import Item, Registration

from .buying.pricing import rules
from .recalled import in_force
from .validity import Span, usable

Spans = Mapping[int, Sequence[Span]]


@dataclass(frozen=True, slots=True)
class Judged:
    """Items by id, each with its maker; when their registrations hold; (item, number) of the lots that are recalled."""

    items: dict[int, Item]
    registered: Spans
    recalled: frozenset[tuple[int, str]]


def judged(items: Collection[int]) -> Judged:
    """One statement."""
    registrations = Registration.objects.filter(item_id=OuterRef("pk")).order_by("pk")
    recalls = in_force().filter(lot__item_id=OuterRef("pk"))
    rows = (
        Item.objects.filter(pk__in=set(items))
        .select_related("maker")
        .annotate(
            spans=ArraySubquery(registrations.values(span=JSONObject(first="valid_from", last="valid_to"))),
            recalled_lots=ArraySubquery(recalls.values("lot__number")),
        )
    )
    found = {item.pk: item for item in rows}
    return Judged(
        items=found,
        registered={item.pk: [_span(**each) for each in item.spans] for item in found.values() if item.spans},
        recalled=frozenset(
            (item.pk, number) for item in found.values() for number in item.recalled_lots if number
        ),
    )


def _span(first: str, last: str | None) -> Span:
    return Span(date.fromisoformat(first), date.fromisoformat(last) if last else None)


def unregistered(items: Collection[int], day: date) -> dict[int, Sequence[Span]]:
    """:func:`lapsed` of these items. At most two statements."""
    spans: dict[int, list[Span]] = defaultdict(list)
    rows = Registration.objects.filter(item_id__in=list(items))
    for item_id, first, last in rows.values_list("item_id", "valid_from", "valid_to"):
        spans[item_id].append(Span(first, last))
    return lapsed(spans, day)


def lapsed(registered: Spans, day: date) -> dict[int, Sequence[Span]]:
    """Items whose every registration is out of its validity on the day -> when those held: what was made then stays
    usable. One that never had any is not judged. One statement, and only where there are such items."""
    over = {item: spans for item, spans in registered.items() if not usable(spans, day)}
    return over if not over or rules().made_decides else {item: [] for item in over}
