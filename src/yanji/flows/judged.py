"""Items with what a delivery of them is judged by: all papers that bear on them and on who delivers, the rules about papers,
and which of their lots are recalled.

Every delivery asks for all of it, so it is read with the items themselves.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from yanji.catalog.models import Item, Licence, Registration, Supplier

from .buying.models import BuyingRules, PaperRule
from .recalled import in_force
from .validity import Held, held_of


@dataclass(frozen=True, slots=True)
class Judged:
    """Items by id, each with its maker; who delivers, to be named and told apart, not to be saved; the papers that bear on both;
    (item, number) of the lots that are recalled."""

    items: dict[int, Item]
    supplier: Supplier | None
    held: Held
    recalled: frozenset[tuple[int, str]]


def judged(items: Collection[int], supplier_id: int, *, among: QuerySet[Item] | None = None) -> Judged:
    """What a delivery by a supplier is judged by. ``among``: items with what else is asked of them. One statement."""
    # An authorisation that names no maker speaks for all of them.
    licences = Licence.objects.filter(supplier_id=supplier_id).filter(
        Q(maker=None) | Q(maker=OuterRef("maker"))
    )
    registrations = Registration.objects.filter(item_id=OuterRef("pk"))
    recalls = in_force().filter(lot__item_id=OuterRef("pk"))
    licence = JSONObject(id="pk", kind="kind", maker="maker_id", first="valid_from", last="valid_to")
    span = JSONObject(first="valid_from", last="valid_to")
    sellers = Supplier.objects.filter(pk=supplier_id)
    seller = JSONObject(id="pk", name_zh="name_zh", name_en="name_en", active="active")
    rule = JSONObject(stage="stage", paper="paper", answer="answer", missing="missing")
    rows = (
        (Item.objects.all() if among is None else among)
        .filter(pk__in=set(items))
        .select_related("maker")
        .annotate(
            licences=ArraySubquery(licences.order_by("pk").values(each=licence)),
            spans=ArraySubquery(registrations.order_by("pk").values(each=span)),
            recalled_lots=ArraySubquery(recalls.values("lot__number")),
            seller=Subquery(sellers.values(each=seller)),
            paper_rules=ArraySubquery(PaperRule.objects.order_by("pk").values(each=rule)),
            made_decides=Subquery(BuyingRules.objects.filter(pk=1).values("made_decides")),
        )
    )
    found = {item.pk: item for item in rows}
    held = _held(found, supplier_id)
    return Judged(
        items=found,
        supplier=held.suppliers.get(supplier_id),
        held=held,
        recalled=frozenset(
            (item.pk, number) for item in found.values() for number in item.recalled_lots if number
        ),
    )


def _held(found: Mapping[int, Any], supplier_id: int) -> Held:
    """The papers as they were read with each item: the supplier and the rules are the same with all of them. Pure."""
    if not found:
        return Held()
    each = next(iter(found.values()))
    shown = {licence["id"]: licence for item in found.values() for licence in item.licences}
    licences = [
        (supplier_id, licence["kind"], licence["maker"], licence["first"], licence["last"])
        for _id, licence in sorted(shown.items())
    ]
    return held_of(
        licences=licences,
        registrations={
            item.pk: [(span["first"], span["last"]) for span in item.spans] for item in found.values()
        },
        items=found,
        suppliers={supplier_id: Supplier(**each.seller)} if each.seller else {},
        made_decides=each.made_decides,
        rules=[(rule["stage"], rule["paper"], rule["answer"], rule["missing"]) for rule in each.paper_rules],
    )
