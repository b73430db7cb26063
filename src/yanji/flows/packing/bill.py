"""What belongs in a kit: its bill, kept with the catalogue, and every change of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet, Sum

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item
from yanji.ledger.api import Offence, Refused

from ..acts import Done, moment, verb
from ..things import item_names
from .models import BillChange, KitLine

MOST_CHANGES = 50


@dataclass(frozen=True, slots=True)
class InKit:
    """So many pieces of an item belong in a kit."""

    item_id: int
    quantity: int


@verb
def set_bill(
    *,
    actor: Actor,
    key: str,
    kit_id: int,
    lines: Sequence[InKit],
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Say what belongs in a kit; without lines the item is a kit no more. What is packed already stays as it is.

    Raises :class:`Refused` for an item that is unknown, stands twice, or is a kit itself, and for a kit that belongs in
    another one: no stock of a kit lies anywhere, so nobody could put it in. Every change is kept, see :func:`changes`.
    """
    if not actor.may("edit_catalog"):
        raise NotFound("kit")
    # Together with what is to belong in it: two at once could put each kit into the other.
    named = {kit_id, *(line.item_id for line in lines)}
    locked = Item.objects.select_for_update(no_key=True).filter(pk__in=named).order_by("pk")
    kit = next((item for item in locked if item.pk == kit_id), None)
    if kit is None:
        raise NotFound("kit")
    before = dict(KitLine.objects.filter(kit=kit).values_list("item_id", "quantity"))
    offences = list(_against(kit, lines))
    if offences:
        raise Refused.of(offences)
    wanted = {line.item_id: line.quantity for line in lines}
    if wanted != before:
        _keep(kit, before, wanted)
        BillChange.objects.create(
            kit=kit, at=moment(happened_at), actor_id=actor.person_id, note=note,
            before=_told(before), after=_told(wanted),
        )  # fmt: skip
    return Done(kit.code, kit.pk, facts={"changed": wanted != before})


def _against(kit: Item, lines: Sequence[InKit]) -> Iterator[Offence]:
    """Four statements, whatever the number of lines."""
    wanted = Counter(line.item_id for line in lines)
    items = Item.objects.in_bulk(list(wanted))
    inner = set(KitLine.objects.filter(kit__in=list(wanted)).values_list("kit_id", flat=True))
    for item_id, times in wanted.items():
        item = items.get(item_id)
        if item is None:
            yield Offence("unknown_item", f"item {item_id}")
        elif item_id == kit.pk:
            yield Offence("box_in_itself", kit.name)
        elif item_id in inner:
            yield Offence("kit_in_kit", item.name)
        elif times > 1:
            yield Offence("line_twice", item.name)
    outer = KitLine.objects.filter(item=kit).select_related("kit").first() if lines else None
    if outer is not None:
        yield Offence("kit_in_bill", kit.name, {"kit": outer.kit.name})


def _keep(kit: Item, before: Mapping[int, int], wanted: Mapping[int, int]) -> None:
    """Only lines that differ are written anew: the others keep their order."""
    changed = [item for item in before if wanted.get(item) != before[item]]
    KitLine.objects.filter(kit=kit, item_id__in=changed).delete()
    KitLine.objects.bulk_create(
        KitLine(kit=kit, item_id=item, quantity=pieces)
        for item, pieces in wanted.items()
        if before.get(item) != pieces
    )


def _told(bill: Mapping[int, int]) -> list[dict[str, int]]:
    return [{"item": item, "quantity": pieces} for item, pieces in bill.items()]


def kits() -> QuerySet[Item]:
    """Every item that has a bill: ``kinds`` of items in it and ``pieces`` in all."""
    return (
        Item.objects.filter(kit_lines__isnull=False)
        .annotate(kinds=Count("kit_lines"), pieces=Sum("kit_lines__quantity"))
        .order_by("code")
    )


def kits_with(item_id: int) -> QuerySet[KitLine]:
    """In which kits an item belongs, and how many pieces."""
    return KitLine.objects.filter(item_id=item_id).select_related("kit").order_by("kit__code")


def kit_lines() -> QuerySet[KitLine]:
    """Every line of every bill."""
    return KitLine.objects.all()


def bill(kit_id: int) -> QuerySet[KitLine]:
    """The lines of a kit with their items."""
    return KitLine.objects.filter(kit_id=kit_id).select_related("item").order_by("pk")


def with_contents(pieces: Mapping[int, int]) -> tuple[dict[int, int], list[Item]]:
    """Pieces by item, with every kit replaced by what belongs in it, and the items that do: of a kit itself there is neither
    stock nor price. One statement."""
    found = Counter(pieces)
    lines = list(KitLine.objects.filter(kit__in=pieces).select_related("item").order_by("pk"))
    for line in lines:
        found[line.item_id] += line.quantity * pieces[line.kit_id]
    for kit in {line.kit_id for line in lines}:
        del found[kit]
    return dict(found), list({line.item_id: line.item for line in lines}.values())


@dataclass(frozen=True, slots=True)
class Changed:
    """One line that a change of a bill made another: pieces before and after, 0 where the item was not in it."""

    item: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed a bill, when, why, and which lines of it."""

    at: datetime
    actor: str
    note: str
    lines: Sequence[Changed]


def changes(kit_id: int) -> list[Change]:
    """The changes of a kit's bill, the latest first. Two statements."""
    found = list(
        BillChange.objects.filter(kit_id=kit_id).select_related("actor").order_by("-pk")[:MOST_CHANGES]
    )
    named = {line["item"] for change in found for line in (*change.before, *change.after)}
    names = item_names(named) if named else {}
    return [Change(each.at, each.actor.name, each.note, _lines(each, names)) for each in found]


def _lines(change: BillChange, names: Mapping[int, str]) -> list[Changed]:
    before = {line["item"]: line["quantity"] for line in change.before}
    after = {line["item"]: line["quantity"] for line in change.after}
    return [
        Changed(names.get(item, str(item)), before.get(item, 0), after.get(item, 0))
        for item in {**after, **before}
        if before.get(item) != after.get(item)
    ]
