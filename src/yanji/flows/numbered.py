"""Which documents carry a number, whatever their kind: asked of every kind that is registered, in one statement."""

from collections.abc import Sequence
from functools import cache

from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import Model
from psycopg.sql import SQL, Identifier, Literal

from yanji.ledger.api import LAST_LETTER

from .numbers import latest_prefixes
from .papers import Paper, papers


@cache
def _kinds() -> dict[str, Paper]:
    """One kind a table: a case's implant record is found as the case."""
    found: dict[type[Model], Paper] = {}
    for paper in papers():
        if _is_numbered(paper.model):
            found.setdefault(paper.model, paper)
    return {paper.kind: paper for paper in found.values()}


def _is_numbered(model: type[Model]) -> bool:
    try:
        model._meta.get_field("number")
    except FieldDoesNotExist:
        return False
    return True


def papers_numbered(number: str) -> list[tuple[Paper, int]]:
    """All documents of exactly this number with their ids; whether the reader may see them is for their gates to say."""
    return _found([(number, number)], each=None)


def papers_beginning(text: str, *, paths: Sequence[str], each: int) -> list[tuple[Paper, int]]:
    """Documents whose number begins so, in whatever case it is typed: of every kind the latest ``each`` of the campuses of these
    paths first, then of all, in turns between the kinds. Two statements.

    Our own numbers are written in capitals, and those of others as they came. Without the campuses, a reader would be shown
    nothing until their own is typed: those of another sort behind it, and are not theirs to see.
    """
    begins = dict.fromkeys((*latest_prefixes(text.upper(), paths=paths), text, text.upper()))
    return _found([(start, start + LAST_LETTER) for start in begins], each=each)


def _found(ranges: Sequence[tuple[str, str]], *, each: int | None) -> list[tuple[Paper, int]]:
    kinds = _kinds()
    first, last = zip(*ranges, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_union(), {"first": list(first), "last": list(last), "each": each})
        return list(dict.fromkeys((kinds[kind], key) for kind, key in cursor.fetchall()))


@cache
def _union() -> str:
    """Asked with every letter that somebody types: written once a process, not every time by the models."""
    arm = SQL("""
    SELECT {} AS kind, t.id, a.turn, row_number() OVER (PARTITION BY a.turn ORDER BY t.number DESC) AS place
      FROM asked a CROSS JOIN LATERAL (
           SELECT id, number FROM {} WHERE number BETWEEN a.first AND a.last
            ORDER BY number DESC LIMIT (SELECT most FROM wanted)) t""")
    tables = {kind: paper.model._meta.db_table for kind, paper in _kinds().items()}
    arms = SQL(" UNION ALL ").join(
        arm.format(Literal(kind), Identifier(table)) for kind, table in tables.items()
    )
    return (
        SQL("""
    WITH asked AS (
        SELECT * FROM unnest(%(first)s::text[], %(last)s::text[]) WITH ORDINALITY AS a (first, last, turn)),
    wanted AS (SELECT %(each)s::int AS most)
    SELECT kind, id FROM ({}) AS found ORDER BY turn, place, kind""")
        .format(arms)
        .as_string()
    )
