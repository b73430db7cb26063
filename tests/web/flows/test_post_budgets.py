"""What it costs to send a form of the flows: written down, never above thirty statements, the same for one row and for
twenty. Where a transaction begins and ends is not counted: it asks nothing.

``YANJI_WRITE_TABLES=1`` (in one process) writes what is found into the file.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.makers import unique
from yanji.flows.announced import Announced
from yanji.flows.models import ShipNotice
from yanji.flows.ship_notice import announce
from yanji.ledger.api import virtual_places

from .test_done import ACTS, Site
from .world import World, later

BUDGETS = Path(__file__).parents[2] / "budgets" / "posts.json"
MOST = 30
MARKS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
Sending = tuple[str, Callable[[Site], str], Callable[[Site], dict[str, Any]]]


def _announced(site: Site) -> str:
    """A delivery of which every unit stands on a ship notice."""
    order = site.world.order(site.count)
    lines = [
        Announced(site.world.item.pk, serial, "L2409A", later(400), epc=site.world.epc(serial))
        for serial in site.serials
    ]
    announce(actor=site.world.actor("storekeeper"), key=unique("n"), order_id=order, lines=lines)
    return f"/storeroom/receiving/{order}"


def _with_notice(site: Site) -> dict[str, Any]:
    return site.rows("receipt", dock_id=site.world.dock.pk, notice_id=ShipNotice.objects.latest("pk").pk)


SENT: dict[str, Sending] = {
    **{name: act[:3] for name, act in ACTS.items()},
    "storeroom:receive announced": ("storekeeper", _announced, _with_notice),
}


def budgets() -> dict[str, int]:
    found: dict[str, int] = json.loads(BUDGETS.read_text(encoding="utf-8")) if BUDGETS.exists() else {}
    return found


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("name", list(SENT))
def test_statements_of_a_form(hospital: World, signed_in: Any, name: str, count: int) -> None:
    role, address_of, form_of = SENT[name]
    site = Site(hospital, count)
    address = address_of(site)
    form, client = form_of(site), signed_in(role)
    virtual_places()  # what is read once a process is read before anything is counted
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(address, form)
    assert answer.status_code == 302, answer.content.decode()[:400]
    spent = [str(query["sql"]) for query in asked if not str(query["sql"]).startswith(MARKS)]
    if os.environ.get("YANJI_WRITE_TABLES"):
        written = dict(sorted({**budgets(), name: len(spent)}.items()))
        BUDGETS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    assert len(spent) == budgets().get(name), f"{name}: {len(spent)}\n" + "\n".join(
        sql[:160] for sql in spent
    )


def test_every_form_has_its_budget_and_none_is_above_thirty() -> None:
    assert sorted(set(budgets()) ^ set(SENT)) == []


def test_no_budget_of_any_file_is_above_thirty() -> None:
    """Not only pages: a verb that costs more than that asks for something twice."""
    found = {
        f"{path.stem} {name}": count
        for path in BUDGETS.parent.glob("*.json")
        for name, count in json.loads(path.read_text(encoding="utf-8")).items()
    }
    assert len(found) > 300
    assert {name: count for name, count in found.items() if count > MOST} == {}
