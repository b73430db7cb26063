"""What nobody can mean is refused before anything is kept: times to come, days of no calendar, amounts, made-up reasons."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.flows.announced import Announced
from yanji.flows.correction import take_back, void_receipt
from yanji.flows.giveback import give_back, inspect_return
from yanji.flows.scrap import scrap
from yanji.flows.ship_notice import announce
from yanji.flows.witness import witness_by_password
from yanji.ledger.api import Refused
from yanji.ledger.models import Event


def refused(code: str, act: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert {offence.code for offence in found.value.offences} == {code}
    assert contents() == before


def notify(here: Site, order: Any, **fields: Any) -> Any:
    line = {"quantity": 1, "lot": "L1", "expiry": date(2049, 12, 31), **fields}
    at = line.pop("happened_at", None)
    lines = [Announced(here.h.item.pk, **line)]
    return announce(actor=here.keeper, key=unique("k"), order_id=order.id, lines=lines, happened_at=at)


def test_documents_without_ledger_lines_do_not_lie_ahead_of_their_time(committed: Site) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    order = committed.order()
    refused("in_future", lambda: committed.order(happened_at=tomorrow))
    refused("in_future", lambda: committed.requisition(happened_at=tomorrow))
    refused("in_future", lambda: notify(committed, order, happened_at=tomorrow))
    notify(committed, order, happened_at=timezone.now() + timedelta(minutes=1))  # clocks differ a little


@pytest.mark.parametrize("expiry", [date(1, 1, 1), date(9999, 12, 31)])
def test_day_of_no_calendar(committed: Site, expiry: date) -> None:
    order = committed.order()
    refused("bad_time", lambda: notify(committed, order, expiry=expiry))


def test_no_more_is_announced_than_can_come(committed: Site) -> None:
    order = committed.order((committed.h.item, 10))
    refused("over_announced", lambda: notify(committed, order, quantity=11))
    notify(committed, order, quantity=10)


def test_reasons_are_those_that_the_hospital_offers(committed: Site) -> None:
    here, h = committed, committed.h
    first, second = here.stocked(2)
    receipt_event = Event.objects.get(step="accept")
    witness = witness_by_password(here.second.username, "Zweite-Person-7", actor=here.keeper)
    key = unique("k")
    refused(
        "unknown_reason",
        lambda: scrap(actor=here.keeper, key=key, things=[first], reason="because", witness=witness),
    )
    refused(
        "unknown_reason",
        lambda: take_back(actor=here.keeper, key=key, event_id=str(receipt_event.pk), reason="because"),
    )
    refused(
        "unknown_reason",
        lambda: inspect_return(actor=here.keeper, key=key, store_id=h.store.pk, hold={"because": [second]}),
    )
    refused(
        "unknown_reason",
        lambda: give_back(
            actor=here.ward,
            key=key,
            department_id=h.department.pk,
            store_id=h.store.pk,
            things=[first],
            reason="because",
        ),
    )
    receipt = here.receive(here.order((h.item, 1)), here.arrival())
    refused(
        "unknown_reason",
        lambda: void_receipt(actor=here.keeper, key=key, receipt_id=receipt.id, reason="because"),
    )
    scrap(actor=here.keeper, key=key, things=[first], reason="damaged", witness=witness)
