"""What was refused and matters is kept, with nothing else of the act; a slip of the hand is not."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.flows.attempts import Attempt, attempts
from yanji.flows.hold import hold
from yanji.flows.preview import interpret
from yanji.flows.use import use
from yanji.flows.witness import witness_by_password
from yanji.ledger.api import Refused


def use_twice(here: Site) -> str:
    """The identity of a unit whose second use was refused."""
    from tests.flows.test_budgets import at_the_ward

    [epc] = at_the_ward(here, 1)
    for _ in range(2):
        case = unique("C")
        use(
            actor=here.ward, key=unique("k"), department_id=here.h.department.pk, case_number=case, patient_token="T",
            confirmed_by="T", things=[epc],
        )  # fmt: skip
    return epc


def test_a_second_use_is_refused_and_kept(committed: Site) -> None:
    with pytest.raises(Refused):
        use_twice(committed)
    [kept] = Attempt.objects.filter(code="already_used")
    assert (kept.verb, kept.actor_id) == ("use", committed.ward.person_id)
    with override("en"):
        assert "already used" in kept.sentence()


def test_only_the_attempt_is_written(committed: Site) -> None:
    with pytest.raises(Refused):
        use_twice(committed)
    before = contents()
    first = Attempt.objects.get(code="already_used")
    again = {
        "department_id": committed.h.department.pk, "case_number": unique("C"), "patient_token": "T", "confirmed_by": "T",
        "things": [first.thing],
    }  # fmt: skip
    with pytest.raises(Refused):
        use(actor=committed.ward, key=unique("k"), **again)
    assert contents() == before
    assert Attempt.objects.filter(code="already_used").count() == 2


def test_a_slip_is_not_kept(committed: Site) -> None:
    with pytest.raises(Refused):
        use(
            actor=committed.ward, key=unique("k"), department_id=committed.h.department.pk, case_number="C",
            patient_token="T", confirmed_by="another", things=["01/1/21/1"],
        )  # fmt: skip
    assert not Attempt.objects.exists()


def test_who_may_see_attempts(committed: Site) -> None:
    with pytest.raises(NotFound):
        attempts(committed.keeper)
    auditor = Actor(committed.buyer.pk, "auditor", {"audit": ("/",)})
    assert list(attempts(auditor)) == []


def test_what_a_page_refuses_at_the_scan_is_kept_once_an_hour(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1)
    hold(actor=here.keeper, key=unique("h"), things=[epc], reason="suspected")
    wanted = here.requisition()
    for _ in range(2):
        meaning = interpret(epc, actor=here.keeper, flow="pick", requisition_id=wanted.id)
        assert "on_hold" in {offence.code for offence in meaning.offences}
    interpret(epc, actor=here.keeper)  # looking is not trying
    [kept] = Attempt.objects.all()
    assert (kept.verb, kept.code, kept.thing) == ("scan: pick", "on_hold", epc)
    Attempt.objects.update(at=timezone.now() - timedelta(hours=2))
    interpret(epc, actor=here.keeper, flow="pick", requisition_id=wanted.id)
    assert Attempt.objects.count() == 2


def test_signing_as_ones_own_witness_is_kept(committed: Site) -> None:
    here = committed
    here.storekeeper.set_password("Erste-Person-7")
    here.storekeeper.save()
    with pytest.raises(Refused):
        witness_by_password(here.storekeeper.username, "Erste-Person-7", actor=here.keeper)
    [kept] = Attempt.objects.all()
    assert (kept.verb, kept.code) == ("witness", "witness_is_actor")
