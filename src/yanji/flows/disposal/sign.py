"""What was approved is destroyed, or written off, before two who sign; a firm takes the waste away."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, Refused, Step, post, virtual_places

from ..acts import Done, moment, verb
from ..consign.title import moved, pass_title
from ..documents import reached
from ..states import DisposalState
from ..things import lines
from ..witness import Witness
from .gate import allow_disposal, disposal_for
from .lost_lots import found_since
from .models import Disposal, DisposalLine


def draft_destruction(
    disposal: Disposal, goods: Sequence[DisposalLine], *, key: str, at: datetime, witness_id: int
) -> Draft:
    """Pure but for the place of what is scrapped."""
    return Draft(
        step=Step.SCRAP,
        key=key,
        happened_at=at,
        lines=lines([line.thing(owned=True) for line in goods], virtual_places().scrap),
        documents={"scrap": disposal.number},
        reason=disposal.reason,
        note=disposal.note,
        witness_id=witness_id,
    )


def draft_title(disposal: Disposal, goods: Sequence[DisposalLine], *, key: str, at: datetime) -> Draft:
    """What belongs to a supplier becomes the hospital's. Pure."""
    return Draft(
        step=Step.TAKE_TITLE,
        key=f"{key}:title",
        happened_at=at,
        lines=lines([line.thing() for line in goods]),
        documents={"scrap": disposal.number},
    )


def carry_out(
    disposal: Disposal, *, actor: Actor, key: str, witness: Witness, at: datetime
) -> tuple[str, ...]:
    """Destroy what the paper lists, before a witness; what a supplier owns is bought in the same transaction.

    Part of a verb. Raises :class:`Refused`: the witness may not be one there, or is the actor; no agreement with the
    owner; or what the ledger says of a thing that has changed since it was asked for.
    """
    goods = list(disposal.lines.select_related("unit", "place").order_by("id"))
    if not all(witness.actor.may("witness", line.place.path) for line in goods):
        raise Refused("witness_not_allowed", thing=witness.name)
    bought = [line for line in goods if line.owner_id is not None]
    events = []
    if bought:
        title = post(draft_title(disposal, bought, key=key, at=at), actor=actor).event_id
        pass_title(title, moved(title), actor=actor, place=disposal.place, at=at)
        disposal.title_event_id = title
        events.append(title)
    draft = draft_destruction(disposal, goods, key=key, at=at, witness_id=witness.person_id)
    event = post(draft, actor=actor).event_id
    disposal.event_id = event
    _signed(disposal, "destroy", DisposalState.DESTROYED, actor=actor, witness=witness, at=at)
    return *events, event


def _signed(
    disposal: Disposal, verb_: str, state: str, *, actor: Actor, witness: Witness, at: datetime
) -> None:
    disposal.done_by_id, disposal.witness_id, disposal.done_at = actor.person_id, witness.person_id, at
    disposal.signed_at = timezone.now()
    disposal.state = reached("disposal", verb_, state)
    signed = ["done_by", "witness", "done_at", "signed_at"]
    disposal.save(update_fields=[*signed, "event_id", "title_event_id", "state"])


@verb
def destroy(
    *, actor: Actor, key: str, disposal_id: int, witness: Witness, happened_at: datetime | None = None
) -> Done:
    """Destroy what was approved. Two sign: the actor, and a witness who may be one wherever the things lie."""
    disposal = disposal_for(actor, disposal_id, may="scrap", lock=True)
    if disposal.kind != Disposal.Kind.SCRAP:
        raise Refused("document_closed", thing=disposal.number, state=disposal.get_kind_display())
    allow_disposal(disposal, "destroy")
    events = carry_out(disposal, actor=actor, key=key, witness=witness, at=moment(happened_at))
    return Done(disposal.number, disposal.pk, disposal.state, events)


@verb
def write_off(
    *, actor: Actor, key: str, disposal_id: int, witness: Witness, happened_at: datetime | None = None
) -> Done:
    """Write off what was approved and is lost still. Two sign; nothing moves, the paper alone says what was given up.

    Raises :class:`Refused` naming every unit, and every lot, that was found meanwhile.
    """
    disposal = disposal_for(actor, disposal_id, may="count", lock=True)
    if disposal.kind != Disposal.Kind.WRITE_OFF:
        raise Refused("document_closed", thing=disposal.number, state=disposal.get_kind_display())
    allow_disposal(disposal, "write_off")
    if witness.person_id == actor.person_id:
        raise Refused("witness_is_actor")
    if not witness.actor.may("witness", disposal.place.path):
        raise Refused("witness_not_allowed", thing=witness.name)
    goods = list(disposal.lines.select_related("unit", "lot").order_by("id"))
    found = [line.unit.epc for line in goods if line.unit and line.unit.status != "lost"]
    if found := [*found, *found_since(goods)]:
        raise Refused("found_meanwhile", thing=", ".join(found[:5]))
    _signed(
        disposal, "write_off", DisposalState.WRITTEN_OFF, actor=actor, witness=witness, at=moment(happened_at)
    )
    return Done(disposal.number, disposal.pk, disposal.state)


@verb
def collect(
    *, actor: Actor, key: str, disposal_id: int, firm: str, certificate: str, collected_on: date
) -> Done:
    """A disposal firm took the waste away and gave a certificate, whose file is attached to the paper."""
    disposal = disposal_for(actor, disposal_id, may="scrap", lock=True)
    allow_disposal(disposal, "collect")
    firm, certificate = firm.strip(), certificate.strip()
    if not firm or not certificate:
        raise Refused("certificate_needed", thing=disposal.number)
    assert disposal.done_at is not None, "what is collected was destroyed"
    if not timezone.localdate(disposal.done_at) <= collected_on <= timezone.localdate():
        raise Refused("bad_collection_day", thing=disposal.number)
    disposal.firm, disposal.certificate, disposal.collected_on = firm, certificate, collected_on
    disposal.state = reached("disposal", "collect", DisposalState.COLLECTED)
    disposal.save(update_fields=["firm", "certificate", "collected_on", "state"])
    return Done(disposal.number, disposal.pk, disposal.state)
