"""An act of the scan page is done once, however often it is sent; what is refused is kept for a person to settle."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from yanji.access.actor import Actor
from yanji.access.badges import badges_among
from yanji.access.gates import NotFound
from yanji.ledger.api import CLOCK_SLACK, Refused
from yanji.ledger.models import Event

from ..acts import Done, check_input, spend
from ..models import Act
from ..paper_words import kept as kept_words
from ..unkept import refuse_badges
from .about import About, Scanned, storable_text
from .aside import ACTS, ADOPT
from .handed_on import whereabouts
from .models import SentAct, SentState
from .reading import read_scans
from .sights import Handful
from .way import Told

SETTLING = "settle"  # stands in the log of acts where a key was used up without an act
SETTLED = (SentState.HANDED_ON, SentState.DROPPED, SentState.SETTLED)


@dataclass(frozen=True, slots=True)
class Sending:
    """One act as the device keeps it. ``scanned_at`` and ``sent_at``, and the times of the scans, are of the device's clock;
    ``skew_ms``: how far the server's was ahead when it was scanned, where the device had measured that. ``again``: a person
    looked at what was refused, at ``scanned_at``, and means it as of then. ``replaces``: the act that it was parted from."""

    key: str
    flow: str
    scans: Sequence[Scanned]
    about: About
    scanned_at: datetime | None = None
    sent_at: datetime | None = None
    skew_ms: int | None = None
    again: bool = False
    replaces: str = ""

    def fingerprint(self, person_id: int) -> str:
        told = [person_id, self.flow, [_said(scan) for scan in self.scans], self.about.told()]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _said(scan: Scanned) -> list[object]:
    """A scan as it makes an act this one and no other; that it stands once is not said."""
    return [scan.text, scan.camera, *([scan.times] if scan.times > 1 else [])]


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the device's clock says, put right. ``skew``: by how much it was behind when the scan was made; ``at``: when the
    act happened, never in the future; ``sent_skew_ms``: the same as found on arrival."""

    skew: timedelta
    at: datetime
    sent_skew_ms: int | None

    def true(self, told: datetime | None) -> datetime | None:
        return told + self.skew if told else None


def clocks(sending: Sending, now: datetime) -> Clocks:
    """Pure. What was measured when the scan was made is believed before what is found on arrival: meanwhile somebody may have
    set the clock."""
    found = now - sending.sent_at if sending.sent_at else None
    skew = found or timedelta()
    if sending.skew_ms is not None:
        skew = timedelta(milliseconds=sending.skew_ms)
    at = now if sending.scanned_at is None else min(sending.scanned_at + skew, now)
    return Clocks(skew, at, round(found / timedelta(milliseconds=1)) if found is not None else None)


def send(sending: Sending, *, actor: Actor) -> Done:
    """Do it, once. Raises :class:`Refused` with everything that stands in the way; then nothing was done, and what was scanned
    is kept under its key until it is sent ``again`` or settled."""
    now = timezone.now()
    told = clocks(sending, now)
    refuse_badges([scan.text for scan in sending.scans], actor=actor)
    kept = _kept(sending, told, actor=actor)
    if kept.state in SETTLED:
        raise Refused("sent_settled")
    if done := _done_before(kept):
        return _accepted(kept, done)
    try:
        return _accepted(kept, _act(sending, told, actor))
    except (Refused, NotFound) as refused:
        # The same act, sent twice at once: what the first has done stands in the way of the second.
        if done := _done_before(kept):
            return _accepted(kept, done)
        _refused(kept, refused)
        raise


def said_of(flow: str, done: Done) -> str:
    """What is told of an act that is done, in the language of who asks; empty where its number says all. Pure."""
    says = ACTS[flow].says
    return says(done) if says else ""


def _act(sending: Sending, told: Clocks, actor: Actor) -> Done:
    way, unknown = ACTS[sending.flow], sending.flow == ADOPT
    assert way.act is not None, sending.flow
    flow = "look" if unknown else sending.flow
    found = read_scans(_timed(sending, told), actor=actor, flow=flow, about=sending.about, at=told.at)
    if not unknown and (offences := found.all_offences()):
        raise Refused.of(offences)
    return way.act(_told(sending, found, told), actor)


def _timed(sending: Sending, told: Clocks) -> list[Scanned]:
    """Scans with the time by the server's clock: when a person looked at them again, where somebody did."""
    return [replace(scan, at=told.at if sending.again else told.true(scan.at)) for scan in sending.scans]


def _told(sending: Sending, found: Handful, told: Clocks) -> Told:
    return Told(
        sending.flow,
        sending.key,
        found.things,
        found.about,
        told.at,
        case=found.case,
        confirmed_by=found.confirmed_by,
        scans=found.in_order,
        reasons=[sight.reason for sight in found.seen],
    )


def _kept(sending: Sending, told: Clocks, *, actor: Actor, badges: Collection[str] = ()) -> SentAct:
    """The record of this key, made before anything is done; of ``badges`` nothing is kept.
    Raises :class:`Refused` where it says something else."""
    check_input({"key": sending.key})
    kept, made = SentAct.objects.get_or_create(
        key=sending.key,
        defaults={
            "person_id": actor.person_id, "device": actor.device, "flow": sending.flow, "path": "/",
            "scans": [_scan(scan, badges) for scan in sending.scans], "about": sending.about.told(),
            "fingerprint": sending.fingerprint(actor.person_id), "scanned_at": sending.scanned_at,
            "sent_at": sending.sent_at, "skew_ms": sending.skew_ms, "sent_skew_ms": told.sent_skew_ms,
            "happened_at": told.at, "replaces": sending.replaces,
        },
    )  # fmt: skip
    if made and sending.replaces:
        _part(sending.replaces, actor=actor)
    if not made and kept.fingerprint != sending.fingerprint(actor.person_id):
        raise Refused("sent_otherwise")
    if not made and kept.state == SentState.REFUSED and sending.again:
        kept.happened_at = told.at
    return kept


def _part(key: str, *, actor: Actor) -> None:
    """The refused act that others came from is over with the first of them: nobody waits for it any more."""
    SentAct.objects.filter(key=key, person=actor.person_id, state=SentState.REFUSED).update(
        state=SentState.DROPPED, settled_by=actor.person_id, settled_at=timezone.now(),
        settled_because=gettext("Its scans went on as acts of their own."),
    )  # fmt: skip


def _scan(scan: Scanned, badges: Collection[str]) -> dict[str, object]:
    return {
        "text": "" if scan.text in badges else storable_text(scan.text),
        "camera": scan.camera,
        "at": scan.at.isoformat() if scan.at else None,
        **({"times": scan.times} if scan.times > 1 else {}),
    }


def _done_before(kept: SentAct) -> Done | None:
    """What was done under this key: by this act and no other, for keys are chosen by whoever sends."""
    verbs = [verb.__qualname__ for verb in ACTS[kept.flow].verbs]
    assert verbs, kept.flow
    since = kept.first_at - CLOCK_SLACK
    first = Act.objects.filter(key=kept.key, verb__in=verbs, done_at__gte=since).first()
    if first is None or first.answer is None:
        return None
    events = first.answer["events"]
    if events and not Event.objects.filter(pk__in=events, actor=kept.person_id).exists():
        return None
    return Done(**{**first.answer, "events": tuple(first.answer["events"]), "repeated": True})


def _accepted(kept: SentAct, done: Done) -> Done:
    kept.state, kept.events, kept.offences = SentState.ACCEPTED, list(done.events), []
    kept.tries += 1
    kept.save(update_fields=["state", "events", "offences", "tries", "happened_at"])
    return done


def _refused(kept: SentAct, refused: Refused | NotFound) -> None:
    offences = refused.offences if isinstance(refused, Refused) else ()
    kept.state = SentState.REFUSED
    kept.offences = [{**kept_words(each), "sentence": each.sentence()} for each in offences]
    kept.tries += 1
    # Somebody may have settled it meanwhile: then that stands.
    SentAct.objects.filter(pk=kept.pk).exclude(state__in=SETTLED).update(
        state=kept.state, offences=kept.offences, tries=kept.tries
    )


def settle(sending: Sending, *, actor: Actor, state: SentState, because: str) -> SentAct:
    """Say what becomes of an act that was refused, or never sent: dropped, or given to the store, with words that stay with its
    scans. Said twice it is said once. Raises :class:`Refused` where it is done already."""
    if not because.strip():
        raise Refused("settled_why")
    check_input({"note": because})
    told = clocks(sending, timezone.now())
    badges = badges_among([scan.text for scan in sending.scans], actor=actor)
    with transaction.atomic():
        kept = _kept(sending, told, actor=actor, badges=badges)
        # What is just being done is waited for; from here on nothing is done under this key.
        if not spend(sending.key, SETTLING) and _done_before(kept):
            raise Refused("sent_already_done")
        kept = SentAct.objects.select_for_update().get(pk=kept.pk)
        if kept.state == SentState.ACCEPTED:
            raise Refused("sent_already_done")
        if kept.state not in SETTLED:
            kept.state, kept.settled_by_id, kept.settled_at = state, actor.person_id, timezone.now()
            kept.settled_because = because.strip()
            if state == SentState.HANDED_ON:
                texts = [scan.text for scan in sending.scans]
                kept.path = whereabouts(ACTS[sending.flow].operation, sending.about, texts, actor=actor)
            kept.save(update_fields=["state", "settled_by", "settled_at", "settled_because", "path"])
    return kept
