"""One gate per document: what is hidden and what is absent answer alike; what is seen but not allowed is
refused."""

from collections.abc import Collection
from typing import TypeVar

from django.db.models import Model, QuerySet

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused
from yanji.places.models import Place

from .attempts import Others
from .buying.models import DeliveryPart
from .models import Case, Issue, PurchaseOrder, Receipt, Requisition, ShipNotice

Document = TypeVar("Document", bound=Model)


def check(
    actor: Actor,
    at: Collection[str],
    *,
    may: str,
    thing: str,
    seen: Collection[str] = (),
    seen_by: str = "view",
) -> None:
    """Raises ``not_yours`` where the actor lacks the operation at all of the paths, and :class:`NotFound`
    where the actor may not even see the thing there, or at one of the other paths from which it is
    ``seen``."""
    if any(actor.may(may, path) for path in at):
        return
    if not any(actor.may(seen_by, path) for path in [*at, *seen]):
        raise NotFound(thing)
    raise Refused("not_yours", thing=thing)


def place_at(actor: Actor, place_id: int, *, may: str, kinds: Collection[str] = ()) -> Place:
    """An active place where the actor holds the operation, of one of the kinds."""
    place = Place.objects.filter(pk=place_id).first()
    if place is None:
        raise NotFound("place")
    check(actor, [place.path], may=may, thing=place.name)
    return _fit(place, kinds)


def other_end(place_id: int, *, kinds: Collection[str]) -> Place:
    """The place at a document's other end, where the actor need hold nothing: a ward may ask of any store."""
    place = Place.objects.filter(pk=place_id).first()
    if place is None:
        raise NotFound("place")
    return _fit(place, kinds)


def _fit(place: Place, kinds: Collection[str]) -> Place:
    if not place.active or (kinds and place.kind not in kinds):
        raise Refused("bad_document_place", thing=place.name)
    return place


def order_for(actor: Actor, order_id: int, *, may: str = "view", lock: bool = False) -> PurchaseOrder:
    """An order, where its goods go. Raises :class:`Others` for one of another supplier, which answers as absent."""
    order = _one(PurchaseOrder.objects.select_related("deliver_to", "supplier"), order_id, lock)
    if actor.supplier_id not in (None, order.supplier_id):
        raise Others("order", thing=order.number)
    check(actor, _goes_to(actor, order, may), may=may, thing=order.number)
    return order


def _goes_to(actor: Actor, order: PurchaseOrder, may: str) -> list[str]:
    """Where an order is looked at and received: where it goes, and where parts of it go. One more statement only for who
    has no part in the first."""
    at = [order.deliver_to.path]
    if may not in ("view", "receive") or actor.may(may, at[0]):
        return at
    parts = DeliveryPart.objects.filter(line__order=order, place__isnull=False)
    return [*at, *parts.values_list("place__path", flat=True).distinct()]


def notice_for(actor: Actor, notice_id: int, *, may: str = "view", lock: bool = False) -> ShipNotice:
    notice = _one(ShipNotice.objects.select_related("order__deliver_to", "order__supplier"), notice_id, lock)
    check(actor, _goes_to(actor, notice.order, may), may=may, thing=notice.number)
    return notice


def receipt_for(actor: Actor, receipt_id: int, *, may: str = "view", lock: bool = False) -> Receipt:
    receipt = _one(Receipt.objects.select_related("order__supplier", "dock"), receipt_id, lock)
    check(actor, [receipt.dock.path], may=may, thing=receipt.number)
    return receipt


def requisition_for(
    actor: Actor, requisition_id: int, *, may: str = "view", lock: bool = False
) -> Requisition:
    """A requisition is seen from both its ends; what may be done with it is decided at the end that does
    it."""
    requisition = _one(Requisition.objects.select_related("store", "department"), requisition_id, lock)
    _at_its_end(actor, requisition, may)
    return requisition


def requisitions_to_pick(actor: Actor, requisition_ids: Collection[int]) -> list[Requisition]:
    """Several requisitions for who picks, locked, in the order of their ids; ``lines`` are read. As strict as
    :func:`requisition_for` with each of them; two statements whatever their number."""
    ids = {each for each in requisition_ids if 0 < each < 2**63}
    found = Requisition.objects.select_related("store", "department").prefetch_related("lines")
    # Sorted: prevents deadlock.
    locked = list(found.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    if len(locked) < len(set(requisition_ids)):
        raise NotFound("requisition")
    for requisition in locked:
        _at_its_end(actor, requisition, "pick")
    return locked


def _at_its_end(actor: Actor, requisition: Requisition, may: str) -> None:
    store, department = requisition.store.path, requisition.department.path
    at = {"pick": [store], "issue": [store], "request": [department]}.get(may, [store, department])
    check(actor, at, may=may, thing=requisition.number, seen=[store, department])


def issue_for(actor: Actor, issue_id: int, *, may: str = "view", lock: bool = False) -> Issue:
    """An issue is seen from both its ends, taken in at the department, and settled at the store (``issue``)."""
    issue = _one(
        Issue.objects.select_related("store", "department", "requisition", "actor", "taken_over_by"),
        issue_id,
        lock,
    )
    store, department = issue.store.path, issue.department.path
    at = {"take_in": [department], "issue": [store]}.get(may, [store, department])
    check(actor, at, may=may, thing=issue.number, seen=[store, department])
    return issue


def case_for(actor: Actor, case_id: int, *, may: str = "view_patient", lock: bool = False) -> Case:
    case = _one(Case.objects.select_related("department"), case_id, lock)
    # Even the number of a case points to a patient: who may see none learns nothing.
    check(actor, [case.department.path], may=may, thing=case.number, seen_by="view_patient")
    return case


def case_number_for(actor: Actor, number: str, department: Place) -> str:
    """The number of a case that another document names; empty for who sees no patients at its department."""
    return number if actor.may("view_patient", department.path) else ""


def _one(found: QuerySet[Document], key: int, lock: bool) -> Document:
    # Only the document's own row: the places and people it names are read, not held.
    found = found.select_for_update(of=("self",)) if lock else found
    document = found.filter(pk=key).first() if 0 < key < 2**63 else None
    if document is None:
        raise NotFound(found.model._meta.model_name or "document")
    return document
