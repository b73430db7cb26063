"""Every kind of matter can be looked for, worded and followed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from yanji.notify.kinds import KINDS, sentence
from yanji.notify.look import look
from yanji.notify.matters import asked
from yanji.web import nav

FACTS = {
    "id": 1, "number": "N1", "owner": ["甲", "A"], "item": ["支架", "Stent"], "name": "Gate", "day": "2026-05-04", "level": 30,
    "document": "order", "source": "items.csv",
}  # fmt: skip


@pytest.mark.parametrize("code", list(KINDS))
def test_a_statement_of_each_kind_runs(db: None, code: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(KINDS[code].sql, asked(timezone.now()))
        assert [column.name for column in cursor.description or ()]
        assert len(cursor.description or ()) == 6


@pytest.mark.parametrize("code", list(KINDS))
def test_each_kind_says_something_in_both_languages_and_leads_somewhere(code: str) -> None:
    said = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            said[language] = sentence(code, 3, FACTS)
    assert said["zh-hans"] != said["en"]
    assert "%" not in "".join(said.values())
    kind = KINDS[code]
    assert nav.address_of(kind.page, *([1] if kind.arg else []))


def test_looking_costs_one_statement_a_kind_and_four(db: None) -> None:
    with CaptureQueriesContext(connection) as captured:
        look(timezone.now())
    assert len(captured) == len(KINDS) + 4
