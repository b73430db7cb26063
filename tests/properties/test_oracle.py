"""The ledger against the oracle: whatever is tried in whatever order, both agree on state, levels and refusals.

A draft may be sent long after it was made, by one of two people who know nothing of each other, twice, or under a key
that named another act. YANJI_EXAMPLES asks for more examples than a build can wait for.
"""

import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.makers import everything, hospital, person, place, unique
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
    correct,
    post,
    rebuild,
    unit_views,
    virtual_places,
)
from yanji.places.models import Kind, Place

EXAMPLES = int(os.environ.get("YANJI_EXAMPLES", "60"))
# Shrinking may take minutes; a build that fails says so at once.
PHASES = tuple(Phase) if "YANJI_EXAMPLES" in os.environ else (Phase.explicit, Phase.reuse, Phase.generate)
NOWHERE = 2_000_000_000
FAR, GONE = date(2099, 12, 31), date(2020, 1, 1)
LATEST = 600  # the minute that it is now; acts happen in the ten hours before


def offences_of(refused: Refused, names: set[str]) -> Offences:
    """What was refused, with only such names as the model knows."""
    return {(offence.code, offence.thing if offence.thing in names else "") for offence in refused.offences}


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
                pk__in=[virtual.supplier, virtual.patient, virtual.transit, virtual.scrap, virtual.lost]
            ),
        ]
        self.choices = [*(one.pk for one in known), NOWHERE]
        self.model = Model(
            places={
                one.pk: (
                    str(one.kind),
                    tuple(int(part) for part in one.path.strip("/").split("/")),
                    one.temperature_class,
                )
                for one in known
            },
            rights={1: {house.campus.pk}, 2: {house.department.pk}},
            supplier=virtual.supplier,
            now=LATEST,
            closed={closed.pk},
        )
        self.usual = {
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
        }
        self.ids: dict[str, int] = {}  # the model's lots
        self.event_ids: list[str] = []  # by the model's number
        self.made: list[Act] = []
        self.waiting: list[Act] = []

    # Drafts

    def _to(self, step: str, data: st.DataObject) -> int | None:
        if RULES[step][3] is None:
            return None
        usual = st.just(self.usual[step])
        return data.draw(st.one_of(usual, usual, usual, st.sampled_from(self.choices)), label="to")

    def _step(self, status: str | None, data: st.DataObject) -> str:
        """Mostly a step that the status allows; now and then any."""
        fit = [step for step, row in RULES.items() if (status or "new") in row[0].split()]
        anything = st.sampled_from(sorted(RULES))
        return data.draw(st.one_of(*[st.sampled_from(fit)] * 4, anything) if fit else anything, label="step")

    def _act(self, step: str, things: tuple[Thing, ...], data: st.DataObject) -> Act:
        rarely = st.sampled_from([True] * 9 + [False])
        minute = data.draw(st.sampled_from([LATEST, LATEST, 300, 60, LATEST + 60]), label="minute")
        claims = [None] * 6 + [self.house.store.pk, self.house.campus.pk]
        return Act(
            step=step,
            key=data.draw(st.sampled_from([unique("key")] * 19 + [""]), label="key"),
            minute=minute,
            actor=data.draw(st.sampled_from([1, 1, 1, 2]), label="actor"),
            things=things,
            to=self._to(step, data),
            claimed=data.draw(st.sampled_from(claims), label="claimed"),
            reason=data.draw(rarely, label="reason"),
            witness=data.draw(st.sampled_from([3] * 8 + [None, 1]), label="witness")
            if step == "scrap"
            else None,
            patient=data.draw(rarely, label="patient"),
            requisition=data.draw(st.sampled_from(["", "", "R1", "R2"]), label="requisition"),
            until=minute + data.draw(st.sampled_from([1, 400]), label="until") if step == "reserve" else None,
        )

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

    @rule(data=st.data(), count=st.integers(1, 3), wait=st.booleans())
    def something_new(self, data: st.DataObject, count: int, wait: bool) -> None:
        fresh = data.draw(st.sampled_from([True] * 5 + [False]), label="fresh")
        things = tuple(Thing("new", unique("8004/690"), fresh=fresh) for _ in range(count))
        again = data.draw(st.sampled_from([0, 0, 0, 1]), label="again")
        self._try(self._act(self._step(None, data), things + things[:again], data), wait=wait)

    @precondition(lambda self: self.model.units)
    @rule(data=st.data(), wait=st.sampled_from([False, False, True]))
    def something_known(self, data: st.DataObject, wait: bool) -> None:
        units = self.model.units
        first = data.draw(st.sampled_from(sorted(units)), label="unit")
        likewise = [name for name in sorted(units) if units[name]["status"] == units[first]["status"]]
        pool = st.sampled_from(likewise + sorted(units)[:1] + ["8004/nobody"] * (len(units) % 5 == 0))
        more = data.draw(st.lists(pool, max_size=2), label="more")
        kind = data.draw(st.sampled_from(["known"] * 6 + ["new"]), label="kind")
        things = tuple(Thing(kind, name) for name in (first, *more))
        self._try(self._act(self._step(units[first]["status"], data), things, data), wait=wait)

    @rule(data=st.data(), quantity=st.integers(1, 9), number=st.sampled_from("AB"))
    def a_new_quantity(self, data: st.DataObject, quantity: int, number: str) -> None:
        step = data.draw(st.sampled_from(["receive", "receive", "announce", "pick"]), label="step")
        self._try(self._act(step, (Thing("new_lot", f"lot {number}", quantity),), data))

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), wait=st.booleans())
    def a_quantity(self, data: st.DataObject, wait: bool) -> None:
        ends = sorted(end for end in self.model.lots if end[0] in self.ids)
        name, source, status = data.draw(st.sampled_from(ends), label="holding")
        quantities = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=2), label="quantities")
        things = tuple(Thing("lot", name, quantity, source) for quantity in quantities)
        self._try(self._act(self._step(status, data), things, data), wait=wait)

    def _try(self, act: Act, *, wait: bool = False) -> None:
        if wait:
            self.waiting.append(act)
        else:
            self.made.append(act)
            self._send(act)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def a_stale_draft(self, data: st.DataObject) -> None:
        """Made when the world was another; perhaps not the oldest one first."""
        act = self.waiting.pop(data.draw(st.integers(0, len(self.waiting) - 1), label="which"))
        self._try(act)

    @precondition(lambda self: self.made)
    @rule(data=st.data())
    def once_more(self, data: st.DataObject) -> None:
        self._send(data.draw(st.sampled_from(self.made), label="again"))

    @precondition(lambda self: self.made)
    @rule(data=st.data())
    def another_act_under_an_old_key(self, data: st.DataObject) -> None:
        from dataclasses import replace

        self._send(replace(data.draw(st.sampled_from(self.made), label="whose key"), note="another"))

    @precondition(lambda self: self.model.events)
    @rule(data=st.data(), reason=st.sampled_from([True] * 5 + [False]), actor=st.sampled_from([1, 1, 2]))
    def a_correction(self, data: st.DataObject, reason: bool, actor: int) -> None:
        events = self.model.events
        standing = [
            n for n, entry in enumerate(events) if entry["step"] != "correct" and not entry["corrected"]
        ]
        # Mostly the last that stands, so that chains are taken back one by one; now and then any.
        likely = [*standing[-1:] * 3, *standing[-4:], *range(len(events))[-3:], *standing[:1]]
        event = data.draw(st.sampled_from(likely), label="event")
        old = [key for key, (name, _) in self.model.keys.items() if isinstance(name, str)]
        key = data.draw(st.sampled_from([unique("correct")] * 5 + old), label="key")
        before = len(self.model.events)
        names = {move["thing"].name for move in self.model.events[event]["moves"]}
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
