"""Somebody asks for goods to go back to their supplier; whom the rules name approves, and the supplier authorises."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Supplier
from yanji.ledger.api import Draft, Offence, Refused, Status, Step, preview, virtual_places

from ..acts import Done, moment, verb
from ..approval import ask, decided, withdraw
from ..approval_kinds import KINDS, document_kind
from ..approval_rules import ruled_path
from ..documents import reached
from ..gates import place_at
from ..held import rejected_lots, rejected_units
from ..listed import CENT, Listed, listed, on_papers
from ..numbers import next_number
from ..reasons import check_reason
from ..states import SupplierReturnState
from ..things import Thing, lines, name
from .gate import allow_return, supplier_return_for
from .models import SupplierReturn, SupplierReturnLine

document_kind("supplier_return", KINDS["supplier_return"].label, "buyer:supplier_return")


def step_for(owner_id: int | None) -> Step:
    """What a supplier owns is handed back; what the hospital owns is sent back. Pure."""
    return Step.SEND_BACK if owner_id is None else Step.HAND_BACK


def not_theirs(goods: Iterable[Listed], supplier: Supplier) -> Iterator[Offence]:
    """What came from another supplier, or belongs to one. Pure."""
    for each in goods:
        # Of a counted lot that the hospital owns nobody knows which delivery a piece came with.
        known = each.owner_id if each.owner_id is not None else each.supplier_id
        if known is not None and known != supplier.pk:
            yield Offence("of_other_supplier", name(each.thing), {"supplier": supplier.name})


def ledger_offences(goods: Sequence[Listed], place_id: int, actor: Actor) -> list[Offence]:
    """What the ledger would say of sending these things back now. At most two statements."""
    found: list[Offence] = []
    for step in (Step.SEND_BACK, Step.HAND_BACK):
        things = [each.thing for each in goods if step_for(each.owner_id) is step]
        to = lines(things, virtual_places().supplier, place_id)
        draft = Draft(step, "preview", moment(None), to, reason="preview")
        found += preview(draft, actor=actor) if things else []
    return found


def without_rejected(goods: Sequence[Listed]) -> Iterator[Listed]:
    """The things, worth nothing where they were rejected on receipt: no invoice may ask for those, and no credit is due for
    them. Of a counted lot the rejected pieces leave first. Three statements at most."""
    units = rejected_units([name(each.thing) for each in goods if each.unit_id and each.owner_id is None])
    held = {each.lot_id for each in goods if _held_pieces(each)}
    left = Counter({lot: found.rejected for lot, found in rejected_lots(held).items()})
    for each in goods:
        if each.unit_id:
            yield replace(each, value=Decimal(0)) if name(each.thing) in units else each
        elif not (_held_pieces(each) and left[each.lot_id]):
            yield each
        else:
            refused = min(left[each.lot_id], each.quantity)
            left[each.lot_id] -= refused
            kept = each.quantity - refused
            yield replace(each, value=(each.value * kept / each.quantity).quantize(CENT))


def _held_pieces(each: Listed) -> bool:
    return not each.unit_id and each.owner_id is None and each.status == Status.QUARANTINED


def _going_back(goods: Iterable[Listed]) -> list[Offence]:
    """Units that another return lists already, and has not sent."""
    ids = [each.unit_id for each in goods if each.unit_id]
    open_states = (
        SupplierReturnState.AWAITING,
        SupplierReturnState.REQUESTED,
        SupplierReturnState.AUTHORISED,
    )
    lines = SupplierReturnLine.objects.filter(unit_id__in=ids, supplier_return__state__in=open_states)
    return on_papers(lines, "supplier_return__number")


def against_return(goods: Sequence[Listed], supplier: Supplier, place_id: int, actor: Actor) -> list[Offence]:
    """What speaks against asking for things to go back. Three statements at most."""
    return [*not_theirs(goods, supplier), *ledger_offences(goods, place_id, actor), *_going_back(goods)]


@verb
def ask_supplier_return(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    supplier_id: int,
    things: Sequence[Thing],
    reason: str,
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Ask for things that lie at a place or below to go back to a supplier. ``facts.expected``: the credit, CNY.

    Raises :class:`Refused` naming every thing that cannot go back: used, of another supplier, not there.
    """
    return open_return(
        actor=actor, place_id=place_id, supplier_id=supplier_id, things=things, reason=reason, note=note,
        at=moment(happened_at),
    )  # fmt: skip


def open_return(
    *,
    actor: Actor,
    place_id: int,
    supplier_id: int,
    things: Sequence[Thing],
    reason: str,
    note: str,
    at: datetime,
) -> Done:
    """Write the paper with its lines, and ask whom the rules name. Part of a verb; refuses as that one says."""
    check_reason("supplier_return", reason)
    place = place_at(actor, place_id, may="return_goods")
    supplier = Supplier.objects.filter(pk=supplier_id).first()
    if supplier is None:
        raise NotFound("supplier")
    goods = listed(things)
    if offences := against_return(goods, supplier, place.pk, actor):
        raise Refused.of(offences)
    credited = list(without_rejected(goods))
    back = SupplierReturn.objects.create(
        number=next_number("RS", path=place.path, at=at),
        supplier=supplier,
        place=place,
        reason=reason,
        note=note,
        expected=sum((each.value for each in credited if each.owner_id is None), Decimal(0)),
        actor_id=actor.person_id,
        created_at=at,
    )
    SupplierReturnLine.objects.bulk_create(
        SupplierReturnLine(supplier_return=back, **each.line()) for each in credited
    )
    value = sum((each.value for each in goods), Decimal(0))
    waits = ask(
        "supplier_return",
        back.pk,
        number=back.number,
        path=ruled_path("supplier_return", [each.path for each in goods]),
        amount=value,
        requester_id=actor.person_id,
    )
    if waits:
        back.state = SupplierReturnState.AWAITING
        back.save(update_fields=["state"])
    return Done(back.number, back.pk, back.state, facts={"expected": str(back.expected)})


@decided("supplier_return")
def _decided(return_id: int, approved: bool, actor: Actor) -> None:
    back = SupplierReturn.objects.select_for_update().get(pk=return_id)
    # What the supplier agreed to when the return was asked for holds once it is approved: nobody has to ask it again.
    granted = SupplierReturnState.AUTHORISED if back.authorisation else SupplierReturnState.REQUESTED
    back.state = reached("supplier_return", "approve", granted if approved else SupplierReturnState.REFUSED)
    back.save(update_fields=["state"])


@verb
def authorise_return(*, actor: Actor, key: str, return_id: int, authorisation: str) -> Done:
    """The supplier agreed, under a number of its own. It may be put right until the goods are sent."""
    return authorised(supplier_return_for(actor, return_id, may="return_goods", lock=True), authorisation)


def authorised(back: SupplierReturn, authorisation: str) -> Done:
    """A locked return may be sent. Part of a verb; refuses as :func:`authorise_return` says."""
    allow_return(back, "authorise")
    if not authorisation.strip():
        raise Refused("authorisation_needed", thing=back.number)
    back.authorisation = authorisation.strip()
    back.state = reached("supplier_return", "authorise", SupplierReturnState.AUTHORISED)
    back.save(update_fields=["authorisation", "state"])
    return Done(back.number, back.pk, back.state)


@verb
def cancel_return(*, actor: Actor, key: str, return_id: int) -> Done:
    """The goods stay after all. Nothing has moved yet, so nothing moves back."""
    back = supplier_return_for(actor, return_id, may="return_goods", lock=True)
    allow_return(back, "cancel")
    withdraw("supplier_return", back.pk)
    back.state = reached("supplier_return", "cancel", SupplierReturnState.CANCELLED)
    back.save(update_fields=["state"])
    return Done(back.number, back.pk, back.state)
