"""The stock page unit by unit: what stands behind a quantity, and no more than that."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.flows.site import Site, person, site
from tests.makers import unique
from tests.web.test_board import reading
from yanji.flows.hold import hold
from yanji.web import page as pages
from yanji.web import stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Site:
    """Five units in the store, two of them on hold, and seven pieces of a lot that is counted."""
    made = site()
    made.h.item.family, made.h.item.supplier = "stents", made.h.supplier
    made.h.item.save()
    epcs = made.stocked(5)
    hold(actor=made.keeper, key=unique("k"), things=epcs[:2], reason="suspected")
    made.stocked_lot(7)
    return made


def manager(here: Site) -> Client:
    return reading(person("manager", here.h.campus))


def things(client: Client, **asked: Any) -> list[tuple[str | None, int]]:
    answer = client.get("/stock", {"by": "unit", **asked})
    assert answer.status_code == 200
    return [(row.epc, int(row.quantity)) for row in answer.context["rows"]]


def test_each_unit_is_a_row_and_what_is_counted_one(here: Site) -> None:
    client = manager(here)
    answer = client.get("/stock", {"by": "unit"})
    found = [(row.epc, int(row.quantity)) for row in answer.context["rows"]]
    assert sorted(pieces for _epc, pieces in found) == [1, 1, 1, 1, 1, 7]
    assert answer.context["total"].quantity == 12
    page = answer.content.decode()
    for epc, _pieces in found:
        if epc:
            assert client.get(f"/unit/{epc}").status_code == 200
            assert f"/unit/{epc}" in page


def test_it_keeps_to_what_every_other_grouping_keeps_to(here: Site) -> None:
    client = manager(here)
    for asked in (
        {"status": "quarantined"},
        {"status": ["quarantined", "available"]},
        {"family": "stents"},
        {"supplier": here.h.supplier.pk},
        {"q": here.counted.code},
        {"place": here.h.store.pk},
        {"place": here.h.department.pk},
        {"place": here.h.store.pk, "right_there": 1},
        {"lot": here.counted.lots.get().pk},
        {"item": here.h.item.pk, "owner": 0},
        {"days": 36_500},
        {"from": 36_500},
        {"undated": 1},
    ):
        whole = client.get("/stock", {"by": "all", **asked}).context["total"].quantity
        assert sum(pieces for _epc, pieces in things(client, **asked)) == whole, asked
        assert client.get("/stock", {"by": "unit", **asked}).context["total"].quantity == whole, asked
    assert things(reading(person("storekeeper", here.h.department))) == []


def test_every_quantity_leads_to_just_the_units_behind_it(here: Site) -> None:
    client = manager(here)
    for by in ("item", "lot", "place", "all"):
        for row in client.get("/stock", {"by": by, "place": here.h.campus.pk}).context["rows"]:
            listed = client.get(f"/stock{row.things}")
            assert listed.context["total"].quantity == row.quantity, (by, row.things)
            assert listed.context["filters"].by == "unit"


def test_pages_hold_every_thing_once(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client = manager(here)
    whole = things(client)
    for per_page in (1, 2, 4):
        monkeypatch.setattr(pages.page_of, "__kwdefaults__", {"per_page": per_page})
        found = [row for page in range(1, 7) for row in things(client, page=page)]
        number = -(-len(whole) // per_page)
        assert found[: len(whole)] == whole
        assert client.get("/stock", {"by": "unit", "page": 99}).context["rows"].number == number


def test_the_file_lists_serials(here: Site) -> None:
    text = (
        manager(here)
        .get("/stock", {"by": "unit", "format": "csv", "family": "stents"})
        .content.decode("utf-8-sig")
    )
    rows = list(csv.DictReader(StringIO(text)))
    assert len(rows) == 5
    assert all(row["Serial number"] and row["Identity"] and row["Quantity"] == "1" for row in rows)


def test_the_file_says_where_it_is_cut(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "MOST_THINGS", 2)

    def listed(**asked: str) -> list[str]:
        text = manager(here).get("/stock", {"format": "csv", **asked}).content.decode("utf-8-sig")
        return text.splitlines()[1:]

    found = listed(by="unit")
    assert len(found) == 3
    assert "Only the first 2 rows are listed" in found[-1]
    # As many as there may be, and what is not told thing by thing, are whole.
    assert len(listed(by="unit", status="quarantined")) == 2
    assert not any("Only the first" in row for row in listed(by="all"))
    assert len(listed(by="all")) == 3


def test_the_past_is_not_told_piece_by_piece(here: Site) -> None:
    answer = manager(here).get("/stock", {"by": "unit", "at": "2020-01-01T00:00:00"})
    assert answer.context["filters"].by == "all"
    assert "unit" not in dict(answer.context["groupings"])


def test_its_statements_do_not_follow_what_lies_there(here: Site) -> None:
    client = manager(here)
    client.get("/stock?by=unit")
    found = []
    for _turn in range(2):
        with CaptureQueriesContext(connection) as spent:
            client.get("/stock?by=unit")
        found.append(len(spent))
        here.stocked(4)
    assert found[0] == found[1] <= 10


def test_whose_they_are_can_be_asked_in_every_grouping(here: Site) -> None:
    """Goods of a supplier that lie here: alone, and the same behind each number."""
    mine = here.h.supplier.pk
    theirs = here.h.stocked(2, owner_id=mine)
    client = manager(here)
    for by in ("item", "lot", "place", "all", "unit"):
        answer = client.get("/stock", {"by": by, "owner": mine})
        assert answer.context["total"].quantity == 2, by
        for row in answer.context["rows"] if by != "unit" else ():
            behind = client.get(f"/stock{row.things}")
            assert {each.epc for each in behind.context["rows"]} == set(theirs), (by, row.things)
    assert sorted(epc for epc, _pieces in things(client, owner=mine)) == sorted(theirs)
    assert things(client, owner=mine + 100_000) == []
