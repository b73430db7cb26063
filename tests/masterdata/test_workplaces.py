"""Where a person can be said to work."""

import re

from tests.makers import place
from yanji.access.models import Person
from yanji.places.models import Kind


def test_a_person_works_in_a_department_and_not_on_a_shelf(client, campus):
    """Of a tree with many shelves those places are offered in which somebody works; and what a person holds already."""
    ward, store = place(Kind.DEPARTMENT, campus), place(Kind.STORE, campus)
    cabinet = place(Kind.CABINET, ward)

    def offered(address: str) -> set[int]:
        form = (
            client.get(address)
            .content.decode()
            .partition('name="department_id"')[2]
            .partition("</select>")[0]
        )
        return {int(key) for key in re.findall(r'<option value="(\d+)"', form)}

    assert {ward.pk, store.pk, campus.pk} <= offered("/masterdata/people/new")
    assert cabinet.pk not in offered("/masterdata/people/new")
    client.post("/masterdata/people/new", {"username": "w.li", "name_zh": "李", "department_id": ward.pk})
    made = Person.objects.get(username="w.li")
    refused = client.post(
        "/masterdata/people/new", {"username": "x", "name_zh": "李", "department_id": cabinet.pk}
    )
    assert refused.status_code == 422
    Person.objects.filter(pk=made.pk).update(department=cabinet)
    assert {ward.pk, cabinet.pk} <= offered(f"/masterdata/people/{made.pk}")
