"""What a scan means here: which item, which unit or lot, whether it is known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Value
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext

from yanji.access.actor import Actor
from yanji.catalog.models import Item, ItemCode
from yanji.identity import Identity, Reading, ScannerProfile, Unreadable, read
from yanji.identity.labels import GIAI, LOCAL
from yanji.identity.model import Reason
from yanji.identity.scanner import bare
from yanji.ledger.api import Offence, Refused, Status, UnitView, storable, unit_views
from yanji.ledger.models import Alias, Lot, Unit
from yanji.places.models import VIRTUAL
from yanji.places.queries import by_gln

from .alternatives import WayOut
from .lost_separators import possible, settled
from .models import Label
from .named_documents import documents_named
from .packing.contents import Contents, boxes_of, contents, is_box

Kind = Literal[
    "unit",  # the ledger knows it
    "new_unit",  # a serialised unit that the ledger does not know
    "lot",  # a lot of an item that is counted
    "needs_label",  # a unit whose maker gives no serial
    "package",  # a package with several units inside, by the maker's code for such a package
    "box",  # a pallet, carton or kit of which every unit is known
    "item",  # the product alone
    "unknown_product",  # readable, but in no catalogue: adopt it
    "place",
    "document",
    "unreadable",
]
MOST_SCANS = 1_000
LONGEST_SCAN = 4_096


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several places that a short name may mean; ``label`` tells it from the others."""

    place_id: int
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one scan means, and (``offences``) what stands in the way of the flow that asked.

    ``per``: pieces of one package of the code that was scanned; ``quantity`` counts pieces. ``printed``: lot and expiry as the
    label says, where the record of the unit says otherwise; a unit that is still expected is shown as its label says.
    ``warnings``: (code, detail) of the identity; ``document``: kind and id where the scan names a document or place;
    ``choices``: the places to choose from where it names several. ``box``: what is in the box that was scanned; ``brings``:
    item -> pieces that the box counts for in the flow that asked, where that is not what lies in it; ``packed_in``: the box that
    a scanned unit is taken out of. ``lapsed``: papers of the thing that have lapsed, to be said and no hindrance.
    ``unwanted``: the document does not ask for it, or for so much.
    """

    scan: str
    kind: Kind
    issuer: str = ""
    di: str = ""
    item: Item | None = None
    epc: str = ""
    serial: str = ""
    lot: str = ""
    lot_id: int | None = None
    expiry: date | None = None
    made: date | None = None
    quantity: int = 1
    per: int = 1
    unit: UnitView | None = None
    document: tuple[str, int] | None = None
    warnings: tuple[Reason, ...] = ()
    offences: tuple[Offence, ...] = ()
    ways_out: tuple[WayOut, ...] = ()
    choices: tuple[Choice, ...] = ()
    box: Contents | None = None
    brings: Mapping[int, int] = field(default_factory=dict)
    packed_in: str = ""
    printed: tuple[str, date | None] | None = None
    lapsed: tuple[Offence, ...] = ()
    unwanted: bool = False

    @property
    def ok(self) -> bool:
        return not self.offences


@dataclass(slots=True)
class _Facts:
    """What the database knows of a batch of scans: a constant number of statements for all of them."""

    codes: dict[tuple[str, str], ItemCode] = field(default_factory=dict)
    units: dict[str, UnitView] = field(default_factory=dict)
    epc_of: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    documents: dict[str, tuple[str, int]] = field(default_factory=dict)
    boxes: dict[str, Contents] = field(default_factory=dict)
    packed_in: dict[int, str] = field(default_factory=dict)


def understand(scans: Sequence[str], *, actor: Actor) -> list[Meaning]:
    """What each scan means, without regard to any flow. The same few statements for one scan and for a
    thousand; fewest where all name units.

    Read by the profile of the actor's scanner, where one was learnt. Units that lie where the actor sees nothing are
    ``not_yours``. Raises :class:`Refused` for more than a
    thousand.
    """
    if len(scans) > MOST_SCANS:
        raise Refused("too_many_lines", count=len(scans), limit=MOST_SCANS)
    today, asked = timezone.localdate(), {}

    def knows_di(di: str) -> bool:
        # Asked only for scans that lost their separators.
        if di not in asked:
            asked[di] = ItemCode.objects.filter(code=di).exists()
        return asked[di]

    texts = [actor.scanner.unwrapped(scan) for scan in scans] if actor.scanner else scans
    readings = [_read(text, actor.scanner, knows_di, today) for text in texts]
    facts = _recorded(readings)
    readings = [(text, settled(reading, facts.units)) for text, reading in readings]
    _learn_others(facts, readings)
    meanings = [_hide(_meaning(text, reading, facts), actor) for text, reading in readings]
    return [
        meaning if meaning.scan == scan else replace(meaning, scan=scan)
        for scan, meaning in zip(scans, meanings, strict=True)
    ]


def _read(
    scan: str, profile: ScannerProfile | None, knows_di: Callable[[str], bool], today: date
) -> tuple[str, Reading]:
    """A place, a number: what is no identity is looked for without what the scanner says of the symbol."""
    if not storable(scan.rstrip("\r\n\t\0")) or len(scan) > LONGEST_SCAN:
        return scan, Unreadable((Reason("not_escaped_text"),), text="")
    found = read(scan, profile=profile, knows_di=knows_di, today=today)
    named = isinstance(found, Identity) and (found.has_key or found.has_production)
    return (scan if named else bare(scan)), found


def _recorded(readings: Sequence[tuple[str, Reading]]) -> _Facts:
    """Units first: what names one of them is asked nothing else, for that is what nearly every scan does."""
    facts = _Facts()
    epcs = _epcs(readings) | {
        each.epc for _scan, reading in readings for each in possible(reading) if each.epc
    }
    facts.epc_of = _units_named(_texts(readings), epcs)
    facts.units = unit_views(sorted(set(facts.epc_of.values())))
    facts.packed_in = boxes_of([unit.id for unit in facts.units.values()])
    return facts


def _learn_others(facts: _Facts, readings: Sequence[tuple[str, Reading]]) -> None:
    """What the scans mean that name no unit."""
    others = [(scan, reading) for scan, reading in readings if _unit_of(scan, reading, facts) is None]
    if not others:
        return
    texts = _texts(others)
    _products(facts, [reading for _scan, reading in others if isinstance(reading, Identity)])
    # A label that names one thing names no paper and no place.
    named = {scan.strip() for scan, reading in others if isinstance(reading, Identity) and reading.epc}
    facts.documents = documents_named(texts - named)
    read_as = {scan.strip(): reading.epc or "" for scan, reading in others if isinstance(reading, Identity)}
    facts.documents |= {text: ("place", key) for text, key in by_gln(read_as).items()}
    codes = [code for code in texts | _epcs(readings) - facts.units.keys() if is_box(code)]
    facts.boxes = contents(codes) if codes else {}


def _texts(readings: Sequence[tuple[str, Reading]]) -> set[str]:
    return {scan.strip() for scan, _reading in readings if 0 < len(scan.strip()) <= 160 and storable(scan)}


def _epcs(readings: Sequence[tuple[str, Reading]]) -> set[str]:
    return {reading.epc for _scan, reading in readings if isinstance(reading, Identity) and reading.epc}


def _unit_of(scan: str, reading: Reading, facts: _Facts) -> UnitView | None:
    """The unit that a scan names: by its identity, or by another code for it."""
    epc = (isinstance(reading, Identity) and reading.epc) or ""
    named = epc if epc in facts.units else facts.epc_of.get(scan.strip()) or facts.epc_of.get(epc)
    return facts.units.get(named or "")


def _products(facts: _Facts, known: Sequence[Identity]) -> None:
    """What the codes on labels of things not recorded say: labels printed here, and items with ``lots`` of theirs. Two
    statements at most, each only where a code can be one of these."""
    own = {reading.epc for reading in known if (reading.epc or "").startswith((LOCAL, GIAI))}
    labels = Label.objects.filter(epc__in=own).select_related("item") if own else []
    facts.labels = {label.epc: label for label in labels}
    dis = {reading.di for reading in known if reading.di}
    lots = Lot.objects.filter(item_id=OuterRef("item_id"), number__in={each.lot or "" for each in known})
    said = ArraySubquery(lots.values(lot=JSONObject(id="pk", number="number", expiry="expiry")))
    rows = ItemCode.objects.filter(code__in=dis).select_related("item").annotate(lots=said) if dis else []
    facts.codes = {(row.issuer, row.code): row for row in rows}


def _lot_id(code: Any, number: str, expiry: date | None) -> int | None:
    """The lot of its item, by what a label says of it; ``code``: with ``lots``, see :func:`_products`. Pure."""
    said = number, expiry.isoformat() if expiry else None
    return next((lot["id"] for lot in code.lots if (lot["number"], lot["expiry"]) == said), None)


def _units_named(texts: set[str], epcs: set[str]) -> dict[str, str]:
    """What names a recorded unit -> its identity: that itself, aliases, and serial numbers or labels typed without the rest; a
    serial that several units share says nothing. One statement."""
    serials: dict[str, str] = {}
    several: set[str] = set()
    itself: dict[str, str] = {}
    others: dict[str, str] = {}
    own = Unit.objects.filter(Q(serial__in=texts) | Q(epc__in=texts | epcs))
    aliases = Alias.objects.filter(code__in=texts | epcs).values_list(Value(True), "code", "unit__epc")
    for is_alias, code, epc in own.values_list(Value(False), "serial", "epc").union(aliases, all=True):
        if is_alias:
            others[code] = epc
            continue
        several |= {code} if code in serials else set()
        serials[code] = itself[epc] = epc
    return {code: epc for code, epc in serials.items() if code not in several} | itself | others


def _meaning(scan: str, reading: Reading, facts: _Facts) -> Meaning:
    text = scan.strip()
    unit = _unit_of(scan, reading, facts)
    if unit is not None:
        return _known(scan, unit, reading if isinstance(reading, Identity) else None, facts)
    box = facts.boxes.get(text) or facts.boxes.get((isinstance(reading, Identity) and reading.epc) or "")
    if box:
        return _boxed(scan, box)
    if text in facts.documents:
        kind, key = facts.documents[text]
        return Meaning(scan, "place" if kind == "place" else "document", document=(kind, key))
    return (
        unreadable(scan, reading.reasons) if isinstance(reading, Unreadable) else _new(scan, reading, facts)
    )


def unreadable(scan: str, reasons: Sequence[Reason]) -> Meaning:
    """A scan that means nothing here, with why."""
    thing = scan.strip()[:80]
    offences = tuple(Offence("unreadable", thing, {"detail": said(reason)}) for reason in reasons)
    return Meaning(scan, "unreadable", warnings=tuple(reasons), offences=offences)


def _boxed(scan: str, box: Contents) -> Meaning:
    pieces = box.pieces
    return Meaning(scan, "box", epc=box.code, quantity=pieces, box=box)


def _known(scan: str, unit: UnitView, reading: Identity | None, facts: _Facts) -> Meaning:
    printed = _printed(unit, reading)
    lot, expiry = printed if printed and unit.status == Status.EXPECTED else (unit.lot, unit.expiry)
    return Meaning(
        scan,
        "unit",
        issuer=reading.issuer if reading else "",
        di=(reading.di if reading else "") or "",
        item=Item(
            pk=unit.item_id,
            code=unit.item_code,
            name_zh=unit.item_name[0],
            name_en=unit.item_name[1],
            model=unit.item_model,
        ),
        epc=unit.epc,
        serial=unit.serial,
        lot=lot,
        lot_id=unit.lot_id,
        expiry=expiry,
        made=unit.made,
        unit=unit,
        warnings=reading.warnings if reading else (),
        packed_in=facts.packed_in.get(unit.id, ""),
        printed=printed,
    )


def _printed(unit: UnitView, reading: Identity | None) -> tuple[str, date | None] | None:
    """Lot and expiry by the label, where they differ from the record; what the label leaves out differs from nothing."""
    if reading is None:
        return None
    says = (reading.lot or unit.lot, reading.expiry or unit.expiry)
    return None if says == (unit.lot, unit.expiry) else says


def label_offence(meaning: Meaning) -> Offence | None:
    """What speaks against giving a unit to anybody: the label on it and the record of it are not about the same thing."""
    unit = meaning.unit
    if unit is None or meaning.printed is None or unit.status == Status.EXPECTED:
        return None
    lot, expiry = meaning.printed
    facts = {
        "thing": f"{meaning.item.name} · {unit.serial}" if meaning.item and unit.serial else meaning.epc,
        "lot": lot,
        "expiry": expiry or "–",
        "recorded_lot": unit.lot,
        "recorded_expiry": unit.expiry or "–",
    }
    return Offence("label_differs", meaning.epc, facts)


def _new(scan: str, reading: Identity, facts: _Facts) -> Meaning:
    label = facts.labels.get(reading.epc or "")
    if label:
        return Meaning(
            scan,
            "new_unit",
            reading.issuer,
            item=label.item,
            epc=label.epc,
            serial=label.number,
            lot=label.lot,
            expiry=label.expiry,
            made=label.made,
            warnings=reading.warnings,
        )
    code = facts.codes.get((reading.issuer, reading.di or ""))
    base = Meaning(
        scan,
        "item",
        reading.issuer,
        reading.di or "",
        code.item if code else None,
        reading.epc or "",
        reading.serial or "",
        reading.lot or "",
        None,
        reading.expiry,
        reading.made,
        reading.quantity or 1,
        warnings=reading.warnings,
    )
    if code is None:
        if not reading.di:
            detail = said(Reason("only_production_data"))
            return replace(
                base, kind="unreadable", offences=(Offence("unreadable", scan[:80], {"detail": detail}),)
            )
        return replace(base, kind="unknown_product", offences=(Offence("unknown_product", reading.di),))
    lot_id = _lot_id(code, base.lot, base.expiry)
    base = replace(base, lot_id=lot_id, quantity=base.quantity * code.quantity, per=code.quantity)
    if code.item.tracking == Item.Tracking.LOT:
        return replace(base, kind="lot" if reading.has_production else "item")
    if code.quantity > 1:
        return replace(base, kind="package")
    if base.epc and base.serial:
        return replace(base, kind="new_unit", quantity=1)
    return replace(
        base, kind="needs_label" if reading.has_production or not code.item.maker_serial else "item"
    )


def said(reason: Reason) -> str:
    """A reason or a warning of the identity as a sentence, in the current language."""
    return gettext(reason.message)


def _hide(meaning: Meaning, actor: Actor) -> Meaning:
    unit = meaning.unit
    if meaning.box is not None and not _may_see_box(actor, meaning.box):
        return Meaning(meaning.scan, "box", epc=meaning.epc, offences=(Offence("not_yours", meaning.epc),))
    if unit is None or may_see(actor, unit.place_kind, unit.place_path):
        return meaning
    return Meaning(meaning.scan, "unit", epc=meaning.epc, offences=(Offence("not_yours", meaning.epc),))


def _may_see_box(actor: Actor, box: Contents) -> bool:
    if not box.together:
        return actor.may("view")
    return may_see(actor, box.together[0].place_kind, box.place_path)


def may_see(actor: Actor, place_kind: str, place_path: str) -> bool:
    """Whether a unit may be shown. What is beyond the door (used, under way, scrapped) lies in no subtree:
    whoever may see stock anywhere may see it, without the patient."""
    return actor.may("view") if place_kind in VIRTUAL else actor.may("view", place_path)
