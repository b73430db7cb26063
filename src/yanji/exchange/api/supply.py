"""What departments keep, the lists they ask by, and what to ask for now."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.acts import MAX_PIECES
from yanji.flows.requisition import Wanted
from yanji.flows.supply.levels import Kept, drop_level, set_levels
from yanji.flows.supply.lists import drop_list, list_for, lists, save_list
from yanji.flows.supply.models import RequisitionList
from yanji.flows.supply.propose import Proposal, proposals

from .auth import actor
from .shapes import MOST, Answer, Id, Key, KeyOnly, Name, PiecesIn, Shape, answered, may_fail

router = Router(tags=["supply"])
Level = Annotated[int, Field(ge=0, le=MAX_PIECES, strict=True)]


class KeptIn(Shape):
    """At ``minimum`` pieces or fewer it is filled up to ``maximum``."""

    item_id: Id
    minimum: Level
    maximum: Level


class LevelsIn(Shape):
    key: Key
    place_id: Id
    levels: list[KeptIn] = Field(max_length=MOST)


@router.post("/supply/levels", response=may_fail(Answer))
def keep(request: HttpRequest, payload: LevelsIn) -> Answer:
    """Say what a department, room, cabinet or bin should hold of these items; its other levels stay."""
    levels = [Kept(each.item_id, each.minimum, each.maximum) for each in payload.levels]
    return answered(
        set_levels(actor=actor(request), key=payload.key, place_id=payload.place_id, levels=levels)
    )


@router.post("/supply/levels/{level_id}/drop", response=may_fail(Answer))
def keep_no_more(request: HttpRequest, level_id: Id, payload: KeyOnly) -> Answer:
    """The item need not be held there any more."""
    return answered(drop_level(actor=actor(request), key=payload.key, level_id=level_id))


class StandingOut(Schema):
    """A level beside what lies there. ``low``: it asks to be filled up."""

    level_id: int
    place_id: int
    place_name: str
    minimum: int
    maximum: int
    here: int
    low: bool
    edited_at: datetime


class ProposalOut(Schema):
    """One item: ``here`` in the whole department, ``coming`` to it, and ``quantity`` to ask for now (0: nothing)."""

    item_id: int
    item_code: str
    item_name: str
    here: int
    coming: int
    quantity: int
    levels: list[StandingOut]


@router.get("/supply/proposals", response=may_fail(list[ProposalOut]))
def propose(request: HttpRequest, department_id: Id) -> list[ProposalOut]:
    """Everything a department keeps, with what to ask for now and why."""
    return [_proposal(each) for each in proposals(actor(request), department_id)]


def _proposal(found: Proposal) -> ProposalOut:
    return ProposalOut(
        item_id=found.item.pk, item_code=found.item.code, item_name=found.item.name, here=found.here,
        coming=found.coming, quantity=found.quantity,
        levels=[
            StandingOut(
                level_id=each.level.pk, place_id=each.level.place_id, place_name=each.level.place.name,
                minimum=each.level.minimum, maximum=each.level.maximum, here=each.here, low=each.low,
                edited_at=each.level.edited_at,
            )
            for each in found.standings
        ],
    )  # fmt: skip


class ListIn(Shape):
    """``list_id``: the list that gets this content; without it a new one is written."""

    key: Key
    department_id: Id
    list_name: Name
    lines: list[PiecesIn] = Field(max_length=MOST)
    list_id: Id | None = None


class ListedOut(Schema):
    item_id: int
    item_code: str
    item_name: str
    quantity: int


class ListOut(Schema):
    id: int
    name: str
    department_id: int
    department: str
    lines: list[ListedOut]


def _list(found: RequisitionList) -> ListOut:
    return ListOut(
        id=found.pk, name=found.name, department_id=found.department_id, department=found.department.name,
        lines=[
            ListedOut(
                item_id=line.item_id, item_code=line.item.code, item_name=line.item.name, quantity=line.quantity
            )
            for line in found.lines.all()
        ],
    )  # fmt: skip


@router.get("/supply/lists", response=may_fail(list[ListOut]))
def all_lists(request: HttpRequest, department_id: Id | None = None) -> list[ListOut]:
    """The lists of the departments for which this person requests."""
    return [_list(each) for each in lists(actor(request), department_id=department_id)]


@router.get("/supply/lists/{list_id}", response=may_fail(ListOut))
def one_list(request: HttpRequest, list_id: Id) -> ListOut:
    """One list with its lines: what to send to POST /requisitions."""
    return _list(list_for(actor(request), list_id))


@router.post("/supply/lists", response=may_fail(Answer))
def write_list(request: HttpRequest, payload: ListIn) -> Answer:
    """Write a list, or put another content into one."""
    lines = [Wanted(each.item_id, each.quantity) for each in payload.lines]
    given = payload.model_dump(exclude={"lines"})
    return answered(save_list(actor=actor(request), lines=lines, **given))


@router.post("/supply/lists/{list_id}/drop", response=may_fail(Answer))
def end_list(request: HttpRequest, list_id: Id, payload: KeyOnly) -> Answer:
    """The list is not used any more."""
    return answered(drop_list(actor=actor(request), key=payload.key, list_id=list_id))
