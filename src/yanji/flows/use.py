"""A unit is used on a patient: the case, the patient's token, the procedure, who operated, and a second
scan."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Q

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, Refused, Step, post, storable, virtual_places
from yanji.places.models import Kind

from .acts import Done, moment, verb
from .consign.sterile import check_sterile
from .consign.title import moved
from .documents import allow, reached
from .gates import case_for, place_at
from .hold import as_rejected
from .models import Case
from .queries import within
from .states import CaseState
from .theatre.accepted_by_use import accept, settling
from .theatre.after import Implanted, after_use, check_implanted
from .theatre.cards import fitting_card, needs_on, write_needs
from .theatre.cart import case_papers
from .theatre.despite import keep_despite, objections, owned_up
from .things import Thing, lines, name
from .validity import Findings, papers_of_each, said_of

USED_AT = (Kind.DEPARTMENT, Kind.ROOM, Kind.CABINET, Kind.BIN, Kind.STORE)
# A case that nobody planned is born with its first use; two first uses make one case.
OPEN_CASE = """
INSERT INTO flows_case (number, patient_token, procedure, operator, department_id, planned_at, state)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (number) DO NOTHING
"""


def draft_use(case: Case, things: Sequence[Thing], *, key: str, department_id: int, at: datetime) -> Draft:
    """Things leave with the patient. Pure but for the patient's place."""
    return Draft(
        step=Step.USE,
        key=key,
        happened_at=at,
        lines=lines(things, virtual_places().patient, department_id),
        documents=case_papers(case),
        read_point_id=department_id,
    )


@verb
def plan_case(
    *,
    actor: Actor,
    key: str,
    number: str,
    patient_token: str,
    department_id: int,
    procedure: str = "",
    operator: str = "",
    planned_at: datetime | None = None,
) -> Done:
    """Enter a case before anything is used in it, or say anew of a planned one by whom, what and when. What it needs comes
    from the card of procedure and operator, if any."""
    place = place_at(actor, department_id, may="use")
    if not number.strip() or not patient_token.strip():
        raise Refused("case_needed")
    case = open_case(
        number.strip(),
        patient_token.strip(),
        procedure,
        operator,
        place.pk,
        CaseState.PLANNED,
        planned_at,
        actor=actor,
    )
    if case.state == CaseState.PLANNED:
        case.procedure, case.operator = procedure or case.procedure, operator or case.operator
        case.planned_at = planned_at or case.planned_at
        case.save(update_fields=["procedure", "operator", "planned_at"])
    card = fitting_card(place.pk, case.procedure, case.operator)
    needs = needs_on(card) if card and not case.needs.exists() else []
    if needs:
        write_needs(case, needs)
    return Done(case.number, case.pk, case.state, facts={"needs": len(needs)})


@verb
def change_case(
    *,
    actor: Actor,
    key: str,
    case_id: int,
    patient_token: str,
    procedure: str = "",
    operator: str = "",
    planned_at: datetime | None = None,
) -> Done:
    """Put a case right: another patient, procedure, operator or time than was written down; all four are written anew.

    Raises :class:`Refused` once something stands on the case: that is taken back first, for it names this patient.
    """
    case = case_for(actor, case_id, may="use", lock=True)
    allow("case", "plan", number=case.number, state=case.state, label=case.get_state_display())
    if not patient_token.strip():
        raise Refused("case_needed")
    if (
        case.events.filter(event__corrected_by__isnull=True).exists()
        or case.taken.filter(undone__isnull=True).exists()
    ):
        raise Refused("case_has_entries", thing=case.number)
    case.patient_token, case.procedure, case.operator = (
        patient_token.strip(),
        procedure.strip(),
        operator.strip(),
    )
    case.planned_at = planned_at
    case.save(update_fields=["patient_token", "procedure", "operator", "planned_at"])
    return Done(case.number, case.pk, reached("case", "plan", case.state))


@verb
def use(
    *,
    actor: Actor,
    key: str,
    department_id: int,
    case_number: str,
    patient_token: str,
    confirmed_by: str,
    things: Sequence[Thing],
    procedure: str = "",
    operator: str = "",
    implants: Sequence[Implanted] = (),
    despite: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Record use. ``confirmed_by`` is the second scan, of the wristband or of the case's own label; ``implants`` says
    where in the body units were put, as far as it is known already. ``despite``: a reason of the group ``emergency``, for what
    is in the patient already although it is expired, recalled or on hold: recorded, and decided afterwards.

    What a supplier owned becomes the hospital's: its receipt, its issue and what is owed are written with the use.
    ``facts.warnings``: papers amiss. Raises :class:`Refused` where the second scan names somebody else, the case is another
    patient's or closed, a unit is used, expired, recalled, on hold, elsewhere or of a set not sterilised, no agreement covers
    what belongs to a supplier, and for papers amiss where the rules say so.
    """
    place = place_at(actor, department_id, may="use", kinds=USED_AT)
    check_implanted(implants)
    check_sterile(things)
    at = moment(happened_at)
    case = confirmed_case(
        case_number,
        patient_token,
        confirmed_by,
        actor=actor,
        procedure=procedure,
        operator=operator,
        department_id=place.pk,
    )
    draft = draft_use(case, things, key=key, department_id=place.pk, at=at)
    papers = lapsed_papers(things, at, excused=bool(despite))
    lapsed = papers.offences
    draft, seen = owned_up(draft, despite, lapsed, actor=actor, place=place) if despite else (draft, ())
    settled = settling(seen) if seen else None
    try:
        posted = post(draft, actor=actor)
    except Refused as refused:
        raise Refused.of(as_rejected(refused.offences, things)) from refused
    event_id = posted.event_id
    facts = after_use(case, event_id, actor=actor, at=at, implants=implants) | papers.facts()
    if seen:
        amount = sum((thing.value for thing in moved(event_id)), Decimal(0))
        paper = keep_despite(case, posted, draft, seen, lapsed, amount=amount, actor=actor)
        if settled:
            accept(paper, settled)
        facts |= {"despite": paper.number, "against": objections(paper)}
    return Done(case.number, case.pk, case.state, (event_id,), facts)


def lapsed_papers(things: Sequence[Thing], at: datetime, *, excused: bool) -> Findings:
    """What the papers of things that are used lead to. Raises :class:`Refused` where the rules say so; ``excused``: each thing
    that would be refused is named instead, for the paper of its use."""
    found = papers_of_each([things, *([thing] for thing in things)] if excused else [things], at)
    if not excused:
        return found[0].check()
    each = zip(things, found[1:], strict=True)
    stops = [offence for thing, own in each for offence in said_of(name(thing), own.offences)]
    return Findings(tuple(stops), found[0].warnings)


def confirmed_case(
    case_number: str,
    patient_token: str,
    confirmed_by: str,
    *,
    actor: Actor,
    procedure: str,
    operator: str,
    department_id: int,
) -> Case:
    """The case that a second scan confirmed, locked and open; born where nobody had planned it."""
    number, token = case_number.strip(), patient_token.strip()
    if not number or not token:
        raise Refused("case_needed")
    if confirmed_by.strip() not in (token, number):
        raise another_case(confirmed_by.strip(), number, token, actor=actor) or Refused("not_confirmed")
    case = open_case(number, token, procedure, operator, department_id, CaseState.OPEN, None, actor=actor)
    allow("case", "use", number=number, state=case.state, label=case.get_state_display())
    # What the department says of procedure and operator with this use stands, whatever was planned.
    said = procedure or case.procedure, operator or case.operator, reached("case", "use", CaseState.OPEN)
    if said != (case.procedure, case.operator, case.state):
        case.procedure, case.operator, case.state = said
        case.save(update_fields=["procedure", "operator", "state"])
    return case


def another_case(scanned: str, number: str, token: str, *, actor: Actor) -> Refused | None:
    """What is said of a second scan that names another case than this one, or another patient: the latter matters. None for
    what names no case at all, and for a patient whom the actor may not see, of whom it tells nothing. One statement."""
    return of_another(patients_named([scanned], actor=actor).get(scanned, set()), number, token)


def patients_named(texts: Sequence[str], *, actor: Actor) -> dict[str, set[str]]:
    """Text -> the patients of the cases of which it is the number or the patient, as far as the actor may see them. One
    statement, none without texts."""
    asked = {text for text in texts if text and storable(text)}
    found: dict[str, set[str]] = {}
    if not asked:
        return found
    seen = within("department", actor.scopes.get("view_patient", ()))
    named = Case.objects.filter(Q(number__in=asked) | Q(patient_token__in=asked), seen)
    for number, token in named.values_list("number", "patient_token"):
        for text in {number, token} & asked:
            found.setdefault(text, set()).add(token)
    return found


def of_another(tokens: set[str], number: str, token: str) -> Refused | None:
    """:func:`another_case`, of what is known of the scan. Pure."""
    if tokens - {token}:
        return Refused("other_wristband", thing=number)
    return Refused("not_confirmed") if tokens else None


def open_case(
    number: str,
    token: str,
    procedure: str,
    operator: str,
    department_id: int,
    state: str,
    planned_at: datetime | None,
    *,
    actor: Actor,
) -> Case:
    """The case of this number, made where missing, locked; it must be the same patient's, and the actor may use things at
    its department."""
    found = Case.objects.select_for_update(of=("self",)).select_related("department").filter(number=number)
    case = found.first()
    if case is None:
        with connection.cursor() as cursor:
            cursor.execute(OPEN_CASE, (number, token, procedure, operator, department_id, planned_at, state))
        case = found.get()
    if not actor.may("use", case.department.path):
        raise Refused("not_yours", thing=number)
    if case.patient_token != token:
        raise Refused("other_patient", thing=number)
    return case
