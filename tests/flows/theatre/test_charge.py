"""Charges: the codes of the day of use, one net charge a unit, refunds that leave the unit where it is."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import unique
from yanji.flows.correction import take_back
from yanji.flows.theatre.charge import (
    Code,
    ask_refund,
    codes_on,
    confirm_charges,
    keep_charge,
    refund,
    request_charges,
    withdraw_charges,
)
from yanji.flows.theatre.models import ChargeEntry, ChargeLine
from yanji.ledger.api import unit_view

DAY = date(2026, 6, 15)


def code(kind: str, first: date, last: date | None = None) -> Code:
    return Code(kind, f"{kind}-{first}", first, last)


def test_a_charge_needs_exactly_one_code_that_holds_on_the_day() -> None:
    past = code("charge", date(2025, 1, 1), date(2026, 6, 14))
    now = code("charge", date(2026, 6, 15))
    insured = code("insurance", date(2026, 1, 1))
    lapsed = code("insurance", date(2025, 1, 1), date(2025, 12, 31))
    assert codes_on([], DAY) == "charge_code_missing"
    assert codes_on([insured], DAY) == "charge_code_missing"
    assert codes_on([past], DAY) == "charge_code_lapsed"
    assert codes_on([past, now, lapsed], DAY) == "charge_code_lapsed"
    assert codes_on([past, now, code("charge", date(2026, 1, 1))], DAY) == "charge_code_ambiguous"
    assert codes_on([now, insured, code("insurance", date(2026, 2, 1))], DAY) == "charge_code_ambiguous"
    found = codes_on([past, now, insured], DAY)
    assert not isinstance(found, str)
    assert (found.charge, found.insurance) == (now, insured)
    alone = codes_on([now], DAY)
    assert not isinstance(alone, str)
    assert alone.insurance is None


def used(room: Room):
    [epc] = room.units(1)
    case = room.case()
    done = room.use(case, epc)
    return case, epc, done


def act(room: Room, verb, case, **fields):
    return verb(actor=room.nurse, key=unique("k"), case_id=case.pk, **fields)


def state(case) -> str:
    return ChargeLine.objects.exclude(state="voided").get(case=case).state


def net(epc: str) -> int:
    return sum(ChargeEntry.objects.filter(unit__epc=epc).values_list("sign", flat=True))


def test_the_whole_way_of_a_charge(room: Room) -> None:
    case, epc, _done = used(room)
    held = room.code()
    assert state(case) == "used"
    act(room, request_charges, case)
    assert state(case) == "charge_pending"
    act(room, confirm_charges, case)
    assert (state(case), net(epc)) == ("charged", 1)
    line = ChargeLine.objects.get(case=case)
    assert (line.charge_code, line.charge_code_from, line.amount) == (held.code, held.valid_from, 100)
    act(room, ask_refund, case, line_ids=[line.pk], reason="wrong_item")
    act(room, keep_charge, case, line_ids=[line.pk])
    assert state(case) == "charged"
    act(room, ask_refund, case, line_ids=[line.pk], reason="wrong_item")
    act(room, refund, case)
    assert (state(case), net(epc)) == ("refunded", 0)
    # The money went back; the unit is where it was.
    assert unit_view(epc).status == "used"
    act(room, request_charges, case)
    act(room, confirm_charges, case)
    assert (state(case), net(epc)) == ("charged", 1)
    signs = ChargeEntry.objects.filter(unit__epc=epc).order_by("ordinal").values_list("sign", flat=True)
    assert list(signs) == [1, -1, 1]


def test_the_version_of_the_code_stays_with_the_charge(room: Room) -> None:
    case, _epc, _done = used(room)
    held = room.code(code="OLD")
    act(room, request_charges, case)
    held.code = "NEW"
    held.save()
    held.delete()
    act(room, confirm_charges, case)
    assert ChargeEntry.objects.get(line__case=case).charge_code == "OLD"


def test_a_missing_or_lapsed_code_stops_the_charge(room: Room) -> None:
    case, _epc, _done = used(room)
    refused("charge_code_missing", lambda: act(room, request_charges, case))
    yesterday = timezone.localdate() - timedelta(days=1)
    room.code(valid_to=yesterday)
    refused("charge_code_lapsed", lambda: act(room, request_charges, case))
    room.code(days=0)
    act(room, request_charges, case)
    act(room, withdraw_charges, case)
    room.code(kind="insurance", valid_to=yesterday)
    refused("charge_code_lapsed", lambda: act(room, request_charges, case))


def test_nothing_is_charged_twice_or_out_of_turn(room: Room) -> None:
    case, _epc, _done = used(room)
    room.code()
    line = ChargeLine.objects.get(case=case)
    refused("charge_state", lambda: act(room, confirm_charges, case, line_ids=[line.pk]))
    refused("nothing_to_charge", lambda: act(room, confirm_charges, case))
    act(room, request_charges, case)
    act(room, confirm_charges, case)
    refused("charged_already", lambda: act(room, request_charges, case, line_ids=[line.pk]))
    refused("charged_already", lambda: act(room, confirm_charges, case, line_ids=[line.pk]))
    other = room.case()
    refused("nothing_to_charge", lambda: act(room, request_charges, other, line_ids=[line.pk]))
    refused("reason_needed", lambda: act(room, ask_refund, case, line_ids=[line.pk], reason="no"))
    refused("nothing_to_charge", lambda: act(room, refund, case))


def test_a_use_that_was_charged_is_taken_back_after_its_refund(room: Room) -> None:
    case, epc, done = used(room)
    room.code()
    act(room, request_charges, case)
    act(room, confirm_charges, case)

    def back():
        return take_back(actor=room.nurse, key=unique("k"), event_id=done.events[0], reason="wrong_scan")

    refused("charge_stands", back)
    assert unit_view(epc).status == "used"
    line = ChargeLine.objects.get(case=case)
    act(room, ask_refund, case, line_ids=[line.pk], reason="not_used")
    act(room, refund, case)
    back()
    assert ChargeLine.objects.get(pk=line.pk).state == "voided"
    assert unit_view(epc).status == "available"
    # Used again, it is charged again, and still once net.
    room.use(case, epc)
    act(room, request_charges, case)
    act(room, confirm_charges, case)
    assert net(epc) == 1


def test_a_pending_charge_goes_with_its_use(room: Room) -> None:
    case, _epc, done = used(room)
    room.code()
    act(room, request_charges, case)
    take_back(actor=room.nurse, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert ChargeLine.objects.get(case=case).state == "voided"


@pytest.mark.parametrize(
    ("ordinal", "previous", "sign", "constraint"),
    [
        (2, 1, 1, "charge_entries_alternate"),
        (3, 2, 1, "charge_entries_chain"),
        (3, None, 1, "charge_entries_linked"),
        (1, None, 1, "charge_once_net"),
        (2, 2, -1, "charge_entries_linked"),
    ],
)
def test_the_database_alone_refuses_a_second_net_charge(
    room: Room, ordinal: int, previous: int | None, sign: int, constraint: str
) -> None:
    case, _epc, _done = used(room)
    room.code()
    act(room, request_charges, case)
    act(room, confirm_charges, case)
    first = ChargeEntry.objects.get(line__case=case)
    again = ChargeEntry(
        line=first.line, unit_id=first.unit_id, subject=first.subject, ordinal=ordinal, previous=previous, sign=sign,
        amount=1, charge_code="X", actor_id=first.actor_id,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        again.save()


def test_entries_are_never_changed(room: Room) -> None:
    case, _epc, _done = used(room)
    room.code()
    act(room, request_charges, case)
    act(room, confirm_charges, case)
    for change in (
        lambda: ChargeEntry.objects.update(sign=-1),
        lambda: ChargeEntry.objects.all().delete(),
    ):
        with pytest.raises(Exception, match=r"permission denied|append"), transaction.atomic():
            change()
