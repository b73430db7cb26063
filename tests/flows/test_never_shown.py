"""Papers that nobody ever showed: which are needed, what follows at order, receipt and issue, and who is told of them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.flows.site import Site
from tests.flows.test_validity import DAY, NOW, refused
from tests.flows.theatre.conftest import room
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_emergency import first
from tests.makers import unique
from yanji.catalog.models import Item, Licence, Maker, Registration, Supplier
from yanji.flows.attempts import Attempt
from yanji.flows.buying.due import UNSHOWN, counted, due_papers, kept_at
from yanji.flows.buying.models import PaperRule
from yanji.flows.buying.rules import set_rules
from yanji.flows.consign.preview import arriving
from yanji.flows.issue import issue
from yanji.flows.pick import pick
from yanji.flows.preview import interpret
from yanji.flows.reasons import reasons
from yanji.flows.validity import STANDARD, Goods, Held, Rule, Stage, answers, check_papers, judge, same_firm
from yanji.web.storeroom import consigned as consigned_page
from yanji.web.storeroom import receive as receive_page

__all__ = ["room"]
MAKER = Maker(pk=3, name_zh="甲 厂")
ALL = {(1, "business"): [NOW], (1, "device_trade"): [NOW]}
LICENCE, TRADE, LETTER, CERTIFICATE = (
    "supplier_licence_missing business", "supplier_licence_missing device_trade", "authorisation_missing ",
    "item_registration_missing ",
)  # fmt: skip


def lacking(risk: str, *, maker: Maker | None = MAKER, seller: str = "S", **held: Any) -> list[str]:
    items = {5: Item(pk=5, name_zh="支架", risk_class=risk, maker=maker)}
    shown = Held(items=items, suppliers={1: Supplier(name_zh=seller)}, **held)
    found = judge([Goods(5, 1), Goods(5, 1)], shown, STANDARD, Stage.ORDER, DAY)
    assert found.offences == ()
    return [f"{each.code} {each.facts.get('licence', '')}" for each in found.warnings]


@pytest.mark.parametrize(
    ("asked", "missing"),
    [
        ({"risk": "III"}, [CERTIFICATE, LICENCE, TRADE, LETTER]),
        ({"risk": "II"}, [CERTIFICATE, LICENCE, TRADE, LETTER]),
        ({"risk": "I"}, [LICENCE, LETTER]),
        ({"risk": "III", "maker": None}, [CERTIFICATE, LICENCE, TRADE]),
        ({"risk": "III", "seller": "甲厂"}, [CERTIFICATE, LICENCE]),
        ({"risk": "III", "licences": ALL, "registrations": {5: [NOW]}}, [LETTER]),
        ({"risk": "III", "licences": ALL, "authorisations": {(1, None): [NOW]}}, [CERTIFICATE]),
        ({"risk": "III", "licences": ALL, "authorisations": {(1, 4): [NOW]}}, [CERTIFICATE, LETTER]),
    ],
)
def test_which_papers_goods_need(asked: dict[str, Any], missing: list[str]) -> None:
    assert lacking(**asked) == missing


def test_the_rules_say_what_follows() -> None:
    held = Held(items={5: Item(pk=5, name_zh="支架")})
    for answer, found in (("refuse", (1, 0)), ("warn", (0, 1)), ("ignore", (0, 0))):
        rules = {(Stage.ORDER, "registration"): Rule("refuse", answer)}
        said = judge([Goods(5)], held, rules, Stage.ORDER, DAY)
        assert (len(said.offences), len(said.warnings)) == found


def rules(here: Site, **missing: str) -> None:
    set_rules(
        actor=here.purchasing, key=unique("k"), over_delivery_percent=Decimal(0), price_tolerance_percent=Decimal(0),
        made_decides=True, answers={}, missing={name.replace("__", ":"): answer for name, answer in missing.items()},
    )  # fmt: skip


def show(here: Site, *, but: str = "") -> None:
    """All papers of the item and its supplier, but one."""
    h, held = here.h, {"number": "N", "valid_from": NOW.first}
    h.item.maker = Maker.objects.get_or_create(name_zh="雁山医疗")[0]
    h.item.save()
    for kind in {*Licence.Kind.values} - {"device_trade" if but == "licence" else but}:
        Licence.objects.create(supplier=h.supplier, kind=kind, **held)
    if but != "registration":
        Registration.objects.create(item=h.item, **held)


CODE = {
    "licence": "supplier_licence_missing",
    "registration": "item_registration_missing",
    "authorisation": "authorisation_missing",
}


def ordering(here: Site) -> Callable[[], Any]:
    return here.order


def receiving(here: Site) -> Callable[[], Any]:
    order = here.order((here.h.item, 9))
    return lambda: here.receive(order, here.arrival())


def issuing(here: Site) -> Callable[[], Any]:
    epcs, wanted = here.stocked(4), here.requisition((here.h.item, 4))
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=epcs)
    return lambda: issue(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=[epcs.pop()])


@pytest.mark.parametrize("paper", list(CODE))
@pytest.mark.parametrize(("stage", "made"), [("order", ordering), ("receipt", receiving), ("issue", issuing)])
def test_at_each_stage_it_is_said_refused_or_let_pass(
    committed: Site, stage: str, made: Callable[[Site], Callable[[], Any]], paper: str
) -> None:
    show(committed, but=paper)
    act, named = made(committed), f"{stage}__{paper}"
    said = act().facts.get("warnings", [])  # unless the hospital says otherwise
    assert ["从未出示" in each for each in said] == [True] * (STANDARD[stage, paper].missing == "warn")
    rules(committed, **{named: "refuse"})
    refused(CODE[paper], act)
    assert Attempt.objects.latest("pk").code == CODE[paper]
    rules(committed, **{named: "ignore"})
    assert "warnings" not in act().facts


def test_nothing_is_said_where_all_papers_were_shown(committed: Site) -> None:
    show(committed)
    for made in (ordering, receiving, issuing):
        assert "warnings" not in made(committed)().facts


def test_it_is_said_before_goods_are_received(committed: Site) -> None:
    show(committed, but="registration")
    order, scan = committed.order((committed.h.item, 2)), committed.scan(unique("S"))

    def look() -> Any:
        at = {"order_id": order.id, "place_id": committed.h.store.pk}
        return interpret(scan, actor=committed.keeper, flow="receive", **at)

    assert (look().ok, [each.code for each in look().lapsed]) == (True, ["item_registration_missing"])
    rules(committed, receipt__registration="refuse")
    assert (look().ok, [each.code for each in look().offences]) == (False, ["item_registration_missing"])
    rejected = committed.arrival(rejected="damaged")
    assert "warnings" not in committed.receive(order, rejected).facts


def test_what_is_in_the_patient_is_recorded_whatever_was_never_shown(room: Room) -> None:
    show(room.here, but="licence")
    rules(room.here, receipt__licence="refuse")
    order = room.here.order()
    refused("supplier_licence_missing", lambda: room.here.receive(order, room.here.arrival()))
    [said] = first(room).facts["warnings"]
    assert "从未出示" in said


def test_it_is_said_of_a_suppliers_own_goods(room: Room) -> None:
    here, at = room.here, {"supplier_id": room.here.h.supplier.pk}
    show(here, but="authorisation")
    room.agreement()
    [seen] = arriving([here.scan(unique("S"))], actor=room.keeper, dock=here.h.store, **at)
    assert (seen.ok, [each.code for each in seen.lapsed]) == (True, ["authorisation_missing"])
    assert len(room.receive_consigned(here.arrival()).facts["warnings"]) == 1
    rules(here, receipt__authorisation="refuse")
    refused("authorisation_missing", lambda: room.receive_consigned(here.arrival()))


@pytest.mark.django_db
def test_any_number_of_goods_costs_one_statement(here: Site) -> None:
    many = []
    for _ in range(5):
        item = Item.objects.create(code=unique("I"), name_zh=unique("物"))
        seller = Supplier.objects.create(code=unique("S"), name_zh=unique("商"))
        many.append(Goods(item.pk, seller.pk))
    for goods in (many[:1], many):
        with CaptureQueriesContext(connection) as found:
            said = check_papers(Stage.ORDER, goods, day=DAY)
        # of each the item's registration, and two licences of its seller
        assert (len(found), len(said.warnings)) == (1, 3 * len(goods))


@pytest.mark.django_db
def test_whoever_rejects_for_a_paper_is_offered_that_paper_as_the_reason() -> None:
    """How often which paper was amiss is counted by it: a seller without a licence is no matter of the registration."""
    offered = reasons("reject")
    for presets in (receive_page.PRESETS, consigned_page.PRESETS):
        assert presets["item_registration_missing"] == presets["registration_lapsed"] == "registration"
        assert {
            presets[code]
            for code in ("supplier_licence_missing", "authorisation_missing", "authorisation_lapsed")
        } == {"papers"}
        assert set(presets.values()) <= set(offered)


def test_what_is_not_named_stays_as_it_is(committed: Site) -> None:
    rules(committed, order__licence="refuse", receipt__licence="refuse")
    set_rules(
        actor=committed.purchasing, key=unique("k"), over_delivery_percent=Decimal(0), price_tolerance_percent=Decimal(0),
        made_decides=True, answers={"order:licence": "ignore", "receipt:licence": "ignore"},
    )  # fmt: skip
    now = answers()
    assert now["order", "licence"] == Rule("ignore", "refuse")
    assert now["receipt", "licence"] == Rule("refuse", "refuse")
    assert now["issue", "licence"] == Rule("warn", "ignore")
    refused("bad_paper_rule", lambda: rules(committed, order__licence="perhaps"))
    refused("bad_paper_rule", lambda: rules(committed, order__nothing="warn"))


def unshown(here: Site, **asked: Any) -> list[tuple[str, int]]:
    found = due_papers(here.purchasing, today=timezone.localdate(), **asked)
    assert counted(found)[UNSHOWN] == len(found)
    assert all((paper.valid_to, paper.level, paper.number) == (None, UNSHOWN, "") for paper in found)
    return [(paper.kind, paper.owner_id) for paper in found]


def test_what_is_dealt_in_without_papers_is_listed(committed: Site) -> None:
    """Not what only stands in the catalogue; and nothing that the rules let pass at every stage."""
    here = committed
    supplier, item = here.h.supplier.pk, here.h.item.pk
    assert unshown(here) == []
    here.order()
    everything = [("business", supplier), ("device_trade", supplier), ("registration", item)]
    assert unshown(here) == everything
    assert unshown(here, kinds=["registration"]) == [("registration", item)]
    rules(here, order__registration="ignore", receipt__registration="ignore")
    assert unshown(here) == everything
    rules(here, issue__registration="ignore")
    assert unshown(here) == everything[:2]
    rules(here, order__licence="ignore", receipt__licence="ignore")
    assert unshown(here) == []
    rules(here, order__licence="warn")
    show(here, but="authorisation")
    found = due_papers(here.purchasing, today=timezone.localdate())
    assert [(paper.kind, paper.detail[0]) for paper in found] == [("authorisation", "雁山医疗")]
    Supplier.objects.update(name_zh="雁山 医疗")
    assert unshown(here) == []
    for seller, maker in (
        ("雁山（上海）Ｍed", "雁山 (上海)MED"),
        ("雁山\u3000医疗", "雁山医疗"),
        ("雁山", "雁水"),
    ):
        Supplier.objects.update(name_zh=seller)
        Maker.objects.update(name_zh=maker)
        one = same_firm(Supplier(name_zh=seller), Maker(name_zh=maker))
        assert (unshown(here) == []) == one == (seller != "雁山")


def test_what_lies_in_a_store_is_listed_for_who_keeps_it(committed: Site) -> None:
    here = committed
    here.h.stocked(1)
    item = here.h.item
    item.supplier = here.h.supplier
    item.save()
    everything = [
        ("business", here.h.supplier.pk),
        ("device_trade", here.h.supplier.pk),
        ("registration", item.pk),
    ]
    assert unshown(here) == everything
    assert unshown(here, of=kept_at([here.h.store.path])) == everything
    assert unshown(here, of=kept_at([here.h.department.path])) == []
    assert PaperRule.objects.count() == 0
