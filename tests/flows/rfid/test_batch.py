"""What a handheld or a gate has read goes into an open count as one batch: shown first, each passage once, with unknown tags."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.flows.counting import Counted, refused
from tests.flows.rfid.test_heard import gate_of
from tests.flows.site import Site, person
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.flows.codes import add_code
from yanji.flows.counting.by_reader import count_batch, look_at_batch
from yanji.flows.counting.count import recount
from yanji.flows.counting.models import Count, CountScan
from yanji.flows.rfid.heard import close_what_is_gone, hear
from yanji.flows.rfid.models import Passage, Reader
from yanji.flows.rfid.queries import batch_of, readers_around
from yanji.flows.rfid.readers import enter_reader
from yanji.flows.rfid.sightings import Read
from yanji.identity import ScannerProfile
from yanji.places.models import Kind

TAGS = [f"E2801160600002{number:010X}" for number in range(60)]


@pytest.fixture
def hand(here: Site) -> Reader:
    """A handheld of the store."""
    editor = here.actor(person("administrator", here.h.campus))
    done = enter_reader(
        actor=editor, key=unique("k"), name="Handheld 1", kind="handheld", protocol="mqtt", address="rfid/main/hand",
        place_id=here.h.store.pk,
    )  # fmt: skip
    return Reader.objects.get(pk=done.id)


def tagged(here: Site, count: int) -> list[str]:
    epcs = here.stocked(count)
    for epc, tag in zip(epcs, TAGS, strict=False):
        add_code(actor=here.keeper, key=unique("k"), epc=epc, code=tag)
    return epcs


def reads(reader: Reader, *tags: str, ago: float = 0, antenna: int = 0) -> None:
    at = timezone.now() - timedelta(seconds=ago)
    hear(reader.pk, [Read(tag, antenna, at) for tag in tags])


def verdicts(heard: Any) -> list[str]:
    return sorted(each.verdict for each in heard)


def test_what_a_handheld_read_is_shown_and_then_counted_once(here: Site, hand: Reader) -> None:
    epcs = tagged(here, 3)
    reads(hand, TAGS[2], ago=30)  # before the count: the trolley of this morning
    counted = Counted(here)
    reads(hand, *TAGS[:2], TAGS[9])
    asked = {"actor": here.keeper, "count_id": counted.id, "reader_id": hand.pk}
    shown = look_at_batch(**asked)
    assert verdicts(shown.heard) == ["right", "right", "unknown"]
    assert not CountScan.objects.exists()
    reads(hand, TAGS[3])  # after the page was shown
    heard = count_batch(**asked, upto=shown.upto)
    assert verdicts(heard) == ["right", "right", "unknown"]
    assert {each.meaning.epc or each.meaning.scan for each in heard} == {*epcs[:2], TAGS[9]}
    again = count_batch(**asked, upto=shown.upto)
    assert all(each.repeated for each in again)
    kept = CountScan.objects.filter(count_id=counted.id)
    assert [kept.count(), set(kept.values_list("how", flat=True))] == [3, {"tag"}]
    assert [each.meaning.scan for each in look_at_batch(**asked).new] == [TAGS[3]]
    assert counted.close() == {"missing": 1, "unknown": 1}


def test_what_was_learnt_of_a_scanner_says_nothing_of_tags(here: Site, hand: Reader) -> None:
    epcs = tagged(here, 1)
    counted = Counted(here)
    reads(hand, TAGS[0])
    keeper = here.keeper.reading_with(ScannerProfile(prefix="01/"))
    asked = {"actor": keeper, "count_id": counted.id, "reader_id": hand.pk}
    assert [each.meaning.epc for each in look_at_batch(**asked).heard] == epcs
    assert [each.meaning.epc for each in count_batch(**asked)] == epcs


def test_the_same_tag_read_again_later_is_not_counted_twice(here: Site, hand: Reader) -> None:
    tagged(here, 1)
    counted = Counted(here)
    reads(hand, TAGS[0])
    asked = {"actor": here.keeper, "count_id": counted.id, "reader_id": hand.pk}
    count_batch(**asked)
    close_what_is_gone(timezone.now() + timedelta(minutes=1))
    reads(hand, TAGS[0])
    assert Passage.objects.count() == 2
    assert look_at_batch(**asked).new == []
    assert verdicts(count_batch(**asked)) == ["twice"]
    assert CountScan.objects.count() == 1


def test_a_later_time_leaves_out_what_was_read_before_it(here: Site, hand: Reader) -> None:
    tagged(here, 2)
    counted = Counted(here)
    Count.objects.filter(pk=counted.id).update(started_at=timezone.now() - timedelta(hours=1))
    reads(hand, TAGS[0], ago=600)
    reads(hand, TAGS[1])
    asked = {"actor": here.keeper, "count_id": counted.id, "reader_id": hand.pk}
    late = look_at_batch(**asked, since=timezone.now() - timedelta(minutes=5), place_id=here.h.bin.pk)
    assert [each.meaning.scan for each in late.heard] == [TAGS[1]]
    assert verdicts(late.heard) == ["shelf"]
    assert len(look_at_batch(**asked).heard) == 2


def test_a_recount_takes_only_what_was_read_after_the_close(here: Site, hand: Reader) -> None:
    tagged(here, 2)
    counted = Counted(here)
    reads(hand, TAGS[0], ago=0)
    count_batch(actor=here.keeper, count_id=counted.id, reader_id=hand.pk)
    counted.close()
    recount(actor=here.keeper, key=unique("k"), count_id=counted.id)
    asked = {"actor": here.actor(here.second), "count_id": counted.id, "reader_id": hand.pk}
    assert look_at_batch(**asked).heard == []
    reads(hand, TAGS[1])
    assert verdicts(count_batch(**asked)) == ["right"]
    refused("recount_by_counter", look_at_batch, **{**asked, "actor": here.keeper})


def test_a_blind_count_is_not_told_what_the_ledger_says(here: Site, hand: Reader) -> None:
    tagged(here, 1)
    counted = Counted(here, mode="blind")
    reads(hand, TAGS[0])
    shown = look_at_batch(actor=here.keeper, count_id=counted.id, reader_id=hand.pk)
    assert verdicts(shown.heard) == ["noted"]


def test_what_went_out_through_a_gate_and_what_is_hidden_is_not_taken(here: Site) -> None:
    gate = gate_of(here)
    start = timezone.now()
    for tag, ways in ((TAGS[0], (1, 2)), (TAGS[1], (2, 1))):
        hear(gate.pk, [Read(tag, antenna, start + timedelta(seconds=n)) for n, antenna in enumerate(ways)])
    assert [each.epc for each in batch_of(gate, since=start)] == [TAGS[0]]
    refused("too_many_tags", batch_of, gate, since=start, most=1)
    assert [each.pk for each in readers_around(here.keeper, here.h.bin.path)] == [gate.pk]
    counted = Counted(here)
    with pytest.raises(NotFound):
        count_batch(actor=here.ward, count_id=counted.id, reader_id=gate.pk)


def test_what_a_reader_of_another_store_reads_is_not_of_this_count(here: Site, hand: Reader) -> None:
    Reader.objects.filter(pk=hand.pk).update(place=place(Kind.STORE, here.h.campus))
    counted = Counted(here)
    for batch in (look_at_batch, count_batch):
        with pytest.raises(NotFound):
            batch(actor=here.keeper, count_id=counted.id, reader_id=hand.pk)


def test_one_tag_costs_what_fifty_cost(here: Site, hand: Reader) -> None:
    tagged(here, 51)
    counted = Counted(here)
    asked = {"actor": here.keeper, "count_id": counted.id, "reader_id": hand.pk}
    costs = []
    for tags in (TAGS[:1], TAGS[1:51]):
        reads(hand, *tags)
        for act in (look_at_batch, count_batch):
            with CaptureQueriesContext(connection) as found:
                act(**asked)
            costs.append(len(found))
    assert costs[:2] == costs[2:]
