"""Several requisitions in one walk: in the order of the shelves, every scan for the requisition that needs it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.site import Site, contents, person, show_papers, soon
from tests.flows.test_kits_picked import a_kit
from tests.flows.test_packing import packed, pieces
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.access.tokens import create_token
from yanji.flows.acts import Done
from yanji.flows.models import Requisition
from yanji.flows.packing.models import KitPick
from yanji.flows.papers import sheet_of
from yanji.flows.pick import pick
from yanji.flows.putaway import put_away
from yanji.flows.queries import picked_for
from yanji.flows.requisition import Wanted, request
from yanji.flows.reserving.queries import reserved
from yanji.flows.reserving.reserve import reserve
from yanji.flows.waves.models import Wave
from yanji.flows.waves.pick import close_wave, pick_wave, start_wave
from yanji.flows.waves.share import Ask, Lying, stops
from yanji.flows.waves.walk import members_of, walk_of
from yanji.ledger.api import LotQuantity, Refused, Status, rebuild, unit_view
from yanji.places.models import Kind, Place

MARKS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")


def wanted(here: Site, pieces: int, item: Any = None, *, hours: int = 5, lot: str = "") -> Done:
    """One requisition of the ward, needed in so many hours."""
    return request(
        actor=here.ward, key=unique("k"), department_id=here.h.department.pk, store_id=here.h.store.pk,
        lines=[Wanted((item or here.h.item).pk, pieces, lot)], needed_by=timezone.now() + timedelta(hours=hours),
    )  # fmt: skip


def begun(here: Site, *asked: Done) -> Done:
    return start_wave(
        actor=here.keeper, key=unique("k"), store_id=here.h.store.pk, requisitions=[each.id for each in asked]
    )


def walked(here: Site, wave: Done, things: list[Any], **fields: Any) -> Done:
    return pick_wave(actor=here.keeper, key=unique("k"), wave_id=wave.id, things=things, **fields)


def refused(code: str, act: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert code in {offence.code for offence in found.value.offences}
    assert contents() == before


def test_every_scan_goes_to_who_needs_it_most(committed: Site) -> None:
    here = committed
    show_papers(here)
    epcs, lot = here.stocked(3), here.stocked_lot(20)
    later, sooner = wanted(here, 2, hours=9), wanted(here, 1, hours=1)
    sutures = wanted(here, 5, here.counted)
    more = wanted(here, 7, here.counted, hours=8)
    wave = begun(here, later, sooner, sutures, more)
    done = walked(here, wave, [epcs[0], LotQuantity(lot, Decimal(9), here.h.store.pk)])
    assert done.facts == {"picked": {sooner.number: 1, sutures.number: 5, more.number: 4}}
    assert (done.state, picked_for(sooner.id)[0]) == ("open", [epcs[0]])
    done = walked(here, wave, [*epcs[1:], LotQuantity(lot, Decimal(3), here.h.store.pk)])
    assert done.state == "closed"
    assert picked_for(later.id)[0] == epcs[1:]
    assert set(Requisition.objects.values_list("state", flat=True)) == {"picked"}
    refused("document_closed", lambda: walked(here, wave, epcs[:1]))
    assert not rebuild()


def test_who_wants_one_lot_alone_gets_it_before_others(committed: Site) -> None:
    here = committed
    [fixed] = here.stocked(1, lot="LA", expiry=soon(300))
    [free] = here.stocked(1, lot="LB", expiry=soon(300))
    anyone, only = wanted(here, 1, hours=1), wanted(here, 1, hours=9, lot="LA")
    wave = begun(here, anyone, only)
    walked(here, wave, [fixed, free])
    assert (picked_for(only.id)[0], picked_for(anyone.id)[0]) == ([fixed], [free])


def test_what_comes_first_for_another_of_the_walk_is_in_turn(committed: Site) -> None:
    """Two expiries, two requisitions, one scan each: nobody took anything out of turn. Leaving the first there is."""
    here = committed
    [first] = here.stocked(1, lot="LA", expiry=soon(100))
    [second] = here.stocked(1, lot="LB", expiry=soon(200))
    wave = begun(here, wanted(here, 1, hours=1), wanted(here, 1, hours=2))
    refused("override_reason_needed", lambda: walked(here, wave, [second]))
    assert walked(here, wave, [second, first]).state == "closed"


def test_the_walk_follows_the_shelves_by_their_numbers(committed: Site) -> None:
    here = committed
    bins = []
    for number in (10, 2, 1):
        shelf = place(Kind.BIN, here.h.store)
        Place.objects.filter(pk=shelf.pk).update(
            code=f"{here.h.store.code}-A-{number}", name_zh=f"A-{number}"
        )
        [epc] = here.stocked(1, lot=f"L{number}", expiry=soon(100 + number))
        put_away(actor=here.keeper, key=unique("k"), things=[epc], to_place_id=shelf.pk)
        bins.append(shelf)
    wave = begun(here, wanted(here, 2), wanted(here, 2))
    found = Wave.objects.get(pk=wave.id)
    walk = walk_of(found, members_of(found))
    assert [(leg.place, leg.lot) for leg in walk.legs] == [("A-1", "L1"), ("A-2", "L2"), ("A-10", "L10")]
    assert [(item.pk, pieces) for item, pieces in walk.lacking] == [(here.h.item.pk, 1)]
    sheet = sheet_of(here.keeper, "wave", wave.id)
    assert [row[0] for row in sheet.sections[0].rows] == ["A-1", "A-2", "A-10"]
    with pytest.raises(NotFound):
        sheet_of(here.ward, "wave", wave.id)


def test_what_makes_no_sense_is_refused_and_nothing_written(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1)
    asked, other = wanted(here, 1), wanted(here, 1)
    refused("empty", lambda: begun(here))
    wave = begun(here, asked)
    refused("wave_taken", lambda: begun(here, asked, other))
    elsewhere = place(Kind.STORE, here.h.campus)
    refused(
        "wave_other_store",
        lambda: start_wave(
            actor=here.keeper, key=unique("k"), store_id=elsewhere.pk, requisitions=[other.id]
        ),
    )
    lot = here.stocked_lot(2)
    for code, things in (
        ("not_requested", [LotQuantity(lot, Decimal(1), here.h.store.pk)]),
        ("unknown_unit", ["01/06901234500011/21/NOBODYS"]),
        ("empty", []),
    ):
        refused(code, lambda said=things: walked(here, wave, said))
    stranger = here.actor(person("storekeeper", place(Kind.CAMPUS)))
    act = {"key": unique("k"), "wave_id": wave.id}
    before = contents()
    for actor in (stranger, here.ward):
        with pytest.raises(NotFound):
            close_wave(actor=actor, **act)
    assert contents() == before
    pick(actor=here.keeper, key=unique("k"), requisition_id=other.id, things=[epc])
    refused("wave_nothing_open", lambda: begun(here, other))
    close_wave(actor=here.keeper, **act)
    assert begun(here, asked).state == "open"


def test_more_units_cost_no_more_statements(committed: Site) -> None:
    here = committed
    spent = []
    for count in (1, 30):
        epcs = here.stocked(2 * count)
        wave = begun(here, wanted(here, count), wanted(here, count))
        with CaptureQueriesContext(connection) as asked:
            walked(here, wave, epcs)
        spent.append(len(asked))
    assert spent[0] == spent[1]


@pytest.mark.parametrize("count", [1, 12])
def test_more_requisitions_cost_no_more_statements(committed: Site, count: int) -> None:
    """Whatever is kept for each of them: pieces that it takes, and a unit that it does not, which is free again."""
    here = committed
    lot, shelf = here.stocked_lot(40), here.h.store.pk
    units, sutures = (
        [wanted(here, 1) for _ in range(count)],
        [wanted(here, 2, here.counted) for _ in range(count)],
    )
    left, epcs = here.stocked(count), here.stocked(count)
    kept: list[tuple[Done, Any]] = [*zip(units, left, strict=True)]
    kept += [(asked, LotQuantity(lot, Decimal(2), shelf)) for asked in sutures]
    for asked, thing in kept:
        reserve(actor=here.keeper, key=unique("r"), store_id=shelf, requisition_id=asked.id, things=[thing])
    wave, keeper = begun(here, *units, *sutures), here.keeper
    with CaptureQueriesContext(connection) as statements:
        done = pick_wave(
            actor=keeper, key=unique("k"), wave_id=wave.id,
            things=[*epcs, LotQuantity(lot, Decimal(2 * count), shelf)],
        )  # fmt: skip
    spent = [str(each["sql"]) for each in statements if not str(each["sql"]).startswith(MARKS)]
    assert len(spent) == 29, "\n".join(sql[:160] for sql in spent)
    assert done.state == "closed"
    assert done.facts["picked"] == {each.number: 1 for each in units} | {each.number: 2 for each in sutures}
    assert sorted(epc for each in units for epc in picked_for(each.id)[0]) == sorted(epcs)
    assert {unit_view(epc).status for epc in left} == {Status.AVAILABLE}
    assert not reserved(["/"])
    assert not rebuild()


asks = st.lists(
    st.builds(Ask, st.integers(1, 4), st.integers(1, 2), st.integers(1, 5), st.sampled_from(["", "A", "B"])),
    max_size=5,
)
shelves = st.lists(
    st.builds(
        Lying,
        st.integers(1, 3),
        st.integers(1, 2),
        st.integers(1, 4),
        st.sampled_from("ABC"),
        st.integers(1, 6),
    ),
    max_size=6,
)


@given(shelves, asks)
def test_a_walk_takes_what_is_wanted_and_there_and_no_more(lying: list[Lying], wanting: list[Ask]) -> None:
    found, lacking = stops(lying, wanting)
    for item in (1, 2):
        taken = sum(stop.pieces for stop in found if stop.lying.item_id == item)
        assert taken + lacking.get(item, 0) == sum(ask.open for ask in wanting if ask.item_id == item)
    for stop in found:
        assert 0 < stop.pieces <= stop.lying.pieces
        assert stop.pieces == sum(pieces for _requisition, pieces in stop.parts)


def test_programs_walk_as_well(committed: Site) -> None:
    here = committed
    epcs = here.stocked(2)
    asked = [wanted(here, 1), wanted(here, 1)]
    headers = {"Authorization": f"Bearer {create_token(actor=here.keeper, name='t')[1]}"}
    sent = {"content_type": "application/json", "headers": headers}
    body = {"key": unique("k"), "store_id": here.h.store.pk, "requisitions": [each.id for each in asked]}
    wave = Client().post("/api/v1/waves", body, **sent).json()["id"]
    shown = Client().get(f"/api/v1/waves/{wave}", headers=headers).json()
    [stop] = shown["stops"]
    assert (stop["pieces"], len(stop["parts"])) == (2, 2)
    assert [each["id"] for each in Client().get("/api/v1/waves", headers=headers).json()] == [wave]
    done = Client().post(f"/api/v1/waves/{wave}/picks", {"key": unique("k"), "things": epcs}, **sent).json()
    assert (done["state"], done["facts"]["picked"]) == ("closed", {each.number: 1 for each in asked})
    assert Client().post(f"/api/v1/waves/{wave}/close", {"key": unique("k")}, **sent).status_code == 409


def test_a_kit_is_picked_in_a_walk_for_who_needs_it_most(committed: Site) -> None:
    here = committed
    show_papers(here)
    kit, epcs, lot = a_kit(here, units=2, counted=1), here.stocked(6), here.stocked_lot(5)
    boxed = (
        packed(here, [*epcs[at : at + 2], pieces(here, lot, 1)], kind="kit", item_id=kit.pk) for at in (0, 2)
    )
    first, second = boxed
    later, sooner = wanted(here, 1, kit, hours=9), wanted(here, 1, kit, hours=2)
    loose = wanted(here, 1, here.counted, hours=1)
    wave = begun(here, later, sooner, loose)
    walk = walk_of(Wave.objects.get(pk=wave.id), members_of(Wave.objects.get(pk=wave.id)))
    [leg] = walk.kits
    assert (leg.item, leg.pieces, walk.lacking) == (kit, 2, [])
    assert [(each.pk, count) for each, count in leg.parts] == [(sooner.id, 1), (later.id, 1)]
    refused("not_requested", lambda: walked(here, wave, [epcs[0]]))
    done = walked(here, wave, [first, pieces(here, lot, 1)])
    assert done.facts["picked"] == {sooner.number: 1, loose.number: 1}
    assert picked_for(sooner.id)[0] == sorted(epcs[:2])
    assert KitPick.objects.get().requisition_id == sooner.id
    page = Client()
    page.force_login(here.storekeeper)
    address = f"/storeroom/waves/{wave.id}"
    assert second in page.get(address).content.decode()
    scan = page.post(f"{address}/scan", {"scan": second}, headers={"HX-Request": "true"}).content.decode()
    assert 'data-result="ok"' in scan
    done = walked(here, wave, [second])
    assert (done.facts["picked"], done.state) == ({later.number: 1}, "closed")
    assert rebuild() == []
