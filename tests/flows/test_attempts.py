"""What was refused and matters is kept, with nothing else of the act; a slip of the hand is not."""

import pytest
from django.utils.translation import override

from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.flows.attempts import Attempt, attempts
from yanji.flows.use import use
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
