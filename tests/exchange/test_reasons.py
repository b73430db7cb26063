"""The reasons an act may give, asked by another system."""

from tests.exchange.client import ApiClient
from tests.flows.site import Site
from yanji.flows.models_reasons import ReasonCode


def test_reasons_are_listed_in_the_language_asked_for(committed: Site) -> None:
    ReasonCode.objects.filter(group="scrap", code="damaged").update(active=False)
    found = ApiClient(committed.nurse).get("/reasons", group="scrap").json()
    assert [each["code"] for each in found] == [
        "expired", "opened", "contaminated", "recalled", "other", "damaged",
    ]  # fmt: skip
    assert found[0] == {"group": "scrap", "code": "expired", "name": "Expired", "active": True}
    assert found[-1]["active"] is False
    chinese = ApiClient(committed.nurse, language="zh-hans").get("/reasons", group="scrap").json()
    assert chinese[0]["name"] == "已过期"
    assert len(ApiClient(committed.nurse).get("/reasons").json()) == ReasonCode.objects.count()
    assert ApiClient(committed.nurse).get("/reasons", group="nonsense").json() == []
    assert ApiClient(None).get("/reasons").status_code == 401
