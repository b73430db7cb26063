"""Things are kept for a case or a requisition: only that takes them, until they are given free or their time is over."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.flows.site import Site, contents, person, soon
from tests.makers import unique
from tests.races.crowd import together
from yanji.access.actor import Actor, system_actor
from yanji.access.gates import NotFound
from yanji.access.models import Grant, Role
from yanji.access.operations import Operation
from yanji.flows.acts import Done
from yanji.flows.attempts import Attempt
from yanji.flows.models import Override, Requisition
from yanji.flows.pick import pick, unpick
from yanji.flows.pick_list import pick_list
from yanji.flows.preview import interpret
from yanji.flows.requisition import close_requisition
from yanji.flows.reserving.ending import end_lapsed_lots
from yanji.flows.reserving.models import ReservedLot
from yanji.flows.reserving.queries import reserved_at, reserved_for
from yanji.flows.reserving.reserve import reserve, unreserve, until_for
from yanji.flows.theatre.closing import close_case
from yanji.flows.use import plan_case
from yanji.flows.waves.pick import pick_wave, start_wave
from yanji.ledger.api import LotQuantity, Refused, rebuild, unit_view
from yanji.ledger.models import Level


def kept(here: Site, things: list[Any], **said: Any) -> Done:
    return reserve(
        **{"actor": here.keeper, "key": unique("r"), "store_id": here.h.store.pk, "things": things, **said}
    )


def sees_cases(here: Site) -> Actor:
    """The storekeeper, who sees the department's patients too."""
    role, _made = Role.objects.get_or_create(
        code="cases", defaults={"name_zh": "病例", "name_en": "Cases", "operations": ["view_patient"]}
    )
    Grant.objects.create(person=here.storekeeper, role=role, place=here.h.department)
    return here.keeper


def pieces(here: Site, lot: int, count: int, **said: Any) -> LotQuantity:
    return LotQuantity(lot, Decimal(count), here.h.store.pk, **said)


def lying(lot: int) -> dict[str, int]:
    rows = Level.objects.filter(lot_id=lot, quantity__gt=0)
    return {row.status: int(row.quantity) for row in rows}


def take(here: Site, wanted: Done, *things: Any, **said: Any) -> Done:
    return pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=list(things), **said)


def a_case(here: Site, **said: Any) -> Done:
    return plan_case(
        actor=here.ward, key=unique("k"), number=unique("C"), patient_token=unique("PT"),
        department_id=here.h.department.pk, **said,
    )  # fmt: skip


def refused(code: str, act: Any) -> Refused:
    """The act is refused for this reason, and nothing was written."""
    before = contents()
    with pytest.raises(Refused) as refusal:
        act()
    assert refusal.value.code == code
    assert contents() == before
    return refusal.value


def test_only_the_requisition_that_it_is_kept_for_takes_it(committed: Site) -> None:
    here = committed
    [late] = here.stocked(1, lot="LATE", expiry=soon(400))
    [early] = here.stocked(1, lot="EARLY", expiry=soon(40))
    own, other = here.requisition((here.h.item, 2)), here.requisition((here.h.item, 1))
    done = kept(here, [late], requisition_id=own.id)
    view = unit_view(late)
    assert view is not None
    assert (view.status, view.reserved_for, done.facts["count"]) == ("reserved", own.number, 1)
    meaning = interpret(late, actor=here.keeper, flow="pick", requisition_id=other.id)
    assert [offence.code for offence in meaning.offences] == ["reserved"]
    refused("reserved", lambda: take(here, other, late, overrides={late: "other"}))
    assert [each.thing for each in Attempt.objects.filter(code="reserved", verb="pick")] == [late]
    # What was kept for it comes first, and needs no reason although another expires sooner.
    [line] = pick_list(Requisition.objects.get(pk=own.id))
    assert [each.epc for each in line.proposed] == [late, early]
    take(here, own, late)
    assert Override.objects.count() == 0
    assert rebuild() == []


def test_pieces_of_a_lot_are_kept_and_picked_by_name(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(10)
    own, other = here.requisition((here.counted, 8)), here.requisition((here.counted, 8))
    kept(here, [pieces(here, lot, 6)], requisition_id=own.id)
    assert lying(lot) == {"available": 4, "reserved": 6}
    [line] = pick_list(Requisition.objects.get(pk=own.id))
    assert [(left.quantity, left.kept) for left in line.lots] == [(10, 6)]
    [line] = pick_list(Requisition.objects.get(pk=other.id))
    assert [(left.quantity, left.kept) for left in line.lots] == [(4, 0)]
    refused("not_enough", lambda: take(here, other, pieces(here, lot, 5)))
    take(here, own, pieces(here, lot, 7))
    assert lying(lot) == {"available": 3, "picked": 7}
    assert not ReservedLot.objects.exists()
    unpick(actor=here.keeper, key=unique("u"), requisition_id=own.id, things=[pieces(here, lot, 7)])
    assert lying(lot) == {"available": 10}
    assert rebuild() == []


def test_what_is_kept_for_a_case_goes_to_its_requisition(committed: Site) -> None:
    here = committed
    [epc], lot = here.stocked(1), here.stocked_lot(3)
    case = a_case(here)
    sees_cases(here)
    kept(here, [epc, pieces(here, lot, 2)], case_number=case.number)
    assert {(each.epc, each.pieces, each.case_id) for each in reserved_for([case.number])} == {
        (epc, 1, case.id), ("", 2, case.id),
    }  # fmt: skip
    stranger = here.requisition((here.h.item, 1))
    refused("reserved", lambda: take(here, stranger, epc))
    wanted = here.requisition((here.h.item, 1), (here.counted, 3), case_number=case.number)
    assert interpret(epc, actor=here.keeper, flow="pick", requisition_id=wanted.id).offences == ()
    take(here, wanted, epc, pieces(here, lot, 3))
    assert lying(lot) == {"picked": 3}
    assert reserved_for([case.number]) == []


def test_what_may_not_be_kept(committed: Site) -> None:
    here = committed
    [epc], lot = here.stocked(1), here.stocked_lot(5)
    wanted = here.requisition((here.counted, 3))
    now = timezone.now()
    refused("reserve_for_whom", lambda: kept(here, [epc]))
    refused("reserve_for_whom", lambda: kept(here, [epc], case_number="C", requisition_id=wanted.id))
    refused("no_case_to_reserve_for", lambda: kept(here, [epc], case_number="NONE"))
    refused("not_requested", lambda: kept(here, [epc], requisition_id=wanted.id))
    refused("over_reserved", lambda: kept(here, [pieces(here, lot, 4)], requisition_id=wanted.id))
    few = [pieces(here, lot, 1)]
    past = refused(
        "reserved_until_past",
        lambda: kept(here, few, requisition_id=wanted.id, until=now - timedelta(hours=1)),
    )
    assert "更晚" in past.offences[0].sentence()
    refused(
        "reserved_too_long", lambda: kept(here, few, requisition_id=wanted.id, until=now + timedelta(days=31))
    )
    kept(here, [pieces(here, lot, 2)], requisition_id=wanted.id)
    refused("over_reserved", lambda: kept(here, [pieces(here, lot, 2)], requisition_id=wanted.id))
    elsewhere = person("storekeeper", here.h.department)
    with pytest.raises(NotFound):
        reserve(
            actor=here.actor(elsewhere), key=unique("r"), store_id=here.h.store.pk, things=[epc],
            requisition_id=wanted.id,
        )  # fmt: skip


def test_it_is_given_free_by_who_says_why(committed: Site) -> None:
    here = committed
    [epc], lot = here.stocked(1), here.stocked_lot(5)
    one, two = (here.requisition((here.h.item, 1), (here.counted, 3)) for _ in range(2))
    kept(here, [epc, pieces(here, lot, 3)], requisition_id=one.id)
    kept(here, [pieces(here, lot, 2)], requisition_id=two.id)

    def free(*things: Any, reason: str = "not_needed", **said: Any) -> Done:
        return unreserve(actor=here.keeper, key=unique("f"), things=list(things), reason=reason, **said)

    refused("reason_needed", lambda: free(epc, reason=""))
    refused("unknown_reason", lambda: free(epc, reason="why"))
    refused("reserved_for_other", lambda: free(epc, reserved_for=two.number))
    refused("reserved_for_several", lambda: free(pieces(here, lot, 1)))
    refused("not_reserved", lambda: free(pieces(here, lot, 3), reserved_for=two.number))
    free(pieces(here, lot, 1), reserved_for=one.number)
    assert lying(lot) == {"available": 1, "reserved": 4}
    free(epc)
    view = unit_view(epc)
    assert view is not None
    assert view.status == "available"
    assert {each.reserved_for: each.pieces for each in reserved_at(here.keeper)} == {
        one.number: 2,
        two.number: 2,
    }
    close_requisition(actor=here.ward, key=unique("c"), requisition_id=one.id)
    assert lying(lot) == {"available": 3, "reserved": 2}
    assert rebuild() == []


def test_the_end_of_a_case_ends_what_is_kept_for_it(committed: Site) -> None:
    here = committed
    [epc], lot = here.stocked(1), here.stocked_lot(2)
    case = a_case(here)
    sees_cases(here)
    kept(here, [epc, pieces(here, lot, 1)], case_number=case.number)
    kept(here, [pieces(here, lot, 1)], case_number=case.number)
    close_case(actor=here.ward, key=unique("c"), case_id=case.id)
    assert (lying(lot), reserved_for([case.number])) == ({"available": 2}, [])
    view = unit_view(epc)
    assert view is not None
    assert view.status == "available"


def test_its_time_is_over_by_itself(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(5)
    one, two = (here.requisition((here.counted, 3)) for _ in range(2))
    now = timezone.now()
    kept(here, [pieces(here, lot, 3)], requisition_id=one.id, until=now + timedelta(hours=1))
    kept(here, [pieces(here, lot, 2)], requisition_id=two.id, until=now + timedelta(hours=3))
    actor = system_actor({Operation.PICK})
    assert end_lapsed_lots(actor=actor, now=now) == 0
    assert lying(lot) == {"reserved": 5}
    ReservedLot.objects.filter(reserved_for=one.number).update(until=now - timedelta(minutes=1))
    assert end_lapsed_lots(actor=actor, now=now) == 3
    assert lying(lot) == {"available": 3, "reserved": 2}
    assert end_lapsed_lots(actor=actor, now=now) == 0


def test_the_end_that_nobody_names() -> None:
    at = timezone.make_aware(timezone.datetime(2026, 3, 4, 10))
    later = at + timedelta(days=2)
    assert timezone.localtime(until_for(later, at)).isoformat()[:16] == "2026-03-06T23:59"
    for gone in (None, at - timedelta(days=1)):
        assert timezone.localtime(until_for(gone, at)).isoformat()[:16] == "2026-03-05T23:59"
    assert until_for(at + timedelta(days=90), at) == at + timedelta(days=30)


def test_a_walk_brings_it_to_the_one_that_it_is_kept_for(committed: Site) -> None:
    here = committed
    urgent = here.requisition((here.h.item, 1), needed_by=timezone.now() + timedelta(hours=2))
    own = here.requisition((here.h.item, 1), needed_by=timezone.now() + timedelta(days=2))
    mine, free = here.stocked(2)
    kept(here, [mine], requisition_id=own.id)
    wave = start_wave(
        actor=here.keeper, key=unique("w"), store_id=here.h.store.pk, requisitions=[urgent.id, own.id]
    )
    done = pick_wave(actor=here.keeper, key=unique("p"), wave_id=wave.id, things=[mine])
    assert done.facts["picked"] == {own.number: 1}
    done = pick_wave(actor=here.keeper, key=unique("p"), wave_id=wave.id, things=[free])
    assert done.facts["picked"] == {urgent.number: 1}


@pytest.mark.slow
def test_the_last_pieces_are_kept_for_one_of_two(committed: Site) -> None:
    here = committed
    [epc], lot, keeper = here.stocked(1), here.stocked_lot(3), here.keeper
    wanted = [here.requisition((here.h.item, 1), (here.counted, 3)) for _ in range(4)]

    def keep(one: Done, *things: Any) -> Any:
        return lambda: reserve(
            actor=keeper,
            key=unique("r"),
            store_id=here.h.store.pk,
            things=list(things),
            requisition_id=one.id,
        )

    for things, code in (([epc], "reserved"), ([pieces(here, lot, 2)], "not_enough")):
        answers = together(*[keep(each, *things) for each in wanted])
        assert sorted(type(answer).__name__ for answer in answers) == ["Done"] + ["str"] * 3
        assert {answer for answer in answers if isinstance(answer, str)} == {code}
    assert lying(lot) == {"available": 1, "reserved": 2}
    assert sum(ReservedLot.objects.values_list("quantity", flat=True)) == 2
    assert rebuild() == []
