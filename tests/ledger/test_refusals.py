"""Every refusal of the ledger, each brought about on purpose; nothing is ever written with one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone, translation

from tests.ledger.ways import walk, written
from tests.makers import Hospital, days_ago, everything, hospital, person, place, unique
from yanji.access.actor import Actor
from yanji.catalog.models import Item, Licence, Supplier
from yanji.ledger.api import (
    Line,
    LotQuantity,
    NewQuantity,
    Refused,
    Status,
    Step,
    correct,
    post,
    reserve,
    say_recalled,
    unit_view,
    virtual_places,
)
from yanji.ledger.refused import CONSTRAINTS, SENTENCES
from yanji.places.models import Kind

pytestmark = pytest.mark.django_db

LEDGER_CODES = frozenset(
    """key_missing key_reused empty too_many_lines bad_text in_future before_receipt reason_needed witness_needed witness_is_actor
    patient_needed scanned_twice unknown_unit unknown_place unknown_item unknown_event wrong_tracking wrong_status
    already_used expired recalled lot_recalled on_hold reserved elsewhere wrong_place same_place wrong_temperature not_enough
    bad_quantity bad_cost not_yours licence_lapsed duplicate_identity duplicate_serial moved_on already_corrected
    cannot_correct""".split()
)
Act = Callable[[Hospital], object]


def lot_item() -> Item:
    return Item.objects.create(code=unique("LOT"), name_zh="缝线", tracking="lot", temperature_class="room")


def supplier(*, valid_to: date | None) -> Supplier:
    made = Supplier.objects.create(code=unique("SUP"), name_zh="供应商")
    Licence.objects.create(
        supplier=made, kind="device_trade", number="1", valid_from=date(2020, 1, 1), valid_to=valid_to
    )
    return made


def of_recalled_lot(house: Hospital, ago: timedelta = timedelta(0)) -> list[str]:
    """A unit in the store, of a lot that was recalled some time ago without marking it."""
    epcs = house.stocked(ago=timedelta(hours=3))
    lot = unit_view(epcs[0]).lot_id
    say_recalled([lot], {lot: ("RN-1", timezone.now() - ago)})
    return epcs


def reserved_unit(house: Hospital) -> str:
    [epc] = house.stocked()
    until = timezone.now() + timedelta(hours=1)
    reserve([epc], reserved_for="REQ1", until=until, key=unique("r"), actor=house.actor)
    return epc


def used_key(house: Hospital) -> object:
    one, other = house.stocked(2)
    house.do(Step.PICK, one, key=f"twice-{one}")
    return house.do(Step.PICK, other, key=f"twice-{one}")


def stranger(house: Hospital) -> Actor:
    return Actor(house.actor.person_id, "stranger", {})


def elsewhere(house: Hospital) -> object:
    [epc] = house.stocked()
    draft = house.draft(Step.PICK, epc)
    return post(replace(draft, lines=(Line(epc, from_place_id=house.bin.pk),)), actor=house.actor)


def correct_twice(house: Hospital) -> object:
    [epc] = house.stocked()
    done = house.do(Step.PICK, epc)
    correct(done.event_id, key=unique("c"), reason="wrong", actor=house.actor)
    return correct(done.event_id, key=unique("c"), reason="wrong", actor=house.actor)


def correct_late(house: Hospital) -> object:
    [epc] = house.stocked()
    done = house.do(Step.PICK, epc)
    house.do(Step.UNPICK, epc)
    return correct(done.event_id, key=unique("c"), reason="wrong", actor=house.actor)


def correct_first(house: Hospital, **fields: Any) -> object:
    done = house.do(Step.PICK, *house.stocked())
    return correct(done.event_id, **{"key": unique("c"), "reason": "wrong", "actor": house.actor, **fields})


def twin(house: Hospital) -> object:
    unit = house.unit()
    house.do(Step.RECEIVE, unit)
    return house.do(Step.RECEIVE, replace(unit, epc=unit.epc + "-2"))


CASES: list[tuple[str, str, Act]] = [
    ("key_missing", "no key", lambda h: h.do(Step.PICK, *h.stocked(), key="")),
    ("key_missing", "no key for a correction", lambda h: correct_first(h, key="")),
    ("key_reused", "another act", used_key),
    ("empty", "no lines", lambda h: h.do(Step.PICK)),
    ("too_many_lines", "10,000 lines", lambda h: h.do(Step.PICK, *(f"x{n}" for n in range(10_000)))),
    ("bad_text", "NUL in the key", lambda h: h.do(Step.PICK, *h.stocked(), key="a\0b")),
    ("bad_text", "NUL in an identity", lambda h: h.do(Step.PICK, "a\0b")),
    ("bad_text", "lone surrogate in an identity", lambda h: h.do(Step.PICK, "a\ud800")),
    ("bad_text", "NUL in the note", lambda h: h.do(Step.PICK, *h.stocked(), note="\0")),
    ("bad_text", "long note", lambda h: h.do(Step.PICK, *h.stocked(), note="n" * 4_001)),
    ("bad_text", "long reason", lambda h: h.do(Step.HOLD, *h.stocked(), reason="n" * 121)),
    ("bad_text", "long key", lambda h: h.do(Step.PICK, *h.stocked(), key="k" * 121)),
    ("bad_text", "long identity", lambda h: h.do(Step.RECEIVE, h.unit(epc="e" * 161))),
    ("bad_text", "long serial", lambda h: h.do(Step.RECEIVE, replace(h.unit(), serial="s" * 81))),
    ("bad_text", "NUL in a lot", lambda h: h.do(Step.RECEIVE, h.unit(lot="\0"))),
    ("bad_text", "long lot", lambda h: h.do(Step.RECEIVE, h.unit(lot="l" * 81))),
    ("bad_text", "long order", lambda h: h.do(Step.RECEIVE, h.unit(order_number="l" * 41))),
    ("bad_text", "long case", lambda h: h.do(Step.USE, *h.stocked(), documents={"case": "c" * 41, "patient": "P"})),
    ("bad_text", "long patient", lambda h: h.do(Step.USE, *h.stocked(), documents={"case": "c", "patient": "P" * 81})),
    ("bad_text", "NUL in a document's kind", lambda h: h.do(Step.PICK, *h.stocked(), documents={"\0": "1"})),
    ("bad_text", "NUL in sensor data", lambda h: h.do(Step.PICK, *h.stocked(), sensor={"t": "\0"})),
    ("bad_text", "long reservation", lambda h: h.do(Step.RESERVE, *h.stocked(), reserved_for="r" * 41)),
    ("bad_text", "long device", lambda h: h.do(Step.PICK, *h.stocked(), actor=replace(h.actor, device="d" * 81))),
    ("bad_text", "correction: long key", lambda h: correct_first(h, key="k" * 121)),
    ("bad_text", "correction: long reason", lambda h: correct_first(h, reason="k" * 121)),
    ("bad_text", "correction: NUL", lambda h: correct_first(h, note="\0")),
    ("in_future", "tomorrow", lambda h: h.do(Step.PICK, *h.stocked(), happened_at=days_ago(-1))),
    ("in_future", "9999", lambda h: h.do(Step.PICK, *h.stocked(expiry=None), happened_at=datetime(9999, 12, 31, 23, tzinfo=UTC))),
    ("before_receipt", "used the day before", lambda h: h.do(Step.USE, *h.stocked(), happened_at=days_ago(1))),
    ("before_receipt", "held a year before", lambda h: h.do(Step.HOLD, *h.stocked(), happened_at=days_ago(365))),
    ("reason_needed", "hold", lambda h: h.do(Step.HOLD, *h.stocked(), reason="")),
    ("reason_needed", "correction", lambda h: correct_first(h, reason="")),
    ("witness_needed", "scrap", lambda h: h.do(Step.SCRAP, *h.stocked(), witness_id=None)),
    ("witness_is_actor", "scrap", lambda h: h.do(Step.SCRAP, *h.stocked(), witness_id=h.actor.person_id)),
    ("patient_needed", "no papers", lambda h: h.do(Step.USE, *h.stocked(), documents={})),
    ("patient_needed", "no patient", lambda h: h.do(Step.USE, *h.stocked(), documents={"case": "C1"})),
    ("scanned_twice", "known", lambda h: h.do(Step.PICK, *h.stocked() * 2)),
    ("scanned_twice", "new", lambda h: h.do(Step.RECEIVE, *[h.unit(serial="TWICE")] * 2)),
    ("unknown_unit", "known nowhere", lambda h: h.do(Step.PICK, "01/06901234500017/21/NOWHERE")),
    ("unknown_unit", "SQL", lambda h: h.do(Step.PICK, "'; DROP TABLE ledger_unit; --")),
    ("unknown_unit", "new at the wrong step", lambda h: h.do(Step.PICK, h.unit())),
    ("unknown_place", "no place", lambda h: h.do(Step.PUT_AWAY, *h.stocked(), to=2_000_000_000)),
    ("unknown_place", "closed", lambda h: h.do(Step.PUT_AWAY, *h.stocked(), to=place(Kind.BIN, h.store, active=False))),
    ("unknown_item", "new unit", lambda h: h.do(Step.RECEIVE, h.unit(item_id=2_000_000_000))),
    ("unknown_event", "none such", lambda h: correct("0198c5a8-0000-7000-8000-000000000000", key="c", reason="r",
                                                     actor=h.actor)),
    ("unknown_event", "not even an id", lambda h: correct("x'y", key="c", reason="r", actor=h.actor)),
    ("wrong_tracking", "unit of a lot item", lambda h: h.do(Step.RECEIVE, h.unit(item_id=lot_item().pk))),
    ("wrong_tracking", "quantity of a unit item", lambda h: h.do(Step.RECEIVE, NewQuantity(h.item.pk, Decimal(1)))),
    ("wrong_status", "issue of what was not picked", lambda h: h.do(Step.ISSUE, *h.stocked())),
    ("already_used", "second use", lambda h: h.do(Step.USE, *walk(h, (Step.RECEIVE, Step.ACCEPT, Step.USE)))),
    ("expired", "on the day after", lambda h: h.do(Step.ACCEPT, *walk(
        h, (Step.RECEIVE,), expiry=timezone.localdate() - timedelta(days=1)))),
    ("expired", "status", lambda h: h.do(Step.PICK, *walk(h, (Step.RECEIVE, Step.ACCEPT, Step.EXPIRE)))),
    ("recalled", "status", lambda h: h.do(Step.PICK, *walk(h, (Step.RECEIVE, Step.ACCEPT, Step.RECALL)))),
    ("lot_recalled", "not marked itself", lambda h: h.do(Step.USE, *of_recalled_lot(h))),
    ("on_hold", "status", lambda h: h.do(Step.PICK, *walk(h, (Step.RECEIVE, Step.ACCEPT, Step.HOLD)))),
    ("reserved", "for another", lambda h: h.do(Step.PICK, reserved_unit(h), documents={"requisition": "REQ2"})),
    ("reserved", "use", lambda h: h.do(Step.USE, reserved_unit(h))),
    ("elsewhere", "claimed to be in a bin", elsewhere),
    ("wrong_place", "into the scrap by putting away", lambda h: h.do(
        Step.PUT_AWAY, *h.stocked(), to=virtual_places().scrap)),
    ("wrong_place", "to a campus", lambda h: h.do(Step.PUT_AWAY, *h.stocked(), to=h.campus)),
    ("same_place", "put away where it lies", lambda h: h.do(Step.PUT_AWAY, *h.stocked(), to=h.store)),
    ("wrong_temperature", "warm unit into the cold", lambda h: h.do(
        Step.PUT_AWAY, *h.stocked(), to=place(Kind.BIN, h.store, temperature_class="refrigerated"))),
    ("not_yours", "from", lambda h: h.do(Step.PICK, *h.stocked(), actor=stranger(h))),
    ("not_yours", "to", lambda h: h.do(Step.RECEIVE, h.unit(), actor=stranger(h))),
    ("not_yours", "any", lambda h: h.do(Step.ANNOUNCE, h.unit(), actor=stranger(h))),
    ("not_yours", "another campus", lambda h: h.do(
        Step.PICK, *h.stocked(), actor=everything(place(Kind.CAMPUS), person()))),
    ("not_yours", "correction", lambda h: correct_first(h, actor=stranger(h))),
    ("licence_lapsed", "on the unit", lambda h: h.do(
        Step.RECEIVE, h.unit(supplier_id=supplier(valid_to=timezone.localdate() - timedelta(days=1)).pk))),
    ("licence_lapsed", "of who delivers", lambda h: h.do(
        Step.RECEIVE, h.unit(), source_party_id=supplier(valid_to=date(2021, 1, 1)).pk)),
    ("duplicate_identity", "received before", lambda h: h.do(
        Step.RECEIVE, h.unit(serial=h.stocked()[0].rsplit("/", 1)[1]))),
    ("duplicate_serial", "another identity", twin),
    ("moved_on", "correction of what is not last", correct_late),
    ("already_corrected", "twice", correct_twice),
    ("cannot_correct", "ship notice", lambda h: correct(
        h.do(Step.ANNOUNCE, h.unit()).event_id, key=unique("c"), reason="r", actor=h.actor)),
    ("bad_cost", "NaN", lambda h: h.do(Step.RECEIVE, h.unit(cost=Decimal("NaN")))),
    ("bad_cost", "negative", lambda h: h.do(Step.RECEIVE, h.unit(cost=Decimal(-1)))),
]  # fmt: skip

BAD_QUANTITIES = ["0", "-1", "NaN", "Infinity", "0.0004", "1000000000000", "sNaN", "1E+30"]
CASES += [
    (
        "bad_quantity",
        f"received {number}",
        lambda h, n=number: h.do(Step.RECEIVE, NewQuantity(lot_item().pk, Decimal(n))),
    )
    for number in BAD_QUANTITIES
]
CASES += [
    (
        "bad_quantity",
        f"moved {number}",
        lambda h, n=number: h.do(Step.PICK, LotQuantity(1, Decimal(n), h.store.pk)),
    )
    for number in BAD_QUANTITIES
]
CASES += [("not_enough", "of nothing", lambda h: h.do(Step.PICK, LotQuantity(1, Decimal(1), h.store.pk)))]


@pytest.mark.parametrize(("code", "why", "act"), CASES, ids=[f"{code}: {why}" for code, why, _ in CASES])
def test_refused(code: str, why: str, act: Act) -> None:
    house = hospital()
    with pytest.raises(Refused) as refused:
        act(house)
    assert {offence.code for offence in refused.value.offences} == {code}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for sentence in refused.value.sentences():
                assert sentence, code
                assert not {"{", "…"} & set(sentence), sentence


def test_every_code_is_tried() -> None:
    assert {code for code, _, _ in CASES} == LEDGER_CODES
    assert set(SENTENCES) >= LEDGER_CODES
    assert set(CONSTRAINTS.values()) <= LEDGER_CODES


def test_nothing_is_written_with_a_refusal() -> None:
    house = hospital()
    good, used = house.stocked(2)
    house.do(Step.USE, used)
    before = written()
    for things in ((good, used), (good, house.unit()), (good, LotQuantity(1, Decimal(1), house.store.pk))):
        with pytest.raises(Refused):
            house.do(Step.PICK, *things)
        assert written() == before


def test_a_late_entry_is_as_old_as_the_receipt_at_most() -> None:
    """The sentence names both times; clocks that differ a little are no lie; taken back, a receipt may be said anew."""
    house = hospital()
    [epc] = house.stocked(ago=timedelta(hours=3))
    received = unit_view(epc).received_at
    assert received is not None
    before = written()
    with pytest.raises(Refused) as refused:
        house.do(Step.PICK, epc, happened_at=received - timedelta(minutes=6))
    assert written() == before
    [sentence] = refused.value.sentences()
    for moment in (received, received - timedelta(minutes=6)):
        assert f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" in sentence
    house.do(Step.PICK, epc, happened_at=received - timedelta(minutes=4))
    unit = house.unit()
    first = house.do(Step.RECEIVE, unit)
    correct(first.event_id, key=unique("c"), reason="wrong", actor=house.actor)
    house.do(Step.RECEIVE, unit, happened_at=days_ago(2))
    house.do(Step.ACCEPT, unit.epc, happened_at=days_ago(1))


def test_ids_beyond_any_column_are_unknown() -> None:
    house = hospital()
    [epc] = house.stocked()
    for code, step, thing, to in (
        ("unknown_item", Step.RECEIVE, house.unit(item_id=2**70), None),
        ("unknown_place", Step.PUT_AWAY, epc, 2**70),
        ("not_enough", Step.PICK, LotQuantity(2**70, Decimal(1), 2**70), None),
    ):
        with pytest.raises(Refused) as refused:
            house.do(step, thing, to=to)
        assert refused.value.code == code


def test_the_last_day_of_use_is_a_day_of_use() -> None:
    house = hospital()
    [epc] = house.stocked(expiry=timezone.localdate())
    house.do(Step.USE, epc)


def test_what_was_in_date_when_it_happened_is_accepted_late() -> None:
    """The act of the day before yesterday is entered today."""
    house = hospital()
    unit = house.unit(expiry=timezone.localdate() - timedelta(days=1))
    house.do(Step.RECEIVE, unit, happened_at=days_ago(3))
    house.do(Step.ACCEPT, unit.epc, happened_at=days_ago(2))


def test_what_is_of_a_recalled_lot_is_not_handed_on_by_a_date_of_the_past() -> None:
    """A use of before the recall is said late; nothing else is."""
    house = hospital()
    [epc] = of_recalled_lot(house, timedelta(hours=1))
    before = written()
    for step in (Step.PICK, Step.RESERVE, Step.SET_OUT, Step.SHIP, Step.LEND):
        with pytest.raises(Refused) as caught:
            house.do(step, epc, happened_at=timezone.now() - timedelta(hours=2))
        assert (caught.value.code, written()) == ("lot_recalled", before), step
    with pytest.raises(Refused) as caught:
        house.do(Step.USE, epc, happened_at=timezone.now() - timedelta(minutes=59))
    assert (caught.value.offences[0].facts["notice"], written()) == ("RN-1", before)
    house.do(Step.USE, epc, happened_at=timezone.now() - timedelta(hours=2))


def test_a_lot_is_recalled_until_it_is_said_that_it_is_not() -> None:
    house = hospital()
    [epc] = of_recalled_lot(house)
    lot = unit_view(epc).lot_id
    say_recalled([lot], {})
    house.do(Step.PICK, epc)


@pytest.mark.parametrize("step", [Step.PICK, Step.SET_OUT, Step.SHIP, Step.LEND])
def test_what_must_not_be_handed_on_today_is_not_by_a_date_of_the_past(step: Step) -> None:
    house = hospital()
    [epc] = house.stocked(ago=timedelta(days=4), expiry=timezone.localdate() - timedelta(days=1))
    before = written()
    with pytest.raises(Refused) as caught:
        house.do(step, epc, happened_at=days_ago(2))
    assert (caught.value.code, written()) == ("expired", before)
    house.do(Step.USE, epc, happened_at=days_ago(2))  # it was used, and is said late


def test_a_licence_counts_on_the_day_it_happened() -> None:
    house = hospital()
    lapsed = supplier(valid_to=timezone.localdate() - timedelta(days=1))
    house.do(Step.RECEIVE, house.unit(supplier_id=lapsed.pk), happened_at=days_ago(2))


@pytest.mark.parametrize("by_epc", [True, False])
def test_an_expected_unit_of_a_lapsed_supplier_is_refused(by_epc: bool) -> None:
    """Whoever names it, and however, the supplier of the ship notice must be licensed when the unit arrives."""
    house = hospital()
    unit = house.unit(supplier_id=supplier(valid_to=timezone.localdate() - timedelta(days=1)).pk)
    house.do(Step.ANNOUNCE, unit)
    with pytest.raises(Refused) as refused:
        house.do(Step.RECEIVE, unit.epc if by_epc else replace(unit, supplier_id=house.supplier.pk))
    assert refused.value.code == "licence_lapsed"


@pytest.mark.parametrize("step", [Step.HOLD, Step.RECALL, Step.EXPIRE, Step.LOSE])
def test_a_reservation_does_not_shield_from_a_hold(step: Step) -> None:
    house = hospital()
    epc = reserved_unit(house)
    house.do(step, epc)
    assert unit_view(epc).status != Status.RESERVED


def test_an_old_time_is_no_crash() -> None:
    house = hospital()
    [epc] = house.stocked()
    for at in (datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=timezone.get_current_timezone())):
        try:
            house.do(Step.PICK, epc, happened_at=at)
            house.do(Step.UNPICK, epc)
        except Refused:
            pass
