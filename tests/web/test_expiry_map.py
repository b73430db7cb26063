"""The expiry map counts what lies where by the month in which it expires, and every cell leads to a list of as much."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import Site, person, site
from tests.makers import place
from yanji.access.models import Grant, Person
from yanji.catalog.models import Supplier
from yanji.flows.putaway import put_away
from yanji.insight.board import Cut
from yanji.insight.months import MONTHS, ripening, spans
from yanji.places.models import Kind

pytestmark = pytest.mark.django_db
NEVER = MONTHS + 3


@pytest.fixture
def here() -> Site:
    """In the store: units of every month, two of the first column on a shelf; six pieces that never expire."""
    made = site()
    made.h.item.family, made.h.item.supplier = "stents", made.h.supplier
    made.h.item.save()
    for number, span in enumerate(spans(timezone.localdate())):
        epcs = made.stocked(1 + number % 3, ago=20, expiry=span.last or span.first, lot=f"L{number}")
        if number == 2:
            put_away(actor=made.keeper, key="shelf", things=epcs, to_place_id=made.h.bin.pk)
    made.stocked_lot(6, expiry=None)
    return made


def reading(who: Person) -> Client:
    Person.objects.filter(pk=who.pk).update(language="en")
    client = Client()
    client.force_login(who)
    return client


def shown(client: Client, **asked: Any) -> dict[str, Any]:
    answer = client.get("/expiry", asked)
    assert answer.status_code == 200
    return {name: answer.context[name] for name in ("columns", "rows", "total", "measures", "look")}


def listed(client: Client, href: str) -> Decimal:
    return client.get(href).context["total"].quantity


def test_the_columns_are_all_days_once() -> None:
    for today in (date(2026, 1, 1), date(2026, 1, 31), date(2027, 12, 31), date(2028, 2, 29)):
        found = spans(today)
        assert len(found) == MONTHS + 3
        assert (found[0].last, found[1].first) == (today - timedelta(days=1), today)
        assert [each.first for each in found[1:]] == [
            each.last + timedelta(days=1) for each in found[:-1] if each.last
        ]
        assert all(each.first.day == 1 for each in found[2:] if each.first)


@pytest.mark.parametrize("rows", ["place", "station"])
def test_every_cell_leads_to_a_list_of_as_many(here: Site, rows: str) -> None:
    client = reading(here.storekeeper)
    found = shown(client, rows=rows)
    total = found["total"]
    assert total.figures == [*(Decimal(1 + number % 3) for number in range(NEVER)), Decimal(6)]
    for row in (*found["rows"], total):
        assert listed(client, row.total.href) == sum(row.figures)
        for cell, figure in zip(row.cells, row.figures, strict=True):
            assert bool(cell.href) == bool(figure)
            assert not cell.href or listed(client, cell.href) == figure, cell


def test_it_leads_down_from_the_campus_to_the_shelf(here: Site) -> None:
    client = reading(here.storekeeper)
    [store] = shown(client)["rows"]
    answer = client.get(store.href)
    names = [(row.name, sum(row.figures)) for row in answer.context["rows"]]
    on_shelf = Decimal(3)
    assert names == [
        (here.h.bin.name, on_shelf), (f"Right at: {here.h.store.name}", sum(store.figures) - on_shelf),
    ]  # fmt: skip
    assert [each.pk for each in answer.context["way"]] == [here.h.campus.pk]
    [shelf, right_at] = answer.context["rows"]
    assert "/stock" in shelf.href, "nothing stands in a shelf: its name leads to what lies in it"
    assert listed(client, shelf.href) == on_shelf
    assert listed(client, right_at.href) == sum(right_at.figures)


def test_family_supplier_and_place_are_kept_to_and_kept_on_the_way_down(here: Site) -> None:
    client = reading(here.storekeeper)
    other = Supplier.objects.create(code="OTHER", name_zh="另一家")
    units = sum(1 + number % 3 for number in range(NEVER))
    for asked, pieces in (
        ({"family": "stents"}, units),
        ({"supplier": here.h.supplier.pk}, units),
        ({"supplier": other.pk}, 0),
        ({"place": here.h.department.pk}, 0),
        ({"place": here.h.bin.pk}, 3),
    ):
        assert sum(shown(client, **asked)["total"].figures) == pieces, asked
    [store] = shown(client, family="stents")["rows"]
    assert sum(client.get(store.href).context["total"].figures) == units


def test_value_is_for_who_sees_figures_and_only_there(here: Site) -> None:
    keeper = reading(here.storekeeper)
    assert shown(keeper, measure="value")["look"].measure == "pieces"
    assert shown(keeper)["measures"] == []
    manager = person("manager", here.h.campus)
    found = shown(reading(manager), measure="value")
    assert found["total"].figures[0] == 100
    elsewhere = place(Kind.CAMPUS)
    Grant.objects.create(person=manager, role=here.storekeeper.grants.get().role, place=elsewhere)
    both = reading(manager)
    assert [name for name, _label in shown(both, place=here.h.store.pk)["measures"]] == ["pieces", "value"]
    assert shown(both, place=elsewhere.pk, measure="value")["measures"] == []


def test_of_another_campus_nothing_is_seen(here: Site) -> None:
    client = reading(person("storekeeper", place(Kind.CAMPUS)))
    assert client.get("/expiry", {"place": here.h.store.pk}).status_code == 404
    assert list(shown(client)["rows"]) == []
    assert "Nothing lies here" in client.get("/expiry").content.decode()
    assert ripening(Cut(()), lines=[here.h.store.pk], columns=spans(timezone.localdate())) == []


def test_two_places_of_one_reader_stand_side_by_side_and_count_once(here: Site) -> None:
    """Somebody of a ward who also looks after one shelf sees the two, and nothing else of the store."""
    Grant.objects.create(person=here.nurse, role=here.storekeeper.grants.get().role, place=here.h.bin)
    client = reading(here.nurse)
    found = shown(client)
    assert [(row.name, sum(row.figures)) for row in found["rows"]] == [(here.h.bin.name, 3)]
    assert listed(client, found["total"].total.href) == 3


def test_who_keeps_but_a_shelf_is_led_to_it_by_stations_too(here: Site) -> None:
    """In what they see stands no store and no department: their places are the rows."""
    keeper = person("storekeeper", here.h.bin)
    client = reading(keeper)
    found = shown(client, rows="station")
    assert [row.name for row in found["rows"]] == [row.name for row in shown(client)["rows"]]
    assert sum(sum(row.figures) for row in found["rows"]) == 3


def test_a_store_within_a_ward_counts_for_the_ward(here: Site) -> None:
    """Rows of stores and departments hold nothing twice: the list behind a row counts what the row counts."""
    inner = place(Kind.STORE, here.h.store)
    put_away(actor=here.keeper, key="inner", things=here.stocked(2, lot="INNER"), to_place_id=inner.pk)
    client = reading(here.storekeeper)
    [row] = shown(client, rows="station")["rows"]
    assert (row.name, listed(client, row.total.href)) == (here.h.store.name, sum(row.figures))


def test_the_csv_says_what_the_map_says(here: Site) -> None:
    client = reading(here.storekeeper)
    text = client.get("/expiry?format=csv").content.decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(text))
    assert (head[0], head[1], head[-1], row[0]) == ("Place", "Expired", "Together", here.h.store.name)
    assert list(map(Decimal, row[1:])) == [
        *shown(client)["total"].figures,
        sum(shown(client)["total"].figures),
    ]


def test_nonsense_in_the_address_is_as_if_it_were_not_asked(here: Site) -> None:
    client = reading(here.storekeeper)
    plain = shown(client)["total"].figures
    for asked in ({"rows": "\0"}, {"measure": "tons"}, {"family": "\0"}, {"supplier": "x"}, {"place": ""}):
        assert shown(client, **asked)["total"].figures == plain, asked


def test_a_program_reads_the_same_map(here: Site) -> None:
    manager, keeper = person("manager", here.h.campus), here.storekeeper
    page_says = shown(reading(manager), measure="value", rows="station")["total"].figures
    for who, sees in ((manager, True), (keeper, False)):
        told = ApiClient(who).get("/maps/expiry", stations=True, family="").json()
        assert len(told["spans"]) == len(page_says)
        [line] = told["lines"]
        assert (line["place_id"], line["itself"]) == (here.h.store.pk, False)
        values = [Decimal(cell["value"]) if sees else cell["value"] for cell in line["cells"]]
        assert values == (page_says if sees else [None] * len(page_says))
        assert sum(Decimal(cell["quantity"]) for cell in line["cells"]) == sum(
            shown(reading(who))["total"].figures
        )
    inside = ApiClient(keeper).get("/maps/expiry", place_id=here.h.store.pk).json()["lines"]
    assert [(line["place_id"], line["itself"]) for line in inside] == [
        (here.h.bin.pk, False), (here.h.store.pk, True),
    ]  # fmt: skip
    stranger = ApiClient(person("storekeeper", place(Kind.CAMPUS)))
    assert stranger.get("/maps/expiry").json()["lines"] == []
    assert stranger.get("/maps/expiry", place_id=here.h.store.pk).status_code == 404
