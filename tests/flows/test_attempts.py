"""What was refused and matters is kept, with nothing else of the act; a slip of the hand is not."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.flows.alternatives import WayOut
from yanji.flows.attempts import Attempt, attempts, keep
from yanji.flows.called import call_again
from yanji.flows.hold import hold
from yanji.flows.preview import interpret
from yanji.flows.use import use
from yanji.flows.witness import witness_by_password
from yanji.ledger.api import Refused, Step
from yanji.ledger.post import _names_of
from yanji.places.models import Place


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


def test_who_looks_into_it_reads_names_and_in_their_own_language(committed: Site) -> None:
    """Who was refused was not told what it is; who looks into it is, as far as they see it."""
    here = committed
    here.h.item.name_en = "Stent"
    here.h.item.save()
    [hidden] = here.stocked(1)
    lot = here.stocked_lot(1)
    here.counted.name_en = "Suture"
    here.counted.save()
    for code, thing, facts in (
        ("not_yours", hidden, {}),
        ("on_hold", hidden, {"thing": f"支架 · {hidden[-6:]}"}),
        ("lot_on_hold", f"lot {lot}", {"thing": "缝线 · B1"}),
        ("unknown_unit", "01/1/21/1", {}),
    ):
        Attempt.objects.create(actor=here.nurse, verb="scan: use", code=code, thing=thing, facts=facts)

    def read(at: Place) -> list[str]:
        found = list(Attempt.objects.order_by("pk"))
        with CaptureQueriesContext(connection) as spent:
            call_again(found, Actor(here.buyer.pk, "auditor", {"audit": ("/",), "view": (at.path,)}))
        assert len(spent) == 2
        return [each.facts.get("thing", each.thing) for each in found]

    with override("en"):
        serial = hidden.rsplit("/", 1)[1]
        assert read(here.h.campus) == [f"Stent · {serial}", f"Stent · {serial}", "Suture · B1", "01/1/21/1"]
        assert read(here.h.department)[:2] == [hidden, f"支架 · {hidden[-6:]}"]


def test_one_unit_lies_and_several_lie() -> None:
    way = WayOut(1, ("支架", "Stent"), 2, ("柜", "Cabinet"), "L1", date(2030, 1, 1), 1)
    with override("en"):
        assert way.sentence().startswith("1 unit of the same item")
        assert replace(way, quantity=2).sentence() == (
            "2 units of the same item, valid to 2030-01-01, lie in Cabinet."
        )
    with override("zh-hans"):
        assert "1" in way.sentence()
        assert "unit" not in way.sentence()


def test_what_was_kept_names_places_and_people_in_the_language_of_who_reads_it(committed: Site) -> None:
    """Refused in Chinese, looked into in English, and the other way round; a shelf is named with its store."""
    here = committed
    Place.objects.filter(pk=here.h.store.pk).update(name_zh="中心库", name_en="Central Store")
    Place.objects.filter(pk=here.h.bin.pk).update(name_zh="甲一", name_en="A-1")
    [epc] = here.stocked(1)
    here.h.do(Step.PUT_AWAY, epc, to=here.h.bin)
    said = {"zh-hans": "中心库 · 甲一", "en": "Central Store · A-1"}
    for language, of_shelf in said.items():
        Attempt.objects.all().delete()
        with override(language):
            [name] = _names_of({here.h.bin.pk}).values()
            assert name == of_shelf
            keep(
                Refused("consigned_not_there", thing=here.h.store.name, place=name),
                actor=here.keeper,
                verb="use",
            )
            keep(
                Refused("not_yours", thing=Place.objects.get(pk=here.h.store.pk).name),
                actor=here.keeper,
                verb="use",
            )
        for reader, words in said.items():
            with override(reader):
                first, second = (each.sentence() for each in Attempt.objects.order_by("pk"))
            assert words in first, (language, reader)
            assert words.partition(" · ")[0] in second, (language, reader)
