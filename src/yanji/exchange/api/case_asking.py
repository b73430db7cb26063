"""What a theatre lacks for a case, and asking a store for it."""

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


class ShortOut(Schema):
    """A need of which the theatre has too little: ``pieces`` to ask for now, ``coming`` for the case already. ``offers``: the
    item itself, then its alternatives."""

    item_id: int
    pieces: int
    coming: int
    proposed_item_id: int
    offers: list[OfferOut]

    @staticmethod
    def of(found: Short) -> "ShortOut":
        return ShortOut(
            item_id=found.need.item_id, pieces=found.pieces, coming=found.coming,
            proposed_item_id=found.proposed.pk,
            offers=[
                OfferOut(
                    item_id=each.item.pk, item_code=each.item.code, item_name=each.item.name,
                    in_stores=each.in_stores,
                )
                for each in found.offers
            ],
        )  # fmt: skip


@router.get("/cases/{case_id}/short", response=may_fail(list[ShortOut]))
def what_is_short(request: HttpRequest, case_id: Id) -> list[ShortOut]:
    """What the theatre lacks for a case, less what is coming for it already."""
    case = case_for(actor(request), case_id)
    return [ShortOut.of(each) for each in lacking(case, needs_of(case, account_of(case.pk)))]


class InsteadIn(Shape):
    """The alternative to ask for instead of what the case needs."""

    item_id: Id
    alternative_id: Id


class CaseAskIn(Shape):
    key: Key
    store_id: Id
    instead: list[InsteadIn] = Field(default_factory=list, max_length=500)


@router.post("/cases/{case_id}/requisitions", response=may_fail(Answer))
def ask_what_is_short(request: HttpRequest, case_id: Id, payload: CaseAskIn) -> Answer:
    """Ask a store for what is short; the answer names the requisition. What is coming for the case is not asked for again."""
    instead = {each.item_id: each.alternative_id for each in payload.instead}
    done = ask_for_case(
        actor=actor(request), key=payload.key, case_id=case_id, store_id=payload.store_id, instead=instead
    )
    return answered(done)
