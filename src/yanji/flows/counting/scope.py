"""What a count is asked to look at: a place with everything below it, narrowed by what was chosen when it began."""

from collections.abc import Sequence
from typing import Any

from yanji.catalog.models import Item
from yanji.places.models import Place

from .judge import COUNTABLE
from .models import Count, ItemClass

# Levels of the lots in scope: what the ledger says lies there now. `le`, `lo` and `p` are level, lot and place. Pieces of a lot
# that came out of patients are no stock beside the sterile ones of their lot, which nobody could tell from them by number.
SCOPE = """
      FROM ledger_level le
      JOIN ledger_lot lo ON lo.id = le.lot_id
      JOIN places_place p ON p.id = le.place_id
     WHERE le.quantity > 0 AND le.status = ANY (%(countable)s) AND p.path LIKE %(path)s
       AND (le.status <> 'explanted'
            OR NOT EXISTS (SELECT FROM catalog_item ci WHERE ci.id = lo.item_id AND ci.tracking = 'lot'))
       AND (%(items)s::bigint[] IS NULL OR lo.item_id = ANY (%(items)s))
       AND (%(expiring)s::date IS NULL OR lo.expiry <= %(expiring)s)
"""


def asked(count: Count) -> dict[str, Any]:
    """The parameters of ``SCOPE``, with the count's own id and beginning."""
    return {
        "count": count.pk,
        "round": count.round,
        "path": f"{count.place.path}%",
        "items": count.item_ids,
        "expiring": count.expiring_by,
        "countable": sorted(COUNTABLE),
        "started": count.started_at,
    }


def items_for(
    place: Place, *, family: str = "", abc: str = "", item_ids: Sequence[int] = ()
) -> list[int] | None:
    """The items that the limits leave; None without any limit. An item that was never classed is a C. Two statements
    at most."""
    if not family and not abc and not item_ids:
        return None
    found = Item.objects.filter(family=family) if family else Item.objects.all()
    found = found.filter(pk__in=item_ids) if item_ids else found
    wanted = set(found.values_list("pk", flat=True))
    if not abc:
        return sorted(wanted)
    classes = dict(ItemClass.objects.filter(campus_id=campus_of(place)).values_list("item_id", "abc"))
    return sorted(item for item in wanted if classes.get(item, "C") == abc)


def campus_of(place: Place) -> int | None:
    """The campus that a place lies in; None above every campus. One statement."""
    ids = [int(part) for part in place.path.split("/") if part]
    return Place.objects.filter(pk__in=ids, kind="campus").values_list("pk", flat=True).first()


def includes(count: Count, item_id: int, expiry: Any) -> bool:
    """Whether a thing is one that the count asks for."""
    if count.item_ids is not None and item_id not in count.item_ids:
        return False
    return count.expiring_by is None or (expiry is not None and expiry <= count.expiring_by)
