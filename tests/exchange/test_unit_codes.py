"""Another system puts a tag on a unit, takes it off with a reason, and reads what was on since when."""

import pytest

from tests.exchange.client import ApiClient
from tests.flows.site import Site
from yanji.ledger.models import Alias

TAG = "E2801160600002079BC0F9A1"


@pytest.mark.parametrize("reason", ["", "nonsense"])
def test_a_tag_comes_off_with_a_reason_alone(committed: Site, reason: str) -> None:
    [epc] = committed.stocked(1)
    keeper = ApiClient(committed.storekeeper, language="zh-hans")
    keeper.done("/units/codes", epc=epc, code=TAG)
    assert keeper.post("/units/codes/release", code=TAG, reason=reason).status_code == 422
    assert Alias.objects.filter(code=TAG).exists()
    keeper.done("/units/codes/release", code=TAG, reason="replaced", note="new tag")
    assert not Alias.objects.exists()
    [kept] = keeper.get("/units/codes", epc=epc).json()
    assert (kept["code"], kept["reason"], kept["note"]) == (TAG, "replaced", "new tag")
    assert kept["bound_by"] == kept["released_by"] == committed.storekeeper.name
    assert kept["bound_at"] < kept["released_at"]


def test_who_sees_the_unit_reads_its_codes_and_nobody_else(committed: Site) -> None:
    [epc] = committed.stocked(1)
    ApiClient(committed.storekeeper).done("/units/codes", epc=epc, code=TAG)
    assert ApiClient(committed.nurse).get("/units/codes", epc=epc).status_code == 404
    assert ApiClient(committed.storekeeper).get("/units/codes", epc="01/1/21/2").status_code == 404
