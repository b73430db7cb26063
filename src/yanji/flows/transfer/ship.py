"""A load leaves the store that sends it: handed to somebody, under seals, at a cost."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, Refused, Step, post, virtual_places

from ..acts import Done, moment, verb
from ..consign.coverage import not_covered
from ..packing.contents import Contents
from ..packing.lying import serves
from ..packing.picked import chosen_kits, end, pieces_with, whole_kits
from ..things import Thing, lines, look_up
from ..validity import papers_at_issue
from .gate import allow_transfer, transfer_for
from .models import Shipment, Transfer
from .pick import as_picked, check_in_hand
from .state import count, in_hand, keep_events, lines_of

MOST_COST = Decimal(10) ** 8


def draft_shipment(
    transfer: Transfer, things: Sequence[Thing], *, key: str, at: datetime, handed_to: str, seals: str = ""
) -> Draft:
    """Things leave the store and are on their way. Pure but for the place of what is in transit."""
    return Draft(
        step=Step.SHIP,
        key=key,
        happened_at=at,
        lines=lines(things, virtual_places().transit, transfer.source_id),
        documents={"transfer": transfer.number, **({"seals": seals} if seals else {})},
        note=handed_to,
        read_point_id=transfer.source_id,
    )


@verb
def ship(
    *,
    actor: Actor,
    key: str,
    transfer_id: int,
    handed_to: str,
    things: Sequence[Thing] | None = None,
    seals: str = "",
    cost: Decimal = Decimal(0),
    happened_at: datetime | None = None,
    opened: Sequence[Contents] = (),
) -> Done:
    """Send what was picked: all of it, or the things named; a kit only as a whole. ``handed_to``: who takes it along;
    ``cost``: of the way, CNY.

    A transfer may go in several loads. ``facts.warnings``: papers amiss of the goods. Raises :class:`Refused` for what was not
    picked for it, where nobody takes it, for a supplier's goods for which no agreement holds where they would go, and for
    papers amiss where the rules say so.
    """
    at = moment(happened_at)
    transfer = transfer_for(actor, transfer_id, may="ship", lock=True)
    allow_transfer(transfer, "ship")
    if not handed_to.strip():
        raise Refused("handed_to_needed", thing=transfer.number)
    if not (cost.is_finite() and 0 <= cost < MOST_COST and cost == round(cost, 2)):
        raise Refused("bad_way_cost")
    picked, _on_the_way = in_hand(transfer.pk)
    # Pieces of a counted lot are taken from what was set aside, not from what lies beside it.
    chosen = picked.things if things is None else [as_picked(thing) for thing in things]
    if not chosen:
        raise Refused("empty")
    check_in_hand(picked, chosen, transfer)
    kits = chosen_kits(whole_kits(serves(transfer), chosen), chosen, opened, whole=things is None)
    # Asked again: an agreement may have ended while they lay picked.
    if offences := not_covered(chosen, transfer.destination, timezone.localdate(at)):
        raise Refused.of(offences)
    papers = papers_at_issue(chosen, at).check()
    draft = draft_shipment(transfer, chosen, key=key, at=at, handed_to=handed_to.strip(), seals=seals)
    event = post(draft, actor=actor).event_id
    keep_events(transfer, event)
    pieces = pieces_with(look_up(chosen), chosen, kits) if kits else picked.by_item(chosen)
    end(kits, "issued", event)
    Shipment.objects.create(
        transfer=transfer,
        event_id=event,
        shipped_at=at,
        handed_to=handed_to.strip(),
        seals=seals,
        cost=cost,
        pieces=pieces.total(),
        actor_id=actor.person_id,
    )
    count(transfer, lines_of(transfer), "ship", shipped=pieces)
    return Done(transfer.number, transfer.pk, transfer.state, (event,), papers.facts())
