"""A store that works while it is counted, against a model of what really happened: no false variance, and no true one lost.

Things are moved with a record at once, or with one that comes late; taken out for good; stolen and mislaid without any
record; reserved on paper. Between all that they are scanned, one by one, where they really lie. At the end whatever
is left is scanned, and the variances must be exactly those that the model knows.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.flows.site import Site, site
from tests.makers import place, unique
from yanji.catalog.models import ItemCode
from yanji.flows.counting import facts
from yanji.flows.counting.count import close_count, start_count
from yanji.flows.counting.models import Count
from yanji.flows.counting.scan import Read, record
from yanji.flows.putaway import put_away
from yanji.ledger.api import LotQuantity, Step
from yanji.places.models import Kind

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
UNITS, PIECES, STEPS = 6, 12, 40
OUT, STOLEN = "out", "stolen"
GTIN = "06901234500028"
LABEL = f"]d201{GTIN}1749010110B1"
ACTS = (
    "move",
    "move",
    "late",
    "record",
    "out",
    "steal",
    "mislay",
    "paper",
    "scan",
    "scan",
    "scan",
    "pieces",
    "pieces_scan",
)
Where = int | str


@dataclass
class Thing:
    """One unit: where it really is, where the ledger had it when, and where it was seen last."""

    epc: str
    really: Where
    book: list[tuple[datetime, Where]]
    pending: tuple[datetime, int] | None = None
    seen: tuple[datetime, int, bool] | None = None  # when, where, whether the ledger agreed
    touched: bool = False  # by an entry since the count began
    sealed: bool = False  # reserved on paper: no more moves

    @property
    def recorded(self) -> Where:
        return self.book[-1][1]

    def variance(self) -> str:
        """What the count must say of it."""
        if self.seen is None:
            return "missing" if self.recorded != OUT and not self.touched else ""
        at, place, _agreed = self.seen
        then = [where for moment, where in self.book if moment <= at][-1]
        later = [where for moment, where in self.book if moment > at]
        return "" if place in (then, *later) else "shelf"


@dataclass
class Store:
    """The store with two shelves, beside the model of it."""

    here: Site
    count: int = 0
    things: list[Thing] = field(default_factory=list)
    lot: int = 0
    pieces: dict[int, int] = field(default_factory=dict)
    lots_seen: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        h = self.here.h
        self.shelves = (h.bin.pk, h.other_bin.pk, place(Kind.BIN, h.store).pk)
        epcs = self.here.stocked(UNITS)
        ItemCode.objects.get_or_create(issuer="GS1", code=GTIN, defaults={"item": self.here.counted})
        self.lot = self.here.stocked_lot(PIECES, expiry=date(2049, 1, 1))
        pieces = LotQuantity(self.lot, Decimal(PIECES), h.store.pk)
        put_away(actor=self.here.keeper, key=unique("k"), things=[*epcs, pieces], to_place_id=self.shelves[0])
        self.things = [Thing(epc, self.shelves[0], [(timezone.now(), self.shelves[0])]) for epc in epcs]
        self.pieces = {self.shelves[0]: PIECES, self.shelves[1]: 0, self.shelves[2]: 0}
        self.count = start_count(actor=self.here.keeper, key=unique("k"), place_id=h.store.pk).id

    def shelf(self, thing: Thing, number: int) -> int:
        """One of the shelves where the thing is not, by the ledger nor really."""
        free = [shelf for shelf in self.shelves if shelf not in (thing.recorded, thing.really)]
        return free[number % len(free)]

    def act(self, name: str, number: int, other: int) -> None:
        thing = self.things[number % UNITS]
        getattr(self, name)(thing, other)

    # What happens to units

    def move(self, thing: Thing, other: int) -> None:
        if thing.pending or thing.sealed or thing.really in (OUT, STOLEN):
            return
        self._enter(thing, self.shelf(thing, other), timezone.now())

    def late(self, thing: Thing, other: int) -> None:
        """Moved now, written down later."""
        if thing.pending or thing.sealed or thing.really != thing.recorded:
            return
        shelf = self.shelf(thing, other)
        thing.pending, thing.really = (timezone.now(), shelf), shelf

    def record(self, thing: Thing, _other: int) -> None:
        if thing.pending:
            at, shelf = thing.pending
            thing.pending = None
            self._enter(thing, shelf, at)

    def _enter(self, thing: Thing, shelf: int, at: datetime) -> None:
        put_away(
            actor=self.here.keeper, key=unique("k"), things=[thing.epc], to_place_id=shelf, happened_at=at
        )
        thing.book.append((at, shelf))
        thing.really, thing.touched = shelf, True

    def out(self, thing: Thing, _other: int) -> None:
        """To the cabinet of a department, with a record."""
        if thing.pending or thing.sealed or thing.really in (OUT, STOLEN):
            return
        at = timezone.now()
        self.here.h.do(Step.LEND, thing.epc, happened_at=at)
        thing.book.append((at, OUT))
        thing.really, thing.touched = OUT, True

    def steal(self, thing: Thing, _other: int) -> None:
        if not thing.pending and thing.really != OUT:
            thing.really = STOLEN

    def mislay(self, thing: Thing, other: int) -> None:
        if not thing.pending and thing.really not in (OUT, STOLEN):
            thing.really = self.shelf(thing, other)

    def paper(self, thing: Thing, _other: int) -> None:
        """Reserved at a desk: nobody had it in hand."""
        if not thing.pending and not thing.sealed and thing.recorded != OUT:
            self.here.h.do(Step.RESERVE, thing.epc, until=timezone.now(), reserved_for="X")
            thing.sealed = True

    def scan(self, thing: Thing, _other: int) -> None:
        if isinstance(thing.really, int):
            self._read(thing.epc, thing.really)
            seen = (thing.really, thing.really == thing.recorded)
            # The same thing said twice is kept once.
            if thing.seen is None or thing.seen[1:] != seen:
                thing.seen = (timezone.now(), *seen)

    def _read(self, code: str, shelf: int, quantity: int | None = None) -> None:
        read = Read(code, unique("scan"), place_id=shelf, quantity=quantity)
        record(actor=self.here.keeper, count_id=self.count, reads=[read])

    # What happens to pieces of the lot

    def pieces_(self, number: int, other: int) -> None:
        source, target = self.shelves[number % 3], self.shelves[other % 3]
        much = min(self.pieces[source], 1 + number % 4)
        if source != target and much:
            line = LotQuantity(self.lot, Decimal(much), source)
            put_away(actor=self.here.keeper, key=unique("k"), things=[line], to_place_id=target)
            self.pieces[source] -= much
            self.pieces[target] += much

    def pieces_scan_(self, number: int) -> None:
        shelf = self.shelves[number % 3]
        if self.pieces[shelf] and shelf not in self.lots_seen:
            self._read(LABEL, shelf, self.pieces[shelf])
            self.lots_seen.add(shelf)

    def finish(self) -> dict[str, str]:
        """Whatever is left is written down and scanned; code -> kind of variance, as the count found them."""
        for thing in self.things:
            self.record(thing, 0)
        for thing in self.things:
            if thing.seen is None:
                self.scan(thing, 0)
        for number in range(3):
            self.pieces_scan_(number)
        close_count(actor=self.here.keeper, key=unique("k"), count_id=self.count)
        count = Count.objects.get(pk=self.count)
        return {each.code: each.kind for each in count.variances.all() if each.unit_id or each.lot_id}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(ACTS), st.integers(0, 11), st.integers(0, 11)), min_size=8, max_size=STEPS
    )
)
def test_the_variances_are_exactly_what_really_happened(db: Any, steps: list[tuple[str, int, int]]) -> None:
    found, expected = counted(steps)
    assert found == expected


def counted(steps: Sequence[tuple[str, int, int]]) -> tuple[dict[str, str], dict[str, str]]:
    """What the count found and what the model expects, after these steps in a store of their own."""
    with transaction.atomic():
        store = Store(site())
        for name, number, other in steps:
            if name == "pieces":
                store.pieces_(number, other)
            elif name == "pieces_scan":
                store.pieces_scan_(number)
            else:
                store.act(name, number, other)
        found = store.finish()
        expected = {thing.epc: kind for thing in store.things if (kind := thing.variance())}
        transaction.set_rollback(True)
    return found, expected


def _evidence_ignored(patched: pytest.MonkeyPatch) -> None:
    clause = "e.recorded_at >= %(started)s"
    assert clause in facts.MISSING
    patched.setattr(facts, "MISSING", facts.MISSING.replace(clause, f"{clause} AND false"))


def _paper_believed(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(facts, "PAPER", [])


def _judged_by_now(patched: pytest.MonkeyPatch) -> None:
    """What the ledger says when the count is closed, not when the thing was seen."""
    patched.setattr(facts, "SIGHTED", facts.SIGHTED.replace("e.happened_at <= seen.seen_at AND", ""))


def _late_entries_ignored(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(
        facts, "SIGHTED", facts.SIGHTED.replace("e.happened_at <= seen", "e.recorded_at <= seen").replace(
            "e.happened_at > seen.seen_at AND", "false AND"
        )
    )  # fmt: skip


@pytest.mark.parametrize("fault", [_evidence_ignored, _paper_believed, _judged_by_now, _late_entries_ignored])
def test_control_without_one_of_the_rules_the_count_is_wrong(
    db: Any, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None]
) -> None:
    fault(monkeypatch)
    for seed in range(60):
        chance = random.Random(seed)
        steps = [(chance.choice(ACTS), chance.randrange(12), chance.randrange(12)) for _ in range(STEPS)]
        found, expected = counted(steps)
        if found != expected:
            return
    pytest.fail("the count stayed right without its rule: the property above proves nothing")
