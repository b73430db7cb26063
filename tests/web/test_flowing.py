"""Where a lot and an item went: in the picture, day by day, in the files; patients only for who may see them."""

import csv
import io
from collections import Counter
from typing import Any

import pytest
from django.test import Client

from tests.flows.site import person, site
from tests.flows.theatre.room import Room
from tests.makers import place
from tests.web.pdf import texts
from tests.web.world import World
from yanji.access.models import Person
from yanji.insight.flowing import legs
from yanji.ledger.api import Step, unit_view
from yanji.places.models import Kind
from yanji.web import flowing


def reading(who: Person) -> Client:
    Person.objects.filter(pk=who.pk).update(language="en")
    client = Client()
    client.force_login(who)
    return client


def lot_of(epc: str) -> int:
    unit = unit_view(epc)
    assert unit is not None
    return unit.lot_id


def flow(who: Person, lot: int, **asked: Any) -> Any:
    answer = reading(who).get(f"/flow/lot/{lot}", asked)
    assert answer.status_code == 200
    return answer


def test_the_last_day_shows_what_lies_there_now(hospital_day: World) -> None:
    site = hospital_day.site
    lot = lot_of(hospital_day.used)
    nurse = flow(person("manager", site.h.campus), lot).context["voyage"]
    last = nurse["frames"][-1]["lying"]
    by_station = Counter({int(key): pieces for key, pieces in last.items()})
    for station in (site.h.store, site.h.department):
        lies = sum(
            1
            for unit in units_of(lot)
            if unit.place_path.startswith(station.path) and unit.status != "expected"
        )
        assert by_station[station.pk] == lies, station.code


def units_of(lot: int) -> list[Any]:
    from yanji.ledger.api import units_where

    return units_where(lot_id=lot)


def test_patients_are_ends_of_their_own_for_who_may_see_them(hospital_day: World) -> None:
    site, lot = hospital_day.site, lot_of(hospital_day.used)
    told = {who: flow(person(who, site.h.campus), lot) for who in ("nurse", "manager")}
    labels = {
        who: [node["label"] for node in answer.context["sankey"]["nodes"]] for who, answer in told.items()
    }
    assert "PT-000001" in labels["nurse"]
    assert "PT-000001" not in labels["manager"]
    for who, seen in (("nurse", True), ("manager", False)):
        csv = flow(person(who, site.h.campus), lot, format="csv").content.decode("utf-8-sig")
        pdf = "\n".join(texts(flow(person(who, site.h.campus), lot, format="pdf").content))
        assert ("PT-000001" in csv, "PT-000001" in pdf) == (seen, seen), who


def test_the_days_go_down_to_the_patient_for_who_may_see_them(hospital_day: World) -> None:
    site, lot = hospital_day.site, lot_of(hospital_day.used)
    for who, clear in (("nurse", True), ("manager", False)):
        picture = flow(person(who, site.h.campus), lot).context["voyage"]
        ends = {node["name"]: node["label"] for node in picture["nodes"] if node["x"] == 3}
        reached = {ends.get(way["target"]) for frame in picture["frames"] for way in frame["moved"]}
        assert ("PT-000001" in reached, "Patient" in reached) == (clear, not clear), (who, ends)


def test_many_patients_stand_together_in_both_pictures(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An end for each of thousands would be counted by thousands for every day."""
    here = site()
    room = Room(here)
    for epc in room.units(2):
        room.use(room.case(), epc)
    nurse, lot = person("nurse", here.h.campus), lot_of(epc)

    def ends() -> tuple[set[str], set[str]]:
        told = flow(nurse, lot).context
        drawn = {
            node["label"] for node in told["sankey"]["nodes"] if node["label"].startswith(("PT", "Patient"))
        }
        return drawn, {node["label"] for node in told["voyage"]["nodes"] if node["x"] == 3}

    drawn, told = ends()
    assert drawn == told
    assert len(drawn) == 2
    monkeypatch.setattr(flowing, "MOST_PATIENTS", 1)
    assert ends() == ({"Patient"}, {"Patient"})
    last = flow(nurse, lot).context["voyage"]["frames"][-1]
    assert sum(way["value"] for way in last["moved"]) >= 2


def test_the_files_name_each_unit(hospital_day: World) -> None:
    """When it came where, from where, by whom; the patient for who may see patients."""
    site, lot = hospital_day.site, lot_of(hospital_day.used)
    serial = hospital_day.used.rsplit("/", 1)[-1]
    for who, token in (("nurse", "PT-000001"), ("manager", "")):
        reader = person(who, site.h.campus)
        text = flow(reader, lot, format="csv", level="unit").content.decode("utf-8-sig")
        used = [row for row in csv.DictReader(io.StringIO(text)) if row["Identity"] == hospital_day.used]
        assert [row["From"] for row in used][-1] == used[-2]["To"] == site.h.department.name
        assert (used[-1]["Serial number"], used[-1]["To"], used[-1]["Patient"]) == (serial, "Patient", token)
        assert used[-1]["Person"] == site.nurse.name_en
        assert any(serial in said for said in texts(flow(reader, lot, format="pdf").content))


def test_a_paper_says_where_its_units_are_cut(hospital_day: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flowing, "MOST_PRINTED", 1)
    found = flow(person("manager", hospital_day.site.h.campus), lot_of(hospital_day.used), format="pdf")
    assert any("Only the first 1 movements are listed." in said for said in texts(found.content))


def test_a_paper_says_what_was_looked_through_where_that_is_less(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that so many are listed as could have been."""
    here = site()
    epc, _other = here.stocked(2)
    monkeypatch.setattr(flowing, "MOST_READ", 1)
    said = " ".join(texts(flow(person("manager", here.h.campus), lot_of(epc), format="pdf").content))
    assert "Only the first 1 movements were looked through." in said
    assert "are listed" not in said


def test_who_sees_a_part_is_told_no_number_of_what_lies_there(hospital_day: World) -> None:
    """What came into the store is not theirs to see, what left it for them is: the store would lie below zero."""
    site, lot = hospital_day.site, lot_of(hospital_day.used)
    told = flow(person("nurse", site.h.department), lot).context
    lying = [frame["lying"] for frame in told["voyage"]["frames"]]
    assert told["hidden"]
    assert not any(str(site.h.store.pk) in each for each in lying)
    assert str(site.h.department.pk) in lying[-1]
    assert all(pieces >= 0 for each in lying for pieces in each.values())


def test_ways_and_pieces_are_those_of_the_ledger(hospital_day: World) -> None:
    site, lot = hospital_day.site, lot_of(hospital_day.used)
    found: Counter[tuple[int, int]] = Counter()
    for leg in legs(lot_id=lot, zone="Asia/Shanghai"):
        found[leg.from_id, leg.to_id] += int(leg.quantity)
    rows = flow(person("manager", site.h.campus), lot).context["rows"]
    assert {(row.start.pk, row.end.pk): row.quantity for row in rows} == found
    assert found[site.h.store.pk, site.h.department.pk] > 0, "the road between them is no stop"


def test_an_item_gathers_its_lots(hospital_day: World) -> None:
    site = hospital_day.site
    manager = reading(person("manager", site.h.campus))
    before = manager.get(f"/flow/item/{site.h.item.pk}").context["rows"]
    site.stocked(3, lot="ANOTHER")
    after = manager.get(f"/flow/item/{site.h.item.pk}").context["rows"]
    assert sum(row.quantity for row in after) == sum(row.quantity for row in before) + 3


def test_what_a_stranger_may_not_see_is_left_out_or_absent(hospital_day: World) -> None:
    stranger = person("manager", place(Kind.CAMPUS))
    client = reading(stranger)
    assert client.get(f"/flow/lot/{lot_of(hospital_day.used)}").status_code == 404
    assert client.get("/flow/lot/999999").status_code == 404
    assert client.get(f"/flow/item/{hospital_day.site.h.item.pk}").context["rows"] == []


def test_what_was_taken_back_has_not_gone_anywhere(hospital_day: World) -> None:
    from yanji.flows.correction import take_back

    site = hospital_day.site
    [epc] = site.stocked(1, lot="BACK")
    lot = lot_of(epc)
    before = list(legs(lot_id=lot, zone="Asia/Shanghai"))
    done = site.h.do(Step.PUT_AWAY, epc, to=place(Kind.DEPARTMENT, site.h.campus))
    assert list(legs(lot_id=lot, zone="Asia/Shanghai")) != before
    take_back(actor=site.keeper, key="back", event_id=done.event_id, reason="wrong_scan")
    assert list(legs(lot_id=lot, zone="Asia/Shanghai")) == before
