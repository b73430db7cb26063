"""What belongs in a kit: its bill, kept with the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item
from yanji.ledger.api import Offence, Refused

from ..acts import Done, verb
from .models import KitLine


@dataclass(frozen=True, slots=True)
class InKit:
    """So many pieces of an item belong in a kit."""

    item_id: int
    quantity: int


@verb
def set_bill(*, actor: Actor, key: str, kit_id: int, lines: Sequence[InKit]) -> Done:
    """Say what belongs in a kit; without lines the item is a kit no more. What is packed already stays as it is."""
    if not actor.may("edit_catalog"):
        raise NotFound("kit")
    kit = Item.objects.select_for_update().filter(pk=kit_id).first()
    if kit is None:
        raise NotFound("kit")
    wanted = [line.item_id for line in lines]
    known = set(Item.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    offences = [Offence("unknown_item", f"item {item}") for item in wanted if item not in known]
    offences += [Offence("box_in_itself", kit.name) for item in wanted if item == kit_id]
    offences += [Offence("line_twice", kit.name) for _ in [1] if len(set(wanted)) < len(wanted)]
    if offences:
        raise Refused.of(offences)
    KitLine.objects.filter(kit=kit).delete()
    KitLine.objects.bulk_create(
        KitLine(kit=kit, item_id=line.item_id, quantity=line.quantity) for line in lines
    )
    return Done(kit.code, kit.pk)


def kits() -> QuerySet[Item]:
    """Every item that has a bill: ``kinds`` of items in it and ``pieces`` in all."""
    return (
        Item.objects.filter(kit_lines__isnull=False)
        .annotate(kinds=Count("kit_lines"), pieces=Sum("kit_lines__quantity"))
        .order_by("code")
    )


def bill(kit_id: int) -> QuerySet[KitLine]:
    """The lines of a kit with their items."""
    return KitLine.objects.filter(kit_id=kit_id).select_related("item").order_by("pk")
