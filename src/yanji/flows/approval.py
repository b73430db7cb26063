"""A document takes effect only when those have approved it whom the hospital's rules name: in order, each somebody
else, and never the one who asks."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.queries import held_roles
from yanji.ledger.api import Refused
from yanji.places.rules import ids_of

from .acts import Done, verb
from .approval_kinds import KINDS, kind_label
from .approval_rules import covering, needed
from .documents import allow, reached
from .gates import check
from .models_approval import Approval, Hand
from .queries import within
from .states import ApprovalState

Hook = Callable[[int, bool, Actor], None]
HOOKS: dict[str, Hook] = {}
# Kind -> the documents that a person took part in, and therefore may not decide.
Part = Callable[[int], QuerySet[Any]]
PARTS: dict[str, Part] = {}
CENT = Decimal("0.01")
SHOWN = 200


def decided(kind: str) -> Callable[[Hook], Hook]:
    """Register what becomes of a kind's document when the last step is approved (True) or one is refused (False).

    Called with (document id, approved, who decided last), in the transaction of the decision: what it raises undoes
    the decision too. It must not read the decider as the one who asked: do what follows in the document's own name.
    """
    assert kind in KINDS, kind

    def keep(hook: Hook) -> Hook:
        assert kind not in HOOKS, f"two flows answer for {kind}"
        HOOKS[kind] = hook
        return hook

    return keep


def took_part(kind: str) -> Callable[[Part], Part]:
    """Register which documents of a kind a person worked on: whoever did the work does not approve it."""
    assert kind in KINDS, kind

    def keep(part: Part) -> Part:
        assert kind not in PARTS, f"two flows answer for {kind}"
        PARTS[kind] = part
        return part

    return keep


def worked_on(kind: str, document_id: int, person_id: int) -> None:
    """Keep that a person wrote, edited or sent a document. One statement. In the transaction that writes it."""
    assert connection.in_atomic_block, "who worked on a document is kept together with what they wrote"
    assert kind in KINDS, kind
    Hand.objects.bulk_create(
        [Hand(kind=kind, document_id=document_id, person_id=person_id)], ignore_conflicts=True
    )


def by_hand(kind: str, person_id: int) -> QuerySet[Hand]:
    """The ids of a kind's documents that this person had a hand in (:func:`worked_on`), to be asked within a statement."""
    return Hand.objects.filter(kind=kind, person_id=person_id).values("document_id")


def ask(
    kind: str,
    document_id: int,
    *,
    number: str,
    path: str,
    amount: Decimal | None,
    requester_id: int,
    anew: bool = False,
    born: bool = False,
) -> bool:
    """Open the steps that the rules at ``path`` ask of this amount (None: without limit); True where at least one must be
    waited for.

    Asked again unchanged (amount, place, requester), what was decided stands. Changed, or refused before, or ``anew``
    (something else of the document has changed), a new round begins and all must decide anew. Called with the document
    locked, in the transaction that writes it. Three statements at most four; one less for a document ``born`` in this
    transaction, of which nothing was asked before.
    """
    assert connection.in_atomic_block, "the steps are written together with their document"
    assert kind in KINDS, kind
    asked, place_id = None if amount is None else Decimal(amount).quantize(CENT), ids_of(path)[-1]
    last = [] if born else _current(_locked(kind, document_id))
    if last and not anew and _stands(last, (asked, place_id, requester_id)):
        return any(step.waits for step in last)
    _end(last)
    steps = [
        Approval(
            kind=kind,
            document_id=document_id,
            round=last[0].round + 1 if last else 1,
            level=rule.level,
            number=number,
            place_id=place_id,
            amount=asked,
            role_id=rule.role_id,
            requester_id=requester_id,
        )
        for rule in needed(covering(kind, path), asked)
    ]
    Approval.objects.bulk_create(steps)
    return bool(steps)


def _stands(steps: Sequence[Approval], asked: tuple[Decimal | None, int, int]) -> bool:
    """Whether an earlier round answers this question: the same was asked, and nobody refused or withdrew it. Pure."""
    first = steps[0]
    open_or_approved = all(step.state in (ApprovalState.WAITING, ApprovalState.APPROVED) for step in steps)
    return open_or_approved and (first.amount, first.place_id, first.requester_id) == asked


def withdraw(kind: str, document_id: int) -> int:
    """End the open steps of a document that was cancelled; how many there were."""
    assert connection.in_atomic_block, "the steps end together with their document"
    return _end(_locked(kind, document_id))


@verb
def decide(*, actor: Actor, key: str, approval_id: int, approve: bool, comment: str = "") -> Done:
    """Approve or refuse one step. ``facts.complete``: nothing more is waited for.

    Raises :class:`Refused`: no comment on a refusal, not the next step, decided already, asked for by this person,
    another step of it decided by this person, or the step's role not held over the place today.
    """
    seen = Approval.objects.select_related("place").filter(pk=approval_id).first()
    if seen is None:
        raise NotFound("approval")
    check(actor, [seen.place.path], may="approve", thing=seen.number)
    # All steps at once, sorted: two approvers of one document wait for each other here.
    steps = [step for step in _locked(seen.kind, seen.document_id) if step.round == seen.round]
    step = next(each for each in steps if each.pk == approval_id)
    roles = held_roles(actor.person_id, today=timezone.localdate())
    holds = any(role == step.role_id and step.place.path.startswith(path) for role, path in roles)
    comment = comment.strip()
    worked = step.kind in PARTS and PARTS[step.kind](actor.person_id).filter(pk=step.document_id).exists()
    _check(
        step,
        steps,
        person_id=actor.person_id,
        holds=holds,
        worked=worked,
        silent_refusal=not approve and not comment,
    )
    step.state = reached("approval", "decide", ApprovalState.APPROVED if approve else ApprovalState.REFUSED)
    step.decided_by_id, step.decided_at, step.comment = actor.person_id, timezone.now(), comment
    step.save(update_fields=["state", "decided_by", "decided_at", "comment"])
    if not approve:
        _end(steps)
    complete = not any(each.waits for each in steps)
    if complete and step.kind in HOOKS:
        HOOKS[step.kind](step.document_id, approve, actor)
    facts = {"kind": step.kind, "document_id": step.document_id, "complete": complete}
    return Done(number=step.number, id=step.pk, state=step.state, facts=facts)


def _check(
    step: Approval,
    steps: Sequence[Approval],
    *,
    person_id: int,
    holds: bool,
    worked: bool,
    silent_refusal: bool,
) -> None:
    """Raises :class:`Refused` where this person may not decide this step now. Pure."""
    allow("approval", "decide", number=step.number, state=step.state, label=step.get_state_display())
    if step.requester_id == person_id:
        raise Refused("approval_by_requester", thing=step.number)
    if worked:
        raise Refused("approval_by_participant", thing=step.number)
    if any(each.decided_by_id == person_id for each in steps):
        raise Refused("approval_twice", thing=step.number)
    if not holds:
        raise Refused("approval_role_needed", thing=step.number, role=step.role.name)
    first = min((each for each in steps if each.waits), key=lambda each: each.level)
    if first.pk != step.pk:
        raise Refused("approval_not_yet", thing=step.number, role=first.role.name)
    if silent_refusal:
        raise Refused("approval_comment_needed", thing=step.number)


def _locked(kind: str, document_id: int) -> list[Approval]:
    found = Approval.objects.select_for_update(of=("self",)).select_related("place", "role")
    return list(found.filter(kind=kind, document_id=document_id).order_by("round", "level"))


def _current(steps: Sequence[Approval]) -> list[Approval]:
    return [step for step in steps if step.round == steps[-1].round]


def _end(steps: Iterable[Approval]) -> int:
    """Withdraw those that still wait."""
    waiting = [step for step in steps if step.waits]
    for step in waiting:
        step.state = reached("approval", "withdraw", ApprovalState.WITHDRAWN)
        step.decided_at = timezone.now()
    if waiting:
        Approval.objects.bulk_update(waiting, ["state", "decided_at"])
    return len(waiting)


def approvals_of(kind: str, document_id: int) -> list[Approval]:
    """The steps of a document's last round, lowest level first; none where no approval was ever needed. One
    statement."""
    return _current(rounds_of(kind, document_id))


def rounds_of(kind: str, document_id: int) -> list[Approval]:
    """Every step of every round, oldest first: what an earlier amount was told. One statement."""
    found = Approval.objects.filter(kind=kind, document_id=document_id)
    return list(found.select_related("place", "role", "decided_by", "requester").order_by("round", "level"))


def waiting_for(actor: Actor) -> list[Approval]:
    """What this person could decide now, longest waiting first: exactly the steps that :func:`decide` would take from
    them. Two statements."""
    mine = Q(pk__in=[])
    for role_id, path in held_roles(actor.person_id, today=timezone.localdate()):
        mine |= Q(role_id=role_id, place__path__startswith=path)
    beside = Approval.objects.filter(
        kind=OuterRef("kind"), document_id=OuterRef("document_id"), round=OuterRef("round")
    )
    found = (
        Approval.objects.filter(mine, within("place", actor.scopes.get("approve", ())))
        .filter(~Q(requester_id=actor.person_id), state=ApprovalState.WAITING)
        .filter(~Exists(beside.filter(state=ApprovalState.WAITING, level__lt=OuterRef("level"))))
        .filter(~Exists(beside.filter(decided_by_id=actor.person_id)))
    )
    for kind, part in PARTS.items():
        found = found.exclude(kind=kind, document_id__in=part(actor.person_id).values("pk"))
    return list(found.select_related("place", "role", "requester").order_by("asked_at", "pk")[:SHOWN])


def decided_lately(actor: Actor, *, limit: int = 20) -> list[Approval]:
    """What this person decided, latest first."""
    found = Approval.objects.filter(decided_by_id=actor.person_id)
    return list(
        found.select_related("place", "role", "requester", "decided_by").order_by("-decided_at")[:limit]
    )


__all__ = [
    "approvals_of", "ask", "by_hand", "decide", "decided", "decided_lately", "kind_label", "rounds_of", "took_part",
    "waiting_for", "withdraw", "worked_on",
]  # fmt: skip
