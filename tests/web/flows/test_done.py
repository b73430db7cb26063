"""Every act that a page does says what was done: a number or a count, and where to go from there."""

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import get_resolver

from tests.makers import unique
from yanji.flows.giveback import give_back
from yanji.flows.hold import hold
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Case, Issue, PurchaseOrder, Receipt, Requisition
from yanji.flows.pick import pick
from yanji.flows.purchase import place_order
from yanji.flows.receive import Arrival
from yanji.flows.requisition import Wanted, request
from yanji.flows.use import plan_case, use

from .acts import key, listed
from .transfer_acts import ACTS as TRANSFERS
from .world import PASSWORD, World, later, someone

# What a POST to these answers is a row, a part of a page or a way elsewhere: nothing was done.
SAYS = re.compile(r"say\(|messages\.success\(")
LOOKS = re.compile(r"(scan|find|read|adopt|labels|items|line|pdf)$")


class Site:
    """A hospital in which some units have come as far as an act needs them."""

    def __init__(self, world: World, count: int = 2) -> None:
        self.world, self.count = world, count
        self.serials = [f"S{number + 1}" for number in range(count)]
        self.scans = [world.scan(serial) for serial in self.serials]
        self.epcs = [world.epc(serial) for serial in self.serials]

    def rows(self, act: str, **more: Any) -> dict[str, Any]:
        return {"key": key(act), **listed(self.world, *self.scans), **more}

    def lines(self, act: str, **more: Any) -> dict[str, Any]:
        item = self.world.item.pk
        return {
            "key": key(act),
            "item": [item],
            f"quantity:{item}": str(self.count),
            f"price:{item}": "1",
            **more,
        }

    def draft(self) -> int:
        from yanji.flows.purchase import Ordered

        return place_order(
            actor=self.world.actor("buyer"), key=unique("o"), supplier_id=self.world.supplier.pk,
            deliver_to_id=self.world.store.pk, lines=[Ordered(self.world.item.pk, self.count)], draft=True,
        ).id  # fmt: skip

    def received(self) -> int:
        self.world.stocked(*self.serials)
        return Receipt.objects.get().pk

    def asked(self) -> int:
        self.received()
        return request(
            actor=self.world.actor("nurse"), key=unique("rq"), department_id=self.world.department.pk,
            store_id=self.world.store.pk, lines=[Wanted(self.world.item.pk, self.count)],
        ).id  # fmt: skip

    def picked(self) -> int:
        number = self.asked()
        pick(actor=self.world.actor("storekeeper"), key=unique("p"), requisition_id=number, things=self.epcs)
        return number

    def issued(self) -> int:
        return issue(actor=self.world.actor("storekeeper"), key=unique("i"), requisition_id=self.picked()).id

    def arrived(self) -> None:
        nurse, to = self.world.actor("nurse"), self.world.cabinet.pk
        take_in(actor=nurse, key=unique("t"), issue_id=self.issued(), to_place_id=to)

    def case(self) -> int:
        return plan_case(
            actor=self.world.actor("nurse"), key=unique("c"), number="C1", patient_token="PT-1",
            department_id=self.world.department.pk,
        ).id  # fmt: skip

    def used(self) -> int:
        self.arrived()
        return use(
            actor=self.world.actor("nurse"), key=unique("u"), things=self.epcs, case_number="C1", patient_token="PT-1",
            confirmed_by="C1", department_id=self.world.department.pk,
        ).id  # fmt: skip

    def returned(self) -> None:
        self.arrived()
        give_back(
            actor=self.world.actor("nurse"), key=unique("g"), department_id=self.world.department.pk,
            store_id=self.world.store.pk, things=self.epcs,
        )  # fmt: skip

    def held(self) -> None:
        self.received()
        hold(actor=self.world.actor("storekeeper"), key=unique("h"), things=self.epcs, reason="damaged")

    def second(self) -> str:
        return someone("storekeeper", "孙雨", "Sun Yu", self.world.campus).username

    @property
    def arrivals(self) -> list[Arrival]:
        return [Arrival(self.world.item.pk, self.world.epc("S1"), "S1", "L1", later(400))]


Act = tuple[str, Callable[[Site], str], Callable[[Site], dict[str, Any]], Callable[[], str], str]


def _number(model: type) -> Callable[[], str]:
    return lambda: model.objects.latest("id").number


def _plain(text: str) -> Callable[[], str]:
    return lambda: text


# Route -> who, the address, the form, what must be said (a number or a count), the address that the message leads to.
ACTS: dict[str, Act] = {
    "buyer:new_order": (
        "buyer", lambda s: "/buyer/orders/new",
        lambda s: s.lines("order", supplier_id=s.world.supplier.pk, deliver_to_id=s.world.store.pk),
        _number(PurchaseOrder), "",
    ),
    "buyer:send_order": (
        "buyer", lambda s: f"/buyer/orders/{s.draft()}/send", lambda s: {"key": key("send")}, _number(PurchaseOrder), "",
    ),
    "buyer:close_order": (
        "buyer", lambda s: f"/buyer/orders/{s.draft()}/close", lambda s: {"key": key("close")}, _number(PurchaseOrder),
        "",
    ),
    "buyer:new_notice": (
        "buyer", lambda s: f"/buyer/orders/{s.world.order(s.count)}/notice",
        lambda s: {
            "key": key("notice"), "item": s.world.item.pk, "serial": "S9", "lot": "L9", "expiry": "", "quantity": "1",
            "epc": "", "box": "", "pallet": "",
        },
        _plain("SN-"), "",
    ),
    "storeroom:receive": (
        "storekeeper", lambda s: f"/storeroom/receiving/{s.world.order(s.count)}",
        lambda s: s.rows("receipt", dock_id=s.world.dock.pk), _number(Receipt), "",
    ),
    "storeroom:void_receipt": (
        "storekeeper", lambda s: f"/storeroom/receipts/{s.received()}/void",
        lambda s: {"key": key("void"), "reason": "wrong_scan"}, _number(Receipt), "",
    ),
    "storeroom:put_away": (
        "storekeeper", lambda s: s.received() and "/storeroom/put-away",
        lambda s: s.rows("put_away", to_place_id=s.world.bins[0].pk), _plain("2 things"), "/stock?place=",
    ),
    "storeroom:pick": (
        "storekeeper", lambda s: f"/storeroom/picking/{s.asked()}", lambda s: s.rows("pick"), _plain("2 things"), "",
    ),
    "storeroom:put_back": (
        "storekeeper", lambda s: f"/storeroom/picking/{s.picked()}/put-back",
        lambda s: {"key": key("unpick"), "epc": s.epcs}, _plain("2 things"), "",
    ),
    "storeroom:hand_over": (
        "storekeeper", lambda s: f"/storeroom/picking/{s.picked()}/issue", lambda s: {"key": key("issue")},
        _number(Issue), "/storeroom/picking",
    ),
    "storeroom:close_requisition": (
        "storekeeper", lambda s: f"/storeroom/picking/{s.asked()}/close", lambda s: {"key": key("close")},
        _number(Requisition), "",
    ),
    "storeroom:returns": (
        "storekeeper", lambda s: s.returned() or "/storeroom/returns",
        lambda s: s.rows("returns", store_id=s.world.store.pk), _plain("2 returned"), "/storeroom/put-away",
    ),
    "storeroom:hold": (
        "storekeeper", lambda s: s.received() and "/storeroom/hold?do=hold",
        lambda s: s.rows("hold", reason="suspected"), _plain("2 pieces are on hold"), "/event/",
    ),
    "storeroom:hold release": (
        "storekeeper", lambda s: s.held() or "/storeroom/hold?do=release",
        lambda s: s.rows("release", reason="inspected"), _plain("2 pieces are released"), "/event/",
    ),
    "storeroom:scrap": (
        "storekeeper", lambda s: s.received() and "/storeroom/scrap",
        lambda s: s.rows("scrap", reason="damaged", witness=s.second(), witness_password=PASSWORD),
        _plain("SC-"), "/event/",
    ),
    "storeroom:labels": (
        "storekeeper", lambda s: "/storeroom/labels", lambda s: s.lines("labels", place_id=s.world.store.pk),
        _plain("2 labels"), "",  # the page that opens prints them
    ),
    "ward:new_requisition": (
        "nurse", lambda s: "/ward/requisitions/new",
        lambda s: s.lines("requisition", department_id=s.world.department.pk, store_id=s.world.store.pk),
        _number(Requisition), "",
    ),
    "ward:take_in_issue": (
        "nurse", lambda s: f"/ward/take-in/{s.issued()}",
        lambda s: s.rows("take_in", to_place_id=s.world.cabinet.pk), _number(Issue), "/ward/use",
    ),
    "ward:open_case": (
        "nurse", lambda s: "/ward/use/open",
        lambda s: {
            "key": key("case"), "department_id": s.world.department.pk, "case_number": "C7", "patient_token": "PT-7",
        },
        _number(Case), "",
    ),
    "ward:use_case": (
        "nurse", lambda s: s.arrived() or f"/ward/use/{s.case()}", lambda s: s.rows("use", confirmed_by="PT-1"),
        _plain("2 things are recorded for case C1"), "",
    ),
    "ward:close_case": (
        "nurse", lambda s: f"/ward/use/{s.used()}/close", lambda s: {"key": key("close")}, _number(Case), "",
    ),
    "ward:give_back": (
        "nurse", lambda s: s.arrived() or "/ward/give-back",
        lambda s: s.rows("give_back", department_id=s.world.department.pk, store_id=s.world.store.pk, reason="not_needed"),
        _plain("RT-"), "/event/",
    ),
    "ward:scrap": (
        "nurse", lambda s: s.arrived() or "/ward/scrap",
        lambda s: s.rows("scrap", reason="opened", witness=_other_nurse(s), witness_password=PASSWORD),
        _plain("SC-"), "/event/",
    ),
}  # fmt: skip

ACTS |= TRANSFERS


def _other_nurse(site: Site) -> str:
    return someone("nurse", "林", "Lin", site.world.department).username


@pytest.mark.parametrize("name", list(ACTS))
def test_what_was_done_is_said(hospital: World, signed_in: Any, name: str) -> None:
    role, address_of, form_of, said, leads_to = ACTS[name]
    site = Site(hospital)
    address = address_of(site)
    answer = signed_in(role).post(address, form_of(site), follow=True)
    assert answer.status_code == 200, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))[
        :900
    ]
    [message] = re.findall(
        r'<div\s+class="y-message y-ok".*?</div>\s*</div>', answer.content.decode(), re.DOTALL
    )
    assert said() in message
    links = re.findall(r'<a class="btn btn-sm" href="([^"]+)"', message)
    assert len(links) == bool(leads_to)
    if leads_to:
        assert links[0].startswith(leads_to)
        assert signed_in(role).get(links[0].replace("&amp;", "&")).status_code == 200


def test_no_act_of_the_flow_pages_is_silent() -> None:
    """Every page of the flows that takes a form stands in the table, or at least says something where it succeeds."""
    silent = []
    for part in get_resolver("yanji.web.urls").url_patterns:
        if getattr(part, "app_name", "") not in ("buyer", "storeroom", "ward"):
            continue
        for route in part.url_patterns:
            name, view = f"{part.app_name}:{route.name}", inspect.unwrap(route.callback)
            own = inspect.getsource(view)
            acts = "act_key" in own or 'method != "POST"' in own
            if (
                acts
                and name not in ACTS
                and not LOOKS.search(str(route.pattern))
                and not SAYS.search(_text_of(view))
            ):
                silent.append(name)
    assert silent == []


def _text_of(view: Any) -> str:
    """The source of a view, and of the pages' own functions that it calls."""
    called = [view.__globals__.get(name) for name in view.__code__.co_names]
    ours = [each for each in called if inspect.isfunction(each) and each.__module__.startswith("yanji.web")]
    return "\n".join(inspect.getsource(each) for each in (view, *ours))
