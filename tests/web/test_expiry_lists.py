"""“Expires within 30 days” counts one thing on every page: not yet expired, today counted; its link lists just that."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import Site, person, site, soon
from tests.makers import unique
from yanji.access.models import Grant, Person, Role
from yanji.ledger.api import Step

# Days to expiry, and how many pieces lie in the store that expire then.
STORED = {-3: 1, -1: 2, 0: 4, 30: 8, 31: 16}
SOON, GONE = 4 + 8, 1 + 2


@pytest.fixture
def here(transactional_db: None) -> Site:
    found = site()
    earlier = timezone.now() - timedelta(days=20)
    for days, pieces in STORED.items():
        for number in range(pieces):
            lying(found, days, f"{days}-{number}", earlier)
    return found


def lying(here: Site, days: int, serial: str, earlier, **fields) -> None:
    unit = here.h.unit(lot=f"LOT{days}", expiry=soon(days), serial=unique(serial))
    for number, step in enumerate((Step.RECEIVE, Step.ACCEPT, Step.PUT_AWAY)):
        here.h.do(
            step, unit if step == Step.RECEIVE else unit.epc, happened_at=earlier + timedelta(hours=number)
        )


def reading(who: Person) -> Client:
    Person.objects.filter(pk=who.pk).update(language="en")
    client = Client()
    client.force_login(who)
    return client


def listed(client: Client, address: str) -> Decimal:
    text = client.get(f"{address}&format=csv").content.decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text))
    return sum((Decimal(row["Quantity"]) for row in rows), start=Decimal(0))


def tile(page: str, label: str) -> tuple[str, Decimal]:
    """Where a tile leads, and its number."""
    found = re.search(
        rf'href="([^"]+)"[^>]*>\s*<span class="y-label">{label}</span>\s*<span\s+class="y-num"[^>]*>([\d,]+)',
        page,
    )
    assert found, label
    return found[1].replace("&amp;", "&"), Decimal(found[2].replace(",", ""))


@pytest.mark.parametrize("role", ["manager", "buyer"])
def test_the_tile_and_its_list_say_the_same(here: Site, role: str) -> None:
    client = reading(person(role, here.h.campus))
    href, number = tile(client.get("/").content.decode(), "Expires within 30 days")
    assert number == SOON == listed(client, href)


def test_who_sees_more_than_their_own_place_gets_the_list_of_their_own(here: Site) -> None:
    """A nurse of one ward who may look at the whole campus: the tile counts the ward, and so does its list."""
    viewer = Role.objects.create(code=unique("viewer"), name_zh="查看", name_en="Viewer", operations=["view"])
    Grant.objects.create(person=here.nurse, role=viewer, place=here.h.campus)
    client = reading(here.nurse)
    href, number = tile(client.get("/").content.decode(), "Expires within 30 days")
    assert number == 0 == listed(client, href)
    assert listed(client, "/stock?days=30&by=all") == SOON


def test_what_has_expired_has_a_list_of_its_own(here: Site) -> None:
    manager = reading(person("manager", here.h.campus))
    href, number = tile(manager.get("/").content.decode(), "Already expired")
    assert number == GONE == listed(manager, href)
    keeper = reading(here.storekeeper)
    first = keeper.get("/").context
    assert first["expired"].quantity == GONE
    assert [row.expiry for row in first["first_out"]] == [soon(0), soon(30), soon(31)]


def test_a_moment_judges_by_its_own_day(here: Site) -> None:
    """Two days ago what expired yesterday was still good, and what ends in 30 days was not yet soon."""
    client = reading(here.storekeeper)
    at = (timezone.now() - timedelta(days=2)).isoformat().replace("+", "%2B")
    assert listed(client, f"/stock?by=all&days=30&at={at}") == 2 + 4
    assert listed(client, f"/stock?by=all&days=-1&at={at}") == 1


def test_programs_are_told_the_same(here: Site) -> None:
    program = ApiClient(here.storekeeper)

    def pieces(**asked) -> Decimal:
        return sum(
            (Decimal(row["quantity"]) for row in program.get("/stock/expiring", **asked).json()), Decimal(0)
        )

    assert pieces(days=30) == SOON
    assert pieces(expired=True) == GONE
