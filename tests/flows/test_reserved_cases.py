"""What is kept for a case: who may say so, who learns of it, which requisition takes it, and that it ends with the case."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.flows.site import Site, person, soon
from tests.flows.test_reserving import a_case, kept, pieces, refused, sees_cases, take
from tests.makers import place, unique
from tests.patience import PATIENCE
from yanji.flows.acts import Done
from yanji.flows.models import Case, Override, Requisition
from yanji.flows.pick import pick
from yanji.flows.pick_list import pick_list
from yanji.flows.preview import interpret
from yanji.flows.requisition import Wanted, request
from yanji.flows.reserving import reserve as reserving
from yanji.flows.reserving.kept import numbers_of
from yanji.flows.reserving.models import ReservedLot
from yanji.flows.reserving.queries import reserved_at, reserved_for, shown_to, told
from yanji.flows.theatre.closing import close_case
from yanji.flows.waves.pick import pick_wave, start_wave
from yanji.ledger.api import Refused
from yanji.ledger.models import Unit
from yanji.places.models import Kind


def test_only_who_sees_the_case_keeps_for_it(committed: Site) -> None:
    """Hidden, over and absent answer alike."""
    here = committed
    [epc] = here.stocked(1)
    open_, over = a_case(here), a_case(here)
    close_case(actor=here.ward, key=unique("c"), case_id=over.id)
    said = {
        refused("no_case_to_reserve_for", lambda number=number: kept(here, [epc], case_number=number))
        .offences[0].sentence().replace(number, "")
        for number in (open_.number, over.number, "NONE")
    }  # fmt: skip
    assert len(said) == 1
    sees_cases(here)
    refused("no_case_to_reserve_for", lambda: kept(here, [epc], case_number=over.number))
    kept(here, [epc], case_number=open_.number)


def test_a_case_is_named_to_who_sees_it(committed: Site) -> None:
    here = committed
    [epc], lot, case = here.stocked(1), here.stocked_lot(3), a_case(here)
    other = here.requisition((here.counted, 1))
    sees_cases(here)
    kept(here, [epc, pieces(here, lot, 2)], case_number=case.number)
    kept(here, [pieces(here, lot, 1)], requisition_id=other.id)
    assert {each.reserved_for for each in reserved_at(here.keeper)} == {case.number, other.number}
    assert len(reserved_at(here.keeper, numbers=[case.number])) == 2
    blind = here.actor(person("storekeeper", here.h.store))
    found = reserved_at(blind)
    assert sorted((each.reserved_for, each.case_id, each.pieces) for each in found) == [
        ("", 0, 1), ("", 0, 2), (other.number, 0, 1),
    ]  # fmt: skip
    assert reserved_at(blind, numbers=[case.number]) == []
    assert told(blind, [case.number, other.number]) == ["", other.number]
    wanted = here.requisition((here.h.item, 1))
    for who, named in ((blind, False), (here.keeper, True)):
        [offence] = interpret(epc, actor=who, flow="pick", requisition_id=wanted.id).offences
        assert (offence.code, case.number in offence.sentence()) == ("reserved", named)
        with pytest.raises(Refused) as refusal:
            pick(actor=who, key=unique("p"), requisition_id=wanted.id, things=[epc])
        assert (case.number in refusal.value.sentences()[0]) is named
    assert {each.reserved_for for each in shown_to(here.ward, reserved_for([case.number]))} == {case.number}


def written_by_another_ward(here: Site, number: str) -> Requisition:
    """A requisition of another department that names this number as that of its case."""
    ward = place(Kind.DEPARTMENT, here.h.campus)
    nurse = here.actor(person("nurse", ward))
    done = request(
        actor=nurse, key=unique("k"), department_id=ward.pk, store_id=here.h.store.pk, case_number=number,
        lines=[Wanted(here.h.item.pk, 1), Wanted(here.counted.pk, 3)],
    )  # fmt: skip
    return Requisition.objects.get(pk=done.id)


def test_another_wards_requisition_opens_nothing(committed: Site) -> None:
    here = committed
    [mine], lot, case = here.stocked(1, lot="LATE", expiry=soon(400)), here.stocked_lot(3), a_case(here)
    own = here.requisition((here.h.item, 1))
    sees_cases(here)
    kept(here, [mine, pieces(here, lot, 3)], case_number=case.number)
    strange = written_by_another_ward(here, case.number)
    assert numbers_of(strange) == (strange.number,)
    units, counted = pick_list(strange)
    assert (units.proposed, counted.lots) == ([], [])
    said = interpret(mine, actor=here.keeper, flow="pick", requisition_id=strange.pk).offences
    assert [offence.code for offence in said] == ["reserved"]
    theirs = Done(strange.number, strange.pk)
    refused("reserved", lambda: take(here, theirs, mine))
    refused("not_enough", lambda: take(here, theirs, pieces(here, lot, 1)))
    wave = start_wave(
        actor=here.keeper, key=unique("w"), store_id=here.h.store.pk, requisitions=[strange.pk, own.id]
    )
    refused("reserved", lambda: pick_wave(actor=here.keeper, key=unique("p"), wave_id=wave.id, things=[mine]))
    # Nor does the number of another's requisition, written where a case's should be.
    [free] = here.stocked(1)
    kept(here, [free], requisition_id=own.id)
    posing = here.requisition((here.h.item, 1), case_number=own.number)
    refused("reserved", lambda: take(here, posing, free))


def test_what_was_kept_for_another_waits_its_turn_once_its_time_is_over(committed: Site) -> None:
    here = committed
    [late] = here.stocked(1, lot="LATE", expiry=soon(400))
    here.stocked(1, lot="EARLY", expiry=soon(40))
    one, two = (here.requisition((here.h.item, 1)) for _ in range(2))
    kept(here, [late], requisition_id=one.id)
    Unit.objects.filter(epc=late).update(reserved_until=timezone.now() - timedelta(minutes=1))
    refused("override_reason_needed", lambda: take(here, two, late))
    take(here, two, late, overrides={late: "other"})
    assert Override.objects.get().epc == late


class Meanwhile:
    """Reads the case as it is told to, and lets somebody close it before it goes on."""

    def __init__(self, here: Site, read: Callable[..., Case], patience: float) -> None:
        self.nurse, self.read, self.patience = here.ward, read, patience
        self.closing: list[threading.Thread] = []
        self.troubles: list[Exception] = []

    def __call__(self, *asked: Any) -> Case:
        found = self.read(*asked)
        if not self.closing:
            self.closing.append(threading.Thread(target=self._close, args=(found.pk,)))
            self.closing[0].start()
            self.closing[0].join(self.patience)
        return found

    def _close(self, case: int) -> None:
        try:
            close_case(actor=self.nurse, key=unique("c"), case_id=case)
        except Exception as error:
            self.troubles.append(error)
        finally:
            connection.close()


def kept_and_closed(
    here: Site, monkeypatch: pytest.MonkeyPatch, read: Callable[..., Case], patience: float
) -> Case:
    """The case for which two pieces were reserved while somebody closed it."""
    lot, case = here.stocked_lot(2), a_case(here)
    sees_cases(here)
    meanwhile = Meanwhile(here, read, patience)
    monkeypatch.setattr(reserving, "_case", meanwhile)
    kept(here, [pieces(here, lot, 2)], case_number=case.number)
    meanwhile.closing[0].join(PATIENCE)
    assert meanwhile.troubles == []
    found = Case.objects.get(pk=case.id)
    assert found.state == "closed"
    return found


@pytest.mark.slow
def test_who_closes_a_case_finds_what_is_just_kept_for_it(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = kept_and_closed(committed, monkeypatch, reserving._case, patience=0.5)
    assert (reserved_for([case.number]), ReservedLot.objects.count()) == ([], 0)


@pytest.mark.slow
def test_without_the_lock_it_would_stay_kept(committed: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same, with the case only read."""
    case = kept_and_closed(
        committed, monkeypatch, lambda _actor, number: Case.objects.get(number=number), PATIENCE
    )
    assert [each.pieces for each in reserved_for([case.number])] == [2]
