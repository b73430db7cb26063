"""From what is needed to what was ordered: requests, contract prices, approval, changes, the supplier's answers."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.flows.buying import chief, contract, line_of, supplier_person, today, waiting
from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.access.gates import NotFound
from yanji.catalog.models import Price, Supplier
from yanji.flows.approval import decide
from yanji.flows.attempts import Attempt
from yanji.flows.buying.answers import Promise, answer_line, settle_answer
from yanji.flows.buying.changing import change_order, drop_change
from yanji.flows.buying.models import (
    Contract,
    DeliveryPart,
    LineAnswer,
    OrderChange,
    PurchaseRequest,
    PurchaseRequestLine,
)
from yanji.flows.buying.owed import back_orders, spread
from yanji.flows.buying.requests import Needed, ask_for_purchase, close_request
from yanji.flows.models import OrderLine, PurchaseOrder
from yanji.flows.purchase import (
    Ordered,
    Part,
    cancel_order,
    close_order,
    place_order,
    send_order,
    withdraw_order,
)
from yanji.ledger.api import Refused


def place(here: Site, *lines: Ordered, **fields):
    return place_order(
        actor=fields.pop("actor", here.purchasing), key=unique("k"), supplier_id=here.h.supplier.pk,
        deliver_to_id=here.h.store.pk, lines=list(lines), **fields,
    )  # fmt: skip


def say(actor, approval, approve=True):
    return decide(
        actor=actor,
        key=unique("k"),
        approval_id=approval.pk,
        approve=approve,
        comment="" if approve else "too much",
    )


def ask(here: Site, quantity: int = 4, **fields):
    return ask_for_purchase(
        actor=fields.pop("actor", here.ward), key=unique("k"), place_id=here.h.department.pk,
        lines=[Needed(here.h.item.pk, quantity)], reason="Cases of next week", needed_by=today() + timedelta(days=7),
        **fields,
    )  # fmt: skip


def refused(code: str, act, here: Site):
    """The act is refused with this code, and nothing was written."""
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert found.value.code == code
    assert contents() == before
    return found.value


# Requests


def test_a_request_without_rules_can_be_ordered_at_once(committed: Site):
    Price.objects.create(item=committed.h.item, supplier=committed.h.supplier, amount=120, valid_from=today())
    done = ask(committed)
    request = PurchaseRequest.objects.get(pk=done.id)
    assert (request.state, request.amount) == ("approved", Decimal(480))
    order = place(committed, Ordered(committed.h.item.pk, 3), request_id=done.id)
    request.refresh_from_db()
    assert request.state == "partly_ordered"
    assert PurchaseRequestLine.objects.get().ordered == 3
    place(committed, Ordered(committed.h.item.pk, 9), request_id=done.id)
    request.refresh_from_db()
    assert request.state == "ordered"
    cancel_order(actor=committed.purchasing, key=unique("k"), order_id=order.id, reason="Ordered twice")
    request.refresh_from_db()
    assert (request.state, PurchaseRequestLine.objects.get().ordered) == ("partly_ordered", 1)


def test_a_request_waits_for_its_approval_and_is_never_approved_by_who_asks(committed: Site):
    head = chief(committed, "purchase_request")
    done = ask(committed)
    assert done.state == "waiting"
    refused(
        "document_closed",
        lambda: place(committed, Ordered(committed.h.item.pk, 1), request_id=done.id),
        committed,
    )
    step = waiting("purchase_request", done)
    mine = (
        ask(committed, actor=committed.actor(committed.buyer))
        if committed.purchasing.may("request")
        else None
    )
    assert mine is None
    say(head, step)
    assert PurchaseRequest.objects.get(pk=done.id).state == "approved"


def test_a_refused_request_cannot_be_ordered_and_an_approved_one_can_be_closed(committed: Site):
    head = chief(committed, "purchase_request")
    done = ask(committed)
    say(head, waiting("purchase_request", done), approve=False)
    assert PurchaseRequest.objects.get(pk=done.id).state == "refused"
    refused(
        "document_closed",
        lambda: place(committed, Ordered(committed.h.item.pk, 1), request_id=done.id),
        committed,
    )
    other = ask(committed)
    close_request(actor=committed.ward, key=unique("k"), request_id=other.id, reason="Case cancelled")
    assert PurchaseRequest.objects.get(pk=other.id).state == "closed"
    assert PurchaseRequest.objects.get(pk=other.id).closed_because == "Case cancelled"


def test_who_asks_for_nothing_there_is_refused(committed: Site):
    elsewhere = committed.actor(supplier_person(committed))
    before = contents()
    with pytest.raises((Refused, NotFound)):
        ask(committed, actor=elsewhere)
    assert contents() == before


# Contract prices


def test_the_contract_gives_the_price(committed: Site):
    agreed = contract(committed)
    line = line_of(place(committed, Ordered(committed.h.item.pk, 2)))
    assert (line.price, line.contract_price, line.contract_item.contract_id) == (90, 90, agreed.id)
    assert line.price_difference == 0


def test_without_a_contract_the_catalogue_gives_it(committed: Site):
    Price.objects.create(item=committed.h.item, supplier=committed.h.supplier, amount=77, valid_from=today())
    line = line_of(place(committed, Ordered(committed.h.item.pk, 2)))
    assert (line.price, line.contract_price) == (77, None)


def test_another_price_needs_a_reason_and_shows_the_difference(committed: Site):
    contract(committed)
    item = committed.h.item.pk
    said = refused("price_off_contract", lambda: place(committed, Ordered(item, 2, Decimal(95))), committed)
    assert "+5.00" in str(said)
    line = line_of(place(committed, Ordered(item, 2, Decimal(95), "Rush surcharge agreed by phone")))
    assert (line.price_difference, line.price_reason) == (5, "Rush surcharge agreed by phone")


def test_a_contract_cannot_be_overdrawn_and_a_cancelled_order_gives_its_part_back(committed: Site):
    contract(committed, maximum_value=Decimal(500))
    item = committed.h.item.pk
    first = place(committed, Ordered(item, 4))
    refused("contract_exhausted", lambda: place(committed, Ordered(item, 2)), committed)
    place(committed, Ordered(item, 1))
    cancel_order(actor=committed.purchasing, key=unique("k"), order_id=first.id, reason="Wrong item")
    assert place(committed, Ordered(item, 4)).state == "placed"


def test_a_draft_contract_gives_no_price_and_an_ended_one_no_more(committed: Site):
    from yanji.flows.buying.contracts import end_contract

    Price.objects.create(item=committed.h.item, supplier=committed.h.supplier, amount=77, valid_from=today())
    draft = contract(committed, start=False)
    assert line_of(place(committed, Ordered(committed.h.item.pk, 1))).contract_price is None
    from yanji.flows.buying.contracts import start_contract

    start_contract(actor=committed.purchasing, key=unique("k"), contract_id=draft.id)
    assert line_of(place(committed, Ordered(committed.h.item.pk, 1))).contract_price == 90
    end_contract(actor=committed.purchasing, key=unique("k"), contract_id=draft.id, reason="New tender")
    assert line_of(place(committed, Ordered(committed.h.item.pk, 1))).contract_price is None


def test_a_contract_waits_for_who_must_approve_its_value(committed: Site):
    head = chief(committed, "contract", from_amount=100)
    done = contract(committed, maximum_value=Decimal(1000))
    assert Contract.objects.get(pk=done.id).state == "waiting"
    say(head, waiting("contract", done))
    assert Contract.objects.get(pk=done.id).state == "active"


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"valid_to": today() - timedelta(days=400)}, "several"),
        ({"minimum_value": Decimal(5), "maximum_value": Decimal(4)}, "contract_values"),
        ({"over_delivery_percent": Decimal(101)}, "bad_percent"),
        ({"price_tolerance_percent": Decimal("NaN")}, "bad_percent"),
    ],
)
def test_terms_that_no_contract_can_have(committed: Site, terms, code):
    refused(code, lambda: contract(committed, **terms), committed)


def test_two_prices_on_one_day_are_refused(committed: Site):
    refused(
        "contract_price_twice",
        lambda: contract(committed, (committed.h.item, 1), (committed.h.item, 2)),
        committed,
    )


# Approval of orders


def test_an_order_waits_and_is_placed_by_its_approval(committed: Site):
    head = chief(committed, "order", from_amount=500)
    small = place(committed, Ordered(committed.h.item.pk, 4, Decimal(100)))
    assert small.state == "placed"
    order = place(committed, Ordered(committed.h.item.pk, 5, Decimal(100)))
    assert (order.state, PurchaseOrder.objects.get(pk=order.id).placed_at) == ("waiting", None)
    refused("order_closed", lambda: committed.receive(order, committed.arrival()), committed)
    say(head, waiting("order", order))
    assert PurchaseOrder.objects.get(pk=order.id).state == "placed"


def test_an_approval_by_the_requester_is_refused_and_kept(committed: Site):
    from tests.flows.approving import role, rule
    from yanji.access.models import Grant

    held = role("院长", "Chief")
    rule(committed.h.campus, held, kind="order")
    Grant.objects.create(person=committed.buyer, role=held, place=committed.h.campus)
    order = place(committed, Ordered(committed.h.item.pk, 5, Decimal(100)))
    refused("approval_by_requester", lambda: say(committed.purchasing, waiting("order", order)), committed)
    assert PurchaseOrder.objects.get(pk=order.id).state == "waiting"
    assert Attempt.objects.get().code == "approval_by_requester"


def test_a_refused_order_is_a_draft_again_and_asked_for_anew(committed: Site):
    head = chief(committed, "order")
    order = place(committed, Ordered(committed.h.item.pk, 5, Decimal(100)))
    say(head, waiting("order", order), approve=False)
    assert PurchaseOrder.objects.get(pk=order.id).state == "draft"
    change_order(
        actor=committed.purchasing, key=unique("k"), order_id=order.id, lines=[Ordered(committed.h.item.pk, 2, Decimal(100))]
    )  # fmt: skip
    assert send_order(actor=committed.purchasing, key=unique("k"), order_id=order.id).state == "waiting"
    assert waiting("order", order).amount == 200


def test_a_waiting_order_can_be_taken_back_to_a_draft(committed: Site):
    chief(committed, "order")
    order = place(committed, Ordered(committed.h.item.pk, 5, Decimal(100)))
    withdraw_order(actor=committed.purchasing, key=unique("k"), order_id=order.id)
    assert PurchaseOrder.objects.get(pk=order.id).state == "draft"


# Changes


def change(here: Site, order, *lines: Ordered, reason: str = "Supplier has bigger packs"):
    return change_order(
        actor=here.purchasing, key=unique("k"), order_id=order.id, lines=list(lines), reason=reason
    )


def test_a_changed_order_asks_anew_and_stands_until_then(committed: Site):
    head = chief(committed, "order", from_amount=600)
    order = place(committed, Ordered(committed.h.item.pk, 5, Decimal(100)))
    done = change(committed, order, Ordered(committed.h.item.pk, 8, Decimal(100)))
    assert done.facts["waits"] is True
    assert line_of(order).quantity == 5
    refused("change_waits", lambda: change(committed, order, Ordered(committed.h.item.pk, 9)), committed)
    committed.receive(order, *(committed.arrival() for _ in range(5)))
    say(head, waiting("order", order))
    line = line_of(order)
    assert (line.quantity, line.received, line.outstanding) == (8, 5, 3)
    assert PurchaseOrder.objects.get(pk=order.id).state == "partly_received"


def test_a_change_of_equal_value_is_asked_for_anew_too(committed: Site):
    head = chief(committed, "order")
    order = place(committed, Ordered(committed.h.item.pk, 5, Decimal(100)))
    say(head, waiting("order", order))
    done = change(committed, order, Ordered(committed.counted.pk, 5, Decimal(100)))
    assert done.facts["waits"] is True
    say(head, waiting("order", order), approve=False)
    assert OrderChange.objects.get().state == "refused"
    assert line_of(order).item_id == committed.h.item.pk


def test_a_change_can_be_dropped(committed: Site):
    chief(committed, "order", from_amount=600)
    order = place(committed, Ordered(committed.h.item.pk, 5, Decimal(100)))
    change(committed, order, Ordered(committed.h.item.pk, 8, Decimal(100)))
    drop_change(actor=committed.purchasing, key=unique("k"), order_id=order.id)
    assert OrderChange.objects.get().state == "withdrawn"
    refused(
        "no_change_waits",
        lambda: drop_change(actor=committed.purchasing, key=unique("k"), order_id=order.id),
        committed,
    )


def test_what_has_come_cannot_be_changed_away(committed: Site):
    order = place(committed, Ordered(committed.h.item.pk, 5, Decimal(100)))
    committed.receive(order, committed.arrival(), committed.arrival())
    refused(
        "change_below_received",
        lambda: change(committed, order, Ordered(committed.h.item.pk, 1, Decimal(100))),
        committed,
    )
    refused(
        "reason_needed",
        lambda: change(committed, order, Ordered(committed.h.item.pk, 7), reason=" "),
        committed,
    )


def test_a_change_is_refused_at_its_approval_where_more_has_come_since(committed: Site):
    head = chief(committed, "order", from_amount=1)
    order = place(committed, Ordered(committed.h.item.pk, 5, Decimal(100)))
    say(head, waiting("order", order))
    change(committed, order, Ordered(committed.h.item.pk, 1, Decimal(100)))
    committed.receive(order, committed.arrival(), committed.arrival())
    refused("change_below_received", lambda: say(head, waiting("order", order)), committed)
    assert OrderChange.objects.get().state == "waiting"


# Over-delivery


def test_a_tolerance_lets_a_surplus_in_and_no_more(committed: Site):
    contract(committed, over_delivery_percent=Decimal(10))
    order = place(committed, Ordered(committed.h.item.pk, 10))
    arrivals = [committed.arrival() for _ in range(12)]
    refused("over_delivered", lambda: committed.receive(order, *arrivals), committed)
    committed.receive(order, *arrivals[:11])
    line = line_of(order)
    assert (line.received, line.outstanding, line.surplus_left) == (11, 0, 0)
    raised = change(committed, order, Ordered(committed.h.item.pk, 12), reason="Surplus is needed")
    assert raised.facts["waits"] is False
    committed.receive(order, arrivals[11])
    assert line_of(order).received == 12


# Schedules and back orders


@pytest.mark.parametrize(
    ("received", "owed", "parts", "left"),
    [
        (0, 10, [4, 6], [(0, 4), (1, 6)]),
        (5, 5, [4, 6], [(1, 5)]),
        (10, 0, [4, 6], []),
        (2, 3, [4, 6], [(0, 2), (1, 1)]),  # five given up: the last part is shorter
    ],
)
def test_what_came_fills_the_earliest_part_first(received, owed, parts, left):
    assert list(spread(received, owed, [(None, pieces) for pieces in parts])) == left


def test_back_orders_say_what_is_owed_since_when_and_promised_for(committed: Site):
    late, soon = today() - timedelta(days=3), today() + timedelta(days=5)
    parts = [Part(today(), 4), Part(soon, 6, committed.h.department.pk)]
    order = place(committed, Ordered(committed.h.item.pk, 10, Decimal(100), parts=parts))
    DeliveryPart.objects.filter(due_on=today()).update(due_on=late)  # three days have passed
    committed.receive(order, committed.arrival())
    line = line_of(order)
    first, second = DeliveryPart.objects.order_by("due_on")
    said = answer(
        committed, line, "confirmed",
        promises=[Promise(first.pk, today() + timedelta(days=1)), Promise(second.pk, soon)],
    )  # fmt: skip
    assert (said.state, said.facts["settled"]) == ("changed", "open"), "the first comes later than it was due"
    due = back_orders(committed.purchasing, today=today())
    assert [(each.pieces, each.days_late, each.promised_on) for each in due] == [
        (3, 3, today() + timedelta(days=1)),
        (6, 0, soon),
    ]
    assert due[1].place_name == committed.h.department.name
    assert [each.pieces for each in back_orders(committed.purchasing, today=today(), late_only=True)] == [3]


def test_parts_must_add_up(committed: Site):
    lines = Ordered(committed.h.item.pk, 10, parts=[Part(today(), 4)])
    refused("parts_do_not_add_up", lambda: place(committed, lines), committed)
    twice = Ordered(committed.h.item.pk, 8, parts=[Part(today(), 4), Part(today(), 4)])
    refused("part_twice", lambda: place(committed, twice), committed)
    assert not DeliveryPart.objects.exists()


# The supplier's answers


def answer(here: Site, line: OrderLine, verdict: str, actor=None, **fields):
    return answer_line(
        actor=actor or here.actor(supplier_person(here)),
        key=unique("k"),
        line_id=line.pk,
        verdict=verdict,
        **fields,
    )


def test_fewer_pieces_wait_for_the_buyer(committed: Site):
    order = place(committed, Ordered(committed.h.item.pk, 10, Decimal(100)))
    line = line_of(order)
    done = answer(committed, line, "changed", pieces=7)
    assert done.facts["settled"] == "open"
    assert line_of(order).outstanding == 10
    settle_answer(actor=committed.purchasing, key=unique("k"), answer_id=done.id, accept=True)
    assert (line_of(order).given_up, line_of(order).outstanding) == (3, 7)
    refused(
        "answer_settled",
        lambda: settle_answer(actor=committed.purchasing, key=unique("k"), answer_id=done.id, accept=True),
        committed,
    )


def test_a_declined_line_ends_the_order_when_the_buyer_agrees(committed: Site):
    order = place(committed, Ordered(committed.h.item.pk, 10, Decimal(100)))
    first = answer(committed, line_of(order), "changed", pieces=7)
    done = answer(committed, line_of(order), "declined", note="Out of production")
    assert LineAnswer.objects.get(pk=first.id).settled == "replaced"
    settle_answer(actor=committed.purchasing, key=unique("k"), answer_id=done.id, accept=True)
    assert PurchaseOrder.objects.get(pk=order.id).state == "closed"


def test_answers_that_cannot_be(committed: Site):
    order = place(committed, Ordered(committed.h.item.pk, 10, Decimal(100)))
    committed.receive(order, committed.arrival())
    line = line_of(order)
    refused("bad_answer", lambda: answer(committed, line, "perhaps"), committed)
    refused("bad_answer_quantity", lambda: answer(committed, line, "changed", pieces=11), committed)
    refused("declined_after_delivery", lambda: answer(committed, line, "declined"), committed)
    refused("answer_changes_nothing", lambda: answer(committed, line, "changed"), committed)


def test_a_supplier_sees_no_order_of_another(committed: Site):
    other = Supplier.objects.create(code=unique("S"), name_zh="别家")
    order = place(committed, Ordered(committed.h.item.pk, 10, Decimal(100)))
    stranger = committed.actor(supplier_person(committed, other.pk))
    before = contents()
    with pytest.raises(NotFound):
        answer(committed, line_of(order), "confirmed", actor=stranger)
    with pytest.raises(NotFound):
        answer(committed, OrderLine(pk=10**9), "confirmed", actor=stranger)
    assert contents() == before


# Close and cancel


def test_closing_what_is_owed_needs_a_reason(committed: Site):
    order = place(committed, Ordered(committed.h.item.pk, 10, Decimal(100)))
    refused(
        "close_reason_needed",
        lambda: close_order(actor=committed.purchasing, key=unique("k"), order_id=order.id),
        committed,
    )
    close_order(actor=committed.purchasing, key=unique("k"), order_id=order.id, reason="Out of production")
    assert PurchaseOrder.objects.get(pk=order.id).ended_because == "Out of production"


def test_an_order_of_which_something_came_is_not_cancelled(committed: Site):
    order = place(committed, Ordered(committed.h.item.pk, 10, Decimal(100)))
    committed.receive(order, committed.arrival(rejected="damaged"))
    refused(
        "cancel_received",
        lambda: cancel_order(actor=committed.purchasing, key=unique("k"), order_id=order.id, reason="no"),
        committed,
    )


def test_a_change_cannot_overdraw_a_contract(committed: Site):
    contract(committed, maximum_value=Decimal(500))
    order = place(committed, Ordered(committed.h.item.pk, 4))
    refused(
        "contract_exhausted", lambda: change(committed, order, Ordered(committed.h.item.pk, 6)), committed
    )
    assert change(committed, order, Ordered(committed.h.item.pk, 5)).facts["waits"] is False
    assert line_of(order).quantity == 5
