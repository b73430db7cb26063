"""Nobody needs goods before they ask for them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.flows.site import Site, contents
from tests.flows.transferring import Way, way
from tests.makers import unique
from yanji.flows.buying.requests import Needed, ask_for_purchase
from yanji.ledger.api import Refused


@pytest.fixture
def between(committed: Site) -> Way:
    return way(committed)


def refused(act: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert found.value.code == "needed_past"
    assert contents() == before


def ahead(**span: int) -> datetime:
    return timezone.now() + timedelta(**span)


def test_a_requisition_is_not_needed_in_the_past(committed: Site) -> None:
    line = (committed.h.item, 1)
    refused(lambda: committed.requisition(line, needed_by=ahead(hours=-1)))
    assert committed.requisition(line, needed_by=ahead(minutes=-1)).state == "requested"
    assert committed.requisition(line, needed_by=ahead(hours=1)).state == "requested"
    # Written down late, it is judged by when it was asked.
    asked = {"happened_at": ahead(days=-2), "needed_by": ahead(days=-1)}
    assert committed.requisition(line, **asked).state == "requested"


def test_a_transfer_is_not_needed_in_the_past(between: Way) -> None:
    refused(lambda: between.asked(needed_by=ahead(hours=-1)))
    assert between.asked(needed_by=ahead(hours=1)).state == "requested"


def test_a_purchase_is_not_needed_on_a_day_that_is_over(committed: Site) -> None:
    def ask(day: date) -> Any:
        return ask_for_purchase(
            actor=committed.ward, key=unique("k"), place_id=committed.h.department.pk, needed_by=day,
            lines=[Needed(committed.h.item.pk, 1)], reason="Cases",
        )  # fmt: skip

    refused(lambda: ask(timezone.localdate() - timedelta(days=1)))
    assert ask(timezone.localdate()).state == "approved"
