"""Who gets what from every address: each route of pages and API, for each kind of person, against a table.

A route that is not in the table fails: whoever adds a page says who may see it. Columns of a row are the status codes
for the people of ``_people``; ``elsewhere`` is a storekeeper of another campus, to whom everything here is hidden;
``supplier`` acts for the one whose order, invoice and paper the samples are, ``rival`` for another. A row that ends before
these two says that both get what ``nobody`` gets, who is signed in and holds nothing.
``YANJI_WRITE_TABLES=1`` (in one process) writes what is found into the table: read the difference before committing it.
"""

import json
import os
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.web.refusals import each_refusal_drawn_once
from tests.web.world import World
from yanji.access.actor import Actor
from yanji.access.models import Person
from yanji.access.tokens import create_token

TABLE = Path(__file__).with_name("access_matrix.json")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
METHODS = ("GET", "POST")
BEFORE_WHO = {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.UNPROCESSABLE_ENTITY}
FIRST_IN = 2  # the people begin with the visitor and with who is signed in and holds nothing


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every address pattern of the installation, once."""
    seen: set[str] = set()
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        found = routes(pattern, route) if isinstance(pattern, URLResolver) else iter([route])
        assert isinstance(pattern, URLPattern | URLResolver)
        for one in found:
            if one not in seen:
                seen.add(one)
                yield one


def expected() -> dict[str, Any]:
    """Row -> the codes of all people; see the module's docstring for rows that name fewer."""
    table: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    people = table["_people"]
    assert people[-2:] == ["supplier", "rival"]
    for row, codes in table.items():
        if row != "_people":
            given = codes.split()
            nobody = given[people.index("nobody")]
            table[row] = " ".join([*given, *[nobody] * (len(people) - len(given))])
    return table


def shortened(people: list[str], codes: str) -> str:
    """A row as the table holds it."""
    given = codes.split()
    nobody = given[people.index("nobody")]
    return " ".join(given[:-2] if given[-2:] == [nobody, nobody] else given)


class Asker:
    """Asks as each of the people in turn, and takes back what the asking changed."""

    def __init__(self, world: World, people: list[str]) -> None:
        self.samples = world.samples
        self.asking = [self._signed_in(world.people[who]) for who in people]

    @staticmethod
    def _signed_in(person: Person | None) -> tuple[Client, str, dict[str, str]]:
        client = Client(raise_request_exception=False)
        if person is None:
            return client, "", {}
        client.force_login(person)
        token = create_token(actor=Actor(person.pk, person.name), name="matrix")[1]
        return client, client.cookies.output(header=""), {"Authorization": f"Bearer {token}"}

    def answers(self, method: str, route: str) -> str:
        """The status codes that a route gives to each, sent an empty form (or an empty JSON object)."""
        missing = [name for name in PARAMETER.findall(route) if name not in self.samples]
        if missing:
            return f"tests/web/world.py has no sample for {', '.join(missing)}"
        address = "/" + PARAMETER.sub(lambda found: str(self.samples[found.group(1)]), route)
        return " ".join(self._answers(method, address))

    def _answers(self, method: str, address: str) -> Iterator[str]:
        """In the order of the people. That there is no such method, or that an empty object says too little, an address says
        before it looks at who asks: once the visitor heard it, or who is signed in and holds nothing, so will the rest."""
        for asked, asking in enumerate(self.asking):
            status = self._ask(method, address, *asking)
            yield str(status)
            if status in BEFORE_WHO and asked < FIRST_IN:
                yield from [str(status)] * (len(self.asking) - asked - 1)
                return

    def _ask(self, method: str, address: str, client: Client, cookies: str, headers: dict[str, str]) -> int:
        by_token = address.startswith("/api/")
        body = {"data": "{}", "content_type": "application/json"} if by_token and method == "POST" else {}
        # A sign-out, or a dismissal, must not last for the rows that follow.
        client.cookies.clear()
        if not by_token:
            client.cookies.load(cookies)
        with transaction.atomic():
            status = client.generic(method, address, **body, headers=headers if by_token else {}).status_code
            transaction.set_rollback(True)
        return int(status)


PARTS = ("api", "buyer", "manager", "masterdata", "storeroom", "supplier", "theatre", "ward", "")


def part_of(route: str) -> str:
    """Which part of the table a route belongs to; the shell and the reading pages are the part without a name."""
    first = route.partition("/")[0]
    return first if first in PARTS else ""


def in_order(row: str) -> tuple[bool, str, str]:
    """The people first, then by route, each with its methods together: a new page changes one spot of the table."""
    method, _space, route = row.partition(" ")
    return row != "_people", route, method


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part or "reading")
def test_every_route_answers_each_person_as_the_table_says(hospital_day: World, part: str) -> None:
    table = expected()
    asker = Asker(hospital_day, table["_people"])
    rows = [(method, route) for route in sorted(routes()) for method in METHODS if part_of(route) == part]
    with each_refusal_drawn_once():
        found = {f"{method} {route}": asker.answers(method, route) for method, route in rows}
    if os.environ.get("YANJI_WRITE_TABLES"):
        written = {**expected(), **found}
        people = written["_people"]
        written = {
            row: codes if row == "_people" else shortened(people, codes) for row, codes in written.items()
        }
        ordered = dict(sorted(written.items(), key=lambda row: in_order(row[0])))
        TABLE.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    wrong = [
        f'"{row}": "{codes}",   # table: {table.get(row, "nothing")}'
        for row, codes in found.items()
        if table.get(row) != codes
    ]
    assert not wrong, f"{', '.join(table['_people'])}\n" + "\n".join(wrong)


def test_no_row_stands_twice() -> None:
    """Of two rows for one route JSON keeps the latter, whatever the first said."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"), object_pairs_hook=list)
    names = [row for row, _codes in rows]
    assert sorted({row for row in names if names.count(row) > 1}) == []


def test_the_table_names_no_route_that_is_gone() -> None:
    known = {f"{method} {route}" for route in routes() for method in METHODS}
    assert sorted(set(expected()) - known - {"_people"}) == []


def test_nothing_breaks_and_nothing_is_open_to_visitors() -> None:
    """The table itself: no 500, and without a sign-in only the door, the health check and what explains the API."""
    table = expected()
    people = table.pop("_people")
    open_to_visitors = {
        row for row, codes in table.items() if codes.split()[people.index("visitor")] in {"200", "204"}
    }
    assert not [row for row, codes in table.items() if "500" in codes.split()]
    assert open_to_visitors <= OPEN, open_to_visitors - OPEN


def test_a_rival_gets_what_a_supplier_gets_or_what_is_absent() -> None:
    """Where the two differ, it is about a document of the one: the other is told that there is none."""
    table = expected()
    people = table.pop("_people")
    supplier, rival = people.index("supplier"), people.index("rival")
    codes = {row: each.split() for row, each in table.items()}
    differ = {row: each[rival] for row, each in codes.items() if each[supplier] != each[rival]}
    assert differ
    assert set(differ.values()) == {"404"}


OPEN = {
    "GET healthz",
    "GET sign-in",
    "POST sign-in",
    "GET device",
    "GET api/v1/openapi.json",
    "POST api/v1/openapi.json",
    "GET api/v1/docs",
    "POST api/v1/docs",
    # What a browser fetches to install the scan page, and the program that keeps it: neither says anything of the house.
    "GET scan/manifest.webmanifest",
    "GET scan/worker.js",
    # The program that shows notifications.
    "GET notifications/worker.js",
}


@pytest.mark.parametrize("who", ["nobody", "elsewhere"])
def test_hidden_and_absent_answer_alike(hospital_day: World, who: str) -> None:
    """For somebody who may not see it, an existing thing looks exactly like one that does not exist."""
    client = Client()
    person = hospital_day.people[who]
    assert person is not None
    client.force_login(person)
    samples = hospital_day.samples
    pairs = [
        (f"/unit/{samples['epc']}", "/unit/01/09999999999999/21/NONE"),
        (f"/lot/{samples['lot_id']}", "/lot/999999999"),
        (f"/event/{samples['event_id']}", f"/event/{UUID(int=1)}"),
    ]
    for existing, absent in pairs:
        here, nowhere = client.get(existing), client.get(absent)
        assert here.status_code == nowhere.status_code == 404, existing
        assert _plain(here.content) == _plain(nowhere.content), existing


def _plain(page: bytes) -> bytes:
    """Without what differs on every request: secrets, and the address one would come back to."""
    return re.sub(
        rb'nonce="[^"]*"|X-CSRFToken": "[^"]*"|csrfmiddlewaretoken" value="[^"]*"|name="back" value="[^"]*"',
        b"",
        page,
    )
