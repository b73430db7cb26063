"""A walk that takes what was received first: units by their day, lots by the first day of each; it is kept to when scanning."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import Site, contents, soon
from tests.flows.test_fifo import came, some
from tests.makers import unique
from yanji.flows.acts import Done
from yanji.flows.papers import sheet_of
from yanji.flows.waves.models import Wave
from yanji.flows.waves.pick import pick_wave, start_wave
from yanji.flows.waves.walk import Walk, members_of, walk_of
from yanji.ledger.api import Refused


def unit_that_came(here: Site, days_ago: int, *, expiry: int, lot: str = "L1") -> str:
    arrival = here.arrival(lot=lot, expiry=soon(expiry))
    arrived_at = timezone.now() - timedelta(days=days_ago)
    here.receive(here.order((here.h.item, 1)), arrival, arrived_at=arrived_at)
    return arrival.epc


def walk(wave: Done) -> Walk:
    found = Wave.objects.get(pk=wave.id)
    return walk_of(found, members_of(found))


def begun(here: Site, policy: str, *requisitions: Done) -> Done:
    return start_wave(
        actor=here.keeper, key=unique("w"), store_id=here.h.store.pk,
        requisitions=[each.id for each in requisitions], policy=policy,
    )  # fmt: skip


def taken(wave: Done) -> dict[str, int]:
    found: dict[str, int] = {}
    for leg in walk(wave).legs:
        found[leg.lot] = found.get(leg.lot, 0) + leg.pieces
    return found


@pytest.mark.parametrize(
    ("policy", "lots"), [("fefo", {"SOON": 1, "NEW": 2}), ("fifo", {"LATE": 1, "OLD": 2})]
)
def test_the_walk_names_whose_turn_it_is(committed: Site, policy: str, lots: dict[str, int]) -> None:
    here = committed
    unit_that_came(here, 9, expiry=400, lot="LATE")
    unit_that_came(here, 1, expiry=90, lot="SOON")
    came(here, "OLD", 9, expiry=400)
    came(here, "NEW", 1, expiry=90)
    wave = begun(here, policy, here.requisition((here.h.item, 1), (here.counted, 2)))
    assert taken(wave) == lots
    facts = {value for _label, value in sheet_of(here.keeper, "wave", wave.id).facts}
    assert str(Wave.objects.get(pk=wave.id).get_policy_display()) in facts


def test_units_of_one_lot_that_came_on_several_days(committed: Site) -> None:
    """What came of it early goes before another lot, what came late after that."""
    here = committed
    unit_that_came(here, 9, expiry=400, lot="BOTH")
    unit_that_came(here, 5, expiry=300, lot="BETWEEN")
    unit_that_came(here, 1, expiry=400, lot="BOTH")
    wave = begun(here, "fifo", here.requisition((here.h.item, 2)))
    assert taken(wave) == {"BOTH": 1, "BETWEEN": 1}


def test_what_is_scanned_is_judged_by_the_walk(committed: Site) -> None:
    here = committed
    early = unit_that_came(here, 9, expiry=400, lot="LATE")
    soonest = unit_that_came(here, 1, expiry=90, lot="SOON")
    old, new = came(here, "OLD", 9, expiry=400), came(here, "NEW", 1, expiry=90)
    wave = begun(here, "fifo", here.requisition((here.h.item, 1), (here.counted, 2)))
    before = contents()
    for things in ([soonest], some(here, new)):
        with pytest.raises(Refused) as refusal:
            pick_wave(actor=here.keeper, key=unique("p"), wave_id=wave.id, things=things)
        assert (refusal.value.code, contents()) == ("override_reason_needed", before)
    done = pick_wave(actor=here.keeper, key=unique("p"), wave_id=wave.id, things=[early, *some(here, old)])
    assert done.state == "closed"


def test_a_program_says_the_policy(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    unit_that_came(here, 9, expiry=400, lot="LATE")
    unit_that_came(here, 1, expiry=90, lot="SOON")
    asked = here.requisition((here.h.item, 1))
    strange = keeper.post("/waves", store_id=here.h.store.pk, requisitions=[asked.id], policy="lifo")
    assert strange.status_code == 422
    made = keeper.done("/waves", store_id=here.h.store.pk, requisitions=[asked.id], policy="fifo")
    found = keeper.get(f"/waves/{made['id']}").json()
    assert (found["policy"], [stop["lot"] for stop in found["stops"]]) == ("fifo", ["LATE"])
