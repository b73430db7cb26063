"""What was used on a patient is found by the patient's number, in however many cases, at one price."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.flows.site import Site, site
from tests.makers import unique
from yanji.flows.use import use
from yanji.ledger.api import Step

pytestmark = pytest.mark.django_db


def used(here: Site, case: str, things: list[str]) -> None:
    use(
        actor=here.ward, key=unique("u"), department_id=here.h.department.pk, case_number=case, patient_token="PT-1",
        confirmed_by="PT-1", things=things,
    )  # fmt: skip


def searched(client: Client, text: str) -> tuple[int, Any]:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get("/search", {"q": text})
    return len(captured), answer


def test_all_cases_of_a_patient_cost_what_one_does() -> None:
    here = site()
    epcs = here.stocked(6)
    for step in (Step.PICK, Step.ISSUE, Step.TAKE_IN):
        here.h.do(step, *epcs)
    client = Client()
    client.force_login(here.nurse)
    used(here, "CASE-1", epcs[:2])
    searched(client, "PT-1")
    before, answer = searched(client, "PT-1")
    assert len([hit for group in answer.context["groups"] for hit in group.hits]) >= 2
    for number in range(2, 6):
        used(here, f"CASE-{number}", [epcs[number]])
    after, answer = searched(client, "PT-1")
    assert after == before
    hits = [hit.href for group in answer.context["groups"] for hit in group.hits]
    for epc in epcs:
        assert any(epc in href for href in hits), epc
