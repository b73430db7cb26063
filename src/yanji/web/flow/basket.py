"""What was scanned on a page: every scan answers with one row, and the rows come back whole when a form is refused.

A row posts the scan itself (``line``) and not what it was taken for, so that posting decides anew. Beside it go the
row's key, its item (what counts against an order or a requisition) and, for counted lots, quantity and place.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yanji.access.actor import Actor
from yanji.flows.adopt import KEEPS_NOTHING, keep_unreadable
from yanji.flows.alternatives import WayOut
from yanji.flows.packing.contents import Contents
from yanji.flows.packing.models import BoxKind
from yanji.flows.preview import interpret
from yanji.flows.scanning import Meaning, label_offence, understand
from yanji.flows.seal import seal_note
from yanji.flows.things import Thing
from yanji.ledger.api import LotQuantity, Name, Offence, Refused, Status, on_hand
from yanji.places.models import Place

from .. import looks
from ..scan import Result, ScanRow, scan_row, scanned
from .sent import number_in

CONFIRM = "YANJI:OK"
# What pages scan by lot of a status that the ledger takes by name alone: what came out of patients.
BY_NAME_HERE = (Status.EXPLANTED.value,)
# A row may stand although these were said: what the form still asks for (a verdict, a reason) answers them.
Answers = frozenset[str]


@dataclass(frozen=True, slots=True)
class Source:
    """One place that pieces of a counted lot may be taken from."""

    place_id: int
    label: str
    quantity: int | None = None  # how much lies there, where it is known
    path: str = ""


@dataclass(frozen=True, slots=True)
class FlowRow(ScanRow):
    """A row with what its flow adds: the chosen verdict or reason, ways out, the scan for a second try. ``lies`` and ``status``:
    where a unit is, and as what; of a counted lot what :func:`with_places` found."""

    raw: str = ""
    kind: str = ""
    chosen: str = ""
    asks: str = ""
    ways: tuple[WayOut, ...] = ()
    nonce: str = field(default_factory=lambda: uuid4().hex)
    item_id: int = 0
    lot: str = ""
    sources: tuple[Source, ...] = ()
    lies: Name = ("", "")
    status: str = ""

    @property
    def adopt_values(self) -> str:
        """What the button that adopts an unknown product sends."""
        return json.dumps({"adopt": self.raw})

    @property
    def label_values(self) -> str:
        """What the button that numbers hospital labels sends; its own key makes them once."""
        return json.dumps(
            {
                "unlabelled": self.raw, "label_item": str(self.item_id), "label_lot": self.lot, "label_key": self.label_key,
                "label_expiry": self.expiry.isoformat() if self.expiry else "",
            }
        )  # fmt: skip

    @property
    def label_key(self) -> str:
        return f"labels:{self.nonce}"


def key_of(meaning: Meaning) -> str:
    """What two scans of the same thing share."""
    if meaning.epc:
        return meaning.epc
    item = meaning.item.pk if meaning.item else 0
    return f"lot:{item}:{meaning.lot}:{meaning.expiry or ''}"


def title_of(meaning: Meaning) -> str:
    """The item, the box, or what was scanned where it means neither."""
    if meaning.box:
        return f"{BoxKind(meaning.box.kind).label} {meaning.box.code.partition('/')[2]}"
    return meaning.item.name if meaning.item else meaning.scan.replace("\x1d", " ")[:120]


def detail_of(meaning: Meaning) -> str:
    """Model, serial and lot in one line; of a box how much is in it."""
    if meaning.box:
        return ngettext("%(n)s piece inside", "%(n)s pieces inside", meaning.quantity) % {
            "n": meaning.quantity
        }
    parts = [meaning.item.model if meaning.item else ""]
    parts += [_("Serial %(serial)s") % {"serial": meaning.serial}] if meaning.serial else []
    parts += [_("Lot %(lot)s") % {"lot": meaning.lot}] if meaning.lot else []
    return " · ".join(part for part in parts if part)


def label_note(meaning: Meaning) -> str:
    """What a ship notice had said of an expected unit, where its label says otherwise."""
    unit = meaning.unit
    if unit is None or meaning.printed is None or unit.status != Status.EXPECTED:
        return ""
    said = {"lot": unit.lot or "–", "expiry": unit.expiry or "–"}
    return (
        _("Announced as lot %(lot)s, expiry %(expiry)s: the label counts, and the difference is kept.") % said
    )


def note_of(meaning: Meaning) -> str:
    """What is said of a thing and does not stop it: about its label, about its seal, and which of its papers have lapsed or were
    never shown."""
    said = [label_note(meaning), seal_note(meaning), *(each.sentence() for each in meaning.lapsed)]
    return " ".join(filter(None, said))


def row_of(
    meaning: Meaning,
    *,
    answers: Answers = frozenset(),
    lies: str = "",
    quantity: str | int | None = None,
    chosen: str = "",
    presets: Mapping[str, str] | None = None,
    kept: bool = False,
    note: str = "",
    sources: Sequence[Source] = (),
) -> FlowRow:
    """One scan as a row. ``kept``: the row stood before, so it stays and only says what is wrong with it. ``sources``: the
    places that a counted lot may be taken from, to choose on the row; the first stands."""
    asks = next((offence.code for offence in meaning.offences if offence.code in answers), "")
    chosen = chosen or (presets or {}).get(asks, "")
    blocked = [offence for offence in meaning.offences if offence.code not in answers]
    key = key_of(meaning)
    inputs = [("line", meaning.scan), ("row", key), ("of", str(meaning.item.pk if meaning.item else 0))]
    counted = meaning.kind == "lot"
    if counted and lies and not sources:
        inputs.append((f"from:{key}", lies))
    inside = meaning.brings or (_inside(meaning.box) if meaning.box else {})
    if inside:
        inputs.append((f"inside:{key}", json.dumps(inside)))
    return FlowRow(
        result=_result(meaning, blocked, asks, kept),
        title=title_of(meaning),
        detail=detail_of(meaning),
        key=key,
        inputs=inputs,
        expiry=meaning.expiry,
        note=note or note_of(meaning),
        quantity=(quantity or meaning.quantity) if counted else None,
        quantity_name=f"quantity:{key}",
        refused=Refused.of(meaning.offences) if meaning.offences else None,
        raw=meaning.scan,
        kind=meaning.kind,
        chosen=chosen,
        asks=asks,
        ways=meaning.ways_out[:1],
        item_id=meaning.item.pk if meaning.item else 0,
        lot=meaning.lot,
        sources=tuple(sources) if counted else (),
        lies=meaning.unit.place_name if meaning.unit else ("", ""),
        status=meaning.unit.status if meaning.unit else "",
        inside=inside,
    )


def _inside(box: Contents) -> dict[int, int]:
    """Pieces of each item that move with a box: what was taken out of it is counted where it is."""
    pieces: Counter[int] = Counter(unit.item_id for unit in box.together)
    for lot in box.lots_together:
        pieces[lot.item_id] += lot.quantity
    return dict(pieces)


def with_places(rows: Sequence[FlowRow], actor: Actor) -> list[FlowRow]:
    """The rows, those of counted lots with the place that they are taken from, and the status where it is named. What was sent
    may name any place: of one that the actor may not look at nothing is said. One statement; none without such rows."""
    taken = {
        row.key: lies
        for row in rows
        for name, value in row.inputs
        if name == f"from:{row.key}" and (lies := where_it_lies(value))
    }
    named = Place.objects.in_bulk({place for place, _owner, _status in taken.values()}) if taken else {}
    places = {pk: place for pk, place in named.items() if actor.may("view", place.path)}
    return [
        replace(row, lies=(place.name_zh, place.name_en), status=taken[row.key][2])
        if row.key in taken and (place := places.get(taken[row.key][0]))
        else row
        for row in rows
    ]


def _result(meaning: Meaning, blocked: Sequence[Offence], asks: str, kept: bool) -> Result:
    if blocked and not kept:
        return "error"
    soon = looks.expiry_tone(meaning.expiry, timezone.localdate()) == "soon"
    return "warn" if blocked or asks or soon or note_of(meaning) else "ok"


class Basket:
    """The rows that a form posted, understood anew in a constant number of statements."""

    def __init__(self, request: HttpRequest) -> None:
        self.post = request.POST
        self.scans = request.POST.getlist("line")
        self.meanings: list[Meaning] = []
        self.too_many: Refused | None = None
        try:
            self.meanings = understand(self.scans, actor=request.actor) if self.scans else []
        except Refused as refused:
            self.too_many = refused

    def check(self, *, labels: bool = False, besides: Answers = frozenset()) -> None:
        """Raises :class:`Refused` where the rows cannot be things at all (``besides``: what does not matter here); with
        ``labels`` also where what is printed on a thing is not what is recorded of it."""
        if self.too_many:
            raise self.too_many
        said = [offence for meaning in self.meanings for offence in meaning.offences]
        offences = [offence for offence in said if offence.code not in besides]
        offences += [offence for meaning in self.meanings if labels and (offence := label_offence(meaning))]
        if offences:
            raise Refused.of(offences)

    def quantity(self, meaning: Meaning) -> int:
        """Pieces of a counted row as typed; a number that is none becomes zero, which every flow refuses."""
        text = self.post.get(f"quantity:{key_of(meaning)}", "").strip() or str(meaning.quantity)
        whole = text.removesuffix(".0")
        return number_in(whole, 8) or 0

    def pieces(self, *, kits_as_one: bool = False) -> int:
        """How many pieces the rows are: what is in a box counts, each of it; ``kits_as_one``: a kit is one piece of its own."""
        return sum(self._pieces(each, kits_as_one=kits_as_one) for each in self.meanings)

    def _pieces(self, meaning: Meaning, *, kits_as_one: bool) -> int:
        if meaning.box is None:
            return self.quantity(meaning) if meaning.kind == "lot" else 1
        return 1 if kits_as_one and meaning.box.item_id is not None else sum(_inside(meaning.box).values())

    def things(self, chosen: Callable[[Meaning], bool] = lambda _meaning: True) -> list[Thing]:
        """Units by identity, counted lots by quantity and place; what is neither is refused here."""
        found: list[Thing] = []
        offences: list[Offence] = []
        for meaning in filter(chosen, self.meanings):
            lies = where_it_lies(self.post.get(f"from:{key_of(meaning)}", ""))
            if meaning.kind == "lot" and meaning.lot_id and lies:
                found.append(LotQuantity(meaning.lot_id, Decimal(self.quantity(meaning)), *lies))
            elif meaning.epc:
                found.append(meaning.epc)
            else:
                offences.append(Offence("unknown_unit", meaning.scan[:80]))
        if offences:
            raise Refused.of(offences)
        return found

    def rows(self, refused: Refused, *, field: str = "", answers: Answers = frozenset()) -> list[FlowRow]:
        """The rows as they stood, each with what was said against it; ``field``: the row's own choice."""
        if self.too_many:
            return [
                ScanRow("ok", scan[:120], key=scan, inputs=(("line", scan), ("row", scan)))
                for scan in self.scans
            ]
        said: dict[str, list[Offence]] = {}
        for offence in refused.offences:
            said.setdefault(offence.thing, []).append(offence)
        return [self._row(meaning, said, field, answers) for meaning in self.meanings]

    def _row(self, meaning: Meaning, said: dict[str, list[Offence]], field: str, answers: Answers) -> FlowRow:
        inside = [unit.epc for unit in meaning.box.units] if meaning.box else []
        names = dict.fromkeys((meaning.epc, meaning.scan[:80], f"lot {meaning.lot_id}", meaning.lot, *inside))
        own = tuple(offence for name in names if name for offence in said.get(name, ()))
        lies = self.post.get(f"from:{key_of(meaning)}", "")
        counts = _sent_inside(self.post, key_of(meaning))
        return row_of(
            replace(meaning, offences=own, brings=counts or meaning.brings),
            answers=answers,
            lies=lies if where_it_lies(lies) else "",
            quantity=self.post.get(f"quantity:{key_of(meaning)}"),
            chosen=self.post.get(f"{field}:{key_of(meaning)}", "") if field else "",
            kept=True,
        )


def is_confirmation(request: HttpRequest) -> bool:
    """Whether the code that stands for the big button was scanned."""
    return scanned(request) == CONFIRM


def confirmed() -> HttpResponse:
    """Press the big button: the scanner alone ends what the scanner began."""
    return HttpResponse("", headers={"HX-Reswap": "none", "HX-Trigger": "yanji:confirm"})


def _sent_inside(post: QueryDict, key: str) -> dict[int, int]:
    """Item -> pieces that the row of a box counts for, as its flow said when it was scanned; nothing where that is not what was
    sent. Only what the page shows and warns of depends on it."""
    try:
        sent = json.loads(post.get(f"inside:{key}", "{}"))
    except ValueError:
        return {}
    pairs = sent.items() if isinstance(sent, dict) else ()
    found = {number_in(str(item)): number_in(str(pieces), 8) for item, pieces in pairs}
    return {item: pieces for item, pieces in found.items() if item is not None and pieces is not None}


def counted(request: HttpRequest) -> Counter[int]:
    """Pieces of each item that the page holds already, those in boxes as well."""
    total: Counter[int] = Counter()
    keys, items = request.POST.getlist("row"), request.POST.getlist("of")
    for key, item in zip(keys, items, strict=False):
        number = number_in(item)
        # What is put in doubt is taken in all the same.
        verdict = request.POST.get(f"verdict:{key}", "")
        if number is not None and (not verdict or verdict.startswith("hold:")):
            typed = number_in(request.POST.get(f"quantity:{key}", "1"), 8)
            inside = _sent_inside(request.POST, key) if f"inside:{key}" in request.POST else None
            total.update({number: 1 if typed is None else typed} if inside is None else inside)
    return total


def answer(
    request: HttpRequest, flow: str, *, extra: str = "", answers: Answers = frozenset(), path: str = "",
    presets: Mapping[str, str] | None = None, statuses: Sequence[str] = (), besides: Sequence[str] = (),
    found: Meaning | None = None, more: Mapping[str, Any] | None = None, sources: Sequence[Source] = (),
    absent: str = "unknown_unit", placed: bool = False, **context: Any,
) -> HttpResponse:  # fmt: skip
    """The row for one scan in a flow. ``path`` and ``statuses`` say where a counted lot is taken from (``besides``: where it
    lies in none of those; ``absent``: what is said where it lies nowhere), or ``sources`` between which places to choose.
    ``placed``: the row says where."""
    raw = scanned(request)
    meaning = found or interpret(raw, actor=request.actor, flow=flow, **context)
    if meaning.kind == "unreadable" and flow not in KEEPS_NOTHING:
        keep_unreadable(raw, actor=request.actor, flow=flow)
    if key_of(meaning) in request.POST.getlist("row") and meaning.item:
        # Scanned before: the page shows the row that stands. What it would mean once more is of no interest.
        return scan_row(
            request, row_of(meaning, kept=True, answers=frozenset(o.code for o in meaning.offences))
        )
    lies = lot_place(meaning, path, statuses) if meaning.kind == "lot" and path else ""
    if meaning.kind == "lot" and path and besides and not lies:
        lies = lot_place(meaning, path, besides)
    if meaning.kind == "lot" and path and not lies and not meaning.offences:
        meaning = replace(meaning, offences=(Offence(absent, meaning.lot or raw[:80]),))
    row = row_of(
        meaning, answers=answers | frozenset(presets or {}), presets=presets, lies=lies, sources=sources,
        quantity=sources[0].quantity if sources else None,
    )  # fmt: skip
    return scan_row(
        request, with_places([row], request.actor)[0] if placed else row, row_extra=extra, **(more or {})
    )


def lot_place(meaning: Meaning, path: str, statuses: Sequence[str]) -> str:
    """Where below a place the lot lies in one of the statuses, the fullest shelf: its id, behind a dot that of the supplier
    whose it is, and behind another the status where the ledger takes it by name alone. Empty where it lies nowhere."""
    if meaning.lot_id is None:
        return ""
    rows = on_hand(
        paths=[path], by=("place", "owner"), lot_id=meaning.lot_id, statuses=statuses or ("available",)
    )
    best = max(rows, key=lambda row: row.quantity, default=None)
    if best is None:
        return ""
    owner = str(best.owner_id or "")
    status = f".{statuses[0]}" if tuple(statuses) == BY_NAME_HERE else ""
    return f"{best.place_id}.{owner}{status}" if owner or status else str(best.place_id)


def where_it_lies(text: str) -> tuple[int, int | None, str] | None:
    """(place, owner, status) of a counted lot as :func:`lot_place` wrote it; None for anything else."""
    place_text, dot, rest = text.partition(".")
    owner_text, named, status = rest.partition(".")
    place, owner = number_in(place_text), number_in(owner_text)
    if place is None or (owner is None and (owner_text or dot != named)):
        return None
    if named and (status,) != BY_NAME_HERE:
        return None
    return place, owner, status
