"""Who sells what was used before it was ordered: by contract, else by a price that holds, else anybody."""

from collections.abc import Collection
from datetime import date

from yanji.catalog.models import Price, Supplier
from yanji.catalog.queries import held_on

from ..buying.models import ContractItem
from ..states import ContractState

LISTED = 200
Seller = tuple[int, str]


def sellers_of(items: Collection[int], path: str, day: date) -> tuple[tuple[Seller, ...], int | None]:
    """The suppliers of whom all of these items can be bought for a place, the likeliest first, and which one it is where there is
    but one likeliest; all that sell at all where nobody has said a price. Three statements."""
    above = [int(part) for part in path.split("/") if part]
    agreed = ContractItem.objects.filter(
        item__in=items, valid_from__lte=day, valid_to__gte=day, contract__state=ContractState.ACTIVE,
        contract__valid_from__lte=day, contract__valid_to__gte=day, contract__place_id__in=above,
    )  # fmt: skip
    by_contract = _of_all(items, agreed.values_list("contract__supplier_id", "item_id"))
    priced = held_on(Price.objects.filter(item__in=items), day)
    by_price = _of_all(items, priced.values_list("supplier_id", "item_id"))
    suppliers = Supplier.objects.filter(active=True).order_by("code")
    likely = by_contract | by_price
    found = list((suppliers.filter(pk__in=likely) if likely else suppliers)[:LISTED])
    found.sort(key=lambda each: each.pk not in by_contract)
    best = [each.pk for each in found if each.pk in (by_contract or by_price)]
    return tuple((each.pk, each.name) for each in found), best[0] if len(best) == 1 else None


def _of_all(items: Collection[int], rows: Collection[tuple[int, int]]) -> set[int]:
    """Those who sell every one of the items. Pure but for reading the rows."""
    sold: dict[int, set[int]] = {}
    for supplier, item in rows:
        sold.setdefault(supplier, set()).add(item)
    return {supplier for supplier, of in sold.items() if of >= set(items)}
