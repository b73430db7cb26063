"""A program hears of lapsed papers at the scan and with the act, in its own language."""

import pytest

from tests.exchange.client import ApiClient
from tests.flows.site import Site
from tests.flows.test_budgets import at_the_ward
from tests.flows.test_validity import lapse, rules
from tests.makers import unique

pytestmark = pytest.mark.usefixtures("only_lapsed")


def test_scans_and_uses_say_which_papers_have_lapsed(committed: Site) -> None:
    here, nurse = committed, ApiClient(committed.nurse)
    first, second = at_the_ward(here, 2)
    lapse(here)
    asked = {"scans": [first], "from_place_id": here.h.department.pk, "place_id": here.h.department.pk}
    for flow in ("use", "set_out"):
        [scan] = nurse.send("/scans", flow=flow, **asked).json()
        assert (scan["ok"], [each["code"] for each in scan["warnings"]]) == (
            True,
            ["item_registration_lapsed"],
        )
        assert scan["warnings"][0]["sentence"].startswith("The registration of")
    case = {
        "case_number": unique("C"),
        "patient_token": "PT",
        "confirmed_by": "PT",
        "department_id": here.h.department.pk,
    }
    used = nurse.done("/uses", things=[first], **case)
    assert len(used["facts"]["warnings"]) == 1

    rules(here, issue__registration="refuse")
    [scan] = ApiClient(here.nurse, "zh-hans").send("/scans", flow="use", **asked | {"scans": [second]}).json()
    assert (scan["ok"], scan["warnings"]) == (False, [])
    assert "注册证" in scan["offences"][0]["sentence"]
    refused = nurse.post("/uses", things=[second], **case)
    assert refused.status_code == 409
