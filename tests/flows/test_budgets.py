"""What each flow may ask of the database: as many statements for a hundred units as for one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.flows.site import Site, contents, soon
from tests.makers import unique
from yanji.flows.announced import Announced
from yanji.flows.giveback import give_back, inspect_return
from yanji.flows.hold import hold, release
from yanji.flows.issue import issue, take_in
from yanji.flows.labelling import assign_labels
from yanji.flows.pick import pick, unpick
from yanji.flows.preview import interpret_many
from yanji.flows.purchase import Ordered, place_order
from yanji.flows.putaway import put_away
from yanji.flows.scrap import scrap
from yanji.flows.ship_notice import announce
from yanji.flows.use import use
from yanji.flows.witness import witness_of

BUDGETS = Path(__file__).parents[1] / "budgets" / "flows.json"
Step = tuple[str, Callable[[], Any]]


def journey(here: Site, count: int) -> dict[str, int]:
    """Statements of each flow, moving ``count`` units at once through a whole life."""
    h, spent = here.h, {}

    def measure(name: str, act: Callable[[], Any]) -> Any:
        with CaptureQueriesContext(
            connection,
        ) as found:
            result = act()
        spent[name] = sum("SAVEPOINT" not in str(query["sql"]) for query in found.captured_queries)
        return result

    key = lambda: unique("b")  # noqa: E731
    arrivals = [here.arrival(expiry=soon(300)) for _ in range(count)]
    order = measure("purchase:place", lambda: place_order(
        actor=here.purchasing, key=key(), supplier_id=h.supplier.pk, deliver_to_id=h.store.pk,
        lines=[Ordered(h.item.pk, count, 100)],
    ))  # fmt: skip
    keeper, ward = here.keeper, here.ward
    lines = [Announced(h.item.pk, a.serial, a.lot, a.expiry, epc=a.epc) for a in arrivals]
    notice = measure(
        "ship_notice:announce", lambda: announce(actor=keeper, key=key(), order_id=order.id, lines=lines)
    )
    scans = [here.scan(arrival.serial, expiry=soon(300).strftime("%y%m%d")) for arrival in arrivals]
    measure(
        "scans:receive",
        lambda: interpret_many(scans, actor=keeper, flow="receive", order_id=order.id, place_id=h.store.pk),
    )
    measure("receive:receive", lambda: here.receive(order, *arrivals, notice_id=notice.id))
    epcs = [arrival.epc for arrival in arrivals]
    measure("putaway:put_away", lambda: put_away(actor=keeper, key=key(), things=epcs, to_place_id=h.bin.pk))
    wanted = measure("requisition:request", lambda: here.requisition((h.item, count)))
    measure("scans:pick", lambda: interpret_many(epcs, actor=keeper, flow="pick", requisition_id=wanted.id))
    measure("pick:pick", lambda: pick(actor=keeper, key=key(), requisition_id=wanted.id, things=epcs))
    measure("pick:unpick", lambda: unpick(actor=keeper, key=key(), requisition_id=wanted.id, things=epcs))
    pick(actor=keeper, key=key(), requisition_id=wanted.id, things=epcs)
    issued = measure("issue:issue", lambda: issue(actor=keeper, key=key(), requisition_id=wanted.id))
    measure(
        "issue:take_in", lambda: take_in(actor=ward, key=key(), issue_id=issued.id, to_place_id=h.cabinet.pk)
    )
    return _second_way(here, measure, epcs, at_the_ward(here, count), spent)


def at_the_ward(here: Site, count: int) -> list[str]:
    epcs = here.stocked(count, expiry=soon(300))
    wanted = here.requisition((here.h.item, count))
    pick(actor=here.keeper, key=unique("b"), requisition_id=wanted.id, things=epcs)
    issued = issue(actor=here.keeper, key=unique("b"), requisition_id=wanted.id)
    take_in(actor=here.ward, key=unique("b"), issue_id=issued.id, to_place_id=here.h.cabinet.pk)
    return epcs


def _second_way(
    here: Site, measure: Callable[..., Any], used: list[str], back: list[str], spent: dict[str, int]
) -> dict[str, int]:
    h, case = here.h, unique("C")
    papers = {
        "case_number": case,
        "patient_token": "T",
        "confirmed_by": "T",
        "department_id": h.department.pk,
    }
    measure("use:use", lambda: use(actor=here.ward, key=unique("b"), things=used, **papers))
    measure(
        "giveback:give_back",
        lambda: give_back(
            actor=here.ward, key=unique("b"), department_id=h.department.pk, store_id=h.store.pk, things=back
        ),
    )
    measure(
        "giveback:inspect_return",
        lambda: inspect_return(actor=here.keeper, key=unique("b"), store_id=h.store.pk, restock=back),
    )
    measure("hold:hold", lambda: hold(actor=here.keeper, key=unique("b"), things=back, reason="suspected"))
    measure(
        "hold:release",
        lambda: release(actor=here.keeper, key=unique("b"), things=back, reason="inspected"),
    )
    witness = witness_of(here.second)
    measure(
        "scrap:scrap",
        lambda: scrap(actor=here.keeper, key=unique("b"), things=back, reason="damaged", witness=witness),
    )
    measure(
        "labelling:assign_labels",
        lambda: assign_labels(
            actor=here.keeper, key=unique("b"), place_id=h.store.pk, item_id=h.item.pk, count=len(used)
        ),
    )
    return spent


def test_a_hundred_units_cost_as_many_statements_as_one(committed: Site) -> None:
    journey(committed, 1)  # warms what is looked up once a process
    one, hundred = journey(committed, 1), journey(committed, 100)
    assert one == hundred
    budget = json.loads(BUDGETS.read_text())
    assert one == budget, f"statements changed: write {json.dumps(one)} to {BUDGETS} if that is meant"


def test_scans_of_any_number_cost_the_same(committed: Site) -> None:
    epcs = committed.stocked(60)
    spent = []
    for scans in (epcs[:1], epcs):
        with CaptureQueriesContext(connection) as found:
            interpret_many(scans, actor=committed.keeper, flow="put_away", place_id=committed.h.bin.pk)
        spent.append(len(found))
    assert spent[0] == spent[1]


def test_reading_a_scan_writes_nothing(committed: Site) -> None:
    [epc] = committed.stocked(1)
    before = contents()
    for flow in ("look", "put_away", "pick", "issue", "use", "give_back", "scrap"):
        interpret_many([epc, "x", committed.scan("NEW")], actor=committed.keeper, flow=flow)
    assert contents() == before


pytestmark = pytest.mark.slow
