"""The reasons an act may give, asked by another system."""

from tests.exchange.client import ApiClient
from tests.flows.approving import role, signer
from tests.flows.site import Site, contents
from yanji.flows.models_reasons import ReasonCode
from yanji.places.models import Kind, Place


def test_reasons_are_listed_in_the_language_asked_for(committed: Site) -> None:
    ReasonCode.objects.filter(group="scrap", code="damaged").update(active=False)
    found = ApiClient(committed.nurse).get("/reasons", group="scrap").json()
    assert [each["code"] for each in found] == [
        "expired", "opened", "contaminated", "recalled", "other", "damaged",
    ]  # fmt: skip
    assert found[0].pop("id") == ReasonCode.objects.get(group="scrap", code="expired").pk
    assert found[0] == {"group": "scrap", "code": "expired", "name": "Expired", "active": True}
    assert found[-1]["active"] is False
    chinese = ApiClient(committed.nurse, language="zh-hans").get("/reasons", group="scrap").json()
    assert chinese[0]["name"] == "已过期"
    assert len(ApiClient(committed.nurse).get("/reasons").json()) == ReasonCode.objects.count()
    assert ApiClient(committed.nurse).get("/reasons", group="nonsense").json() == []
    assert ApiClient(None).get("/reasons").status_code == 401


def keeper(here: Site) -> ApiClient:
    """Somebody who keeps the rules of the whole hospital."""
    root = Place.objects.filter(kind=Kind.GROUP).first() or here.h.campus
    return ApiClient(signer(role("规则管理", "Rule keeper", "view", "edit_rules"), root))


def listed(client: ApiClient) -> list[tuple[str, str, bool]]:
    found = client.get("/reasons", group="waste").json()
    return [(each["code"], each["name"], each["active"]) for each in found]


def test_reasons_are_offered_worded_moved_and_ended_by_the_interface(committed: Site) -> None:
    edits = keeper(committed)
    before = listed(edits)
    made = edits.done(
        "/reasons", group="waste", code="dropped_twice", name_zh="再次掉落", name_en="Dropped twice"
    )
    assert listed(edits) == [*before, ("dropped_twice", "Dropped twice", True)]
    edits.done(f"/reasons/{made['id']}", name_zh="掉落两次", name_en="Fell twice")
    edits.done(f"/reasons/{made['id']}/move", up=True)
    assert listed(edits)[-2] == ("dropped_twice", "Fell twice", True)
    edits.done(f"/reasons/{made['id']}/active", active=False)
    assert listed(edits)[-1] == ("dropped_twice", "Fell twice", False)


def test_reasons_are_edited_by_nobody_else_and_no_group_loses_its_last(committed: Site) -> None:
    edits, ward = keeper(committed), ApiClient(committed.nurse)
    row = ReasonCode.objects.filter(group="waste").earliest("pk")
    ReasonCode.objects.filter(group="waste").exclude(pk=row.pk).update(active=False)
    before = contents()
    words = {"name_zh": "别的", "name_en": "Else"}
    for path, given in (
        ("/reasons", {"group": "waste", "code": "else", **words}),
        (f"/reasons/{row.pk}", words),
        (f"/reasons/{row.pk}/move", {"up": True}),
        (f"/reasons/{row.pk}/active", {"active": False}),
    ):
        assert ward.post(path, **given).status_code in (403, 404), path
    last = edits.post(f"/reasons/{row.pk}/active", active=False)
    assert (last.status_code, last.json()["code"]) == (409, "last_reason")
    bad = edits.post("/reasons", group="waste", code="No Code", **words)
    assert bad.json()["code"] == "bad_reason_code"
    assert edits.post("/reasons/999999999", **words).status_code == 404
    assert contents() == before
