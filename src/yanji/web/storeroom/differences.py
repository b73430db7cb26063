"""What reached a department otherwise than it was handed over: the store looks into each and says what became of it."""

from collections.abc import Sequence
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.differing.models import IssueDifference
from yanji.flows.differing.queries import open_differences, shelves_for
from yanji.flows.differing.settle import outcomes, settle_difference
from yanji.flows.reasons import reasons
from yanji.ledger.api import Refused
from yanji.places.models import Place
from yanji.places.queries import labels

from ..flow.done import on_to, say
from ..flow.gate import needs
from ..flow.sent import Sent
from ..page import act_key, page

MOST = 200
Outcome = IssueDifference.Outcome


class Offered(NamedTuple):
    """One difference and what its form offers."""

    difference: IssueDifference
    ways: Sequence[Outcome]
    shelves: Sequence[tuple[Place, str]]


@needs("issue")
@require_safe
def differences_page(request: HttpRequest) -> HttpResponse:
    """What departments reported and nobody has settled, the oldest first."""
    return _show(request)


def _show(request: HttpRequest, refused: Refused | None = None, refused_id: int = 0) -> HttpResponse:
    actor: Actor = request.actor
    shown = list(open_differences(actor)[:MOST])
    return page(
        request,
        "storeroom/differences.html",
        status=409 if refused else 200,
        refused=refused,
        refused_id=refused_id,
        differences=with_ways(shown),
        may_settle=True,
        reasons=reasons("transfer_difference"),
    )


def with_ways(differences: Sequence[IssueDifference]) -> list[Offered]:
    """Each difference with what may become of it, and the shelves that it may be put on. At most three statements."""
    found = shelves_for(differences)
    called = labels({place.pk: place for several in found.values() for place in several}.values())
    shelves = {key: [(place, called[place.pk]) for place in several] for key, several in found.items()}
    return [Offered(each, outcomes(each.kind), shelves.get(each.pk, [])) for each in differences]


@needs("issue")
@require_POST
def settle(request: HttpRequest, difference_id: int) -> HttpResponse:
    """Say what became of one."""
    try:
        sent = Sent(request.POST)
        outcome = sent.text("outcome", _("What became of it"), required=True)
        reason, note = sent.text("reason", _("Reason")), sent.text("note", _("Note"))
        shelf = sent.number("to_place_id", _("Put on")) if request.POST.get("to_place_id") else None
        sent.check()
        done = settle_difference(
            actor=request.actor,
            key=act_key(request, "settle"),
            difference_id=difference_id,
            outcome=outcome,
            reason=reason,
            note=note,
            # The shelf is asked beside every outcome, and meant for those that bring it back.
            to_place_id=shelf if outcome in (Outcome.BACK, Outcome.HELD) else None,
        )
    except Refused as refused:
        return _show(request, refused, difference_id)
    said = _("A difference of %(number)s is settled.") % {"number": done.number}
    say(request, said, on_to(request, "storeroom:picking"))
    return redirect("storeroom:differences")
