"""Vials in a ward, ready to be opened."""

from decimal import Decimal
from typing import Any

from tests.flows.site import Site, soon
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.flows.acts import Done
from yanji.flows.issue import issue, take_in
from yanji.flows.opened.openings import Holds, set_opening
from yanji.flows.opened.piece import open_piece
from yanji.flows.pick import pick
from yanji.ledger.api import LotQuantity


def editor(here: Site) -> Actor:
    return Actor(here.buyer.pk, "editor", {"edit_catalog": ("/",)})


def ward_lot(here: Site) -> int:
    """Ten pieces of 5 mL in the ward, good for 48 hours once opened."""
    item = here.counted
    set_opening(actor=editor(here), key=unique("k"), item_id=item.pk, holds=Holds(Decimal(5), "mL", 48))
    found = here.stocked_lot(10, expiry=soon(90))
    wanted = here.requisition((item, 10))
    things = [LotQuantity(found, Decimal(10), here.h.store.pk)]
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=things)
    issued = issue(actor=here.keeper, key=unique("k"), requisition_id=wanted.id)
    take_in(actor=here.ward, key=unique("k"), issue_id=issued.id, to_place_id=here.h.cabinet.pk)
    return found


def opened(here: Site, lot: int, **fields: Any) -> Done:
    return open_piece(actor=here.ward, key=unique("k"), place_id=here.h.cabinet.pk, lot_id=lot, **fields)
