"""What one piece of a counted item holds and how long it keeps once opened; what was said before is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item
from yanji.ledger.api import Offence, Refused

from ..acts import Done, verb
from .models import Opening, OpeningSaid

MOST_HOURS = 100_000  # eleven years: whatever keeps longer is ruled by its label


@dataclass(frozen=True, slots=True)
class Holds:
    """What a piece of an item holds, and for how many hours it keeps once opened; None: until it expires."""

    content: Decimal
    measure: str
    hours: int | None = None


@verb
def set_opening(*, actor: Actor, key: str, item_id: int, holds: Holds | None) -> Done:
    """Say what a piece of a counted item holds; None: it is not opened any more. Opened pieces stay as they are.

    Raises :class:`Refused` for an item tracked by unit, and for what no piece can hold or keep.
    """
    if not actor.may("edit_catalog"):
        raise NotFound("item")
    item = Item.objects.select_for_update(of=("self",)).filter(pk=item_id).first()
    if item is None:
        raise NotFound("item")
    if item.tracking != Item.Tracking.LOT:
        raise Refused("wrong_tracking", thing=item.name)
    if holds is not None and (offences := list(_against(holds, item.name))):
        raise Refused.of(offences)
    wanted = _fields(holds)
    before = Opening.objects.filter(item=item).first()
    if _fields(before) == wanted:  # said once more, nothing is new
        return Done(item.code, item.pk)
    if holds is None:
        Opening.objects.filter(item=item).delete()
    else:
        Opening.objects.update_or_create(item=item, defaults=wanted)
    OpeningSaid.objects.create(item=item, actor_id=actor.person_id, **wanted)
    return Done(item.code, item.pk)


def _fields(said: Holds | Opening | None) -> dict[str, object]:
    if said is None:
        return {"content": None, "measure": "", "hours": None}
    return {"content": said.content, "measure": said.measure.strip(), "hours": said.hours}


def _against(holds: Holds, name: str) -> Iterator[Offence]:
    content = holds.content
    whole = content.is_finite() and 0 < content < 10**9 and content == round(content, 3)
    if not whole or not holds.measure.strip():
        yield Offence("bad_opening", name)
    if holds.hours is not None and not 0 < holds.hours <= MOST_HOURS:
        yield Offence("bad_open_life", name, {"limit": MOST_HOURS})


def openings() -> QuerySet[Opening]:
    """Every item that is opened, with what a piece of it holds."""
    return Opening.objects.select_related("item").order_by("item__code")


def opening_of(item_id: int) -> Opening | None:
    """What a piece of an item holds now; None where it is not opened."""
    return Opening.objects.filter(item_id=item_id).first()


def said_of(item_id: int) -> QuerySet[OpeningSaid]:
    """All that was said of an item's pieces, the latest first."""
    return OpeningSaid.objects.filter(item_id=item_id).select_related("actor").order_by("-pk")
