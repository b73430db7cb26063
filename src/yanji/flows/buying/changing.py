"""An order that was placed is changed: asked for anew, and changed only when that is approved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.ledger.api import Offence, Refused

from ..acts import Done, verb
from ..approval import ask, withdraw, worked_on
from ..documents import allow, reached
from ..gates import order_for
from ..models import OrderLine, PurchaseOrder
from ..received import order_state
from ..states import ChangeState, OrderState
from .answers import replace_answers
from .ending import decide_change
from .models import STANDS, DeliveryPart, OrderChange
from .placing import (
    Ordered,
    Part,
    agreed_day,
    amount_of,
    check_expected,
    check_part_days,
    check_part_places,
    check_placing,
    columns,
    lines_to_place,
    prices,
    write_parts,
)
from .pricing import Settled, unpriced
from .requests import give_back


@verb
def change_order(
    *,
    actor: Actor,
    key: str,
    order_id: int,
    lines: Sequence[Ordered],
    reason: str = "",
    expected_on: date | None = None,
) -> Done:
    """Let an order's lines be these from now on: a draft at once, a placed order when those approve it who must.

    ``facts.waits``: whether somebody must. Until then the order stands as it was. Raises :class:`Refused`: no reason,
    fewer pieces than have come, a change that waits already, and whatever placing an order is refused for.
    """
    from ..purchase import check_items

    order = order_for(actor, order_id, may="order", lock=True)
    _allow(order)
    if expected_on != order.expected_on:  # An order that is late may be changed in all else.
        check_expected(expected_on, timezone.localdate())
    items = check_items([line.item_id for line in lines])
    check_part_days(lines, items, timezone.localdate(), of=order)
    day = agreed_day(expected_on, lines, items)
    expected_on = day or agreed_day(order.expected_on, lines, items)
    check_part_places(lines, actor=actor)
    kept = {line.item_id: line for line in order.lines.select_related("item", "contract_item")}
    settled = prices(lines, items, order.supplier_id, order.deliver_to.path, timezone.localdate())
    if order.state == OrderState.DRAFT:
        worked_on("order", order.pk, actor.person_id)
        apply(order, kept, lines, expected_on)
        return Done(order.number, order.pk, order.state, facts={"waits": False})
    if not reason.strip():
        raise Refused("reason_needed")
    if order.changes.filter(state=ChangeState.WAITING).exists():
        raise Refused("change_waits", thing=order.number)
    _refuse(_unpriced(items, lines, settled))
    _refuse(_against(order, kept, items, lines))
    return _ask(actor, order, kept, lines, settled, reason.strip(), expected_on)


def _ask(
    actor: Actor,
    order: PurchaseOrder,
    kept: Mapping[int, OrderLine],
    lines: Sequence[Ordered],
    settled: Sequence[Settled],
    reason: str,
    expected_on: date | None,
) -> Done:
    change = OrderChange.objects.create(
        order=order,
        lines=[_as_json(line) for line in _with_prices(lines, settled)],
        expected_on=expected_on,
        reason=reason,
        amount_before=amount_of(kept.values()),
        amount_after=_amount(lines, settled),
        actor_id=actor.person_id,
    )
    order.actor_id = actor.person_id
    order.save(update_fields=["actor"])
    worked_on("order", order.pk, actor.person_id)
    waits = ask(
        "order",
        order.pk,
        number=order.number,
        path=order.deliver_to.path,
        amount=change.amount_after,
        requester_id=actor.person_id,
        anew=True,
    )
    if not waits:
        change_decided(order, change, approved=True)
    facts = {"waits": waits, "change_id": change.pk, "state": change.state}
    return Done(order.number, order.pk, order.state, facts=facts)


def _against(
    order: PurchaseOrder, kept: Mapping[int, OrderLine], items: Mapping[int, Item], lines: Sequence[Ordered]
) -> Iterator[Offence]:
    """What has come cannot be changed away. Pure."""
    wanted = {line.item_id: line.quantity for line in lines}
    for item_id, line in kept.items():
        left = wanted.get(item_id, 0)
        if left < line.received:
            name = items[item_id].name if item_id in items else line.item.name
            yield Offence("change_below_received", name, {"received": line.received, "quantity": left})


def _unpriced(
    items: Mapping[int, Item], lines: Sequence[Ordered], settled: Sequence[Settled]
) -> Iterator[Offence]:
    """Nobody approves lines of which nobody said what they cost. Pure."""
    for line, found in zip(lines, settled, strict=True):
        if unpriced(found.price, found.contract_price, found.reason):
            yield Offence("no_price", items[line.item_id].name)


def _with_prices(lines: Sequence[Ordered], settled: Sequence[Settled]) -> list[Ordered]:
    """The lines with the price that is asked for: what a contract says later does not change what is approved. Pure."""
    return [replace(line, price=found.price) for line, found in zip(lines, settled, strict=True)]


def _settled(order: PurchaseOrder, lines: Sequence[Ordered]) -> list[Settled]:
    items = Item.objects.in_bulk([line.item_id for line in lines])
    return prices(lines, items, order.supplier_id, order.deliver_to.path, timezone.localdate())


def _amount(lines: Sequence[Ordered], settled: Sequence[Settled]) -> Decimal:
    return sum((line.quantity * found.price for line, found in zip(lines, settled, strict=True)), Decimal(0))


def change_decided(order: PurchaseOrder, change: OrderChange, *, approved: bool) -> None:
    """A change comes into force, or is dropped. Raises :class:`Refused` where more has come since than it allows."""
    _allow(order)
    decide_change(change, "approve" if approved else "refuse")
    if not approved:
        return
    lines = [_from_json(row) for row in change.lines]
    kept = {line.item_id: line for line in order.lines.select_related("item", "contract_item")}
    items = Item.objects.in_bulk([line.item_id for line in lines])
    _refuse(_against(order, kept, items, lines))
    apply(order, kept, lines, change.expected_on)


def apply(
    order: PurchaseOrder, kept: Mapping[int, OrderLine], lines: Sequence[Ordered], expected_on: date | None
) -> None:
    """Write the lines as they shall be. As many statements for many lines as for few."""
    check_part_places(lines)
    settled = dict(zip([line.item_id for line in lines], _settled(order, lines), strict=True))
    new, old, asked_anew = [], [], []
    grown = {
        line.item_id
        for line in lines
        if line.item_id not in kept or line.quantity > kept[line.item_id].quantity
    }
    for line in lines:
        row = kept.get(line.item_id) or OrderLine(order=order, item_id=line.item_id)
        # Another quantity is a new question: what the supplier said, and what was given up, was of the old one.
        if row.pk and row.quantity != line.quantity:
            asked_anew.append(row.pk)
            row.given_up = 0
        row.quantity = line.quantity
        for name, value in columns(settled[line.item_id]).items():
            setattr(row, name, value)
        (old if row.pk else new).append(row)
    wanted = {line.item_id for line in lines}
    OrderLine.objects.filter(order=order).exclude(item_id__in=wanted).delete()
    OrderLine.objects.bulk_create(new)
    OrderLine.objects.bulk_update(
        old,
        ["quantity", "given_up", "price", "contract_item", "contract_price", "price_reason", "tolerance"],
    )
    replace_answers(asked_anew, among=STANDS)
    rows = {row.item_id: row for row in lines_to_place(order)}
    if order.state != OrderState.DRAFT:
        more = [row for item_id, row in rows.items() if item_id in grown]
        check_placing(order, list(rows.values()), more=more, counted=True)
    # A change says the whole of a line: days that it does not name are gone.
    DeliveryPart.objects.filter(line__order=order).delete()
    write_parts((rows[line.item_id], line.parts) for line in lines)
    _keep(order, list(rows.values()), expected_on)


def _keep(order: PurchaseOrder, rows: Sequence[OrderLine], expected_on: date | None) -> None:
    if order.state != OrderState.DRAFT:
        order.state = reached("order", "change", order_state(rows))
    order.expected_on = expected_on or order.expected_on
    order.save(update_fields=["state", "expected_on"])
    give_back(order)


@verb
def drop_change(*, actor: Actor, key: str, order_id: int) -> Done:
    """Withdraw a change that still waits for approval; the order stands as it was."""
    order = order_for(actor, order_id, may="order", lock=True)
    change = order.changes.filter(state=ChangeState.WAITING).first()
    if change is None:
        raise Refused("no_change_waits", thing=order.number)
    withdraw("order", order.pk)
    decide_change(change, "withdraw")
    return Done(order.number, order.pk, order.state)


def _allow(order: PurchaseOrder) -> None:
    allow("order", "change", number=order.number, state=order.state, label=order.get_state_display())


def _refuse(found: Iterator[Offence]) -> None:
    offences = list(found)
    if offences:
        raise Refused.of(offences)


def _as_json(line: Ordered) -> dict[str, Any]:
    parts = [
        {"due_on": str(part.due_on), "quantity": part.quantity, "place_id": part.place_id}
        for part in line.parts
    ]
    return {
        "item_id": line.item_id, "quantity": line.quantity, "price": f"{line.price:.2f}", "reason": line.reason,
        "parts": parts,
    }  # fmt: skip


def _from_json(row: Mapping[str, Any]) -> Ordered:
    parts = tuple(
        Part(date.fromisoformat(part["due_on"]), part["quantity"], part["place_id"]) for part in row["parts"]
    )
    return Ordered(row["item_id"], row["quantity"], Decimal(row["price"]), row["reason"], parts)


__all__ = ["apply", "change_decided", "change_order", "drop_change"]
