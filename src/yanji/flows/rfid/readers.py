"""The readers of a hospital: entered, changed, taken off."""

from collections.abc import Collection, Sequence
from typing import TypedDict, Unpack

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused
from yanji.places.models import Kind as PlaceKind

from ..acts import Done, verb
from ..gates import check, place_at
from ..queries import within
from .models import Misheard, Reader

WATCHES = {
    Reader.Kind.GATE: (PlaceKind.STORE, PlaceKind.DEPARTMENT, PlaceKind.DOCK, PlaceKind.ROOM),
    Reader.Kind.CABINET: (PlaceKind.CABINET,),
    Reader.Kind.HANDHELD: (PlaceKind.STORE, PlaceKind.DEPARTMENT),
}
MOST_ANTENNAS, MOST_INPUTS = 32, 255


class Wiring(TypedDict, total=False):
    """How a reader is wired. ``inside`` and ``outside``: its antennas on either side of a gate. ``tls`` and the contact of a
    cabinet's door (``door_input``, none without) are of readers that speak LLRP, see :class:`Reader`."""

    inside: Sequence[int]
    outside: Sequence[int]
    tls: bool
    door_input: int | None
    door_open_high: bool


def reader_for(actor: Actor, reader_id: int, *, may: str = "edit_places", lock: bool = False) -> Reader:
    """One reader, where the actor may do this; hidden and absent answer alike."""
    found = Reader.objects.select_related("place")
    found = found.select_for_update(of=("self",)) if lock else found
    reader = found.filter(pk=reader_id).first() if 0 < reader_id < 2**63 else None
    if reader is None:
        raise NotFound("reader")
    check(actor, [reader.place.path], may=may, thing=reader.name)
    return reader


@verb
def enter_reader(
    *,
    actor: Actor,
    key: str,
    name: str,
    kind: str,
    protocol: str,
    address: str,
    place_id: int,
    inside: Sequence[int] = (),
    outside: Sequence[int] = (),
    tls: bool = False,
    door_input: int | None = None,
    door_open_high: bool = True,
) -> Done:
    """From now on this reader is listened to. ``inside`` and ``outside``: its antennas on either side of a gate. ``tls`` and the
    contact of a cabinet's door are of readers that speak LLRP, see :class:`Reader`."""
    reader = Reader(kind=_one_of(Reader.Kind, kind), protocol=_one_of(Reader.Protocol, protocol))
    reader.place = place_at(actor, place_id, may="edit_places", kinds=WATCHES[Reader.Kind(kind)])
    _wire(reader, tls=tls, door_input=door_input, door_open_high=door_open_high)
    return _fill(reader, actor, name=name, address=address, inside=inside, outside=outside)


@verb
def change_reader(
    *,
    actor: Actor,
    key: str,
    reader_id: int,
    name: str,
    address: str,
    **wiring: Unpack[Wiring],
) -> Done:
    """Put right what is known of a reader; of its wiring, what is not said stays as it is. What it watches stays: passages are
    read by it."""
    reader = reader_for(actor, reader_id, lock=True)
    _wire(
        reader,
        tls=wiring.get("tls", reader.tls),
        door_input=wiring.get("door_input", reader.door_input),
        door_open_high=wiring.get("door_open_high", reader.door_open_high),
    )
    inside, outside = wiring.get("inside", reader.inside), wiring.get("outside", reader.outside)
    return _fill(reader, actor, name=name, address=address, inside=inside, outside=outside)


@verb
def set_reader_active(*, actor: Actor, key: str, reader_id: int, active: bool) -> Done:
    """Take a reader off, or listen to it again. It is never deleted: passages were seen by it."""
    reader = reader_for(actor, reader_id, lock=True)
    reader.active, reader.heard_at, reader.lost_because = active, None, ""
    _begins_anew(reader)
    return _saved(reader, actor)


def misheard_for(actor: Actor, *, limit: int = 50) -> list[Misheard]:
    """What could not be taken and nobody has looked at, of the readers that the actor edits, the latest first. One statement."""
    paths = actor.scopes.get("edit_places", ())
    found = Misheard.objects.filter(within("reader__place", paths), seen_by=None).select_related("reader")
    return list(found.order_by("-at", "-pk")[:limit])


@verb
def look_at_misheard(*, actor: Actor, key: str, reader_id: int) -> Done:
    """Somebody has looked at what a reader sent and nobody could take; it stays on file."""
    reader = reader_for(actor, reader_id)
    seen = Misheard.objects.filter(reader=reader, seen_by=None).update(seen_by_id=actor.person_id)
    return Done(reader.name, reader.pk, "seen", facts={"messages": seen})


def _wire(reader: Reader, *, tls: bool, door_input: int | None, door_open_high: bool) -> None:
    """How it is spoken to, and what is wired to it. Over MQTT the broker's address says whether TLS is used."""
    if door_input is not None:
        of_a_door = reader.kind == Reader.Kind.CABINET and reader.protocol == Reader.Protocol.LLRP
        if not of_a_door or not 0 < door_input <= MOST_INPUTS:
            raise Refused("bad_door_input", thing=str(door_input), most=MOST_INPUTS)
    reader.tls = tls and reader.protocol == Reader.Protocol.LLRP
    reader.door_input, reader.door_open_high = door_input, door_open_high


def _fill(
    reader: Reader, actor: Actor, *, name: str, address: str, inside: Sequence[int], outside: Sequence[int]
) -> Done:
    both = [*inside, *outside]
    if len(set(both)) < len(both) or not all(0 < each <= MOST_ANTENNAS for each in both):
        raise Refused("bad_antennas", thing=", ".join(map(str, both)), most=MOST_ANTENNAS)
    if bool(inside) != bool(outside):
        raise Refused("gate_needs_both_sides", thing=name)
    host, _colon, port = address.strip().rpartition(":")
    by_host = reader.protocol == Reader.Protocol.LLRP
    if by_host and not (host and port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        raise Refused("bad_reader_address", thing=address)
    if not by_host and any(sign in address for sign in "#+ "):
        raise Refused("bad_reader_topic", thing=address)
    reader.name, reader.address = name.strip(), address.strip()
    _begins_anew(reader)
    reader.inside, reader.outside = list(inside), list(outside)
    return _saved(reader, actor)


def _begins_anew(reader: Reader) -> None:
    """Somebody was at the reader: its messages may be numbered from one again."""
    reader.last_message, reader.last_said_at = 0, None


def _saved(reader: Reader, actor: Actor) -> Done:
    reader.edited_by_id, reader.edited_at = actor.person_id, timezone.now()
    reader.save()
    return Done(reader.name, reader.pk, "active" if reader.active else "ended")


def _one_of(choices: Collection[str], value: str) -> str:
    if value not in list(choices):
        raise Refused("unknown_reader_kind", thing=value)
    return value
