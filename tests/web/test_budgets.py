"""What each page may ask of the database. A page may ask less than the file says; more is a decision."""

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.flows.site import person as made
from tests.web.world import World

BUDGETS = Path(__file__).parents[1] / "budgets" / "web.json"
MOST = 30


AT_WORK = ("storekeeper", "nurse", "buyer", "manager", "administrator", "supplier")
MORE = ("accountant", "approver", "quality", "auditor")  # made here: no page of the world is theirs alone


def pages() -> list[tuple[str, str]]:
    """(who, address) of the reading pages and of the home of each role."""
    homes = [(who, "/") for who in (*AT_WORK, *MORE)]
    return [
        *homes,
        ("storekeeper", "/unit/{epc}"),
        ("nurse", "/unit/{epc}"),
        ("storekeeper", "/lot/{lot_id}"),
        ("storekeeper", "/event/{event_id}"),
        ("manager", "/board"),
        ("buyer", "/stock"),
        ("buyer", "/stock?by=all&q=zj"),
        ("storekeeper", "/search?q=nothing-of-the-kind"),
        ("storekeeper", "/search?q={epc}"),
        ("storekeeper", "/search/suggestions?q=S0"),
        ("storekeeper", "/search/suggestions?q=rq"),
        ("elsewhere", "/search/suggestions?q=po"),
        # What every device asks for again and again.
        *(
            (who, f"/api/v1/handheld/{what}")
            for who in ("storekeeper", "nurse")
            for what in ("today", "todos", "units")
        ),
    ]


def spent(world: World) -> dict[str, int]:
    found = {}
    for who, named in pages():
        address = named.format_map(world.samples)
        client = Client()
        person = made(who, world.site.h.campus) if who in MORE else world.people[who]
        assert person is not None
        client.force_login(person)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code in {200, 302}, address
        found[f"{who} {named}"] = len(captured)
    return found


def test_pages_keep_to_their_budgets(hospital_day: World) -> None:
    client = Client()  # What is read once a process is read before anything is counted.
    client.force_login(hospital_day.site.storekeeper)
    client.get("/stock")
    found = spent(hospital_day)
    if os.environ.get("YANJI_WRITE_TABLES"):
        BUDGETS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    budgets = json.loads(BUDGETS.read_text(encoding="utf-8"))
    assert {page: count for page, count in found.items() if count > budgets.get(page, 0)} == {}
    assert max(budgets.values()) <= MOST


@pytest.mark.parametrize("count", [40])
def test_more_units_cost_no_more_statements(hospital_day: World, count: int) -> None:
    before = spent(hospital_day)
    hospital_day.site.stocked(count)
    after = spent(hospital_day)
    assert {page: (before[page], after[page]) for page in before if after[page] > before[page]} == {}
