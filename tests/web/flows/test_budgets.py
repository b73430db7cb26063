"""What a flow page costs in statements: written down, never above thirty, the same for one unit and for a hundred."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.makers import unique
from yanji.flows.buying.requests import Needed, ask_for_purchase
from yanji.flows.counting.count import close_count, start_count
from yanji.flows.counting.scan import Read, record
from yanji.flows.hold import hold
from yanji.flows.invoices.enter import Billed, enter_invoice
from yanji.flows.issue import issue, take_in
from yanji.flows.landed.spread import add_cost
from yanji.flows.models import OrderLine, Receipt
from yanji.flows.pick import pick
from yanji.flows.receive import Arrival, receive
from yanji.flows.requisition import Wanted, request
from yanji.flows.supply.levels import Kept, set_levels
from yanji.flows.use import plan_case
from yanji.ledger.api import virtual_places

from .acts import key, listed
from .transfer_acts import WALKS as TRANSFERS
from .world import World, later

BUDGETS = json.loads((Path(__file__).parents[2] / "budgets" / "flow_pages.json").read_text())
MOST = 30


class Site:
    """A hospital in which ``count`` units are about to take each step."""

    def __init__(self, world: World, count: int) -> None:
        self.world, self.count = world, count
        self.serials = [f"S{number}" for number in range(count)]
        self.scans = [world.scan(serial) for serial in self.serials]
        self.epcs = [world.epc(serial) for serial in self.serials]

    def order(self) -> int:
        return self.world.order(self.count)

    def stocked(self) -> None:
        self.world.stocked(*self.serials)

    def held(self) -> None:
        self.stocked()
        hold(actor=self.world.actor("storekeeper"), key=unique("h"), things=self.epcs, reason="damaged")

    def kept(self) -> None:
        """So many units lie in the ward, which keeps more of them, in two places."""
        self.case()
        keep = [Kept(self.world.item.pk, self.count, 2 * self.count)]
        for place in (self.world.department, self.world.cabinet):
            set_levels(actor=self.world.actor("nurse"), key=unique("lv"), place_id=place.pk, levels=keep)

    def requisition(self) -> int:
        self.stocked()
        return request(
            actor=self.world.actor("nurse"), key=unique("rq"), department_id=self.world.department.pk,
            store_id=self.world.store.pk, lines=[Wanted(self.world.item.pk, self.count)],
        ).id  # fmt: skip

    def picked(self) -> int:
        number = self.requisition()
        pick(actor=self.world.actor("storekeeper"), key=unique("p"), requisition_id=number, things=self.epcs)
        return number

    def issued(self) -> int:
        number = self.picked()
        return issue(actor=self.world.actor("storekeeper"), key=unique("i"), requisition_id=number).id

    def case(self) -> int:
        take_in(
            actor=self.world.actor("nurse"),
            key=unique("t"),
            issue_id=self.issued(),
            to_place_id=self.world.cabinet.pk,
        )
        return plan_case(
            actor=self.world.actor("nurse"), key=unique("c"), number="C1", patient_token="PT-1",
            department_id=self.world.department.pk,
        ).id  # fmt: skip

    def count_(self) -> int:
        """A count in which everything was scanned but one that is on another shelf, and one unknown."""
        self.stocked()
        keeper = self.world.actor("storekeeper")
        count = start_count(actor=keeper, key=unique("ct"), place_id=self.world.store.pk).id
        shelf = self.world.bins[1].pk
        reads = [Read(epc, unique("scan"), place_id=shelf) for epc in [*self.epcs[: self.count // 2], "junk"]]
        record(actor=keeper, count_id=count, reads=reads)
        return count

    def counted(self) -> int:
        count = self.count_()
        close_count(actor=self.world.actor("storekeeper"), key=unique("cl"), count_id=count)
        return count

    def charged(self) -> int:
        """An invoice over all of an order's units."""
        self.stocked()
        order = OrderLine.objects.latest("pk").order_id
        price = Decimal(6980)
        return enter_invoice(
            actor=self.world.actor("buyer"), key=unique("iv"), supplier_id=self.world.supplier.pk,
            place_id=self.world.campus.pk, reference="F", invoiced_on=timezone.localdate(), total=price * self.count,
            lines=[Billed(order, self.world.item.pk, price, serial) for serial in self.serials],
        ).id  # fmt: skip

    def costed(self) -> int:
        """A delivery whose units bear a cost."""
        self.stocked()
        receipt = Receipt.objects.latest("pk").pk
        add_cost(
            actor=self.world.actor("buyer"), key=unique("c"), receipt_id=receipt, kind="freight", basis="value",
            amount=Decimal(500),
        )  # fmt: skip
        return receipt

    def asked(self) -> int:
        return ask_for_purchase(
            actor=self.world.actor("nurse"), key=unique("pr"), place_id=self.world.department.pk, reason="more",
            lines=[Needed(self.world.item.pk, self.count)],
        ).id  # fmt: skip

    def rows(self, act: str, **more: Any) -> dict[str, Any]:
        return {"key": key(act), **listed(self.world, *self.scans), **more}


def _post(role: str, path: Callable[[Site], str], form: Callable[[Site], dict[str, Any]]) -> Any:
    return role, path, form


WALKS: dict[str, Any] = {
    "buyer:orders": _post("buyer", lambda s: s.order() and "/buyer/orders", lambda s: {}),
    "buyer:order": _post("buyer", lambda s: f"/buyer/orders/{s.order()}", lambda s: {}),
    "buyer:owed": _post("buyer", lambda s: s.order() and "/buyer/orders/owed", lambda s: {}),
    "buyer:request": _post("buyer", lambda s: f"/buyer/requests/{s.asked()}", lambda s: {}),
    "buyer:requests": _post("buyer", lambda s: s.asked() and "/buyer/requests", lambda s: {}),
    "buyer:contracts": _post("buyer", lambda s: "/buyer/contracts", lambda s: {}),
    "buyer:invoices": _post("buyer", lambda s: s.charged() and "/buyer/invoices", lambda s: {}),
    "buyer:invoice": _post("buyer", lambda s: f"/buyer/invoices/{s.charged()}", lambda s: {}),
    "buyer:new_invoice": _post(
        "buyer", lambda s: s.stocked() or f"/buyer/invoices/new?supplier={s.world.supplier.pk}&order={_order()}", lambda s: {}
    ),
    "buyer:delivery": _post("buyer", lambda s: f"/buyer/deliveries/{s.costed()}", lambda s: {}),
    "buyer:papers": _post("buyer", lambda s: "/buyer/papers", lambda s: {}),
    "storeroom:receiving": _post("storekeeper", lambda s: s.order() and "/storeroom/receiving", lambda s: {}),
    "storeroom:receive": _post("storekeeper", lambda s: f"/storeroom/receiving/{s.order()}", lambda s: {}),
    "storeroom:receive refused": _post(
        "storekeeper", lambda s: f"/storeroom/receiving/{s.order()}", lambda s: s.rows("receipt")
    ),
    "storeroom:receive_scan": _post(
        "storekeeper", lambda s: f"/storeroom/receiving/{s.order()}/scan",
        lambda s: s.rows("receipt", scan=s.world.scan("NEW"), dock_id=s.world.dock.pk),
    ),
    "storeroom:put_away": _post("storekeeper", lambda s: s.stocked() or "/storeroom/put-away", lambda s: {}),
    "storeroom:put_away refused": _post(
        "storekeeper", lambda s: s.stocked() or "/storeroom/put-away", lambda s: s.rows("put_away")
    ),
    "storeroom:put_away_scan": _post(
        "storekeeper", lambda s: s.stocked() or "/storeroom/put-away/scan", lambda s: {"scan": s.scans[0]}
    ),
    "storeroom:picking": _post("storekeeper", lambda s: s.requisition() and "/storeroom/picking", lambda s: {}),
    "storeroom:pick": _post("storekeeper", lambda s: f"/storeroom/picking/{s.picked()}", lambda s: {}),
    "storeroom:pick refused": _post(
        "storekeeper", lambda s: f"/storeroom/picking/{s.picked()}", lambda s: s.rows("pick")
    ),
    "storeroom:pick_scan": _post(
        "storekeeper", lambda s: f"/storeroom/picking/{s.requisition()}/scan", lambda s: {"scan": s.scans[0]}
    ),
    "storeroom:issue": _post("storekeeper", lambda s: f"/storeroom/issues/{s.issued()}", lambda s: {}),
    "storeroom:returns": _post("storekeeper", lambda s: s.stocked() or "/storeroom/returns", lambda s: {}),
    "storeroom:hold": _post("storekeeper", lambda s: s.held() or "/storeroom/hold?do=release", lambda s: {}),
    "storeroom:hold refused": _post(
        "storekeeper", lambda s: s.stocked() or "/storeroom/hold?do=hold", lambda s: s.rows("hold")
    ),
    "storeroom:hold_scan": _post(
        "storekeeper", lambda s: s.stocked() or "/storeroom/hold/scan?do=hold", lambda s: {"scan": s.scans[0]}
    ),
    "storeroom:hold_scan lot": _post(
        "storekeeper", lambda s: s.stocked() or "/storeroom/hold/scan?do=hold", lambda s: {"scan": "L2409A"}
    ),
    "storeroom:scrap_scan": _post(
        "storekeeper", lambda s: s.stocked() or "/storeroom/scrap/scan", lambda s: {"scan": s.scans[0]}
    ),
    "storeroom:returns_scan": _post(
        "storekeeper", lambda s: s.stocked() or "/storeroom/returns/scan",
        lambda s: {"scan": s.scans[0], "store_id": s.world.store.pk},
    ),
    "ward:give_back_scan": _post(
        "nurse", lambda s: s.case() and "/ward/give-back/scan",
        lambda s: {"scan": s.scans[0], "department_id": s.world.department.pk, "store_id": s.world.store.pk},
    ),
    "stock list": _post("storekeeper", lambda s: s.stocked() or "/stock?by=all&q=stent", lambda s: {}),
    "storeroom:scrap refused": _post(
        "storekeeper", lambda s: s.stocked() or "/storeroom/scrap", lambda s: s.rows("scrap")
    ),
    "storeroom:counts": _post("storekeeper", lambda s: s.count_() and "/storeroom/count", lambda s: {}),
    "storeroom:count": _post("storekeeper", lambda s: f"/storeroom/count/{s.count_()}", lambda s: {}),
    "storeroom:count_scan": _post(
        "storekeeper", lambda s: f"/storeroom/count/{s.count_()}/scan", lambda s: {"scan": s.scans[-1], "scan_key": "b"}
    ),
    "storeroom:count_undo": _post(
        "storekeeper", lambda s: f"/storeroom/count/{s.count_()}/undo", lambda s: {"key": "u"}
    ),
    "storeroom:count_totals": _post("storekeeper", lambda s: f"/storeroom/count/{s.count_()}/totals", lambda s: {}),
    "storeroom:count_variances": _post(
        "storekeeper", lambda s: f"/storeroom/count/{s.counted()}/variances", lambda s: {}
    ),
    "storeroom:count_plan": _post("storekeeper", lambda s: s.counted() and "/storeroom/count/plan", lambda s: {}),
    "storeroom:count_accuracy": _post("manager", lambda s: s.counted() and "/storeroom/count/accuracy", lambda s: {}),
    "ward:requisitions": _post("nurse", lambda s: s.requisition() and "/ward/requisitions", lambda s: {}),
    "ward:requisition": _post("nurse", lambda s: f"/ward/requisitions/{s.issued() and _last(s)}", lambda s: {}),
    "ward:levels": _post("nurse", lambda s: s.kept() or "/ward/levels", lambda s: {}),
    "ward:new_requisition filled": _post(
        "nurse", lambda s: s.kept() or "/ward/requisitions/new?fill=levels", lambda s: {}
    ),
    "ward:take_in": _post("nurse", lambda s: s.issued() and "/ward/take-in", lambda s: {}),
    "ward:take_in_issue": _post("nurse", lambda s: f"/ward/take-in/{s.issued()}", lambda s: {}),
    "ward:take_in_scan": _post("nurse", lambda s: f"/ward/take-in/{s.issued()}/scan", lambda s: {"scan": s.scans[0]}),
    "ward:use_case": _post("nurse", lambda s: f"/ward/use/{s.case()}", lambda s: {}),
    "ward:use_case refused": _post("nurse", lambda s: f"/ward/use/{s.case()}", lambda s: s.rows("use")),
    "ward:use_scan": _post("nurse", lambda s: f"/ward/use/{s.case()}/scan", lambda s: {"scan": s.scans[0]}),
    "ward:give_back refused": _post("nurse", lambda s: s.case() and "/ward/give-back", lambda s: s.rows("give_back")),
}  # fmt: skip

WALKS |= TRANSFERS


def _order() -> int:
    return OrderLine.objects.latest("pk").order_id


def _last(site: Site) -> int:
    from yanji.flows.queries import requisitions

    return requisitions(site.world.actor("nurse"))[0].pk


@pytest.mark.parametrize("name", list(WALKS))
@pytest.mark.parametrize("count", [1, 100])
def test_statements_of_a_page(hospital, signed_in, name, count):
    role, path_of, form_of = WALKS[name]
    site = Site(hospital, count)
    path, form = path_of(site), form_of(site)
    client = signed_in(role)
    virtual_places()
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(path, form) if form else client.get(path)
    assert answer.status_code == (409 if "refused" in name else 200)
    assert len(asked) <= min(MOST, BUDGETS[name]), "\n".join(query["sql"][:160] for query in asked)
    assert len(asked) >= BUDGETS[name] - 3, f"{name} costs {len(asked)} now: write the budget down"


@pytest.mark.parametrize("policy", ["fefo", "fifo"])
@pytest.mark.parametrize("count", [1, 20])
def test_statements_of_a_pick_list(hospital, signed_in, count, policy):
    """What to take is proposed for every line at once: units and counted lots, each lying on several shelves."""
    number = _asked_for(hospital, count)
    client = signed_in("storekeeper")
    virtual_places()
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(f"/storeroom/picking/{number}?policy={policy}")
    page = answer.content.decode()
    assert page.count("y-pick-head") == 2 * count
    assert page.count('<li data-epc="') == count  # each unit is proposed
    assert page.count("LOT-") == count  # and each lot
    name = f"storeroom:pick lines {policy}"
    assert len(asked) == BUDGETS[name], f"{name}: {len(asked)}\n" + "\n".join(q["sql"][:160] for q in asked)


def _asked_for(world: World, count: int) -> int:
    """A requisition of so many lines of units and as many of counted lots, all of it in the store."""
    from .world import item

    units = [item(f"支架 {n}", f"Stent {n}", f"S-{n}", world.supplier) for n in range(count)]
    lots = [item(f"缝线 {n}", f"Suture {n}", f"L-{n}", world.supplier, tracking="lot") for n in range(count)]
    arrivals = [
        Arrival(each.pk, world.epc(f"U{n}", each), f"U{n}", "L1", later(300)) for n, each in enumerate(units)
    ]
    arrivals += [
        Arrival(each.pk, lot=f"LOT-{n}", expiry=later(300), quantity=4) for n, each in enumerate(lots)
    ]
    receive(
        actor=world.actor("storekeeper"), key=unique("r"), order_id=world.order(4, *units, *lots), dock_id=world.dock.pk,
        arrivals=arrivals,
    )  # fmt: skip
    return request(
        actor=world.actor("nurse"), key=unique("rq"), department_id=world.department.pk, store_id=world.store.pk,
        lines=[Wanted(each.pk, 1) for each in (*units, *lots)],
    ).id  # fmt: skip
