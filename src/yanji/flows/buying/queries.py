"""What pages and interfaces ask of buying: requests, what is open of them, contracts and how much is called off."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Prefetch, Q

from yanji.access.actor import Actor

from ..queries import within
from ..states import ChangeState, PurchaseRequestState
from .models import Contract, ContractItem, OrderChange, PurchaseRequest, PurchaseRequestLine
from .pricing import called_off

TO_ORDER = (PurchaseRequestState.APPROVED, PurchaseRequestState.PARTLY_ORDERED)
OPEN_REQUESTS = (PurchaseRequestState.WAITING, *TO_ORDER)


def requests(
    actor: Actor, *, states: Sequence[str] = (), text: str = "", limit: int = 200
) -> list[PurchaseRequest]:
    """Requests of places that the actor sees, most urgent first; ``lines`` with their items. Two statements."""
    found = PurchaseRequest.objects.filter(within("place", actor.scopes.get("view", ())))
    found = found.filter(state__in=states) if states else found
    if text:
        found = found.filter(
            Q(number__icontains=text) | Q(place__name_zh__icontains=text) | Q(reason__icontains=text)
        )
    lines = Prefetch("lines", PurchaseRequestLine.objects.select_related("item__supplier").order_by("id"))
    found = found.select_related("place", "actor").prefetch_related(lines)
    return list(found.order_by(F("needed_by").asc(nulls_last=True), "-id")[:limit])


@dataclass(frozen=True, slots=True)
class ContractView:
    """A contract with the value ordered by it."""

    contract: Contract
    called: Decimal

    @property
    def left(self) -> Decimal | None:
        return None if self.contract.maximum_value is None else self.contract.maximum_value - self.called

    @property
    def percent(self) -> int:
        """Of the largest value, else of the smallest; 0 where neither is agreed."""
        whole = self.contract.maximum_value or self.contract.minimum_value
        return min(100, int(100 * self.called / whole)) if whole else 0

    @property
    def short_of_minimum(self) -> Decimal:
        """What must still be ordered before the contract ends."""
        return max(Decimal(0), (self.contract.minimum_value or Decimal(0)) - self.called)


def contracts(
    actor: Actor,
    *,
    states: Sequence[str] = (),
    text: str = "",
    supplier_id: int | None = None,
    limit: int = 200,
) -> list[ContractView]:
    """Contracts of places that the actor sees, the one that ends first on top. Three statements."""
    found = Contract.objects.filter(within("place", actor.scopes.get("view", ())))
    found = found.filter(state__in=states) if states else found
    found = found.filter(supplier_id=supplier_id) if supplier_id else found
    if text:
        found = found.filter(
            Q(number__icontains=text)
            | Q(reference__icontains=text)
            | Q(supplier__name_zh__icontains=text)
            | Q(supplier__pinyin__icontains=text)
        )
    items = Prefetch(
        "items", ContractItem.objects.select_related("item").order_by("item__code", "valid_from")
    )
    rows = list(
        found.select_related("supplier", "place").prefetch_related(items).order_by("valid_to", "id")[:limit]
    )
    return viewed(rows)


def viewed(rows: Iterable[Contract]) -> list[ContractView]:
    """Contracts with what is called off of each. One statement."""
    kept = list(rows)
    called = called_off([row.pk for row in kept]) if kept else {}
    return [ContractView(row, called.get(row.pk, Decimal(0))) for row in kept]


def waiting_changes(order_ids: Collection[int]) -> dict[int, OrderChange]:
    """Order -> the change of it that waits for approval. One statement; none without orders."""
    rows = OrderChange.objects.filter(order_id__in=order_ids, state=ChangeState.WAITING) if order_ids else ()
    return {row.order_id: row for row in rows}


def changes_of(order_id: int) -> list[OrderChange]:
    """Changes of an order, the latest first. One statement."""
    return list(OrderChange.objects.filter(order_id=order_id).select_related("actor").order_by("-id"))
