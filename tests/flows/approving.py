"""People who approve, and the rules that name them."""

from dataclasses import dataclass
from typing import Any

from tests.flows.site import Site
from tests.makers import person as anybody
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.access.models import Grant, Person, Role
from yanji.flows.approval_kinds import document_kind
from yanji.flows.models_approval import ApprovalRule
from yanji.places.models import Place

TESTED = "tested"  # a kind whose documents no flow knows
document_kind(TESTED, "Purchase order")


@dataclass(frozen=True)
class Signing:
    """The site with a head and a chief over the campus, and who edits rules there."""

    site: Site
    head_role: Role
    chief_role: Role
    head: Person
    chief: Person
    editor: Actor


def signing(here: Site) -> Signing:
    head, chief = role("科主任", "Head"), role("院长", "Chief")
    campus = here.h.campus
    editor = signer(role("规则管理", "Rule keeper", "view", "edit_rules"), campus)
    return Signing(here, head, chief, signer(head, campus), signer(chief, campus), here.actor(editor))


def role(zh: str, en: str, *operations: str) -> Role:
    return Role.objects.create(
        code=unique("role"), name_zh=zh, name_en=en, operations=list(operations or ("view", "approve"))
    )


def signer(held: Role, at: Place) -> Person:
    """Somebody else who holds a role at a place."""
    made: Person = anybody(name_zh="审批人")
    Grant.objects.create(person=made, role=held, place=at)
    return made


def rule(at: Place, held: Role, *, level: int = 1, from_amount: int = 0, **fields: Any) -> ApprovalRule:
    """A rule of a kind of document (``kind=``)."""
    return ApprovalRule.objects.create(
        place=at, role=held, level=level, from_amount=from_amount, edited_by=anybody(), **fields
    )
