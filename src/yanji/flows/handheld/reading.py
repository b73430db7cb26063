"""A handful of scans, read together: which name a place or a paper, which are things, and what speaks against the act."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from re import Match

from django.db import connection
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.identity import read
from yanji.ledger.api import Offence, Refused, Step, clock
from yanji.places.models import Kind, Place

from ..adopt import KEEPS_NOTHING, keep_all_unreadable
from ..alternatives import localised
from ..attempts import keep_scanned
from ..gates import case_for
from ..halves import is_half, whole
from ..packing.label import printed
from ..queries import cases
from ..scanning import Meaning, understand
from ..shelves import shelves_meant
from ..use import of_another, patients_named
from .about import About, Scanned
from .asked import items_only
from .attributed import answered
from .boxes import Said, code_of, naming_boxes, naming_kits
from .counted import counted
from .in_hand import InHand
from .judging import UNEXPECTED, asking, of_load
from .lots import Taken
from .missing import missing
from .naming import named
from .said import of_group, said_of_each, with_reasons
from .sights import AMOUNT, CONFIRM, REASON, Handful, Sight, in_role, reader_of, weighed
from .sources import SLACK, WITHOUT, lots_taken
from .way import Way
from .ways import WAYS
from .ways_opened import open_of_lots

ONE_BREATH = timedelta(seconds=20)
MOVED = """
SELECT DISTINCT ON (u.id) u.epc, e.step, e.happened_at, ARRAY[a.name_zh, a.name_en], ARRAY[p.name_zh, p.name_en]
  FROM unnest(%s::text[], %s::timestamptz[]) AS asked(epc, since)
  JOIN ledger_unit u ON u.epc = asked.epc
  JOIN ledger_movement m ON m.unit_id = u.id AND m.from_place_id <> m.to_place_id
  JOIN ledger_event e ON e.id = m.event_id AND e.happened_at > asked.since
  JOIN access_person a ON a.id = e.actor_id
  JOIN places_place p ON p.id = u.place_id
 ORDER BY u.id, m.seq DESC
"""


def read_scans(
    scans: Sequence[Scanned], *, actor: Actor, flow: str, about: About, at: datetime | None = None
) -> Handful:
    """What the scans mean for a flow. Writes nothing but what cannot be read, and attempts that matter. The number
    of statements does not depend on how many there are. ``at``: when the act happened, where it did not happen now."""
    way, at = WAYS[flow], at or timezone.now()
    sights = _understood(_paired(scans, actor), actor)
    sights = items_only(sights, actor) if way.by_item else sights
    sights = [_one_piece(sight) for sight in sights] if way.single else sights
    if flow == "put_away":  # a shelf by its short name is one as well
        lies = {sight.meaning.unit.place_path for sight in sights if sight.meaning.unit}
        meant = shelves_meant([sight.meaning for sight in sights], actor=actor, near=lies)
        sights = [replace(sight, meaning=meaning) for sight, meaning in zip(sights, meant, strict=True)]
    hand = InHand(way, actor)
    named_by = _named_by(sights, way, actor, at)
    found = _about(sights, hand.complete(about), way, hand, actor, named_by)
    found = replace(found, looks=way.act is None, at=at)
    found = replace(found, sights=said_of_each(found.sights))
    if way.by_shelf:
        found = counted(found, actor)
    elif way.judged or (flow == "look" and any(sight.meaning.kind == "unit" for sight in found.sights)):
        found = _judged(found, flow, actor)
    elif way.by_item:
        found = replace(found, sights=[_strange(sight, found, {}) for sight in found.sights])
    if flow == "arrive" and found.about.transfer_id:
        found = _of_load(found, actor)
    if way.against:
        said = tuple(way.against(found, actor))
        found = replace(found, offences=(*found.offences, *said))
    found = with_reasons(found, way)
    if flow not in KEEPS_NOTHING:
        unread = [sight for sight in found.sights if sight.meaning.kind == "unreadable"]
        profiles = [reader_of(actor, camera=sight.camera).scanner for sight in unread]
        texts = [sight.meaning.scan for sight in unread]
        keep_all_unreadable(list(zip(texts, profiles, strict=True)), actor=actor, flow=flow)
    found = replace(found, taken=_lots(flow, found, way, actor))
    lacking = (*missing(found, way), *hand.differing(found.about))
    return replace(found, offences=(*lacking, *found.offences, *found.taken.offences))


def _lots(flow: str, found: Handful, way: Way, actor: Actor) -> Taken:
    if found.taken.things or found.taken.choices:  # looked for already
        return found.taken
    known = not way.documents or any(found.about.document(kind) for kind in way.documents)
    taken = lots_taken(flow, found.about, found.case, found.things, actor, known=known)
    if not known or flow in WITHOUT or taken.offences:
        return taken
    return replace(taken, offences=tuple(taken.passed_over(found.things)))


def _paired(scans: Sequence[Scanned], actor: Actor) -> list[Sight]:
    """Neighbours that are the two halves of one label become one."""
    found: list[Sight] = []
    for number, scan in enumerate(scans):
        reader = reader_of(actor, camera=scan.camera)
        half = is_half(read(scan.text, profile=reader.scanner)) if scan.text.strip() else False
        before = found[-1] if found else None
        both = None
        if half and before and before.half and _in_one_breath(before, scan):
            both = whole(before.meaning.scan, scan.text, reader.scanner)
        if both and before:
            found[-1] = replace(
                before,
                meaning=Meaning(both, "unreadable"),
                of=(*before.of, number),
                half=False,
                times=max(before.times, scan.times),
            )
        else:
            found.append(
                Sight(
                    Meaning(scan.text, "unreadable"),
                    (number,),
                    half=half,
                    at=scan.at,
                    camera=scan.camera,
                    times=scan.times,
                )
            )
    return found


def _in_one_breath(before: Sight, scan: Scanned) -> bool:
    """Whether the second symbol was read right after the first, and by the same reader."""
    if before.camera != scan.camera:
        return False
    return before.at is None or scan.at is None or scan.at - before.at <= ONE_BREATH


def _understood(sights: Sequence[Sight], actor: Actor) -> list[Sight]:
    """Each with its meaning; what the camera read is asked apart from what the scanner sent."""
    answers: dict[int, Meaning] = {}
    texts_of: dict[int, str] = {}
    for camera in (False, True):
        of = [number for number, sight in enumerate(sights) if sight.camera is camera]
        if of:
            texts = [sights[number].meaning.scan for number in of]
            reader = reader_of(actor, camera=camera)
            answers |= dict(zip(of, understand(texts, actor=reader), strict=True))
            texts_of |= dict(zip(of, map(reader.text_of, texts), strict=True))
    return [
        replace(sight, meaning=_times(answers[number], sight), text=texts_of[number])
        for number, sight in enumerate(sights)
    ]


def _times(meaning: Meaning, sight: Sight) -> Meaning:
    """A label of a counted lot may stand for several, as somebody said; what has a serial number is one. Pure."""
    return weighed(meaning, meaning.quantity * sight.times) if meaning.kind == "lot" else meaning


def _one_piece(sight: Sight) -> Sight:
    """One piece a label, whatever package it stands for. Pure."""
    meaning = sight.meaning
    return replace(sight, meaning=weighed(meaning, sight.times)) if meaning.kind == "lot" else sight


def _about(
    sights: Sequence[Sight], about: About, way: Way, hand: InHand, actor: Actor, named_by: Mapping[str, Said]
) -> Handful:
    """Takes what names a place or a paper out of the things. The last named counts; one named again, after things,
    confirms the act, and so does a paper of which all goes without things. A patient who was chosen, or for whom there are
    things, stays: what names another is none of them, and is told (:func:`_strange`)."""
    kept: list[Sight] = []
    chosen = about.case_id
    confirmed_by, things = "", 0
    stores = _stores_named(sights) if way.asks_store else set()
    open_to: dict[Said, bool] = {}
    for sight in sights:
        said = _said(sight, way, named_by, stores)
        if said is not None and said not in open_to:
            open_to[said] = _open_to(said, way, actor)
        theirs = said is None or open_to[said]
        said = said if theirs else None
        if said and said[0] == "case_id" and about.case_id not in (None, said[1]) and (things or chosen):
            said = None
        reason = REASON.fullmatch(sight.text)
        if reason and (said_of := _reasoned(reason, way, kept)) is not None:
            about, kept = _reason_of(said_of, sight, about, kept)
            confirmed_by = ""
        elif way.measures and (amount := AMOUNT.fullmatch(sight.text)):
            about = replace(about, amount=amount[1].replace(",", "."))
            kept.append(in_role(sight, "about"))
            confirmed_by = ""
        elif sight.text == CONFIRM:
            confirmed_by = CONFIRM if things else ""
            kept.append(in_role(sight, "confirm"))
        elif said is None:
            things += 1
            confirmed_by = ""
            kept.append(sight if theirs or not code_of(sight) else _not_theirs(sight))
        else:
            before, about = about, hand.naming(about, *said)
            again = about == before and (things or (way.takes_all and not said[0].endswith("place_id")))
            confirmed_by = sight.text if again else ""
            kept.append(in_role(sight, "confirm" if again else "about"))
    case = case_for(actor, about.case_id, may="use") if about.case_id and way.asks == "use" else None
    return Handful(kept, about, confirmed=bool(confirmed_by), confirmed_by=confirmed_by, case=case)


def _reasoned(reason: Match[str], way: Way, kept: Sequence[Sight]) -> str | None:
    """What a code that stands for a reason says: group and code where it is of the thing before it, the code alone where it is
    of the act; None where it says nothing here. Pure."""
    group, code = reason[1].lower(), reason[2].lower()
    if group in way.reasons_of and kept and kept[-1].role == "thing":
        return f"{group}:{code}"
    return code if group == way.reasons else None


def _reason_of(said: str, sight: Sight, about: About, kept: list[Sight]) -> tuple[About, list[Sight]]:
    """A reason goes with the thing that was scanned before it, or is one of the act. Pure."""
    if ":" not in said:
        return replace(about, reason=said), [*kept, in_role(sight, "about")]
    last = kept[-1]
    return about, [*kept[:-1], replace(last, of=(*last.of, *sight.of), reason=said)]


def _named_by(sights: Sequence[Sight], way: Way, actor: Actor, at: datetime) -> dict[str, Said]:
    """Text -> what it names that is no paper and no place: a case by its wristband, a box, a kit or an opened
    vial by its own label."""
    found: dict[str, Said] = {}
    if "case" in way.papers:
        found |= {text: ("case_id", case) for text, case in _wristbands(sights, actor).items()}
    if "opened" in way.documents:
        found |= open_of_lots(sights, actor, at)
    if way.takes_box:
        found |= naming_boxes(sights, last=way.takes_box == "last")
    return found | naming_kits(sights) if way.takes_box == "last" else found


def _wristbands(sights: Sequence[Sight], actor: Actor) -> dict[str, int]:
    """Text -> the running case whose number or patient it names, where it names one alone."""
    texts = {sight.text for sight in sights if sight.meaning.kind in ("unreadable", "document")}
    if not texts:
        return {}
    found: dict[str, set[int]] = {}
    for case in cases(actor, states=("planned", "open"), limit=1_000):
        for text in {case.number, case.patient_token} & texts:
            found.setdefault(text, set()).add(case.pk)
    return {text: min(keys) for text, keys in found.items() if len(keys) == 1}


def _stores_named(sights: Sequence[Sight]) -> set[int]:
    """The stores among the places that were scanned. One statement, none without a place."""
    places = {said[1] for sight in sights if (said := sight.meaning.document) and said[0] == "place"}
    stores = Place.objects.filter(pk__in=places, kind=Kind.STORE)
    return set(stores.values_list("pk", flat=True)) if places else set()


def _said(sight: Sight, way: Way, named_by: Mapping[str, Said], stores: Collection[int]) -> Said | None:
    if sight.text in named_by:
        return named_by[sight.text]
    if sight.meaning.document is None:
        return None
    kind, key = sight.meaning.document
    if kind == "place" and way.asks_store and key in stores:
        return "from_place_id", key
    if kind == "place" and way.takes_place and not way.by_shelf:
        return "place_id", key
    return (f"{kind}_id", key) if kind in way.papers else None


def _open_to(said: Said, way: Way, actor: Actor) -> bool:
    """What is hidden from the actor, or not theirs to work on, says nothing here."""
    try:
        named(About(**{said[0]: said[1]}), way, actor)
    except (NotFound, Refused):
        return False
    return True


def _not_theirs(sight: Sight) -> Sight:
    """A box that lies where somebody else packs was understood, and that is told. Pure."""
    offences = (Offence("not_yours", printed(code_of(sight))),)
    return replace(sight, meaning=replace(sight.meaning, offences=offences))


def _judged(found: Handful, flow: str, actor: Actor) -> Handful:
    """The things, each with what stands in the way of the flow."""
    found = looks_at(found, actor) if (looks_at := WAYS[flow].looks_at) else _foretold(found, flow, actor)
    sights = found.sights
    moved = _moved(sights)
    sights = [
        replace(sight, meaning=replace(sight.meaning, offences=(moved[sight.meaning.epc],)))
        if sight.role == "thing" and sight.meaning.epc in moved
        else sight
        for sight in sights
    ]
    foreign = [s.text for s in sights if found.case and s.role == "thing" and _no_product(s)]
    named = patients_named(foreign, actor=actor)
    sights = [_strange(sight, found, named) for sight in sights]
    if foreign and sights[-1].text in foreign:
        keep_scanned(sights[-1].meaning.offences, actor=actor, flow=flow)
    return replace(found, sights=sights)


def _foretold(found: Handful, flow: str, actor: Actor) -> Handful:
    """With what the ledger, and the paper, say of the step."""
    things = [sight for sight in found.sights if sight.role == "thing"]
    rejected = {number: of_group(sight, "reject") for number, sight in enumerate(things)}
    ask = asking(
        flow, found.about, found.case, [s.meaning for s in found.sights], actor=actor,
        rejected={number: code for number, code in rejected.items() if code},
    )  # fmt: skip
    return answered(found, ask)


def _of_load(found: Handful, actor: Actor) -> Handful:
    offences, strange = of_load(found.about, found.things, actor)
    sights = [
        replace(sight, verdict=UNEXPECTED)
        if sight.role == "thing" and sight.meaning.epc in strange
        else sight
        for sight in found.sights
    ]
    return replace(found, sights=sights, offences=offences)


def _no_product(sight: Sight) -> bool:
    return sight.meaning.kind in ("unreadable", "document")


def _strange(sight: Sight, found: Handful, named: Mapping[str, set[str]]) -> Sight:
    """A place or a paper among the things is none of them. For a patient, what is no product was meant as a wristband: not this
    patient's."""
    if found.looks:
        return sight
    strange = ("place",) if found.case else ("place", "document")
    if sight.role == "thing" and sight.meaning.kind in strange:
        shelf = "place_beside_patient" if found.case else "no_shelf_here"
        code = shelf if sight.meaning.kind == "place" else "scan_not_for_this"
        # A shelf that is one of several, or not theirs, says so itself.
        offences = sight.meaning.offences or (Offence(code, sight.text[:80]),)
        return replace(sight, meaning=replace(sight.meaning, offences=offences))
    if found.case is None or sight.role != "thing" or not _no_product(sight):
        return sight
    text, case = sight.text, found.case
    other = of_another(named.get(text, set()), case.number, case.patient_token)
    offences = other.offences if other else (Offence("not_confirmed", text[:80]),)
    return replace(sight, meaning=replace(sight.meaning, offences=tuple(offences)))


def _moved(sights: Sequence[Sight]) -> dict[str, Offence]:
    """Units that somebody moved after they were scanned. One statement, none where nobody says when."""
    since: dict[str, datetime] = {}
    for sight in sights:
        if sight.role == "thing" and sight.meaning.unit and sight.at:
            since[sight.meaning.epc] = sight.at + SLACK
    if not since:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(MOVED, (list(since), list(since.values())))
        rows = cursor.fetchall()
    return {
        epc: Offence(
            "moved_since", epc,
            {"step": Step(step).label, "who": localised(tuple(who)), "at": clock(at), "place": localised(tuple(place))},
        )
        for epc, step, at, who, place in rows
    }  # fmt: skip
