"""Framework contracts: written as drafts, in force once those approve them who must, ended with a reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Supplier
from yanji.ledger.api import Offence, Refused
from yanji.places.models import Kind

from ..acts import Done, moment, verb
from ..approval import ask, by_hand, decided, took_part, withdraw, worked_on
from ..documents import allow, reached
from ..gates import place_at
from ..numbers import next_number
from ..states import ContractState
from .gates import contract_for
from .models import Contract, ContractItem

HOLDS_AT = (Kind.GROUP, Kind.CAMPUS, Kind.BUILDING, Kind.DEPARTMENT, Kind.STORE)
HIGHEST_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Agreed:
    """An item's price in a contract; without days of its own it holds as long as the contract."""

    item_id: int
    price: Decimal
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says beside its prices. ``two_invoice`` None: by the rule of the item's family."""

    valid_from: date
    valid_to: date
    reference: str = ""
    minimum_value: Decimal | None = None
    maximum_value: Decimal | None = None
    over_delivery_percent: Decimal = Decimal(0)
    price_tolerance_percent: Decimal = Decimal(0)
    consignment: bool = False
    two_invoice: bool | None = None
    note: str = ""


def check_terms(terms: Terms) -> Iterator[Offence]:
    """What no contract can say. Pure."""
    if terms.valid_to < terms.valid_from:
        yield Offence("contract_days", facts={"first": terms.valid_from, "last": terms.valid_to})
    values = [value for value in (terms.minimum_value, terms.maximum_value) if value is not None]
    if any(not value.is_finite() or not 0 <= value < 10**14 for value in values) or values != sorted(values):
        yield Offence("contract_values")
    for percent in (terms.over_delivery_percent, terms.price_tolerance_percent):
        if not percent.is_finite() or not 0 <= percent <= HIGHEST_PERCENT:
            yield Offence("bad_percent", facts={"value": str(percent)[:20]})


def check_agreed(terms: Terms, prices: Sequence[Agreed], names: dict[int, str]) -> Iterator[Offence]:
    """Prices outside the contract's days, or two of an item on one day. Pure."""
    spans: dict[int, list[tuple[date, date]]] = {}
    for agreed in prices:
        first, last = agreed.valid_from or terms.valid_from, agreed.valid_to or terms.valid_to
        name = names.get(agreed.item_id, "")
        if not terms.valid_from <= first <= last <= terms.valid_to:
            yield Offence("contract_price_days", name, {"first": first, "last": last})
        if any(
            first <= other_last and other_first <= last
            for other_first, other_last in spans.get(agreed.item_id, [])
        ):
            yield Offence("contract_price_twice", name)
        spans.setdefault(agreed.item_id, []).append((first, last))


@verb
def write_contract(
    *,
    actor: Actor,
    key: str,
    supplier_id: int,
    place_id: int,
    terms: Terms,
    prices: Sequence[Agreed],
    contract_id: int | None = None,
) -> Done:
    """Write a contract as a draft; with ``contract_id`` rewrite that draft. It gives no price before it is in force."""
    place = place_at(actor, place_id, may="contract", kinds=HOLDS_AT)
    supplier = Supplier.objects.filter(pk=supplier_id).first()
    if supplier is None:
        raise NotFound("supplier")
    names = _names(prices)
    offences = [*check_terms(terms), *check_agreed(terms, prices, names)]
    offences += [Offence("unknown_item", f"item {p.item_id}") for p in prices if p.item_id not in names]
    offences += [] if prices else [Offence("empty")]
    if offences:
        raise Refused.of(offences)
    contract = _draft(actor, contract_id, place.path)
    contract.supplier, contract.place = supplier, place
    for name in Terms.__dataclass_fields__:
        setattr(contract, name, getattr(terms, name))
    contract.save()
    worked_on("contract", contract.pk, actor.person_id)
    contract.items.all().delete()
    ContractItem.objects.bulk_create(
        ContractItem(
            contract=contract,
            item_id=agreed.item_id,
            price=agreed.price,
            valid_from=agreed.valid_from or terms.valid_from,
            valid_to=agreed.valid_to or terms.valid_to,
        )
        for agreed in prices
    )
    return _done(contract)


def _names(prices: Sequence[Agreed]) -> dict[int, str]:
    from ..things import item_names

    return item_names(agreed.item_id for agreed in prices)


def _draft(actor: Actor, contract_id: int | None, path: str) -> Contract:
    if contract_id is None:
        number = next_number("FC", path=path, at=moment(None))
        return Contract(number=number, actor_id=actor.person_id)
    contract = contract_for(actor, contract_id, may="contract", lock=True)
    _allow(contract, "edit")
    contract.actor_id = actor.person_id
    return contract


@verb
def start_contract(*, actor: Actor, key: str, contract_id: int) -> Done:
    """Put a draft in force: at once, or when those have approved it who must for its largest value."""
    contract = contract_for(actor, contract_id, may="contract", lock=True)
    _allow(contract, "activate")
    contract.actor_id = actor.person_id
    worked_on("contract", contract.pk, actor.person_id)
    waits = ask(
        "contract",
        contract.pk,
        number=contract.number,
        path=contract.place.path,
        amount=contract.maximum_value,
        requester_id=actor.person_id,
        anew=True,
    )
    state = ContractState.WAITING if waits else ContractState.ACTIVE
    contract.state = reached("contract", "activate", state)
    contract.save(update_fields=["state", "actor"])
    return _done(contract)


@took_part("contract")
def _worked_on_by(person_id: int) -> QuerySet[Contract]:
    return Contract.objects.filter(pk__in=by_hand("contract", person_id))


@decided("contract")
def _decided(contract_id: int, approved: bool, actor: Actor) -> None:
    contract = Contract.objects.select_for_update().get(pk=contract_id)
    verb = "approve" if approved else "refuse"
    _allow(contract, verb)
    contract.state = reached("contract", verb, ContractState.ACTIVE if approved else ContractState.DRAFT)
    contract.save(update_fields=["state"])


@verb
def end_contract(*, actor: Actor, key: str, contract_id: int, reason: str) -> Done:
    """Nothing more is ordered by a contract; what was ordered by it stays as it is."""
    contract = contract_for(actor, contract_id, may="contract", lock=True)
    _allow(contract, "end")
    if not reason.strip():
        raise Refused("reason_needed")
    withdraw("contract", contract.pk)
    contract.state = reached("contract", "end", ContractState.ENDED)
    contract.ended_because = reason.strip()
    contract.save(update_fields=["state", "ended_because"])
    return _done(contract)


def _allow(contract: Contract, verb: str) -> None:
    allow("contract", verb, number=contract.number, state=contract.state, label=contract.get_state_display())


def _done(contract: Contract) -> Done:
    return Done(number=contract.number, id=contract.pk, state=contract.state)
