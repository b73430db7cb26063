"""Items with what a delivery of them is judged by: their registrations, their makers' authorisations of who delivers, and which
of their lots are recalled.

Every delivery asks for all of it, so it is read with the items themselves.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from yanji.catalog.models import Item, Licence, Registration

from .buying.pricing import rules
from .recalled import in_force
from .validity import REGISTERED, Span, usable

Spans = Mapping[int, Sequence[Span]]
LICENCES = len({*Licence.Kind} - {Licence.Kind.AUTHORISATION})


@dataclass(frozen=True, slots=True)
class Judged:
    """Items by id, each with its maker; when their registrations hold, and the authorisations of them that the supplier ever
    showed; items of which some kind of paper was not; (item, number) of the lots that are recalled."""

    items: dict[int, Item]
    registered: Spans
    authorised: Spans
    unshown: frozenset[int]
    recalled: frozenset[tuple[int, str]]

    def amiss(self, day: date) -> frozenset[int]:
        """Items of which a paper may be over on the day, or never have been shown: whether it is needed, the rules say. Pure."""
        return self.unshown | ended(self.authorised, day).keys()


def judged(items: Collection[int], supplier_id: int | None, *, among: QuerySet[Item] | None = None) -> Judged:
    """What a delivery by a supplier is judged by. ``among``: items with what else is asked of them. One statement."""
    registrations = Registration.objects.filter(item_id=OuterRef("pk")).order_by("pk")
    # One that names no maker speaks for all of them.
    shown = Licence.objects.filter(supplier_id=supplier_id, kind=Licence.Kind.AUTHORISATION).filter(
        Q(maker=None) | Q(maker=OuterRef("maker"))
    )
    licences = Licence.objects.filter(supplier_id=supplier_id).exclude(kind=Licence.Kind.AUTHORISATION)
    span = JSONObject(first="valid_from", last="valid_to")
    recalls = in_force().filter(lot__item_id=OuterRef("pk"))
    rows = (
        (Item.objects.all() if among is None else among)
        .filter(pk__in=set(items))
        .select_related("maker")
        .annotate(
            spans=ArraySubquery(registrations.values(span=span)),
            authorisations=ArraySubquery(shown.order_by("pk").values(span=span)),
            licensed=ArraySubquery(licences.order_by("kind").values("kind").distinct()),
            recalled_lots=ArraySubquery(recalls.values("lot__number")),
        )
    )
    found = {item.pk: item for item in rows}
    return Judged(
        items=found,
        registered=_spans((item.pk, item.spans) for item in found.values()),
        authorised=_spans((item.pk, item.authorisations) for item in found.values()),
        unshown=frozenset(
            item.pk
            for item in found.values()
            if len(item.licensed) < LICENCES
            or (not item.spans and item.risk_class in REGISTERED)
            or (not item.authorisations and item.maker_id)
        ),
        recalled=frozenset(
            (item.pk, number) for item in found.values() for number in item.recalled_lots if number
        ),
    )


def _spans(found: Iterable[tuple[int, Sequence[Mapping[str, str]]]]) -> Spans:
    return {
        item: [
            Span(
                date.fromisoformat(each["first"]), date.fromisoformat(each["last"]) if each["last"] else None
            )
            for each in spans
        ]
        for item, spans in found
        if spans
    }


def lapsed(registered: Spans, day: date) -> dict[int, Sequence[Span]]:
    """Items whose every registration is out of its validity on the day -> when those held: what was made then stays
    usable. One that never had any is not judged. One statement, and only where there are such items."""
    over = ended(registered, day)
    return over if not over or rules().made_decides else {item: [] for item in over}


def ended(shown: Spans, day: date) -> dict[int, Sequence[Span]]:
    """Items of which every paper that was ever shown is out of its validity on the day. Pure."""
    return {item: spans for item, spans in shown.items() if not usable(spans, day)}
