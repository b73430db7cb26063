"""What a theatre lacks for a case, and asking a store for it."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.gates import case_for
from yanji.flows.theatre.account import account_of
from yanji.flows.theatre.asking import Short, ask_for_case, lacking
from yanji.flows.theatre.queries import needs_of

from .auth import actor
from .shapes import Answer, Id, Key, Shape, answered, may_fail

router = Router(tags=["theatre"])


class OfferOut(Schema):
    item_id: int
    item_code: str
    item_name: str
    in_stores: int
    stores: dict[int, int]
    proposed: int


class ShortOut(Schema):
    """A need of which the theatre has too little: ``pieces`` to ask for now, ``coming`` for the case already. ``offers``: the
    item itself, then its alternatives; ``proposed``: pieces of each, by what lies in all stores."""

    item_id: int
    pieces: int
    coming: int
    offers: list[OfferOut]

    @staticmethod
    def of(found: Short) -> "ShortOut":
        proposed = found.proposed()
        return ShortOut(
            item_id=found.need.item_id, pieces=found.pieces, coming=found.coming,
            offers=[
                OfferOut(
                    item_id=each.item.pk, item_code=each.item.code, item_name=each.item.name,
                    in_stores=each.in_stores, stores=dict(each.stores), proposed=proposed.get(each.item.pk, 0),
                )
                for each in found.offers
            ],
        )  # fmt: skip


@router.get("/cases/{case_id}/short", response=may_fail(list[ShortOut]))
def what_is_short(request: HttpRequest, case_id: Id) -> list[ShortOut]:
    """What the theatre lacks for a case, less what is coming for it already."""
    case = case_for(actor(request), case_id)
    return [ShortOut.of(each) for each in lacking(case, needs_of(case, account_of(case.pk)))]


class ShareIn(Shape):
    """Pieces to ask for of what serves a need: ``item_id`` is what the case needs, ``offered_id`` that item or an alternative."""

    item_id: Id
    offered_id: Id
    pieces: Annotated[int, Field(ge=0, le=1_000_000)]


class CaseAskIn(Shape):
    """Without ``shares`` all that is short is asked for as the case needs it."""

    key: Key
    store_id: Id
    shares: list[ShareIn] = Field(default_factory=list, max_length=500)


@router.post("/cases/{case_id}/requisitions", response=may_fail(Answer))
def ask_what_is_short(request: HttpRequest, case_id: Id, payload: CaseAskIn) -> Answer:
    """Ask a store for what is short; the answer names the requisition, and how many pieces do
    not lie in that store now. What is coming for the case is not asked for again."""
    shares: dict[int, dict[int, int]] = {}
    for each in payload.shares:
        shares.setdefault(each.item_id, {})[each.offered_id] = each.pieces
    done = ask_for_case(
        actor=actor(request), key=payload.key, case_id=case_id, store_id=payload.store_id, shares=shares
    )
    return answered(done)
