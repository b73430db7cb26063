"""The reasons that acts take, as the hospital words them."""

from django.http import HttpRequest
from ninja import Router, Schema

from yanji.flows import reasons

from .shapes import Code, may_fail

router = Router(tags=["reasons"])


class ReasonOut(Schema):
    """``code`` goes into an act; ``active``: whether it may still be chosen. The name is in the request's language."""

    group: str
    code: str
    name: str
    active: bool


@router.get("/reasons", response=may_fail(list[ReasonOut]))
def list_reasons(request: HttpRequest, group: Code = "") -> object:
    """Reasons of one group, or of all, in the order in which they are offered; ended ones last."""
    return reasons.all_reasons(group)
