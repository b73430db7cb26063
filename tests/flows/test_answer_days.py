"""The days that a supplier promises: one for each delivery, and the buyer's word where one is later than ordered."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

from tests.flows.buying import line_of, today
from tests.flows.site import Site
from tests.flows.test_buying import answer, place, refused
from tests.makers import unique
from yanji.flows.buying.answers import Promise, settle_answer
from yanji.flows.buying.models import DeliveryPart, LineAnswer
from yanji.flows.buying.owed import back_orders
from yanji.flows.purchase import Ordered, Part


def test_a_day_later_than_the_orders_asks_the_buyer_who_may_insist(committed: Site):
    wanted = today() + timedelta(days=5)
    order = place(committed, Ordered(committed.h.item.pk, 10, Decimal(100)), expected_on=wanted)
    line = line_of(order)
    assert answer(committed, line, "confirmed", promised_on=wanted).facts["settled"] == "accepted"
    done = answer(committed, line, "confirmed", promised_on=wanted + timedelta(days=1))
    assert (done.state, done.facts["settled"]) == ("changed", "open")
    settle_answer(actor=committed.purchasing, key=unique("k"), answer_id=done.id, accept=False)
    assert not LineAnswer.objects.get(pk=done.id).stands, "the supplier is asked again"
    [due] = back_orders(committed.purchasing, today=today())
    assert (due.pieces, due.promised_on) == (10, wanted), "the day that the buyer refused is no promise"
    again = answer(committed, line, "changed", promised_on=wanted + timedelta(days=2))
    settle_answer(actor=committed.purchasing, key=unique("k"), answer_id=again.id, accept=True)
    assert line_of(order).given_up == 0, "all of it still comes"


def test_each_delivery_of_a_line_has_its_day_and_none_is_years_away(committed: Site):
    days = [today() + timedelta(days=5), today() + timedelta(days=9)]
    parts = [Part(days[0], 4), Part(days[1], 6)]
    line = line_of(place(committed, Ordered(committed.h.item.pk, 10, Decimal(100), parts=parts)))
    first, second = DeliveryPart.objects.order_by("due_on")
    far = today() + timedelta(days=731)
    for code, said in (
        ("promise_each_delivery", {"promised_on": days[1]}),
        ("promise_of_no_delivery", {"promises": [Promise(second.pk + 99, days[1])]}),
        ("promised_far", {"promises": [Promise(second.pk, far)]}),
        ("promised_past", {"promises": [Promise(first.pk, today() - timedelta(days=1))]}),
    ):
        refused(code, partial(answer, committed, line, "confirmed", **said), committed)
    same = [Promise(first.pk, days[0]), Promise(second.pk, days[1])]
    refused("answer_changes_nothing", partial(answer, committed, line, "changed", promises=same), committed)
    assert answer(committed, line, "confirmed", promises=same).facts["settled"] == "accepted"
    assert not LineAnswer.objects.exclude(settled="accepted").exists()
