"""Preference cards from a table: shown before, imported once, each card whole or not at all."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.flows.site import contents, person
from tests.flows.theatre.room import Room
from tests.makers import place, unique
from yanji.access.actor import Actor
from yanji.catalog.actions import quarantine
from yanji.catalog.models import Item
from yanji.flows.theatre.card_table import SHEET
from yanji.flows.theatre.cards import Need, needs_on, retire_card, save_card
from yanji.flows.theatre.models import PreferenceCard
from yanji.places.models import Kind
from yanji.sheets import batches
from yanji.sheets.models import ImportBatch

HEAD = "科室编码,术式,术者,品种编码,数量,可替代品种编码,备注\n"


def shown(actor: Actor, rows: str) -> ImportBatch:
    return batches.preview(SHEET, actor=actor, file_name="备货卡.csv", data=(HEAD + rows).encode())


def taken(actor: Actor, batch: ImportBatch) -> ImportBatch:
    return batches.confirm(SHEET, actor=actor, batch_id=batch.pk, keep_bad=quarantine)


def wrong(batch: ImportBatch) -> dict[int, set[str]]:
    return {row["number"]: {problem["code"] for problem in row["problems"]} for row in batch.bad}


def item(**fields: Any) -> Item:
    return Item.objects.create(code=unique("IT"), name_zh="球囊", temperature_class="any", **fields)


def test_cards_are_shown_imported_and_replaced(room: Room) -> None:
    department, stent, wire, other = room.here.h.department, room.here.h.item, item(), item()
    save_card(
        actor=room.nurse, key=unique("k"), department_id=department.pk, procedure="PCI", surgeon="李主任",
        needs=[Need(other.pk, 9)],
    )  # fmt: skip
    before = contents()
    batch = shown(
        room.nurse,
        f"{department.code},PCI,李主任,{stent.code},2,{wire.code}；{other.code},先备\n"
        f"{department.code},PCI,李主任,{wire.code},1,,\n"
        f"{department.code},CAG,,{wire.code},3,,\n",
    )
    assert (len(batch.good), batch.bad) == (3, [])
    assert contents() == before
    taken(room.nurse, batch)
    cards = {
        (card.procedure, card.surgeon): card for card in PreferenceCard.objects.filter(department=department)
    }
    assert set(cards) == {("PCI", "李主任"), ("CAG", "")}
    assert cards["PCI", "李主任"].note == "先备"
    [first, second] = needs_on(cards["PCI", "李主任"])
    assert (first.item_id, first.quantity, set(first.alternatives)) == (stent.pk, 2, {wire.pk, other.pk})
    assert second == Need(wire.pk, 1)
    assert needs_on(cards["CAG", ""]) == [Need(wire.pk, 3)]


def test_a_table_without_notes_leaves_them_and_a_retired_card_stays_retired(room: Room) -> None:
    department, stent = room.here.h.department, room.here.h.item
    given = {"department_id": department.pk, "needs": [Need(stent.pk, 1)], "note": "先备"}
    kept = save_card(actor=room.nurse, key=unique("k"), procedure="PCI", **given).id
    gone = save_card(actor=room.nurse, key=unique("k"), procedure="CAG", **given).id
    retire_card(actor=room.nurse, key=unique("k"), card_id=gone)
    rows = f"{department.code},PCI,{stent.code},2\n{department.code},CAG,{stent.code},4\n"
    head = "科室编码,术式,品种编码,数量\n"
    taken(
        room.nurse, batches.preview(SHEET, actor=room.nurse, file_name="a.csv", data=(head + rows).encode())
    )
    there = PreferenceCard.objects.filter(department=department)
    assert [(card.pk, card.note) for card in there.filter(procedure="PCI", active=True)] == [(kept, "先备")]
    assert [card.pk for card in there.filter(procedure="CAG", active=False)] == [gone]
    [new] = there.filter(procedure="CAG", active=True)
    assert needs_on(new) == [Need(stent.pk, 4)]
    assert new.note == ""


def test_the_statements_do_not_grow_with_the_rows(room: Room) -> None:
    department, stent, wire = room.here.h.department, room.here.h.item, item()

    def statements(cards: int) -> int:
        rows = "".join(
            f"{department.code},OP-{cards}-{n},,{stent.code},1,{wire.code},\n" for n in range(cards)
        )
        batch = shown(room.nurse, rows)
        with CaptureQueriesContext(connection) as asked:
            taken(room.nurse, batch)
        assert PreferenceCard.objects.filter(procedure__startswith=f"OP-{cards}-").count() == cards
        return len(asked)

    assert statements(60) == statements(2)


def test_a_card_with_a_bad_row_is_left_out_whole(room: Room) -> None:
    department, stent, gone = room.here.h.department, room.here.h.item, item(active=False)
    batch = shown(
        room.nurse,
        f"{department.code},PCI,,{stent.code},2,,\n"
        f"{department.code},PCI,,NO-SUCH,1,,\n"
        f"{department.code},CAG,,{stent.code},1,{gone.code},\n"
        f"{department.code},TAVI,,{stent.code},1,{stent.code},\n"
        f"{department.code},TAVI,王,{stent.code},0,,\n"
        f"{room.here.h.store.code},PCI,,{stent.code},1,,\n"
        f"{department.code},OK,,{stent.code},1,,\n"
        f"{department.code},OK,陈,{stent.code},1,,\n"
        f"{department.code},OK,陈,{stent.code},2,,\n",
    )
    assert wrong(batch) == {
        2: {"card_incomplete"},
        3: {"no_such_item"},
        4: {"item_retired"},
        5: {"own_alternative"},
        6: {"not_whole"},
        7: {"department_unknown"},
        9: {"card_incomplete"},
        10: {"duplicate_row"},
    }
    taken(room.nurse, batch)
    assert list(PreferenceCard.objects.values_list("procedure", "surgeon")) == [("OK", "")]


def test_only_for_departments_of_ones_own(room: Room) -> None:
    row = f"{room.here.h.department.code},PCI,,{room.here.h.item.code},1,,\n"
    with pytest.raises(PermissionDenied):
        shown(room.keeper, row)
    elsewhere = room.here.actor(person("nurse", place(Kind.CAMPUS)))
    assert wrong(shown(elsewhere, row)) == {2: {"no_cards_there"}}
