"""What was entered or signed wrongly on a scrap paper is taken back: it stays to be read, and the paper goes on from before."""

from collections.abc import Sequence

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Refused
from yanji.ledger.models import Movement

from ..acts import Done, verb
from ..documents import reached
from ..reasons import check_reason
from ..states import DisposalState
from ..witness import Witness
from .gate import allow_disposal, disposal_for
from .lost_lots import written_and_found
from .models import Disposal, DisposalLine, DisposalVoid


@verb
def void_certificate(*, actor: Actor, key: str, disposal_id: int, reason: str, note: str = "") -> Done:
    """A firm or its certificate was entered wrongly: the waste stands as destroyed and not taken away, to be entered anew."""
    disposal = disposal_for(actor, disposal_id, may="scrap", lock=True)
    allow_disposal(disposal, "void_certificate")
    check_reason("correct", reason)
    disposal.voids.create(
        what=DisposalVoid.What.CERTIFICATE, firm=disposal.firm, certificate=disposal.certificate,
        collected_on=disposal.collected_on, actor_id=actor.person_id, reason=reason, note=note,
    )  # fmt: skip
    disposal.firm, disposal.certificate, disposal.collected_on = "", "", None
    disposal.state = reached("disposal", "void_certificate", DisposalState.DESTROYED)
    disposal.save(update_fields=["firm", "certificate", "collected_on", "state"])
    return Done(disposal.number, disposal.pk, disposal.state)


@verb
def void_write_off(
    *, actor: Actor, key: str, disposal_id: int, witness: Witness, reason: str, note: str = ""
) -> Done:
    """A write-off was signed wrongly: two take it back, and the paper is to be signed anew or called off. What it lists is
    lost as before.

    Raises :class:`Refused` as writing off does, and naming what was found since: there is nothing to take back of that.
    """
    disposal = disposal_for(actor, disposal_id, may="count", lock=True)
    allow_disposal(disposal, "void_write_off")
    check_reason("correct", reason)
    if witness.person_id == actor.person_id:
        raise Refused("witness_is_actor")
    if not witness.actor.may("witness", disposal.place.path):
        raise Refused("witness_not_allowed", thing=witness.name)
    goods = list(disposal.lines.select_related("unit", "lot").order_by("id"))
    if found := [*_units_found(disposal, goods), *written_and_found(goods)]:
        raise Refused("found_after_write_off", thing=", ".join(found[:5]))
    disposal.voids.create(
        what=DisposalVoid.What.WRITE_OFF, done_by_id=disposal.done_by_id, witness_id=disposal.witness_id,
        done_at=disposal.done_at, actor_id=actor.person_id, second_id=witness.person_id, reason=reason, note=note,
        at=timezone.now(),
    )  # fmt: skip
    disposal.done_by = disposal.witness = disposal.done_at = disposal.signed_at = None
    disposal.state = reached("disposal", "void_write_off", DisposalState.APPROVED)
    disposal.save(update_fields=["done_by", "witness", "done_at", "signed_at", "state"])
    return Done(disposal.number, disposal.pk, disposal.state)


def _units_found(disposal: Disposal, goods: Sequence[DisposalLine]) -> list[str]:
    """Units that turned up after they were written off, also where they are lost anew. One statement. What counts is when the
    signatures were entered: a write-off that is entered late bears an earlier time than the record of its own loss may."""
    units = {line.unit_id: line.unit for line in goods if line.unit}
    moved = Movement.objects.filter(
        unit__in=units, event__recorded_at__gt=disposal.signed_at or disposal.done_at
    )
    since = set(moved.values_list("unit_id", flat=True))
    return [unit.epc for key, unit in units.items() if unit.status != "lost" or key in since]
