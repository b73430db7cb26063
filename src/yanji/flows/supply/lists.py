"""Named lists of what a department asks for together: kept by those who ask by them."""

from collections.abc import Sequence

from django.db.models import Prefetch
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused

from ..acts import Done, verb
from ..gates import check, place_at
from ..purchase import check_items
from ..queries import within
from ..requisition import ASKING, Wanted
from .models import RequisitionList, RequisitionListLine

LINES = Prefetch("lines", RequisitionListLine.objects.select_related("item").order_by("id"))


@verb
def save_list(
    *,
    actor: Actor,
    key: str,
    department_id: int,
    list_name: str,
    lines: Sequence[Wanted],
    list_id: int | None = None,
) -> Done:
    """Write a list, or put another content into one. ``list_name``: in whatever language the ward speaks.

    Raises :class:`Refused`: no name, no lines, an item twice or not in use any more, or another list of that name.
    """
    department = place_at(actor, department_id, may="request", kinds=ASKING)
    if not list_name.strip():
        raise Refused("list_name_needed")
    check_items([line.item_id for line in lines])
    found = list_for(actor, list_id, lock=True) if list_id else RequisitionList()
    found.department, found.name = department, list_name.strip()
    found.edited_by_id, found.edited_at = actor.person_id, timezone.now()
    found.save()
    found.lines.all().delete()
    RequisitionListLine.objects.bulk_create(
        RequisitionListLine(of=found, item_id=line.item_id, quantity=line.quantity) for line in lines
    )
    return Done(found.name, found.pk, "kept")


@verb
def drop_list(*, actor: Actor, key: str, list_id: int) -> Done:
    """The list is not used any more; what was asked for by it stays as it was."""
    found = list_for(actor, list_id, lock=True)
    name = found.name
    found.delete()
    return Done(name, list_id, "dropped")


def list_for(actor: Actor, list_id: int, *, lock: bool = False) -> RequisitionList:
    """A list is seen and changed where its department requests."""
    asked = RequisitionList.objects.select_related("department").prefetch_related(LINES)
    asked = asked.select_for_update(of=("self",)) if lock else asked
    found = asked.filter(pk=list_id).first() if 0 < list_id < 2**63 else None
    if found is None:
        raise NotFound("requisition list")
    check(actor, [found.department.path], may="request", thing=found.name)
    return found


def lists(actor: Actor, *, department_id: int | None = None) -> list[RequisitionList]:
    """The lists of the departments for which the actor requests, by name, with their lines. Two statements."""
    found = RequisitionList.objects.filter(within("department", actor.scopes.get("request", ())))
    found = found.filter(department_id=department_id) if department_id else found
    return list(
        found.select_related("department", "edited_by").prefetch_related(LINES).order_by("name", "pk")
    )
