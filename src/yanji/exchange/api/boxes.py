"""Boxes, pallets and kits: what moves by one scan."""

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from yanji.access.gates import NotFound, place_for
from yanji.flows.packing.bill import InKit, bill, changes, set_bill
from yanji.flows.packing.contents import Contents
from yanji.flows.packing.delivered import box_code
from yanji.flows.packing.history import history
from yanji.flows.packing.pack import OutOfBox, box_for, pack, unpack
from yanji.flows.packing.queries import boxes
from yanji.flows.printing.sheets import box_labels

from .auth import actor
from .shapes import (
    MOST,
    Act,
    Answer,
    Both,
    Code,
    Epc,
    Id,
    Note,
    Pieces,
    Shape,
    Text,
    Things,
    answered,
    may_fail,
    several,
)

router = Router(tags=["boxes"])
A_PAGE = 200
Start = Annotated[int, Field(ge=0, le=10**9)]
PDF = {"responses": {200: {"description": "A PDF", "content": {"application/pdf": {}}}}}


class PackIn(Act):
    """``code``: a label that is on the box already; empty: a new number. ``item_id``: which kit it is."""

    place_id: Id
    kind: Code
    things: Things = Field(default_factory=list)
    boxes: list[Epc] = Field(default_factory=list, max_length=MOST)
    code: Text = ""
    item_id: Id | None = None
    note: Note = ""


@router.post("/boxes", response=may_fail(Answer))
def put_in(request: HttpRequest, payload: PackIn) -> Answer:
    """Pack things and smaller boxes; ``facts.code`` is the code under which all of it moves from then on."""
    given = payload.given("boxes", "code")
    return answered(
        pack(
            actor=actor(request),
            boxes=[box_code(each) for each in payload.boxes],
            code=box_code(payload.code),
            **given,
        )
    )


class OutOfBoxIn(Shape):
    lot_id: Id
    quantity: Pieces
    owner_id: Id | None = None


class UnpackIn(Act):
    """``lots``: pieces to take out. Without units and lots everything comes out."""

    code: Text
    units: list[Epc] = Field(default_factory=list, max_length=MOST)
    lots: list[OutOfBoxIn] = Field(default_factory=list, max_length=MOST)
    note: Note = ""


@router.post("/boxes/unpack", response=may_fail(Answer))
def take_out(request: HttpRequest, payload: UnpackIn) -> Answer:
    """Take units and pieces out of a box; without either everything."""
    given = payload.model_dump(exclude={"code", "lots"})
    lots = [OutOfBox(**each.model_dump()) for each in payload.lots]
    return answered(unpack(actor=actor(request), code=box_code(payload.code), lots=lots, **given))


class InBoxOut(Schema):
    """A unit of a box; ``taken_out``: it is not where the box is."""

    box: str
    epc: str
    item_id: int
    status: str
    lot: str
    expiry: date | None
    taken_out: bool


class LotInBoxOut(Schema):
    box: str
    lot_id: int
    item_id: int
    lot: str
    expiry: date | None
    quantity: int


class BoxOut(Schema):
    """A box with all that is in it and in the boxes inside; ``place_id`` is where most of it is."""

    code: str
    kind: str
    kit_id: int | None
    place_id: int | None
    boxes_inside: int
    intact: bool
    units: list[InBoxOut]
    lots: list[LotInBoxOut]


def _box(found: Contents) -> BoxOut:
    return BoxOut(
        code=found.code, kind=found.kind, kit_id=found.item_id, place_id=found.place_id, boxes_inside=found.inner,
        intact=not found.pieces_out,
        units=[
            InBoxOut(
                box=unit.box, epc=unit.epc, item_id=unit.item_id, status=unit.status, lot=unit.lot, expiry=unit.expiry,
                taken_out=unit.place_id != found.place_id,
            )
            for unit in found.units
        ],
        lots=[
            LotInBoxOut(
                box=lot.box, lot_id=lot.lot_id, item_id=lot.item_id, lot=lot.lot, expiry=lot.expiry, quantity=lot.quantity
            )
            for lot in found.lots
        ],
    )  # fmt: skip


@router.get("/boxes", response=may_fail(BoxOut))
def one_box(request: HttpRequest, code: Text) -> BoxOut:
    """What is in the box of this code (``00/<sscc>``, 18 digits, or a whole scan)."""
    return _box(box_for(actor(request), box_code(code)))


class ListedBoxOut(Schema):
    """A box of a list. ``seal``: ``sealed``, ``broken`` (something went its own way) or ``open`` (nothing is in it)."""

    code: str
    kind: str
    kit_id: int | None
    seal: str
    place_id: int | None
    boxes_inside: int
    pieces: int
    taken_out: int
    created_at: datetime


class BoxesOut(Schema):
    """One page of a list; ``count``: boxes on all of them."""

    count: int
    boxes: list[ListedBoxOut]


@router.get("/boxes/list", response=may_fail(BoxesOut))
def list_boxes(
    request: HttpRequest,
    kind: Code = "",
    seal: Code = "",
    place_id: Id | None = None,
    kit_id: Id | None = None,
    text: Text = "",
    start: Start = 0,
) -> BoxesOut:
    """Boxes, pallets and kits that you may see, the latest first, 200 at a time from ``start`` on.

    ``place_id``: at or below that place; ``seal``: one or several, with commas between them."""
    who = actor(request)
    if not who.may("view"):
        raise NotFound("boxes")
    within = place_for(who, place_id).path if place_id else ""
    found = boxes(
        who,
        kind=kind,
        seals=several(seal),
        within=within,
        item_ids=[kit_id] if kit_id else (),
        text=box_code(text),
    )
    listed = [
        ListedBoxOut(
            code=each.code, kind=each.kind, kit_id=each.item_id, seal=each.seal, place_id=each.place_id,
            boxes_inside=each.inner, pieces=each.pieces, taken_out=each.taken_out, created_at=each.created_at,
        )
        for each in found[start : start + A_PAGE]
    ]  # fmt: skip
    return BoxesOut(count=found.count(), boxes=listed)


class HappeningOut(Schema):
    """``what``: ``pack``, ``unpack``, ``moved``, ``broke`` (taken out of it) or ``back`` (with it again). ``box``: which box
    inside it, empty for the box itself; ``left``: pieces that did not come along; ``event_id``: the entry of the ledger."""

    at: datetime
    what: str
    box: str
    actor: str
    place: Both
    pieces: int
    left: int
    step: str
    event_id: str
    note: str


@router.get("/boxes/history", response=may_fail(list[HappeningOut]))
def box_history(request: HttpRequest, code: Text) -> list[HappeningOut]:
    """What happened to a box, the latest first: who packed it, moved it, broke its seal."""
    who = actor(request)
    return [
        HappeningOut(
            at=each.at, what=each.what, box=each.box, actor=each.actor, place=each.place, pieces=each.pieces, left=each.left,
            step=each.step, event_id=each.event, note=each.note,
        )
        for each in history(who, box_for(who, box_code(code)).id)
    ]  # fmt: skip


@router.get("/boxes/label.pdf", openapi_extra=PDF)
def label(request: HttpRequest, code: Text) -> HttpResponse:
    """The label of a box as PDF."""
    return HttpResponse(
        box_labels([box_for(actor(request), box_code(code)).code]), content_type="application/pdf"
    )


class InKitIn(Shape):
    item_id: Id
    quantity: Pieces


class BillIn(Act):
    """Without lines the item is a kit no more; ``note``: why it was changed."""

    lines: list[InKitIn] = Field(max_length=MOST)
    note: Note = ""


class ChangedOut(Schema):
    """Pieces of an item in a bill before a change and after it; 0 where it was not in it."""

    item: str
    before: int
    after: int


class BillChangeOut(Schema):
    at: datetime
    actor: str
    note: str
    lines: list[ChangedOut]


class InKitOut(Schema):
    item_id: int
    item_code: str
    item_name: str
    quantity: int


@router.get("/kits/{item_id}", response=may_fail(list[InKitOut]))
def one_bill(request: HttpRequest, item_id: Id) -> list[InKitOut]:
    """What belongs in a kit."""
    if not actor(request).may("view"):
        raise NotFound("kit")
    return [
        InKitOut(
            item_id=line.item_id, item_code=line.item.code, item_name=line.item.name, quantity=line.quantity
        )
        for line in bill(item_id)
    ]


@router.post("/kits/{item_id}", response=may_fail(Answer))
def keep_bill(request: HttpRequest, item_id: Id, payload: BillIn) -> Answer:
    """Say what belongs in a kit."""
    lines = [InKit(line.item_id, line.quantity) for line in payload.lines]
    given = payload.model_dump(exclude={"lines"})
    return answered(set_bill(actor=actor(request), kit_id=item_id, lines=lines, **given))


@router.get("/kits/{item_id}/changes", response=may_fail(list[BillChangeOut]))
def bill_changes(request: HttpRequest, item_id: Id) -> list[BillChangeOut]:
    """Every change of what belongs in a kit, the latest first."""
    if not actor(request).may("view"):
        raise NotFound("kit")
    return [BillChangeOut.model_validate(each, from_attributes=True) for each in changes(item_id)]
