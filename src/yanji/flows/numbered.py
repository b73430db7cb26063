"""Which documents carry a number, whatever their kind: asked of every kind that is registered, in one statement."""

from functools import cache
from typing import Any, LiteralString

from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import Model
from psycopg.sql import SQL, Identifier, Literal

from yanji.ledger.api import LAST_LETTER

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


# Any case that somebody types: our own numbers are written in capitals, and others as they came.
_IS = "number = %(text)s"
_BEGINS = "number BETWEEN %(text)s AND %(text_end)s OR number BETWEEN %(upper)s AND %(upper_end)s"


def papers_numbered(number: str) -> list[tuple[Paper, int]]:
    """All documents of exactly this number with their ids; whether the reader may see them is for their gates to say."""
    return _found(_union(_IS), {"text": number})


def papers_beginning(text: str, *, each: int) -> list[tuple[Paper, int]]:
    """Documents whose number begins so, in whatever case it is typed: of every kind the latest ``each``."""
    upper = text.upper()
    ends = {"text_end": text + LAST_LETTER, "upper_end": upper + LAST_LETTER}
    sql = _union(f"({_BEGINS}) ORDER BY number DESC LIMIT %(each)s")
    return _found(sql, {"text": text, "upper": upper, "each": each, **ends})


@cache
def _union(condition: LiteralString) -> str:
    """Asked with every letter that somebody types: written once a process, not every time by the models."""
    arm = SQL("(SELECT {}, id FROM {} WHERE {})")
    tables = {kind: paper.model._meta.db_table for kind, paper in _kinds().items()}
    arms = [arm.format(Literal(kind), Identifier(table), SQL(condition)) for kind, table in tables.items()]
    return SQL(" UNION ALL ").join(arms).as_string()


def _found(sql: str, params: dict[str, Any]) -> list[tuple[Paper, int]]:
    kinds = _kinds()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [(kinds[kind], key) for kind, key in cursor.fetchall()]
