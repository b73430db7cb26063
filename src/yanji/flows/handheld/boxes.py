"""Which scan of an act names its box, and which one says what kit is packed."""

from collections.abc import Sequence

from yanji.access.actor import Actor
from yanji.catalog.models import Item

from ..packing.bill import kits
from ..packing.contents import is_box
from ..packing.delivered import box_code
from ..packing.label import printed
from ..packing.models import Box
from ..packing.pack import box_for
from .sights import Sight

Said = tuple[str, int | str]
OF_ITS_ITEM = (
    "item",
    "needs_label",
    "package",
    "new_unit",
)  # what names an item and is no thing that lies anywhere


def naming_boxes(sights: Sequence[Sight], *, last: bool) -> dict[str, Said]:
    """Text -> the box that it names for the act. ``last``: that of the last one alone, and those before it are things that go
    into it. Pure but for reading the symbols."""
    found: dict[str, Said] = {}
    for sight in sights:
        if code := code_of(sight):
            found = {} if last and ("box", code) not in found.values() else found
            found[sight.text] = "box", code
    return found


def code_of(sight: Sight) -> str:
    """The code of the box that was scanned, whether it is known yet or not; empty where it is none."""
    meaning = sight.meaning
    if meaning.kind not in ("box", "unreadable", "unknown_product"):
        return ""
    code = meaning.epc if meaning.kind == "box" else box_code(sight.text)
    return code if is_box(code) and len(code) <= 80 else ""


def naming_kits(sights: Sequence[Sight]) -> dict[str, Said]:
    """Text -> the kit whose label it is, or that of its case. One statement, none where no item is named."""
    items = {
        sight.text: sight.meaning.item.pk
        for sight in sights
        if sight.meaning.item and sight.meaning.kind in OF_ITS_ITEM
    }
    known = set(kits().filter(pk__in=set(items.values())).values_list("pk", flat=True)) if items else set()
    return {text: ("kit_id", item) for text, item in items.items() if item in known}


def box_named(actor: Actor, code: str, *, may: str) -> str:
    """A box as its label says it. Raises :class:`NotFound` or :class:`Refused` for one where the actor may not do that; one that
    is not made yet is anybody's. Two statements at most."""
    if Box.objects.filter(code=code).exists():
        box_for(actor, code, may=may)
    return printed(code)


def kit_named(item_id: int) -> str:
    """Empty where it is no kit. One statement."""
    found: Item | None = kits().filter(pk=item_id).first()
    return found.name if found else ""
