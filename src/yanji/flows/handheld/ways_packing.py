"""Things are put into a box and taken out of it by scanning: its label, theirs, and its label once more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import LotQuantity, Offence, Refused
from yanji.places.models import Kind, Place
from yanji.places.rules import ids_of

from ..acts import Done
from ..packing.contents import Contents, contents
from ..packing.fits import Packing, against_packing
from ..packing.label import printed
from ..packing.models import Box, BoxKind, KitPick, PackingAct
from ..packing.pack import OutOfBox, box_for, pack, unpack
from ..scanning import Meaning
from ..things import look_up
from .about import About
from .attributed import attributed
from .boxes import code_of
from .lots import Taken, pieces_of
from .sights import Handful
from .sources import lots_taken, not_later
from .way import Told, Way, moved

PACKED_AT = (Kind.STORE, Kind.DOCK, Kind.DEPARTMENT)


def _pack(told: Told, actor: Actor) -> Done:
    about, boxes, loose = told.about, _boxes(told.things), _loose(told.things)
    things = moved(replace(told, things=loose), actor)
    counted = [thing for thing in things if isinstance(thing, LotQuantity)]
    place = _place(about, told.things, counted)
    if place is None:
        raise Refused("scan_where")
    box = _box(about, boxes, loose)
    return pack(
        actor=actor, key=told.key, place_id=place.pk, kind=box.kind, item_id=box.item_id, things=things,
        boxes=[each.code for each in boxes], code=about.box, happened_at=told.at,
    )  # fmt: skip


def _boxes(things: Sequence[Meaning]) -> list[Contents]:
    return [meaning.box for meaning in things if meaning.box]


def _loose(things: Sequence[Meaning]) -> list[Meaning]:
    return [meaning for meaning in things if meaning.box is None]


def _box(about: About, boxes: Sequence[Contents], loose: Sequence[Meaning]) -> Box:
    """The box as it is, or as it would be made: the kit that was named, a pallet where nothing but boxes goes onto it, else a
    carton. One statement."""
    if known := Box.objects.filter(code=about.box).first():
        # Whoever names a kit beside a box means a box of that kit: what it is instead is refused.
        return replaced(known, about.kit_id) if about.kit_id else known
    kind = BoxKind.KIT if about.kit_id else BoxKind.PALLET if boxes and not loose else BoxKind.BOX
    return Box(code=about.box, kind=kind, item_id=about.kit_id)


def replaced(box: Box, kit_id: int) -> Box:
    """The box, read as one of a kit; not to be kept. Pure."""
    box.kind, box.item_id = BoxKind.KIT, kit_id
    return box


def _place(about: About, things: Sequence[Meaning], counted: Sequence[LotQuantity]) -> Place | None:
    """Where it is packed: where counted pieces lie, for these cannot say it themselves; where somebody says; else the store, the
    dock or the department around the first thing. One statement."""
    if said := (counted[0].from_place_id if counted else about.place_id):
        return Place.objects.get(pk=said)
    paths = [each.unit.place_path for each in things if each.unit]
    paths += [box.place_path for box in _boxes(things)]
    found = Place.objects.filter(pk__in=ids_of(paths[0]), kind__in=PACKED_AT) if paths else ()
    return max(found, key=lambda place: len(place.path), default=None)


def packing_seen(found: Handful, actor: Actor) -> Handful:
    """The things, each with what speaks against packing it, and what speaks against all of it."""
    about, good = found.about, [meaning for meaning in found.things if not meaning.offences]
    boxes, loose = _boxes(good), _loose(good)
    taken: Taken = lots_taken("pack", about, None, loose, actor)
    units = [meaning.epc for meaning in loose if meaning.kind == "unit"]
    place = _place(about, good, taken.things)
    things = [*units, *taken.things]
    said: list[Offence] = [] if about.box or _elsewhere(found) else [Offence("scan_which_box")]
    if place is None and good:
        said.append(Offence("scan_where"))
    if place is not None and good:
        box = _box(about, boxes, loose)
        codes = [each.code for each in boxes]
        packing = Packing(place, box, things, codes, look_up(things), {each.code: each for each in boxes})
        said += _another(box, about)
        said += [each for each in against_packing(packing) if each.code != "empty"]
        found = replace(found, together=box.pk is None)
    return attributed(found, said, actor)


def _elsewhere(found: Handful) -> bool:
    """Whether a box was scanned that lies where the actor does not pack: of that it is told. Pure."""
    return any(
        code_of(each) and any(said.code == "not_yours" for said in each.meaning.offences)
        for each in found.sights
        if each.role == "thing"
    )


def _another(box: Box, about: About) -> Iterator[Offence]:
    """The box of the label is one of something else: said before anything is packed. One statement where a kit is named."""
    if (
        about.kit_id
        and (known := Box.objects.filter(code=about.box).first())
        and known.item_id != box.item_id
    ):
        yield Offence("box_is_another", about.box, {"kind": known.get_kind_display()})


def _unpack(told: Told, actor: Actor) -> Done:
    box = contents([told.about.box]).get(told.about.box)
    if not told.things:
        packed = PackingAct.objects.filter(box__code=told.about.box, act=PackingAct.Act.PACK)
        not_later(packed.values_list("at", flat=True), told.at, printed(told.about.box))
    counted = pieces_of(told.things)
    lots, offences = _out_of(box, counted, told.things) if box else ([], [])
    if offences:
        raise Refused.of(offences)
    units = [meaning.epc for meaning in told.things if meaning.kind != "lot"]
    return unpack(actor=actor, key=told.key, code=told.about.box, units=units, lots=lots, happened_at=told.at)


def _out_of(
    box: Contents, counted: Mapping[int, int], things: Sequence[Meaning]
) -> tuple[list[OutOfBox], list[Offence]]:
    """Which pieces of the scanned lots come out, whoever owns them; and what is not, or not so much of it, in the box. Pure."""
    lots, offences = [], []
    for lot, pieces in counted.items():
        left = pieces
        for row in box.lots:
            if row.lot_id == lot and row.box == box.code and (part := min(left, row.quantity)):
                lots.append(OutOfBox(lot, part, row.owner_id))
                left -= part
        if left:
            offences.append(Offence("not_in_box", f"lot {lot}", {"box": printed(box.code)}))
    unknown = [each for each in things if each.kind == "lot" and each.lot_id is None]
    return lots, [*offences, *(Offence("unknown_unit", each.lot) for each in unknown)]


def _seen(code: str, actor: Actor) -> Contents | None:
    """The box, where the actor packs there. Raises :class:`Refused` where not: nothing is told of what is in it."""
    try:
        return box_for(actor, code, may="pack")
    except NotFound:
        return None


def unpacking_seen(found: Handful, actor: Actor) -> Handful:
    """The things, each with whether it lies in the box, and whether anything comes out of that at all."""
    code = found.about.box
    if not code:
        return attributed(found, [] if _elsewhere(found) else [Offence("scan_which_box")], actor)
    if {code_of(sight) for sight in found.sights if sight.role != "thing"} - {"", code}:
        return attributed(found, [Offence("one_box_at_a_time", code, {"thing": printed(code)})], actor)
    box = _seen(code, actor)
    if box is None or not box.packed:
        return attributed(found, [Offence("box_is_empty", code, {"thing": printed(code)})], actor)
    picked = KitPick.objects.filter(box__code=code, outcome="").select_related("requisition", "transfer")
    said = [
        Offence("kit_is_picked", code, {"thing": printed(code), "requisition": each.document_number})
        for each in picked[:1]
    ]
    good = [meaning for meaning in found.things if not meaning.offences]
    inside = {unit.epc for unit in box.units}
    said += [
        Offence("not_in_box", meaning.epc, {"box": printed(code)})
        for meaning in good
        if meaning.kind in ("unit", "new_unit", "box") and meaning.epc not in inside
    ]
    return attributed(found, [*said, *_out_of(box, pieces_of(good), good)[1]], actor)


PACKING: Mapping[str, Way] = {
    "pack": Way("pack", _pack, (pack,), looks_at=packing_seen, takes_box="last", takes_place=True),
    "unpack": Way("pack", _unpack, (unpack,), looks_at=unpacking_seen, takes_box="any", takes_all=True),
}
