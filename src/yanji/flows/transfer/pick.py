"""What a transfer asks for is set aside in the store that sends it, in turn as for any department."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, Offence, Refused, Step, post

from ..acts import Done, moment, verb
from ..asked import against_asked, out_of_turn_now, reason_needed
from ..consign.coverage import barred, not_covered
from ..out_of_turn import shared_reason
from ..packing.contents import Contents
from ..packing.lying import serves
from ..packing.picked import check_unopened, chosen_kits, end, keep_picked, picked_kits, pieces_with
from ..reasons import check_reasons
from ..things import Known, Thing, item_names, lines, look_up, name
from ..turn import Barred, Policy
from ..validity import papers_at_issue
from .gate import allow_transfer, transfer_for
from .kits import lines_now
from .models import Transfer, TransferLine, TransferOverride
from .state import Hand, count, count_less, in_hand, keep_events, less


def draft_transfer_pick(
    transfer: Transfer,
    things: Sequence[Thing],
    *,
    key: str,
    at: datetime,
    reason: str = "",
    step: Step = Step.PICK,
) -> Draft:
    """Set aside for a transfer, or (``Step.UNPICK``) put back. Pure."""
    return Draft(
        step=step,
        key=key,
        happened_at=at,
        lines=lines(things, None, transfer.source_id),
        documents={"transfer": transfer.number},
        reason=reason,
        read_point_id=transfer.source_id,
    )


def barred_here(transfer: Transfer, day: date) -> Barred:
    """What is asked for, lies in the store that sends and may not lie at the other end: it is not in turn. One statement where
    nothing there is a supplier's, else three."""
    return barred(transfer.lines.values("item_id"), transfer.source, transfer.destination, day)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Things to be set aside: what each out of turn should have waited for, the kits among them, and pieces by item."""

    late: Mapping[str, str]
    kits: Sequence[Contents]
    known: Known
    pieces: Mapping[int, int]


def picking_offences(
    transfer: Transfer,
    wanted: Mapping[int, TransferLine],
    things: Sequence[Thing],
    given: Mapping[str, str],
    *,
    boxes: Sequence[Contents] = (),
    counted: Mapping[int, int],
    policy: Policy,
    at: datetime,
) -> tuple[Chosen, list[Offence]]:
    """Things for a transfer, and what stands against picking them. A constant number of statements.

    ``given``: reasons for taking things out of turn; ``counted``: pieces of each item that a page holds already. A kit that is
    asked for as such, among the ``boxes``, is one piece of the kit.
    """
    known = look_up(things)
    names = {item: line.item.name for item, line in wanted.items()}
    names |= item_names({unit.item_id for unit in known.units.values()} - names.keys())
    open_to = {item: line.open_to_pick - counted.get(item, 0) for item, line in wanted.items()}
    loose, kits, found = against_asked(transfer, open_to, known, things, boxes, names)
    day = timezone.localdate(at)
    late = out_of_turn_now(
        transfer,
        sorted(wanted),
        known,
        loose,
        policy=policy,
        at=at,
        barred=barred_here(transfer, day),
    )
    found += [
        reason_needed(thing, first, known, policy) for thing, first in late.items() if not given.get(thing)
    ]
    found += not_covered(things, transfer.destination, day)
    pieces = known.pieces(loose) + Counter(kit.item_id for kit in kits if kit.item_id)
    return Chosen({thing: first.name for thing, first in late.items()}, kits, known, pieces), found


@verb
def pick_transfer(
    *,
    actor: Actor,
    key: str,
    transfer_id: int,
    things: Sequence[Thing],
    overrides: Mapping[str, str] | None = None,
    policy: Policy = "fefo",
    happened_at: datetime | None = None,
    opened: Sequence[Contents] = (),
) -> Done:
    """Set things aside for a transfer. ``overrides``: identity (or ``lot N``) -> reason for taking it out of turn. A kit that
    is asked for as such, taken by its code, is one piece of the kit; it must be whole.

    ``facts.warnings``: papers amiss of the goods, which sending them will say or be refused for. Raises :class:`Refused` as
    picking for a department does: not asked for, too many, out of turn without a reason; and a supplier's goods for which no
    agreement holds where they would go.
    """
    at, given = moment(happened_at), overrides or {}
    transfer = transfer_for(actor, transfer_id, may="pick", lock=True)
    allow_transfer(transfer, "pick")
    wanted = lines_now(transfer)
    chosen, offences = picking_offences(
        transfer, wanted, things, given, boxes=opened, counted={}, policy=policy, at=at
    )
    if offences:
        raise Refused.of(offences)
    check_reasons("override", (given[thing] for thing in chosen.late))
    reason = shared_reason([name(thing) for thing in things], chosen.late, given)
    check_unopened(chosen.kits)
    event = post(draft_transfer_pick(transfer, things, key=key, at=at, reason=reason), actor=actor).event_id
    keep_events(transfer, event)
    keep_picked(serves(transfer), chosen.kits, chosen.known, event)
    TransferOverride.objects.bulk_create(
        TransferOverride(
            transfer=transfer, event_id=event, epc=thing, instead_of=instead, reason=given[thing]
        )
        for thing, instead in chosen.late.items()
    )
    count(transfer, wanted, "pick", picked=chosen.pieces)
    papers = papers_at_issue(things, at).ahead()
    return Done(transfer.number, transfer.pk, transfer.state, (event,), papers.facts())


@verb
def unpick_transfer(
    *,
    actor: Actor,
    key: str,
    transfer_id: int,
    things: Sequence[Thing],
    happened_at: datetime | None = None,
    opened: Sequence[Contents] = (),
) -> Done:
    """Put back what was picked for a transfer and is not to be sent; a kit as a whole."""
    transfer = transfer_for(actor, transfer_id, may="pick", lock=True)
    allow_transfer(transfer, "unpick")
    picked, _on_the_way = in_hand(transfer.pk)
    chosen = [as_picked(thing) for thing in things]
    check_in_hand(picked, chosen, transfer)
    kits = chosen_kits(picked_kits(serves(transfer)), chosen, opened, whole=False)
    draft = draft_transfer_pick(transfer, chosen, key=key, at=moment(happened_at), step=Step.UNPICK)
    event = post(draft, actor=actor).event_id
    keep_events(transfer, event)
    end(kits, "put_back", event)
    count_less(transfer, less(pieces_with(look_up(chosen), chosen, kits)))
    return Done(transfer.number, transfer.pk, transfer.state, (event,))


def as_picked(thing: Thing) -> Thing:
    """A thing, said to lie picked."""
    return thing if isinstance(thing, str) else replace(thing, status="picked")


def check_in_hand(hand: Hand, things: Sequence[Thing], transfer: Transfer, code: str = "not_picked") -> None:
    """Raises :class:`Refused` naming every thing that is no part of what the transfer has in hand."""
    facts = {"requisition": transfer.number, "transfer": transfer.number}
    offences = [Offence(code, name(thing), facts) for thing in things if hand.lacks(thing)]
    if offences:
        raise Refused.of(offences)
