"""What a thing costs: the contract's price where one holds, the catalogue's otherwise; another price needs a reason."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, JSONObject, Length

from yanji.catalog.models import Item, Price
from yanji.catalog.queries import held_on
from yanji.ledger.api import Offence

from ..states import ContractState, OrderState
from .models import BuyingRules, Contract, ContractItem

if TYPE_CHECKING:
    from ..models import OrderLine

HUNDRED = Decimal(100)
# Orders that call off a contract's value; a closed one only what it received.
CALLED = (OrderState.WAITING, OrderState.PLACED, OrderState.PARTLY_RECEIVED, OrderState.RECEIVED)


@dataclass(frozen=True, slots=True)
class Offer:
    """What an item costs from a supplier on a day, a piece with tax, and by which contract if any."""

    price: Decimal
    contract_item_id: int | None = None
    contract_id: int | None = None
    contract: str = ""
    over_delivery_percent: Decimal = Decimal(0)

    @property
    def by_contract(self) -> bool:
        return self.contract_item_id is not None


@dataclass(frozen=True, slots=True)
class Settled:
    """The price of one line as it will stand in the order."""

    price: Decimal
    contract_item_id: int | None
    contract_price: Decimal | None
    reason: str
    tolerance: int


def settle(wanted: Decimal | None, reason: str, quantity: int, offer: Offer) -> Settled:
    """The offer's price where none is wanted, else the wanted one beside what the contract says. Pure."""
    price = offer.price if wanted is None else wanted
    off = price == 0 or (offer.by_contract and price != offer.price)
    return Settled(
        price=price,
        contract_item_id=offer.contract_item_id,
        contract_price=offer.price if offer.by_contract else None,
        reason=reason.strip() if off else "",
        tolerance=int(quantity * offer.over_delivery_percent / HUNDRED),
    )


def off_contract(name: str, line: Settled, contract: str) -> Offence | None:
    """A price that the contract does not have, without a reason. Pure."""
    if line.contract_price is None or line.price == line.contract_price or line.reason:
        return None
    facts = {
        "contract": contract,
        "agreed": f"{line.contract_price:.2f}",
        "price": f"{line.price:.2f}",
        "difference": f"{line.price - line.contract_price:+.2f}",
    }
    return Offence("price_off_contract", name, facts)


def unpriced(price: Decimal, contract_price: Decimal | None, reason: str) -> bool:
    """Nothing as a price, which no contract gives and nobody gave a reason for: it would pass every rule of amounts. Pure."""
    return price == 0 and contract_price != 0 and not reason


def not_in_force(lines: Iterable["OrderLine"], held: Mapping[int, Contract], day: date) -> list[Offence]:
    """Lines whose contract, or whose price in it, holds no more (or not yet) on a day. Pure over lines with both."""
    return [
        Offence(
            "contract_price_over", line.item.name, {"contract": held[agreed.contract_id].number, "day": day}
        )
        for line in lines
        if (agreed := line.contract_item) is not None
        if not (held[agreed.contract_id].in_force(day) and agreed.valid_from <= day <= agreed.valid_to)
    ]


def rules() -> BuyingRules:
    """The hospital's own tolerances. One statement."""
    return BuyingRules.objects.filter(pk=1).first() or BuyingRules(pk=1)


def offers(supplier_id: int, path: str, items: Iterable[int], day: date) -> dict[int, Offer]:
    """Item -> its offer from a supplier for a place; zero where nobody has said a price. One statement.

    Of several contracts the one of the deepest place counts, then the latest.
    """
    wanted = sorted(set(items))
    found = with_offers(supplier_id, path, day).filter(pk__in=wanted)
    return {item: Offer(Decimal(0)) for item in wanted} | {item.pk: offer_of(item) for item in found}


def with_offers(supplier_id: int, path: str, day: date) -> QuerySet[Item]:
    """Items, each with what :func:`offer_of` makes an offer of."""
    price = held_on(Price.objects.filter(item=OuterRef("pk"), supplier=supplier_id), day)
    return Item.objects.annotate(
        said=Subquery(price.order_by("-valid_from").values("amount")[:1]),
        over=Subquery(BuyingRules.objects.filter(pk=1).values("over_delivery_percent")),
        agreed=Subquery(_agreed(supplier_id, path, day)[:1]),
    )


def offer_of(item: Any) -> Offer:
    """The offer of an item of :func:`with_offers`. Pure."""
    if item.agreed is None:
        return Offer(item.said or Decimal(0), over_delivery_percent=item.over or Decimal(0))
    agreed = item.agreed
    return Offer(
        Decimal(agreed["price"]), agreed["id"], agreed["contract"], agreed["number"], Decimal(agreed["over"])
    )


def _agreed(supplier_id: int, path: str, day: date) -> QuerySet[Any]:
    """What contracts say of the item of the query around this one, the one that counts first. Decimals as texts."""
    above = [int(part) for part in path.split("/") if part]
    rows = ContractItem.objects.filter(
        item_id=OuterRef("pk"),
        valid_from__lte=day,
        valid_to__gte=day,
        contract__supplier_id=supplier_id,
        contract__state=ContractState.ACTIVE,
        contract__valid_from__lte=day,
        contract__valid_to__gte=day,
        contract__place_id__in=above,
    )
    said = JSONObject(
        id="pk",
        price=Cast("price", CharField()),
        contract="contract_id",
        number="contract__number",
        over=Cast("contract__over_delivery_percent", CharField()),
    )
    # All of these places lie on one path: the longer, the deeper.
    return rows.order_by(Length("contract__place__path").desc(), "-contract_id").values(said=said)


def called_off(contract_ids: Iterable[int]) -> dict[int, Decimal]:
    """Contract -> value of what was ordered by it and is not given up. One statement."""
    from ..models import OrderLine

    open_value = Sum((F("quantity") - F("given_up")) * F("price"), filter=Q(order__state__in=CALLED))
    closed_value = Sum(F("received") * F("price"), filter=Q(order__state=OrderState.CLOSED))
    rows = (
        OrderLine.objects.filter(contract_item__contract_id__in=list(contract_ids))
        .values_list("contract_item__contract_id")
        .annotate(running=open_value, received_value=closed_value)
        .order_by()
    )
    return {
        contract: (running or Decimal(0)) + (received or Decimal(0)) for contract, running, received in rows
    }


def check_limits(
    asked: Mapping[int, Decimal], held: Mapping[int, Contract], *, already: Mapping[int, Decimal]
) -> list[Offence]:
    """Contracts that an order of ``asked`` value each would exceed. ``already``: of that, counted before.

    They come :func:`locked`: two orders cannot both take the last of one. One statement, none without a limit.
    """
    limited = any(contract.maximum_value is not None for contract in held.values())
    taken = called_off(asked) if limited else {}
    return [
        Offence("contract_exhausted", contract.number, {"left": f"{max(left, Decimal(0)):.2f}", "value": f"{value:.2f}"})
        for contract in held.values()
        if contract.maximum_value is not None
        for value in [asked[contract.pk]]
        for left in [contract.maximum_value - taken.get(contract.pk, Decimal(0)) + already.get(contract.pk, Decimal(0))]
        if value > left
    ]  # fmt: skip


def locked(contract_ids: Collection[int]) -> dict[int, Contract]:
    """Contracts that nobody else draws on or ends until the commit. One statement, none without contracts."""
    if not contract_ids:
        return {}
    # Sorted: prevents deadlock.
    found = Contract.objects.select_for_update().filter(pk__in=list(contract_ids)).order_by("pk")
    return {contract.pk: contract for contract in found}
