"""The board says what is so, and every number of it leads to a list that says the same."""

from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from tests.flows.site import Site, person, site
from tests.flows.transferring import way
from tests.makers import place, unique
from yanji.access.models import Grant, Person, Role
from yanji.access.operations import Operation
from yanji.catalog.models import Licence, Supplier
from yanji.flows.buying.due import UNSHOWN
from yanji.flows.buying.unshown import MOST
from yanji.flows.correction import take_back
from yanji.flows.hold import hold
from yanji.flows.issue import issue, take_in
from yanji.flows.pick import pick
from yanji.flows.transfer.arrive import arrive
from yanji.flows.use import use
from yanji.insight.board import Cut, ways
from yanji.ledger.api import LotQuantity, Step
from yanji.places.models import Kind
from yanji.web import board_alerts
from yanji.web.home.tiles import lapsing

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Stocked(Site):
    taken: str = ""  # the unit that is under way to the ward


@pytest.fixture
def here() -> Stocked:
    """Seven units in the store, of which one is picked and issued, and one on hold; six counted pieces."""
    made = site()
    made.h.item.family, made.h.item.supplier = "stents", made.h.supplier
    made.h.item.save()
    epcs = made.stocked(7)
    asked = made.requisition((made.h.item, 1))
    pick(actor=made.keeper, key=unique("k"), requisition_id=asked.id, things=[epcs[0]])
    issue(actor=made.keeper, key=unique("k"), requisition_id=asked.id, things=[epcs[0]])
    hold(actor=made.keeper, key=unique("k"), things=[epcs[1]], reason="suspected")
    made.stocked_lot(6, expiry=timezone.localdate() + timedelta(days=40))
    return Stocked(**{field.name: getattr(made, field.name) for field in fields(made)}, taken=epcs[0])


def reading(who: Person) -> Client:
    Person.objects.filter(pk=who.pk).update(language="en")
    client = Client()
    client.force_login(who)
    return client


def board(here: Site, **asked: Any) -> dict[str, Any]:
    answer = reading(person("manager", here.h.campus)).get("/board", asked)
    assert answer.status_code == 200
    names = ("tiles", "network", "ways_rows", "expiry_chart", "status_chart", "campuses")
    told = {name: answer.context[name] for name in names}
    return told | {"client": answer.client, "page": answer.content.decode()}


def listed(client: Client, href: str) -> Decimal:
    """How many pieces the list of an address says that it counts."""
    context = client.get(href).context
    return context["pieces"] if "/moved" in href else context["total"].quantity


def tiles(shown: dict[str, Any]) -> dict[str, Any]:
    return {tile.label: tile for tile in shown["tiles"]}


def test_every_tile_and_bar_leads_to_a_list_of_as_many(here: Site) -> None:
    shown = board(here)
    client, found = shown["client"], tiles(shown)
    for label, pieces in (("On hand", 12), ("Moved today", 14), ("On hold or recalled", 1)):
        assert found[label].value == str(pieces), label
        assert listed(client, found[label].href) == pieces, label
    for chart in ("expiry_chart", "status_chart"):
        rows = shown[chart]["rows"]
        assert sum(row["value"] for row in rows) == 12
        for row in rows:
            assert listed(client, row["href"]) == row["value"], (chart, row)
    for campus in shown["campuses"]:
        for station in (campus, *campus["stations"]):
            assert listed(client, station["href"]) == station["quantity"]
            assert f'href="{escape(station["href"])}"' in shown["page"], station


def test_what_never_expires_is_no_later_day(here: Site) -> None:
    """It has a bar of its own, where there is any; the bar of later days counts what its list does."""
    assert board(here)["expiry_chart"]["names"][-1] == "Later"
    here.stocked_lot(5, lot="EVER", expiry=None)
    shown = board(here)
    chart = shown["expiry_chart"]
    assert chart["names"][-2:] == ["Later", "Never expires"]
    assert [row["value"] for row in chart["rows"][-2:]] == [6, 5]
    assert [listed(shown["client"], row["href"]) for row in chart["rows"][-2:]] == [6, 5]


def test_the_network_shows_what_passed_and_what_is_under_way(here: Site) -> None:
    shown = board(here)
    picture = shown["network"]
    names = {node["name"]: node for node in picture["nodes"]}
    store, ward = str(here.h.store.pk), str(here.h.department.pk)
    assert names[store]["x"] < names[ward]["x"]
    passed = {(link["source"], link["target"]): link for link in picture["links"]}
    assert passed[store, ward]["value"] == 1, "issued: drawn to where it goes, not to the road"
    assert [(way["source"], way["target"], way["value"]) for way in picture["ways"]] == [(store, ward, 1)]
    for link in picture["links"]:
        assert listed(shown["client"], link["href"]) == link["value"]
    [row] = shown["ways_rows"]
    assert row["way"].number.encode() in shown["client"].get(row["href"]).content
    assert tiles(shown)["Under way"].value == "1"


def test_what_is_used_passes_from_the_ward_to_the_patient(here: Site) -> None:
    """A way into transit is drawn to the ward that it leads to, and not again when the ward takes it in."""
    [issued] = ways(Cut((here.h.campus.path,)))
    take_in(actor=here.ward, key=unique("k"), issue_id=issued.document_id, to_place_id=here.h.cabinet.pk)
    use(
        actor=here.ward, key=unique("k"), department_id=here.h.department.pk, case_number=unique("C"),
        patient_token="PT-000001", confirmed_by="PT-000001", things=[here.taken],
    )  # fmt: skip
    shown = board(here)
    ward = str(here.h.department.pk)
    passed = [
        (link["source"] == ward, link["target"] == ward, link["value"]) for link in shown["network"]["links"]
    ]
    assert sorted(passed) == [(False, False, 13), (False, True, 1), (True, False, 1)]
    assert shown["ways_rows"] == shown["network"]["ways"] == []


def test_a_family_a_supplier_and_a_place_are_kept_to(here: Site) -> None:
    other = Supplier.objects.create(code=unique("S"), name_zh="另一家")
    for asked, pieces in (
        ({"family": "stents"}, 6),
        ({"supplier": here.h.supplier.pk}, 6),
        ({"supplier": other.pk}, 0),
        ({"family": "no such family"}, 0),
        ({"place": here.h.department.pk}, 0),
        ({"place": here.h.store.pk}, 12),
    ):
        shown = board(here, **asked)
        on_hand = tiles(shown)["On hand"]
        assert on_hand.value == str(pieces), asked
        assert listed(shown["client"], on_hand.href) == pieces, asked
    assert sum(link["value"] for link in board(here, family="stents")["network"]["links"]) == 8


def test_nonsense_in_the_address_is_as_if_it_were_not_asked(here: Site) -> None:
    for asked in ({"family": "\0"}, {"supplier": "x"}, {"measure": "tons"}, {"place": ""}):
        assert tiles(board(here, **asked))["On hand"].value == "12", asked


def test_figures_of_another_place_are_hidden_as_if_there_were_no_such_place(here: Site) -> None:
    elsewhere = place(Kind.CAMPUS)
    client = reading(person("manager", elsewhere))
    for address in ("/board", "/board/short", "/board/moved", "/live"):
        assert client.get(address, {"place": here.h.store.pk}).status_code == 404, address
        assert client.get(address, {"place": 2**31 - 1}).status_code == 404, address
    assert tiles({"tiles": client.get("/board").context["tiles"]})["On hand"].value == "0"
    assert reading(here.storekeeper).get("/board").status_code == 403


def test_what_was_taken_back_has_not_passed(here: Site) -> None:
    asked = here.requisition((here.h.item, 1))
    [epc] = here.stocked(1)
    before = board(here)["network"]["links"]
    pick(
        actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=[epc], overrides={epc: "patient"}
    )  # fmt: skip
    done = issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=[epc])
    assert board(here)["network"]["links"] != before
    take_back(actor=here.keeper, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert board(here)["network"]["links"] == before


def test_a_transfer_is_under_way_until_all_of_it_has_arrived(here: Site) -> None:
    road = way(here)
    cut = Cut((road.store.path,))
    lot = here.counted.lots.get()
    sent = road.sent(
        [*here.stocked(2), LotQuantity(lot.pk, Decimal(4), here.h.store.pk)],
        (here.h.item, 2),
        (here.counted, 4),
    )
    [found] = ways(cut)
    assert (found.kind, found.number, found.quantity) == ("transfer", sent.number, 6)
    assert (found.from_id, found.to_id) == (here.h.store.pk, road.store.pk)
    arrive(actor=road.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=road.shelf.pk)
    assert ways(cut) == []


def test_the_busiest_of_many_departments_stand_alone_and_the_others_together(here: Site) -> None:
    for n in range(14):
        ward = place(Kind.DEPARTMENT, here.h.campus, code=unique(f"W{n}"))
        here.h.do(Step.PUT_AWAY, *here.stocked(1), to=ward)
    shown = board(here)
    departments = [node for node in shown["network"]["nodes"] if node["x"] == 2]
    assert len(departments) == 10
    assert departments[-1]["label"] == "6 more"
    assert listed(shown["client"], departments[-1]["href"]) == 5, (
        "what lies there; one more is only under way to its ward"
    )
    together = [link for link in shown["network"]["links"] if link["target"] == departments[-1]["name"]]
    assert together
    for link in together:
        assert listed(shown["client"], link["href"]) == link["value"]


def test_the_statements_do_not_grow(here: Site, django_assert_max_num_queries: Any) -> None:
    client = reading(person("manager", here.h.campus))
    client.get("/board")
    with django_assert_max_num_queries(25):
        client.get("/board")
    for _ in range(3):
        place(Kind.DEPARTMENT, here.h.campus)
        here.stocked(5)
    with django_assert_max_num_queries(25):
        client.get("/board")


def test_a_paper_that_lapses_is_among_the_alerts_and_opens(here: Site) -> None:
    today = timezone.localdate()
    kept = {"supplier": here.h.supplier, "kind": "business", "valid_from": today - timedelta(days=400)}
    Licence.objects.create(**kept, number="L-1", valid_to=today + timedelta(days=20))
    client = reading(person("manager", here.h.campus))
    [alert] = [each for each in client.get("/board").context["alerts"] if "lapse" in each.label]
    assert alert.count == 1
    assert "L-1" in client.get(alert.href).content.decode()


def test_a_list_that_was_cut_says_that_there_may_be_more(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of papers never shown at most so many are read: two hundred are at least two hundred, on the board and on a home page."""
    client = reading(person("manager", here.h.campus))
    for found, said in ((MOST - 1, str(MOST - 1)), (MOST, f"{MOST}+")):
        levels = {0: 0, 30: 0, 60: 0, 90: 1, UNSHOWN: found}
        monkeypatch.setattr(board_alerts, "counted", lambda _papers, levels=levels: levels)
        page = client.get("/board")
        [alert] = [each for each in page.context["alerts"] if each.label == "Papers never shown"]
        assert (alert.said, f"{said}</span>" in page.content.decode()) == (said, True)
        tile = lapsing(levels)
        assert (tile["value"], said in tile["note"]) == (f"{found + 1}{said[3:]}", True)


def test_what_lapses_within_sixty_and_ninety_days_is_said_as_well(here: Site) -> None:
    today = timezone.localdate()
    kept = {"supplier": here.h.supplier, "valid_from": today - timedelta(days=400)}
    for kind, days in (("business", 45), ("device_trade", 75), ("authorisation", 91)):
        Licence.objects.create(**kept, kind=kind, number=f"L-{days}", valid_to=today + timedelta(days=days))
    client = reading(person("manager", here.h.campus))
    sixty, ninety = [each for each in client.get("/board").context["alerts"] if "lapse" in each.label]
    for alert, own, other in ((sixty, "L-45", "L-75"), (ninety, "L-75", "L-45")):
        listed_there = client.get(alert.href).content.decode()
        assert (alert.count, alert.tone) == (1, "info")
        assert (own in listed_there, other in listed_there) == (True, False)


def test_the_board_of_a_place_is_live_for_who_sees_its_figures_alone(here: Site) -> None:
    role = Role.objects.create(code=unique("r"), name_zh="院办", operations=[Operation.SEE_FIGURES])
    who = Person.objects.create(username=unique("office"), name_zh="办")
    Grant.objects.create(person=who, role=role, place=here.h.campus)
    client, asked = reading(who), {"place": here.h.store.pk}
    shown = client.get("/board", asked)
    assert shown.status_code == 200
    assert f'data-live-figures data-live-place="{here.h.store.pk}"' in " ".join(
        shown.content.decode().split()
    )
    assert client.get("/live", {**asked, "figures": "1"}).status_code == 204  # here nothing can stream
    assert client.get("/live", asked).status_code == 404
    assert client.get("/live", {"place": place(Kind.CAMPUS).pk, "figures": "1"}).status_code == 404
    assert reading(here.storekeeper).get("/live", {**asked, "figures": "1"}).status_code == 404


def test_of_a_family_or_supplier_that_is_none_nothing_is_read_again_and_again(here: Site) -> None:
    here.h.item.family = "stents"
    here.h.item.save()
    client = reading(person("manager", here.h.campus))
    known = {"family": "stents", "supplier": here.h.supplier.pk}
    assert client.get("/live", {**known, "figures": "1"}).status_code == 204
    for made_up in ({"family": "no such"}, {"supplier": 999_999_999}):
        assert client.get("/live", {**known, **made_up, "figures": "1"}).status_code == 404
