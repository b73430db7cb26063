"""Which documents carry a number, whatever their kind: asked of every kind that is registered, in one statement."""

from functools import cache

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Value

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
    kinds = _kinds()
    arms = [
        paper.model._default_manager.filter(number=number).order_by().values_list(Value(kind), "pk")
        for kind, paper in kinds.items()
    ]
    return [(kinds[kind], key) for kind, key in arms[0].union(*arms[1:], all=True)]
