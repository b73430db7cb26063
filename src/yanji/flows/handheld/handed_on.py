"""What people could not do by scanning and gave to the store: it is looked into there, and settled in words."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused

from ..acts import Done, check_input, verb
from .models import SentAct, SentState

MOST = 100


def handed_on(actor: Actor) -> QuerySet[SentAct]:
    """What waits for the stores of the actor's campus, the oldest first."""
    return _seen(actor).filter(state=SentState.HANDED_ON).select_related("person").order_by("first_at")[:MOST]


def _seen(actor: Actor) -> QuerySet[SentAct]:
    """Of every campus where the actor keeps a store: who could not do it may belong to any department there."""
    within = Q(pk__in=[])
    for path in actor.scopes.get("store", ()):
        within |= Q(path__startswith=campus_of(path))
    return SentAct.objects.filter(within)


def campus_of(path: str) -> str:
    """The first two levels of a path, or as many as it has. Pure."""
    return "/".join(path.split("/")[:3]) + "/" if path.count("/") > 3 else path


@verb
def close_handed_on(*, actor: Actor, key: str, sent_key: str, note: str) -> Done:
    """Say what was found and done about it. Raises :class:`Refused` where somebody else was quicker."""
    check_input({"note": note})
    if not note.strip():
        raise Refused("settled_why")
    kept = _seen(actor).select_for_update(of=("self",)).filter(pk=sent_key).first()
    if kept is None:
        raise NotFound("sent act")
    if kept.state != SentState.HANDED_ON:
        raise Refused("not_handed_on")
    kept.state, kept.closed_by_id, kept.closed_at = SentState.SETTLED, actor.person_id, timezone.now()
    kept.closed_because = note.strip()
    kept.save(update_fields=["state", "closed_by", "closed_at", "closed_because"])
    return Done(state=kept.state)
