"""A store asks another for goods, or offers its own; whom the rules name approves; what was begun can be called off."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.ledger.api import Offence, Refused, Step, correct, post
from yanji.places.models import Kind, Place
from yanji.places.temperature import CLASSES, suits

from ..acts import Done, check_needed, moment, verb
from ..approval import ask, decided, withdraw
from ..approval_kinds import KINDS, document_kind
from ..consign.coverage import only_not_covered
from ..documents import reached
from ..gates import check, other_end
from ..numbers import next_number
from ..packing.bill import with_contents
from ..packing.lying import serves
from ..packing.picked import end, picked_kits, pieces_with
from ..purchase import check_items
from ..requisition import Wanted
from ..states import TransferState
from ..things import look_up
from ..worth import worth
from .correction import taken_off
from .gate import allow_transfer, transfer_for
from .models import Transfer, TransferLine
from .pick import draft_transfer_pick
from .state import count_lines, counted_on, in_hand, keep_events, less, lines_of

STORES = (Kind.STORE,)
document_kind("transfer", KINDS["transfer"].label, "storeroom:transfer")


def too_warm(items: Iterable[Item], classes: Iterable[str], destination: str) -> Iterator[Offence]:
    """Items for which the destination has no place of a fitting temperature class. Pure.

    ``classes``: the temperature classes of all the places that it keeps things in.
    """
    kept = sorted(set(classes))
    words = " / ".join(str(CLASSES[each].name) for each in kept if each in CLASSES)
    for item in items:
        if not any(suits(each, item.temperature_class) for each in kept):
            facts = {"needed": CLASSES[item.temperature_class].name, "kept": words or destination}
            yield Offence("wrong_temperature", item.name, facts)


@verb
def ask_transfer(
    *,
    actor: Actor,
    key: str,
    source_id: int,
    destination_id: int,
    lines: Sequence[Wanted],
    needed_by: datetime | None = None,
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Ask for goods of another store, or offer them to one: whoever may transfer at either end.

    Raises :class:`Refused`: no lines, an item that the destination has no place of the right temperature for, or of which
    all that lies here belongs to suppliers without an agreement there. ``state`` is ``awaiting`` where the rules ask for
    approval, else ``requested``.
    """
    at = moment(happened_at)
    check_needed(needed_by, at)
    source, destination = (other_end(each, kinds=STORES) for each in (source_id, destination_id))
    check(actor, [source.path, destination.path], may="transfer", thing=source.name)
    items = check_items([line.item_id for line in lines])
    below = Place.objects.filter(path__startswith=destination.path, active=True)
    classes = below.values_list("temperature_class", flat=True)
    pieces, inside = with_contents({line.item_id: line.quantity for line in lines})
    offences = list(too_warm([*items.values(), *inside], classes, destination.name))
    offences += only_not_covered(items, source, destination, timezone.localdate(at))
    if offences:
        raise Refused.of(offences)
    transfer = Transfer.objects.create(
        number=next_number("TR", path=source.path, at=at),
        source=source,
        destination=destination,
        amount=worth(pieces, path=source.path),
        needed_by=needed_by,
        note=note,
        actor_id=actor.person_id,
        created_at=at,
    )
    TransferLine.objects.bulk_create(
        TransferLine(transfer=transfer, item_id=line.item_id, quantity=line.quantity) for line in lines
    )
    _ask_approval(transfer)
    return Done(transfer.number, transfer.pk, transfer.state)


def _ask_approval(transfer: Transfer) -> None:
    waits = ask(
        "transfer", transfer.pk, number=transfer.number, path=transfer.source.path, amount=transfer.amount,
        requester_id=transfer.actor_id,
    )  # fmt: skip
    if waits:
        transfer.state = TransferState.AWAITING
        transfer.save(update_fields=["state"])


@decided("transfer")
def _decided(transfer_id: int, approved: bool, actor: Actor) -> None:
    transfer = Transfer.objects.select_for_update().get(pk=transfer_id)
    to = TransferState.REQUESTED if approved else TransferState.REFUSED
    transfer.state = reached("transfer", "approve", to)
    transfer.save(update_fields=["state"])


@verb
def close_transfer(*, actor: Actor, key: str, transfer_id: int) -> Done:
    """All that was sent has arrived or was given up, and nothing more is wanted. Refused while something lies picked."""
    transfer = transfer_for(actor, transfer_id, may="ask", lock=True)
    allow_transfer(transfer, "close")
    picked, _on_the_way = in_hand(transfer.pk)
    if picked.pieces:
        raise Refused("still_picked", thing=transfer.number)
    transfer.state = reached("transfer", "close", TransferState.CLOSED)
    transfer.save(update_fields=["state"])
    return Done(transfer.number, transfer.pk, transfer.state)


@verb
def cancel_transfer(*, actor: Actor, key: str, transfer_id: int, reason: str) -> Done:
    """Call a transfer off: loads that nobody has met yet are called back, and what lies picked goes to its shelf again.

    Every entry is taken back by one of its own. Raises :class:`Refused` once anything has arrived, and what
    ``ledger.correct`` refuses.
    """
    transfer = transfer_for(actor, transfer_id, may="ask", lock=True)
    allow_transfer(transfer, "cancel")
    if not reason:
        raise Refused("reason_needed")
    withdraw("transfer", transfer.pk)
    lines = lines_of(transfer)
    events = _call_back(transfer, lines, actor=actor, key=key, reason=reason)
    events += _put_back(transfer, lines, actor=actor, key=key)
    transfer.state = reached("transfer", "cancel", TransferState.CANCELLED)
    transfer.save(update_fields=["state"])
    return Done(transfer.number, transfer.pk, transfer.state, tuple(events))


def _call_back(
    transfer: Transfer, lines: Mapping[int, TransferLine], *, actor: Actor, key: str, reason: str
) -> list[str]:
    """Take back every load that is under way: a few statements a load, however many pieces it holds."""
    found = []
    for number, load in enumerate(transfer.shipments.filter(called_back=False).order_by("pk")):
        event = correct(str(load.event_id), key=f"{key}:{number}", reason=reason, actor=actor).event_id
        keep_events(transfer, event)
        count_lines(lines, shipped=taken_off(lines, load.event_id, event, -1))
        found.append(event)
    transfer.shipments.update(called_back=True)
    return found


def _put_back(transfer: Transfer, lines: Mapping[int, TransferLine], *, actor: Actor, key: str) -> list[str]:
    picked, _on_the_way = in_hand(transfer.pk)
    if not picked.pieces:
        return []
    draft = draft_transfer_pick(transfer, picked.things, key=f"{key}:back", at=moment(None), step=Step.UNPICK)
    event = post(draft, actor=actor).event_id
    keep_events(transfer, event)
    kits = picked_kits(serves(transfer))
    end(kits, "put_back", event)
    pieces = pieces_with(look_up(picked.things), picked.things, kits)
    if own := counted_on(lines, less(pieces)):
        count_lines(lines, picked=own)
    return [event]
