"""Items and places, to read."""

from typing import Annotated

from django.db.models import Q
from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.access.gates import NotFound, places_for
from yanji.catalog.models import Item

from .auth import actor
from .shapes import Id, Name, may_fail

router = Router(tags=["catalog"])


class CodeOut(Schema):
    issuer: str
    code: str
    level: str
    quantity: int


class ItemOut(Schema):
    id: int
    code: str
    name: str
    model: str
    unit_of_measure: str
    tracking: str
    maker_serial: bool
    high_value: bool
    implant: bool
    sterile: bool
    risk_class: str
    temperature_class: str
    provisional: bool
    active: bool
    codes: list[CodeOut]


@router.get("/items", response=may_fail(list[ItemOut]))
def list_items(
    request: HttpRequest,
    text: Name = "",
    after: Annotated[int, Field(ge=0, lt=2**63)] = 0,
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100,
) -> object:
    """Items in the order of their ids, from the one after ``after``; ``text`` is part of a code, a model or a
    name, or a whole code of a label."""
    if not actor(request).may("view"):
        raise NotFound("items")
    found = Item.objects.filter(pk__gt=after).prefetch_related("codes").order_by("pk")
    if text:
        found = found.filter(
            Q(code__icontains=text)
            | Q(model__icontains=text)
            | Q(name_zh__icontains=text)
            | Q(name_en__icontains=text)
            | Q(codes__code=text)
        ).distinct()
    return list(found[:limit])


@router.get("/items/{item_id}", response=may_fail(ItemOut))
def one_item(request: HttpRequest, item_id: Id) -> object:
    """One item with its codes."""
    item = Item.objects.filter(pk=item_id).prefetch_related("codes").first()
    if item is None or not actor(request).may("view"):
        raise NotFound("item")
    return item


class PlaceOut(Schema):
    id: int
    parent_id: int | None
    path: str
    kind: str
    code: str
    name: str
    gln: str
    temperature_class: str


@router.get("/places", response=may_fail(list[PlaceOut]))
def list_places(request: HttpRequest, kind: Name = "") -> object:
    """Every place that the actor sees, in the order of the tree."""
    return places_for(actor(request), kinds=(kind,) if kind else ())
