"""Whoever hands a device on and may not see whose it was comes back to the list: the paper says so."""

import pytest
from django.test import Client

from tests.flows.site import site
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_explanted import came_out
from tests.makers import place
from tests.web.flows.acts import key
from yanji.flows.theatre.models import Handover
from yanji.places.models import Kind


@pytest.mark.django_db(transaction=True)
def test_what_came_out_is_examined_in_a_department_and_on_no_shelf_of_a_store(client: Client) -> None:
    room = Room(site())
    campus, store = room.here.h.campus, room.here.h.store
    ward, lab = (place(Kind.DEPARTMENT, campus, name_zh=name) for name in ("一病区", "病理科"))
    area = place(Kind.ROOM, store)
    came_out(room)
    client.force_login(room.here.nurse)
    listed = client.get("/theatre/explanted").context["examined_in"]
    assert listed[0] == lab
    assert (ward in listed, area in listed) == (True, False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sees_patients", [False, True])
def test_who_hands_on_is_not_led_to_a_page_that_is_closed_to_them(
    client: Client, sees_patients: bool
) -> None:
    room = Room(site())
    examined = place(Kind.DEPARTMENT, room.here.h.campus)
    _case, [epc] = came_out(room)
    if not sees_patients:
        role = room.here.nurse.grants.get().role
        role.operations = [each for each in role.operations if each != "view_patient"]
        role.save(update_fields=["operations"])
    client.force_login(room.here.nurse)
    sent = {
        "key": key("explanted"), "to": "pathology", "place_id": room.here.h.department.pk, "thing": epc,
        "to_place_id": examined.pk, "examiner": "Dr. Wang",
    }  # fmt: skip
    answer = client.post("/theatre/explanted/hand-on", sent, follow=True)
    paper = Handover.objects.get()
    leads_to = f"/theatre/explanted/papers/{paper.pk}" if sees_patients else "/theatre/explanted"
    assert (answer.status_code, answer.redirect_chain) == (200, [(leads_to, 302)])
    assert paper.number in answer.content.decode()
