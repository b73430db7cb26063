"""What the forms and scans of buyers, payers, theatres, wards, stores and suppliers cost: written down, never above thirty
statements, the same for one row and for twenty. Where a transaction begins and ends is not counted: it asks nothing.

``YANJI_WRITE_TABLES=1`` (in one process) writes what is found into the file.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.flows.buying import supplier_person
from tests.flows.site import Site, person, site
from tests.web.forms.bought import ACCOUNTANT, BUYER
from tests.web.forms.desk import Desk, Form
from tests.web.forms.stored import NURSE as AT_THE_STORE
from tests.web.forms.stored import STOREKEEPER, SUPPLIER
from tests.web.forms.treated import APPROVER, NURSE
from yanji.access.models import Person
from yanji.ledger.api import virtual_places

BUDGETS = Path(__file__).parents[1] / "budgets" / "forms.json"
MARKS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
BY_WHOM: dict[str, dict[str, Callable[[Desk], Form]]] = {
    "buyer": BUYER,
    "accountant": ACCOUNTANT,
    "nurse": NURSE | AT_THE_STORE,
    "approver": APPROVER,
    "storekeeper": STOREKEEPER,
    "supplier": SUPPLIER,
}
SENT = {f"{who}:{name}": (who, form) for who, forms in BY_WHOM.items() for name, form in forms.items()}


def sender(here: Site, who: str) -> Person:
    """Who sends the form."""
    known = {"buyer": here.buyer, "nurse": here.nurse, "storekeeper": here.storekeeper}
    if who == "supplier":
        return supplier_person(here)
    return known.get(who) or person(who, here.h.campus)


def budgets() -> dict[str, int]:
    found: dict[str, int] = json.loads(BUDGETS.read_text(encoding="utf-8")) if BUDGETS.exists() else {}
    return found


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("name", list(SENT))
def test_statements_of_a_form(db: None, name: str, count: int) -> None:
    who, form_of = SENT[name]
    here = site()
    address, form = form_of(Desk(here, count))
    client = Client()
    client.force_login(sender(here, who))
    virtual_places()  # what is read once a process is read before anything is counted
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(address, form)
    assert answer.status_code == (200 if name.endswith("scan") else 302), answer.content.decode()
    spent = [str(query["sql"]) for query in asked if not str(query["sql"]).startswith(MARKS)]
    if os.environ.get("YANJI_WRITE_TABLES"):
        written = dict(sorted({**budgets(), name: max(len(spent), budgets().get(name, 0))}.items()))
        BUDGETS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    assert len(spent) == budgets().get(name), f"{name}: {len(spent)}\n" + "\n".join(
        sql[:160] for sql in spent
    )


def test_every_form_has_its_budget() -> None:
    assert sorted(set(budgets()) ^ set(SENT)) == []
