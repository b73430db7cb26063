"""A supplier sends a renewed licence with its scan; the hospital compares and enters it, or says what is wrong with it."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.dated import Days, set_licence
from yanji.catalog.models import Licence
from yanji.ledger.api import Offence, Refused
from yanji.ledger.refused import SENTENCES

from ..acts import Done, verb
from ..attempts import Others
from ..documents import allow, reached
from ..numbers import next_number
from ..papers import Paper, Sheet, register
from ..states import OfferedPaperState
from ..trail import keep_file
from .gates import supplier_of
from .models import OfferedPaper
from .queries import own_makers

KIND = "offered_paper"
# Who deals with suppliers sees what they sent; who keeps the catalogue enters it.
SEEN_BY = ("edit_catalog", "order", "contract", "audit")
SENTENCES.update(
    {
        "bad_paper_kind": gettext_noop("This is no kind of paper. Choose one of those offered."),
        "paper_number_needed": gettext_noop("The number of the paper is missing. Type it as printed."),
        "paper_days": gettext_noop("The paper ends on {last}, before it begins on {first}. Check the days."),
        "paper_end_needed": gettext_noop(
            "The last day of the paper is missing. Type it as printed, or say that the paper has no end."
        ),
        "paper_over": gettext_noop("The paper ended on {last}. Send one that holds today or later."),
        "offered_already": gettext_noop(
            "{thing} waits for the hospital with this number and day already. Attach what is missing there."
        ),
        "licence_overlaps": gettext_noop("{thing} cannot be entered: {detail}"),
    }
)


@verb
def offer_paper(
    *,
    actor: Actor,
    key: str,
    kind: str,
    reference: str,
    valid_from: date,
    file_name: str,
    content: bytes,
    valid_to: date | None = None,
    endless: bool = False,
    maker_id: int | None = None,
    note: str = "",
) -> Done:
    """Send a licence or authorisation with its scan, by a person of the supplier. Nothing holds by it yet. ``endless``: the
    paper bears no last day; otherwise ``valid_to`` is needed.

    Raises :class:`Refused`: no such kind, days that cross or are over, the same paper waits already, no file that is taken.
    """
    supplier_id = supplier_of(actor)
    offences = list(_against(kind, reference, valid_from, valid_to))
    if valid_to is None and not endless:
        offences.append(Offence("paper_end_needed"))
    if offences:
        raise Refused.of(offences)
    waiting = OfferedPaper.objects.filter(
        supplier_id=supplier_id, kind=kind, reference=reference.strip(), valid_from=valid_from,
        state=OfferedPaperState.OFFERED,
    ).first()  # fmt: skip
    if waiting is not None:
        raise Refused("offered_already", thing=waiting.number)
    paper = OfferedPaper.objects.create(
        number=next_number("LP", path="", at=timezone.now()),
        supplier_id=supplier_id,
        kind=kind,
        reference=reference.strip(),
        maker_id=_maker(actor, kind, maker_id),
        valid_from=valid_from,
        valid_to=valid_to,
        note=note,
        offered_by_id=actor.person_id,
    )
    keep_file(actor, KIND, paper.pk, file_name=file_name, content=content)
    return Done(paper.number, paper.pk, paper.state)


def _against(kind: str, reference: str, first: date, last: date | None) -> Sequence[Offence]:
    found = []
    if kind not in Licence.Kind.values:
        found.append(Offence("bad_paper_kind"))
    if not reference.strip():
        found.append(Offence("paper_number_needed"))
    if last is not None and last < first:
        found.append(Offence("paper_days", facts={"first": first, "last": last}))
    elif last is not None and last < timezone.localdate():
        found.append(Offence("paper_over", facts={"last": last}))
    return found


def _maker(actor: Actor, kind: str, maker_id: int | None) -> int | None:
    if kind != Licence.Kind.AUTHORISATION or maker_id is None:
        return None
    if not own_makers(actor).filter(pk=maker_id).exists():
        raise NotFound("maker")
    return maker_id


@verb
def decide_paper(*, actor: Actor, key: str, offered_id: int, accept: bool, reason: str = "") -> Done:
    """Enter what was compared with its scan into master data, from when on it holds; or refuse it, with a reason."""
    paper = offered_for(actor, offered_id, lock=True)
    if not actor.may("edit_catalog"):
        raise Refused("not_yours", thing=paper.number)
    allow(KIND, "decide", number=paper.number, state=paper.state, label=paper.get_state_display())
    if not accept and not reason.strip():
        raise Refused("reason_needed")
    if accept:
        paper.licence = _entered(actor, paper)
    to = OfferedPaperState.ENTERED if accept else OfferedPaperState.REFUSED
    paper.state = reached(KIND, "decide", to)
    paper.decided_by_id, paper.decided_at, paper.because = actor.person_id, timezone.now(), reason.strip()
    paper.save(update_fields=["state", "decided_by", "decided_at", "because", "licence"])
    return Done(paper.number, paper.pk, paper.state)


@verb
def withdraw_paper(*, actor: Actor, key: str, offered_id: int, reason: str) -> Done:
    """Take back what was sent by mistake, by a person of its supplier, while nobody has decided it."""
    supplier_of(actor)
    paper = offered_for(actor, offered_id, lock=True)
    allow(KIND, "withdraw", number=paper.number, state=paper.state, label=paper.get_state_display())
    if not reason.strip():
        raise Refused("reason_needed")
    paper.state = reached(KIND, "withdraw", OfferedPaperState.WITHDRAWN)
    paper.decided_by_id, paper.decided_at, paper.because = actor.person_id, timezone.now(), reason.strip()
    paper.save(update_fields=["state", "decided_by", "decided_at", "because"])
    return Done(paper.number, paper.pk, paper.state)


def _entered(actor: Actor, paper: OfferedPaper) -> Licence:
    try:
        return set_licence(
            actor=actor,
            supplier_id=paper.supplier_id,
            kind=paper.kind,
            number=paper.reference,
            days=Days(paper.valid_from, paper.valid_to),
            maker_id=paper.maker_id,
        )
    except ValidationError as error:
        raise Refused("licence_overlaps", thing=paper.reference, detail=" ".join(error.messages)) from error


def offered_for(actor: Actor, offered_id: int, *, may: str = "view", lock: bool = False) -> OfferedPaper:
    """A paper that was sent: for its supplier's people, and for who deals with suppliers. Absent for all others."""
    found = OfferedPaper.objects.select_related("supplier", "maker", "offered_by", "decided_by")
    found = found.select_for_update(of=("self",)) if lock else found
    paper = found.filter(pk=offered_id).first() if 0 < offered_id < 2**63 else None
    if paper is None or not _sees(actor):
        raise NotFound("offered_paper")
    if actor.supplier_id is not None and actor.supplier_id != paper.supplier_id:
        raise Others("offered_paper", thing=paper.number)
    if may not in ("view", "") and not actor.may(may):
        raise Refused("not_yours", thing=paper.number)
    return paper


def _sees(actor: Actor) -> bool:
    return any(actor.may(each) for each in (("supply",) if actor.supplier_id is not None else SEEN_BY))


def offered_papers(actor: Actor, *, waiting: bool = False) -> QuerySet[OfferedPaper]:
    """What was sent, the latest first: of one's own supplier, or of all for who deals with them."""
    if not _sees(actor):
        return OfferedPaper.objects.none()
    found = OfferedPaper.objects.select_related("supplier", "maker").order_by("-pk")
    found = found if actor.supplier_id is None else found.filter(supplier_id=actor.supplier_id)
    return found.filter(state=OfferedPaperState.OFFERED) if waiting else found


def offered_sheet(paper: OfferedPaper) -> Sheet:
    """What was sent and what came of it."""
    return Sheet(
        title=_("Paper of a supplier"),
        number=paper.number,
        state=paper.get_state_display(),
        facts=(
            (_("Supplier"), paper.supplier.name),
            (_("Kind"), paper.get_kind_display()),
            (_("Number on the paper"), paper.reference),
            (_("Maker"), paper.maker.name if paper.maker else None),
            (_("Valid from"), paper.valid_from),
            (_("Valid to"), paper.valid_to),
            (_("Submitted by"), paper.offered_by.name),
            (_("Sent at"), paper.offered_at),
            (
                _("Withdrawn by") if paper.state == OfferedPaperState.WITHDRAWN else _("Checked by"),
                paper.decided_by.name if paper.decided_by else None,
            ),
            (_("Because"), paper.because),
        ),
        note=paper.note,
    )


register(
    Paper(
        kind=KIND,
        label=gettext_lazy("Paper of a supplier"),
        model=OfferedPaper,
        gate=offered_for,
        page=lambda paper: ("buyer:offered_paper", (paper.pk,)),
        sheet=offered_sheet,
        supplier_page=lambda paper: ("supplier:offered_paper", (paper.pk,)),
    )
)
