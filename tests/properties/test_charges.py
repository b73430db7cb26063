"""Whatever the order of use, charge, refund and correction, no unit is charged more than once net, and nothing is owed
for what was not used."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flows.site import site
from tests.flows.theatre.room import Room
from tests.makers import unique
from yanji.flows.consign.models import Payable
from yanji.flows.correction import take_back
from yanji.flows.documents import DOCUMENT_MOVES
from yanji.flows.theatre.charge import (
    ask_refund,
    confirm_charges,
    keep_charge,
    refund,
    request_charges,
    withdraw_charges,
)
from yanji.flows.theatre.models import ChargeEntry, ChargeLine
from yanji.ledger.api import Refused, unit_view

CHARGES = {
    "request": (request_charges, "charge_pending"),
    "withdraw": (withdraw_charges, "used"),
    "confirm": (confirm_charges, "charged"),
    "ask_refund": (ask_refund, "refund_pending"),
    "keep": (keep_charge, "charged"),
    "refund": (refund, "refunded"),
}
STEPS = st.lists(st.sampled_from(["use", "back", *CHARGES]), min_size=4, max_size=24)


class Model:
    """What must be so, in a few words: the state of the line that stands (None: no use), and what was charged net."""

    def __init__(self) -> None:
        self.state: str | None = None
        self.net = 0

    def step(self, name: str) -> bool:
        """Whether the step is allowed; if so, it is done."""
        if name == "use":
            allowed, after = self.state is None, "used"
        elif name == "back":
            allowed, after = self.state in ("used", "charge_pending", "refunded"), None
        else:
            sources = {str(state) for state in DOCUMENT_MOVES["charge", name].sources}
            allowed, after = self.state in sources, CHARGES[name][1]
        if allowed:
            self.net += {"confirm": 1, "refund": -1}.get(name, 0)
            self.state = after
        return allowed


@pytest.mark.slow
@given(steps=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_charges_never_net_above_one(db, steps: list[str]) -> None:
    with transaction.atomic():
        # A label belongs to one hospital's item: the next example begins with none.
        walk(steps)
        transaction.set_rollback(True)


def walk(steps: list[str]) -> None:
    room = Room(site())
    room.agreement()
    room.price(700)
    room.code()
    [epc] = room.consigned()
    case, model, event = room.case(), Model(), ""
    for name in steps:
        allowed = model.step(name)
        try:
            event = play(room, case, epc, name, event)
            done = True
        except Refused:
            done = False
        assert done is allowed, (name, steps)
        entries = list(ChargeEntry.objects.filter(unit__epc=epc).values_list("sign", flat=True))
        assert sum(entries) == model.net in (0, 1)
        standing = ChargeLine.objects.filter(unit__epc=epc).exclude(state="voided")
        assert [line.state for line in standing] == ([model.state] if model.state else [])
        owed = sum(each.amount for each in Payable.objects.filter(unit__epc=epc))
        assert owed == (700 if model.state else 0)
        assert (unit_view(epc).owner_id is None) is (model.state is not None)


def play(room: Room, case, epc: str, name: str, event: str) -> str:
    """One step by its verb; the event of the latest use."""
    if name == "use":
        return room.use(case, epc).events[0]
    if name == "back":
        if not event:
            raise Refused("unknown_event")
        take_back(actor=room.nurse, key=unique("b"), event_id=event, reason="wrong_scan")
        return event
    lines = list(ChargeLine.objects.filter(case=case).exclude(state="voided").values_list("pk", flat=True))
    more = {"reason": "faulty"} if name == "ask_refund" else {}
    if not lines:
        raise Refused("nothing_to_charge")
    CHARGES[name][0](actor=room.nurse, key=unique("c"), case_id=case.pk, line_ids=lines, **more)
    return event
