"""Search leads nowhere that its reader may not open: what is hidden says the same as what is not there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.web.test_search_documents import signed_in
from tests.web.world import World
from yanji.access.actor import Actor, actor_for
from yanji.access.gates import NotFound
from yanji.insight import open_to, sight
from yanji.ledger.api import life_line, trace_lot, unit_view, unit_views
from yanji.ledger.models import Lot, Unit
from yanji.web.codes import unit_address

# People who may read nothing of this hospital.
ELSEWHERE = ("elsewhere", "nobody", "supplier", "rival")


def answered(world: World, who: str, text: str) -> tuple[int, str]:
    answer = signed_in(world, who).get("/search", {"q": text})
    return answer.status_code, answer.get("Location", "")


def words_of(world: World) -> list[str]:
    """What names something of this hospital: identity, serial, lot, item code, words of an item's name."""
    unit = unit_view(str(world.samples["epc"]))
    assert unit is not None
    assert unit.lot
    return [unit.epc, unit.serial, unit.lot, unit.item_code, unit.item_name[0]]


@pytest.mark.parametrize("who", ELSEWHERE)
def test_what_is_hidden_is_answered_like_what_is_absent(hospital_day: World, who: str) -> None:
    page = signed_in(hospital_day, who)
    absent = page.get("/search", {"q": "NO-SUCH-THING"})
    for text in words_of(hospital_day)[:3] if who == "elsewhere" else words_of(hospital_day):
        answer = page.get("/search", {"q": text})
        assert answer.status_code == absent.status_code, (text, answer.get("Location"))
        if answer.status_code == 200:
            assert list(answer.context["groups"]) == [], text


def test_what_is_found_opens(hospital_day: World) -> None:
    unit = unit_view(str(hospital_day.samples["epc"]))
    assert unit is not None
    for who in ("nurse", "storekeeper"):
        for text, address in (
            (unit.serial, unit_address(unit.epc)),
            (unit.lot, reverse("web:lot", args=[unit.lot_id])),
        ):
            assert answered(hospital_day, who, text) == (302, address), (who, text)
            assert signed_in(hospital_day, who).get(address).status_code == 200, (who, address)


def test_the_list_judges_as_the_pages_do(hospital_day: World) -> None:
    """For everybody, every unit and lot of the day: told apart in one statement as each page tells it by itself."""
    epcs, lots = (
        list(Unit.objects.values_list("epc", flat=True)),
        list(Lot.objects.values_list("pk", flat=True)),
    )
    assert len(epcs) > 10
    verdicts = set()
    for who, person in hospital_day.people.items():
        if person is None:
            continue
        actor = actor_for(person, today=timezone.localdate())
        units = {epc for epc in epcs if _opens_unit(actor, epc)}
        traced = {lot for lot in lots if _opens_lot(actor, lot)}
        assert open_to.units(actor, epcs) == units, who
        assert open_to.lots(actor, lots) == traced, who
        verdicts |= {bool(units), bool(traced)}
    assert verdicts == {True, False}


def _opens_unit(actor: Actor, epc: str) -> bool:
    return _passes(
        lambda: sight.check_seen(actor, [unit_views([epc])[epc].place_path, *sight.paths_of(life_line(epc))])
    )


def _opens_lot(actor: Actor, lot_id: int) -> bool:
    return _passes(lambda: sight.traced(actor, trace_lot(lot_id)))


def _passes(gate: Callable[[], object]) -> bool:
    try:
        gate()
    except NotFound:
        return False
    return True


def test_one_statement_for_any_number(hospital_day: World, django_assert_num_queries: Any) -> None:
    nurse = hospital_day.people["nurse"]
    assert nurse is not None
    actor, epcs = (
        actor_for(nurse, today=timezone.localdate()),
        list(Unit.objects.values_list("epc", flat=True)),
    )
    lots = list(Lot.objects.values_list("pk", flat=True))
    sight.is_virtual("/0/")  # The places beyond the door are read once a process.
    with django_assert_num_queries(2):
        assert open_to.units(actor, epcs)
        assert open_to.lots(actor, lots)
