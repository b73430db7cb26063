"""Pages as of a moment of the world, as the records knew it at another."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import Site, site
from tests.makers import unique
from yanji.flows.correction import take_back
from yanji.ledger.api import Step, unit_view
from yanji.web.moments import past


@pytest.fixture
def here(transactional_db: None) -> Site:
    return site()


def _page(client: Client, path: str, **query: Any) -> str:
    response = client.get(path, query)
    assert response.status_code == 200, (path, query)
    return str(response.content.decode())


def test_what_was_believed_before_a_correction_can_be_read_again(here: Site) -> None:
    """A unit was booked as used on a patient, which was taken back later: both are on record."""
    [epc] = here.h.stocked()
    earlier = timezone.now()
    wrong = here.h.do(Step.USE, epc, documents={"case": "C-9", "patient": "T-9"})
    believed = timezone.now()
    take_back(actor=here.h.actor, key=unique("k"), event_id=wrong.event_id, reason="wrong_scan")
    lot = unit_view(epc).lot_id
    reader = Client()
    reader.force_login(here.storekeeper)
    at = {"at": timezone.now().isoformat(), "known": believed.isoformat()}

    assert "T-9" not in _page(reader, f"/unit/{epc}", at=earlier.isoformat())
    then = _page(reader, f"/unit/{epc}", **at)
    assert "已使用" in then
    assert "按" in then

    used = _page(reader, f"/lot/{lot}", **at)
    assert "当时所在" in used
    assert "已使用 1" in used
    assert "已使用 1" not in _page(reader, f"/lot/{lot}")
    assert "已使用 1" not in _page(reader, f"/lot/{lot}", at=earlier.isoformat())
    csv = reader.get(f"/lot/{lot}", {**at, "format": "csv"}).content.decode()
    assert "已使用" in csv

    assert here.h.item.name_zh not in _page(reader, "/stock", **at).split("<tbody>")[-1]
    assert here.h.item.name_zh in _page(reader, "/stock", at=earlier.isoformat()).split("<tbody>")[-1]

    program = ApiClient(here.storekeeper)
    known = program.get(f"/lots/{lot}/trace", as_known=believed.isoformat()).json()
    assert [unit["status"] for unit in known["units"]] == ["used"]
    now = program.get(f"/lots/{lot}/trace").json()
    assert [unit["status"] for unit in now["units"]] == ["available"]


def test_everything_is_judged_at_the_moment_and_nothing_can_be_done_there(here: Site) -> None:
    """Expired today, a unit was good 60 days ago: so say its page, its lot's and the stock's of that day."""
    now = timezone.now()
    expiry = timezone.localdate() - timedelta(days=10)
    [epc] = here.h.stocked(lot="THEN", expiry=expiry, ago=timedelta(days=100))
    lot = unit_view(epc).lot_id
    reader = Client()
    reader.force_login(here.storekeeper)
    then = {"at": (now - timedelta(days=60)).isoformat()}
    its_day = {"at": (now - timedelta(days=10)).isoformat()}
    pages = (f"/unit/{epc}", f"/lot/{lot}", "/stock")
    for path in pages:
        asked = {"lot": lot, "by": "lot"} if path == "/stock" else {}
        today, past = _page(reader, path, **asked), _page(reader, path, **asked, **then)
        assert f"{expiry} 已过期" in today, path
        assert "50 天后到期" in past, path
        assert f"{expiry} 已过期" not in past, path
        assert "当天到期" in _page(reader, path, **asked, **its_day), path
        assert "回到现在" in past
        assert "回到现在" not in today

    offered = re.compile(r'<div class="y-actions">\s*<a class="btn')
    assert offered.search(_page(reader, f"/unit/{epc}"))
    assert not offered.search(_page(reader, f"/unit/{epc}", **then))
    leads_on = f"/lot/{lot}?{urlencode(then)}".replace("&", "&amp;")
    assert leads_on in _page(reader, f"/unit/{epc}", **then)


def test_what_came_later_is_not_said_of_a_unit_at_a_moment(here: Site) -> None:
    """Owner and the rest of the lot are those of the moment, not of today."""
    now = timezone.now()
    bought, lies = here.h.stocked(2, lot="OWNED", owner_id=here.h.supplier.pk, ago=timedelta(days=20))
    here.h.do(Step.TAKE_TITLE, bought)
    here.h.do(Step.HOLD, lies)
    reader = Client()
    reader.force_login(here.storekeeper)
    at = {"at": (now - timedelta(days=1)).isoformat()}
    owners = re.compile(r"<dt>所有权</dt><dd>\s*(\S+)(.*?)</dd>", re.DOTALL)
    since, before = (owners.search(_page(reader, f"/unit/{bought}", **asked)) for asked in ({}, at))
    assert since is not None
    assert before is not None
    assert (since[1], here.h.supplier.name in since[2]) == ("医院", True)
    assert (before[1], before[2].strip()) == (here.h.supplier.name, "")
    assert "已冻结" in _page(reader, f"/unit/{bought}")
    assert "已冻结" not in _page(reader, f"/unit/{bought}", **at)


@pytest.mark.parametrize("by", ["item", "lot", "place", "all"])
def test_stock_of_a_moment_groups_as_stock_of_now(here: Site, by: str) -> None:
    here.stocked(3)
    here.stocked_lot(40)
    reader = Client()
    reader.force_login(here.storekeeper)
    just_now = timezone.now().isoformat()

    def rows(**query: Any) -> list[str]:
        text = reader.get("/stock", {"by": by, "format": "csv", **query}).content.decode()
        return sorted(text.splitlines()[1:])

    assert rows(at=just_now) == rows()
    assert rows(at=(timezone.now() - timedelta(days=900)).isoformat()) == []


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-45", "9999-12-31T23:59:59", "0001-01-01T00:00", "2999-01-01"]
)
def test_nonsense_and_the_future_mean_now(text: str) -> None:
    assert past(text) is None or past(text) < timezone.now()


def test_a_moment_without_a_zone_is_the_hospitals() -> None:
    found = past("2026-01-01T08:00")
    assert found == datetime.fromisoformat("2026-01-01T08:00+08:00")
