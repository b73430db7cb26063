"""A theatre plans a case on a page: for a day and an hour, and with what it needs written by hand."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.flows.site import Site, contents
from tests.flows.theatre.room import Room
from tests.web.flows.acts import key, sentences
from yanji.flows.models import Case
from yanji.flows.theatre.asking import ask_for_case
from yanji.flows.theatre.cards import Need, as_needs

AT, LATER = "2031-03-04T08:30", "2031-03-05T13:00"


@pytest.fixture
def nurse(committed: Site) -> Client:
    committed.nurse.language = "en"
    committed.nurse.save(update_fields=["language"])
    client = Client()
    client.force_login(committed.nurse)
    return client


def planned(client: Client, here: Site, **fields: Any) -> Any:
    given = {
        "key": key("case"), "department_id": here.h.department.pk, "case_number": "C7", "patient_token": "PT-7",
        "procedure": "PCI", "planned_at": AT,
    }  # fmt: skip
    return client.post("/ward/use/open", given | fields)


def local(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


def test_a_case_is_planned_for_its_hour_and_put_off(committed: Site, nurse: Client) -> None:
    before = contents()
    odd = planned(nurse, committed, planned_at="tomorrow")
    assert (odd.status_code, "Planned for: “tomorrow” is not a date" in sentences(odd)) == (409, True)
    assert contents() == before
    planned(nurse, committed)
    case = Case.objects.get()
    assert case.planned_at == local(AT)
    path = f"/theatre/cases/{case.pk}"
    assert f'value="{AT}"' in nurse.get(path).content.decode()
    put_off = {"key": key("change"), "patient_token": "PT-7", "procedure": "PCI", "planned_at": LATER}
    nurse.post(f"{path}/change", put_off)
    case.refresh_from_db()
    assert case.planned_at == local(LATER)


def test_what_a_case_needs_is_written_by_hand_and_mended(committed: Site, nurse: Client) -> None:
    here = committed
    item, other = here.h.item, here.counted
    planned(nurse, here)
    case = Case.objects.get()
    path = f"/theatre/cases/{case.pk}/needs"
    assert nurse.post(path, {"key": key("needs")}).status_code == 409
    wanted = {
        "key": key("needs"),
        "item": item.pk,
        f"quantity:{item.pk}": "2",
        f"others:{item.pk}": other.code,
    }
    before = contents()
    for spoilt in ({f"others:{item.pk}": "NO-SUCH"}, {f"quantity:{item.pk}": "few"}):
        odd = nurse.post(path, wanted | spoilt)
        assert odd.status_code == 409
        assert next(iter(spoilt.values())) in odd.content.decode()
    assert contents() == before
    assert "What the case needs is kept" in sentences(nurse.post(path, wanted, follow=True))
    assert as_needs(case.needs.prefetch_related("alternatives")) == [Need(item.pk, 2, (other.pk,))]
    page = nurse.get(f"/theatre/cases/{case.pk}").content.decode()
    assert f'value="{other.code}"' in page
    nurse.post(path, wanted | {"key": key("needs"), f"quantity:{item.pk}": "3", f"others:{item.pk}": ""})
    assert as_needs(case.needs.prefetch_related("alternatives")) == [Need(item.pk, 3)]
    here.stocked(3)
    asked = ask_for_case(actor=Room(here).nurse, key=key("ask"), case_id=case.pk, store_id=here.h.store.pk)
    assert asked.number
