"""What must not be picked, and what never comes back: refused by the verb, nothing written, and the attempt kept."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.flows.site import Site, contents, soon
from tests.flows.test_budgets import at_the_ward
from tests.makers import unique
from yanji.flows.attempts import Attempt
from yanji.flows.giveback import give_back, inspect_return
from yanji.flows.hold import hold
from yanji.flows.pick import pick
from yanji.flows.use import use
from yanji.ledger.api import Refused, Step


def refused_and_kept(act: Callable[[], Any], *, verb: str, code: str, epc: str) -> None:
    before = contents()
    with pytest.raises(Refused) as refused:
        act()
    assert [(each.code, each.thing) for each in refused.value.offences] == [(code, epc)]
    assert contents() == before
    kept = Attempt.objects.order_by("-pk").values_list("verb", "code", "thing").first()
    assert kept == (verb, code, epc)


def past_its_day(here: Site) -> str:
    [epc] = here.stocked(1, ago=10, expiry=soon(-1))
    return epc


def marked_expired(here: Site) -> str:
    [epc] = here.stocked(1)
    here.h.do(Step.EXPIRE, epc)
    return epc


def held(here: Site) -> str:
    [epc] = here.stocked(1)
    hold(actor=here.keeper, key=unique("h"), things=[epc], reason="suspected")
    return epc


@pytest.mark.parametrize(
    ("made", "code"), [(past_its_day, "expired"), (marked_expired, "expired"), (held, "on_hold")]
)
def test_what_is_expired_or_held_is_not_picked(
    committed: Site, made: Callable[[Site], str], code: str
) -> None:
    here = committed
    epc, wanted = made(here), here.requisition((here.h.item, 1))
    picking = {"actor": here.keeper, "requisition_id": wanted.id, "things": [epc]}
    refused_and_kept(lambda: pick(key=unique("p"), **picking), verb="pick", code=code, epc=epc)
    # Nor with a reason for picking out of turn.
    refused_and_kept(
        lambda: pick(key=unique("p"), overrides={epc: "other"}, **picking), verb="pick", code=code, epc=epc
    )


@pytest.mark.parametrize("verb", ["give_back", "inspect_return"])
def test_what_was_used_never_comes_back(committed: Site, verb: str) -> None:
    here, h = committed, committed.h
    [epc] = at_the_ward(here, 1)
    use(
        actor=here.ward, key=unique("u"), department_id=h.department.pk, case_number="C", patient_token="T",
        confirmed_by="T", things=[epc],
    )  # fmt: skip
    ways: dict[str, Callable[[], Any]] = {
        "give_back": lambda: give_back(
            actor=here.ward, key=unique("g"), department_id=h.department.pk, store_id=h.store.pk, things=[epc],
            reason="not_needed",
        ),
        "inspect_return": lambda: inspect_return(
            actor=here.keeper, key=unique("i"), store_id=h.store.pk, restock=[epc]
        ),
    }  # fmt: skip
    refused_and_kept(ways[verb], verb=verb, code="already_used", epc=epc)
