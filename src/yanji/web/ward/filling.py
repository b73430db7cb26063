"""What a new requisition begins with: what the department's levels ask for now, or one of its lists."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.flows.supply.lists import list_for
from yanji.flows.supply.propose import proposals
from yanji.flows.supply.why import told, why_of
from yanji.places.models import Place

from ..flow.lines import ItemLine
from ..flow.sent import number_in


def beginning(request: HttpRequest, department: Place | None) -> tuple[list[ItemLine], Place | None]:
    """The lines that the address asks for (``?fill=levels``, ``?list=7``) and the department they are for."""
    actor: Actor = request.actor
    named = number_in(request.GET.get("list", ""))
    if named is not None:
        found = list_for(actor, named)
        why = _("from “%(name)s”") % {"name": found.name}
        return [
            ItemLine(line.item, str(line.quantity), why=why) for line in found.lines.all()
        ], found.department
    if request.GET.get("fill") == "levels" and department:
        wanted = [each for each in proposals(actor, department.pk) if each.quantity]
        return [
            ItemLine(each.item, str(each.quantity), why=told(why_of(each))) for each in wanted
        ], department
    return [], department
