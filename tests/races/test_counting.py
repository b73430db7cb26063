"""A count and what happens to it at the same moment: scans and entries, scans and the closing, two closings, two postings.
Beside each race stands its control, in which the guard is taken away."""

import threading
from typing import Any

import pytest

from tests.flows.site import Site, site
from tests.makers import unique
from tests.patience import PATIENCE
from tests.races.crowd import at_once, codes
from yanji.flows.counting import count as counting
from yanji.flows.counting import scan as scanning
from yanji.flows.counting.count import close_count, decide_variances, start_count, submit_count
from yanji.flows.counting.gate import count_for
from yanji.flows.counting.models import Count, CountScan, Variance
from yanji.flows.counting.scan import Read, record
from yanji.ledger.api import Step, life_line, rebuild
from yanji.ledger.models import Movement

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROUNDS = 6


class Store:
    """A store with a few units, one count at a time."""

    def __init__(self, units: int = 1) -> None:
        self.here: Site = site()
        self.actor = self.here.keeper
        self.epcs = self.here.stocked(units)
        self.begin()

    def begin(self) -> None:
        self.count = start_count(actor=self.actor, key=unique("k"), place_id=self.here.h.store.pk).id

    def scan(self, epc: str) -> str:
        [heard] = record(actor=self.actor, count_id=self.count, reads=[Read(epc, unique("scan"))])
        return heard.verdict

    def close(self) -> Any:
        return close_count(actor=self.actor, key=unique("k"), count_id=self.count)

    def submit(self) -> Any:
        return submit_count(actor=self.actor, key=unique("k"), count_id=self.count)

    def variances(self) -> list[str]:
        return list(Variance.objects.filter(count_id=self.count).values_list("kind", flat=True))


def test_a_scan_while_the_unit_leaves_the_store() -> None:
    """Whoever came first: what was seen before it left is right, and both are done."""
    store = Store(ROUNDS)
    h = store.here.h
    for epc in store.epcs:
        results = at_once(lambda epc=epc: store.scan(epc), lambda epc=epc: h.do(Step.LEND, epc))
        assert codes(results) == ["done", "done"]
    store.close()
    for epc in store.epcs:
        left = life_line(epc)[-1].happened_at
        seen = CountScan.objects.get(count_id=store.count, epc=epc).seen_at
        found = Variance.objects.filter(count_id=store.count, unit__epc=epc)
        assert found.exists() == (seen >= left)
    assert rebuild() == []


def test_many_count_at_once_and_nothing_is_lost() -> None:
    store = Store(12)
    thirds = [store.epcs[start::3] for start in range(3)]
    results = at_once(*(lambda part=part: [store.scan(epc) for epc in part] for part in thirds))
    assert codes(results) == ["done"] * 3
    store.close()
    assert store.variances() == []


def scanned_while_closing(
    store: Store, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> tuple[list[str], list[str]]:
    """How a scan ends that is let in before the count is closed and kept after it, and how the closing ends; and the
    variances. The scan waits for the closing, but not for ever: where there is a lock the closing waits for the scan.
    """
    let_in, closed = threading.Event(), threading.Event()
    keep = scanning._Keeping.keep

    def slowly(self: Any, *given: Any) -> Any:
        let_in.set()
        closed.wait(seconds)
        return keep(self, *given)

    def close() -> Any:
        assert let_in.wait(PATIENCE)
        done = store.close()
        closed.set()
        return done

    with monkeypatch.context() as patched:
        patched.setattr(scanning._Keeping, "keep", slowly)
        results = at_once(lambda: store.scan(store.epcs[0]), close)
    return codes(results), store.variances()


def test_who_closes_waits_for_the_scans_that_were_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, found = scanned_while_closing(Store(), monkeypatch, seconds=0.5)
    assert (ended, found) == (["done", "done"], [])


def test_control_without_the_lock_a_scan_comes_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "shared", lambda actor, count_id: count_for(actor, count_id, may="count"))
    ended, found = scanned_while_closing(Store(), monkeypatch, seconds=PATIENCE)
    assert (ended, found) == (["done", "done"], ["missing"])


def test_two_closings_at_once_close_it_once() -> None:
    store = Store(3)
    assert codes(at_once(store.close, store.close)) == ["document_closed", "done"]
    assert store.variances() == ["missing"] * 3


def without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look before either goes on."""
    looked = threading.Barrier(2)

    def unlocked(actor: Any, count_id: int, *, may: str = "view", lock: bool = False) -> Count:
        found = count_for(actor, count_id, may=may)
        looked.wait(PATIENCE)
        return found

    monkeypatch.setattr(counting, "count_for", unlocked)


def test_control_without_the_lock_both_close(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both find it open; only the database's own constraint keeps the variances from standing twice."""
    store = Store(3)
    without_the_lock(monkeypatch)
    assert codes(at_once(store.close, store.close)) == ["done", "stands_twice"]


def decide_all(store: Store) -> None:
    store.close()
    ids = list(Variance.objects.filter(count_id=store.count).values_list("pk", flat=True))
    decide_variances(
        actor=store.actor, key=unique("k"), count_id=store.count, variance_ids=ids, decision="accept", reason="missing"
    )  # fmt: skip


def test_two_postings_at_once_post_it_once() -> None:
    store = Store(2)
    decide_all(store)
    assert codes(at_once(store.submit, store.submit)) == ["counted_already", "done"]
    assert Movement.objects.filter(to_status="lost").count() == 2
    assert rebuild() == []


def test_a_posting_while_the_missing_unit_turns_up() -> None:
    """Either it is written off, or it has moved and is left alone; never both, never an error."""
    store = Store(ROUNDS)
    h = store.here.h
    for number, epc in enumerate(store.epcs):
        store.begin()
        for other in store.epcs[number + 1 :]:
            store.scan(other)
        decide_all(store)
        results = at_once(store.submit, lambda epc=epc: h.do(Step.PUT_AWAY, epc))
        outcome = Variance.objects.get(count_id=store.count, unit__epc=epc).outcome
        ended = codes(results)
        assert (outcome, ended) in (("posted", ["done", "wrong_status"]), ("overtaken", ["done", "done"]))
        if outcome == "overtaken":
            h.do(Step.LEND, epc)
    assert rebuild() == []
