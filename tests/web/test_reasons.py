"""The page of reasons, and that every page which asks for one offers what the page says."""

from typing import Any

import pytest
from django.test import Client

from tests.flows.approving import role, signer
from tests.flows.site import Site, site
from tests.makers import place
from tests.web.test_approvals import client, text
from tests.web.world import World
from yanji.access.models import Grant
from yanji.flows.models_reasons import ReasonCode
from yanji.places.models import Kind, Place


@pytest.fixture
def here(db: None) -> Site:
    return site()


@pytest.fixture
def keeper(here: Site) -> Client:
    """Who edits rules at every place."""
    made = signer(role("管理", "Keeper", "view", "edit_rules"), here.h.campus)
    held = made.grants.get().role
    others = Place.objects.filter(parent=None, kind__in=["group", "campus"]).exclude(pk=here.h.campus.pk)
    Grant.objects.bulk_create(Grant(person=made, role=held, place=root) for root in others)
    return client(made)


def one(code: str, group: str = "scrap") -> ReasonCode:
    return ReasonCode.objects.get(group=group, code=code)


def change(who: Client, how: str, code: str, number: int = 0) -> Any:
    reason = one(code)
    return who.post(
        f"/masterdata/reasons/{reason.pk}/change", {"how": how, "key": f"reason{reason.pk}:{how}{number}"}
    )


def test_a_group_is_shown_reworded_reordered_and_ended(here: Site, keeper: Client) -> None:
    shown = text(keeper.get("/masterdata/reasons?group=scrap"))
    assert shown.index("Expired") < shown.index("Contaminated")
    reason = one("contaminated")
    address = f"/masterdata/reasons/{reason.pk}"
    assert "contaminated" in text(keeper.get(address))
    sent = {"key": "reason:1", "name_zh": "被污染", "name_en": "Soiled <b>"}
    assert keeper.post(address, sent).status_code == 302
    change(keeper, "up", "contaminated", 1)
    change(keeper, "up", "contaminated", 2)
    change(keeper, "up", "contaminated", 3)
    shown = text(keeper.get("/masterdata/reasons?group=scrap"))
    assert shown.index("Soiled &lt;b&gt;") < shown.index("Expired")
    assert change(keeper, "end", "contaminated").status_code == 302
    assert "Offer again" in text(keeper.get("/masterdata/reasons?group=scrap"))
    assert change(keeper, "offer", "contaminated").status_code == 302
    assert one("contaminated").active


def test_a_reason_is_added(here: Site, keeper: Client) -> None:
    assert keeper.get("/masterdata/reasons/scrap/new").status_code == 200
    assert keeper.get("/masterdata/reasons/nonsense/new").status_code == 404
    sent = {"key": "reason:2", "code": "wet", "name_zh": "受潮", "name_en": "Wet"}
    assert keeper.post("/masterdata/reasons/scrap/new", {**sent, "code": "W W"}).status_code == 422
    assert keeper.post("/masterdata/reasons/scrap/new", {**sent, "name_zh": ""}).status_code == 422
    assert not ReasonCode.objects.filter(name_en="Wet").exists()
    assert keeper.post("/masterdata/reasons/scrap/new", sent).status_code == 302
    assert "Wet" in text(keeper.get("/masterdata/reasons?group=scrap"))


def test_the_forms_offer_what_the_page_says(here: Site, keeper: Client) -> None:
    ReasonCode.objects.create(group="scrap", code="wet", name_zh="受潮", name_en="Wet", position=5)
    change(keeper, "end", "damaged")
    shown = text(client(here.storekeeper).get("/storeroom/scrap"))
    assert '<option value="wet">Wet</option><option value="expired">' in shown
    assert 'value="damaged"' not in shown


def test_an_ended_reason_is_read_in_history(here: Site, keeper: Client) -> None:
    arrival = here.arrival(rejected="label")
    done = here.receive(here.order(), arrival)
    ReasonCode.objects.filter(group="reject", code="label").update(active=False, name_en="No label")
    reader = client(here.storekeeper)
    for address in (f"/unit/{arrival.epc}", f"/event/{done.events[1]}", f"/storeroom/receipts/{done.id}"):
        assert "No label" in text(reader.get(address)), address


def test_the_last_reason_stays_and_nonsense_changes_nothing(here: Site, keeper: Client) -> None:
    ReasonCode.objects.filter(group="scrap").exclude(code="other").update(active=False)
    before = list(ReasonCode.objects.values_list())
    response = change(keeper, "end", "other")
    assert response.status_code == 409
    assert "one must be left" in text(response)
    assert change(keeper, "explode", "other").status_code == 409
    assert list(ReasonCode.objects.values_list()) == before


def test_who_edits_rules_here_only_may_look(here: Site) -> None:
    place(Kind.CAMPUS)
    local = client(signer(role("规则", "Local", "edit_rules"), here.h.campus))
    shown = text(local.get("/masterdata/reasons"))
    assert "may change them" in shown
    assert "/change" not in shown
    before = list(ReasonCode.objects.values_list())
    assert change(local, "end", "damaged").status_code == 409
    nurse = client(here.nurse)
    assert [nurse.get("/masterdata/reasons").status_code, change(nurse, "end", "damaged").status_code] == [
        403,
        403,
    ]
    assert list(ReasonCode.objects.values_list()) == before


def test_every_page_with_reasons_opens(hospital_day: World) -> None:
    """Control for the budgets: a page that shows a hundred entries with reasons asks for their words once."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    keeper = client(hospital_day.site.storekeeper)
    with CaptureQueriesContext(connection) as found:
        keeper.get(f"/unit/{hospital_day.used}")
    assert sum("flows_reasoncode" in query["sql"] for query in found) <= 1
