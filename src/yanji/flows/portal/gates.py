"""The gates of suppliers' people: what is another's and what does not exist answer alike - but the try is kept."""

from typing import TypeVar

from django.db.models import QuerySet

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused

from ..attempts import Others
from ..gates import notice_for, order_for
from ..models import PurchaseOrder, ShipNotice

Document = TypeVar("Document", PurchaseOrder, ShipNotice)


def supplier_of(actor: Actor) -> int:
    """For whom an external account acts. Raises :class:`NotFound` for everybody else, as if there were no such pages."""
    if actor.supplier_id is None or not actor.may("supply"):
        raise NotFound("supplier")
    return actor.supplier_id


def own_order(actor: Actor, order_id: int, *, lock: bool = False) -> PurchaseOrder:
    """A placed order of the actor's supplier. Raises :class:`Others` for another's, which answers as absent."""
    found = PurchaseOrder.objects.filter(placed_at__isnull=False).select_related("deliver_to", "supplier")
    order = _one(found, order_id, lock)
    if order.supplier_id != supplier_of(actor):
        raise Others("order", thing=order.number)
    return order


def own_notice(actor: Actor, notice_id: int) -> ShipNotice:
    """A ship notice of the actor's supplier."""
    notice = _one(ShipNotice.objects.select_related("order__deliver_to", "order__supplier"), notice_id, False)
    if notice.order.supplier_id != supplier_of(actor):
        raise Others("notice", thing=notice.number)
    return notice


def order_to_read(actor: Actor, order_id: int, *, may: str = "view") -> PurchaseOrder:
    """An order for who may see it: at its place in the hospital, or as its supplier, who may do nothing else with it here."""
    if actor.supplier_id is None:
        return order_for(actor, order_id, may=may)
    return _only_read(own_order(actor, order_id), may)


def notice_to_read(actor: Actor, notice_id: int, *, may: str = "view") -> ShipNotice:
    """A ship notice, likewise."""
    if actor.supplier_id is None:
        return notice_for(actor, notice_id, may=may)
    return _only_read(own_notice(actor, notice_id), may)


def _only_read(document: Document, may: str) -> Document:
    if may != "view":
        raise Refused("not_yours", thing=document.number)
    return document


def order_to_announce(actor: Actor, order_id: int, *, lock: bool = False) -> PurchaseOrder:
    """The order of a ship notice: one's own for a supplier, for the hospital one that it may announce for."""
    if actor.supplier_id is not None:
        return own_order(actor, order_id, lock=lock)
    return order_for(actor, order_id, may="announce", lock=lock)


def notice_to_withdraw(actor: Actor, notice_id: int) -> ShipNotice:
    """A ship notice, its order locked: one's own for a supplier, for the hospital one of an order that it may announce
    for."""
    own = actor.supplier_id is not None
    notice = own_notice(actor, notice_id) if own else notice_for(actor, notice_id, may="announce")
    order_to_announce(actor, notice.order_id, lock=True)
    notice.refresh_from_db(fields=["state"])  # As it is under the lock.
    return notice


def for_this_act(actor: Actor, operation: str) -> Actor:
    """The actor with one operation for one act of the ledger, once a gate has decided: a supplier's account holds none of
    the hospital's own."""
    if actor.supplier_id is None:
        return actor
    return Actor(actor.person_id, actor.name, {operation: ("/",)}, actor.device, actor.supplier_id)


def _one(found: QuerySet[Document], key: int, lock: bool) -> Document:
    found = found.select_for_update(of=("self",)) if lock else found
    document = found.filter(pk=key).first() if 0 < key < 2**63 else None
    if document is None:
        raise NotFound(found.model._meta.model_name or "document")
    return document
