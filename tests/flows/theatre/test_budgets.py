"""What the theatre's and the suppliers' flows may ask of the database: for fifty units as for one."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.flows.theatre.room import Room, last_month
from tests.makers import unique
from yanji.flows.consign import queries as consigned
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.loans import (
    Listed,
    arrive_set,
    close_set,
    expect_set,
    hand_back_set,
    send_set,
    sterilise_set,
)
from yanji.flows.consign.settle import draft_settlement
from yanji.flows.correction import take_back
from yanji.flows.theatre import queries
from yanji.flows.theatre.account import account_of
from yanji.flows.theatre.after import Implanted
from yanji.flows.theatre.cards import Need, save_card
from yanji.flows.theatre.cart import set_back, waste
from yanji.flows.theatre.charge import confirm_charges, request_charges
from yanji.flows.theatre.closing import close_case
from yanji.flows.theatre.emergency import use_first
from yanji.flows.theatre.implants import explant

pytestmark = pytest.mark.slow
BUDGETS = Path(__file__).parents[2] / "budgets" / "theatre.json"


class Meter:
    """Counts the statements of named acts."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = {}

    def __call__(self, name: str, act: Callable[[], Any]) -> Any:
        with CaptureQueriesContext(connection) as found:
            result = act()
        self.spent[name] = sum("SAVEPOINT" not in str(query["sql"]) for query in found.captured_queries)
        return result


def a_case(room: Room, meter: Meter, count: int) -> None:
    h, key = room.here.h, lambda: unique("b")
    procedure = unique("P")
    room.consigned(1)
    ours, theirs = room.units(3 * count), room.consigned(count)
    meter("cards:save_card", lambda: save_card(
        actor=room.nurse, key=key(), department_id=h.department.pk, procedure=procedure, needs=[Need(h.item.pk, 2)],
    ))  # fmt: skip
    case = room.case(procedure=procedure)
    meter("cart:set_out", lambda: room.out(case, *ours, *theirs))
    put = [Implanted(epc, "LAD", "left") for epc in theirs]
    used = meter("use:use consigned", lambda: room.use(case, *theirs, *ours[:count], implants=put))
    back, opened = ours[count : 2 * count], ours[2 * count :]
    meter("cart:set_back", lambda: set_back(actor=room.nurse, key=key(), case_id=case.pk, things=back))
    meter(
        "cart:waste",
        lambda: waste(actor=room.nurse, key=key(), case_id=case.pk, things=opened, reason="dropped"),
    )
    account = meter("account_of", lambda: account_of(case.pk))
    meter("needs_of", lambda: queries.needs_of(case, account))
    meter("charge:request", lambda: request_charges(actor=room.nurse, key=key(), case_id=case.pk))
    meter("closing:close_case", lambda: close_case(actor=room.nurse, key=key(), case_id=case.pk))
    other = room.case()
    again = room.use(other, *back)
    meter("take_back:use", lambda: take_back(
        actor=room.nurse, key=key(), event_id=again.events[0], reason="wrong_scan"
    ))  # fmt: skip
    meter("charge:confirm", lambda: confirm_charges(actor=room.nurse, key=key(), case_id=case.pk))
    meter("implants:explant", lambda: explant(
        actor=room.nurse, key=key(), place_id=h.department.pk, case_number="X", patient_token=case.patient_token,
        things=theirs, reason="infection",
    ))  # fmt: skip
    meter("emergency:use_first", lambda: use_first(
        actor=room.nurse, key=key(), department_id=h.department.pk, case_number=other.number,
        patient_token=other.patient_token, confirmed_by=other.patient_token, supplier_id=h.supplier.pk, reason="life",
        arrivals=[room.here.arrival() for _ in range(count)],
    ))  # fmt: skip
    meter("open_differences", lambda: queries.open_differences([h.campus.path]))
    assert used.facts["title_passed"] == count


def a_loan(room: Room, meter: Meter, count: int) -> None:
    h, keeper, key = room.here.h, room.keeper, lambda: unique("b")
    loan = meter("loans:expect_set", lambda: expect_set(
        actor=keeper, key=key(), supplier_id=h.supplier.pk, department_id=h.department.pk, set_name="S",
        due_on=timezone.localdate(), listed=[Listed(h.item.pk, count)],
    )).id  # fmt: skip
    came = [room.here.arrival() for _ in range(count)]
    meter("loans:arrive_set", lambda: arrive_set(
        actor=keeper, key=key(), loan_set_id=loan, dock_id=h.store.pk, arrivals=came
    ))  # fmt: skip
    meter("loans:sterilise_set", lambda: sterilise_set(actor=keeper, key=key(), loan_set_id=loan, cycle="1"))
    meter("loans:send_set", lambda: send_set(actor=keeper, key=key(), loan_set_id=loan))
    meter("loans:hand_back_set", lambda: hand_back_set(actor=keeper, key=key(), loan_set_id=loan))
    meter("loans:close_set", lambda: close_set(actor=keeper, key=key(), loan_set_id=loan))


def a_settlement(room: Room, meter: Meter, agreement: int, count: int) -> None:
    at = timezone.now().replace(year=last_month().year, month=last_month().month, day=15)
    room.use(room.case(), *room.consigned(count, ago=80), happened_at=at)
    meter("settle:draft_settlement", lambda: draft_settlement(
        actor=room.buyer, key=unique("b"), agreement_id=agreement, month=last_month()
    ))  # fmt: skip
    meter("consigned_stock", lambda: consigned.consigned_stock(room.keeper))
    meter("refills", lambda: consigned.refills(room.keeper))


def day(count: int, room: Room, agreement: int) -> dict[str, int]:
    meter = Meter()
    a_case(room, meter, count)
    a_loan(room, meter, count)
    a_settlement(room, meter, agreement, count)
    return meter.spent


def test_fifty_units_cost_as_many_statements_as_one(room: Room) -> None:
    room.code()
    kept = [Kept(room.here.h.item.pk, Decimal(700), 5)]
    found = []
    for count in (1, 1, 50):  # the first warms what is looked up once a process
        agreement = room.agreement(items=kept, place_id=room.here.h.campus.pk).id
        found.append(day(count, room, agreement))
        room.end(agreement)
    _warm, one, fifty = found
    assert one == fifty
    budget = json.loads(BUDGETS.read_text()) if BUDGETS.exists() else {}
    assert one == budget, (
        f"statements changed: write {json.dumps(one, indent=2)} to {BUDGETS} if that is meant"
    )
