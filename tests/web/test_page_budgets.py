"""What every page asks of the database, for somebody who may see it: written down, and never above thirty statements.

A page that is not in the file fails: whoever adds one says what it costs. A page may cost less than the file says; more
is a decision. ``YANJI_WRITE_TABLES=1`` (in one process) writes what is found into the file.
"""

import json
import os
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web.test_access_matrix import PARAMETER, PARTS, expected, part_of
from tests.web.world import World
from yanji.access.models import Person

BUDGETS = Path(__file__).parents[1] / "budgets" / "pages.json"
MOST = 30
# A transfer that has arrived says so with 409: a page as well.
SHOWN = ("200", "204", "409")
# Somebody of the hospital rather than a stranger to it, who sees less.
BY_WHOM = ("storekeeper", "nurse", "buyer", "manager", "administrator", "supplier", "elsewhere", "nobody")
NO_PAGES = "api"
# A part of a page that is asked for something: by the last word of its address, what is asked.
ASKED = {"line": "item={item_id}", "items": "q=支架", "suggestions": "q=S0"}


def budgets() -> dict[str, int]:
    found: dict[str, int] = json.loads(BUDGETS.read_text(encoding="utf-8")) if BUDGETS.exists() else {}
    return found


def pages(part: str) -> dict[str, str]:
    """Route -> who looks at it: the first of :data:`BY_WHOM` to whom the table of access shows it."""
    table = expected()
    people = table.pop("_people")
    found = {}
    for row, codes in table.items():
        method, _space, route = row.partition(" ")
        if method != "GET" or part_of(route) != part:
            continue
        seen_by = [who for who, code in zip(people, codes.split(), strict=True) if code in SHOWN]
        if seen := [who for who in BY_WHOM if who in seen_by]:
            found[route] = seen[0]
    return found


def known() -> set[str]:
    """Every page of the file, by its name there."""
    return {f"{who} {route}" for part in PARTS if part != NO_PAGES for route, who in pages(part).items()}


def spent(world: World, route: str, person: Person | None) -> tuple[int, int]:
    """(status, statements) of a page; what is read once a process is read before anything is counted."""
    address = "/" + PARAMETER.sub(lambda found: str(world.samples[found.group(1)]), route)
    asked = ASKED.get(route.rpartition("/")[2], "").format_map(world.samples)
    client = Client()
    assert person is not None
    client.force_login(person)
    with transaction.atomic():
        client.get(address, query_params=asked and dict([asked.split("=")]))
        with CaptureQueriesContext(connection) as captured:
            status = client.get(address, query_params=asked and dict([asked.split("=")])).status_code
        transaction.set_rollback(True)
    return status, len(captured)


@pytest.mark.slow
@pytest.mark.parametrize(
    "part", [part for part in PARTS if part != NO_PAGES], ids=lambda part: part or "reading"
)
def test_every_page_keeps_to_its_budget(hospital_day: World, part: str) -> None:
    found = {}
    for route, who in sorted(pages(part).items()):
        status, count = spent(hospital_day, route, hospital_day.people[who])
        if str(status) in SHOWN:
            found[f"{who} {route}"] = count
    assert found
    if os.environ.get("YANJI_WRITE_TABLES"):
        written = {page: count for page, count in {**budgets(), **found}.items() if page in known()}
        BUDGETS.write_text(json.dumps(dict(sorted(written.items())), indent=1) + "\n", encoding="utf-8")
    written = budgets()
    wrong = {page: count for page, count in found.items() if count > written.get(page, 0)}
    assert wrong == {}, "statements: write them down if that is meant"
    assert {page: count for page, count in found.items() if count > MOST} == {}


def test_the_file_names_no_page_that_is_gone_and_none_above_thirty() -> None:
    assert sorted(set(budgets()) - known()) == []
    assert max(budgets().values()) <= MOST
