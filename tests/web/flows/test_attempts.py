"""Who looks into refused attempts sees the sentence, the person and the thing; nobody else sees any."""

import pytest
from django.utils.translation import override

from yanji.access.models import Grant, Role
from yanji.access.operations import STANDARD_ROLES
from yanji.flows.attempts import Attempt

from .acts import sentences


@pytest.fixture
def auditor(hospital, signed_in):
    name_zh, name_en, operations = STANDARD_ROLES["auditor"]
    role = Role.objects.create(
        code="auditor", name_zh=name_zh, name_en=name_en, operations=sorted(operations)
    )
    Grant.objects.create(person=hospital.people["manager"], role=role, place=hospital.store)
    return signed_in("manager")


def attempted(hospital, code: str, thing: str) -> None:
    Attempt.objects.create(
        actor=hospital.people["nurse"], verb="use", code=code, thing=thing, facts={"expiry": "2020-01-01"}
    )


def test_attempts_are_read_as_sentences_and_narrowed_down(hospital, auditor):
    attempted(hospital, "already_used", "01/06901234500011/21/S1")
    attempted(hospital, "expired", "01/06901234500011/21/S2")
    shown = sentences(auditor.get("/manager/attempts"))
    assert "S1 was already used on a patient" in shown
    assert "S2 expired on 2020-01-01" in shown
    with override("en"):
        assert hospital.people["nurse"].name in shown
    narrowed = sentences(auditor.get("/manager/attempts?kind=expired"))
    assert ("S1 was" in narrowed, "S2 expired" in narrowed) == (False, True)
    assert "S1 was" in sentences(auditor.get("/manager/attempts?q=S1"))
    assert "None of this kind" in sentences(auditor.get("/manager/attempts?q=nothing"))


def test_nobody_else_sees_them(hospital, signed_in):
    attempted(hospital, "already_used", "X")
    assert signed_in("manager").get("/manager/attempts").status_code == 403


def test_who_has_no_home_page_of_a_role_finds_what_is_open(hospital, signed_in):
    name_zh, name_en, _operations = STANDARD_ROLES["approver"]
    role = Role.objects.create(code="approver", name_zh=name_zh, name_en=name_en, operations=["approve"])
    person = hospital.people["manager"]
    person.grants.all().delete()
    client = signed_in("manager")
    assert "No role yet" in sentences(client.get("/"))
    Grant.objects.create(person=person, role=role, place=hospital.store)
    shown = sentences(client.get("/"))
    assert ("What you can do here" in shown, "Approvals" in shown, "No role yet" in shown) == (
        True,
        True,
        False,
    )
