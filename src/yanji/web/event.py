"""One entry of the ledger, and taking it back when it was wrong."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.flows.consign.queries import notes_of
from yanji.flows.correction import take_back
from yanji.flows.out_of_turn import of_events
from yanji.flows.reasons import reasons
from yanji.flows.transfer.given_up import may_take_back
from yanji.insight import sight
from yanji.insight.events import EventView, event_view
from yanji.ledger.api import Refused, Step

from .page import act_key, page, page_of
from .templatetags.yanji import moment


@require_safe
def event_page(request: HttpRequest, event_id: UUID) -> HttpResponse:
    return _shown(request, _event(request, event_id))


@require_POST
def correct_event(request: HttpRequest, event_id: UUID) -> HttpResponse:
    event = _event(request, event_id)
    try:
        done = take_back(
            actor=request.actor,
            key=act_key(request, "correct"),
            event_id=event.id,
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", "")[:500],
        )
    except Refused as refused:
        return _shown(request, event, refused=refused)
    said = _("“%(step)s” of %(at)s is taken back.")
    messages.success(request, said % {"step": Step(event.step).label, "at": moment(event.happened_at)})
    return redirect("web:event", done.events[0])


def _event(request: HttpRequest, event_id: UUID) -> EventView:
    event = event_view(event_id)
    if event is None:
        raise NotFound("event")
    sight.check_seen(request.actor, {path for line in event.lines for path in (line.from_path, line.to_path)})
    return event


def _shown(request: HttpRequest, event: EventView, *, refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    paths = {path for line in event.lines for path in (line.from_path, line.to_path)}
    lines = [line for line in event.lines if _sees(actor, (line.from_path, line.to_path))]
    may_correct = (
        event.corrected_by is None
        and event.step not in (Step.ANNOUNCE, Step.CORRECT, Step.END_RECALL)
        and _may_correct(actor, event, paths)
    )
    return page(
        request,
        "web/event.html",
        status=409 if refused else 200,
        refused=refused,
        event=event,
        rows=page_of(request, lines),
        late=of_events([event.id]) if event.step == Step.PICK and len(lines) == len(event.lines) else [],
        titles=notes_of(actor, event.id),
        hidden_lines={"shown": len(lines), "hidden": len(event.lines) - len(lines)},
        sees_patient=sight.may_see_patient(actor, paths),
        may_correct=may_correct,
        reasons=reasons("correct") if may_correct else {},
        chosen_reason=request.POST.get("reason", ""),
        note=request.POST.get("note", "")[:500],
    )


def _may_correct(actor: Actor, event: EventView, paths: set[str]) -> bool:
    if event.step == Step.LOST_ON_WAY:
        return may_take_back(actor, event.id)
    return any(actor.may(Operation.CORRECT, path) for path in paths)


def _sees(actor: Actor, paths: tuple[str, str]) -> bool:
    return all(sight.is_virtual(path) for path in paths) or any(
        actor.may(Operation.VIEW, path) for path in paths
    )
