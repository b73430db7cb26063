"""Goods are not expected on a day that is over: not of a new order, a changed one, or a draft that lay too long."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from tests.flows.buying import today
from tests.flows.site import Site, contents
from tests.flows.test_buying import place
from tests.makers import unique
from yanji.flows.buying.changing import change_order
from yanji.flows.buying.models import DeliveryPart
from yanji.flows.models import PurchaseOrder
from yanji.flows.purchase import Ordered, Part, send_order
from yanji.ledger.api import Refused

DAY = timedelta(days=1)


def refused(act, code: str = "expected_past") -> str:
    before = contents()
    with pytest.raises(Refused) as error:
        act()
    assert contents() == before, "nothing is written"
    [offence] = error.value.offences
    assert offence.code == code
    return error.value.sentences()[0]


def test_an_order_expected_yesterday_is_refused(committed: Site):
    line = Ordered(committed.h.item.pk, 2, Decimal(10))
    said = refused(lambda: place(committed, line, expected_on=today() - DAY))
    assert str(today() - DAY) in said
    assert str(today()) in said
    for day in (today(), today() + DAY, None):
        done = place(committed, line, expected_on=day)
        assert PurchaseOrder.objects.get(pk=done.id).expected_on == day


def test_a_draft_whose_day_has_passed_is_placed_with_another(committed: Site):
    line = Ordered(committed.h.item.pk, 2, Decimal(10))
    draft = place(committed, line, expected_on=today(), draft=True)
    PurchaseOrder.objects.filter(pk=draft.id).update(expected_on=today() - DAY)

    def send():
        return send_order(actor=committed.purchasing, key=unique("k"), order_id=draft.id)

    def change(day):
        return change_order(
            actor=committed.purchasing, key=unique("k"), order_id=draft.id, lines=[line], expected_on=day,
        )  # fmt: skip

    refused(send)
    refused(lambda: change(today() - 2 * DAY))
    change(today() + DAY)
    assert send().state == "placed"


def test_an_order_that_is_late_keeps_its_day_when_it_is_changed_in_all_else(committed: Site):
    order = place(committed, Ordered(committed.h.item.pk, 2, Decimal(10)), expected_on=today())
    PurchaseOrder.objects.filter(pk=order.id).update(expected_on=today() - DAY)
    change_order(
        actor=committed.purchasing, key=unique("k"), order_id=order.id, lines=[Ordered(committed.h.item.pk, 3, Decimal(10))],
        reason="One more", expected_on=today() - DAY,
    )  # fmt: skip
    row = PurchaseOrder.objects.get(pk=order.id)
    assert (row.expected_on, [line.quantity for line in row.lines.all()]) == (today() - DAY, [3])


def in_parts(here: Site, *due, pieces: int = 2) -> Ordered:
    return Ordered(here.h.item.pk, pieces, Decimal(10), parts=[Part(day, pieces // len(due)) for day in due])


def test_a_part_is_not_due_on_a_day_that_is_over(committed: Site):
    line = in_parts(committed, today(), today() - DAY)
    said = refused(lambda: place(committed, line), "part_past")
    assert str(today() - DAY) in said
    draft = place(committed, in_parts(committed, today(), today() + DAY), draft=True)
    DeliveryPart.objects.filter(due_on=today()).update(due_on=today() - DAY)
    refused(lambda: send_order(actor=committed.purchasing, key=unique("k"), order_id=draft.id), "part_past")


def test_the_orders_day_and_its_deliveries_agree(committed: Site):
    line = in_parts(committed, today() + DAY, today() + 3 * DAY)
    said = refused(lambda: place(committed, line, expected_on=today() + 2 * DAY), "part_after_expected")
    assert str(today() + 3 * DAY) in said
    said = refused(lambda: place(committed, line, expected_on=today() + 9 * DAY), "expected_after_parts")
    assert str(today() + 3 * DAY) in said
    order = place(committed, line)
    assert PurchaseOrder.objects.get(pk=order.id).expected_on == today() + 3 * DAY, "its last delivery"
    later = in_parts(committed, today() + DAY, today() + 5 * DAY)
    change = partial(
        change_order, actor=committed.purchasing, order_id=order.id, lines=[later], reason="Later"
    )
    refused(lambda: change(key=unique("k"), expected_on=today() + 3 * DAY), "part_after_expected")
    change(key=unique("k"))
    assert PurchaseOrder.objects.get(pk=order.id).expected_on == today() + 5 * DAY


def test_a_part_that_was_planned_may_stay_when_the_rest_is_changed(committed: Site):
    order = place(committed, in_parts(committed, today(), today() + DAY))
    DeliveryPart.objects.filter(due_on=today()).update(due_on=today() - DAY)

    def change(*due):
        return change_order(
            actor=committed.purchasing, key=unique("k"), order_id=order.id, reason="Later",
            lines=[in_parts(committed, *due, pieces=4)],
        )  # fmt: skip

    refused(lambda: change(today() - 2 * DAY, today() + DAY), "part_past")
    change(today() - DAY, today() + 2 * DAY)
    days = list(DeliveryPart.objects.order_by("due_on").values_list("due_on", flat=True))
    assert days == [today() - DAY, today() + 2 * DAY]
