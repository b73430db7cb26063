"""Why each proposal goes before the others, in words; the page, the printed list and the interface propose the same things."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from tests.exchange.client import ApiClient
from tests.flows.site import Site, soon
from tests.flows.test_fifo import came
from tests.flows.test_reserving import kept, pieces
from tests.flows.test_waves_fifo import begun, unit_that_came, walk
from tests.flows.transferring import way
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.flows import pick_list as pick_lists
from yanji.flows.acts import Done
from yanji.flows.hold import hold
from yanji.flows.models import Requisition
from yanji.flows.papers import sheet_of
from yanji.flows.pick_list import PickLine, pick_list
from yanji.flows.requisition import Wanted, request
from yanji.flows.transfer.pick import pick_transfer
from yanji.flows.transfer.ship import ship
from yanji.flows.why_first import SENTENCES, LeftBehind, Offer, skipped_because, why_first

EARLY, LATE = date(2027, 3, 1), date(2028, 3, 1)
MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)


def lines_of(wanted: Done, policy: str = "fefo") -> list[PickLine]:
    return pick_list(Requisition.objects.get(pk=wanted.id), policy=policy)


def said(wanted: Done, policy: str = "fefo") -> list[str]:
    with translation.override("en"):
        return [each.said for line in lines_of(wanted, policy) for each in line.proposals]


@pytest.mark.parametrize(
    ("policy", "chosen", "other", "code"),
    [
        ("fefo", Offer(1, "A", EARLY), Offer(2, "B", LATE), "expires_first"),
        ("fefo", Offer(1, "A", EARLY), Offer(2, "B", None), "expires_at_all"),
        ("fefo", Offer(1, "A", EARLY, MONDAY), Offer(2, "B", EARLY, FRIDAY), "same_expiry_came_first"),
        ("fefo", Offer(1, "A", EARLY, MONDAY), Offer(2, "B", EARLY, MONDAY), "same_expiry"),
        ("fefo", Offer(1, "A", None), Offer(2, "B", None), "same_expiry"),
        ("fefo", Offer(1, "A", EARLY), Offer(1, "A", EARLY), "same_lot"),
        ("fifo", Offer(1, "A", LATE, MONDAY), Offer(2, "B", EARLY, FRIDAY), "came_first"),
        ("fifo", Offer(1, "A", LATE, MONDAY), Offer(2, "B", EARLY), "day_known"),
        ("fifo", Offer(1, "A", EARLY, MONDAY), Offer(2, "B", LATE, MONDAY), "same_day_expires_first"),
        ("fifo", Offer(1, "A", EARLY, MONDAY), Offer(1, "A", EARLY, MONDAY), "same_lot_and_day"),
        ("fifo", Offer(1, "A", EARLY, MONDAY), Offer(2, "B", EARLY, MONDAY), "same_day"),
        ("fefo", Offer(1, "A", LATE, kept=True), Offer(2, "B", EARLY), "kept"),
        ("fefo", Offer(1, "A", EARLY), None, "all_needed"),
    ],
)
def test_what_decides_is_named(policy: str, chosen: Offer, other: Offer | None, code: str) -> None:
    assert why_first(chosen, [other] if other else [], policy).code == code


def test_one_lot_asked_for_and_nothing_else_there_decide_too() -> None:
    one, other = Offer(1, "A", LATE), Offer(2, "B", EARLY)
    assert why_first(one, [other], "fefo", asked_for=True).code == "lot_asked_for"
    assert why_first(one, [], "fefo", alone=True).code == "only_one"
    assert why_first(Offer(1, "A", LATE, counted=True), [], "fifo", alone=True).code == "only_lot"


def test_more_of_the_same_lot_hides_no_reason() -> None:
    """Twenty of one lot lie there and two are wanted: that any of it will do is no reason, that the next lot expires later is."""
    one, next_lot = Offer(1, "A", EARLY, MONDAY), Offer(2, "B", LATE, MONDAY)
    assert why_first(one, [one, one, next_lot], "fefo").facts == {"lot": "B", "day": LATE}
    assert why_first(one, [one, next_lot], "fifo").code == "same_day_expires_first"
    assert why_first(one, [Offer(1, "A", EARLY, FRIDAY), next_lot], "fifo").facts["day"] == FRIDAY
    assert why_first(one, [one], "fefo").code == "same_lot"


def test_every_reason_is_a_sentence_in_both_languages() -> None:
    facts = {"lot": "B7", "day": LATE, "came": MONDAY}
    spoken: dict[str, set[str]] = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            spoken[language] = {sentence() % facts for sentence in SENTENCES.values()}
            behind = LeftBehind("S1", "L", "on_hold").said, LeftBehind("", "L9", "expired", others=True).said
            assert ("S1" in behind[0], "L9" in behind[1]) == (True, True)
    assert {len(each) for each in spoken.values()} == {len(SENTENCES)}
    assert not spoken["en"] & spoken["zh-hans"]


def test_the_day_before_the_next_and_what_was_left_behind(committed: Site) -> None:
    here = committed
    [held, first] = here.stocked(2, lot="SOON", expiry=soon(50))
    here.stocked(1, lot="LATER", expiry=soon(90))
    hold(actor=here.keeper, key=unique("h"), things=[held], reason="damaged")
    with translation.override("en"):
        on_hold = skipped_because("on_hold")
    one = f"Expires first: the next, lot LATER, is valid to {soon(90)}"
    left = f"Left behind before it: {held.rpartition('/')[2]} ({on_hold})"
    assert said(here.requisition((here.h.item, 1))) == [f"{one} · {left}"]
    everything = said(here.requisition((here.h.item, 9)))
    assert [each.split(" · ")[0] for each in everything] == ["All that can be taken here is needed"] * 2
    hold(actor=here.keeper, key=unique("h"), things=[first], reason="damaged")
    [alone] = said(here.requisition((here.h.item, 1)))
    assert alone.startswith("The only one here that can be taken · Left behind before it: ")
    assert alone.endswith(f"({on_hold}) and others")


def test_each_line_reads_as_much_as_it_needs_and_more_than_a_list_holds_is_not_all_there_is(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long line lengthens no other, and where it is longer than a list, what lies there beyond is not called needed."""
    here, h = committed, committed.h
    monkeypatch.setattr(pick_lists, "LISTED", 2)
    monkeypatch.setattr(pick_lists, "MOST", 3)
    other = Item.objects.create(code=unique("I"), name_zh="缝线", temperature_class="room")
    here.stocked(5)
    spare = [here.arrival(item=other, epc=f"01/06901234500028/21/{n}", serial=f"N{n}") for n in range(5)]
    here.receive(here.order((other, 5)), *spare)
    long, short = lines_of(here.requisition((h.item, 5), (other, 1)))
    assert (len(long.candidates), len(long.proposals)) == (4, 3)
    assert (len(short.candidates), len(short.proposals)) == (2, 1)
    assert "all_needed" not in {each.why.code for each in long.proposals}


def test_of_what_is_kept_no_more_goes_first_than_is_kept(committed: Site) -> None:
    """The rest of its lot waits its turn: taking it before the others would ask for a reason."""
    here = committed
    late = here.stocked_lot(10, lot="LATE", expiry=soon(400))
    here.stocked_lot(3, lot="SOON", expiry=soon(40))
    wanted = here.requisition((here.counted, 6))
    kept(here, [pieces(here, late, 2)], requisition_id=wanted.id)
    [line] = lines_of(wanted)
    found = [(each.thing.lot, each.pieces, each.why.code) for each in line.proposals]
    assert found == [("LATE", 2, "kept"), ("SOON", 3, "all_needed"), ("LATE", 1, "all_needed")]
    assert sum(each.pieces for each in line.proposals) == line.line.open_to_pick


def test_a_lot_past_its_day_is_left_behind(committed: Site) -> None:
    here = committed
    came(here, "GONE", 300, expiry=-3)
    came(here, "GOOD", 9, expiry=30)
    came(here, "NEXT", 3, expiry=60)
    [line] = lines_of(here.requisition((here.counted, 2)))
    [only] = line.proposals
    assert (only.thing.lot, only.pieces, only.why.code) == ("GOOD", 2, "expires_first")
    assert (only.left.lot, only.left.reason) == ("GONE", "expired")
    assert [lot.lot for lot in line.lots_after] == ["NEXT"]


def stocked_both_ways(here: Site) -> None:
    """Of units and of pieces: what came first expires last, and one lot lies there twice."""
    unit_that_came(here, 9, expiry=400, lot="LATE")
    unit_that_came(here, 5, expiry=90, lot="SOON")
    unit_that_came(here, 1, expiry=90, lot="SOON")
    came(here, "OLD", 9, expiry=400, pieces=3)
    came(here, "MID", 5, expiry=200, pieces=3)
    came(here, "NEW", 1, expiry=90, pieces=3)


def on_page(client: Client, wanted: Done, policy: str) -> list[str]:
    """The reasons of what the pick page proposes, as they stand there."""
    page = client.get(f"/storeroom/picking/{wanted.id}?policy={policy}").content.decode()
    found = [" ".join(each.split()) for each in re.findall(r'class="y-why">([^<]+)<', page)]
    return [each for each in found if each != "Its turn comes after these"]


def on_sheet(here: Site, wanted: Done, policy: str) -> list[Any]:
    with translation.override("en"):
        return list(sheet_of(here.keeper, "requisition", wanted.id, policy).sections[1].rows)


def in_turn(rows: list[Any]) -> list[tuple[str, int, str]]:
    """(lot, pieces, why) of one item's rows on a printed list, by whose turn it is."""
    if len(rows) == 1:  # nothing to count
        return [(row[4], row[6], row[7]) for row in rows]
    turns = [(int(row[7].partition(".")[0]), row) for row in rows]
    return [(row[4], row[6], row[7].partition(". ")[2]) for _turn, row in sorted(turns)]


@pytest.mark.parametrize(
    ("policy", "lot", "units", "counted"),
    [
        ("fefo", "", ["SOON", "SOON"], ["NEW", "MID"]),
        ("fifo", "", ["LATE", "SOON"], ["OLD", "MID"]),
        ("fifo", "SOON", ["SOON", "SOON"], ["OLD", "MID"]),
    ],
)
def test_page_paper_and_interface_propose_the_same_in_the_same_order(
    committed: Site, policy: str, lot: str, units: list[str], counted: list[str]
) -> None:
    here = committed
    stocked_both_ways(here)
    wanted = request(
        actor=here.ward, key=unique("k"), department_id=here.h.department.pk, store_id=here.h.store.pk,
        lines=[Wanted(here.h.item.pk, 2, lot), Wanted(here.counted.pk, 4)],
    )  # fmt: skip
    lines = lines_of(wanted, policy)
    assert [[each.thing.lot for each in line.proposals] for line in lines] == [units, counted]
    here.storekeeper.language = "en"
    here.storekeeper.save(update_fields=["language"])
    client, program = Client(), ApiClient(here.storekeeper)
    client.force_login(here.storekeeper)
    page, sheet = on_page(client, wanted, policy), on_sheet(here, wanted, policy)
    link = f"/papers/requisition/{wanted.id}/print" + ("?policy=fifo" if policy == "fifo" else "")
    assert f'href="{link}"' in client.get(f"/storeroom/picking/{wanted.id}?policy={policy}").content.decode()
    assert ("First received first (FIFO)" in client.get(link).content.decode()) == (policy == "fifo")
    asked = program.get(f"/papers/requisition/{wanted.id}", policy=policy).json()
    assert [row[3:7] for row in asked["sections"][1]["rows"]] == [
        [*row[3:5], str(row[5]), row[6]] for row in sheet
    ]
    told = program.get(f"/requisitions/{wanted.id}/pick-list", policy=policy).json()
    with translation.override("en"):
        for line, answer in zip(lines, told, strict=True):
            own = [(each.thing.lot, each.pieces, each.why.said) for each in line.proposals]
            assert [(each["lot"], each["pieces"], each["why"]) for each in answer["proposals"]] == own
            assert [page.pop(0) for _each in own] == [why for _lot, _pieces, why in own]
            turns = [(each.thing.lot, pieces, each.said) for _turn, each, pieces in line.turns]
            assert in_turn([row for row in sheet if row[1] == line.line.item.code]) == turns
            assert sum(pieces for _lot, pieces, _why in turns) == sum(pieces for _lot, pieces, _why in own)
    assert page == []


@pytest.mark.parametrize(("policy", "first"), [("fefo", "SOON"), ("fifo", "LATE")])
def test_a_transfer_prints_what_its_page_proposes_until_it_was_sent(
    committed: Site, policy: str, first: str
) -> None:
    here, to = committed, way(committed)
    stocked_both_ways(here)
    wanted = to.asked((here.h.item, 1), (here.counted, 4))
    transfer = to.transfer(wanted)
    here.storekeeper.language = "en"
    here.storekeeper.save(update_fields=["language"])
    client = Client()
    client.force_login(here.storekeeper)
    link = f"/papers/transfer/{wanted.id}/print" + ("?policy=fifo" if policy == "fifo" else "")
    page = client.get(f"/storeroom/transfers/{wanted.id}/pick?policy={policy}").content.decode()
    assert f'href="{link}"' in page
    assert client.get(link).status_code == 200

    def printed(reader: Actor = here.keeper) -> tuple[str, list[Any]]:
        with translation.override("en"):
            sheet = sheet_of(reader, "transfer", wanted.id, policy)
        walks = [section for section in sheet.sections if section.title == "Where to take it"]
        return sheet.title, [row for section in walks for row in section.rows]

    # Shelves, lots and serials of the sending store are nothing for who waits at the other end.
    assert printed(to.receiver) == ("Transfer note", [])
    title, rows = printed()
    lines = pick_list(transfer, policy=policy)
    with translation.override("en"):
        told = [(each.thing.lot, pieces, each.said) for line in lines for _n, each, pieces in line.turns]
    items = [here.h.item, here.counted]
    assert title == "Pick list"
    assert [each for item in items for each in in_turn([row for row in rows if row[1] == item.code])] == told
    assert (told[0][0], {row[-1] for row in rows}) == (first, {"☐"})
    [unit] = lines[0].proposed
    pick_transfer(actor=to.sender, key=unique("p"), transfer_id=wanted.id, things=[unit.epc], policy=policy)
    assert {row[1] for row in printed()[1]} == {here.counted.code}
    ship(actor=to.sender, key=unique("s"), transfer_id=wanted.id, handed_to="Van 7")
    assert printed()[0] == "Transfer note"


def test_a_walk_says_why_each_stop_goes_before_what_is_left(committed: Site) -> None:
    here = committed
    stocked_both_ways(here)
    asked = here.requisition((here.h.item, 2), (here.counted, 4))
    lot_wanted = request(
        actor=here.ward, key=unique("k"), department_id=here.h.department.pk, store_id=here.h.store.pk,
        lines=[Wanted(here.counted.pk, 1, "NEW")],
    )  # fmt: skip
    late = here.counted.lots.get(number="OLD").pk
    kept(here, [pieces(here, late, 1)], requisition_id=asked.id)
    wave = begun(here, "fefo", asked, lot_wanted)
    codes = {(leg.lot, leg.pieces): leg.why.code for leg in walk(wave).legs}
    assert codes == {
        ("SOON", 2): "expires_first", ("OLD", 1): "kept", ("NEW", 3): "expires_first", ("MID", 1): "expires_first",
    }  # fmt: skip
    stops = ApiClient(here.storekeeper).get(f"/waves/{wave.id}").json()["stops"]
    assert {stop["why_code"] for stop in stops} == set(codes.values())
    assert f"Expires first: the next, lot LATE, is valid to {soon(400)}" in {stop["why"] for stop in stops}
    with translation.override("en"):
        rows = sheet_of(here.keeper, "wave", wave.id).sections[0].rows
    assert {row[7] for row in rows} == {stop["why"] for stop in stops}
    client = Client()
    client.force_login(here.storekeeper)
    page = client.get(f"/storeroom/waves/{wave.id}").content.decode()
    assert page.count("y-why") == len(codes)


def test_a_walk_by_arrival_names_the_days(committed: Site) -> None:
    here = committed
    stocked_both_ways(here)
    wave = begun(here, "fifo", here.requisition((here.h.item, 2), (here.counted, 4)))
    facts = {leg.lot: (leg.why.code, leg.why.facts["came"]) for leg in walk(wave).legs}
    day = timezone.localdate()
    nine, five = day - timedelta(days=9), day - timedelta(days=5)
    expected = {"LATE": nine, "SOON": five, "OLD": nine, "MID": five}
    assert facts == {lot: ("came_first", came_on) for lot, came_on in expected.items()}


@pytest.mark.parametrize("policy", ["fefo", "fifo"])
def test_reasons_ask_nothing_however_many_there_are(committed: Site, policy: str) -> None:
    here = committed
    wanted = here.requisition((here.h.item, 60), (here.counted, 60))
    spent = []
    for more in range(2):
        for number in range(1 + 9 * more):
            here.stocked(1 + more, lot=f"L{more}{number}", expiry=soon(100 + number))
            came(here, f"C{more}{number}", number + 1, expiry=90 + number)
        with CaptureQueriesContext(connection) as asked:
            assert all(each.said for line in lines_of(wanted, policy) for each in line.proposals)
        spent.append(len(asked))
    assert spent[0] == spent[1]
