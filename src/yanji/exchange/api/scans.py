"""What scans mean, before anything is done with them; and products that nobody has entered yet."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from yanji.access.actor import Actor
from yanji.flows.adopt import KEEPS_NOTHING, adopt_unknown, keep_all_unreadable
from yanji.flows.preview import interpret_many
from yanji.flows.scanning import LONGEST_SCAN, Meaning, said
from yanji.flows.seal import seal_note
from yanji.identity import ScannerProfile, set_up

from .auth import actor
from .errors import way_out
from .shapes import Act, Answer, Id, Name, OffenceOut, Shape, UnitOut, WayOutOut, answered, may_fail
from .units import units_out

router = Router(tags=["scans"])
Scan = Annotated[str, StringConstraints(max_length=LONGEST_SCAN)]
Flow = Literal[
    "look",
    "receive",
    "put_away",
    "pick",
    "reserve",
    "unreserve",
    "unpick",
    "issue",
    "take_in",
    "set_out",
    "use",
    "give_back",
    "restock",
    "hold",
    "release",
    "scrap",
]


class Profile(Shape):
    """What the scanner does to a scan, as ``/scanners/learn`` gives it."""

    separator: Annotated[str, StringConstraints(max_length=8)] = "\x1d"
    prefix: Annotated[str, StringConstraints(max_length=20)] = ""
    suffix: Annotated[str, StringConstraints(max_length=20)] = ""
    sends_symbology: bool | None = None
    layout: Literal["", "QWERTZ", "AZERTY"] = ""


def scanning(request: HttpRequest, profile: Profile | None) -> Actor:
    """Who speaks, with what the scanner in their hand does."""
    who = actor(request)
    return who.reading_with(ScannerProfile(**profile.model_dump())) if profile else who


class Scans(Shape):
    """Scans as they came from the scanner, and the flow that they are for. ``profile``: what the scanner does to them."""

    scans: list[Scan] = Field(min_length=1, max_length=50_000)
    flow: Flow = "look"
    order_id: Id | None = None
    requisition_id: Id | None = None
    issue_id: Id | None = None
    place_id: Id | None = None
    from_place_id: Id | None = None
    counted: dict[int, int] = Field(default_factory=dict, max_length=1_000)
    policy: Literal["fefo", "fifo"] = "fefo"
    profile: Profile | None = None


class WarningOut(Schema):
    code: str
    detail: str
    sentence: str


class ChoiceOut(Schema):
    """One of several places that a short name may mean."""

    place_id: int
    code: str
    label: str


class MeaningOut(Schema):
    """What one scan means; ``ok`` where nothing stands in the way of the flow. ``choices``: where a name given to put
    things away is the name of several places. ``packed_in``: the box that a scanned unit would be taken out of; ``seal``: the
    sentence about that, or about what is missing from the scanned box; empty where no seal is broken. ``warnings``: about the
    code, and papers of the thing that have lapsed where the flow brings it towards a patient."""

    scan: str
    kind: str
    ok: bool
    issuer: str
    di: str
    item_id: int | None
    item_name: str
    epc: str
    serial: str
    lot: str
    lot_id: int | None
    expiry: date | None
    made: date | None
    quantity: int
    packed_in: str
    seal: str
    document: tuple[str, int] | None
    unit: UnitOut | None
    warnings: list[WarningOut]
    offences: list[OffenceOut]
    ways_out: list[WayOutOut]
    choices: list[ChoiceOut]


@router.post("/scans", response=may_fail(list[MeaningOut]))
def interpret(request: HttpRequest, payload: Scans) -> list[MeaningOut]:
    """What each scan means and what the flow would do with it. Nothing is booked.

    A label that cannot be read is kept for master data, but where it may be meant as a wristband.
    """
    who = scanning(request, payload.profile)
    context = payload.model_dump(exclude={"scans", "flow", "profile"})
    meanings = interpret_many(payload.scans, actor=who, flow=payload.flow, **context)
    unread = [(each.scan, who.scanner) for each in meanings if each.kind == "unreadable"]
    if unread and payload.flow not in KEEPS_NOTHING:
        keep_all_unreadable(unread, actor=who, flow=payload.flow)
    units = [meaning.unit for meaning in meanings if meaning.unit]
    shown = {unit.epc: unit for unit in units_out(units, who)}
    return [
        meaning_out(meaning, shown.get(meaning.unit.epc) if meaning.unit else None) for meaning in meanings
    ]


def meaning_out(meaning: Meaning, unit: UnitOut | None) -> MeaningOut:
    return MeaningOut(
        scan=meaning.scan.encode("utf-8", "backslashreplace").decode(), kind=meaning.kind, ok=meaning.ok,
        issuer=meaning.issuer, di=meaning.di, item_id=meaning.item.pk if meaning.item else None,
        item_name=meaning.item.name if meaning.item else "", epc=meaning.epc, serial=meaning.serial,
        lot=meaning.lot, lot_id=meaning.lot_id, expiry=meaning.expiry, made=meaning.made,
        quantity=meaning.quantity, packed_in=meaning.packed_in, seal=seal_note(meaning), document=meaning.document,
        unit=unit,
        warnings=[
            *(WarningOut(code=each.code, detail=each.detail, sentence=said(each)) for each in meaning.warnings),
            *(WarningOut(code=each.code, detail=each.thing, sentence=each.sentence()) for each in meaning.lapsed),
        ],
        offences=[OffenceOut(code=e.code, thing=e.thing, sentence=e.sentence()) for e in meaning.offences],
        ways_out=[WayOutOut(**way_out(way)) for way in meaning.ways_out],
        choices=[ChoiceOut.from_orm(choice) for choice in meaning.choices],
    )  # fmt: skip


class Adoption(Act):
    scan: Scan
    name: Name = ""
    profile: Profile | None = None


@router.post("/adoptions", response=may_fail(Answer))
def adopt(request: HttpRequest, payload: Adoption) -> Answer:
    """Make a provisional item for a product that no catalogue entry has; ``id`` is the item."""
    who = scanning(request, payload.profile)
    return answered(adopt_unknown(actor=who, key=payload.key, scan=payload.scan, name=payload.name))


class TestScan(Shape):
    scanned: Scan


class LearntOut(Schema):
    """``profile``: null where the scanner has to be set otherwise first; ``findings``: what is wrong, or could be better."""

    profile: Profile | None
    findings: list[WarningOut]


@router.post("/scanners/learn", response=may_fail(LearntOut))
def learn(request: HttpRequest, payload: TestScan) -> LearntOut:
    """What a scanner made of the test symbol that the scanner page shows. Nothing is kept: send the profile with scans."""
    learnt = set_up(payload.scanned)
    return LearntOut(
        profile=Profile(**asdict(learnt.profile)) if learnt.profile else None,
        findings=[WarningOut(code=each.code, detail=each.detail, sentence=said(each)) for each in learnt.findings],
    )  # fmt: skip
