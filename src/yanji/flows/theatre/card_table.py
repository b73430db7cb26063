"""The table of preference cards: one row an item of a card; a card is imported whole or not at all."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import connection
from django.utils.translation import gettext_noop

from yanji.catalog.models import Item
from yanji.places.models import Place
from yanji.places.queries import by_code
from yanji.sheets.batches import Sheet
from yanji.sheets.cells import code, text, whole
from yanji.sheets.editor import Editor
from yanji.sheets.problems import SENTENCES, Problem
from yanji.sheets.sheet import Column, Row, refuse_repeats

from .cards import THEATRES
from .models import PreferenceLine

SENTENCES.update(
    {
        "department_unknown": gettext_noop("There is no department or room “%(detail)s” in use"),
        "no_cards_there": gettext_noop("You may not write cards at this department"),
        "no_such_item": gettext_noop("There is no item with the code “%(detail)s”"),
        "item_retired": gettext_noop("The item “%(detail)s” is not bought any more"),
        "own_alternative": gettext_noop("“%(detail)s” is named twice in this row"),
        "card_incomplete": gettext_noop(
            "Another row of this card has a mistake: row %(detail)s. A card is imported whole"
        ),
    }
)
COLUMNS = (
    Column("department", "科室编码", "Department code", partial(code, most=40), required=True, example="OR"),
    Column("procedure", "术式", "Procedure", partial(text, most=160), required=True, example="PCI"),
    Column("surgeon", "术者", "Surgeon", partial(text, most=80), example="李主任"),
    Column("item", "品种编码", "Item code", partial(code, most=80), required=True, example="STENT-3015"),
    Column("quantity", "数量", "Quantity", whole, required=True, example="2"),
    Column("others", "可替代品种编码", "Alternative codes", partial(text, most=400), example="STENT-3018, STENT-3515"),
    Column("note", "备注", "Note", partial(text, most=400)),
)  # fmt: skip
# Sorted: prevents deadlock. A table without notes leaves those of the cards as they are.
WRITTEN = """
INSERT INTO flows_preferencecard AS card (department_id, procedure, surgeon, note, active, actor_id, changed_at)
SELECT department, procedure, surgeon, note, true, %(actor)s, now()
  FROM unnest(%(departments)s::bigint[], %(procedures)s::text[], %(surgeons)s::text[], %(notes)s::text[])
       AS told (department, procedure, surgeon, note)
 ORDER BY 1, 2, 3
ON CONFLICT (department_id, procedure, surgeon) WHERE active
DO UPDATE SET note = CASE WHEN %(noted)s THEN excluded.note ELSE card.note END, actor_id = excluded.actor_id,
              changed_at = excluded.changed_at
RETURNING id, department_id, procedure, surgeon
"""
MARKS = re.compile("[,，、;；]")
Card = tuple[str, str, str]  # department, procedure, surgeon as the table names them


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows name, read in two statements."""

    places: Mapping[str, Place]
    items: Mapping[str, Item]


def _card(row: Row) -> Card:
    got = row.values
    return (got.get("department", ""), got.get("procedure", ""), got.get("surgeon", ""))


def _others(row: Row) -> list[str]:
    """Codes as people write several of them, between commas or semicolons of either width; a code may hold spaces."""
    return [each for part in MARKS.split(row.values.get("others") or "") if (each := part.strip())]


def _read(rows: Iterable[Row]) -> _Known:
    rows = list(rows)
    codes = {each for row in rows for each in (row.values.get("item", ""), *_others(row)) if each}
    places = by_code(row.values["department"] for row in rows if row.values.get("department"))
    return _Known(places, {item.code: item for item in Item.objects.filter(code__in=codes)})


def _check(rows: Sequence[Row], actor: Editor) -> list[Row]:
    known = _read(rows)
    checked = [row if row.problems else row.wrong(*_against(row, known, actor)) for row in rows]
    checked = refuse_repeats(checked, lambda row: (*_card(row), row.values["item"]))
    return _whole_cards(checked)


def _against(row: Row, known: _Known, actor: Editor) -> list[Problem]:
    """What is wrong with one row beside what is known. Pure."""
    found = []
    place = known.places.get(row.values["department"])
    if place is None or not place.active or place.kind not in THEATRES:
        found.append(Problem("department_unknown", "department", row.values["department"]))
    elif not actor.may("use", place.path):
        found.append(Problem("no_cards_there", "department"))
    found += _item_problems([row.values["item"]], "item", known)
    others = _others(row)
    found += _item_problems(others, "others", known)
    named = [row.values["item"], *others]
    found += [
        Problem("own_alternative", "others", each) for each in dict.fromkeys(named) if named.count(each) > 1
    ]
    return found


def _item_problems(codes: Iterable[str], column: str, known: _Known) -> list[Problem]:
    found = []
    for each in codes:
        item = known.items.get(each)
        if item is None:
            found.append(Problem("no_such_item", column, each))
        elif not item.active:
            found.append(Problem("item_retired", column, each))
    return found


def _whole_cards(rows: Sequence[Row]) -> list[Row]:
    """A card of which one row is wrong is not imported in part: what is left out would be missing at the table."""
    bad: dict[Card, int] = {}
    for row in rows:
        if row.problems:
            bad.setdefault(_card(row), row.number)
    return [
        row.wrong(Problem("card_incomplete", detail=str(bad[_card(row)])))
        if not row.problems and _card(row) in bad
        else row
        for row in rows
    ]


def _write(rows: Sequence[Row], actor: Editor) -> None:
    """Cards, their lines, their alternatives: a statement a table, whatever the number of rows. A card that exists is
    replaced; cases planned with it keep what they were planned with."""
    known = _read(rows)
    cards = _cards(rows, known, actor)
    PreferenceLine.objects.filter(card_id__in=cards.values()).delete()
    lines = PreferenceLine.objects.bulk_create(
        PreferenceLine(
            card_id=cards[_card(row)], item=known.items[row.values["item"]], quantity=row.values["quantity"]
        )
        for row in rows
    )
    through = PreferenceLine.alternatives.through
    through.objects.bulk_create(
        through(preferenceline_id=line.pk, item_id=known.items[each].pk)
        for line, row in zip(lines, rows, strict=True)
        for each in _others(row)
    )


def _cards(rows: Sequence[Row], known: _Known, actor: Editor) -> dict[Card, int]:
    """The id of each card that the rows name, written or brought up to date. One statement."""
    notes: dict[Card, str] = {}
    for row in rows:
        notes[_card(row)] = notes.get(_card(row)) or row.values.get("note") or ""
    codes = {known.places[department].pk: department for department, _procedure, _surgeon in notes}
    with connection.cursor() as cursor:
        cursor.execute(
            WRITTEN,
            {
                "departments": [known.places[department].pk for department, _procedure, _surgeon in notes],
                "procedures": [procedure for _department, procedure, _surgeon in notes],
                "surgeons": [surgeon for _department, _procedure, surgeon in notes],
                "notes": list(notes.values()),
                "noted": any("note" in row.values for row in rows),
                "actor": actor.person_id,
            },
        )
        return {(codes[place], procedure, surgeon): card for card, place, procedure, surgeon in cursor}


SHEET = Sheet("cards", "use", COLUMNS, _check, _write)
