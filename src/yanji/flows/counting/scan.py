"""A scan in a count: kept as it was read, once a key, with what can be said of it at that moment."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import CLOCK_SLACK, Offence, Refused, durable
from yanji.ledger.models import Unit
from yanji.places.models import Place

from ..acts import MAX_PIECES, Done, check_input, verb
from ..rfid.tags import named_by_tags
from ..scanning import MOST_SCANS, Meaning, understand
from ..unkept import refuse_badges
from .gate import allow_count, count_for
from .judge import Sighting, judge
from .models import Count, CountScan
from .once import Said, Standing, pieces_of, standing, storable
from .scope import includes

MOST_READS = 5_000
LONGEST_KEY = 100
Kind, How = CountScan.Kind, CountScan.How
# What a scan can be besides the kinds of variance.
RIGHT, TWICE, OUTSIDE, NOTED, SHELF, NOTHING = "right", "twice", "outside", "noted", "place", "nothing"
FOREIGN = "foreign"  # a shelf that is not counted here: foreseen only, for kept it is refused


@dataclass(frozen=True, slots=True)
class Read:
    """One read as a device gives it. ``key`` is the device's name for it; ``place_id`` where the thing lies, None for
    the place counted or the shelf whose label came before it in the same list; ``seen_at`` None for now; ``camera``: read
    off the label itself, and not by the scanner whose profile is kept. ``steers``: the label of a shelf holds for what comes
    after it; a reader hears the tags of shelves among all others."""

    scan: str
    key: str
    place_id: int | None = None
    quantity: int | None = None
    seen_at: datetime | None = None
    camera: bool = False
    steers: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one read: ``verdict`` is a kind of variance, right, twice (counted already), outside (not asked
    for by this count), noted (a lot; or in a blind count anything), place (a shelf was chosen) or nothing (a document's
    code; of what a reader heard also a place's; of tags a box with nothing in it). ``scan_id`` names the row that can
    be taken back; ``repeated``: it had been sent before."""

    key: str
    verdict: str
    meaning: Meaning
    place_id: int
    scan_id: int | None = None
    quantity: int = 1
    repeated: bool = False


def record(*, actor: Actor, count_id: int, reads: Sequence[Read], how: str = How.DEVICE) -> list[Heard]:
    """Keep what was read. Reads that were kept before, by their key, are not kept again: whoever was cut off sends all. A
    tag counts once in a round.

    No ``Act`` is kept: each row has its own key, and a count of five thousand would leave five thousand answers behind.
    The same statements for one read and for a thousand. Raises :class:`Refused` where nothing may be counted (any more).
    """
    if len(reads) > MOST_READS:
        raise Refused("too_many_lines", count=len(reads), limit=MOST_READS)
    # The texts themselves may be anything that a reader makes of a damaged label.
    check_input({"things": [replace(read, scan="") for read in reads]})
    if any(not 0 < len(read.key) <= LONGEST_KEY for read in reads):
        raise Refused("key_missing")
    return _record(actor, count_id, list(reads), how)


@durable
def _record(actor: Actor, count_id: int, reads: list[Read], how: str) -> list[Heard]:
    count = shared(actor, count_id)
    allow_count(count, "scan")
    _not_by_who_counted(count, actor)
    if not any(read.scan.strip() for read in reads):
        raise Refused("empty")
    refuse_badges([read.scan for read in reads], actor=actor)
    texts = [read.scan for read in reads]
    texts = named_by_tags(texts) if how == How.TAG else texts
    # What was learnt of a scanner says nothing about tags.
    meanings = _understood(reads, texts, actor.reading_with(None) if how == How.TAG else actor)
    places = _places(count, reads, meanings)
    return _Keeping(count, actor, how, places).keep(reads, meanings)


def foresee(
    *, actor: Actor, count_id: int, reads: Sequence[Read], meanings: Sequence[Meaning], how: str = How.SCAN
) -> list[Heard]:
    """What would become of reads that were understood already, were they kept now; a shelf that is not counted here is
    ``foreign``, its meaning says why. Writes nothing. Raises :class:`Refused` as :func:`record` does for the rest."""
    count = count_for(actor, count_id, may="count")
    allow_count(count, "scan")
    _not_by_who_counted(count, actor)
    places = _places(count, reads, meanings)
    keeping = _Keeping(count, actor, how, places)
    foreign = {
        number: said
        for number, (read, meaning) in enumerate(zip(reads, meanings, strict=True))
        if _chooses(read, meaning) and (said := keeping.foreign(meaning))
    }
    own = [number for number in range(len(reads)) if number not in foreign]
    heard = iter(keeping.hear([reads[number] for number in own], [meanings[number] for number in own]))
    return [
        Heard(read.key, FOREIGN, replace(meaning, offences=foreign[number]), count.place_id)
        if number in foreign
        else next(heard)
        for number, (read, meaning) in enumerate(zip(reads, meanings, strict=True))
    ]


@verb
def count_scanned(*, actor: Actor, key: str, count_id: int, reads: Sequence[Read]) -> Done:
    """A handful of scans for a count, kept together, once a key: :func:`record` for who sends whole acts. ``facts``: how many
    of each verdict."""
    heard = _record(actor, count_id, list(reads), How.SCAN)
    count = count_for(actor, count_id, may="count")
    return Done(count.number, count.pk, count.state, facts=dict(Counter(each.verdict for each in heard)))


def _understood(reads: Sequence[Read], texts: Sequence[str], actor: Actor) -> list[Meaning]:
    """Each as its reader gave it: what the camera read needs no profile of the scanner's."""
    found: dict[int, Meaning] = {}
    for camera in (False, True) if actor.scanner else (None,):
        reader = actor.reading_with(None) if camera else actor
        own = [number for number, read in enumerate(reads) if camera is None or read.camera is camera]
        for start in range(0, len(own), MOST_SCANS):
            some = own[start : start + MOST_SCANS]
            found |= zip(some, understand([texts[n] for n in some], actor=reader), strict=True)
    return [found[number] for number in range(len(reads))]


def shared(actor: Actor, count_id: int) -> Count:
    """The count for somebody who counts: many may scan at once, and whoever closes it waits for them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM flows_count WHERE id = %s FOR SHARE", (count_id,))
    return count_for(actor, count_id, may="count")


def _not_by_who_counted(count: Count, actor: Actor) -> None:
    """A recount is worth something only where somebody else does it."""
    if count.round > 1 and count.scans.filter(round__lt=count.round, actor_id=actor.person_id).exists():
        raise Refused("recount_by_counter", thing=count.number)


def _places(count: Count, reads: Sequence[Read], meanings: Sequence[Meaning]) -> dict[int, Place]:
    """The place counted and those that the reads name, wherever they lie. One statement, none where no place is named."""
    named = {read.place_id for read in reads if read.place_id}
    named |= {
        m.document[1] for read, m in zip(reads, meanings, strict=True) if _chooses(read, m) and m.document
    }
    named -= {count.place_id}
    found = Place.objects.in_bulk(named) if named else {}
    return {count.place_id: count.place, **found}


class _Keeping:
    """One batch on its way into the table."""

    def __init__(self, count: Count, actor: Actor, how: str, named: dict[int, Place]) -> None:
        self.count, self.actor, self.how, self.named = count, actor, how, named
        self.places = {pk: place for pk, place in named.items() if place.path.startswith(count.place.path)}
        self.now = timezone.now()
        self.rows: list[CountScan] = []
        self.seen: dict[
            int, tuple[int, str]
        ] = {}  # unit -> where it is counted in this round, and what was said
        self.by_epc: dict[str, int] = {}
        self.before = Standing()

    def keep(self, reads: Sequence[Read], meanings: Sequence[Meaning]) -> list[Heard]:
        return self._numbered(self.hear(reads, meanings))

    def hear(self, reads: Sequence[Read], meanings: Sequence[Meaning]) -> list[Heard]:
        """What becomes of each; the rows lie ready, and are not written yet."""
        said = [
            Said(read.key, storable(read.scan), meaning, read.quantity or meaning.quantity)
            for read, meaning in zip(reads, meanings, strict=True)
        ]
        self.before = standing(self.count, said, by_tag=self.how == How.TAG)
        self._look_up(meanings)
        heard, shelf = [], self.count.place_id
        for read, meaning in zip(reads, meanings, strict=True):
            if _chooses(read, meaning):
                shelf = self._shelf(meaning)
                heard.append(Heard(read.key, SHELF, meaning, shelf))
            elif read.key in self.before.kept:
                heard.append(self._repeated(meaning, read.key, self.before.kept[read.key]))
            else:
                heard.append(self._one(read, meaning, self._place(read.place_id or shelf)))
        return heard

    def _repeated(self, meaning: Meaning, key: str, row: CountScan) -> Heard:
        """It is said again what was said then; in a blind count, as little."""
        if row.key != key:  # a box, and one of the rows that it left
            return Heard(key, NOTED, meaning, row.place_id, None, meaning.quantity, True)
        said = row.verdict if row.kind == Kind.UNKNOWN else self._told(meaning, row.verdict)
        return Heard(key, said, meaning, row.place_id, row.pk, row.quantity, True)

    def _numbered(self, heard: list[Heard]) -> list[Heard]:
        CountScan.objects.bulk_create(self.rows, ignore_conflicts=True)
        keys = [row.key for row in self.rows]
        numbers = dict(CountScan.objects.filter(count=self.count, key__in=keys).values_list("key", "pk"))
        return [
            each
            if each.scan_id or each.key not in numbers
            else Heard(each.key, each.verdict, each.meaning, each.place_id, numbers[each.key], each.quantity)
            for each in heard
        ]

    def _shelf(self, meaning: Meaning) -> int:
        if offences := self.foreign(meaning):
            raise Refused.of(offences)
        assert meaning.document is not None
        return meaning.document[1]

    def foreign(self, meaning: Meaning) -> tuple[Offence, ...]:
        """Why a place is not counted here; nothing for one that is, and for things."""
        if meaning.kind != "place" or meaning.document is None:
            return ()
        place = self.places.get(meaning.document[1])
        if place is not None and place.active:
            return ()
        return (Offence("shelf_not_counted", self._called(meaning), {"place": self.count.place.name}),)

    def _called(self, meaning: Meaning) -> str:
        """A place that is not counted here: by name as everywhere, to those who may know of it."""
        assert meaning.document is not None
        place = self.named.get(meaning.document[1])
        return place.name if place and self.actor.may("view", place.path) else meaning.scan.strip()[:80]

    def _place(self, place_id: int) -> Place:
        if place_id not in self.places:
            raise NotFound("place")
        return self.places[place_id]

    def _look_up(self, meanings: Sequence[Meaning]) -> None:
        """Units hidden from the actor are counted as well; and where each has been seen in this round already."""
        hidden = {m.epc for m in meanings if m.kind == "unit" and m.unit is None}
        if hidden:
            self.by_epc = dict(Unit.objects.filter(epc__in=hidden).values_list("epc", "pk"))
        units = [*_units(meanings), *self.by_epc.values()]
        if units:
            rows = effective(self.count).filter(unit_id__in=units, round=self.count.round).order_by("pk")
            self.seen = {
                unit: (place, said)
                for unit, place, said in rows.values_list("unit_id", "place_id", "verdict")
            }

    def _one(self, read: Read, meaning: Meaning, place: Place) -> Heard:
        shelf = meaning.kind == "place" and not read.steers
        if shelf or meaning.kind == "document" or not read.scan.strip():
            return Heard(read.key, NOTHING, meaning, place.pk)
        if meaning.kind == "box" and meaning.box is not None:
            return self._box(read, meaning, place)
        unit_id = meaning.unit.id if meaning.unit else self.by_epc.get(meaning.epc)
        if meaning.kind == "unit" and unit_id:
            return self._unit(read, meaning, place, unit_id)
        kind = Kind.LOT if meaning.kind == "lot" and meaning.lot_id else Kind.UNKNOWN
        if self._told_by_tag(kind, read):
            return Heard(read.key, TWICE, meaning, place.pk)
        if kind == Kind.LOT:
            return self._lot(read, meaning, place)
        self._add(read, Kind.UNKNOWN, place, "unknown", epc=meaning.epc, item_id=_item(meaning))
        return Heard(read.key, "unknown", meaning, place.pk)

    def _told_by_tag(self, kind: str, read: Read) -> bool:
        """Whether this tag of no unit has counted in this round. From now on it has."""
        tag = (kind, storable(read.scan))
        if self.how != How.TAG or tag in self.before.told:
            return self.how == How.TAG
        self.before.told.add(tag)
        return False

    def _lot(self, read: Read, meaning: Meaning, place: Place) -> Heard:
        assert meaning.lot_id is not None
        quantity = self.before.takes(meaning.lot_id, pieces_in(read.quantity or meaning.quantity))
        if not quantity:  # it lies in a box that was read with it
            return Heard(read.key, TWICE, meaning, place.pk)
        self._add(
            read, Kind.LOT, place, NOTED, lot_id=meaning.lot_id, item_id=_item(meaning), quantity=quantity
        )
        return Heard(read.key, self._told(meaning, NOTED), meaning, place.pk, quantity=quantity)

    def _unit(self, read: Read, meaning: Meaning, place: Place, unit_id: int) -> Heard:
        verdict = self._verdict(meaning, place)
        # Seen there before and the ledger says the same as then: nothing new. Where it has changed, it is.
        if self.seen.get(unit_id) == (place.pk, verdict):
            return Heard(read.key, TWICE, meaning, place.pk)
        self.seen[unit_id] = (place.pk, verdict)
        self._add(read, Kind.UNIT, place, verdict, unit_id=unit_id, epc=meaning.epc, item_id=_item(meaning))
        return Heard(read.key, self._told(meaning, verdict), meaning, place.pk)

    def _verdict(self, meaning: Meaning, place: Place) -> str:
        unit = meaning.unit
        if unit is None:
            return "elsewhere"
        sighting = Sighting(place.path, unit.place_path, unit.place_kind, unit.status)
        return judge(sighting, counted_path=self.count.place.path) or RIGHT

    def _told(self, meaning: Meaning, verdict: str) -> str:
        """What the counter hears. A blind count tells nobody what the ledger says."""
        if self.count.blind:
            return NOTED
        asked_for = includes(self.count, _item(meaning) or 0, meaning.expiry)
        return verdict if asked_for or verdict not in (RIGHT, NOTED) else OUTSIDE

    def _box(self, read: Read, meaning: Meaning, place: Place) -> Heard:
        """The label of a closed box speaks for everything in it: pieces of lots once, however many boxes around them are read."""
        assert meaning.box is not None
        if self.how == How.TAG and not meaning.quantity:
            return Heard(read.key, NOTHING, meaning, place.pk)
        rows_before = len(self.rows)
        for unit in meaning.box.together:
            sighting = Sighting(place.path, unit.place_path, unit.place_kind, unit.status)
            verdict = judge(sighting, counted_path=self.count.place.path) or RIGHT
            if self.seen.get(unit.unit_id) != (place.pk, verdict):
                self.seen[unit.unit_id] = (place.pk, verdict)
                self._add(read, Kind.UNIT, place, verdict, inside=f"u{unit.unit_id}", unit_id=unit.unit_id,
                          epc=unit.epc, item_id=unit.item_id)  # fmt: skip
        for lot in pieces_of(meaning.box):
            if lot.inside not in self.before.boxed and (
                quantity := self.before.takes(lot.lot_id, lot.quantity)
            ):
                self.before.boxed.add(lot.inside)
                self._add(read, Kind.LOT, place, NOTED, inside=lot.inside, lot_id=lot.lot_id, item_id=lot.item_id,
                          quantity=quantity)  # fmt: skip
        if len(self.rows) == rows_before and meaning.quantity:
            return Heard(read.key, TWICE, meaning, place.pk)
        return Heard(read.key, NOTED, meaning, place.pk, quantity=meaning.quantity)

    def _add(
        self, read: Read, kind: str, place: Place, verdict: str, *, inside: str = "", **fields: object
    ) -> None:
        self.rows.append(
            CountScan(
                count=self.count,
                key=f"{read.key}/{inside}" if inside else read.key,
                round=self.count.round,
                kind=kind,
                raw=storable(read.scan),
                place=place,
                seen_at=self._seen_at(read.seen_at),
                recorded_at=self.now,
                actor_id=self.actor.person_id,
                device=self.actor.device[:80],
                how=How.BOX if inside else self.how,
                verdict=verdict,
                **fields,
            )
        )

    def _seen_at(self, given: datetime | None) -> datetime:
        """A device's clock is believed between the beginning of the count and now. In a recount without any slack since the close
        before it: what a device that was cut off saw until then would be taken for what somebody else saw again."""
        if given is None:
            return self.now
        first = self.count.started_at - CLOCK_SLACK - timedelta(minutes=5)
        if self.count.round > 1 and self.count.closed_at:
            first = self.count.closed_at
        if not first <= given <= self.now + CLOCK_SLACK:
            raise Refused("seen_at_odd", at=timezone.localtime(given).strftime("%Y-%m-%d %H:%M"))
        return min(max(given, self.count.started_at), self.now)


def _chooses(read: Read, meaning: Meaning) -> bool:
    return read.steers and meaning.kind == "place" and meaning.document is not None


def _units(meanings: Iterable[Meaning]) -> list[int]:
    """Every unit that the scans speak for."""
    units = [meaning.unit.id for meaning in meanings if meaning.unit]
    return units + [unit.unit_id for meaning in meanings if meaning.box for unit in meaning.box.together]


def _item(meaning: Meaning) -> int | None:
    return meaning.item.pk if meaning.item else None


def pieces_in(quantity: int) -> int:
    if not 0 < quantity <= MAX_PIECES:
        raise Refused("bad_quantity", thing="quantity")
    return quantity


def effective(count: Count):
    """The scans that hold: not taken back, not replaced."""
    return CountScan.objects.filter(count=count, replaced_by__isnull=True).exclude(kind=Kind.UNDO)
