"""What one person is told, and their word on it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.flows.acts import Done, verb
from yanji.flows.queries import within
from yanji.ledger.api import Refused

from .kinds import KINDS
from .models import Notification, Severity, State

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many notifications nobody has acknowledged, and how many of them are urgent."""

    open: int
    urgent: int


def may_hear(actor: Actor) -> Q:
    """Notifications of what the actor may see today, whoever was told of them before. Nobody hears of what is not theirs."""
    found = Q(pk__in=[])
    by_needs: dict[tuple[str, ...], list[str]] = {}
    for code, kind in KINDS.items():
        by_needs.setdefault(tuple(kind.needs), []).append(code)
    for needs, codes in by_needs.items():
        paths = sorted({path for each in needs for path in actor.scopes.get(each, ())})
        if paths:
            found |= Q(kind__in=codes) & (Q(place__isnull=True) | within("place", paths))
    return found & (Q(not_for__isnull=True) | ~Q(not_for=actor.person_id))


def told_to(actor: Actor, *, states: Collection[str] = (State.OPEN,)) -> QuerySet[Notification]:
    """What the actor is told, the urgent first, then the latest."""
    urgency = Case(
        *(When(severity=each, then=Value(at)) for at, each in enumerate(Severity.values)),
        output_field=IntegerField(),
    )
    found = Notification.objects.filter(may_hear(actor), told__person_id=actor.person_id, state__in=states)
    return found.order_by(urgency, "-opened_at", "-pk")


def listed(actor: Actor, *, states: Collection[str] = (State.OPEN,), kind: str = "") -> list[Notification]:
    """The same with places and people, as far as a page shows them. One statement."""
    found = told_to(actor, states=states)
    found = found.filter(kind=kind) if kind else found
    return list(found.select_related("place", "acknowledged_by", "escalated_to")[:SHOWN])


def waiting(actor: Actor) -> Waiting:
    """What the bell counts. One statement, none for who may see nothing."""
    if not actor.scopes or actor.supplier_id is not None:
        return Waiting(0, 0)
    counts = told_to(actor).order_by().aggregate(
        open=Count("pk"), urgent=Count("pk", filter=Q(severity=Severity.URGENT))
    )  # fmt: skip
    return Waiting(**counts)


@verb
def acknowledge(*, actor: Actor, key: str, notification_ids: Sequence[int], note: str = "") -> Done:
    """Say that one sees to these: they ring for nobody any more, until they are over.

    What is not open any more is left as it is; raises :class:`Refused` where none of them was. One statement.
    """
    mine = told_to(actor).order_by().filter(pk__in=list(notification_ids)).values("pk")
    count = Notification.objects.filter(pk__in=mine, state=State.OPEN).update(
        state=State.ACKNOWLEDGED, acknowledged_by_id=actor.person_id, acknowledged_at=timezone.now(),
        acknowledged_count=F("count"), note=note.strip(),
    )  # fmt: skip
    if not count:
        raise Refused("notification_not_open")
    only = notification_ids[0] if len(notification_ids) == 1 else 0
    return Done(id=only, state=State.ACKNOWLEDGED.value, facts={"notifications": count})
