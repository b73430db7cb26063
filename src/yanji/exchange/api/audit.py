"""What people tried and a rule stopped."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from yanji.flows.attempts import Attempt, attempts
from yanji.flows.called import call_again

from .auth import actor
from .shapes import Code, Name, may_fail

router = Router(tags=["audit"])
MOST_ATTEMPTS = 200


class AttemptOut(Schema):
    at: datetime
    person_id: int
    person: str
    device: str
    verb: str
    code: str
    thing: str
    sentence: str


def _attempt(found: Attempt) -> AttemptOut:
    return AttemptOut(
        at=found.at, person_id=found.actor_id, person=found.actor.name, device=found.device, verb=found.verb,
        code=found.code, thing=found.thing, sentence=found.sentence(),
    )  # fmt: skip


@router.get("/attempts", response=may_fail(list[AttemptOut]))
def list_attempts(request: HttpRequest, code: Code = "", text: Name = "") -> list[AttemptOut]:
    """Refused attempts that matter, the latest 200 first. ``text``: a thing or a person."""
    found = list(attempts(actor(request), code=code, text=text)[:MOST_ATTEMPTS])
    call_again(found, actor(request))
    return [_attempt(each) for each in found]
