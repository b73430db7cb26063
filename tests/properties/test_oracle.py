"""The ledger against the oracle: whatever is tried in whatever order, both agree on state, levels and refusals.

A draft may be sent long after it was made, by one of two people who know nothing of each other, twice, or under a key
that named another act. YANJI_EXAMPLES asks for more examples than a build can wait for.
"""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.makers import Hospital, everything, hospital, person, place, unique
from tests.model import RULES, Act, Model, Offences, Thing
from yanji.catalog.models import Item
from yanji.ledger.api import (
    Draft,
    Line,
    LotQuantity,
    NewQuantity,
    NewUnit,
    Refused,
    Step,
    VirtualPlaces,
    correct,
    post,
    rebuild,
    unit_views,
    virtual_places,
)
from yanji.places.models import Kind, Place

EXAMPLES = int(os.environ.get("YANJI_EXAMPLES", "40"))
# Shrinking may take minutes; a build that fails says so at once.
PHASES = tuple(Phase) if "YANJI_EXAMPLES" in os.environ else (Phase.explicit, Phase.reuse, Phase.generate)
NOWHERE = 2_000_000_000
FAR, GONE = date(2099, 12, 31), date(2020, 1, 1)
SEEDS = st.integers(0, 2**32 - 1)
SELDOM = st.sampled_from([False, False, False, True])
# Taken more often than what ends a life: or few units would get far.
ONWARD = (
    "accept put_away reserve unreserve pick unpick issue take_in set_out set_back use give_back restock release ship arrive"
).split()
AT_THE_WARD = ("take_in", "set_out", "use")
LATEST = 600  # the minute that it is now; acts happen in the ten hours before


def offences_of(refused: Refused, names: set[str]) -> Offences:
    """What was refused, with only such names as the model knows."""
    return {(offence.code, offence.thing if offence.thing in names else "") for offence in refused.offences}


def usual_places(house: Hospital, virtual: VirtualPlaces) -> dict[str, int]:
    """Where each step takes things when nothing is wrong."""
    return {
        "receive": house.store.pk,
        "put_away": house.bin.pk,
        "issue": virtual.transit,
        "take_in": house.cabinet.pk,
        "use": virtual.patient,
        "give_back": house.store.pk,
        "send_back": virtual.supplier,
        "lose": virtual.lost,
        "find": house.store.pk,
        "scrap": virtual.scrap,
        "reject": house.other_bin.pk,
        "hold": house.other_bin.pk,
        "set_out": house.cabinet.pk,
        "set_back": house.cabinet.pk,
        "ship": virtual.transit,
        "arrive": house.store.pk,
        "lend": house.department.pk,
        "move": house.other_bin.pk,
        "hand_back": virtual.supplier,
        "waste": virtual.scrap,
        "explant": house.department.pk,
        "hand_on": virtual.patient,
        "consume": virtual.consumed,
    }


def as_modelled(one: Place) -> tuple[str, tuple[int, ...], str]:
    """A place as the model knows it: kind, the ids on its path, temperature class."""
    return str(one.kind), tuple(int(part) for part in one.path.strip("/").split("/")), one.temperature_class


class Ledger(RuleBasedStateMachine):
    """One hospital of its own an example, committed; the model beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.house = house = hospital()
        cold = place(Kind.CABINET, house.department, temperature_class="refrigerated")
        closed = place(Kind.BIN, house.store, active=False)
        self.lot_item = Item.objects.create(
            code=unique("LOT"), name_zh="缝线", tracking="lot", temperature_class="room"
        )
        virtual = virtual_places()
        nurse = person()
        self.actors = {1: house.actor, 2: everything(house.department, nurse)}
        self.witness = person().pk
        self.start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=LATEST)
        known = [
            *(house.store, house.bin, house.other_bin, house.department, house.cabinet, house.campus),
            *(cold, closed),
            *Place.objects.filter(
                pk__in=[
                    *(virtual.supplier, virtual.patient, virtual.transit),
                    *(virtual.scrap, virtual.lost, virtual.consumed),
                ]
            ),
        ]
        self.choices = [*(one.pk for one in known), NOWHERE]
        self.usual = usual_places(house, virtual)
        self.model = Model(
            places={one.pk: as_modelled(one) for one in known},
            rights={1: {house.campus.pk}, 2: {house.department.pk}},
            supplier=virtual.supplier,
            now=LATEST,
            closed={closed.pk},
        )
        self.ids: dict[str, int] = {}  # the model's lots
        self.event_ids: list[str] = []  # by the model's number
        self.made: list[Act] = []
        self.waiting: list[Act] = []

    # Drafts. Hypothesis draws the order of what happens, and a number from which each act's details follow: its own
    # draws lean towards the simple, and would seldom bring a unit further than the dock.

    def _to(self, step: str, chance: Random) -> int | None:
        if RULES[step][3] is None:
            return None if chance.random() < 0.97 else self.usual["hold"]
        if "stay" in RULES[step][5] and chance.random() < 0.5:
            return None
        return self.usual[step] if chance.random() < 0.85 else chance.choice(self.choices)

    def _step(self, status: str | None, chance: Random) -> str:
        """Mostly a step that the status allows; now and then any."""
        fit = [step for step, row in RULES.items() if (status or "new") in row[0].split()]
        onward = [step for step in fit if step in ONWARD]
        return chance.choice([*fit, *onward * 5] if fit and chance.random() < 0.9 else sorted(RULES))

    def _act(self, step: str, things: tuple[Thing, ...], chance: Random) -> Act:
        """An act with nothing wrong but by chance, and then seldom more than one thing."""
        minute = chance.choice([LATEST, LATEST, 300, 60])
        act = Act(
            step=step,
            key=unique("key"),
            minute=minute,
            actor=1,
            things=things,
            to=self._to(step, chance),
            witness=3 if step == "scrap" else None,
            requisition=chance.choice(["", "", "R1", "R2"]),
            until=minute + chance.choice([1, 400]) if step == "reserve" else None,
        )
        for name, other in {
            "key": "",
            "minute": LATEST + 60,
            "actor": 2,
            "claimed": chance.choice([self.house.store.pk, self.house.campus.pk, self.house.cabinet.pk]),
            "reason": False,
            "witness": chance.choice([None, 1]),
            "patient": False,
            "things": (),
        }.items():
            if chance.random() < 0.02:
                act = replace(act, **{name: other})
        return replace(act, actor=2) if step in AT_THE_WARD and chance.random() < 0.3 else act

    def _draft(self, act: Act) -> Draft:
        documents = {"requisition": act.requisition} if act.requisition and act.step != "reserve" else {}
        if act.patient:
            documents |= {"case": "C1", "patient": "P1"}
        return Draft(
            step=Step(act.step),
            key=act.key,
            happened_at=self.start + timedelta(minutes=act.minute),
            lines=tuple(Line(self._thing(thing), act.to, act.claimed) for thing in act.things),
            documents=documents,
            reason="reason" if act.reason else "",
            note=act.note,
            witness_id={None: None, 3: self.witness, 1: self.actors[1].person_id}[act.witness],
            until=None if act.until is None else self.start + timedelta(minutes=act.until),
            reserved_for=act.requisition if act.step == "reserve" else "",
        )

    def _thing(self, thing: Thing) -> Any:
        if thing.kind == "known":
            return thing.name
        if thing.kind == "new":
            return NewUnit(
                epc=thing.name,
                item_id=self.house.item.pk,
                serial=thing.name,
                lot="L1" if thing.fresh else "L2",
                expiry=FAR if thing.fresh else GONE,
                supplier_id=self.house.supplier.pk,
                owner_id=self.house.supplier.pk if thing.owned else None,
                cost=Decimal("1.25"),
            )
        if thing.kind == "new_lot":
            number = thing.name.removeprefix("lot ")
            return NewQuantity(self.lot_item.pk, Decimal(thing.quantity), number, FAR, cost=Decimal("0.37"))
        return LotQuantity(self.ids.get(thing.name, NOWHERE), Decimal(thing.quantity), thing.source)

    def _send(self, act: Act) -> None:
        """Post for real and in the model, and compare what came of it."""
        names = {self._real_name(thing) for thing in act.things}
        before = len(self.model.events)
        wanted = self.model.post(act)
        try:
            got: str | Offences = post(self._draft(act), actor=self.actors[act.actor]).event_id
        except Refused as refused:
            got = offences_of(refused, names)
        self._compare(wanted, got, {thing.name: self._real_name(thing) for thing in act.things}, before)
        self._learn_lots(act)

    def _compare(
        self, wanted: int | Offences, got: str | Offences, names: dict[str, str], before: int
    ) -> None:
        if isinstance(wanted, int):
            assert isinstance(got, str), f"the model does it, the ledger refuses: {got}"
            if wanted == before:
                self.event_ids.append(got)
            assert self.event_ids[wanted] == got
        else:
            assert got == {(code, names.get(thing, thing)) for code, thing in wanted}

    def _real_name(self, thing: Thing) -> str:
        if thing.kind == "lot":
            return f"lot {self.ids.get(thing.name, NOWHERE)}"
        if thing.kind == "new_lot":
            return f"item {self.lot_item.pk} {thing.name.removeprefix('lot ')}"
        return thing.name

    def _learn_lots(self, act: Act) -> None:
        for thing in act.things:
            if thing.kind == "new_lot" and thing.name not in self.ids:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT id FROM ledger_lot WHERE item_id = %s AND number = %s",
                        [self.lot_item.pk, thing.name.removeprefix("lot ")],
                    )
                    if row := cursor.fetchone():
                        self.ids[thing.name] = row[0]

    # What can happen

    @initialize(seed=SEEDS)
    def a_stock_to_begin_with(self, seed: int) -> None:
        """Units that have gone some way, each its own, and a lot."""
        chance = Random(seed)
        things = tuple(
            Thing("new", unique("8004/690"), fresh=number > 0, owned=number > 4) for number in range(8)
        )
        self._try(Act("receive", unique("key"), 60, 1, things, self.usual["receive"]))
        things = tuple(Thing("known", thing.name) for thing in things)
        self._try(Act("accept", unique("key"), 60, 1, things[1:]))
        for thing in things:
            for _ in range(chance.randrange(5)):
                step = self._step(self.model.units[thing.name]["status"], chance)
                self._try(self._act(step, (thing,), chance))
        self._try(
            Act("receive", unique("key"), 60, 1, (Thing("new_lot", "lot A", 20),), self.usual["receive"])
        )

    @rule(seed=SEEDS, wait=SELDOM)
    def something_new(self, seed: int, wait: bool) -> None:
        chance = Random(seed)
        fresh = chance.random() < 0.8
        owned = chance.random() < 0.3
        things = tuple(
            Thing("new", unique("8004/690"), fresh=fresh, owned=owned) for _ in range(chance.randint(1, 3))
        )
        again = things[: chance.random() < 0.05]
        self._try(self._act(self._step(None, chance), things + again, chance), wait=wait)

    @precondition(lambda self: self.model.units)
    @rule(seed=SEEDS, wait=SELDOM)
    def something_known(self, seed: int, wait: bool) -> None:
        chance, units = Random(seed), self.model.units
        first = chance.choice(sorted(units))
        likewise = [name for name in sorted(units) if units[name]["status"] == units[first]["status"]]
        likewise.remove(first)
        more = chance.sample(likewise, min(len(likewise), chance.randrange(3)))
        more += [chance.choice([first, "8004/nobody", *sorted(units)])] * (chance.random() < 0.05)
        kind = "new" if chance.random() < 0.1 else "known"
        owned = chance.random() < 0.5
        things = tuple(
            Thing(kind, name, fresh=chance.random() < 0.5, owned=owned and kind == "new")
            for name in (first, *more)
        )
        self._try(self._act(self._step(units[first]["status"], chance), things, chance), wait=wait)

    @rule(seed=SEEDS)
    def a_new_quantity(self, seed: int) -> None:
        chance = Random(seed)
        step = chance.choice(["receive", "receive", "announce", "pick"])
        thing = Thing("new_lot", f"lot {chance.choice('AB')}", chance.randint(1, 9))
        self._try(self._act(step, (thing,), chance))

    @precondition(lambda self: self.ids)
    @rule(seed=SEEDS, wait=SELDOM)
    def a_quantity(self, seed: int, wait: bool) -> None:
        chance = Random(seed)
        ends = sorted(end for end, left in self.model.lots.items() if end[0] in self.ids and left) or [
            ("lot A", 0, "used")
        ]
        name, source, status = chance.choice(ends)
        things = tuple(Thing("lot", name, chance.randint(1, 6), source) for _ in range(chance.randint(1, 2)))
        self._try(self._act(self._step(status, chance), things, chance), wait=wait)

    def _try(self, act: Act, *, wait: bool = False) -> None:
        if wait:
            self.waiting.append(act)
        else:
            self.made.append(act)
            self._send(act)

    @precondition(lambda self: self.waiting)
    @rule(seed=SEEDS)
    def a_stale_draft(self, seed: int) -> None:
        """Made when the world was another; perhaps not the oldest one first."""
        self._try(self.waiting.pop(Random(seed).randrange(len(self.waiting))))

    @precondition(lambda self: self.made)
    @rule(seed=SEEDS)
    def once_more(self, seed: int) -> None:
        self._send(Random(seed).choice(self.made))

    @precondition(lambda self: self.made)
    @rule(seed=SEEDS)
    def another_act_under_an_old_key(self, seed: int) -> None:
        self._send(replace(Random(seed).choice(self.made), note="another"))

    @precondition(lambda self: self.model.events)
    @rule(seed=SEEDS)
    def a_correction(self, seed: int) -> None:
        chance, events = Random(seed), self.model.events
        standing = [
            n for n, entry in enumerate(events) if entry["step"] != "correct" and not entry["corrected"]
        ]
        # Mostly of the last that stand, so that chains are taken back one by one; now and then any.
        recent = standing[-8:] if chance.random() < 0.8 else []
        event = chance.choice(recent or range(len(events)))
        reason, actor = chance.random() < 0.95, chance.choice([1, 1, 1, 2])
        old = [key for key, (name, _) in self.model.keys.items() if isinstance(name, str)]
        key = chance.choice(old) if old and chance.random() < 0.1 else unique("correct")
        before = len(events)
        names = {move["thing"].name for move in events[event]["moves"]}
        wanted = self.model.correct(event, key, actor, LATEST, reason=reason)
        try:
            got: str | Offences = correct(
                self.event_ids[event],
                key=key,
                reason="wrong" if reason else "",
                actor=self.actors[actor],
                happened_at=self.start + timedelta(minutes=LATEST),
            ).event_id
        except Refused as refused:
            got = offences_of(refused, names)
        self._compare(wanted, got, {}, before)

    # What must always hold

    @invariant()
    def units_agree(self) -> None:
        views = unit_views(list(self.model.units))
        for name, unit in self.model.units.items():
            view = views[name]
            until = None if unit["until"] is None else self.start + timedelta(minutes=unit["until"])
            wanted = (unit["status"], unit["place"], unit["seq"], unit["for"], until)
            assert (view.status, view.place_id, view.seq, view.reserved_for, view.reserved_until) == wanted
            assert (view.owner_id is not None) == unit["owned"]
            assert view.custodian_id == (unit["hand"] and self.actors[unit["hand"]].person_id)
            assert (view.lot, view.expiry) == (("L1", FAR) if unit["fresh"] else ("L2", GONE))

    @invariant()
    def levels_agree(self) -> None:
        """Also invariant 1: the levels are the units and the quantities, no more and no less."""
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT le.place_id, le.status, sum(le.quantity) FROM ledger_level le
                     JOIN ledger_lot lo ON lo.id = le.lot_id
                    WHERE lo.item_id = ANY (%s) AND le.quantity > 0 GROUP BY 1, 2""",
                [[self.house.item.pk, self.lot_item.pk]],
            )
            found = {(row[0], row[1]): int(row[2]) for row in cursor.fetchall()}
        assert found == self.model.levels()

    def teardown(self) -> None:
        """Invariants 1 to 4 over the whole database: history gives the current state, no gap, one active use."""
        assert rebuild() == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_ledger_agrees_with_the_oracle() -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            phases=PHASES,
        ),
    )
