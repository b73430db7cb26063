"""Both ends sign a handing-over: who gives it out of the store, and who takes it over for the department."""

from collections.abc import Iterator

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused

from .acts import Done, moment, verb
from .documents import allow, reached
from .gates import issue_for
from .witness import Witness


def check_receiver(receiver: Witness, *, giver_id: int, path: str) -> Iterator[Offence]:
    """Whoever takes over is somebody else, and takes things in at that department. Pure."""
    if receiver.person_id == giver_id:
        yield Offence("taken_over_by_giver", receiver.name)
    elif not receiver.actor.may("take_in", path):
        yield Offence("receiver_not_allowed", receiver.name)


@verb
def take_over(*, actor: Actor, key: str, issue_id: int) -> Done:
    """Say that one has the things of an issue: at the department's door, in one's own name. Taking in stays to be done.

    Raises :class:`Refused`: by whoever handed them over, or taken over already.
    """
    document = issue_for(actor, issue_id, may="take_in", lock=True)
    allow(
        "issue", "take_over", number=document.number, state=document.state, label=document.get_state_display()
    )
    receiver = Witness(actor.person_id, actor.name, actor)
    if offences := list(check_receiver(receiver, giver_id=document.actor_id, path=document.department.path)):
        raise Refused.of(offences)
    if document.taken_over_by_id is not None:
        raise Refused("taken_over_already", thing=document.number)
    document.taken_over_by_id, document.taken_over_at = actor.person_id, moment(None)
    document.state = reached("issue", "take_over", document.state)
    document.save(update_fields=["taken_over_by", "taken_over_at", "state"])
    return Done(document.number, document.pk, document.state)
