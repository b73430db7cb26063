"""What a ward keeps and its lists, through their pages: said, proposed, asked for with one press."""

from typing import Any

from yanji.flows.models import Requisition
from yanji.flows.supply.models import ParLevel, RequisitionList

from .acts import hidden_key, key, sentences


def levels_form(hospital: Any, minimum: str, maximum: str) -> dict[str, Any]:
    item = hospital.item.pk
    fields = {"key": key("levels"), "place_id": hospital.cabinet.pk, "item": [item]}
    return {**fields, f"minimum:{item}": minimum, f"maximum:{item}": maximum}


def test_from_what_is_kept_to_a_requisition(hospital: Any, signed_in: Any) -> None:
    nurse, item = signed_in("nurse"), hospital.item.pk
    empty = sentences(nurse.get("/ward/levels"))
    assert "Nothing is kept yet" in empty
    answer = nurse.post("/ward/levels", levels_form(hospital, "0", "4"), follow=True)
    assert "keeps 1 item so from now on" in sentences(answer)
    assert "Request 1 item now" in sentences(answer)
    filled = nurse.get(f"/ward/requisitions/new?fill=levels&department_id={hospital.department.pk}")
    assert "0 there, kept between 0 and 4" in sentences(filled)
    assert f'name="quantity:{item}" value="4"' in filled.content.decode()
    sent = {"key": hidden_key(filled, "requisition"), "item": [item], f"quantity:{item}": "4"}
    places = {"department_id": hospital.department.pk, "store_id": hospital.store.pk}
    nurse.post("/ward/requisitions/new", {**sent, **places})
    [line] = Requisition.objects.get().lines.all()
    assert (line.item_id, line.quantity) == (item, 4)
    after = sentences(nurse.get("/ward/levels"))
    assert "0 here, 4 coming" in after
    assert "Request 1 item now" not in after


def test_levels_that_make_no_sense_are_said_and_kept_in_the_form(hospital: Any, signed_in: Any) -> None:
    nurse = signed_in("nurse")
    for minimum, maximum, said in (
        ("5", "4", "must be zero or more"),
        ("-1", "4", "not a whole number"),
        ("1", "x", "not a whole number"),
    ):
        answer = nurse.post("/ward/levels", levels_form(hospital, minimum, maximum))
        assert answer.status_code == 409
        assert said in sentences(answer)
        assert f'value="{maximum}"' in answer.content.decode()
    assert not ParLevel.objects.exists()


def test_a_level_is_dropped(hospital: Any, signed_in: Any) -> None:
    nurse = signed_in("nurse")
    nurse.post("/ward/levels", levels_form(hospital, "1", "4"))
    level = ParLevel.objects.get().pk
    assert (
        signed_in("storekeeper").post(f"/ward/levels/{level}/drop", {"key": key("drop")}).status_code == 403
    )
    assert ParLevel.objects.exists()
    answer = nurse.post(f"/ward/levels/{level}/drop", {"key": key("drop")}, follow=True)
    assert "is not kept there any more" in sentences(answer)
    assert not ParLevel.objects.exists()


def test_a_list_is_written_asked_by_changed_and_dropped(hospital: Any, signed_in: Any) -> None:
    nurse, item = signed_in("nurse"), hospital.item.pk
    plain = {"department_id": hospital.department.pk, "item": [item], f"quantity:{item}": "3"}
    unnamed = nurse.post("/ward/lists/new", {"key": key("list"), **plain})
    assert unnamed.status_code == 409
    assert "The list has no name" in sentences(unnamed)
    assert not RequisitionList.objects.exists()
    answer = nurse.post("/ward/lists/new", {"key": key("list"), "name": "Monday", **plain}, follow=True)
    assert "List “Monday” is kept" in sentences(answer)
    kept = RequisitionList.objects.get().pk
    filled = nurse.get(f"/ward/requisitions/new?list={kept}")
    assert f'name="quantity:{item}" value="3"' in filled.content.decode()
    assert "from “Monday”" in sentences(filled)
    changed = {**plain, f"quantity:{item}": "5", "name": "Tuesday", "key": key("list")}
    nurse.post(f"/ward/lists/{kept}", changed)
    assert RequisitionList.objects.get().lines.get().quantity == 5
    assert nurse.get("/ward/requisitions/new?list=999999999").status_code == 404
    gone = nurse.post(f"/ward/lists/{kept}/drop", {"key": key("drop")}, follow=True)
    assert "List “Tuesday” is not used any more" in sentences(gone)
    assert not RequisitionList.objects.exists()
