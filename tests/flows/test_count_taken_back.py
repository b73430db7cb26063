"""An entry of a posted count is taken back: page, paper, interface and accuracy stop saying that it is posted."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from tests.flows.counting import LOT_LABEL, Counted, lot_of, refused
from tests.flows.site import Site
from tests.makers import unique
from tests.web.flows.acts import sentences
from yanji.flows.correction import take_back
from yanji.flows.counting.accuracy import Accuracy, accuracy
from yanji.flows.counting.models import Variance
from yanji.flows.papers import sheet_of
from yanji.ledger.api import rebuild, unit_view
from yanji.ledger.models import Event


def right(here: Site) -> Accuracy:
    [row] = accuracy(here.keeper, since=timezone.now() - timedelta(days=30))
    return row


def back(here: Site, event_id: str) -> Any:
    return take_back(actor=here.keeper, key=unique("k"), event_id=event_id, reason="wrong_scan")


def of_step(step: str) -> str:
    return str(Event.objects.get(step=step, corrects__isnull=True).pk)


def missing_one(here: Site) -> tuple[Counted, str]:
    """Of three units in the store one was not seen, and is written off."""
    epcs = here.stocked(3)
    count = Counted(here)
    count.scan(*epcs[:2])
    count.close()
    count.decide()
    count.submit()
    return count, epcs[2]


def test_a_loss_taken_back_is_said_and_left_out_of_the_accuracy(committed: Site) -> None:
    here = committed
    count, epc = missing_one(here)
    assert (right(here).checked, right(here).right, right(here).value_off) == (3, 2, Decimal(100))
    lost = of_step("lose")
    done = back(here, lost)
    assert unit_view(epc).status == "available"
    [variance] = count.found()
    assert (variance.outcome, variance.undone, str(variance.undone_event_id)) == ("posted", 1, done.events[0])
    row = right(here)
    assert (row.counts, row.checked, row.right, row.value, row.value_off) == (
        1,
        2,
        2,
        Decimal(200),
        Decimal(0),
    )
    refused("already_corrected", back, here, lost)
    assert rebuild() == []
    here.storekeeper.language = "en"
    here.storekeeper.save(update_fields=["language"])
    client = Client()
    client.force_login(here.storekeeper)
    page = sentences(client.get(f"/storeroom/count/{count.id}/variances"))
    assert "Of what was posted 1 piece was taken back" in page
    with override("en"):
        told = repr(sheet_of(here.keeper, "count", count.id))
        assert f"Taken back: 1, {here.storekeeper.name}" in told


@pytest.mark.parametrize("seen", [7, 0])
def test_pieces_of_a_lot_taken_back(committed: Site, seen: int) -> None:
    here = committed
    lot_of(here, 10)
    count = Counted(here)
    if seen:
        count.scan(LOT_LABEL, quantity=seen)
    count.close()
    count.decide()
    count.submit()
    assert (right(here).checked, right(here).right) == (10, seen)
    back(here, of_step("lose"))
    assert [each.undone for each in Variance.objects.all()] == [10 - seen]
    row = right(here)
    assert (row.checked, row.right, row.value_off) == (seen, seen, Decimal(0))
    again = Counted(here)
    again.scan(LOT_LABEL, quantity=10)
    again.close()
    assert again.found() == []


def test_a_find_taken_back_marks_the_count_that_found_it(committed: Site) -> None:
    here = committed
    first, epc = missing_one(here)
    second = Counted(here)
    second.scan(epc)
    second.close()
    second.decide()
    second.submit()
    back(here, of_step("find"))
    assert unit_view(epc).status == "lost"
    assert [each.undone for each in first.found()] == [0]
    found = [each for each in second.found() if each.kind == "found"]
    assert [each.undone for each in found] == [1]
