"""What people could not do by scanning and gave to the store: it is looked into there, and settled in words."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import commonpath
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from yanji.access.actor import Actor, valid_on
from yanji.access.gates import NotFound
from yanji.access.models import Grant
from yanji.access.operations import Operation
from yanji.identity import Unreadable, read
from yanji.ledger.api import Refused
from yanji.places.models import VIRTUAL, Kind, Place
from yanji.places.rules import ids_of

from ..acts import Done, check_input, verb
from ..adopt import BESIDE_PATIENTS
from ..called import Called, units_called
from ..consign.models import LoanSet
from ..counting.models import Count
from ..lending.models import Lending
from ..models import Case, Issue, PurchaseOrder, Requisition, ShipNotice
from ..opened.models import OpenedPiece
from ..paper_words import told
from ..scanning import understand
from ..sendback.models import SupplierReturn
from ..transfer.models import Transfer
from ..waves.models import Wave
from .about import About
from .aside import ADOPT
from .models import SentAct, SentState

MOST = 100
MASK = "•••"
# The places of a paper that say whose store it is: what the store sends, or where it is delivered to; of a way between two, both.
PLACES = {
    "order": (PurchaseOrder, ["deliver_to"]), "notice": (ShipNotice, ["order__deliver_to"]),
    "requisition": (Requisition, ["store"]), "issue": (Issue, ["store"]),
    "transfer": (Transfer, ["source", "destination"]),
    "case": (Case, ["department"]), "count": (Count, ["place"]), "supplier_return": (SupplierReturn, ["place"]),
    "wave": (Wave, ["store"]), "lending": (Lending, ["lender", "borrower"]),
    "loan_set": (LoanSet, ["department"]), "opened": (OpenedPiece, ["place"]),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HandedOn:
    """One act as the store is shown it. ``left_out``: scans that name a patient whom the reader may not see."""

    act: SentAct
    scans: list[str]
    sentences: list[str]
    because: str
    left_out: int


def handed_on(actor: Actor) -> list[HandedOn]:
    """What waits for the stores of the actor's campus, the oldest first. Five statements at most."""
    found = _seen(actor).filter(state=SentState.HANDED_ON).select_related("person").order_by("first_at")
    acts = list(found[:MOST])
    secrets = _secrets(acts, actor)
    units = units_called((str(offence["thing"]) for act in acts for offence in act.offences), actor)
    return [_shown(act, secrets, units, actor) for act in acts]


def _beside_a_patient(act: SentAct) -> bool:
    """Whether what is no product was meant as a wristband; of what is kept aside, where it was scanned for such an act. Pure."""
    return (str(act.about.get("reason", "")) if act.flow == ADOPT else act.flow) in BESIDE_PATIENTS


def _shown(act: SentAct, secrets: frozenset[str], units: Mapping[str, Called], actor: Actor) -> HandedOn:
    """Pure but for the sentences' language. For a patient, what is no product was meant as a wristband, known here or not."""
    scans = [str(scan["text"]) for scan in act.scans]
    own = set(secrets)
    if _beside_a_patient(act) and not actor.may("view_patient", act.path):
        own |= {text.strip() for text in scans if isinstance(read(text), Unreadable)}
    seen = [text for text in scans if text.strip() not in own]
    sentences = [_masked(_named(offence, units), own) for offence in act.offences]
    return HandedOn(act, seen, sentences, _masked(act.settled_because, own), len(scans) - len(seen))


def _named(offence: Mapping[str, Any], units: Mapping[str, Called]) -> str:
    """The sentence in the reader's language, with the names of what was hidden from who scanned it and not from the reader."""
    thing, said = str(offence["thing"]), _sentence(offence)
    return said.replace(thing, units[thing].full) if thing in units else said


def _sentence(offence: Mapping[str, Any]) -> str:
    if "facts" not in offence:  # kept before facts were
        return str(offence["sentence"])
    return told(str(offence["code"]), str(offence["thing"]), offence["facts"]).sentence()


def _masked(text: str, secrets: Iterable[str]) -> str:
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret[:80], MASK)
    return text


def _secrets(acts: Sequence[SentAct], actor: Actor) -> frozenset[str]:
    """Numbers and patients of the cases that are named anywhere in these acts and that the actor may not see."""
    said = {word for act in acts for word in _words(act)}
    if not said:
        return frozenset()
    cases = Case.objects.filter(Q(number__in=said) | Q(patient_token__in=said)).select_related("department")
    hidden = [case for case in cases if not actor.may("view_patient", case.department.path)]
    return frozenset(name for case in hidden for name in (case.number, case.patient_token) if name)


def _words(act: SentAct) -> Iterator[str]:
    """What may be the name of a case: whole scans, what a sentence is about, and its words. Pure."""
    yield from (str(scan["text"]).strip() for scan in act.scans)
    yield from (str(offence["thing"]) for offence in act.offences)
    said = (str(text) for each in act.offences for text in (each["sentence"], _sentence(each)))
    for text in (act.settled_because, *said):
        yield from (word.strip(".,;:!?()\"'") for word in re.findall(r"[!-~]+", text))


def _seen(actor: Actor) -> QuerySet[SentAct]:
    """Of every campus where the actor keeps a store: who could not do it may belong to any department there, or to all of
    them."""
    within = Q(pk__in=[])
    for campus in campuses_of(actor.scopes.get(Operation.STORE, ())):
        within |= Q(path__startswith=campus) | Q(path__in=_above(campus))
    return SentAct.objects.filter(within)


def campuses_of(paths: Iterable[str]) -> set[str]:
    """The campus of each path, or its root where it lies in none, or above. One statement, none without paths."""
    asked = set(paths)
    ids = {key for path in asked for key in ids_of(path)}
    campuses = (
        Place.objects.filter(pk__in=ids, kind=Kind.CAMPUS).values_list("path", flat=True) if ids else []
    )
    known = list(campuses)
    return {next((c for c in known if path.startswith(c)), _root(path)) for path in asked}


def _root(path: str) -> str:
    return "/".join(path.split("/")[:2]) + "/"


def _above(path: str) -> list[str]:
    """Every path that contains this one, the whole hospital first. Pure."""
    parts = path.strip("/").split("/")
    return ["/", *("/" + "/".join(parts[:number]) + "/" for number in range(1, len(parts)))]


def whereabouts(flow_operation: str, about: About, scans: Sequence[str], *, actor: Actor) -> str:
    """Where an act that is given to the store belongs: to the place of its paper, to its shelf, to where its things lie, to
    where the person works; where these are several, to all of them. Raises :class:`Refused` where nobody would look into it."""
    found = _of_paper(about) or _of_things(scans, actor) or [*actor.scopes.get(flow_operation, ())]
    path = _common(found or {path for paths in actor.scopes.values() for path in paths})
    campuses = campuses_of(_keepers())
    if not campuses:
        raise Refused("nobody_keeps")
    if any(path.startswith(campus) or path in _above(campus) for campus in campuses):
        return path
    return "/"


def _common(paths: Iterable[str]) -> str:
    """What contains all of them. Pure."""
    found = sorted(paths)
    return f"{commonpath(found).rstrip('/')}/" if found else "/"


def _of_paper(about: About) -> list[str]:
    for kind, (model, fields) in PLACES.items():
        if key := about.document(kind):
            rows = model._default_manager.filter(pk=key).values_list(*(f"{field}__path" for field in fields))
            return [path for row in rows for path in row]
    keys = [key for key in (about.place_id, about.from_place_id) if key]
    return list(Place.objects.filter(pk__in=keys[:1]).values_list("path", flat=True)) if keys else []


def _of_things(scans: Sequence[str], actor: Actor) -> list[str]:
    """Where the units lie that were scanned; what is beyond the door lies nowhere."""
    units = [meaning.unit for meaning in understand(scans, actor=actor) if meaning.unit]
    ids = {unit.place_id for unit in units}
    found = Place.objects.filter(pk__in=ids).exclude(kind__in=VIRTUAL)
    return list(found.values_list("path", flat=True)) if ids else []


def _keepers() -> list[str]:
    """Where anybody keeps a store today."""
    grants = Grant.objects.filter(role__operations__contains=[Operation.STORE.value], person__is_active=True)
    return list(valid_on(grants, timezone.localdate()).values_list("place__path", flat=True).distinct())


@verb
def close_handed_on(*, actor: Actor, key: str, sent_key: str, note: str) -> Done:
    """Say what was found and done about it. Raises :class:`Refused` where somebody else was quicker."""
    check_input({"note": note})
    if not note.strip():
        raise Refused("settled_why")
    kept = _seen(actor).select_for_update(of=("self",)).filter(pk=sent_key).first()
    if kept is None:
        raise NotFound("sent act")
    if kept.state != SentState.HANDED_ON:
        raise Refused("not_handed_on")
    kept.state, kept.closed_by_id, kept.closed_at = SentState.SETTLED, actor.person_id, timezone.now()
    kept.closed_because = note.strip()
    kept.save(update_fields=["state", "closed_by", "closed_at", "closed_because"])
    return Done(state=kept.state)
