"""Counts: what is scanned, what differs, and what must not seem to although the store works."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from tests.flows.counting import LOT_LABEL, Counted, lot_of, refused
from tests.flows.site import Site, soon
from tests.makers import unique
from yanji.catalog.models import Item
from yanji.flows.counting.count import recount
from yanji.flows.counting.models import Count, CountedItem, CountScan
from yanji.flows.counting.queries import summaries
from yanji.flows.counting.scan import Read, record
from yanji.flows.issue import issue
from yanji.flows.packing.pack import pack as pack_box
from yanji.flows.pick import pick
from yanji.flows.putaway import put_away
from yanji.ledger.api import Step, rebuild, unit_view
from yanji.ledger.models import Alias, Unit
from yanji.places.models import Place


def test_what_is_where_the_ledger_says_is_no_variance(here: Site) -> None:
    epcs = here.stocked(3)
    count = Counted(here)
    assert [heard.verdict for heard in count.scan(*epcs)] == ["right"] * 3
    assert count.close() == {}
    done = count.submit()
    assert (done.state, done.events) == ("posted", ())
    [item] = CountedItem.objects.filter(count_id=count.id)
    assert (item.checked, item.right) == (3, 3)
    assert item.value == Decimal(300)


def test_missing_found_elsewhere_and_unknown(here: Site) -> None:
    h = here.h
    seen, missing, shelf, away, lost, used = here.stocked(6)
    put_away(actor=here.keeper, key=unique("k"), things=[shelf], to_place_id=h.bin.pk)
    h.do(Step.PUT_AWAY, away, to=h.cabinet)
    h.do(Step.LOSE, lost)
    h.do(Step.USE, used)
    count = Counted(here)
    heard = count.scan(seen)
    heard += count.scan(shelf, lost, used, "nonsense!", place_id=h.other_bin.pk)
    heard += count.scan(away, here.scan("NEVER-RECEIVED"))
    assert [each.verdict for each in heard] == [
        "right", "shelf", "found", "gone", "unknown", "elsewhere", "unknown",
    ]  # fmt: skip
    assert count.close() == {
        "missing": 1, "shelf": 1, "found": 1, "gone": 1, "unknown": 2, "elsewhere": 1,
    }  # fmt: skip
    assert {each.kind: each.undecided for each in summaries(Count.objects.get(pk=count.id))} == {
        "missing": 1, "shelf": 1, "found": 1, "gone": 0, "unknown": 0, "elsewhere": 1,
    }  # fmt: skip
    postable = [each for each in count.found() if each.kind not in ("gone", "unknown")]
    count.decide(*postable)
    others = [each for each in count.found() if each.kind in ("gone", "unknown")]
    refused("count_not_postable", count.decide, *others)
    count.decide(*others, decision="explain", note="Being looked into")
    done = count.submit()
    assert done.state == "posted"
    assert len(done.events) == 3
    states = {epc: unit_view(epc) for epc in (missing, shelf, away, lost, used)}
    assert [(view.status, view.place_id) for view in states.values()] == [
        ("lost", states[missing].place_id), ("available", h.other_bin.pk), ("available", h.store.pk),
        ("quarantined", h.other_bin.pk), ("used", states[used].place_id),
    ]  # fmt: skip
    assert Counter(each.outcome for each in count.found()) == {"posted": 4, "explained": 3}
    assert rebuild() == []


def test_the_store_works_while_it_is_counted(here: Site) -> None:
    """Issued after it was counted, issued before it was counted, moved, received: none of it is a variance."""
    h = here.h
    counted, gone, moved, still = here.stocked(4)
    count = Counted(here)
    count.scan(counted)
    wanted = here.requisition((h.item, 2))
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=[counted, gone])
    issue(actor=here.keeper, key=unique("k"), requisition_id=wanted.id)
    put_away(actor=here.keeper, key=unique("k"), things=[moved], to_place_id=h.bin.pk)
    here.stocked(2)
    count.scan(still)
    assert count.close() == {}


def test_what_is_written_on_paper_is_no_evidence(here: Site) -> None:
    [epc] = here.stocked(1)
    count = Counted(here)
    here.h.do(Step.HOLD, epc)
    assert count.close() == {"missing": 1}


def test_a_put_away_written_down_after_the_scan_is_no_variance(here: Site) -> None:
    [epc] = here.stocked(1)
    count = Counted(here)
    [heard] = count.scan(epc, place_id=here.h.bin.pk)
    assert heard.verdict == "shelf"
    put_away(actor=here.keeper, key=unique("k"), things=[epc], to_place_id=here.h.bin.pk)
    assert count.close() == {}


def test_a_missing_unit_that_moves_before_it_is_posted_is_left_alone(here: Site) -> None:
    stays, turns_up = here.stocked(2)
    count = Counted(here)
    assert count.close() == {"missing": 2}
    count.decide()
    put_away(actor=here.keeper, key=unique("k"), things=[turns_up], to_place_id=here.h.bin.pk)
    done = count.submit()
    assert (done.facts["posted"], done.facts["overtaken"]) == (1, 1)
    assert [unit_view(epc).status for epc in (stays, turns_up)] == ["lost", "available"]


def test_a_scan_sent_again_is_the_same_scan(here: Site) -> None:
    [epc] = here.stocked(1)
    lot = lot_of(here, 10)
    count = Counted(here)
    reads = [Read(epc, "dev-1"), Read(LOT_LABEL, "dev-2", quantity=4)]
    first = record(actor=here.keeper, count_id=count.id, reads=reads)
    again = record(actor=here.keeper, count_id=count.id, reads=reads)
    assert [each.repeated for each in again] == [True, True]
    assert [each.scan_id for each in first] == [each.scan_id for each in again]
    assert CountScan.objects.filter(count_id=count.id).count() == 2
    assert CountScan.objects.get(key="dev-2").lot_id == lot


def test_a_blind_count_tells_nothing(here: Site) -> None:
    right, lost = here.stocked(2)
    here.h.do(Step.LOSE, lost)
    count = Counted(here, mode="blind")
    assert [each.verdict for each in count.scan(right, lost)] == ["noted", "noted"]
    assert count.close() == {"found": 1}


def test_a_count_of_what_expires_soon_leaves_the_rest_alone(here: Site) -> None:
    here.stocked(1, expiry=soon(20))
    [late] = here.stocked(1, lot="L9", expiry=soon(400))
    count = Counted(here, mode="cycle", expiring_days=30)
    assert [each.verdict for each in count.scan(late)] == ["outside"]
    assert count.close() == {"missing": 1}


def test_a_count_of_some_items(here: Site) -> None:
    here.stocked(2)
    other = Item.objects.create(code=unique("I"), name_zh="球囊", family="balloon")
    count = Counted(here, mode="cycle", item_ids=[other.pk])
    assert count.close() == {}
    refused("nothing_to_count", Counted, here, family="no such family")


def test_a_sweep_reads_tags_and_counts_each_once(here: Site) -> None:
    epcs = here.stocked(2)
    Alias.objects.create(code="E2801160600002079BC0F9A1", unit=Unit.objects.get(epc=epcs[0]))
    count = Counted(here, mode="sweep")
    reads = ["E2801160600002079BC0F9A1", "E2801160600002079BC0F9A1", epcs[1], "00000000000000000000"]
    assert [each.verdict for each in count.scan(*reads, how="tag")] == ["right", "twice", "right", "unknown"]
    assert count.close() == {"unknown": 1}


def test_a_shelf_label_in_a_list_says_where_the_next_ones_lie(here: Site) -> None:
    h = here.h
    first, second = here.stocked(2)
    count = Counted(here)
    heard = count.scan(first, h.bin.code, second)
    assert [each.verdict for each in heard] == ["right", "place", "shelf"]
    assert heard[2].place_id == h.bin.pk
    Place.objects.filter(pk=h.cabinet.pk).update(name_zh="器械柜")
    [offence] = refused("shelf_not_counted", count.scan, h.cabinet.code).offences
    assert (offence.thing, offence.facts["place"]) == ("器械柜", h.store.name)


def test_the_recount_is_somebody_elses(here: Site) -> None:
    gone, hidden = here.stocked(2)
    count = Counted(here)
    count.scan("junk-1234567")
    assert count.close() == {"missing": 2, "unknown": 1}
    recount(actor=here.keeper, key=unique("k"), count_id=count.id)
    refused("recount_by_counter", count.scan, hidden)
    count.scan(hidden, who=here.actor(here.second))
    assert count.close() == {"missing": 1, "unknown": 1}
    [missing] = [each for each in count.found() if each.kind == "missing"]
    assert (missing.code, missing.confirmed) == (gone, True)


def test_a_device_with_a_wrong_clock_is_asked_to_mend_it(here: Site) -> None:
    count = Counted(here)
    refused("seen_at_odd", count.scan, "x", seen_at=timezone.now() + timedelta(hours=2))


def test_a_box_speaks_for_what_is_in_it(here: Site) -> None:
    epcs = here.stocked(3)
    box = pack_box(actor=here.keeper, key=unique("k"), place_id=here.h.store.pk, kind="box", things=epcs)
    count = Counted(here)
    [heard] = count.scan(box.facts["code"])
    assert heard.quantity == 3
    assert [each.verdict for each in count.scan(epcs[0])] == ["twice"]
    assert count.close() == {}
