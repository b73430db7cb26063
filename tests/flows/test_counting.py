"""Counts: what differs, and what must not seem to although the store works; who may decide, and what is posted once."""

import json
from collections import Counter
from contextlib import nullcontext
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.flows.site import Site, contents, soon
from tests.makers import unique
from yanji.access.gates import NotFound
from yanji.access.models import Role
from yanji.catalog.models import Item, ItemCode
from yanji.flows.attempts import Attempt
from yanji.flows.counting.count import (
    cancel_count,
    close_count,
    decide_variances,
    recount,
    start_count,
    submit_count,
)
from yanji.flows.counting.models import Count, CountedItem, CountScan, Variance
from yanji.flows.counting.scan import Heard, Read, record, take_back
from yanji.flows.issue import issue
from yanji.flows.models_approval import Approval, ApprovalRule
from yanji.flows.pick import pick
from yanji.flows.putaway import put_away
from yanji.ledger.api import LotQuantity, Refused, Step, rebuild, unit_view
from yanji.ledger.models import Level, Movement


class Counted:
    """A count of the store and what is done in it, in few words."""

    def __init__(self, here: Site, **limits: Any) -> None:
        self.here = here
        place = limits.pop("place_id", here.h.store.pk)
        self.id = start_count(actor=here.keeper, key=unique("k"), place_id=place, **limits).id

    def scan(self, *scans: str, who: Any = None, how: str = "scan", **fields: Any) -> list[Heard]:
        reads = [Read(scan, unique("scan"), **fields) for scan in scans]
        return record(actor=who or self.here.keeper, count_id=self.id, reads=reads, how=how)

    def close(self) -> dict[str, int]:
        done = close_count(actor=self.here.keeper, key=unique("k"), count_id=self.id)
        return dict(done.facts)

    def found(self) -> list[Variance]:
        count = Count.objects.get(pk=self.id)
        return list(count.variances.filter(round=count.round).order_by("pk"))

    def decide(
        self,
        *variances: Variance,
        decision: str = "accept",
        reason: str = "missing",
        note: str = "",
        **more: Any,
    ) -> None:
        ids = [each.pk for each in variances or self.found()]
        decide_variances(
            actor=self.here.keeper, key=unique("k"), count_id=self.id, variance_ids=ids, decision=decision,
            reason=reason if decision == "accept" else "", note=note, **more,
        )  # fmt: skip

    def submit(self, who: Any = None) -> Any:
        return submit_count(actor=who or self.here.keeper, key=unique("k"), count_id=self.id)


LOT_GTIN, LOT_EXPIRY = "06901234500028", date(2049, 1, 1)


def lot_of(here: Site, pieces: int) -> int:
    """Pieces of a lot whose label can be scanned; the lot's id."""
    ItemCode.objects.get_or_create(issuer="GS1", code=LOT_GTIN, defaults={"item": here.counted})
    return here.stocked_lot(pieces, expiry=LOT_EXPIRY)


LOT_LABEL = f"]d201{LOT_GTIN}17{LOT_EXPIRY:%y%m%d}10B1"


def refused(code: str, act: Any, *args: Any, **kwargs: Any) -> Refused:
    """The act is refused for this reason and leaves nothing behind."""
    before = contents()
    # Inside a test's own transaction a refused act would leave its key behind; outside it must clean up by itself.
    outer = transaction.atomic() if connection.in_atomic_block else nullcontext()
    with pytest.raises(Refused) as caught, outer:
        act(*args, **kwargs)
    assert caught.value.code == code
    assert contents() == before
    return caught.value


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


def test_quantities_of_lots(here: Site) -> None:
    h = here.h
    lot = lot_of(here, 10)
    put_away(
        actor=here.keeper,
        key=unique("k"),
        things=[LotQuantity(lot, Decimal(4), h.store.pk)],
        to_place_id=h.bin.pk,
    )
    count = Counted(here)
    count.scan(LOT_LABEL, quantity=3, place_id=h.bin.pk)
    count.scan(LOT_LABEL, quantity=5, place_id=h.other_bin.pk)
    assert count.close() == {"lot_over": 1, "lot_short": 2}
    count.decide()
    done = count.submit()
    assert done.state == "posted"
    there = dict(Level.objects.filter(lot_id=lot, quantity__gt=0).values_list("place_id", "quantity"))
    # 4 in the bin of which 3 were seen, 6 in the store of which none, 5 on a shelf where none were: 5 moved, 2 lost.
    assert sum(there.values()) == 10
    assert (there[h.bin.pk], there[h.other_bin.pk]) == (3, 5)
    assert rebuild() == []


def test_pieces_taken_while_a_lot_is_counted_are_no_variance(here: Site) -> None:
    h = here.h
    lot = lot_of(here, 10)
    count = Counted(here)
    count.scan(LOT_LABEL, quantity=6)
    h.do(Step.PUT_AWAY, LotQuantity(lot, Decimal(3), h.store.pk), to=h.cabinet)
    count.scan(LOT_LABEL, quantity=1)
    assert count.close() == {}


def test_more_than_was_ever_lost_cannot_be_posted(here: Site) -> None:
    lot = lot_of(here, 2)
    count = Counted(here)
    count.scan(LOT_LABEL, quantity=5)
    assert count.close() == {"lot_over": 1}
    count.decide()
    assert count.submit().facts["task"] == 1
    assert Level.objects.get(lot_id=lot, status="available").quantity == 2


def test_an_undo_and_another_quantity_leave_the_rows_that_they_replace(here: Site) -> None:
    [epc] = here.stocked(1)
    lot_of(here, 10)
    count = Counted(here)
    count.scan(epc)
    taken = take_back(actor=here.keeper, count_id=count.id, key="u1")
    assert taken is not None
    assert taken.epc == epc
    again = take_back(actor=here.keeper, count_id=count.id, key="u1")
    assert again is not None
    assert again.pk == taken.pk
    assert take_back(actor=here.keeper, count_id=count.id, key="u2") is None
    [heard] = count.scan(LOT_LABEL)
    take_back(actor=here.keeper, count_id=count.id, key="q1", scan_id=heard.scan_id, quantity=10)
    assert CountScan.objects.filter(count_id=count.id).count() == 4
    assert count.close() == {"missing": 1}
    with pytest.raises(DatabaseError), transaction.atomic():
        CountScan.objects.filter(count_id=count.id).update(quantity=3)


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
    from yanji.ledger.models import Alias, Unit

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
    refused("shelf_not_counted", count.scan, h.cabinet.code)


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


def test_only_an_allowed_person_counts(here: Site) -> None:
    count = Counted(here)
    for act in (close_count, submit_count, cancel_count, recount):
        with pytest.raises(Refused) as caught:
            act(actor=here.purchasing, key=unique("k"), count_id=count.id)
        assert caught.value.code == "not_yours"
    with pytest.raises(NotFound):
        record(actor=here.ward, count_id=count.id, reads=[Read("x", "k")])
    refused("not_yours", start_count, actor=here.purchasing, key=unique("k"), place_id=here.h.store.pk)


def test_a_count_is_posted_once(committed: Site) -> None:
    committed.stocked(1)
    count = Counted(committed)
    count.close()
    refused("count_undecided", count.submit)
    count.decide()
    count.submit()
    moved = Movement.objects.count()
    refused("counted_already", count.submit)
    refused("document_closed", count.close)
    assert Movement.objects.count() == moved
    assert Attempt.objects.filter(code="counted_already").count() == 1


def _rule(here: Site, amount: int) -> Any:
    from tests.flows.site import person

    approver = person("approver", here.h.campus)
    ApprovalRule.objects.create(
        kind="count", place=here.h.campus, role=Role.objects.get(code="approver"), from_amount=amount,
        edited_by=here.storekeeper,
    )  # fmt: skip
    return approver


def test_large_differences_wait_for_approval(committed: Site) -> None:
    from yanji.flows.approval import decide

    here = committed
    boss = _rule(here, 150)
    epcs = here.stocked(2)
    count = Counted(here)
    count.close()
    count.decide()
    done = count.submit()
    assert done.state == "awaiting"
    assert unit_view(epcs[0]).status == "available"
    [step] = Approval.objects.filter(kind="count", document_id=count.id)
    assert step.amount == Decimal(200)
    decide(actor=here.actor(boss), key=unique("k"), approval_id=step.pk, approve=False, comment="Look again")
    assert Count.objects.get(pk=count.id).state == "counted"
    count.submit()
    step = Approval.objects.filter(kind="count", document_id=count.id).latest("pk")
    decide(actor=here.actor(boss), key=unique("k"), approval_id=step.pk, approve=True)
    assert Count.objects.get(pk=count.id).state == "posted"
    assert {unit_view(epc).status for epc in epcs} == {"lost"}
    event = Movement.objects.filter(unit__epc=epcs[0]).latest("seq").event
    assert event.actor_id == here.storekeeper.pk


def test_who_counted_does_not_approve(committed: Site) -> None:
    from tests.flows.site import person
    from yanji.access.models import Grant
    from yanji.flows.approval import decide, waiting_for

    here = committed
    boss = _rule(here, 0)
    Grant.objects.create(person=boss, role=Role.objects.get(code="storekeeper"), place=here.h.campus)
    here.stocked(1)
    count = Counted(here)
    count.scan("junk-1234567", who=here.actor(boss))
    count.close()
    missing = [each for each in count.found() if each.kind == "missing"]
    count.decide(*missing)
    count.decide(
        *[each for each in count.found() if each.kind == "unknown"], decision="explain", note="A poster"
    )
    count.submit()
    [step] = Approval.objects.filter(kind="count", document_id=count.id)
    refused(
        "approval_by_participant",
        decide,
        actor=here.actor(boss),
        key=unique("k"),
        approval_id=step.pk,
        approve=True,
    )
    assert waiting_for(here.actor(boss)) == []
    assert [each.pk for each in waiting_for(here.actor(person("approver", here.h.campus)))] == [step.pk]
    assert Attempt.objects.filter(code="approval_by_participant").exists()


def test_a_cancelled_count_posts_nothing(here: Site) -> None:
    here.stocked(1)
    count = Counted(here)
    count.close()
    assert cancel_count(actor=here.keeper, key=unique("k"), count_id=count.id).state == "cancelled"
    refused("document_closed", count.submit)


def test_a_device_with_a_wrong_clock_is_asked_to_mend_it(here: Site) -> None:
    count = Counted(here)
    refused("seen_at_odd", count.scan, "x", seen_at=timezone.now() + timedelta(hours=2))


def test_a_box_speaks_for_what_is_in_it(here: Site) -> None:
    from yanji.flows.packing.pack import pack as pack_box

    epcs = here.stocked(3)
    box = pack_box(actor=here.keeper, key=unique("k"), place_id=here.h.store.pk, kind="box", things=epcs)
    count = Counted(here)
    [heard] = count.scan(box.facts["code"])
    assert heard.quantity == 3
    assert [each.verdict for each in count.scan(epcs[0])] == ["twice"]
    assert count.close() == {}


BUDGET = json.loads((Path(__file__).parents[1] / "budgets" / "counting.json").read_text())


def spent_on(here: Site, count: int) -> dict[str, int]:
    """Statements of each act of a count in which half of ``count`` units is missing and one lies on another shelf."""
    spent: dict[str, int] = {}

    def measure(name: str, act: Any) -> Any:
        with CaptureQueriesContext(connection) as found:
            result = act()
        spent[name] = sum("SAVEPOINT" not in str(query["sql"]) for query in found.captured_queries)
        return result

    epcs = here.stocked(2 * count)
    counted = measure("start", lambda: Counted(here))
    measure("scan", lambda: counted.scan(*epcs[:count]))
    counted.scan(epcs[0], place_id=here.h.bin.pk)
    measure("undo", lambda: take_back(actor=here.keeper, count_id=counted.id, key=unique("u")))
    counted.scan(epcs[0], place_id=here.h.bin.pk)
    measure("close", counted.close)
    measure("decide", counted.decide)
    measure("submit", counted.submit)
    return spent


@pytest.mark.slow
def test_a_hundred_units_are_counted_with_as_many_statements_as_one(committed: Site) -> None:
    spent_on(committed, 1)  # warms what is looked up once a process
    one, hundred = spent_on(committed, 1), spent_on(committed, 100)
    assert one == hundred
    assert one == BUDGET, f"statements changed: write {json.dumps(one)} if that is meant"


def consigned(here: Site, count: int) -> list[str]:
    """Units in the store that belong to the supplier."""
    units = [here.h.unit(owner_id=here.h.supplier.pk) for _ in range(count)]
    here.h.do(Step.RECEIVE, *units)
    here.h.do(Step.ACCEPT, *[unit.epc for unit in units])
    return [unit.epc for unit in units]


def test_missing_consigned_goods_stay_the_suppliers_unless_the_title_passes(here: Site) -> None:
    from yanji.flows.consign.agreements import save_agreement
    from yanji.flows.consign.models import Payable
    from yanji.flows.counting.queries import missing_of_suppliers

    told, bought = consigned(here, 2)
    count = Counted(here)
    assert count.close() == {"missing": 2}
    [owner] = missing_of_suppliers(Count.objects.get(pk=count.id))
    assert (owner.name, owner.pieces, sorted(owner.codes)) == (
        here.h.supplier.name,
        2,
        sorted([told, bought]),
    )
    by_code = {each.code: each for each in count.found()}
    count.decide(by_code[told])
    count.decide(by_code[bought], takes_title=True)
    refused("no_contract", count.submit)
    save_agreement(
        actor=here.h.actor, key=unique("k"), supplier_id=here.h.supplier.pk, place_id=here.h.campus.pk,
        valid_from=date(2020, 1, 1),
    )  # fmt: skip
    done = count.submit()
    assert len(done.events) == 2
    owners = {epc: (unit_view(epc).status, unit_view(epc).owner_id) for epc in (told, bought)}
    assert owners == {told: ("lost", here.h.supplier.pk), bought: ("lost", None)}
    [debt] = Payable.objects.all()
    assert (debt.quantity, debt.price) == (1, Decimal(100))
    assert rebuild() == []
