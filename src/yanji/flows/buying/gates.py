"""One gate per document of buying: what is hidden and what is absent answer alike."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused

from ..attempts import Others
from ..gates import check
from ..models import OrderLine, PurchaseOrder
from .models import Contract, LineAnswer, PurchaseRequest

Document = TypeVar("Document", bound=Model)
# Whoever may ask a store, keep one, or order may say what needs buying there.
ASK = ("request", "store", "order")


def request_for(actor: Actor, request_id: int, *, may: str = "view", lock: bool = False) -> PurchaseRequest:
    """A request, seen where the goods are needed."""
    request = _one(PurchaseRequest.objects.select_related("place", "actor"), request_id, lock)
    check(actor, [request.place.path], may=may, thing=request.number)
    return request


def may_ask(actor: Actor, path: str) -> bool:
    return any(actor.may(operation, path) for operation in ASK)


def contract_for(actor: Actor, contract_id: int, *, may: str = "view", lock: bool = False) -> Contract:
    """A contract, seen at the place that it holds for. Raises as the other gates do."""
    contract = _one(Contract.objects.select_related("place", "supplier", "actor"), contract_id, lock)
    check(actor, [contract.place.path], may=may, thing=contract.number)
    return contract


def line_to_answer(actor: Actor, line_id: int) -> OrderLine:
    """A line of an order, its order locked, for who may answer it: its supplier's people, or the buyer for them."""
    line = _one(OrderLine.objects.select_related("item"), line_id, False)
    order_to_answer(actor, line.order_id, hidden="orderline")
    # Read again under the lock.
    return OrderLine.objects.select_related("item", "order__deliver_to", "order__supplier").get(pk=line.pk)


def order_to_answer(actor: Actor, order_id: int, *, hidden: str = "order") -> PurchaseOrder:
    """An order, locked, for who may answer its lines. ``hidden``: what is said not to be there, where it is not theirs."""
    order = _one(PurchaseOrder.objects.select_related("deliver_to", "supplier"), order_id, True)
    if actor.supplier_id is None:
        check(actor, [order.deliver_to.path], may="order", thing=order.number)
    elif actor.supplier_id != order.supplier_id:
        raise Others(hidden, thing=order.number)
    elif order.state in ("draft", "waiting"):
        raise NotFound(hidden)
    elif not actor.may("supply"):
        raise Refused("not_yours", thing=order.number)
    return order


def answer_for(actor: Actor, answer_id: int) -> LineAnswer:
    """A supplier's answer with its order locked, for the buyer who settles it."""
    answer = _one(LineAnswer.objects.select_related("line"), answer_id, False)
    order = (
        PurchaseOrder.objects.select_for_update(of=("self",))
        .select_related("deliver_to")
        .get(pk=answer.line.order_id)
    )
    check(actor, [order.deliver_to.path], may="order", thing=order.number)
    return LineAnswer.objects.select_related("line__item", "line__order").get(pk=answer.pk)


def _one(found: QuerySet[Document], key: int, lock: bool) -> Document:
    found = found.select_for_update(of=("self",)) if lock else found
    document = found.filter(pk=key).first() if 0 < key < 2**63 else None
    if document is None:
        raise NotFound(found.model._meta.model_name or "document")
    return document
