"""What the forms and scans of the pages cost: written down, never above thirty statements, the same for one row and for
twenty. Where a transaction begins and ends is not counted: it asks nothing. What is counted has succeeded.

One hospital stands for all forms of a person: each finds it as it was, for what a form did is taken back before the next.
``YANJI_WRITE_TABLES=1`` (in one process) writes what is found into the file.
"""

import copy
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib import messages
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from tests.flows.buying import supplier_person
from tests.flows.site import Site, person, show_papers, site
from tests.web.forms import bought, heard, kept, labelled, seen, shared, signed, stored, treated
from tests.web.forms.desk import Desk, Form
from yanji.access.models import Person
from yanji.ledger.api import virtual_places

BUDGETS = Path(__file__).parents[1] / "budgets" / "forms.json"
MOST = 30
AT_THE_DOOR = ("web:sign_in", "web:badge_in", "web:claim_device")
MARKS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
BY_WHOM: dict[str, dict[str, Callable[[Desk], Form]]] = {
    "buyer": bought.BUYER | kept.CATALOGUE | seen.BUYER,
    "accountant": bought.ACCOUNTANT,
    "nurse": treated.NURSE | stored.NURSE | seen.WARD | seen.NURSE | kept.NURSE | shared.NURSE,
    "approver": treated.APPROVER,
    "storekeeper": stored.STOREKEEPER | seen.STORE | seen.READER | heard.STOREKEEPER,
    "supplier": stored.SUPPLIER | seen.SUPPLIER,
    "manager": signed.MANAGER,
    "administrator": kept.ADMINISTRATOR
    | seen.READERS
    | heard.ADMINISTRATOR
    | labelled.ADMINISTRATOR
    | shared.ADMINISTRATOR,
}
SENT = {name for forms in BY_WHOM.values() for name in forms}


def sender(here: Site, who: str) -> Person:
    """Who sends the form."""
    known = {"buyer": here.buyer, "nurse": here.nurse, "storekeeper": here.storekeeper}
    if who == "supplier":
        return supplier_person(here)
    return known.get(who) or person(who, here.h.campus)


def budgets() -> dict[str, int]:
    found: dict[str, int] = json.loads(BUDGETS.read_text(encoding="utf-8")) if BUDGETS.exists() else {}
    return found


@dataclass(frozen=True)
class Cost:
    """Statements of a form, and of the page that it leads to; ``grows``: whether it was sent with more rows when told so."""

    form: int
    page: int
    grows: bool
    listed: str


def cost(here: Site, who: str, name: str, form_of: Callable[[Desk], Form], count: int) -> Cost:
    """Of a form that was sent and did what it says."""
    by = sender(here, who)
    desk = Desk(here, count, by)
    address, form = form_of(desk)
    client = Client()
    for cookie, value in desk.cookies.items():
        client.cookies[cookie] = value
    if name not in AT_THE_DOOR:
        client.force_login(by)
    virtual_places()  # what is read once a process is read before anything is counted
    answer, asked = counted(lambda: client.post(address, form))
    shown = answer.content.decode(errors="replace")
    assert answer.status_code in (200, 204, 302), f"{name}: {answer.status_code} {told(shown)}"
    assert 'data-result="error"' not in shown, f"{name}: {told(shown)}"
    said = messages.get_messages(answer.wsgi_request)
    assert [str(each) for each in said if each.level >= messages.ERROR] == [], name
    match = resolve(address.partition("?")[0])
    assert name.partition(" ")[0] == match.view_name, f"{name} goes to {match.view_name}"
    leads_to = answer.headers.get("Location") or answer.headers.get("HX-Redirect", "")
    _answer, then = counted(lambda: client.get(leads_to)) if leads_to else (None, [])
    return Cost(len(asked), len(then), desk.grows, "\n".join(sql[:160] for sql in (*asked, "then", *then)))


def counted(request: Callable[[], Any]) -> tuple[Any, list[str]]:
    """The answer, and what was asked for it."""
    with CaptureQueriesContext(connection) as asked:
        answer = request()
    return answer, [str(query["sql"]) for query in asked if not str(query["sql"]).startswith(MARKS)]


def told(shown: str) -> str:
    """A page as one line of text, without what frames it."""
    inside = shown.partition("<main")[2] or shown
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", inside))


@pytest.mark.parametrize("who", list(BY_WHOM))
def test_statements_of_forms(db: None, subtests: pytest.Subtests, who: str) -> None:
    here = site()
    show_papers(here)
    for name, form_of in BY_WHOM[who].items():
        with subtests.test(name):
            one, many = (_undone(here, who, name, form_of, count) for count in (1, 20))
            if os.environ.get("YANJI_WRITE_TABLES"):
                _write(name, max(one.form, many.form))
            budget = budgets().get(name)
            assert (one.form, many.form) == (budget, budget), f"{name}\n{many.listed}"
            assert max(one.page, many.page) <= MOST, many.listed
            # One more where it asks about what there was none of: the other orders, the rest that waits.
            assert many.page - one.page <= 1, (
                f"the page that {name} leads to\n{one.listed}\n--\n{many.listed}"
            )
            assert many.grows == (name not in ALONE), f"{name}: is it sent with more rows?"


def test_it_costs_no_more_where_papers_were_never_shown(db: None) -> None:
    """What goods lack is said of what was read with them: where somebody waits for goods, nobody asks for it once more."""
    here = site()
    forms = BY_WHOM["nurse"] | BY_WHOM["storekeeper"]
    coming = ("theatre:first", "theatre:first_scan", "storeroom:receive_consigned", "storeroom:loan")
    for name in coming:
        who = "nurse" if name in BY_WHOM["nurse"] else "storekeeper"
        assert _undone(here, who, name, forms[name], 2).form == budgets()[name], name
    here.h.item.implant = True
    here.h.item.save()
    assert _undone(here, "nurse", "theatre:first", forms["theatre:first"], 2).form <= MOST


def _undone(here: Site, *about: Any) -> Cost:
    """What it costs in a hospital that is as it was before."""
    with transaction.atomic():
        found = cost(copy.deepcopy(here), *about)
        transaction.set_rollback(True)
    return found


def _write(name: str, asked: int) -> None:
    written = dict(sorted({**budgets(), name: asked}.items()))
    BUDGETS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


def test_every_form_has_its_budget() -> None:
    assert len(SENT) == sum(len(forms) for forms in BY_WHOM.values()), "a name stands twice"
    assert sorted(set(budgets()) ^ SENT) == []
    assert set(ALONE) <= SENT


# Why a form is sent with one row only: there is nothing of which it could hold more.
ALONE = {
    "buyer:rules": "the two numbers of a hospital",
    "buyer:two_invoice": "one family",
    "buyer:decide_paper": "one paper",
    "masterdata:new_item": "one item, of which nothing hangs on it yet",
    "masterdata:opening": "what a piece of one item holds",
    "masterdata:end_row": "one price",
    "masterdata:new_supplier": "one supplier, of which nothing hangs on it yet",
    "masterdata:supplier": "one licence",
    "masterdata:edit_supplier": "the names of one supplier",
    "masterdata:supplier_active": "one supplier",
    "masterdata:new_person": "one person, who holds nothing yet",
    "masterdata:new_role": "one role, which nobody holds yet",
    "masterdata:delete_role": "a role that nobody holds",
    "masterdata:account password": "one's own",
    "masterdata:account badge": "one's own",
    "masterdata:account token": "one's own",
    "masterdata:account pin": "one's own",
    "masterdata:account wish": "one's own",
    "masterdata:end_own_badge": "one's own",
    "masterdata:end_own_pin": "one's own",
    "masterdata:new_device": "one device",
    "masterdata:device": "one device",
    "masterdata:device_code": "one device",
    "masterdata:end_device": "one device",
    "supplier:offer_paper": "one paper",
    "supplier:withdraw_paper": "one paper",
    "theatre:change_case": "the head of one case",
    "ward:opened": "one piece",
    "ward:take_part": "one part of a piece",
    "ward:discard_rest": "the rest of one piece",
    "web:undo_piece opening": "a piece of which nothing was taken",
    "web:scanner": "one scan, kept in the browser",
    "web:scanner forget": "one scan, kept in the browser",
    "web:scanner_scan": "one scan",
    "web:preferences": "what one person likes",
    "web:badge_in": "one person at the door",
    "web:claim_device": "one browser",
    "web:stay": "one person's hand",
    "web:sign_in": "one person at the door",
    "web:sign_out": "one person at the door",
    "web:notify_here": "one browser",
    "web:notify_no_more": "one browser",
}
