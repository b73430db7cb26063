"""In which order a home page lists: the next case first, and of what just happened the latest first."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.translation import override

from tests.flows.site import Site, site
from tests.makers import unique
from tests.web.test_expiry_lists import reading
from yanji.flows.models import Case
from yanji.flows.queries import cases
from yanji.flows.theatre.models import CaseEvent
from yanji.flows.use import plan_case
from yanji.ledger.api import NewQuantity, Step
from yanji.watch.happenings import recent
from yanji.web.live import row
from yanji.web.templatetags.happenings import what_moved


@pytest.fixture
def here(transactional_db: None) -> Site:
    return site()


def planned(here: Site, name: str, at: datetime | None) -> None:
    number = f"{unique('CASE')}-{name}"
    plan_case(
        actor=here.ward, key=unique("k"), number=number, patient_token=unique("PT"), department_id=here.h.department.pk,
        planned_at=at,
    )  # fmt: skip


def under_way(here: Site, name: str, days_ago: int = 0) -> None:
    """Nobody had planned it: an emergency, as long as something is entered."""
    planned(here, name, None)
    case = Case.objects.get(number__endswith=f"-{name}")
    at = timezone.now() - timedelta(days=days_ago)
    entry = here.h.do(Step.RECEIVE, here.h.unit(), happened_at=at)
    CaseEvent.objects.create(case=case, event_id=entry.event_id)
    Case.objects.filter(pk=case.pk).update(state="open")


def test_the_next_case_comes_first_wherever_cases_are_planned(here: Site) -> None:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for name, at in {
        "in-a-week": midnight + timedelta(days=7),
        "today": midnight + timedelta(hours=12),
        "undated": None,
        "tomorrow": midnight + timedelta(days=1),
        "last-week": midnight - timedelta(days=7),
        "yesterday": midnight - timedelta(hours=1),
    }.items():
        planned(here, name, at)
    under_way(here, "forgotten", days_ago=2)
    under_way(here, "under-way")
    in_turn = [
        "under-way",
        "today",
        "tomorrow",
        "in-a-week",
        "undated",
        "yesterday",
        "last-week",
        "forgotten",
    ]
    client = reading(here.nurse)

    def named(address: str) -> list[str]:
        return re.findall(r"CASE\d*[^<\s]*?-([a-z-]+)\b", client.get(address).content.decode())

    for address in ("/ward/use", "/theatre/cases"):
        assert named(address) == in_turn, address
    assert named("/") == in_turn[:-1]  # what is planned, and first what nobody had planned
    assert "Under way, nobody had planned it" in client.get("/").content.decode()
    everything = [case.number.partition("-")[2] for case in cases(here.ward)]
    assert everything[:3] == ["in-a-week", "tomorrow", "today"]


def test_several_items_in_one_entry_are_told_as_several(here: Site) -> None:
    h = here.h
    h.do(Step.RECEIVE, h.unit(), h.unit(), NewQuantity(here.counted.pk, Decimal(5), "B1"))
    [told] = recent(paths=[h.campus.path], limit=1)
    with override("en"):
        assert what_moved(told).endswith(" and 1 more item, 7 in all")
        assert row(told)["what"] == what_moved(told)
    h.do(Step.RECEIVE, h.unit(), h.unit())
    with override("en"):
        assert what_moved(recent(paths=[h.campus.path], limit=1)[0]).endswith(" × 2")


def test_what_just_happened_is_told_by_the_time_that_is_shown(here: Site) -> None:
    """What was done yesterday and entered only now stands below what happened since."""
    h, now = here.h, timezone.now()
    late, fresh = h.unit(), h.unit()
    h.do(Step.RECEIVE, fresh, happened_at=now - timedelta(hours=2))
    h.do(Step.RECEIVE, late, happened_at=now - timedelta(days=1))
    h.do(Step.ACCEPT, fresh.epc, happened_at=now - timedelta(hours=1))
    told = recent(paths=[h.campus.path], limit=10)
    times = [happening.happened_at for happening in told]
    assert len(times) == 3
    assert times == sorted(times, reverse=True)
    assert [happening.happened_at for happening in recent(paths=[h.campus.path], limit=2)] == [
        times[0],
        times[2],
    ]
