"""Many whole lots are held at once as one is: the number of statements does not grow with them."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.flows.site import Site
from tests.makers import unique
from yanji.flows.held import HOLDABLE, WholeLot, all_of
from yanji.ledger.api import unit_view


def test_more_lots_ask_no_more(committed: Site) -> None:
    here = committed
    epcs = [here.stocked(1, lot=unique("L"))[0] for _ in range(4)]
    whole = [WholeLot(unit_view(epc).lot_id, here.h.campus.pk) for epc in epcs]
    asked = []
    for lots in (whole[:1], whole[:1], whole):
        with CaptureQueriesContext(connection) as statements:
            found = all_of(here.keeper, lots, HOLDABLE)
        asked.append(len(statements))
    assert sorted(found) == sorted(epcs)
    assert asked[1] == asked[2]
